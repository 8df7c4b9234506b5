"""What the tracking plan should say instead: changes by rule, with what was counted, and the plan after them.

| What is found | Change |
|---|---|
| an event that the plan does not name | add it, with its properties, their types, and its events a day |
| a property that the plan does not name | add it, with its type |
| a required property that some events lack | make it optional |
| an optional property that at least 100 events on at least 7 days all have | make it required |
| values of another type | the narrowest type that every value has |
| every day, at least 7, is far below the plan's events a day, or every one far above | the days' own |
| values that look personal | the property is to be sent no more |

Nothing is removed: that something did not come is no evidence that it is not to come. An event that is not
seen, and days some of which are unusual, ask for somebody to look, and change no plan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from postlaunch.facts import Frozen
from postlaunch.sources.tracking_plan import (
    MOST_EVENTS,
    PlannedEvent,
    PlannedProperty,
    PropertyType,
    TrackingPlan,
)
from postlaunch.tools.embedded_query import Row
from postlaunch.tools.tracking_findings import PlanFinding, differences, place_of, unusual_days
from postlaunch.tools.tracking_recorded import (
    Recorded,
    event_as_recorded,
    looks_personal,
    narrowest_type,
    property_as_recorded,
)

ChangeKind = Literal[
    "add event",
    "add property",
    "make optional",
    "make required",
    "change type",
    "expect other volume",
    "stop sending",
]

LEAST_DAYS, LEAST_EVENTS = 7, 100
"""From so many whole days, and so many events, what all of them show is taken as the rule."""

LEFT_TO_PEOPLE = frozenset({"event not seen", "still sent"})
"""Findings that ask for somebody to look at what sends the events; the plan is right."""


class PlanChange(Frozen):
    """One change of the plan.

    Attributes:
        id: names it in its proposal: "T1", by its place among all that the rules propose.
        event_after: the event as it is added; None for a change of what is there.
        property_after: the property as the change leaves it, or adds it.
        a_day_after: the events a day that are expected from then on.
        because: what was counted, in words; `found` of `of`.
        facts: ids of the measured facts that it rests on.
    """

    id: str
    kind: ChangeKind
    event: str
    property: str = ""
    event_after: PlannedEvent | None = None
    property_after: PlannedProperty | None = None
    a_day_after: tuple[int, int] | None = None
    because: str
    found: int
    of: int
    facts: tuple[str, ...] = ()

    def line(self) -> str:
        """For a person: "T2 change type: login, stars: text (60 of 60 values are no integer)"."""
        what = self._what()
        return f"{self.id} {self.kind}: {place_of(self.event, self.property)}{what} ({self.because})"

    def _what(self) -> str:
        if self.event_after is not None:
            known = ", ".join(f"{one.name} {_described(one)}" for one in self.event_after.properties)
            low, high = self.event_after.a_day
            return f": {low:,} to {high:,} a day{f'; {known}' if known else ''}"
        if self.a_day_after is not None:
            return f": {self.a_day_after[0]:,} to {self.a_day_after[1]:,} a day"
        if self.property_after is not None and self.kind in ("add property", "change type"):
            return f": {_described(self.property_after)}"
        return ""


def _described(known: PlannedProperty) -> str:
    return f"{known.type}{', required' if known.required else ''}"


def proposed_changes(plan: TrackingPlan, found: Recorded) -> tuple[PlanChange, ...]:
    """What the rules would change, in the order of the plan; what is new and has room comes last."""
    known = [change for event in plan.events for change in _of_event(event, found)]
    room = MOST_EVENTS - len(plan.events)
    new = [change for event in unknown_events(plan, found)[:room] for change in _new(event, found)]
    return tuple(
        change.model_copy(update={"id": f"T{number}"}) for number, change in enumerate([*known, *new], 1)
    )


def unknown_events(plan: TrackingPlan, found: Recorded) -> tuple[str, ...]:
    """The names that the plan does not have."""
    planned = plan.by_name
    return tuple(event for event in found.a_day if event not in planned)


def left_to_people(plan: TrackingPlan, found: Recorded) -> tuple[PlanFinding, ...]:
    """The findings that change no plan: somebody is to look at what sends the events."""
    shifted = {event.name for event in plan.events if _other_level(event, found.a_day.get(event.name, []))}
    return tuple(
        finding
        for finding in differences(plan, found)
        if finding.kind in LEFT_TO_PEOPLE or (finding.kind == "volume" and finding.event not in shifted)
    )


# --- one event --------------------------------------------------------------------------------------------


def _of_event(event: PlannedEvent, found: Recorded) -> Iterator[PlanChange]:
    a_day = found.a_day.get(event.name)
    if a_day is None:
        return
    if level := _other_level(event, a_day):
        because = (
            f"all {len(a_day)} days are far from the plan's {event.a_day[0]:,} to {event.a_day[1]:,} events"
        )
        yield _change("expect other volume", event.name, because, len(a_day), len(a_day), a_day_after=level)
    rows, events = found.properties.get(event.name, {}), sum(a_day)
    for known in event.properties:
        if not known.stop:
            yield from _of_property(event.name, known, rows.get(known.name), events, found.days)
    planned = {known.name for known in event.properties}
    for name, row in rows.items():
        if name not in planned:
            yield _added(event.name, name, row, events)


def _other_level(event: PlannedEvent, a_day: list[int]) -> tuple[int, int] | None:
    """The days' own fewest and most, where every one of them is too low, or every one too high."""
    if len(a_day) < LEAST_DAYS or len(unusual_days(event, a_day)) < len(a_day):
        return None
    low, high = event.a_day
    one_way = max(a_day) < low or min(a_day) > high
    return (min(a_day), max(a_day)) if one_way else None


def _of_property(
    event: str, known: PlannedProperty, row: Row | None, events: int, days: int
) -> Iterator[PlanChange]:
    if row and looks_personal(row):
        yield _stopped(event, known, row)
        return
    filled, after, said = int(row["text"]) if row else 0, known, ""
    if row and (other := filled - int(row[known.type])):
        wider: PropertyType = narrowest_type(row)
        after = after.model_copy(update={"type": wider})
        said = f"{other:,} of {filled:,} values are no {known.type}"
        yield _change("change type", event, said, other, filled, known.name, property_after=after)
    if known.required and filled < events:
        said = f"{events - filled:,} of {events:,} events are without it"
        after = after.model_copy(update={"required": False})
        yield _change("make optional", event, said, events - filled, events, known.name, property_after=after)
    if always_there(known, filled, events, days):
        said = f"all of {events:,} events have it"
        after = after.model_copy(update={"required": True})
        yield _change("make required", event, said, filled, events, known.name, property_after=after)


def always_there(known: PlannedProperty, filled: int, events: int, days: int) -> bool:
    """Whether enough events all have an optional property."""
    optional = not known.required and not known.stop
    return optional and filled == events and events >= LEAST_EVENTS and days >= LEAST_DAYS


def _added(event: str, name: str, row: Row, events: int) -> PlanChange:
    known = property_as_recorded(name, row, events)
    if looks_personal(row):
        return _stopped(event, known, row)
    because = f"{row['text']:,} of {events:,} events have it"
    return _change("add property", event, because, row["text"], events, name, property_after=known)


def _new(event: str, found: Recorded) -> Iterator[PlanChange]:
    """An event that the plan does not name, without what looks personal; that is to stop."""
    events, rows = sum(found.a_day[event]), found.properties.get(event, {})
    whole = event_as_recorded(found, event)
    kept = tuple(known for known in whole.properties if not looks_personal(rows[known.name]))
    after = whole.model_copy(update={"properties": kept})
    yield _change("add event", event, f"{events:,} events", events, events, event_after=after)
    for known in whole.properties:
        if known not in kept:
            yield _stopped(event, known, rows[known.name])


def _stopped(event: str, known: PlannedProperty, row: Row) -> PlanChange:
    personal = max(row["emails"], row["phones"], row["tokens"])
    after = known.model_copy(update={"stop": True, "required": False})
    because = f"{personal:,} of {row['text']:,} values look personal"
    return _change("stop sending", event, because, personal, row["text"], known.name, property_after=after)


def _change(
    kind: ChangeKind,
    event: str,
    because: str,
    found: int,
    of: int,
    name: str = "",
    *,
    event_after: PlannedEvent | None = None,
    property_after: PlannedProperty | None = None,
    a_day_after: tuple[int, int] | None = None,
) -> PlanChange:
    return PlanChange(
        id="T0",
        kind=kind,
        event=event,
        property=name,
        event_after=event_after,
        property_after=property_after,
        a_day_after=a_day_after,
        because=because,
        found=found,
        of=of,
    )


# --- the plan after them ----------------------------------------------------------------------------------


def chosen(changes: Iterable[PlanChange], ids: Collection[str]) -> tuple[PlanChange, ...]:
    """The changes with these ids, in their order."""
    return tuple(change for change in changes if change.id in ids)


def fitting(changes: Sequence[PlanChange], without: Collection[str]) -> tuple[str, ...]:
    """The ids of the changes that can be made without some: not those, nor what rests on them."""
    left = [change.id for change in changes if change.id not in without]
    alone = _alone(changes, left)
    return tuple(name for name in left if name not in alone)


def unfit(changes: Sequence[PlanChange], ids: Sequence[str]) -> tuple[str, ...]:
    """What is wrong with a choice of changes, in words; empty when it can be made."""
    known = {change.id for change in changes}
    unknown = [f"there is no change {name}" for name in ids if name not in known]
    alone = [f"{name} is about an event that {added} adds" for name, added in _alone(changes, ids).items()]
    return (*dict.fromkeys(unknown), *alone)


def _alone(changes: Sequence[PlanChange], ids: Collection[str]) -> dict[str, str]:
    """The changes about a new event that is not added with them → the change that adds it."""
    added = {change.event: change.id for change in changes if change.kind == "add event"}
    return {
        change.id: added[change.event]
        for change in changes
        if change.id in ids
        and change.kind == "stop sending"
        and change.event in added
        and added[change.event] not in ids
    }


def with_changes(plan: TrackingPlan, changes: Iterable[PlanChange]) -> TrackingPlan:
    """The plan after these changes; what they do not name stays as it is."""
    events: dict[str, PlannedEvent] = dict(plan.by_name)
    for change in changes:
        if change.event_after is not None:
            events[change.event] = change.event_after
        else:
            events[change.event] = _changed(events[change.event], change)
    return TrackingPlan(events=tuple(events.values()))


def _changed(event: PlannedEvent, change: PlanChange) -> PlannedEvent:
    if change.a_day_after is not None:
        return event.model_copy(update={"a_day": change.a_day_after})
    properties: Mapping[str, PlannedProperty] = {known.name: known for known in event.properties}
    before = properties.get(change.property)
    after = change.property_after
    assert after is not None, f"{change.id} changes nothing"
    return event.model_copy(
        update={"properties": tuple({**properties, change.property: _merged(change, before, after)}.values())}
    )


def _merged(change: PlanChange, before: PlannedProperty | None, after: PlannedProperty) -> PlannedProperty:
    """What this change says of a property; of the rest what stands: another change may not be chosen."""
    if before is None:
        return after
    said: Mapping[ChangeKind, tuple[str, ...]] = {
        "change type": ("type",),
        "make optional": ("required",),
        "make required": ("required",),
        "stop sending": ("stop", "required"),
    }
    return before.model_copy(update={name: getattr(after, name) for name in said[change.kind]})
