"""The tracking plan against the data: where they differ, event by event, with counts and without a value."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from postlaunch.facts import Frozen
from postlaunch.sources.events import EventLog
from postlaunch.sources.tracking_plan import PlannedEvent, PlannedProperty, TrackingPlan
from postlaunch.tools.embedded_query import Row
from postlaunch.tools.measurement import Limits
from postlaunch.tools.tracking_recorded import PERSONAL, Recorded, last_days, recorded

Kind = Literal[
    "unknown event",
    "event not seen",
    "unknown property",
    "missing property",
    "other type",
    "volume",
    "personal data",
    "still sent",
]

FEWER, MORE = 0.5, 2.0
"""A day is unusual with less than half of the plan's fewest events a day, or more than twice its most."""

FEW = 10
"""Days with fewer events than this, in the plan and since, are not compared."""


class PlanFinding(Frozen):
    """One place where data and plan differ; it holds no value of a property.

    Attributes:
        looks_like: of personal data, what the values look like.
        found, of: how many events, values or days, of how many.
    """

    kind: Kind
    event: str
    property: str = ""
    looks_like: str = ""
    owner: str = ""
    found: int
    of: int
    told: str


def checked(plan: TrackingPlan, log: EventLog, days: int, limits: Limits) -> tuple[PlanFinding, ...]:
    """Where the last whole days of the data differ from the plan.

    Raises:
        SourceError: the events cannot be read.
        UsageError: there is no whole day.
    """
    return differences(plan, recorded(log, *last_days(log, days), limits))


def differences(plan: TrackingPlan, found: Recorded) -> tuple[PlanFinding, ...]:
    """Where what is recorded differs from the plan: the plan's events, personal data, then unknown events, of
    which there may be any number."""
    planned = plan.by_name
    unknown = (
        PlanFinding(
            kind="unknown event",
            event=event,
            found=sum(a_day),
            of=sum(a_day),
            told=f"{sum(a_day):,} events that the plan does not name",
        )
        for event, a_day in found.a_day.items()
        if event not in planned
    )
    return (
        *(finding for event in plan.events for finding in _of_event(event, found)),
        *_personal(found, planned),
        *unknown,
    )


def _of_event(event: PlannedEvent, found: Recorded) -> Iterator[PlanFinding]:
    a_day = found.a_day.get(event.name)
    if a_day is None:
        told = f"none from {found.first} to {found.last}"
        yield _finding(event, "event not seen", told, found.days, found.days)
        return
    if unusual := unusual_days(event, a_day):
        yield _finding(
            event,
            "volume",
            f"{len(unusual)} of {len(a_day)} days are far from the plan's {event.a_day[0]:,} to "
            f"{event.a_day[1]:,} events: {min(unusual):,} to {max(unusual):,}",
            len(unusual),
            len(a_day),
        )
    yield from _of_properties(event, sum(a_day), found.properties.get(event.name, {}))


def unusual_days(event: PlannedEvent, a_day: list[int]) -> list[int]:
    """The events of the days that are far from what the plan saw; none where they are a handful."""
    low, high = event.a_day[0] * FEWER, event.a_day[1] * MORE
    if max(event.a_day[1], *a_day) < FEW:
        return []
    return [events for events in a_day if not low <= events <= high]


def _of_properties(event: PlannedEvent, events: int, rows: Mapping[str, Row]) -> Iterator[PlanFinding]:
    for known in event.properties:
        row = rows.get(known.name)
        yield from _stopped(event, known, events, row) if known.stop else _kept(event, known, events, row)
    planned = {known.name for known in event.properties}
    for name, row in rows.items():
        if name not in planned:
            told = f"{row['text']:,} events have it, and the plan does not"
            yield _finding(event, "unknown property", told, row["text"], events, name)


def _kept(event: PlannedEvent, known: PlannedProperty, events: int, row: Row | None) -> Iterator[PlanFinding]:
    filled = int(row["text"]) if row else 0
    if known.required and filled < events:
        told = f"{events - filled:,} of {events:,} events are without it"
        yield _finding(event, "missing property", told, events - filled, events, known.name)
    if row and (other := filled - int(row[known.type])):
        told = f"{other:,} of {filled:,} values are no {known.type}"
        yield _finding(event, "other type", told, other, filled, known.name)


def _stopped(
    event: PlannedEvent, known: PlannedProperty, events: int, row: Row | None
) -> Iterator[PlanFinding]:
    if row:
        told = f"{row['text']:,} of {events:,} events have it, and it is to be sent no more"
        yield _finding(event, "still sent", told, row["text"], events, known.name)


def _personal(found: Recorded, planned: Mapping[str, PlannedEvent]) -> Iterator[PlanFinding]:
    """Values that look like something that does not belong into a log, whether the plan knows them or not."""
    for event, rows in found.properties.items():
        for name, row in rows.items():
            for column, what in PERSONAL.items():
                if row[column]:
                    yield PlanFinding(
                        kind="personal data",
                        event=event,
                        property=name,
                        looks_like=what,
                        owner=planned[event].owner if event in planned else "",
                        found=row[column],
                        of=row["text"],
                        told=f"{row[column]:,} of {row['text']:,} values look like {what}",
                    )


def _finding(event: PlannedEvent, kind: Kind, told: str, found: int, of: int, name: str = "") -> PlanFinding:
    return PlanFinding(
        kind=kind, event=event.name, property=name, owner=event.owner, found=found, of=of, told=told
    )


def place_of(event: str, name: str = "") -> str:
    """What is about an event, or about a property of it: "login", "login, seconds".

    A name that holds the separator itself is quoted, so that no two places are called the same.
    """
    return ", ".join(map(_named, (event, name) if name else (event,)))


def _named(name: str) -> str:
    return json.dumps(name, ensure_ascii=False) if ", " in name or name.startswith('"') else name


def finding_lines(findings: Iterable[PlanFinding]) -> Iterator[str]:
    """A line for each, as a person reads it."""
    for found in findings:
        whose = f" (owner: {found.owner})" if found.owner else ""
        yield f"{found.kind}: {place_of(found.event, found.property)}: {found.told}{whose}"
