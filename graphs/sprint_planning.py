"""Sprint planning, up to a person's decision and what follows from it.

open ─► colleagues ─► product-analyst ─► propose ─► gate ─┬─ approve, edit ─► commit ────────────┐
        side by side  (reads them, the      ▲             ├─ new discovery ─► brief ─────────────┤
        (those with   ledger, signals)      │             ├─ reject, expired ────────────────────┼─► close
        a source)                           └── revise ◄──┴─ changes                             │
                                                                                     hand-offs ◄─┘

Before the decision nothing is committed and no packet is written. `commit` is one fenced transaction under a
business key, so it may run any number of times.
"""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from pydantic import JsonValue

from postlaunch.agents.bench import Assignment
from postlaunch.agents.product_analyst import PRODUCT_ANALYST
from postlaunch.agents.specialist import build_specialist
from postlaunch.graphs.assignments import assignments_of
from postlaunch.graphs.beside import SideState, side_nodes, taking_part
from postlaunch.graphs.closing import close_run
from postlaunch.graphs.colleagues import ABREAST, COLLEAGUES
from postlaunch.graphs.committing import commit_scope, committed_items, hand_on_discovery
from postlaunch.graphs.gate import GateOutcome
from postlaunch.graphs.gate_room import gate_room
from postlaunch.graphs.groupings import NUMBER, VECTORS, decisions_of
from postlaunch.graphs.handing import (
    as_json,
    finding_what_is_handed,
    hand,
    newest_reports,
    open_items,
    take_signals,
)
from postlaunch.graphs.opening import opened_run
from postlaunch.graphs.proposing import propose
from postlaunch.graphs.revising import revised
from postlaunch.graphs.session import Services, Session
from postlaunch.graphs.starting import Asked
from postlaunch.ledger.records import ScopeEdits
from postlaunch.windows import Window


class PlanningState(SideState, total=False):
    """What the checkpoints hold; everything larger is a document in the ledger.

    Attributes:
        assignment: the product-analyst's.
        edits: every typed edit asked for so far, in all rounds.
        remarks: what became of the last request for changes, for the person to see.
        request: id of the open approval request.
        outcome: how the gate was last left.
        commitment: id of the commitment, once there is one.
    """

    asked: Asked
    assignment: Assignment
    round: int
    edits: ScopeEdits
    remarks: tuple[str, ...]
    request: str
    outcome: GateOutcome
    commitment: str


Exit = Literal["commit", "brief", "revise", "gate", "close"]


def after_gate(state: PlanningState) -> Exit:
    """Where a decision leads."""
    outcome = state["outcome"]
    if outcome.outcome == "refused":
        return "gate"
    match outcome.kind:
        case "approve" | "edit":
            return "commit"
        case "discovery":
            return "brief"
        case "changes":
            return "revise"
        case "reject" | None:
            return "close"


def _own_assignment(session: Session) -> Assignment:
    """What the product-analyst is asked."""
    run = session.run
    window = Window.model_validate(run.parameters["window"])
    sprint = run.parameters["sprint"]
    return Assignment(
        workflow="sprint_planning",
        question=f"What should sprint {sprint} hold, and what does it rest on?",
        window=window,
        baseline=window.before(),
        parameters={
            "sprint": sprint,
            "as_of": run.parameters.get("as_of"),
            "committed": committed_items(session.services),
        },
    )


def _hand_over(session: Session) -> None:
    """What the product-analyst reads beside its data: the others' newest reports, what is still to be done
    after incidents, and what was kept for this planning. Blocking; may run again."""
    window = Window.model_validate(session.run.parameters["window"])
    handed: dict[str, JsonValue] = {
        "colleagues": newest_reports(session, window),
        "action_items": open_items(session),
        "signals": as_json(take_signals(session, "sprint_planning")),
        NUMBER: decisions_of(session.services, session.run.parameters),
        VECTORS: session.run.parameters.get(VECTORS),
    }
    hand(session, PRODUCT_ANALYST.name, handed)


def sprint_planning(services: Services) -> StateGraph[PlanningState]:
    """The uncompiled graph; compile it with any checkpointer, alone or as a node of another graph."""
    reader = finding_what_is_handed(PRODUCT_ANALYST)
    analyst = build_specialist(reader, services.bench, COLLEAGUES).compile()

    async def open_run(state: PlanningState) -> PlanningState:
        session = await opened_run(services, "sprint_planning", state.get("run"), state.get("asked"))
        names = [specialist.name for specialist in ABREAST]
        colleagues = await asyncio.to_thread(assignments_of, session, "weekly_report", names)
        own = await asyncio.to_thread(_own_assignment, session)
        return {
            "run": session.run.id,
            "assignments": colleagues,
            "assignment": own,
            "round": 1,
            "edits": ScopeEdits(),
            "remarks": (),
        }

    async def analyse(state: PlanningState, config: RunnableConfig) -> PlanningState:
        session = await asyncio.to_thread(services.session, state["run"])
        await asyncio.to_thread(_hand_over, session)
        await analyst.ainvoke({"run": state["run"], "assignment": state["assignment"]}, config)
        return {}

    async def put_forward(state: PlanningState) -> PlanningState:
        session = await asyncio.to_thread(services.session, state["run"])
        request = await asyncio.to_thread(
            propose, session, state["assignment"], state["round"], state["edits"], state["remarks"]
        )
        await asyncio.to_thread(session.settle, "waiting")
        return {"request": request.id}

    async def revise(state: PlanningState) -> PlanningState:
        session = await asyncio.to_thread(services.session, state["run"])
        revision = await revised(session, state["request"], state["edits"])
        return {"round": state["round"] + 1, "edits": revision.edits, "remarks": revision.remarks}

    async def commit(state: PlanningState) -> PlanningState:
        session = await asyncio.to_thread(services.session, state["run"])
        commitment = await asyncio.to_thread(commit_scope, session, state["request"])
        return {"commitment": commitment.id}

    async def brief(state: PlanningState) -> PlanningState:
        session = await asyncio.to_thread(services.session, state["run"])
        await asyncio.to_thread(hand_on_discovery, session, state["request"])
        return {}

    async def close(state: PlanningState) -> PlanningState:
        await asyncio.to_thread(close_run, services, state["run"])
        return {}

    colleagues = side_nodes(services, ABREAST)
    graph = StateGraph(PlanningState)
    nodes: dict[str, Any] = {
        "open": open_run,
        **colleagues,
        PRODUCT_ANALYST.name: analyse,
        "propose": put_forward,
        "gate": gate_room(services),
        "revise": revise,
        "commit": commit,
        "brief": brief,
        "close": close,
    }
    for name, node in nodes.items():
        graph.add_node(name, node)
    graph.add_edge(START, "open")
    graph.add_conditional_edges(
        "open", taking_part(PRODUCT_ANALYST.name), [*colleagues, PRODUCT_ANALYST.name]
    )
    for name in colleagues:
        graph.add_edge(name, PRODUCT_ANALYST.name)
    graph.add_edge(PRODUCT_ANALYST.name, "propose")
    graph.add_edge("propose", "gate")
    graph.add_conditional_edges("gate", after_gate, ["commit", "brief", "revise", "gate", "close"])
    graph.add_edge("revise", "propose")
    graph.add_edge("commit", "close")
    graph.add_edge("brief", "close")
    graph.add_edge("close", END)
    return graph
