"""Starting runs, their states, and what a newer run does to older ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from postlaunch.errors import LeaseLost, RequestExpired, UsageError
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import (
    ApprovalRequest,
    Decision,
    DecisionDraft,
    GateOption,
    Lease,
    RunRecord,
    RunState,
)
from postlaunch.ledger.standing import LAPSED
from postlaunch.testing.clock import StillClock

QUESTION = "plan sprint 7"
KEY = "plan sprint 7 over data 1"
OTHER_KEY = "plan sprint 7 over data 2"

NewRequest = Callable[..., ApprovalRequest]


def start(ledger: Ledger, key: str = KEY) -> RunRecord:
    return ledger.start_run("sprint_planning", QUESTION, key, {"sprint": 7})


@pytest.mark.parametrize("state", ["created", "running", "waiting", "done"])
def test_the_same_key_gives_a_whole_run_back_in_any_living_state(
    ledger: Ledger, run: RunRecord, lease: Lease, state: RunState
) -> None:
    if state != "created":
        ledger.set_state(lease, state)
    again = start(ledger)
    assert (again.id, again.state) == (run.id, state)
    assert len(ledger.runs()) == 1


@pytest.mark.parametrize(
    ("state", "degraded"), [("failed", False), ("cancelled", False), ("done", True), ("waiting", True)]
)
def test_a_failed_cancelled_or_degraded_run_is_superseded_by_the_same_key(
    ledger: Ledger, run: RunRecord, lease: Lease, state: RunState, degraded: bool
) -> None:
    ledger.set_state(lease, state, degraded=degraded)
    again = start(ledger)
    assert again.id != run.id
    assert again.state == "created"
    old = ledger.run(run.id)
    assert (old.state, old.superseded_by) == ("superseded", again.id)


def test_a_degraded_run_that_was_decided_on_is_not_superseded(
    ledger: Ledger, run: RunRecord, lease: Lease, draft: DecisionDraft
) -> None:
    ledger.set_state(lease, "waiting", degraded=True, problems=["the model is down"])
    ledger.decide(draft)
    assert start(ledger).id == run.id


@pytest.mark.parametrize("state", ["waiting", "done"])
def test_newer_data_supersedes_an_older_answer(
    ledger: Ledger, run: RunRecord, lease: Lease, state: RunState
) -> None:
    ledger.set_state(lease, state)
    newer = start(ledger, OTHER_KEY)
    assert ledger.run(run.id).superseded_by == newer.id


@pytest.mark.parametrize("kind", ["approve", "changes"])
@pytest.mark.parametrize("state", ["waiting", "running", "failed"])
def test_what_was_decided_is_carried_out_before_the_question_is_asked_again(
    ledger: Ledger, run: RunRecord, lease: Lease, draft: DecisionDraft, state: RunState, kind: GateOption
) -> None:
    ledger.set_state(lease, state)
    ledger.decide(draft.model_copy(update={"kind": kind}))
    assert [start(ledger, key).id for key in (KEY, OTHER_KEY)] == [run.id, run.id]
    assert [found.id for found in ledger.runs_to_go_on()] == [run.id]
    ledger.set_state(lease, "done")
    assert ledger.runs_to_go_on() == ()
    assert start(ledger, OTHER_KEY).id != run.id


def test_what_can_no_longer_be_carried_out_holds_up_no_new_answer(
    ledger: Ledger, run: RunRecord, lease: Lease, draft: DecisionDraft
) -> None:
    ledger.decide(draft)
    ledger.set_state(lease, "failed")
    ledger.recorder(lease).emit("run", "stopped: the file is another", data={LAPSED: True})
    assert ledger.runs_to_go_on() == ()
    assert start(ledger).id != run.id


@pytest.mark.parametrize("state", ["waiting", "done"])
def test_what_nobody_decided_in_time_can_be_asked_again(
    ledger: Ledger, run: RunRecord, lease: Lease, draft: DecisionDraft, clock: StillClock, state: RunState
) -> None:
    ledger.set_state(lease, "waiting")
    assert start(ledger).id == run.id
    clock.forward(days=14)
    assert [found.id for found in ledger.runs_to_go_on()] == [run.id]
    ledger.set_state(lease, state)
    again = start(ledger)
    assert again.id != run.id
    assert ledger.run(run.id).superseded_by == again.id
    assert ledger.request(draft.request).closed.startswith("it expired at ")


@pytest.mark.parametrize("kind", ["approve", "reject"])
def test_what_was_decided_stays_answered_when_its_time_is_over(
    ledger: Ledger, run: RunRecord, lease: Lease, draft: DecisionDraft, clock: StillClock, kind: GateOption
) -> None:
    ledger.decide(draft.model_copy(update={"kind": kind}))
    ledger.set_state(lease, "done")
    clock.forward(days=14)
    assert start(ledger).id == run.id


def test_a_change_of_what_was_committed_makes_its_run_no_other(
    ledger: Ledger, approved: Decision, lease: Lease, new_request: NewRequest, clock: StillClock
) -> None:
    ledger.open_request(lease, new_request(lease.run, id="A-change", gate="commitment"))
    ledger.set_state(lease, "failed")
    assert [found.id for found in ledger.runs_to_go_on()] == [lease.run]
    ledger.set_state(lease, "done")
    clock.forward(days=14)
    assert start(ledger).id == lease.run


def test_a_run_that_nobody_moves_any_more_is_found(
    ledger: Ledger, run: RunRecord, lease: Lease, clock: StillClock
) -> None:
    ledger.set_state(lease, "running")
    assert ledger.runs_left_behind() == ()
    clock.forward(minutes=2)
    assert [found.id for found in ledger.runs_left_behind()] == [run.id]
    start(ledger, OTHER_KEY)
    assert ledger.runs_left_behind() == ()


@pytest.mark.parametrize("state", ["running", "failed"])
def test_newer_data_supersedes_what_stopped_after_it_was_put_before_people(
    ledger: Ledger, lease: Lease, request_open: ApprovalRequest, state: RunState
) -> None:
    ledger.set_state(lease, state)
    newer = start(ledger, OTHER_KEY)
    assert ledger.run(lease.run).superseded_by == newer.id
    assert ledger.requests(pending=True) == ()


@pytest.mark.parametrize("state", ["created", "running", "failed", "cancelled"])
def test_newer_data_leaves_runs_alone_that_have_answered_nothing(
    ledger: Ledger, run: RunRecord, lease: Lease, state: RunState
) -> None:
    ledger.set_state(lease, state)
    start(ledger, OTHER_KEY)
    assert ledger.run(run.id).state == state


def test_another_question_supersedes_nothing(ledger: Ledger, run: RunRecord, lease: Lease) -> None:
    ledger.set_state(lease, "done")
    ledger.start_run("sprint_planning", "plan sprint 8", "plan sprint 8 over data 1", {"sprint": 8})
    assert ledger.run(run.id).state == "done"


def test_going_back_to_older_data_makes_a_new_run(ledger: Ledger, run: RunRecord, lease: Lease) -> None:
    ledger.set_state(lease, "done")
    newer = start(ledger, OTHER_KEY)
    again = start(ledger, KEY)
    assert len({run.id, newer.id, again.id}) == 3


def test_the_proposal_of_a_superseded_run_can_no_longer_be_approved(
    ledger: Ledger, lease: Lease, draft: DecisionDraft
) -> None:
    ledger.set_state(lease, "waiting")
    newer = start(ledger, OTHER_KEY)
    with pytest.raises(RequestExpired, match=f"run {newer.id} superseded run {lease.run}"):
        ledger.decide(draft)
    assert ledger.decision(draft.request) is None
    assert ledger.requests(pending=True) == ()


def test_whoever_moves_a_superseded_run_is_stopped(ledger: Ledger, lease: Lease) -> None:
    ledger.set_state(lease, "waiting")
    start(ledger, OTHER_KEY)
    with pytest.raises(LeaseLost):
        ledger.set_state(lease, "done")


def test_superseded_is_final(ledger: Ledger, run: RunRecord, lease: Lease) -> None:
    ledger.set_state(lease, "waiting")
    newer = start(ledger, OTHER_KEY)
    with pytest.raises(UsageError, match=f"superseded by run {newer.id}"):
        ledger.take_lease(run.id, "web-1:100", 60)


@pytest.mark.parametrize("state", ["done", "cancelled"])
def test_a_run_that_ends_closes_what_it_proposed(
    ledger: Ledger, lease: Lease, draft: DecisionDraft, state: RunState
) -> None:
    ledger.set_state(lease, state)
    with pytest.raises(RequestExpired, match=f"ended \\({state}\\) without a decision"):
        ledger.decide(draft)


def test_a_decided_request_is_not_called_closed_when_its_run_ends(
    ledger: Ledger, lease: Lease, draft: DecisionDraft
) -> None:
    ledger.decide(draft)
    ledger.set_state(lease, "done")
    assert ledger.request(draft.request).closed == ""


def test_a_failed_run_keeps_its_proposal_open_because_it_can_go_on(
    ledger: Ledger, lease: Lease, draft: DecisionDraft
) -> None:
    ledger.set_state(lease, "failed", error="the disk is full")
    assert ledger.decide(draft).kind == "approve"


def test_a_state_keeps_what_it_is_not_told_and_clears_the_error(
    ledger: Ledger, lease: Lease, clock: StillClock
) -> None:
    failed = ledger.set_state(lease, "failed", error="no log", degraded=True, problems=["no log"])
    assert failed.finished_at == clock()
    clock.forward(minutes=1)
    running = ledger.set_state(lease, "running")
    assert (running.error, running.finished_at) == ("", None)
    assert (running.degraded, running.problems) == (True, ("no log",))
    assert running.updated_at == clock()
    assert ledger.run(lease.run) == running


def test_a_run_is_found_by_the_beginning_of_its_id(ledger: Ledger, run: RunRecord) -> None:
    assert ledger.run(run.id[:6]) == run


@pytest.mark.parametrize("wrong", ["", "X", "%", "R_"])
def test_an_unknown_run_is_a_usage_error(ledger: Ledger, run: RunRecord, wrong: str) -> None:
    with pytest.raises(UsageError, match="there is no run"):
        ledger.run(wrong)


def test_an_ambiguous_beginning_names_the_runs(ledger: Ledger, run: RunRecord) -> None:
    other = ledger.start_run("weekly_report", "week 9", "week 9", {})
    with pytest.raises(UsageError, match=r"several runs") as refused:
        ledger.run("R")
    assert run.id in str(refused.value)
    assert other.id in str(refused.value)


def test_runs_come_newest_first_and_by_state(ledger: Ledger, lease: Lease, clock: StillClock) -> None:
    clock.forward(seconds=1)
    newer = ledger.start_run("weekly_report", "week 9", "week 9", {})
    assert [record.id for record in ledger.runs()] == [newer.id, lease.run]
    assert [record.id for record in ledger.runs(limit=1)] == [newer.id]
    ledger.set_state(lease, "running")
    assert [record.id for record in ledger.runs(states=["running"])] == [lease.run]


def test_text_with_half_a_character_is_stored(ledger: Ledger) -> None:
    run = ledger.start_run("weekly_report", "w \ud83d", "k \ud83d", {"name": "\ud83d"})
    assert ledger.run(run.id).parameters == {"name": "?"}
    assert ledger.start_run("weekly_report", "w \ud83d", "k \ud83d", {"name": "\ud83d"}).id == run.id


def test_a_request_of_another_run_is_left_open(
    ledger: Ledger, lease: Lease, request_open: ApprovalRequest, new_request: NewRequest
) -> None:
    other = ledger.start_run("sprint_planning", "plan sprint 8", "plan sprint 8", {})
    other_lease = ledger.take_lease(other.id, "web-1:100", 60)
    theirs = ledger.open_request(other_lease, new_request(other.id))
    ledger.set_state(lease, "cancelled")
    assert [item.id for item in ledger.requests(pending=True)] == [theirs.id]
