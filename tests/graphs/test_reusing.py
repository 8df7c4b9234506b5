"""A planning takes up the weekly reports of its week, where nothing has changed since."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from postlaunch.ledger.incidents import incident_key
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import ActionDraft
from postlaunch.settings import Settings
from postlaunch.sync import PostLaunch
from postlaunch.windows import system_clock

if TYPE_CHECKING:
    from conftest import OpenApp, SetUp


def planned(app: PostLaunch, **asked: object) -> list[str]:
    """Plan; gives what the specialists took up."""
    run = app.advance(app.start("sprint_planning", **asked).id)  # type: ignore[arg-type]
    assert run.state == "waiting"
    return sorted(event.agent for event in app.events(run.id) if "taken_up" in event.data)


def test_what_the_weekly_report_found_is_taken_up_and_published_again(
    stage: SetUp, house_app: PostLaunch
) -> None:
    play = stage()
    weekly = house_app.advance(house_app.start("weekly_report").id)
    assert planned(house_app) == sorted(play.names)
    assert max(play.measured.values()) == 1
    assert len(play.published) == 6
    [planning] = [run for run in house_app.runs() if run.workflow == "sprint_planning"]
    documents = house_app._inner.ledger.document
    for name in play.names:
        assert documents(planning.id, f"{name}/findings") == documents(weekly.id, f"{name}/findings")


def test_without_a_weekly_report_they_work(stage: SetUp, house_app: PostLaunch) -> None:
    play = stage()
    assert planned(house_app) == []
    assert set(play.measured.values()) == {1}


def test_over_newer_data_they_work_again(stage: SetUp, open_house: OpenApp, house: Settings) -> None:
    play = stage()
    first = open_house()
    first.advance(first.start("weekly_report").id)
    with (house.folder / "tickets.csv").open("a") as file:
        file.write('3,2025-11-20T09:00:00Z,max,Export,"An export, please"\n')
    assert planned(open_house()) == []
    assert set(play.measured.values()) == {2}


def test_for_another_week_they_work_again(stage: SetUp, house_app: PostLaunch) -> None:
    stage()
    house_app.advance(house_app.start("weekly_report", week="2025-W46").id)
    assert planned(house_app) == []


def test_after_an_incident_was_opened_the_health_is_looked_at_again(
    stage: SetUp, house_app: PostLaunch, house: Settings
) -> None:
    stage()
    run = house_app.advance(house_app.start("weekly_report").id)
    with Ledger.open(house.ledger_place({}), system_clock) as ledger:
        lease = ledger.take_lease(run.id, "a test", 60)
        start = datetime(2025, 11, 18, 22, 15, tzinfo=UTC)
        ledger.open_incident(lease, incident_key("Shop", start), 2025, {"severity": "SEV-2"})
        ledger.release(lease)
    assert planned(house_app) == ["analytics-specialist", "performance-monitor"]


def test_after_an_action_item_was_closed_the_health_alone_is_looked_at_again(
    stage: SetUp, house_app: PostLaunch, house: Settings
) -> None:
    stage()
    earlier = house_app.advance(house_app.start("weekly_report", week="2025-W46").id)
    with Ledger.open(house.ledger_place({}), system_clock) as ledger:
        lease = ledger.take_lease(earlier.id, "a test", 60)
        start = datetime(2025, 11, 18, 22, 15, tzinfo=UTC)
        incident = ledger.open_incident(lease, incident_key("Shop", start), 2025, {"severity": "SEV-2"})
        draft = ActionDraft(key="alert", owner="ana", action="Add an alert", due=date(2025, 11, 20))
        [item] = ledger.put_action_items(lease, incident.id, [draft])
        ledger.release(lease)
    house_app.advance(house_app.start("weekly_report").id)
    house_app.close_action_item(item.id, by="ana")
    assert planned(house_app) == ["analytics-specialist", "performance-monitor"]
