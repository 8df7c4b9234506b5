"""The graphs for a LangGraph server: `langgraph.json` names these factories.

The server brings its own checkpointer; settings come from POSTLAUNCH_SETTINGS or ./postlaunch.toml.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from langgraph.graph.state import CompiledStateGraph

from postlaunch.graphs.daily_check import DailyState
from postlaunch.graphs.daily_check import daily_check as daily_graph
from postlaunch.graphs.incident import IncidentState
from postlaunch.graphs.incident import incident as incident_graph
from postlaunch.graphs.monthly_review import MonthlyState
from postlaunch.graphs.monthly_review import monthly_review as monthly_graph
from postlaunch.graphs.operations import OperationsState
from postlaunch.graphs.operations import operations as operations_graph
from postlaunch.graphs.session import Services
from postlaunch.graphs.sprint_planning import PlanningState
from postlaunch.graphs.sprint_planning import sprint_planning as planning_graph
from postlaunch.graphs.tracking_plan import TrackingState
from postlaunch.graphs.tracking_plan import tracking_plan as tracking_graph
from postlaunch.graphs.weekly_report import WeeklyState
from postlaunch.graphs.weekly_report import weekly_report as weekly_graph
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.trust import TrustPolicy
from postlaunch.settings_file import load_settings
from postlaunch.windows import system_clock


@cache
def services() -> Services:
    """The services of this server process, opened when the first graph is asked for."""
    named = os.environ.get("POSTLAUNCH_SETTINGS")
    settings = load_settings(Path(named) if named else None, environment=os.environ)
    place = settings.ledger_place(os.environ)
    return Services(settings, Ledger.open(place, system_clock, TrustPolicy.of(settings, os.environ)))


def operations() -> CompiledStateGraph[OperationsState, None, OperationsState, OperationsState]:
    """The front: one event, routed to one of the workflows below."""
    return operations_graph(services()).compile()


def daily_check() -> CompiledStateGraph[DailyState, None, DailyState, DailyState]:
    """The daily check."""
    return daily_graph(services()).compile()


def weekly_report() -> CompiledStateGraph[WeeklyState, None, WeeklyState, WeeklyState]:
    """The weekly report."""
    return weekly_graph(services()).compile()


def sprint_planning() -> CompiledStateGraph[PlanningState, None, PlanningState, PlanningState]:
    """Sprint planning with its gate."""
    return planning_graph(services()).compile()


def incident() -> CompiledStateGraph[IncidentState, None, IncidentState, IncidentState]:
    """An incident."""
    return incident_graph(services()).compile()


def monthly_review() -> CompiledStateGraph[MonthlyState, None, MonthlyState, MonthlyState]:
    """The monthly review."""
    return monthly_graph(services()).compile()


def tracking_plan() -> CompiledStateGraph[TrackingState, None, TrackingState, TrackingState]:
    """Changing the tracking plan, with its gate."""
    return tracking_graph(services()).compile()
