"""What is tracked against what the settings use: events that never come, or of no use; missing properties."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from zoneinfo import ZoneInfo

from pydantic import Field

from postlaunch.facts import Frozen
from postlaunch.sources.events import EventLog
from postlaunch.tools import definitions_analytics as definitions
from postlaunch.tools.embedded_query import Row
from postlaunch.tools.event_query import (
    EventSpans,
    event_spans,
    figure,
    no_events,
    querying,
    ratio,
    span_of,
)
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.request_query import kept


class NeededProperty(Frozen):
    """A property that an event must have for a figure to be measured."""

    event: str
    property: str


class TrackingParameters(WindowParameters):
    """What the settings use."""

    expected: tuple[str, ...] = Field(
        default=(), max_length=500, description="Names of the events that figures are made from"
    )
    otherwise: tuple[str, ...] = Field(
        default=(),
        max_length=500,
        description="Names that are of use where they occur, and not missed elsewhere",
    )
    properties: tuple[NeededProperty, ...] = Field(
        default=(), max_length=500, description="Properties that figures need, each with its event"
    )


@REGISTRY.measurement("tracking_check", source="events", parameters=TrackingParameters, compares=False)
def tracking_check(log: EventLog, parameters: TrackingParameters, limits: Limits) -> Readings:
    """Which of the expected events and properties the window holds, which never came, and which events are in
    it that nothing uses.
    """
    spans = event_spans(log, parameters.model_copy(update={"baseline": None}), limits)
    if not spans.events:
        return no_events(log, spans)
    needed = tuple(dict.fromkeys((item.event, item.property) for item in parameters.properties))
    asked = {
        "events": [event for event, _ in needed],
        "properties": [name for _, name in needed],
    }
    with querying(log, limits) as run:
        used = {"expected": list(parameters.expected), "otherwise": list(parameters.otherwise)}
        names = run("tracking_names", {**span_of(spans.window), **used})
        properties = run("tracking_properties", {**span_of(spans.window), **asked}) if needed else []
    listed, cut = kept(names, limits.rows, "names")
    return Readings(
        readings=(
            *_totals(spans, names),
            *(reading for row in listed for reading in _name(spans, row)),
            *(reading for row in properties for reading in _property(spans, row)),
        ),
        notes=spans.notes + cut,
    )


def _totals(spans: EventSpans, names: list[Row]) -> Iterator[Reading]:
    expected = [row for row in names if row["expected"]]
    for definition, number in (
        (definitions.NAMES_TRACKED, len(expected)),
        (definitions.NAMES_NEVER_SEEN, sum(row["first"] is None for row in expected)),
        (definitions.NAMES_UNTRACKED, sum(not _used(row) for row in names)),
    ):
        yield from figure(definition, (number, spans.events), spans)


def _name(spans: EventSpans, row: Row) -> Iterator[Reading]:
    definition = definitions.TRACKED_EVENTS if _used(row) else definitions.UNTRACKED_EVENTS
    value = (row["events"], row["events"])
    yield from figure(definition, value, spans, entity=row["event"], note=_last_seen(spans, row))


def _used(row: Row) -> bool:
    return bool(row["expected"] or row["otherwise"])


def _last_seen(spans: EventSpans, row: Row) -> str:
    """What is to be known of a name that the window does not hold."""
    if row["events"]:
        return ""
    zone = ZoneInfo(spans.window.zone)
    if row["first"] is None:
        return NEVER_SEEN
    if row["last"] is None:
        first = row["first"].replace(tzinfo=UTC).astimezone(zone)
        return f"not seen up to the span's end, first seen {first:%Y-%m-%d}"
    return f"last seen {row['last'].replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}"


NEVER_SEEN = "never seen"
"""The note of a name that no event of the whole log has."""


def _property(spans: EventSpans, row: Row) -> Iterator[Reading]:
    share = ratio(row["filled"], row["events"])
    yield from figure(definitions.PROPERTY_FILLED, share, spans, entity=f"{row['event']}, {row['property']}")
