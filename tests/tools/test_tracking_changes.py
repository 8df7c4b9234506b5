"""Each finding leads to its change by rule, with what was counted; what no rule covers is left to people."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.sources.tracking_plan import MOST_EVENTS, PlannedEvent, PlannedProperty, TrackingPlan
from postlaunch.tools.tracking_changes import (
    PlanChange,
    fitting,
    left_to_people,
    proposed_changes,
    unfit,
    with_changes,
)
from postlaunch.tools.tracking_findings import differences, place_of
from postlaunch.tools.tracking_recorded import Recorded

DAYS = 7
A_DAY = 20
EVENTS = DAYS * A_DAY


def values(text: int = EVENTS, **counted: int) -> dict[str, Any]:
    """What is counted of one property's values: how many there are, and how many of each kind."""
    kinds = ("boolean", "integer", "number", "emails", "phones", "tokens")
    return {"text": text, **dict.fromkeys(kinds, 0), **counted}


def days(properties: dict[str, dict[str, Any]], a_day: int = A_DAY, event: str = "login") -> Recorded:
    """A week of one event."""
    return Recorded(date(2025, 11, 3), date(2025, 11, 9), {event: [a_day] * DAYS}, {event: properties})


def plan(*properties: PlannedProperty, a_day: tuple[int, int] = (A_DAY, A_DAY)) -> TrackingPlan:
    event = PlannedEvent(name="login", owner="growth", a_day=a_day, properties=properties)
    return TrackingPlan(events=(event,))


def known(name: str = "stars", kind: Any = "integer", **fields: bool) -> PlannedProperty:
    return PlannedProperty(name=name, type=kind, **fields)


CASES = [
    # the plan's property, what is recorded of it, the kind of change, and the property after it
    (known(), values(integer=139, number=EVENTS), "change type", known(kind="number")),
    (known(), values(text=99, integer=98), "change type", known(kind="text")),
    (known(required=True), values(text=139, integer=139, number=139), "make optional", known()),
    (known(), values(integer=EVENTS, number=EVENTS), "make required", known(required=True)),
    (known("note", "text"), values(emails=1), "stop sending", known("note", "text", stop=True)),
]


@pytest.mark.parametrize(("before", "recorded", "kind", "after"), CASES, ids=lambda case: str(case)[:20])
def test_a_property_becomes_what_its_values_are(
    before: PlannedProperty, recorded: dict[str, Any], kind: str, after: PlannedProperty
) -> None:
    found = days({before.name: recorded})
    changes = [change for change in proposed_changes(plan(before), found) if change.kind == kind]
    assert [change.property_after for change in changes] == [after]
    assert with_changes(plan(before), changes).events[0].properties == (after,)
    assert 0 < changes[0].found <= changes[0].of


def test_names_made_of_ids_push_no_difference_of_the_plan_out_of_a_list() -> None:
    found = days({"stars": values(integer=139, number=EVENTS)})
    ids = {f"login-{number}": [1] * DAYS for number in range(300)}
    found = Recorded(found.first, found.last, {**ids, **found.a_day}, found.properties)
    kinds = [difference.kind for difference in differences(plan(known()), found)]
    assert kinds == ["other type", *["unknown event"] * 300]


def test_a_property_that_is_as_planned_or_of_few_events_is_left() -> None:
    required = known(required=True)
    assert proposed_changes(plan(required), days({"stars": values(integer=EVENTS)})) == ()
    few = days({"stars": values(text=70, integer=70)}, a_day=10)
    assert proposed_changes(plan(known(), a_day=(10, 10)), few) == ()


def test_what_the_plan_does_not_name_is_added_as_it_is_recorded_without_what_looks_personal() -> None:
    recorded = {"stars": values(integer=EVENTS, number=EVENTS), "mail": values(emails=EVENTS)}
    changes = proposed_changes(plan(), days(recorded, event="rated"))
    assert [(change.id, change.kind, change.property) for change in changes] == [
        ("T1", "add event", ""),
        ("T2", "stop sending", "mail"),
    ]
    after = with_changes(plan(), changes).by_name["rated"]
    stars = known(required=True)
    assert after == PlannedEvent(
        name="rated", a_day=(A_DAY, A_DAY), properties=(stars, known("mail", "text", stop=True))
    )
    added = proposed_changes(plan(), days(recorded))
    assert [(change.kind, change.property_after) for change in added] == [
        ("add property", stars),
        ("stop sending", known("mail", "text", stop=True)),
    ]


@pytest.mark.parametrize(("a_day", "expected"), [(9, (9, 9)), (41, (41, 41)), (10, None), (40, None)])
def test_other_volumes_are_expected_where_every_day_shows_them(
    a_day: int, expected: tuple[int, int] | None
) -> None:
    changes = proposed_changes(plan(), days({}, a_day=a_day))
    assert [change.a_day_after for change in changes] == ([expected] if expected else [])
    if expected:
        assert with_changes(plan(), changes).events[0].a_day == expected


def test_nothing_is_removed_and_what_needs_a_look_is_left_to_people() -> None:
    a_day = {"login": [A_DAY] * 6 + [0], "sent": [A_DAY] * DAYS}
    found = Recorded(date(2025, 11, 3), date(2025, 11, 9), a_day, {"sent": {"mail": values(emails=EVENTS)}})
    stopped = PlannedEvent(name="sent", a_day=(A_DAY, A_DAY), properties=(known("mail", "text", stop=True),))
    gone = PlannedEvent(name="gone", a_day=(5, 9))
    kept = TrackingPlan(events=(*plan().events, stopped, gone))
    assert proposed_changes(kept, found) == ()
    assert [(one.kind, one.event) for one in left_to_people(kept, found)] == [
        ("volume", "login"),
        ("still sent", "sent"),
        ("event not seen", "gone"),
    ]


def test_every_difference_is_changed_or_left_to_people() -> None:
    recorded = {"stars": values(text=100, integer=90), "new": values(), "mail": values(emails=1)}
    event = known(required=True)
    kept = TrackingPlan(events=(*plan(event).events, PlannedEvent(name="gone", a_day=(5, 9))))
    found = days(recorded)
    places = {place_of(one.event, one.property) for one in differences(kept, found)}
    changed = {place_of(one.event, one.property) for one in proposed_changes(kept, found)}
    left = {place_of(one.event, one.property) for one in left_to_people(kept, found)}
    assert places == changed | left


def test_no_more_names_are_added_than_a_plan_has_room_for() -> None:
    events = tuple(PlannedEvent(name=f"e{place}", a_day=(0, 1)) for place in range(MOST_EVENTS - 1))
    full = TrackingPlan(events=events)
    seen = Recorded(date(2025, 11, 3), date(2025, 11, 9), {name: [1] * DAYS for name in ("a", "b")}, {})
    added = proposed_changes(full, seen)
    assert [change.event for change in added] == ["a"]
    assert len(with_changes(full, added).events) == MOST_EVENTS


def test_a_choice_is_whole_or_refused_with_what_is_missing() -> None:
    changes = proposed_changes(plan(), days({"mail": values(emails=EVENTS)}, event="rated"))
    assert unfit(changes, ["T1"]) == unfit(changes, ["T1", "T2"]) == ()
    assert unfit(changes, ["T2", "T5"]) == ("there is no change T5", "T2 is about an event that T1 adds")
    assert fitting(changes, ["T1"]) == ()
    assert fitting(changes, ["T2"]) == ("T1",)


def test_a_change_that_is_chosen_alone_changes_nothing_else() -> None:
    before = plan(known(required=True))
    changes = proposed_changes(before, days({"stars": values(text=100, integer=90)}))
    by_kind: dict[str, PlanChange] = {change.kind: change for change in changes}
    assert with_changes(before, [by_kind["change type"]]).events[0].properties == (
        known(kind="text", required=True),
    )
    assert with_changes(before, [by_kind["make optional"]]).events[0].properties == (known(),)


@given(st.lists(st.text(min_size=1), unique=True, max_size=4))
def test_a_plan_reads_back_from_its_file_whatever_things_are_called(names: list[str]) -> None:
    events = tuple(
        PlannedEvent(name=name, owner=name, a_day=(0, 1), properties=(known(name, "text", stop=True),))
        for name in names
    )
    kept = TrackingPlan(events=events)
    assert TrackingPlan.model_validate(yaml.safe_load(kept.text())) == kept
