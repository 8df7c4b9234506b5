"""Advancing a run: at any time, twice, from anywhere, after what stopped it; and runs that end undecided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest

from postlaunch.errors import AlreadyCommitted, PostLaunchError, RequestExpired
from postlaunch.graphs import sprint_planning
from postlaunch.graphs.advancing import STATE
from postlaunch.ledger.checkpoints import open_checkpointer
from postlaunch.ledger.records import ApprovalRequest, RunRecord
from postlaunch.settings import Settings
from postlaunch.sync import PostLaunch
from postlaunch.testing.clock import StillClock
from postlaunch.windows import Window

PERSON = "User"
OpenApp = Callable[[], PostLaunch]


class PowerCut(Exception):
    """The process ends here."""


def cut(*_: object) -> NoReturn:
    raise PowerCut


def to_the_gate(app: PostLaunch) -> ApprovalRequest:
    """Plan a sprint until a person is asked."""
    run = app.start("sprint_planning")
    assert app.advance(run.id).state == "waiting"
    [request] = [request for request in app.pending() if request.run == run.id]
    return request


def decided(app: PostLaunch) -> RunRecord:
    """Plan a sprint, approve it, and carry that out."""
    request = to_the_gate(app)
    app.decide(request.id, "approve", by=PERSON)
    return app.advance(request.run)


def checkpoints_of(app: PostLaunch, run: str) -> int:
    """How many checkpoints of the run's own graph are kept."""
    with open_checkpointer(app._inner.ledger.place, None, STATE) as saver:
        return len(list(saver.list({"configurable": {"thread_id": run, "checkpoint_ns": ""}})))


def with_another_ticket(folder: Path) -> None:
    """The data changes: the first ticket comes a second time, under another id."""
    path = folder / "tickets.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines.append(f"T-99999,{lines[1].partition(',')[2]}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_run_that_waits_is_left_as_it_is(app: PostLaunch) -> None:
    request = to_the_gate(app)
    before = app.events(request.run)
    assert checkpoints_of(app, request.run) > 1
    assert app.advance(request.run).state == "waiting"
    assert app.events(request.run) == before
    assert app.pending() == (request,)


def test_a_run_that_is_done_keeps_its_last_checkpoint_and_is_left_as_it_is(app: PostLaunch) -> None:
    done = decided(app)
    assert done.state == "done"
    assert checkpoints_of(app, done.id) == 1
    before = app.events(done.id), app.handoffs(), app.commitments()
    assert app.advance(done.id) == done
    assert (app.events(done.id), app.handoffs(), app.commitments()) == before


def test_a_run_goes_on_in_another_process(app: PostLaunch, open_app: OpenApp) -> None:
    request = to_the_gate(app)
    other = open_app()
    other.decide(request.id, "approve", by=PERSON)
    assert other.advance(request.run).state == "done"
    assert app.run(request.run).state == "done"
    assert len(app.commitments()) == 1


def test_a_run_that_is_moved_is_running(app: PostLaunch) -> None:
    states = []
    run = app.start("sprint_planning")
    app.advance(run.id, lambda event: states.append(app_state(app, run.id)) if event.kind == "tool" else None)
    assert set(states) == {"running"}


def app_state(app: PostLaunch, run: str) -> str:
    """A run's state, read past the API: a listener runs on the API's own thread."""
    return app._inner.ledger.run(run).state


def test_what_stopped_a_run_is_stored_and_advancing_goes_on_once_it_is_mended(
    app: PostLaunch, folder: Path
) -> None:
    (folder / "reports").write_text("a file where the folder should be")
    run = app.start("sprint_planning")
    with pytest.raises(PostLaunchError, match="cannot be written"):
        app.advance(run.id)
    failed = app.run(run.id)
    assert failed.state == "failed"
    assert "reports.folder" in failed.error
    assert app.pending() == ()

    (folder / "reports").unlink()
    waiting = app.advance(run.id)
    assert (waiting.state, waiting.error, waiting.degraded) == ("waiting", "", False)
    events = app.events(run.id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.text for event in events if event.data.get("step") == "measure"] == ["measures"]


def test_a_packet_that_could_not_be_written_is_delivered_by_advancing_the_finished_run(
    app: PostLaunch, folder: Path, clock: StillClock
) -> None:
    (folder / "handoffs").write_text("a file where the folder should be")
    done = decided(app)
    assert done.state == "done"
    (folder / "handoffs").unlink()
    clock.forward(hours=1)
    app.advance(done.id)
    assert len(list((folder / "handoffs").glob("*.json"))) == len(app.handoffs()) > 0


def test_after_its_time_a_request_cannot_be_decided_and_the_run_ends_with_nothing_committed(
    app: PostLaunch, clock: StillClock
) -> None:
    request = to_the_gate(app)
    clock.forward(days=15)
    assert app.pending() == ()
    with pytest.raises(RequestExpired):
        app.decide(request.id, "approve", by=PERSON)
    assert app.advance(request.run).state == "done"
    assert (app.commitments(), app.handoffs(), app.decision(request.id)) == ((), (), None)


def test_over_newer_data_a_new_run_takes_the_place_of_the_one_that_waits(
    app: PostLaunch, open_app: OpenApp, folder: Path
) -> None:
    old = to_the_gate(app)
    with_another_ticket(folder)
    later = open_app()
    new = to_the_gate(later)
    assert new.run != old.run
    superseded = later.run(old.run)
    assert (superseded.state, superseded.superseded_by) == ("superseded", new.run)
    with pytest.raises(RequestExpired, match="superseded"):
        later.decide(old.id, "approve", by=PERSON)
    assert later.advance(old.run) == superseded
    assert later.pending() == (new,)


def test_what_a_killed_process_had_to_do_without_still_degrades_the_run(
    settings: Settings,
    open_app: OpenApp,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (folder / "tickets.csv").unlink()
    first = open_app()
    run = first.start("sprint_planning")
    with monkeypatch.context() as patched:
        patched.setattr(sprint_planning, "propose", cut)
        with pytest.raises(PowerCut):
            first.advance(run.id)
    assert first.run(run.id).problems == ()

    resumed = open_app().advance(run.id)
    assert (resumed.state, resumed.degraded) == ("waiting", True)
    assert "tickets.csv" in " ".join(resumed.problems)


def test_of_two_approved_runs_for_one_sprint_the_second_commits_nothing(
    app: PostLaunch, open_app: OpenApp, folder: Path
) -> None:
    app.decide(to_the_gate(app).id, "changes", by=PERSON, text="smaller")
    [first] = (run.id for run in app.runs())
    app.advance(first)
    with_another_ticket(folder)
    later = open_app()
    [second_round] = app.pending()
    done = decided(later)
    assert done.id != first
    later.decide(second_round.id, "approve", by=PERSON)

    with pytest.raises(AlreadyCommitted, match="this run committed nothing"):
        later.advance(first)
    assert later.run(first).state == "failed"
    assert [commitment.run for commitment in later.commitments()] == [done.id]
    assert later.handoffs(first) == ()
    assert later._inner.ledger.runs_to_go_on() == ()


def test_as_of_moves_what_is_measured_and_no_clock(app: PostLaunch, clock: StillClock) -> None:
    run = app.start("sprint_planning", as_of=datetime(2025, 11, 12, tzinfo=UTC))
    assert Window.model_validate(run.parameters["window"]).label == "2025-W45"
    assert run.created_at == clock.now
    app.advance(run.id)
    [request] = app.pending()
    assert request.requested_at == clock.now
    assert (request.expires_at - clock.now).days == 14
