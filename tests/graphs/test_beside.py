"""Specialists side by side: they share a run without treading on each other, and one's failure is its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from postlaunch.api import AsyncPostLaunch
from postlaunch.errors import PostLaunchError
from postlaunch.events import Event
from postlaunch.graphs import beside
from postlaunch.graphs.advancing import STATE
from postlaunch.graphs.session import Session
from postlaunch.graphs.starting import Asked
from postlaunch.ledger.serializer import StrictSerializer
from postlaunch.settings import Settings
from postlaunch.sync import PostLaunch
from postlaunch.testing.clock import StillClock

if TYPE_CHECKING:
    from conftest import SetUp

NAMES = ("monitoring-specialist", "performance-monitor", "analytics-specialist")
EVENTS = 40


def test_they_work_at_once_and_each_publishes(stage: SetUp, house_app: PostLaunch) -> None:
    play = stage()
    run = house_app.advance(house_app.start("weekly_report").id)
    assert run.state == "done"
    assert sorted(play.published) == sorted(NAMES)


def test_events_of_three_at_once_are_numbered_without_gaps_and_seen_in_order(
    stage: SetUp, house_app: PostLaunch
) -> None:
    stage()
    seen: list[Event] = []
    run = house_app.start("weekly_report")
    house_app.advance(run.id, seen.append)
    stored = house_app.events(run.id)
    assert [event.seq for event in stored] == list(range(1, len(stored) + 1))
    assert seen == list(stored)
    counted = Counter(event.agent for event in stored if event.kind == "step" and event.text.isdigit())
    assert counted == dict.fromkeys(NAMES, EVENTS)


def test_each_ones_events_stand_under_its_own_question(stage: SetUp, house_app: PostLaunch) -> None:
    stage()
    run = house_app.start("weekly_report")
    house_app.advance(run.id)
    events = house_app.events(run.id)
    roots = {event.seq: event.agent for event in events if event.kind == "question"}
    assert sorted(roots.values()) == sorted(NAMES)
    for event in events:
        if event.parent in roots:
            assert event.agent == roots[event.parent]


def test_one_that_fails_leaves_the_others_their_work_and_alone_works_again(
    stage: SetUp, house_app: PostLaunch
) -> None:
    play = stage(fails={NAMES[2]: 1}, lasts={NAMES[0]: 0.3, NAMES[1]: 0.1})
    run = house_app.start("weekly_report")
    with pytest.raises(PostLaunchError, match="analytics-specialist stumbled"):
        house_app.advance(run.id)
    assert sorted(play.published) == sorted(NAMES[:2])
    failed = house_app.run(run.id)
    assert (failed.state, "stumbled" in failed.error) == ("failed", True)

    assert house_app.advance(run.id).state == "done"
    assert sorted(play.published) == sorted(NAMES)
    assert play.measured == {NAMES[0]: 1, NAMES[1]: 1, NAMES[2]: 2}


def test_two_that_fail_do_not_wait_for_each_other(stage: SetUp, house_app: PostLaunch) -> None:
    play = stage(fails=dict.fromkeys(NAMES[1:], 1))
    run = house_app.start("weekly_report")
    with pytest.raises(PostLaunchError, match="stumbled"):
        house_app.advance(run.id)
    assert play.published == [NAMES[0]]
    assert house_app.advance(run.id).state == "done"


def test_a_bug_in_one_leaves_the_others_their_work_too(
    stage: SetUp, house_app: PostLaunch, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = stage(lasts={NAMES[0]: 0.2, NAMES[1]: 0.2})
    run = house_app.start("weekly_report")
    with monkeypatch.context() as patched:
        patched.setattr(beside, "publish_report", broken_for(NAMES[2], play.publish))
        with pytest.raises(ZeroDivisionError):
            house_app.advance(run.id)
    assert sorted(play.published) == sorted(NAMES[:2])
    assert house_app.advance(run.id).state == "done"
    assert max(play.measured.values()) == 1


def broken_for(name: str, otherwise: Callable[..., tuple[str, ...]]) -> Callable[..., tuple[str, ...]]:
    def publish(session: Session, document: str, agent: str) -> tuple[str, ...]:
        return (str(1 / 0),) if agent == name else otherwise(session, document, agent)

    return publish


class Stop(BaseException):
    """The process is told to end."""


def test_who_is_told_to_end_waits_for_nobody(stage: SetUp, house_app: PostLaunch) -> None:
    stage(lasts=dict.fromkeys(NAMES, 0.2))

    def stop(event: Event) -> None:
        if event.text == "5":
            raise Stop

    run = house_app.start("weekly_report")
    with pytest.raises(Stop):
        house_app.advance(run.id, stop)
    assert house_app.run(run.id).state == "running"


@pytest.fixture
async def hosts_app(house: Settings, clock: StillClock) -> AsyncIterator[AsyncPostLaunch]:
    async with AsyncPostLaunch(house, clock=clock, environment={}) as opened:
        yield opened


async def test_inside_a_hosts_graph_the_first_to_ask_opens_the_session_for_all(
    stage: SetUp, hosts_app: AsyncPostLaunch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host's process ends after the first node and goes on in another: nobody has opened the run."""
    play = stage()
    saver = InMemorySaver(serde=StrictSerializer(STATE))
    graph = hosts_app.graph("weekly_report").compile(checkpointer=saver, interrupt_after=["open"])
    config: Any = {"configurable": {"thread_id": "host"}}
    left = await graph.ainvoke({"asked": Asked()}, config)
    hosts_app.services.close_session(left["run"])

    await graph.ainvoke(None, config, durability="sync")
    assert sorted(play.published) == sorted(NAMES)
    assert (await hosts_app.run(left["run"])).state == "done"
    assert hosts_app.ledger.lease_of(left["run"]) is None


def test_planning_collects_from_all_of_them_before_the_product_analyst_begins(
    stage: SetUp, house_app: PostLaunch
) -> None:
    stage()
    run = house_app.start("sprint_planning")
    assert house_app.advance(run.id).state == "waiting"
    asked = [event.agent for event in house_app.events(run.id) if event.kind == "question"]
    assert sorted(asked[:3]) == sorted(NAMES)
    assert asked[3:] == ["product-analyst"]
