"""The weekly report: open → monitoring-specialist → publish.

week, log ──► open ──► monitoring-specialist ──► publish ──► ledger, Markdown, HTML, JSON
              (run,     (measure, investigate,    (files, then
               window)   judge, verify, compose)   the record)
"""

from __future__ import annotations

import asyncio
from typing import TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph

from postlaunch.agents.bench import Assignment
from postlaunch.agents.monitoring_specialist import MONITORING_SPECIALIST
from postlaunch.agents.specialist import build_specialist
from postlaunch.graphs.colleagues import COLLEAGUES, health_assignment
from postlaunch.graphs.publishing import publish_report
from postlaunch.graphs.session import Services
from postlaunch.graphs.starting import Asked, start_run
from postlaunch.windows import Window


class WeeklyState(TypedDict, total=False):
    """What the checkpoints hold; a host gives `asked` or nothing, `advance` gives `run`.

    Attributes:
        report: name of the report's document in the ledger.
        paths: the files written.
    """

    run: str
    asked: Asked
    assignment: Assignment
    report: str
    paths: tuple[str, ...]


def weekly_report(services: Services) -> StateGraph[WeeklyState]:
    """The uncompiled graph; compile it with any checkpointer, alone or as a node of another graph."""
    specialist = build_specialist(MONITORING_SPECIALIST, services.bench, COLLEAGUES).compile()

    async def open_run(state: WeeklyState) -> WeeklyState:
        run_id = state.get("run")
        if run_id is None:
            started = await asyncio.to_thread(
                start_run, services, "weekly_report", state.get("asked") or Asked()
            )
            run_id = started.id
        run = await asyncio.to_thread(services.ledger.run, run_id)
        window = Window.model_validate(run.parameters["window"])
        assignment = await asyncio.to_thread(health_assignment, services, window)
        return {"run": run.id, "assignment": assignment}

    async def monitor(state: WeeklyState, config: RunnableConfig) -> WeeklyState:
        result = await specialist.ainvoke({"run": state["run"], "assignment": state["assignment"]}, config)
        return {"report": result["report"]}

    async def publish(state: WeeklyState) -> WeeklyState:
        session = await asyncio.to_thread(services.session, state["run"])
        paths = await asyncio.to_thread(publish_report, session, state["report"])
        await asyncio.to_thread(session.settle, "done")
        await asyncio.to_thread(services.leave, state["run"])
        return {"paths": paths}

    graph = StateGraph(WeeklyState)
    graph.add_node("open", open_run)
    graph.add_node(MONITORING_SPECIALIST.name, monitor)
    graph.add_node("publish", publish)
    graph.add_edge(START, "open")
    graph.add_edge("open", MONITORING_SPECIALIST.name)
    graph.add_edge(MONITORING_SPECIALIST.name, "publish")
    graph.add_edge("publish", END)
    return graph
