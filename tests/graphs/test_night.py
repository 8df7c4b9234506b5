"""The night shift, played: what is due is done once, what fails is told, and one summary says it all."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from postlaunch.errors import SourceError
from postlaunch.graphs import catalogue
from postlaunch.graphs.night_summary import Night, NightFailure, NightPart, NightWaiting
from postlaunch.settings import Settings
from postlaunch.sync import PostLaunch
from postlaunch.testing.clock import StillClock

if TYPE_CHECKING:
    from conftest import OpenApp, SetUp

PERSON = "User"


@pytest.fixture(autouse=True)
def weekly_and_planning_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nights here are about the night; two workflows show all of it."""
    monkeypatch.setattr("postlaunch.graphs.cadence.PERIODS", _only_weeks())


def _only_weeks() -> tuple[Any, ...]:
    from postlaunch.windows import iso_week_of

    return (("weekly_report", iso_week_of, lambda cadence: cadence.catch_up_weeks),)


def made(night: Night) -> list[tuple[str, str, str]]:
    return [(part.workflow, part.period, part.state) for part in night.made]


def test_the_first_night_makes_the_newest_week_and_a_proposal_and_waits(
    stage: SetUp, house_app: PostLaunch
) -> None:
    stage()
    night = house_app.nightly()
    assert made(night) == [
        ("weekly_report", "2025-W47", "done"),
        ("sprint_planning", "2025-W47", "waiting"),
    ]
    [request] = house_app.pending()
    assert [(one.request, one.run) for one in night.waiting] == [(request.id, request.run)]
    assert "Sprint 4 of Shop" in night.waiting[0].about
    assert (night.failed, night.degraded, night.exit_code) == ((), False, 4)


def test_a_second_night_does_nothing_again_and_the_gate_stays_open(stage: SetUp, open_house: OpenApp) -> None:
    play = stage()
    open_house().nightly()
    before = dict(play.measured)
    night = open_house().nightly()
    assert made(night) == []
    assert len(night.waiting) == 1
    assert night.notes == ("sprint 4 waits for a decision: no second proposal is made",)
    assert dict(play.measured) == before


def test_missed_weeks_are_made_up_for_in_order(stage: SetUp, open_house: OpenApp, clock: StillClock) -> None:
    stage()
    clock.now = datetime(2025, 11, 4, 9, tzinfo=UTC)
    assert made(open_house().nightly()) == [("weekly_report", "2025-W44", "done")]
    clock.now = datetime(2025, 11, 25, 9, tzinfo=UTC)
    assert made(open_house().nightly()) == [
        ("weekly_report", "2025-W45", "done"),
        ("weekly_report", "2025-W46", "done"),
        ("weekly_report", "2025-W47", "done"),
        ("sprint_planning", "2025-W47", "waiting"),
    ]


def test_as_of_moves_the_calendar_and_no_clock(
    stage: SetUp, house_app: PostLaunch, clock: StillClock
) -> None:
    stage()
    night = house_app.nightly(as_of=datetime(2025, 11, 10, 1, tzinfo=UTC))
    assert made(night) == [
        ("weekly_report", "2025-W45", "done"),
        ("sprint_planning", "2025-W45", "waiting"),
    ]
    [request] = house_app.pending()
    assert request.requested_at == clock.now


def test_a_part_that_fails_is_told_and_the_others_go_on_and_the_next_night_makes_it(
    stage: SetUp, open_house: OpenApp
) -> None:
    play = stage(fails={"performance-monitor": 1})
    night = open_house().nightly()
    assert made(night) == [("sprint_planning", "2025-W47", "waiting")]
    [failure] = night.failed
    assert failure.what == "weekly report of 2025-W47"
    assert "performance-monitor stumbled" in failure.error
    assert (night.degraded, night.exit_code) == (True, 1)
    assert play.published.count("analytics-specialist") == 2

    again = open_house().nightly()
    assert made(again) == [("weekly_report", "2025-W47", "done")]
    assert again.failed == ()


def test_a_bug_in_a_part_does_not_take_the_night_with_it(
    stage: SetUp, house_app: PostLaunch, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage()

    def broken(_: object) -> Any:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setitem(catalogue.GRAPHS, "weekly_report", broken)  # type: ignore[arg-type]
    night = house_app.nightly()
    assert made(night) == [("sprint_planning", "2025-W47", "waiting")]
    [failure] = night.failed
    assert failure.error == "ZeroDivisionError: division by zero"
    assert night.exit_code == 1


def test_a_source_that_fails_degrades_the_night_and_does_not_fail_it(
    house: Settings, open_house: OpenApp
) -> None:
    """With the real monitoring-specialist."""
    (house.folder / "tickets.csv").write_text("no tickets at all")
    night = open_house().nightly()
    assert ("sprint_planning", "2025-W47", "waiting") in made(night)
    assert night.degraded
    assert any("tickets" in problem for part in night.made for problem in part.problems)


def test_what_was_decided_by_day_is_carried_out_by_night(stage: SetUp, open_house: OpenApp) -> None:
    stage()
    first = open_house()
    first.nightly()
    [request] = first.pending()
    first.decide(request.id, "approve", by=PERSON)
    night = open_house().nightly()
    assert made(night) == [("sprint_planning", "2025-W47", "done")]
    assert (night.waiting, night.exit_code) == ((), 0)
    assert len(open_house().commitments()) == 1


def test_a_gate_whose_time_is_over_is_closed_and_the_next_planning_is_made_on_its_day(
    stage: SetUp, open_house: OpenApp, clock: StillClock
) -> None:
    stage()
    open_house().nightly()
    clock.now = datetime(2025, 12, 9, 10, tzinfo=UTC)
    night = open_house().nightly()
    assert made(night) == [
        ("sprint_planning", "2025-W47", "superseded"),
        ("sprint_planning", "2025-W47", "waiting"),
    ]
    assert [request.run for request in open_house().pending()] == [night.made[1].run]


def test_an_event_that_waits_is_taken_first(
    stage: SetUp, house_app: PostLaunch, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage()
    house_app.nightly()
    [request] = house_app.pending()
    house_app.decide(request.id, "reject", by=PERSON)
    told: dict[str, Any] = {
        "kind": "decision", "at": "2025-11-25T08:00:00Z", "body": {"request": request.id},
    }  # fmt: skip
    with monkeypatch.context() as patched:
        patched.setattr("postlaunch.graphs.operations.advance_run", _dies)
        with pytest.raises(Dies):
            house_app.ingest(told)
    night = house_app.nightly()
    assert made(night) == [("sprint_planning", "2025-W47", "done")]
    assert house_app.signals() == ()


class Dies(BaseException):
    """The process ends here."""


def _dies(*_: object, **__: object) -> Any:
    raise Dies


def test_two_nights_at_once_do_nothing_twice(stage: SetUp, open_house: OpenApp) -> None:
    play = stage(lasts=dict.fromkeys(("monitoring-specialist", "analytics-specialist"), 0.3))
    nights: list[Night] = []
    apps = [open_house(), open_house()]
    workers = [threading.Thread(target=lambda app=app: nights.append(app.nightly())) for app in apps]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    runs = open_house().runs()
    assert sorted((run.workflow, run.state) for run in runs) == [
        ("sprint_planning", "waiting"),
        ("weekly_report", "done"),
    ]
    assert dict(play.measured) == dict.fromkeys(play.names, 2)
    parts = [part for night in nights for part in made(night) if part[0] == "weekly_report"]
    assert len(parts) == 1
    assert [night.failed for night in nights] == [(), ()]


def test_ticks_of_a_night_that_died_are_left_and_the_calendar_is_asked_anew(
    stage: SetUp, open_house: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage()
    with monkeypatch.context() as patched:
        patched.setattr("postlaunch.graphs.operations.advance_run", _dies)
        with pytest.raises(Dies):
            open_house().nightly()
    night = open_house().nightly()
    assert [part[0] for part in made(night)] == ["weekly_report", "sprint_planning"]
    assert open_house().signals() == ()


# --- the exit code ----------------------------------------------------------------------------------------

NOW = datetime(2025, 11, 25, tzinfo=UTC)
WHOLE = NightPart(workflow="weekly_report", period="2025-W47", run="R1", state="done")
DEGRADED = WHOLE.model_copy(update={"degraded": True})
WAITING = NightWaiting(request="Q1", run="R1", about="Sprint 4", expires_at=NOW)
BROKEN = NightFailure(what="a", error="b")
SOURCE = NightFailure(what="a", error="b", exit_code=SourceError.exit_code)


@pytest.mark.parametrize(
    ("parts", "failed", "waiting", "code", "degraded"),
    [
        ((), (), (), 0, False),
        ((WHOLE,), (), (), 0, False),
        ((DEGRADED,), (), (), 3, True),
        ((WHOLE,), (SOURCE,), (), 3, True),
        ((WHOLE,), (), (WAITING,), 4, False),
        ((DEGRADED,), (), (WAITING,), 4, True),
        ((WHOLE,), (SOURCE,), (WAITING,), 4, True),
        ((WHOLE,), (BROKEN,), (WAITING,), 1, True),
    ],
)
def test_the_exit_code(parts: Any, failed: Any, waiting: Any, code: int, degraded: bool) -> None:
    night = Night(at=NOW, made=parts, failed=failed, waiting=waiting)
    assert (night.exit_code, night.degraded) == (code, degraded)


def test_a_night_whose_data_is_overdue_does_not_end_as_if_nothing_were_wrong() -> None:
    night = Night(at=NOW, made=(WHOLE,), late="requests end at noon")
    assert (night.exit_code, night.degraded) == (3, True)
