"""What product events hold of some whole days, event by event: how often each came, and with which values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from postlaunch.errors import UsageError
from postlaunch.sources.events import EventLog
from postlaunch.sources.tracking_plan import PlannedEvent, PlannedProperty, PropertyType
from postlaunch.tools.embedded_query import Row
from postlaunch.tools.event_query import complete_days, querying
from postlaunch.tools.measurement import Limits
from postlaunch.windows import Window

PERSONAL = {
    "emails": "e-mail addresses",
    "phones": "telephone numbers",
    "tokens": "tokens that let somebody in",
}
"""What values that do not belong into a log look like, by the column that counts them."""

TYPES: tuple[PropertyType, ...] = ("boolean", "integer", "number")
"""The narrowest first; every value is text."""


@dataclass(frozen=True)
class Recorded:
    """Some whole days of a log.

    Attributes:
        a_day: event → how many on each day, one without any included.
        properties: event → property → counts of values, by type and by what they look like.
    """

    first: date
    last: date
    a_day: Mapping[str, list[int]]
    properties: Mapping[str, Mapping[str, Row]]

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


def whole_days(log: EventLog, window: Window) -> tuple[date, date]:
    """The first and the last day of a window that are recorded whole.

    Raises:
        UsageError: none is.
    """
    found = complete_days(window, log.coverage)
    if found is None:
        raise UsageError("the events hold no whole day", "name events of some days")
    return found


def last_days(log: EventLog, days: int | None = None, until: datetime | None = None) -> tuple[date, date]:
    """The first and the last of the last so many whole days; None: of all of them.

    Args:
        until: what is recorded later does not count.

    Raises:
        UsageError: there is no whole day.
    """
    begin, end = log.coverage.first, min(log.coverage.end, until or log.coverage.end)
    first, last = whole_days(log, Window(start=begin, end=max(begin, end), zone=log.zone))
    return (first if days is None else max(first, last - timedelta(days=days - 1))), last


def recorded(log: EventLog, first: date, last: date, limits: Limits) -> Recorded:
    """What the days from the first to the last hold.

    Raises:
        SourceError: the events cannot be read.
    """
    span = {"first": first, "last": last}
    with querying(log, limits) as run:
        counted, valued = run("plan_days", span), run("plan_properties", span)
    a_day: dict[str, list[int]] = defaultdict(lambda: [0] * ((last - first).days + 1))
    for row in counted:
        a_day[row["event"]][(row["day"] - first).days] = int(row["events"])
    properties: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in valued:
        properties[row["event"]][row["property"]] = row
    return Recorded(first, last, dict(a_day), dict(properties))


def event_as_recorded(found: Recorded, event: str, owner: str = "") -> PlannedEvent:
    """An event as the plan describes it when it is what these days hold of it."""
    days = found.a_day[event]
    return PlannedEvent(
        name=event,
        owner=owner,
        a_day=(min(days), max(days)),
        properties=tuple(
            property_as_recorded(name, row, sum(days))
            for name, row in found.properties.get(event, {}).items()
        ),
    )


def property_as_recorded(name: str, row: Row, events: int) -> PlannedProperty:
    """A property of so many events, as its values are."""
    return PlannedProperty(name=name, type=narrowest_type(row), required=row["text"] == events)


def narrowest_type(row: Row) -> PropertyType:
    """The narrowest type that every value has."""
    return next((kind for kind in TYPES if row[kind] == row["text"]), "text")


def looks_personal(row: Row) -> bool:
    """Whether any value of a property looks like what does not belong into a log."""
    return any(row[column] for column in PERSONAL)
