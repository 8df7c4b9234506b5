"""The daily check: what was unusual, the triage of alerts and reports, and what follows as signals.

day, data ──► open ──► monitoring-specialist ──► triage ──► close
                       (the daily check,         (incident-responder's rule;
                        published)                findings, incidents, patches and
                                                  deployments become signals)
"""

from __future__ import annotations

import asyncio

from langgraph.graph import END, START, StateGraph

from postlaunch.agents.daily_monitor import DAILY_MONITOR
from postlaunch.graphs.assignments import assignments_of
from postlaunch.graphs.beside import SideState, side_nodes
from postlaunch.graphs.closing import close_run
from postlaunch.graphs.opening import opened_run
from postlaunch.graphs.session import Services
from postlaunch.graphs.starting import Asked
from postlaunch.graphs.triaging import triage_day

TRIAGE = "triage"


class DailyState(SideState, total=False):
    """What the checkpoints hold; a host gives `asked` or nothing, `advance` gives `run`."""

    asked: Asked


def daily_check(services: Services) -> StateGraph[DailyState]:
    """The uncompiled graph; compile it with any checkpointer, alone or as a node of another graph."""
    name = DAILY_MONITOR.name

    async def open_run(state: DailyState) -> DailyState:
        session = await opened_run(services, "daily_check", state.get("run"), state.get("asked"))
        assignments = await asyncio.to_thread(assignments_of, session, "daily_check", [name], always=(name,))
        return {"run": session.run.id, "assignments": assignments}

    async def sort_out(state: DailyState) -> DailyState:
        session = await asyncio.to_thread(services.session, state["run"])
        await asyncio.to_thread(triage_day, session)
        return {}

    async def close(state: DailyState) -> DailyState:
        await asyncio.to_thread(close_run, services, state["run"])
        return {}

    graph = StateGraph(DailyState)
    graph.add_node("open", open_run)
    graph.add_node(TRIAGE, sort_out)
    graph.add_node("close", close)
    graph.add_node(name, side_nodes(services, (DAILY_MONITOR,))[name])
    graph.add_edge(START, "open")
    graph.add_edge("open", name)
    graph.add_edge(name, TRIAGE)
    graph.add_edge(TRIAGE, "close")
    graph.add_edge("close", END)
    return graph
