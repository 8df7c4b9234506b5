"""The weekly report: three specialists side by side, each of whom publishes its own report.

week, data ──► open ─┬─► monitoring-specialist ─┬─► close
               (run,  ├─► performance-monitor ───┤
               window)└─► analytics-specialist ──┘

Who has nothing to look at takes no part, and the run says so; the monitoring-specialist always does. Signals
that were kept for the week (a deployment) are settled when the reports are there; those of later weeks, and
all of them if one specialist is asked alone, stay for the report that answers for them.
"""

from __future__ import annotations

import asyncio

from langgraph.graph import END, START, StateGraph

from postlaunch.graphs.assignments import assignments_of
from postlaunch.graphs.beside import SideState, side_nodes, taking_part
from postlaunch.graphs.closing import close_run
from postlaunch.graphs.colleagues import ABREAST
from postlaunch.graphs.handing import take_signals
from postlaunch.graphs.opening import opened_run
from postlaunch.graphs.periods import MONITORING
from postlaunch.graphs.session import Services
from postlaunch.graphs.starting import Asked
from postlaunch.windows import Window


class WeeklyState(SideState, total=False):
    """What the checkpoints hold; a host gives `asked` or nothing, `advance` gives `run`."""

    asked: Asked


def weekly_report(services: Services) -> StateGraph[WeeklyState]:
    """The uncompiled graph; compile it with any checkpointer, alone or as a node of another graph."""

    async def open_run(state: WeeklyState) -> WeeklyState:
        session = await opened_run(services, "weekly_report", state.get("run"), state.get("asked"))
        if session.run.parameters.get("only") is None:
            window = Window.model_validate(session.run.parameters["window"])
            await asyncio.to_thread(take_signals, session, "weekly_report", until=window.observed_end)
        names = [specialist.name for specialist in ABREAST]
        assignments = await asyncio.to_thread(
            assignments_of, session, "weekly_report", names, always=(MONITORING,)
        )
        return {"run": session.run.id, "assignments": assignments}

    async def close(state: WeeklyState) -> WeeklyState:
        await asyncio.to_thread(close_run, services, state["run"])
        return {}

    graph = StateGraph(WeeklyState)
    graph.add_node("open", open_run)
    graph.add_node("close", close)
    nodes = side_nodes(services, ABREAST)
    for name, node in nodes.items():
        graph.add_node(name, node)
        graph.add_edge(name, "close")
    graph.add_edge(START, "open")
    graph.add_conditional_edges("open", taking_part("close"), [*nodes, "close"])
    graph.add_edge("close", END)
    return graph
