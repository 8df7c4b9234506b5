"""The workflows by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from postlaunch.errors import UsageError
from postlaunch.graphs.daily_check import daily_check
from postlaunch.graphs.incident import incident
from postlaunch.graphs.monthly_review import monthly_review
from postlaunch.graphs.session import Services
from postlaunch.graphs.sprint_planning import sprint_planning
from postlaunch.graphs.starting import WORKFLOWS, Workflow
from postlaunch.graphs.tracking_plan import tracking_plan
from postlaunch.graphs.weekly_report import weekly_report

GRAPHS: Mapping[Workflow, Callable[[Services], Any]] = {
    "daily_check": daily_check,
    "weekly_report": weekly_report,
    "incident": incident,
    "sprint_planning": sprint_planning,
    "monthly_review": monthly_review,
    "tracking_plan": tracking_plan,
}
"""What builds the uncompiled graph of each workflow."""


def graph_of(services: Services, workflow: str) -> Any:
    """The uncompiled graph of a workflow.

    Raises:
        UsageError: no workflow has this name.
    """
    for name, build in GRAPHS.items():
        if name == workflow:
            return build(services)
    raise UsageError(f'no workflow is named "{workflow}"', f"one of: {', '.join(WORKFLOWS)}")
