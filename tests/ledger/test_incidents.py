"""Incidents are numbered once and known again by their span; action items stay until they are closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from postlaunch.errors import LeaseLost, UsageError
from postlaunch.ledger.incidents import incident_key
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import ActionDraft, IncidentRecord, Lease
from postlaunch.testing.clock import StillClock
from postlaunch.testing.crashpoints import ForkServer

START = datetime(2025, 11, 18, 22, 15, tzinfo=UTC)
KEY = "incident/Shop/2025-11-18T22:15Z"
BODY = {"severity": "SEV-2", "end": "2025-11-18T22:23:00+00:00"}

Open = Callable[..., IncidentRecord]


@pytest.fixture
def open_at(ledger: Ledger, lease: Lease) -> Open:
    """Opens an incident that starts at a moment and lasts so many minutes."""

    def opened(start: datetime = START, minutes: int = 8, application: str = "Shop") -> IncidentRecord:
        body = {"severity": "SEV-2", "end": (start + timedelta(minutes=minutes)).isoformat()}
        return ledger.open_incident(lease, incident_key(application, start), start.year, body)

    return opened


@pytest.fixture
def incident(open_at: Open) -> IncidentRecord:
    return open_at()


def action(key: str = "alert", owner: str = "monitoring-specialist", due: str = "2025-11-20") -> ActionDraft:
    return ActionDraft(key=key, owner=owner, action=f"Do {key}", due=date.fromisoformat(due))


def test_the_key_names_the_application_and_the_minute_in_utc() -> None:
    there = datetime.fromisoformat("2025-11-18T14:15:40-08:00")
    assert incident_key("Shop", there) == KEY
    assert incident_key("A/B", there) == "incident/A/B/2025-11-18T22:15Z"


def test_an_incident_is_opened_under_the_first_number_of_its_year(
    ledger: Ledger, incident: IncidentRecord, lease: Lease, clock: StillClock
) -> None:
    assert (incident.id, incident.key, incident.application) == ("INC-2025-001", KEY, "Shop")
    assert (incident.severity, incident.status, incident.run) == ("SEV-2", "open", lease.run)
    assert (incident.started_at, incident.opened_at, incident.resolved_at) == (START, clock(), None)
    assert incident.ended_at == START + timedelta(minutes=8)
    assert ledger.incident("INC-2025-001") == incident


def test_opening_again_gives_the_first_and_writes_nothing(
    ledger: Ledger, lease: Lease, incident: IncidentRecord
) -> None:
    assert ledger.open_incident(lease, KEY, 2025, {"severity": "SEV-1"}) == incident
    assert ledger.incidents() == (incident,)


@pytest.mark.parametrize(
    ("shift", "minutes"),
    [(-1, 3), (2, 3), (7, 20), (-20, 60), (-20, 15), (13, 4)],
    ids=["begins before", "inside", "goes on", "around", "five minutes before", "five minutes after"],
)
def test_a_spell_that_overlaps_or_touches_a_known_incident_is_that_incident(
    ledger: Ledger, incident: IncidentRecord, open_at: Open, shift: int, minutes: int
) -> None:
    assert open_at(START + timedelta(minutes=shift), minutes) == incident
    assert len(ledger.incidents()) == 1


def test_spells_apart_are_incidents_apart_and_numbers_follow(ledger: Ledger, open_at: Open) -> None:
    first, second = open_at(), open_at(START + timedelta(minutes=14))
    assert (first.id, second.id) == ("INC-2025-001", "INC-2025-002")
    assert ledger.incidents() == (second, first)


def test_numbers_count_by_application_and_by_year(open_at: Open) -> None:
    open_at()
    assert open_at(application="Till").id == "INC-2025-001"
    assert open_at(START + timedelta(days=60)).id == "INC-2026-001"
    assert open_at(START + timedelta(days=1)).id == "INC-2025-002"


def test_one_id_of_two_applications_needs_the_application_named(ledger: Ledger, open_at: Open) -> None:
    shop, till = open_at(), open_at(application="Till")
    with pytest.raises(UsageError, match="several applications: Shop, Till"):
        ledger.incident("INC-2025-001")
    assert ledger.incident("INC-2025-001", application="Till") == till
    assert ledger.incident("INC-2025-001", application="Shop") == shop


def test_the_thousandth_incident_has_a_number_too(ledger: Ledger, lease: Lease, open_at: Open) -> None:
    from sqlalchemy import update

    from postlaunch.ledger.tables import incidents

    open_at()
    with ledger._database.write() as connection:
        connection.execute(update(incidents).values(number=999, id="INC-2025-999"))
    assert open_at(START + timedelta(days=1)).id == "INC-2025-1000"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "sprint/Shop/4",
        "incident/2025-11-18T22:15Z",
        "incident/Shop/today",
        "incident/Shop/2025-11-18T22:15",
    ],
)
def test_what_is_no_key_is_refused_with_what_one_looks_like(ledger: Ledger, lease: Lease, key: str) -> None:
    with pytest.raises(UsageError, match="no key of an incident") as refused:
        ledger.open_incident(lease, key, 2025, {})
    assert "incident_key" in refused.value.remedy
    assert ledger.incidents() == ()


def test_a_moment_without_a_zone_is_refused(ledger: Ledger, lease: Lease) -> None:
    with pytest.raises(UsageError, match="2025-11-18T22:23:00"):
        ledger.open_incident(lease, KEY, 2025, {"end": "2025-11-18T22:23:00"})


def test_what_is_found_replaces_what_was_known_and_resolves(
    ledger: Ledger, lease: Lease, incident: IncidentRecord
) -> None:
    found = {"severity": "SEV-3", "resolved_at": "2025-11-18T14:23:00-08:00", "cause": "pool"}
    changed = ledger.update_incident(lease, incident.id, status="resolved", body=found)
    assert (changed.status, changed.severity, changed.body) == ("resolved", "SEV-3", found)
    assert changed.resolved_at == START + timedelta(minutes=8)
    assert changed.ended_at == incident.ended_at
    assert ledger.incident(incident.id) == changed
    assert (ledger.incidents("open"), ledger.incidents("resolved")) == ((), (changed,))


def test_an_incident_is_resolved_now_where_nothing_says_when_and_can_open_again(
    ledger: Ledger, lease: Lease, incident: IncidentRecord, clock: StillClock
) -> None:
    clock.forward(hours=1)
    resolved = ledger.update_incident(lease, incident.id, status="resolved", body={})
    assert resolved.resolved_at == clock()
    assert ledger.update_incident(lease, incident.id, status="open", body={}).resolved_at is None


def test_an_incident_that_goes_on_reaches_as_far_as_it_was_seen(
    ledger: Ledger, lease: Lease, open_at: Open
) -> None:
    going = ledger.open_incident(lease, KEY, 2025, {"seen_until": "2025-11-18T22:30:00Z"})
    assert open_at(START + timedelta(minutes=18)).id == going.id
    seen = {"seen_until": "2025-11-18T23:30:00Z"}
    ledger.update_incident(lease, going.id, status="open", body=seen)
    assert open_at(START + timedelta(minutes=70)).id == going.id
    assert open_at(START + timedelta(minutes=90)).id == "INC-2025-002"


def test_an_unknown_incident_is_told(ledger: Ledger, lease: Lease) -> None:
    for ask in (
        lambda: ledger.incident("INC-2025-009"),
        lambda: ledger.update_incident(lease, "INC-2025-009", status="open", body={}),
        lambda: ledger.put_action_items(lease, "INC-2025-009", [action()]),
    ):
        with pytest.raises(UsageError, match='no incident "INC-2025-009"'):
            ask()


def test_a_lost_lease_opens_and_changes_nothing(
    ledger: Ledger, lease: Lease, incident: IncidentRecord
) -> None:
    ledger.release(lease)
    for write in (
        lambda: ledger.open_incident(lease, incident_key("Shop", START + timedelta(days=1)), 2025, {}),
        lambda: ledger.update_incident(lease, incident.id, status="resolved", body={}),
        lambda: ledger.put_action_items(lease, incident.id, [action()]),
    ):
        with pytest.raises(LeaseLost):
            write()
    assert ledger.incidents() == (incident,)
    assert ledger.action_items() == ()


# --- action items -----------------------------------------------------------------------------------------


def test_action_items_are_numbered_under_their_incident_and_listed_by_due_date(
    ledger: Ledger, lease: Lease, incident: IncidentRecord
) -> None:
    put = ledger.put_action_items(
        lease, incident.id, [action("load test", due="2025-11-25"), action("alert", due="2025-11-20")]
    )
    assert [item.id for item in put] == ["INC-2025-001-1", "INC-2025-001-2"]
    assert {item.incident for item in put} == {incident.id}
    assert ledger.action_items() == (put[1], put[0])
    assert ledger.action_items(incident="INC-2025-002") == ()


def test_an_item_put_again_stays_as_the_person_was_told(
    ledger: Ledger, lease: Lease, incident: IncidentRecord
) -> None:
    first = ledger.put_action_items(lease, incident.id, [action()])
    again = ledger.put_action_items(
        lease, incident.id, [action(owner="team", due="2026-01-01"), action("review")]
    )
    assert again[0] == first[0]
    assert [item.key for item in again] == ["alert", "review"]


def test_a_person_closes_an_item_without_a_lease(
    ledger: Ledger, lease: Lease, incident: IncidentRecord, clock: StillClock
) -> None:
    ledger.put_action_items(lease, incident.id, [action(), action("review")])
    ledger.release(lease)
    closed = ledger.close_action_item("INC-2025-001-1", by=" Ada ", note="in the dashboards", at=clock())
    assert (closed.status, closed.closed_by, closed.note) == ("closed", "Ada", "in the dashboards")
    assert closed.closed_at == clock()
    assert [item.key for item in ledger.action_items("open")] == ["review"]
    assert ledger.action_items("closed") == (closed,)


def test_the_first_closing_stands(
    ledger: Ledger, lease: Lease, incident: IncidentRecord, clock: StillClock
) -> None:
    ledger.put_action_items(lease, incident.id, [action()])
    first = ledger.close_action_item("INC-2025-001-1", by="Ada", note="done", at=clock())
    assert ledger.close_action_item("INC-2025-001-1", by="Bob", note="mine", at=clock()) == first


def test_nobody_closes_nothing(
    ledger: Ledger, lease: Lease, incident: IncidentRecord, clock: StillClock
) -> None:
    ledger.put_action_items(lease, incident.id, [action()])
    with pytest.raises(UsageError, match="nobody is named"):
        ledger.close_action_item("INC-2025-001-1", by=" ", note="", at=clock())
    with pytest.raises(UsageError, match='no action item "INC-2025-001-9"'):
        ledger.close_action_item("INC-2025-001-9", by="Ada", note="", at=clock())
    assert [item.status for item in ledger.action_items()] == ["open"]


def test_one_item_of_two_applications_needs_the_application_named(
    ledger: Ledger, lease: Lease, open_at: Open, clock: StillClock
) -> None:
    for application in ("Shop", "Till"):
        opened = open_at(application=application)
        ledger.put_action_items(lease, opened.id, [action()], application=application)
    with pytest.raises(UsageError, match="several applications"):
        ledger.close_action_item("INC-2025-001-1", by="Ada", note="", at=clock())
    ledger.close_action_item("INC-2025-001-1", by="Ada", note="", at=clock(), application="Till")
    assert [item.application for item in ledger.action_items("open")] == ["Shop"]


@pytest.mark.crash
def test_twelve_processes_that_open_one_incident_give_it_one_number(
    path: Path, ledger: Ledger, forks: ForkServer, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    children = [
        forks.start("open_incident", path=str(path), key=KEY, run=f"run {n}", go=str(go)) for n in range(12)
    ]
    go.touch()
    outcomes = [child.wait() for child in children]
    assert [outcome.message for outcome in outcomes if outcome.error] == []
    assert {outcome.result for outcome in outcomes} == {"INC-2025-001"}
    assert len(ledger.incidents()) == 1
