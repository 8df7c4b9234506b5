"""Sprint planning: what the specialists found, a proposal, a person, one commitment.

    open ─► monitoring-specialist ─► product-analyst ─► propose ─► gate ─┬─ approve, edit ─► commit ─┐
                                                          ▲              ├─ discovery ─► brief ──────┤
                                                          │              ├─ reject, expired ─────────┼─► close
                                                          └── revise ◄───┴─ changes                  │
                                                                                       hand-offs ◄───┘

Before the decision nothing is committed and no packet is written. `commit` is one fenced transaction under a
business key, so it may run any number of times.
"""

from __future__ import annotations

import asyncio
from typing import Any, Literal, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph

from postlaunch.agents.bench import Assignment
from postlaunch.agents.monitoring_specialist import MONITORING_SPECIALIST
from postlaunch.agents.product_analyst import PRODUCT_ANALYST
from postlaunch.agents.specialist import build_specialist
from postlaunch.graphs.colleagues import COLLEAGUES, health_assignment
from postlaunch.graphs.committing import commit_scope, committed_items, hand_on_discovery
from postlaunch.graphs.deciding import scrutinise
from postlaunch.graphs.gate import GateOutcome, wait_for_decision
from postlaunch.graphs.proposing import propose
from postlaunch.graphs.publishing import publish_report
from postlaunch.graphs.revising import revised
from postlaunch.graphs.session import Services
from postlaunch.graphs.starting import Asked, start_run
from postlaunch.ledger.records import ScopeEdits
from postlaunch.windows import Window


class PlanningState(TypedDict, total=False):
    """What the checkpoints hold; everything larger is a document in the ledger.

    Attributes:
        edits: every typed edit asked for so far, in all rounds.
        remarks: what became of the last request for changes, for the person to see.
        request: id of the open approval request.
        outcome: how the gate was last left.
        commitment: id of the commitment, once there is one.
    """

    run: str
    asked: Asked
    assignment: Assignment
    round: int
    edits: ScopeEdits
    remarks: tuple[str, ...]
    request: str
    outcome: GateOutcome
    commitment: str
    paths: tuple[str, ...]


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


def sprint_planning(services: Services) -> StateGraph[PlanningState]:
    """The uncompiled graph; compile it with any checkpointer, alone or as a node of another graph."""
    monitoring = build_specialist(MONITORING_SPECIALIST, services.bench, COLLEAGUES).compile()
    analyst = build_specialist(PRODUCT_ANALYST, services.bench, COLLEAGUES).compile()

    async def open_run(state: PlanningState) -> PlanningState:
        run_id = state.get("run")
        if run_id is None:
            asked = state.get("asked") or Asked()
            run_id = (await asyncio.to_thread(start_run, services, "sprint_planning", asked)).id
        run = await asyncio.to_thread(services.ledger.run, run_id)
        window = Window.model_validate(run.parameters["window"])
        committed = await asyncio.to_thread(committed_items, services)
        assignment = Assignment(
            workflow="sprint_planning",
            question=f"What should sprint {run.parameters['sprint']} hold, and what does it rest on?",
            window=window,
            baseline=window.before(),
            parameters={
                "sprint": run.parameters["sprint"],
                "as_of": run.parameters.get("as_of"),
                "committed": committed,
            },
        )
        return {"run": run.id, "assignment": assignment, "round": 1, "edits": ScopeEdits(), "remarks": ()}

    async def monitor(state: PlanningState, config: RunnableConfig) -> PlanningState:
        window = state["assignment"].window
        if window is None or "requests" not in services.sources():
            return {}
        assignment = await asyncio.to_thread(health_assignment, services, window)
        result = await monitoring.ainvoke({"run": state["run"], "assignment": assignment}, config)
        session = await asyncio.to_thread(services.session, state["run"])
        paths = await asyncio.to_thread(publish_report, session, result["report"])
        return {"paths": paths}

    async def analyse(state: PlanningState, config: RunnableConfig) -> PlanningState:
        await analyst.ainvoke({"run": state["run"], "assignment": state["assignment"]}, config)
        return {}

    async def put_forward(state: PlanningState) -> PlanningState:
        session = await asyncio.to_thread(services.session, state["run"])
        request = await asyncio.to_thread(
            propose, session, state["assignment"], state["round"], state["edits"], state["remarks"]
        )
        await asyncio.to_thread(session.settle, "waiting")
        return {"request": request.id}

    async def gate(state: PlanningState) -> PlanningState:
        request = await asyncio.to_thread(services.ledger.request, state["request"])
        await asyncio.to_thread(services.leave, state["run"])
        last = state.get("outcome")
        outcome = await wait_for_decision(
            request,
            decision_of=services.ledger.decision,
            decide=services.ledger.decide,
            expired=lambda asked: services.clock() >= asked.expires_at,
            scrutiny=lambda asked, draft: scrutinise(services, asked, draft),
            problem=last.problem if last else "",
        )
        return {"outcome": outcome}

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
        session = await asyncio.to_thread(services.session, state["run"])
        await asyncio.to_thread(session.settle, "done")
        await asyncio.to_thread(services.leave, state["run"])
        return {}

    graph = StateGraph(PlanningState)
    nodes: dict[str, Any] = {
        "open": open_run,
        MONITORING_SPECIALIST.name: monitor,
        PRODUCT_ANALYST.name: analyse,
        "propose": put_forward,
        "gate": gate,
        "revise": revise,
        "commit": commit,
        "brief": brief,
        "close": close,
    }
    for name, node in nodes.items():
        graph.add_node(name, node)
    graph.add_edge(START, "open")
    graph.add_edge("open", MONITORING_SPECIALIST.name)
    graph.add_edge(MONITORING_SPECIALIST.name, PRODUCT_ANALYST.name)
    graph.add_edge(PRODUCT_ANALYST.name, "propose")
    graph.add_edge("propose", "gate")
    graph.add_conditional_edges("gate", after_gate, ["commit", "brief", "revise", "gate", "close"])
    graph.add_edge("revise", "propose")
    graph.add_edge("commit", "close")
    graph.add_edge("brief", "close")
    graph.add_edge("close", END)
    return graph
