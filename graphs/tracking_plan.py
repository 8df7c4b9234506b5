"""Changing the tracking plan, up to a person's decision and what follows from it.

open ─► study ─┬─ nothing to change ──────────────────────────────► close
   (the days,  └─► propose ─► gate ─┬─ approve, edit ─► write ───────┤
    the plan,         ▲             ├─ reject, expired ──────────────┘
    the rules)        └── revise ◄──┴─ changes

The analytics-specialist proposes by rule; no model is asked. Before the decision the file is only read.
`write` replaces it once, whole, and only where it is still the file that was looked at.
"""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from langgraph.graph import END, START, StateGraph

from postlaunch.graphs.closing import close_run
from postlaunch.graphs.gate_room import GateState, gate_room
from postlaunch.graphs.opening import opened_run
from postlaunch.graphs.revising import merged
from postlaunch.graphs.session import Services, Session
from postlaunch.graphs.starting import Asked
from postlaunch.graphs.tracking_proposing import propose_changes, study_plan
from postlaunch.graphs.tracking_writing import write_plan
from postlaunch.ledger.records import ScopeEdits


class TrackingState(GateState, total=False):
    """What the checkpoints hold; what was found is a document in the ledger.

    Attributes:
        changing: whether the rules would change anything.
        edits: every typed edit asked for so far, in all rounds.
        remarks: what became of the last request for changes, for the person to see.
    """

    asked: Asked
    changing: bool
    round: int
    edits: ScopeEdits
    remarks: tuple[str, ...]


Exit = Literal["write", "revise", "gate", "close"]


def after_gate(state: TrackingState) -> Exit:
    """Where a decision leads."""
    outcome = state["outcome"]
    if outcome.outcome == "refused":
        return "gate"
    match outcome.kind:
        case "approve" | "edit":
            return "write"
        case "changes":
            return "revise"
        case _:
            return "close"


def revision_of(session: Session, request_id: str, so_far: ScopeEdits) -> tuple[ScopeEdits, tuple[str, ...]]:
    """The next round's edits, and what to say of the request for changes. Blocking; may run again."""
    decision = session.services.ledger.decision(request_id)
    assert decision is not None, "a revision follows a decision"
    asked, words = decision.edits or ScopeEdits(), decision.text.strip()
    parts = [f"leave out {name}" for name in asked.exclude] + [f"put in {name}" for name in asked.include]
    remarks = [f"As {decision.by} asked: {'; '.join(parts)}"] if parts else []
    if words:
        remarks.append(f'Kept, not acted on: "{words}" (rules propose here: name their changes by id)')
    for remark in remarks:
        session.recorder.emit("decision", remark, data={"request": request_id})
    return merged(so_far, asked), tuple(remarks)


def tracking_plan(services: Services) -> StateGraph[TrackingState]:
    """The uncompiled graph; compile it with any checkpointer, alone or as a node of another graph."""

    async def open_run(state: TrackingState) -> TrackingState:
        session = await opened_run(services, "tracking_plan", state.get("run"), state.get("asked"))
        return {"run": session.run.id, "round": 1, "edits": ScopeEdits(), "remarks": ()}

    async def study(state: TrackingState) -> TrackingState:
        session = await asyncio.to_thread(services.session, state["run"])
        found = await asyncio.to_thread(study_plan, session)
        return {"changing": bool(found.changes)}

    async def put_forward(state: TrackingState) -> TrackingState:
        session = await asyncio.to_thread(services.session, state["run"])
        request = await asyncio.to_thread(
            propose_changes, session, state["round"], state["edits"], state["remarks"]
        )
        await asyncio.to_thread(session.settle, "waiting")
        return {"request": request.id}

    async def revise(state: TrackingState) -> TrackingState:
        session = await asyncio.to_thread(services.session, state["run"])
        edits, remarks = await asyncio.to_thread(revision_of, session, state["request"], state["edits"])
        return {"round": state["round"] + 1, "edits": edits, "remarks": remarks}

    async def write(state: TrackingState) -> TrackingState:
        session = await asyncio.to_thread(services.session, state["run"])
        await asyncio.to_thread(write_plan, session, state["request"])
        return {}

    async def close(state: TrackingState) -> TrackingState:
        await asyncio.to_thread(close_run, services, state["run"])
        return {}

    def after_study(state: TrackingState) -> Literal["propose", "close"]:
        return "propose" if state["changing"] else "close"

    graph = StateGraph(TrackingState)
    nodes: dict[str, Any] = {
        "open": open_run,
        "study": study,
        "propose": put_forward,
        "gate": gate_room(services),
        "revise": revise,
        "write": write,
        "close": close,
    }
    for name, node in nodes.items():
        graph.add_node(name, node)
    graph.add_edge(START, "open")
    graph.add_edge("open", "study")
    graph.add_conditional_edges("study", after_study, ["propose", "close"])
    graph.add_edge("propose", "gate")
    graph.add_conditional_edges("gate", after_gate, ["write", "revise", "gate", "close"])
    graph.add_edge("revise", "propose")
    graph.add_edge("write", "close")
    graph.add_edge("close", END)
    return graph
