"""Approved items on their way: to handlers, to several places at once, and back as deployed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from postlaunch import AsyncPostLaunch, HandOff, PostLaunch
from postlaunch.errors import UsageError
from postlaunch.ledger.gate_records import AmendmentKind
from postlaunch.ledger.records import RunRecord
from postlaunch.settings import Settings
from postlaunch.settings_handoffs import GitHubTrackerSettings, HandOffs
from postlaunch.testing import FakeGitHub, StillClock
from postlaunch.testing.fake_service import Reply

PERSON = "User"
OpenApp = Callable[[], PostLaunch]


@pytest.fixture
def house(house: Settings) -> Settings:
    """The small application without its requests: planning alone is quick."""
    sources = house.sources.model_copy(update={"requests": None})
    return house.model_copy(update={"sources": sources})


def commit(app: PostLaunch) -> RunRecord:
    """Plan a sprint and approve it."""
    run = app.advance(app.start("sprint_planning").id)
    [request] = app.pending()
    app.decide(request.id, "approve", by=PERSON)
    return app.advance(run.id)


# --- handlers ---------------------------------------------------------------------------------------------


def test_a_handler_gets_each_hand_off_of_its_phase_once(house_app: PostLaunch) -> None:
    got: list[HandOff] = []
    house_app.on_handoff(3, got.append)
    run = commit(house_app)
    assert got == list(house_app.handoffs(run.id))
    assert {one.item for one in got} == {"dark-mode", "export"}
    house_app.deliver()
    house_app.advance(run.id)
    assert len(got) == 2


def test_a_handler_of_another_phase_gets_nothing(house_app: PostLaunch) -> None:
    got: list[HandOff] = []
    house_app.on_handoff(1, got.append)
    commit(house_app)
    assert got == []
    assert house_app.undelivered() == ()


def test_a_handler_that_raises_is_given_it_again_and_holds_up_nothing(
    house_app: PostLaunch, clock: StillClock, house: Settings
) -> None:
    calls: list[str] = []

    def handler(handoff: HandOff) -> None:
        calls.append(handoff.key)
        if calls.count(handoff.key) == 1 and handoff.item == "export":
            raise LookupError("no such board")

    house_app.on_handoff(3, handler)
    commit(house_app)
    assert len(list((house.folder / "handoffs").glob("*.md"))) == 2
    [left] = house_app.undelivered()
    assert "raised LookupError: no such board" in left.error
    house_app.deliver()
    assert len(calls) == 2
    clock.forward(minutes=1)
    [arrived] = house_app.deliver().arrived
    assert arrived.payload == left.payload
    assert len(calls) == 3
    assert calls[-1] in calls[:2]
    assert house_app.undelivered() == ()


def test_a_handler_gets_what_another_process_committed(open_house: OpenApp) -> None:
    got: list[HandOff] = []
    run = commit(open_house())
    other = open_house()
    other.on_handoff(3, got.append)
    other.deliver()
    assert got == list(other.handoffs(run.id))


def test_a_process_without_the_handler_leaves_its_messages_alone(
    open_house: OpenApp, clock: StillClock
) -> None:
    got: list[HandOff] = []

    def busy(handoff: HandOff) -> None:
        raise RuntimeError("busy")

    first = open_house()
    first.on_handoff(3, busy)
    commit(first)
    before = first.undelivered()
    clock.forward(minutes=1)
    assert open_house().deliver().failed == ()
    assert first.undelivered() == before
    third = open_house()
    third.on_handoff(3, got.append)
    third.deliver()
    assert len(got) == 2


class Killed(BaseException):
    """As if the process had died: nothing is noted."""


def test_what_a_process_took_that_died_is_given_to_the_next_with_the_same_key(
    open_house: OpenApp, clock: StillClock
) -> None:
    acted: list[str] = []

    def act_and_die(handoff: HandOff) -> None:
        acted.append(handoff.key)
        raise Killed

    commit(open_house())
    first, second = open_house(), open_house()
    first.on_handoff(3, act_and_die)
    with pytest.raises(Killed):
        first.deliver()
    second.on_handoff(3, lambda handoff: acted.append(handoff.key))
    second.deliver()
    assert len(acted) == 2  # the other one; the first is claimed still
    clock.forward(minutes=4)
    second.deliver()
    assert len(acted) == 3
    assert acted[2] == acted[0]
    assert second.undelivered() == ()


def test_a_handler_may_leave_out_what_is_older(open_house: OpenApp, clock: StillClock) -> None:
    got: list[HandOff] = []
    commit(open_house())
    other = open_house()
    other.on_handoff(3, got.append, since=clock() + timedelta(seconds=1))
    other.deliver()
    assert got == []


def test_an_async_handler_of_the_plain_api_is_awaited(house_app: PostLaunch) -> None:
    got: list[str] = []

    async def handler(handoff: HandOff) -> None:
        await asyncio.sleep(0)
        got.append(handoff.item)

    house_app.on_handoff(3, handler)
    commit(house_app)
    assert sorted(got) == ["dark-mode", "export"]


async def test_an_async_handler_runs_in_the_loop_it_was_registered_in(
    house: Settings, clock: StillClock
) -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def handler(handoff: HandOff) -> None:
        await asyncio.sleep(0)
        loops.append(asyncio.get_running_loop())

    async with AsyncPostLaunch(house, clock=clock, environment={}) as app:
        app.on_handoff(3, handler)
        run = await app.advance((await app.start("sprint_planning")).id)
        [request] = await app.pending()
        await app.decide(request.id, "approve", by=PERSON)
        await app.advance(run.id)
    assert loops == [asyncio.get_running_loop()] * 2


def test_one_phase_has_one_handler_and_no_phase_4_has_any(house_app: PostLaunch) -> None:
    house_app.on_handoff(3, lambda handoff: None)
    with pytest.raises(UsageError, match="has a handler already"):
        house_app.on_handoff(3, lambda handoff: None)
    with pytest.raises(UsageError, match="no phase 4"):
        house_app.on_handoff(4, lambda handoff: None)
    with pytest.raises(UsageError, match="no time zone"):
        house_app.on_handoff(2, lambda handoff: None, since=datetime(2026, 1, 1))  # noqa: DTZ001


def call_off(app: PostLaunch, *, keep: tuple[str, ...] = ()) -> None:
    """Take items out of the sprint, or call it off."""
    [commitment] = app.commitments()
    kind: AmendmentKind = "amend" if keep else "revoke"
    request = app.amend(commitment.id, kind, items=keep, by="ana", reason="no budget")
    app.decide(request.id, "approve", by=PERSON)


def test_a_handler_is_told_once_what_of_its_own_is_called_off(house_app: PostLaunch) -> None:
    got: list[HandOff] = []
    house_app.on_handoff(3, got.append)
    commit(house_app)
    [dark, export] = sorted(got, key=lambda one: one.item)
    got.clear()
    call_off(house_app, keep=("export",))
    for _ in range(2):
        house_app.deliver()
    [told] = got
    assert (told.called_off, told.item, told.phase) == (dark.id, "dark-mode", 3)
    assert (told.packet["by"], told.packet["reason"]) == (PERSON, "no budget")
    assert told.key.startswith(f"{dark.key}/called-off/")
    assert (dark.called_off, export.called_off) == ("", "")
    call_off(house_app)
    house_app.deliver()
    assert [one.called_off for one in got] == [dark.id, export.id]
    assert house_app.audit().problems == ()


def test_what_came_back_is_handed_over_again_and_called_off_by_itself(
    house_app: PostLaunch, clock: StillClock
) -> None:
    got: list[HandOff] = []
    house_app.on_handoff(3, got.append)
    commit(house_app)
    for keep in (("export",), ("export", "dark-mode"), ("export",)):
        clock.forward(minutes=1)
        call_off(house_app, keep=keep)
        house_app.deliver()
    dark = [one for one in got if one.item == "dark-mode"]
    assert [one.called_off for one in dark] == ["", dark[0].id, "", dark[2].id]
    assert len({one.key for one in dark}) == 4
    assert house_app.audit().problems == ()


def test_what_was_called_off_before_a_handler_had_it_is_never_given(
    open_house: OpenApp, clock: StillClock
) -> None:
    """Where it raised it may have begun, and is told."""
    calls: list[HandOff] = []

    def busy(handoff: HandOff) -> None:
        calls.append(handoff)
        if not handoff.called_off:
            raise RuntimeError("busy")

    first = open_house()
    first.on_handoff(3, busy)
    run = commit(first)
    begun = {one.id for one in calls}
    call_off(first)
    clock.forward(minutes=2)
    first.deliver()
    assert {one.called_off for one in calls[2:]} == begun == {one.id for one in first.handoffs(run.id)}
    assert len(calls) == 4
    assert first.undelivered() == ()


def test_a_handler_that_comes_later_gets_nothing_of_what_was_called_off(open_house: OpenApp) -> None:
    got: list[HandOff] = []
    commit(open_house())
    call_off(open_house(), keep=("export",))
    other = open_house()
    other.on_handoff(3, got.append)
    other.deliver()
    assert [(one.item, one.called_off) for one in got] == [("export", "")]


# --- several ways at once ---------------------------------------------------------------------------------


def test_hand_offs_go_to_files_and_to_github_at_once_and_a_failing_way_holds_up_no_other(
    house: Settings, clock: StillClock
) -> None:
    with FakeGitHub() as github:
        chosen = GitHubTrackerSettings(repository=github.repository, base_url=github.base_url)
        ways = HandOffs(deliver=("file", "github"), github=chosen)
        settings = house.model_copy(update={"handoffs": ways})
        github.replies = [Reply(403, {"message": "rate limit"}, {"Retry-After": "600"})] * 2
        environment = {"GITHUB_TOKEN": github.token}
        with PostLaunch(settings, clock=clock, environment=environment) as app:
            commit(app)
            assert len(list((house.folder / "handoffs").glob("*.json"))) == 2
            assert github.issues == []
            clock.forward(minutes=10)
            assert len(app.deliver().arrived) == 2
            addresses = app.handoff_addresses()
            assert [addresses[one.id] for one in app.handoffs()] == [
                next(issue["html_url"] for issue in github.issues if issue["title"] == one.packet["title"])
                for one in app.handoffs()
            ]
    assert sorted(issue["title"] for issue in github.issues) == ["Dark mode", "Export"]
    assert {issue["milestone"]["title"] for issue in github.issues} == {"Sprint 4"}


def test_another_way_for_one_phase_is_taken(house: Settings, clock: StillClock) -> None:
    settings = house.model_copy(update={"handoffs": HandOffs(phases={"3": ()})})
    with PostLaunch(settings, clock=clock, environment={}) as app:
        commit(app)
        assert len(app.handoffs()) == 2
    assert not Path(house.folder / "handoffs").exists()


# --- deployed ---------------------------------------------------------------------------------------------


@pytest.fixture
def committed(house_app: PostLaunch) -> HandOff:
    commit(house_app)
    return house_app.handoffs()[0]


def test_what_went_live_is_recorded_and_posted_once(
    house_app: PostLaunch, committed: HandOff, clock: StillClock
) -> None:
    clock.forward(days=3)
    told = [house_app.deployed(committed.id[:6], version="1.1.0") for _ in range(2)]
    clock.forward(days=1)
    told.append(house_app.deployed(committed.id, version="1.1.0"))
    assert told == [house_app.deployments()[0]] * 3
    assert (told[0].handoff, told[0].version) == (committed.id, "1.1.0")
    [signal] = house_app.signals()
    assert signal.kind == "deployment"
    assert signal.body["version"] == "1.1.0"


def test_a_later_version_is_recorded_beside_the_first(
    house_app: PostLaunch, committed: HandOff, clock: StillClock
) -> None:
    house_app.deployed(committed.id, version="1.1.0")
    clock.forward(days=1)
    house_app.deployed(committed.id, version="1.1.1")
    assert [one.version for one in house_app.deployments()] == ["1.1.0", "1.1.1"]


def test_what_cannot_be_is_refused_and_nothing_is_stored(
    house_app: PostLaunch, committed: HandOff, clock: StillClock
) -> None:
    with pytest.raises(UsageError, match="there is no hand-off H-none"):
        house_app.deployed("H-none", version="1.1.0")
    with pytest.raises(UsageError, match="is no version"):
        house_app.deployed(committed.id, version=" ")
    with pytest.raises(UsageError, match="has not come yet"):
        house_app.deployed(committed.id, version="1.1.0", at=clock() + timedelta(days=1))
    with pytest.raises(UsageError, match=r"before .* was approved"):
        house_app.deployed(committed.id, version="1.1.0", at=clock() - timedelta(days=1))
    with pytest.raises(UsageError, match="no time zone"):
        house_app.deployed(committed.id, version="1.1.0", at=datetime(2026, 1, 1))  # noqa: DTZ001
    assert house_app.deployments() == ()


def test_another_moment_for_what_is_recorded_is_refused(
    house_app: PostLaunch, committed: HandOff, clock: StillClock
) -> None:
    at = clock()
    clock.forward(days=1)
    house_app.deployed(committed.id, version="1.1.0", at=at)
    assert house_app.deployed(committed.id, version="1.1.0", at=at.astimezone(UTC)).at == at
    with pytest.raises(UsageError, match="already"):
        house_app.deployed(committed.id, version="1.1.0", at=clock())
