"""The gate alone, in a graph of its own: only the ledger opens it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command

from postlaunch.errors import ScopeRefused
from postlaunch.facts import digest_of
from postlaunch.graphs.gate import GateOutcome, wait_for_decision
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import ApprovalRequest, DecisionDraft

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
PROPOSAL: dict[str, Any] = {"scope": ["a", "b"]}
LOOK = {"kind": None}
"""What `advance` resumes with: "look in the ledger"."""
CONFIG: Any = {"configurable": {"thread_id": "t"}}


class Time:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def ledger(tmp_path: Path, time: Time) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.db", time) as opened:
        yield opened


@pytest.fixture
def request_(ledger: Ledger) -> ApprovalRequest:
    run = ledger.start_run("w", "q", "k", {})
    lease = ledger.take_lease(run.id, "test", 60)
    return ledger.open_request(
        lease,
        ApprovalRequest(
            id="R1",
            gate="g",
            run=run.id,
            proposal=PROPOSAL,
            digest=digest_of(PROPOSAL),
            options=("approve", "edit", "reject"),
            approvers=("ana",),
            requested_at=NOW,
            expires_at=NOW + timedelta(days=1),
        ),
    )


class State(TypedDict, total=False):
    outcome: GateOutcome


def only_a_and_b(request: ApprovalRequest, draft: DecisionDraft) -> None:
    if draft.scope is not None and not set(draft.scope) <= {"a", "b"}:
        raise ScopeRefused("this scope does not fit", "take an item out")


def gated(ledger: Ledger, request: ApprovalRequest, time: Time) -> Any:
    async def gate(state: State) -> State:
        last = state.get("outcome")
        return {
            "outcome": await wait_for_decision(
                request,
                decision_of=ledger.decision,
                decide=ledger.decide,
                expired=lambda asked: time() >= asked.expires_at,
                scrutiny=only_a_and_b,
                problem=last.problem if last else "",
            )
        }

    graph = StateGraph(State)
    graph.add_node("gate", gate)
    graph.add_edge(START, "gate")
    graph.add_conditional_edges(
        "gate", lambda state: "gate" if state["outcome"].outcome == "refused" else END, ["gate", END]
    )
    return graph.compile(checkpointer=InMemorySaver())


def said(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "by": "ana", "digest": digest_of(PROPOSAL), **more}


async def test_the_gate_shows_the_whole_request(
    ledger: Ledger, request_: ApprovalRequest, time: Time
) -> None:
    left = await gated(ledger, request_, time).ainvoke({}, CONFIG)
    [interrupt] = left["__interrupt__"]
    assert interrupt.value["id"] == "R1"
    assert interrupt.value["proposal"] == PROPOSAL
    assert interrupt.response_schema["title"] == "GateAnswer"


async def test_a_decision_in_the_ledger_opens_it(
    ledger: Ledger, request_: ApprovalRequest, time: Time
) -> None:
    graph = gated(ledger, request_, time)
    await graph.ainvoke({}, CONFIG)
    decision = ledger.decide(
        DecisionDraft(request="R1", kind="approve", by="ana", digest=digest_of(PROPOSAL))
    )
    left = await graph.ainvoke(Command(resume=LOOK), CONFIG)
    assert left["outcome"] == GateOutcome(outcome="decided", decision=decision.hash, kind="approve")


async def test_a_host_may_hand_the_decision_in_and_it_is_stored(
    ledger: Ledger, request_: ApprovalRequest, time: Time
) -> None:
    graph = gated(ledger, request_, time)
    await graph.ainvoke({}, CONFIG)
    left = await graph.ainvoke(Command(resume=said("approve", reason="good")), CONFIG)
    stored = ledger.decision("R1")
    assert stored is not None
    assert (stored.kind, stored.by, stored.reason) == ("approve", "ana", "good")
    assert left["outcome"].decision == stored.hash


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (LOOK, "nobody has decided"),
        ("APPROVED", "cannot be read"),
        ({"kind": "approve"}, "needs kind and by"),
        ({"kind": "approve", "by": "ana", "digest": "other"}, "is not the one"),
        ({"kind": "approve", "by": "mallory", "digest": digest_of(PROPOSAL)}, "may not decide"),
        (said("edit", scope=["a", "z"]), "does not fit"),
        (said("discovery", text="x"), "does not offer"),
    ],
)
async def test_what_may_not_stand_asks_again_and_stores_nothing(
    ledger: Ledger, request_: ApprovalRequest, time: Time, answer: object, problem: str
) -> None:
    graph = gated(ledger, request_, time)
    await graph.ainvoke({}, CONFIG)
    left = await graph.ainvoke(Command(resume=answer), CONFIG)
    [again] = left["__interrupt__"]
    assert problem in again.value["problem"]
    assert ledger.decision("R1") is None


async def test_after_its_time_the_gate_closes_undecided(
    ledger: Ledger, request_: ApprovalRequest, time: Time
) -> None:
    graph = gated(ledger, request_, time)
    await graph.ainvoke({}, CONFIG)
    time.now += timedelta(days=2)
    left = await graph.ainvoke(Command(resume=LOOK), CONFIG)
    assert left["outcome"].outcome == "expired"
    assert ledger.decision("R1") is None


async def test_the_ledgers_decision_counts_and_not_the_one_handed_in(
    ledger: Ledger, request_: ApprovalRequest, time: Time
) -> None:
    graph = gated(ledger, request_, time)
    await graph.ainvoke({}, CONFIG)
    ledger.decide(DecisionDraft(request="R1", kind="reject", by="ana", digest=digest_of(PROPOSAL)))
    left = await graph.ainvoke(Command(resume=said("approve")), CONFIG)
    assert left["outcome"].kind == "reject"
