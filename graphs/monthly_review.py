"""The monthly review: three specialists side by side over the calendar month, then one page of it all.

month, data ──► open ─┬─► monitoring-specialist ─┬─► review ─► close
                      ├─► performance-monitor ───┤   (patches, capacity, competitors, incidents;
                      └─► analytics-specialist ──┘    what is to be decided)
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
from postlaunch.graphs.publishing import publish_report
from postlaunch.graphs.reviewing import AGENT, compose_review
from postlaunch.graphs.session import Services
from postlaunch.graphs.starting import Asked
from postlaunch.windows import Window

REVIEW = "review"


class MonthlyState(SideState, total=False):
    """What the checkpoints hold; a host gives `asked` or nothing, `advance` gives `run`."""

    asked: Asked


def monthly_review(services: Services) -> StateGraph[MonthlyState]:
    """The uncompiled graph; compile it with any checkpointer, alone or as a node of another graph."""

    async def open_run(state: MonthlyState) -> MonthlyState:
        session = await opened_run(services, "monthly_review", state.get("run"), state.get("asked"))
        window = Window.model_validate(session.run.parameters["window"])
        await asyncio.to_thread(take_signals, session, "monthly_review", until=window.observed_end)
        names = [specialist.name for specialist in ABREAST]
        assignments = await asyncio.to_thread(assignments_of, session, "monthly_review", names)
        return {"run": session.run.id, "assignments": assignments}

    async def review(state: MonthlyState) -> MonthlyState:
        session = await asyncio.to_thread(services.session, state["run"])
        document = await asyncio.to_thread(compose_review, session)
        return {"paths": await asyncio.to_thread(publish_report, session, document, AGENT)}

    async def close(state: MonthlyState) -> MonthlyState:
        await asyncio.to_thread(close_run, services, state["run"])
        return {}

    graph = StateGraph(MonthlyState)
    graph.add_node("open", open_run)
    graph.add_node(REVIEW, review)
    graph.add_node("close", close)
    nodes = side_nodes(services, ABREAST)
    for name, node in nodes.items():
        graph.add_node(name, node)
        graph.add_edge(name, REVIEW)
    graph.add_edge(START, "open")
    graph.add_conditional_edges("open", taking_part(REVIEW), [*nodes, REVIEW])
    graph.add_edge(REVIEW, "close")
    graph.add_edge("close", END)
    return graph
