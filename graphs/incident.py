"""An incident: opened in the ledger, looked into, written down, and what follows from it kept until done.

what is known ──► open ──► incident-responder ──► record ──► close
                  (its number, under its          (state and action items in the ledger,
                   business key: one spell         the report published, drafts for colleagues
                   is one incident)                in the outbox where a way out is configured)

Nothing is sent to anybody outside: drafts stand in the report, and a person sends them.
"""

from __future__ import annotations

import asyncio
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph

from postlaunch.agents.incident_responder import INCIDENT_RESPONDER
from postlaunch.agents.specialist import build_specialist
from postlaunch.graphs.beside import SideState
from postlaunch.graphs.closing import close_run
from postlaunch.graphs.colleagues import COLLEAGUES
from postlaunch.graphs.handing import finding_what_is_handed
from postlaunch.graphs.incident_records import assignment_of, open_record, write_down
from postlaunch.graphs.opening import opened_run
from postlaunch.graphs.publishing import publish_report
from postlaunch.graphs.session import Services
from postlaunch.graphs.starting import Asked

NAME = INCIDENT_RESPONDER.name


class IncidentState(SideState, total=False):
    """What the checkpoints hold; a host gives `asked`, `advance` gives `run`.

    Attributes:
        incident: its id in the ledger.
    """

    asked: Asked
    incident: str


def incident(services: Services) -> StateGraph[IncidentState]:
    """The uncompiled graph; compile it with any checkpointer, alone or as a node of another graph."""
    reader = finding_what_is_handed(INCIDENT_RESPONDER)
    responder = build_specialist(reader, services.bench, COLLEAGUES).compile()

    async def open_run(state: IncidentState) -> IncidentState:
        session = await opened_run(services, "incident", state.get("run"), state.get("asked"))
        record = await asyncio.to_thread(open_record, session)
        assignment = await asyncio.to_thread(assignment_of, session, record)
        return {"run": session.run.id, "incident": record.id, "assignments": {NAME: assignment}}

    async def respond(state: IncidentState, config: RunnableConfig) -> IncidentState:
        assignment = state["assignments"][NAME]
        await responder.ainvoke({"run": state["run"], "assignment": assignment}, config)
        return {}

    async def record(state: IncidentState) -> IncidentState:
        session = await asyncio.to_thread(services.session, state["run"])
        document = await asyncio.to_thread(write_down, session, state["incident"])
        return {"paths": await asyncio.to_thread(publish_report, session, document, NAME)}

    async def close(state: IncidentState) -> IncidentState:
        await asyncio.to_thread(close_run, services, state["run"])
        return {}

    graph = StateGraph(IncidentState)
    nodes: dict[str, Any] = {"open": open_run, NAME: respond, "record": record, "close": close}
    for name, node in nodes.items():
        graph.add_node(name, node)
    graph.add_edge(START, "open")
    graph.add_edge("open", NAME)
    graph.add_edge(NAME, "record")
    graph.add_edge("record", "close")
    graph.add_edge("close", END)
    return graph
