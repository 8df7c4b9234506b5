"""Who is there to be asked, and what the workflows ask of them."""

from __future__ import annotations

from pydantic import JsonValue

from postlaunch.agents.bench import Assignment
from postlaunch.agents.monitoring_specialist import MONITORING_SPECIALIST
from postlaunch.agents.product_analyst import PRODUCT_ANALYST
from postlaunch.graphs.session import Services
from postlaunch.reports.standing import last_standing
from postlaunch.windows import Window

COLLEAGUES = {specialist.name: specialist for specialist in (MONITORING_SPECIALIST, PRODUCT_ANALYST)}
"""Every specialist that another may consult."""


def health_assignment(services: Services, window: Window) -> Assignment:
    """What the monitoring-specialist is asked each week, beside the last report it made."""
    published = services.ledger.reports(kind="weekly_health")
    last = last_standing((record.body for record in published), services.settings.application.name, window)
    parameters: dict[str, JsonValue] = {"previous": last.model_dump(mode="json")} if last else {}
    return Assignment(
        workflow="weekly_report",
        question="How healthy was the application this week, what changed, and what should be done?",
        window=window,
        baseline=window.before(),
        parameters=parameters,
    )
