"""A commitment is changed or called off by a decision of its own, once; a waiting run can be called off."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from postlaunch.errors import (
    DecisionRefused,
    LeaseLost,
    NotAnApprover,
    RequestExpired,
    ScopeRefused,
    StaleProposal,
    UsageError,
)
from postlaunch.ledger.gate_records import AmendmentKind
from postlaunch.ledger.records import ApprovalRequest, Commitment, RunRecord
from postlaunch.settings import Settings
from postlaunch.settings_gate import Gate
from postlaunch.sync import PostLaunch
from postlaunch.testing.clock import StillClock

PERSON = "User"


@pytest.fixture
def waiting(house_app: PostLaunch) -> RunRecord:
    """A planning that waits at its gate."""
    run = house_app.advance(house_app.start("sprint_planning").id)
    assert run.state == "waiting"
    return run


@pytest.fixture
def commitment(house_app: PostLaunch, waiting: RunRecord) -> Commitment:
    """A sprint that holds both ideas."""
    [request] = house_app.pending()
    house_app.decide(request.id, "approve", by=PERSON)
    house_app.advance(waiting.id)
    [committed] = house_app.commitments()
    return committed


def approve(app: PostLaunch, request: ApprovalRequest) -> None:
    app.decide(request.id, "approve", by=PERSON, reason="agreed", digest=request.digest)


def called_off(folder: Path) -> list[str]:
    """The items whose receivers were told."""
    bodies = [json.loads(path.read_text()) for path in (folder / "handoffs").glob("*.json")]
    return sorted(body["packet"]["item"] for body in bodies if "called_off" in body["packet"])


def test_nothing_changes_before_somebody_decides(house_app: PostLaunch, commitment: Commitment) -> None:
    request = house_app.amend(commitment.id, items=["export"], by="ana", reason="less")
    assert (request.gate, request.options) == ("commitment", ("approve", "reject"))
    assert "- out: Dark mode" in request.summary
    assert house_app.amendments() == ()
    assert [one.id for one in house_app.pending()] == [request.id]
    assert house_app.amend(commitment.id, items=["export"], by="ana", reason="less") == request


def test_an_approved_change_is_written_once_and_its_receivers_are_told(
    house_app: PostLaunch, commitment: Commitment, tmp_path: Path
) -> None:
    request = house_app.amend(commitment.id, items=["export"], by="ana", reason="less")
    approve(house_app, request)
    [amendment] = house_app.amendments(commitment.id)
    assert (amendment.kind, amendment.request) == ("amend", request.id)
    assert amendment.body["items"] == ["export"]
    for _ in range(2):
        house_app.advance(commitment.run)
    assert house_app.amendments() == (amendment,)
    assert called_off(tmp_path) == ["dark-mode"]
    assert house_app.commitments() == (commitment,)
    assert house_app.audit().problems == ()


def test_what_was_taken_out_can_come_back_with_a_new_handoff(
    house_app: PostLaunch, commitment: Commitment, tmp_path: Path
) -> None:
    before = {handoff.id for handoff in house_app.handoffs()}
    approve(house_app, house_app.amend(commitment.id, items=["export"], by="ana", reason="less"))
    approve(house_app, house_app.amend(commitment.id, items=["export", "dark-mode"], by="ana", reason="more"))
    house_app.advance(commitment.run)
    [new] = [handoff for handoff in house_app.handoffs() if handoff.id not in before]
    assert (new.item, new.commitment) == ("dark-mode", commitment.id)
    assert new.packet["approved"]["reason"] == "agreed"
    assert called_off(tmp_path) == ["dark-mode"]


def test_a_commitment_that_was_called_off_is_changed_no_more(
    house_app: PostLaunch, commitment: Commitment, tmp_path: Path
) -> None:
    other = house_app.amend(commitment.id, items=["export"], by="ana", reason="less")
    approve(house_app, house_app.amend(commitment.id, "revoke", by="ana", reason="no budget"))
    with pytest.raises(RequestExpired, match="was called off"):
        approve(house_app, other)
    with pytest.raises(UsageError, match="was called off"):
        house_app.amend(commitment.id, items=["export"], by="ana", reason="less")
    house_app.advance(commitment.run)
    assert called_off(tmp_path) == ["dark-mode", "export"]
    assert [one.kind for one in house_app.amendments()] == ["revoke"]
    assert house_app.audit().problems == ()


def test_a_change_that_was_asked_of_what_no_longer_stands_is_not_approved(
    house_app: PostLaunch, commitment: Commitment, tmp_path: Path
) -> None:
    first = house_app.amend(commitment.id, items=["export"], by="ana", reason="less")
    second = house_app.amend(commitment.id, items=["dark-mode"], by="ben", reason="the other")
    approve(house_app, first)
    assert house_app.pending() == ()
    with pytest.raises(RequestExpired, match="was changed; ask again"):
        approve(house_app, second)
    with sqlite3.connect(tmp_path / ".postlaunch" / "postlaunch.db") as by_hand:
        by_hand.execute("UPDATE requests SET closed = ''")
    by_hand.close()
    with pytest.raises(StaleProposal, match="was changed since"):
        approve(house_app, second)
    assert [one.body["items"] for one in house_app.amendments()] == [["export"]]
    house_app.deliver()
    assert called_off(tmp_path) == ["dark-mode"]


@pytest.mark.parametrize("kind", ["amend", "revoke"])
def test_of_two_changes_that_were_decided_before_either_was_written_the_second_lapses_for_good(
    house_app: PostLaunch,
    house: Settings,
    commitment: Commitment,
    clock: StillClock,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    kind: AmendmentKind,
) -> None:
    items = ["export"] if kind == "amend" else []
    first = house_app.amend(commitment.id, kind, items=items, by="ana", reason="less")
    second = house_app.amend(commitment.id, items=["dark-mode"], by="ben", reason="the other")
    with monkeypatch.context() as dying:
        dying.setattr("postlaunch.graphs.deciding.carry_out_amendments", lambda _: None)
        approve(house_app, first)
        approve(house_app, second)
    telling = Gate(approvers=(PERSON,), notify_command=("/bin/sh", "-c", f"cat >> {tmp_path}/told"))
    with PostLaunch(house.model_copy(update={"gate": telling}), clock=clock, environment={}) as app:
        app.nightly()
        app.nightly()
    assert [one.request for one in house_app.amendments()] == [first.id]
    [entry] = [one for one in house_app.audit().journal if one.kind == "lapsed"]
    assert (entry.request, entry.by) == (second.id, PERSON)
    told = (tmp_path / "told").read_text(encoding="utf-8")
    assert told.count('"message": "Not carried out') == 1
    assert "Asked by ben" in told
    assert house_app.audit().problems == ()


def test_who_decides_a_moment_too_late_is_told_that_nothing_follows(
    house_app: PostLaunch, commitment: Commitment, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = house_app.amend(commitment.id, items=["export"], by="ana", reason="less")
    second = house_app.amend(commitment.id, items=["dark-mode"], by="ben", reason="the other")
    with monkeypatch.context() as dying:
        dying.setattr("postlaunch.graphs.deciding.carry_out_amendments", lambda _: None)
        approve(house_app, first)
    with pytest.raises(StaleProposal, match=r"decision 3 is not carried out: .* was changed since"):
        approve(house_app, second)
    approve(house_app, house_app.amend(commitment.id, items=["dark-mode"], by="ben", reason="the other"))
    assert [one.body["items"] for one in house_app.amendments()] == [["export"], ["dark-mode"]]


def test_a_request_of_before_its_base_was_noted_is_held_against_what_was_decided_since(
    house_app: PostLaunch, commitment: Commitment, clock: StillClock
) -> None:
    ledger = house_app._inner.ledger
    request = house_app.amend(commitment.id, items=["export"], by="ana", reason="less")
    old = request.model_copy(update={"proposal": {**request.proposal, "base": None}})
    ledger.refuse_outdated(old)
    clock.forward(seconds=1)
    approve(house_app, request)
    with pytest.raises(StaleProposal, match="was changed since"):
        ledger.refuse_outdated(old)


def test_what_a_crash_left_undone_the_night_does(
    house_app: PostLaunch, commitment: Commitment, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = house_app.amend(commitment.id, "revoke", by="ana", reason="no budget")
    with monkeypatch.context() as dying:
        dying.setattr("postlaunch.graphs.deciding.carry_out_amendments", lambda _: None)
        approve(house_app, request)
    assert house_app.amendments() == ()
    house_app.nightly()
    assert [one.request for one in house_app.amendments()] == [request.id]


def test_a_rejected_change_leaves_everything(house_app: PostLaunch, commitment: Commitment) -> None:
    request = house_app.amend(commitment.id, "revoke", by="ana", reason="no budget")
    house_app.decide(request.id, "reject", by=PERSON)
    house_app.advance(commitment.run)
    assert house_app.amendments() == ()


def test_a_change_is_decided_by_who_may_and_by_nobody_else(
    house_app: PostLaunch, commitment: Commitment
) -> None:
    request = house_app.amend(commitment.id, "revoke", by="mallory", reason="no budget")
    with pytest.raises(NotAnApprover):
        house_app.decide(request.id, "approve", by="mallory")
    with pytest.raises(DecisionRefused, match='does not offer "edit"'):
        house_app.decide(request.id, "edit", by=PERSON, scope=["export"])
    assert house_app.amendments() == ()


@pytest.mark.parametrize(
    ("items", "error"),
    [(["nothing"], ScopeRefused), ([], ScopeRefused), (["dark-mode", "export"], UsageError)],
)
def test_a_change_that_does_not_fit_is_not_asked_for(
    house_app: PostLaunch, commitment: Commitment, items: list[str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        house_app.amend(commitment.id, items=items, by="ana", reason="other")
    assert house_app.pending() == ()


def test_a_run_that_waits_is_called_off_with_its_request(house_app: PostLaunch, waiting: RunRecord) -> None:
    [request] = house_app.pending()
    cancelled = house_app.cancel(waiting.id, by="ana", reason="wrong sprint")
    assert (cancelled.state, cancelled.error) == ("cancelled", "cancelled by ana: wrong sprint")
    assert house_app.cancel(waiting.id, by="ben", reason="again") == cancelled
    with pytest.raises(RequestExpired):
        house_app.decide(request.id, "approve", by=PERSON)
    assert house_app.advance(waiting.id).state == "cancelled"
    assert (house_app.pending(), house_app.commitments()) == ((), ())
    assert house_app.events(waiting.id)[-1].text == "cancelled by ana: wrong sprint"
    kinds = [(entry.kind, entry.by) for entry in house_app.audit().journal]
    assert kinds == [("cancelled", "ana"), ("refused", PERSON)]


def test_what_is_over_or_decided_is_not_cancelled(house_app: PostLaunch, waiting: RunRecord) -> None:
    [request] = house_app.pending()
    house_app.decide(request.id, "approve", by=PERSON)
    with pytest.raises(UsageError, match="User decided approve"):
        house_app.cancel(waiting.id, by="ana", reason="no")
    house_app.advance(waiting.id)
    with pytest.raises(UsageError, match="is over"):
        house_app.cancel(waiting.id, by="ana", reason="no")
    with pytest.raises(UsageError, match="for a reason"):
        house_app.cancel(waiting.id, by="ana", reason=" ")


def test_whoever_moves_a_cancelled_run_writes_nothing_more(house_app: PostLaunch, waiting: RunRecord) -> None:
    ledger = house_app._inner.ledger
    lease = ledger.take_lease(waiting.id, "the zombie", 60)
    house_app.cancel(waiting.id, by="ana", reason="wrong sprint")
    with pytest.raises(LeaseLost):
        ledger.set_state(lease, "done")
    with pytest.raises(LeaseLost):
        ledger.put_document(lease, "draft", {})
    with pytest.raises(UsageError, match="was cancelled by ana"):
        ledger.take_lease(waiting.id, "another", 60)
    assert house_app.run(waiting.id).state == "cancelled"
