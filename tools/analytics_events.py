"""The events themselves: which there are, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from postlaunch.sources.event_coverage import EventCoverage
from postlaunch.sources.events import EventLog
from postlaunch.tools import definitions_analytics as definitions
from postlaunch.tools.event_query import event_spans, figure, no_events, of_this_zone, querying, span_of
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.request_query import kept
from postlaunch.windows import Window


@REGISTRY.measurement("events_by_name", source="events", parameters=WindowParameters, compares=False)
def events_by_name(log: EventLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """Every kind of event in the window with how often it occurred and by how many users."""
    spans = event_spans(log, parameters.model_copy(update={"baseline": None}), limits)
    if not spans.events:
        return no_events(log, spans)
    with querying(log, limits) as run:
        rows = run("event_names", span_of(spans.window))
    listed, cut = kept(rows, limits.rows, "names")
    return Readings(
        readings=tuple(
            reading
            for row in listed
            for definition, value in (
                (definitions.EVENTS_OF_KIND, (row["events"], row["events"])),
                (definitions.USERS_OF_KIND, (row["users"] if row["with_user"] else None, row["with_user"])),
            )
            for reading in figure(definition, value, spans, entity=row["event"])
        ),
        notes=spans.notes + cut,
    )


@REGISTRY.measurement("event_quality", source="events", parameters=WindowParameters)
def event_quality(log: EventLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """What all the event files hold and which of their rows could not be read. The window gives the zone."""
    coverage = log.coverage
    zone = of_this_zone(log, parameters.window).zone
    whole = Window(start=coverage.first, end=coverage.end, zone=zone)
    figures = (
        (definitions.ROWS_READ, coverage.rows_read),
        (definitions.ROWS_REJECTED, coverage.rows_rejected),
        (definitions.ROWS_FUTURE, coverage.rows_future),
        (definitions.ROWS_REPEATED, coverage.rows_repeated),
        (definitions.EVENTS_WITHOUT_USER, coverage.events_without_user),
    )
    rejected = tuple(f"rejected, {reason}: {rows:,}" for reason, rows in coverage.rejected_by_reason.items())
    no_id = () if coverage.has_id else ("the events have no id: one that was delivered twice counts twice",)
    return Readings(
        readings=tuple(
            Reading(definition=definition, value=value, n=coverage.rows_read, window=whole)
            for definition, value in figures
        ),
        texts=tuple(sample.model_dump() for sample in coverage.rejected_samples[: limits.rows]),
        notes=(*_copied(coverage), *rejected, *no_id),
    )


def _copied(coverage: EventCoverage) -> Iterator[str]:
    """What the events are a copy of, and when it was read, where they are one."""
    if coverage.read_at is not None:
        yield f"the events are a copy of {coverage.files[0]}, as read {coverage.read_at:%Y-%m-%d %H:%M} UTC"
