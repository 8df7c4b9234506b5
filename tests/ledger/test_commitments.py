"""One commitment per business key, under the decision that allowed it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from postlaunch.errors import DecisionRefused, LeaseLost, PostLaunchError, UsageError
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import (
    ApprovalRequest,
    Commitment,
    Decision,
    DecisionDraft,
    HandOff,
    Lease,
    OutboxRow,
)


def nothing_committed(ledger: Ledger) -> bool:
    return not (ledger.commitments() or ledger.handoffs() or ledger.undelivered())


def test_a_commitment_its_hand_offs_and_its_messages_are_stored_together(
    ledger: Ledger,
    lease: Lease,
    commitment: Commitment,
    handoffs: tuple[HandOff, ...],
    new_message: Callable[..., OutboxRow],
) -> None:
    assert ledger.commit(lease, commitment, handoffs, [new_message()]) == commitment
    assert ledger.commitment("sprint 7") == commitment
    assert {item.item for item in ledger.handoffs(lease.run)} == {"search", "export"}
    assert {item.commitment for item in ledger.handoffs()} == {commitment.id}
    assert [row.key for row in ledger.undelivered()] == ["hand-off search"]


def test_committing_twice_gives_the_first_and_writes_nothing(
    ledger: Ledger,
    lease: Lease,
    commitment: Commitment,
    handoffs: tuple[HandOff, ...],
    new_message: Callable[..., OutboxRow],
) -> None:
    first = ledger.commit(lease, commitment, handoffs, [new_message()])
    other = commitment.model_copy(update={"id": "C8", "body": {"sprint": 8}})
    more = handoffs[0].model_copy(update={"id": "H9", "key": "another"})
    assert ledger.commit(lease, other, [more], [new_message("another")]) == first
    assert ledger.commitments() == (first,)
    assert len(ledger.handoffs()) == 2
    assert len(ledger.undelivered()) == 1


def test_nothing_is_committed_before_the_decision(
    ledger: Ledger,
    lease: Lease,
    request_open: ApprovalRequest,
    handoffs: tuple[HandOff, ...],
    new_message: Callable[..., OutboxRow],
) -> None:
    hasty = Commitment(
        id="C7",
        key="sprint 7",
        run=lease.run,
        request=request_open.id,
        decision="0" * 64,
        body={},
        at=request_open.requested_at,
    )
    with pytest.raises(DecisionRefused, match="nobody decided"):
        ledger.commit(lease, hasty, handoffs, [new_message()])
    assert nothing_committed(ledger)


@pytest.mark.parametrize("kind", ["reject", "changes", "discovery"])
def test_a_decision_that_is_no_consent_commits_nothing(
    ledger: Ledger, lease: Lease, draft: DecisionDraft, handoffs: tuple[HandOff, ...], kind: str
) -> None:
    decision = ledger.decide(draft.model_copy(update={"kind": kind}))
    refused = Commitment(
        id="C7",
        key="sprint 7",
        run=lease.run,
        request=draft.request,
        decision=decision.hash,
        body={},
        at=decision.at,
    )
    with pytest.raises(DecisionRefused, match=f"Ada decided {kind}"):
        ledger.commit(lease, refused, handoffs, [])
    assert nothing_committed(ledger)


@pytest.fixture
def brief(handoffs: tuple[HandOff, ...]) -> HandOff:
    """What goes to Phase 1 when a person asks for discovery."""
    return handoffs[0].model_copy(update={"id": "HB", "key": "discovery 1", "phase": 1})


def test_discovery_commits_nothing_and_hands_one_brief_on_once(
    ledger: Ledger,
    lease: Lease,
    draft: DecisionDraft,
    brief: HandOff,
    new_message: Callable[..., OutboxRow],
) -> None:
    decision = ledger.decide(draft.model_copy(update={"kind": "discovery", "text": "what do they want?"}))
    assert ledger.hand_off(lease, brief, [new_message()], decision) == brief
    again = brief.model_copy(update={"id": "HC"})
    assert ledger.hand_off(lease, again, [new_message("another")], decision) == brief
    assert (ledger.commitments(), ledger.handoffs()) == ((), (brief,))
    assert len(ledger.undelivered()) == 1


def test_an_approval_is_no_leave_to_hand_on_without_a_commitment(
    ledger: Ledger, lease: Lease, approved: Decision, brief: HandOff
) -> None:
    with pytest.raises(DecisionRefused, match="Ada decided approve"):
        ledger.hand_off(lease, brief, [], approved)
    assert nothing_committed(ledger)


def test_a_lost_lease_hands_nothing_on(
    ledger: Ledger, lease: Lease, draft: DecisionDraft, brief: HandOff
) -> None:
    decision = ledger.decide(draft.model_copy(update={"kind": "discovery"}))
    ledger.release(lease)
    with pytest.raises(LeaseLost):
        ledger.hand_off(lease, brief, [], decision)
    assert nothing_committed(ledger)


def test_a_commitment_names_the_stored_decision(ledger: Ledger, lease: Lease, commitment: Commitment) -> None:
    with pytest.raises(DecisionRefused, match="is not the one"):
        ledger.commit(lease, commitment.model_copy(update={"decision": "f" * 64}), [], [])
    assert nothing_committed(ledger)


def test_another_runs_decision_allows_nothing(ledger: Ledger, lease: Lease, commitment: Commitment) -> None:
    other = ledger.start_run("sprint_planning", "plan sprint 8", "plan sprint 8", {})
    others_lease = ledger.take_lease(other.id, "web-1:100", 60)
    with pytest.raises(DecisionRefused, match="nobody decided"):
        ledger.commit(others_lease, commitment.model_copy(update={"run": other.id}), [], [])
    with pytest.raises(UsageError, match="is of run"):
        ledger.commit(others_lease, commitment, [], [])
    assert nothing_committed(ledger)


def test_an_error_in_the_middle_leaves_nothing_behind(
    ledger: Ledger, lease: Lease, commitment: Commitment, handoffs: tuple[HandOff, ...]
) -> None:
    twice = (handoffs[0], handoffs[0])
    with pytest.raises(PostLaunchError, match="refused a record"):
        ledger.commit(lease, commitment, twice, [])
    assert nothing_committed(ledger)


def test_the_next_sprint_follows_the_highest_committed_one(
    ledger: Ledger, lease: Lease, commitment: Commitment
) -> None:
    assert ledger.next_sprint() is None
    ledger.commit(lease, commitment, [], [])
    other = commitment.model_copy(update={"id": "C8", "key": "other", "body": {"sprint": True}})
    ledger.commit(lease, other, [], [])
    assert ledger.next_sprint() == 8
