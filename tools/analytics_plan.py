"""The tracking plan: which events are recorded, with which properties, and whose they are.

It is made from the data once, kept beside the code by people, and held against newer data. Only what the
settings keep of an event is known of it (`[sources.events.properties]`, and role, variant and experiment).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from postlaunch.errors import UsageError
from postlaunch.facts import Frozen
from postlaunch.sources.events import EventLog
from postlaunch.tools.embedded_query import Row
from postlaunch.tools.event_query import complete_days, querying
from postlaunch.tools.measurement import Limits
from postlaunch.windows import Window

PropertyType = Literal["boolean", "integer", "number", "text"]
Kind = Literal[
    "unknown event",
    "event not seen",
    "unknown property",
    "missing property",
    "other type",
    "volume",
    "personal data",
]
Count = Annotated[int, Field(ge=0)]

FEWER, MORE = 0.5, 2.0
"""A day is unusual with less than half of the plan's fewest events a day, or more than twice its most."""

FEW = 10
"""Days with fewer events than this, in the plan and since, are not compared."""

PERSONAL = {
    "emails": "e-mail addresses",
    "phones": "telephone numbers",
    "tokens": "tokens that let somebody in",
}


class PlannedProperty(Frozen):
    """One property of an event; `required`: every such event has it."""

    name: str = Field(min_length=1)
    type: PropertyType
    required: bool = False


class PlannedEvent(Frozen):
    """One event.

    Attributes:
        owner: who is asked when something is amiss; empty: nobody yet.
        a_day: the fewest and the most on one day, when the plan was made.
    """

    name: str = Field(min_length=1)
    owner: str = ""
    a_day: tuple[Count, Count]
    properties: tuple[PlannedProperty, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> PlannedEvent:
        if self.a_day[0] > self.a_day[1]:
            raise ValueError(f"the fewest a day of {self.name} are more than the most")
        _told_apart(f"properties of {self.name}", [known.name for known in self.properties])
        return self


class TrackingPlan(Frozen):
    """Every event that is meant to be recorded."""

    events: tuple[PlannedEvent, ...]

    @model_validator(mode="after")
    def _once(self) -> TrackingPlan:
        _told_apart("events", [event.name for event in self.events])
        return self

    def text(self) -> str:
        """As YAML, for people to edit."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=110)


class PlanFinding(Frozen):
    """One place where data and plan differ; it holds no value of a property."""

    kind: Kind
    event: str
    property: str = ""
    owner: str = ""
    told: str


def _told_apart(what: str, names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise ValueError(f"two {what} have the same name")


def plan_in(path: Path) -> TrackingPlan:
    """A plan that people keep.

    Raises:
        UsageError: the file cannot be read, or is no plan.
    """
    try:
        return TrackingPlan.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the tracking plan {path} cannot be read: {error}", "name a file") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is no YAML: {error}", "mend it where it says") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{path} is no tracking plan: {place}: {first['msg']}",
            "make one from the data: postlaunch tracking plan",
        ) from error


# --- what the data hold -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Recorded:
    """Some whole days of a log.

    Attributes:
        a_day: event → how many on each day, one without any included.
        properties: event → property → counts of values, by type and by what they look like.
    """

    first: date
    last: date
    a_day: Mapping[str, list[int]]
    properties: Mapping[str, Mapping[str, Row]]


def _recorded(log: EventLog, days: int | None, limits: Limits) -> _Recorded:
    """The last so many whole days, or all of them.

    Raises:
        SourceError: the events cannot be read.
        UsageError: there is no whole day.
    """
    whole = complete_days(Window(start=log.coverage.first, end=log.coverage.end, zone=log.zone), log.coverage)
    if whole is None:
        raise UsageError("the events hold no whole day", "name events of some days")
    first, last = whole
    if days is not None:
        first = max(first, last - timedelta(days=days - 1))
    span = {"first": first, "last": last}
    with querying(log, limits) as run:
        counted, valued = run("plan_days", span), run("plan_properties", span)
    a_day: dict[str, list[int]] = defaultdict(lambda: [0] * ((last - first).days + 1))
    for row in counted:
        a_day[row["event"]][(row["day"] - first).days] = int(row["events"])
    properties: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in valued:
        properties[row["event"]][row["property"]] = row
    return _Recorded(first, last, dict(a_day), dict(properties))


def plan_of(log: EventLog, limits: Limits, owner: str = "") -> TrackingPlan:
    """The plan that the data follow: what every event of the whole days has, and how often it comes.

    Raises:
        SourceError: the events cannot be read.
        UsageError: there is no whole day.
    """
    found = _recorded(log, None, limits)
    return TrackingPlan(
        events=tuple(
            PlannedEvent(
                name=event,
                owner=owner,
                a_day=(min(days), max(days)),
                properties=tuple(
                    PlannedProperty(name=name, type=_type_of(row), required=row["text"] == sum(days))
                    for name, row in found.properties.get(event, {}).items()
                ),
            )
            for event, days in found.a_day.items()
        )
    )


def _type_of(row: Row) -> PropertyType:
    """The narrowest type that every value has."""
    types: tuple[PropertyType, ...] = ("boolean", "integer", "number")
    return next((kind for kind in types if row[kind] == row["text"]), "text")


# --- the plan against the data ----------------------------------------------------------------------------


def checked(plan: TrackingPlan, log: EventLog, days: int, limits: Limits) -> tuple[PlanFinding, ...]:
    """Where the last whole days of the data differ from the plan, event by event.

    Raises:
        SourceError: the events cannot be read.
        UsageError: there is no whole day.
    """
    found, planned = _recorded(log, days, limits), {event.name: event for event in plan.events}
    unknown = (
        PlanFinding(
            kind="unknown event", event=event, told=f"{sum(a_day):,} events that the plan does not name"
        )
        for event, a_day in found.a_day.items()
        if event not in planned
    )
    return (
        *unknown,
        *(finding for event in plan.events for finding in _of_event(event, found)),
        *_personal(found, planned),
    )


def _of_event(event: PlannedEvent, found: _Recorded) -> Iterator[PlanFinding]:
    a_day = found.a_day.get(event.name)
    if a_day is None:
        yield _finding(event, "event not seen", f"none from {found.first} to {found.last}")
        return
    low, high = event.a_day[0] * FEWER, event.a_day[1] * MORE
    unusual = [events for events in a_day if not low <= events <= high]
    if unusual and max(event.a_day[1], *a_day) >= FEW:
        yield _finding(
            event,
            "volume",
            f"{len(unusual)} of {len(a_day)} days are far from the plan's {event.a_day[0]:,} to "
            f"{event.a_day[1]:,} events: {min(unusual):,} to {max(unusual):,}",
        )
    yield from _of_properties(event, sum(a_day), found.properties.get(event.name, {}))


def _of_properties(event: PlannedEvent, events: int, rows: Mapping[str, Row]) -> Iterator[PlanFinding]:
    for known in event.properties:
        row = rows.get(known.name)
        filled = int(row["text"]) if row else 0
        if known.required and filled < events:
            told = f"{events - filled:,} of {events:,} events are without it"
            yield _finding(event, "missing property", told, known.name)
        if row and (other := filled - int(row[known.type])):
            told = f"{other:,} of {filled:,} values are no {known.type}"
            yield _finding(event, "other type", told, known.name)
    planned = {known.name for known in event.properties}
    for name, row in rows.items():
        if name not in planned:
            told = f"{row['text']:,} events have it, and the plan does not"
            yield _finding(event, "unknown property", told, name)


def _personal(found: _Recorded, planned: Mapping[str, PlannedEvent]) -> Iterator[PlanFinding]:
    """Values that look like something that does not belong into a log, whether the plan knows them or not."""
    for event, rows in found.properties.items():
        for name, row in rows.items():
            for column, what in PERSONAL.items():
                if row[column]:
                    yield PlanFinding(
                        kind="personal data",
                        event=event,
                        property=name,
                        owner=planned[event].owner if event in planned else "",
                        told=f"{row[column]:,} of {row['text']:,} values look like {what}",
                    )


def _finding(event: PlannedEvent, kind: Kind, told: str, name: str = "") -> PlanFinding:
    return PlanFinding(kind=kind, event=event.name, property=name, owner=event.owner, told=told)


def finding_lines(findings: Iterable[PlanFinding]) -> Iterator[str]:
    """A line for each, as a person reads it."""
    for found in findings:
        place = f"{found.event}, {found.property}" if found.property else found.event
        whose = f" (owner: {found.owner})" if found.owner else ""
        yield f"{found.kind}: {place}: {found.told}{whose}"
