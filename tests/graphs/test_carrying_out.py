"""What was decided is carried out by whoever comes next, once, before anything else is proposed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import pytest

from postlaunch.errors import PostLaunchError
from postlaunch.graphs import beside
from postlaunch.ledger.commitments import Commitments
from postlaunch.ledger.records import ApprovalRequest
from postlaunch.settings import Settings
from postlaunch.sync import PostLaunch

if TYPE_CHECKING:
    from conftest import OpenApp, SetUp

PERSON = "User"


class PowerCut(Exception):
    """The process ends here."""


FULL = PostLaunchError("the ledger cannot be written: database or disk is full")
STOPPED = pytest.mark.parametrize(("error", "state"), [(FULL, "failed"), (PowerCut(), "running")])


@pytest.fixture(autouse=True)
def planning_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nights here plan, and carry out."""
    monkeypatch.setattr("postlaunch.graphs.cadence.PERIODS", ())


@pytest.fixture
def approved(stage: SetUp, house_app: PostLaunch) -> ApprovalRequest:
    """A sprint that was proposed by night and approved by day."""
    stage()
    house_app.nightly()
    [request] = house_app.pending()
    house_app.decide(request.id, "approve", by=PERSON)
    return request


@contextmanager
def nothing_is_committed(error: Exception) -> Iterator[None]:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise error

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Commitments, "commit", refuse)
        yield


def stopped(app: PostLaunch, run: str, error: Exception) -> None:
    with nothing_is_committed(error), pytest.raises(type(error)):
        app.advance(run)


def another_ticket(house: Settings) -> None:
    """The data changes, and with it the key of the same question."""
    with (house.folder / "tickets.csv").open("a", encoding="utf-8") as file:
        file.write('3,2025-11-20T09:00:00Z,ann,Export,"Please let me export"\n')


@STOPPED
def test_the_next_night_carries_out_what_stopped_though_the_data_is_newer(
    approved: ApprovalRequest, house: Settings, open_house: OpenApp, error: Exception, state: str
) -> None:
    stopped(open_house(), approved.run, error)
    another_ticket(house)
    app = open_house()
    assert app.run(approved.run).state == state
    night = app.nightly()
    assert [(part.run, part.state) for part in night.made] == [(approved.run, "done")]
    assert (night.failed, app.pending(), len(app.runs())) == ((), (), 1)
    assert [commitment.run for commitment in app.commitments()] == [approved.run]
    assert len(app.handoffs()) == 2


@STOPPED
def test_planning_again_carries_out_what_stopped_before_anything_is_proposed(
    approved: ApprovalRequest, house: Settings, open_house: OpenApp, error: Exception, state: str
) -> None:
    stopped(open_house(), approved.run, error)
    another_ticket(house)
    app = open_house()
    assert app.run(approved.run).state == state
    assert app.advance(app.start("sprint_planning").id).id == approved.run
    assert [commitment.run for commitment in app.commitments()] == [approved.run]
    assert app.advance(app.start("sprint_planning").id).state == "waiting"
    assert "Sprint 5" in app.pending()[0].summary[0]


def test_while_it_fails_it_is_told_once_a_night_and_no_second_proposal_is_made(
    approved: ApprovalRequest, open_house: OpenApp
) -> None:
    app = open_house()
    with nothing_is_committed(FULL):
        for _ in range(2):
            [failure] = app.nightly().failed
            assert failure.what == f"sprint planning, run {approved.run}"
    assert ([run.id for run in app.runs()], app.pending()) == ([approved.run], ())


def test_a_run_that_somebody_left_half_done_is_named(
    stage: SetUp, house_app: PostLaunch, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage()

    def cut(*_: object, **__: object) -> NoReturn:
        raise PowerCut

    monkeypatch.setattr(beside, "publish_report", cut)
    run = house_app.start("weekly_report", week="2025-W45")
    with pytest.raises(PowerCut):
        house_app.advance(run.id)
    assert (
        f"weekly report, run {run.id}, was left half done: postlaunch advance {run.id} goes on with it, "
        f"postlaunch cancel {run.id} calls it off"
    ) in house_app.nightly().notes
