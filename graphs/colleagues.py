"""Who is there to be asked."""

from __future__ import annotations

from postlaunch.agents.analytics_specialist import ANALYTICS_SPECIALIST
from postlaunch.agents.bench import Specialist
from postlaunch.agents.incident_responder import INCIDENT_RESPONDER
from postlaunch.agents.monitoring_specialist import MONITORING_SPECIALIST
from postlaunch.agents.performance_monitor import PERFORMANCE_MONITOR
from postlaunch.agents.product_analyst import PRODUCT_ANALYST

ABREAST: tuple[Specialist, ...] = (MONITORING_SPECIALIST, PERFORMANCE_MONITOR, ANALYTICS_SPECIALIST)
"""Those who work side by side in a weekly report, a monthly review and before a sprint planning."""

COLLEAGUES = {specialist.name: specialist for specialist in (*ABREAST, INCIDENT_RESPONDER, PRODUCT_ANALYST)}
"""Every specialist that another may consult."""
