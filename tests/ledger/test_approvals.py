"""What may be decided, by whom, on what and until when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from postlaunch.errors import (
    AlreadyDecided,
    DecisionRefused,
    NotAnApprover,
    RequestExpired,
    StaleProposal,
    UnknownRequest,
    UsageError,
)
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import ApprovalRequest, DecisionDraft, Lease, RunState, ScopeEdits
from postlaunch.ledger_place import Place
from postlaunch.testing.clock import StillClock


def test_a_decision_keeps_everything_that_was_said(
    ledger: Ledger, draft: DecisionDraft, clock: StillClock
) -> None:
    edits = ScopeEdits(exclude=("export",), effort={"search": {"Ada": 2.5}})
    said = draft.model_copy(update={"kind": "edit", "scope": ("search",), "edits": edits, "text": "less"})
    decision = ledger.decide(said)
    assert decision == ledger.decision(draft.request)
    assert (decision.seq, decision.at, decision.trust) == (1, clock(), "local")
    assert (decision.scope, decision.edits, decision.text) == (("search",), edits, "less")


def test_the_second_decision_is_told_who_was_first(ledger: Ledger, draft: DecisionDraft) -> None:
    first = ledger.decide(draft)
    with pytest.raises(AlreadyDecided, match="approve by Ada at 2026-03-02 09:00:00 UTC"):
        ledger.decide(draft.model_copy(update={"kind": "reject", "by": "Ben"}))
    assert ledger.decisions() == (first,)


def test_an_unknown_request_is_refused(ledger: Ledger, draft: DecisionDraft) -> None:
    with pytest.raises(UnknownRequest):
        ledger.decide(draft.model_copy(update={"request": "A0"}))


@pytest.mark.parametrize("by", ["", "  "])
def test_a_decision_is_somebodys(ledger: Ledger, draft: DecisionDraft, by: str) -> None:
    with pytest.raises(NotAnApprover, match="nobody is named"):
        ledger.decide(draft.model_copy(update={"by": by}))


def test_a_request_expires_at_its_moment(ledger: Ledger, draft: DecisionDraft, clock: StillClock) -> None:
    clock.forward(days=14)
    with pytest.raises(RequestExpired, match="expired at 2026-03-16 09:00 UTC"):
        ledger.decide(draft)
    clock.forward(microseconds=-1)
    ledger.decide(draft)


def test_a_digest_of_another_proposal_is_stale(ledger: Ledger, draft: DecisionDraft) -> None:
    with pytest.raises(StaleProposal):
        ledger.decide(draft.model_copy(update={"digest": "0" * 64}))


def test_only_named_approvers_decide(
    ledger: Ledger, lease: Lease, draft: DecisionDraft, new_request: Callable[..., ApprovalRequest]
) -> None:
    named = ledger.open_request(lease, new_request(lease.run, round=2, approvers=("Grace", "Ben")))
    asked = draft.model_copy(update={"request": named.id})
    with pytest.raises(NotAnApprover) as refused:
        ledger.decide(asked)
    assert "Grace, Ben" in refused.value.remedy
    assert ledger.decide(asked.model_copy(update={"by": "Ben"})).by == "Ben"


def test_only_offered_options_are_taken(
    ledger: Ledger, lease: Lease, draft: DecisionDraft, new_request: Callable[..., ApprovalRequest]
) -> None:
    narrow = ledger.open_request(lease, new_request(lease.run, round=2, options=("reject",)))
    with pytest.raises(DecisionRefused, match='does not offer "approve"'):
        ledger.decide(draft.model_copy(update={"request": narrow.id}))


def test_nothing_is_stored_by_a_refused_decision(ledger: Ledger, draft: DecisionDraft) -> None:
    with pytest.raises(StaleProposal):
        ledger.decide(draft.model_copy(update={"digest": ""}))
    assert ledger.decisions() == ()


def test_opening_the_same_gate_and_round_again_gives_the_first_request(
    ledger: Ledger, lease: Lease, request_open: ApprovalRequest, new_request: Callable[..., ApprovalRequest]
) -> None:
    again = new_request(lease.run, id="A-other", summary=("another",))
    assert ledger.open_request(lease, again) == request_open
    assert ledger.requests() == (request_open,)


def test_a_request_belongs_to_the_run_that_is_moved(
    ledger: Ledger, lease: Lease, new_request: Callable[..., ApprovalRequest]
) -> None:
    with pytest.raises(UsageError, match="belongs to run R0"):
        ledger.open_request(lease, new_request("R0"))


def test_a_request_whose_digest_is_not_its_proposals_is_refused(
    ledger: Ledger, lease: Lease, new_request: Callable[..., ApprovalRequest]
) -> None:
    with pytest.raises(UsageError, match="digest"):
        ledger.open_request(lease, new_request(lease.run, digest="0" * 64))


def test_a_request_is_found_by_the_beginning_of_its_id(ledger: Ledger, request_open: ApprovalRequest) -> None:
    assert ledger.request(request_open.id[:5]) == request_open
    for wrong in ("", "nothing", "_"):
        with pytest.raises(UnknownRequest):
            ledger.request(wrong)


def test_pending_leaves_out_what_is_decided_closed_or_expired(
    ledger: Ledger,
    lease: Lease,
    draft: DecisionDraft,
    new_request: Callable[..., ApprovalRequest],
    clock: StillClock,
) -> None:
    second = ledger.open_request(lease, new_request(lease.run, round=2))
    assert len(ledger.requests(pending=True)) == 2
    ledger.decide(draft)
    assert ledger.requests(pending=True) == (second,)
    clock.forward(days=15)
    assert ledger.requests(pending=True) == ()
    assert len(ledger.requests(run=lease.run)) == 2
    assert ledger.requests(run="R0") == ()


@pytest.mark.parametrize("state", ["done", "cancelled"])
def test_a_request_whose_time_was_over_before_its_run_ended_is_said_to_have_expired(
    ledger: Ledger, lease: Lease, draft: DecisionDraft, clock: StillClock, state: RunState
) -> None:
    clock.forward(days=14)
    ledger.set_state(lease, state)
    assert ledger.request(draft.request).closed == "it expired at 2026-03-16 09:00 UTC"
    with pytest.raises(RequestExpired, match="expired at 2026-03-16 09:00 UTC") as refused:
        ledger.decide(draft)
    assert refused.value.remedy == "start the workflow again for a fresh proposal"


def test_words_with_half_a_character_are_stored_and_hold_the_chain(
    ledger: Ledger, draft: DecisionDraft
) -> None:
    ledger.decide(draft.model_copy(update={"text": "broken \udcff argument", "by": "Zoë"}))
    assert ledger.decisions()[0].text == "broken ? argument"
    assert ledger.verify_chain() == []


def test_a_decision_by_a_slower_clock_is_not_before_its_request_nor_before_the_last_decision(
    path: Place,
    ledger: Ledger,
    lease: Lease,
    draft: DecisionDraft,
    new_request: Callable[..., ApprovalRequest],
) -> None:
    slower = StillClock()
    slower.forward(seconds=-2)
    with Ledger.open(path, slower) as other:
        first = other.decide(draft)
        assert first.at == ledger.request(draft.request).requested_at
        assert other.audit().problems == ()
        opened = other.take_lease(other.start_run("gate", "q", "k", {}).id, "b", 60)
        second = other.open_request(opened, new_request(opened.run, requested_at=slower()))
        assert other.decide(draft.model_copy(update={"request": second.id})).at == first.at
        assert other.audit().problems == ()


def test_a_clock_that_was_wrong_by_weeks_holds_up_no_later_decision(
    path: Place,
    ledger: Ledger,
    lease: Lease,
    draft: DecisionDraft,
    new_request: Callable[..., ApprovalRequest],
    clock: StillClock,
) -> None:
    far = clock() + timedelta(days=60)
    with Ledger.open(path, StillClock(far - timedelta(days=1))) as other:
        wrong = new_request(lease.run, round=2, requested_at=far, expires_at=far + timedelta(days=14))
        asked = ledger.open_request(lease, wrong)
        assert other.decide(draft.model_copy(update={"request": asked.id})).at == far
    assert ledger.decide(draft).at == clock()
    assert ledger.audit().problems == ()
