"""How the analytics measurements read product events: spans compared, days, what a reader must be told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import Field

from postlaunch.errors import UsageError
from postlaunch.facts import Definition
from postlaunch.sources.event_coverage import EventCoverage, left_out
from postlaunch.sources.events import EventLog
from postlaunch.tools.embedded_query import Run, queries
from postlaunch.tools.measurement import Limits, Reading, Readings, WindowParameters
from postlaunch.tools.request_query import Value, same_part
from postlaunch.windows import Window

NO_USERS = "no event of a user"
"""Where no event names a user, how many there are is unknown, and not zero."""


class ActivityParameters(WindowParameters):
    """Who is active."""

    visitor_events: tuple[str, ...] = Field(
        default=(),
        max_length=50,
        description="Events of people who have not joined, too: who did nothing else is no user, nor active",
    )


class UserParameters(ActivityParameters):
    """How a user comes to be known."""

    signup_event: str | None = Field(
        default=None, description="Event with which a user joins; else the first event of any kind counts"
    )


@dataclass(frozen=True)
class EventSpans:
    """What is measured and what it is compared with.

    Attributes:
        window: as asked for, cut where the events end.
        events: in the window.
        baseline: cut to the same elapsed part; None where none was asked for, where the events do not cover
            all of it, and where it holds none.
        notes: what a reader must know of them.
    """

    window: Window
    events: int
    baseline: Window | None
    notes: tuple[str, ...]


def querying(log: EventLog, limits: Limits) -> AbstractContextManager[Run]:
    """Queries over the events on one connection; raises `SourceError` where they fail or take too long."""
    return queries(log, "the events", limits)


def span_of(window: Window) -> dict[str, object]:
    """The observed part of a window as parameters of a query."""
    return {"start": naive(window.start), "end": naive(window.observed_end)}


def naive(moment: datetime) -> datetime:
    """As the column `ts` has it: UTC, without its zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def event_spans(log: EventLog, parameters: WindowParameters, limits: Limits) -> EventSpans:
    """The window observed and the comparable part of the baseline.

    Raises:
        SourceError: the events cannot be read.
        UsageError: a window is of another zone than the days of the staged events.
    """
    for window in filter(None, (parameters.window, parameters.baseline)):
        of_this_zone(log, window)
    window = log.coverage.observed(parameters.window)
    notes = list(_notes(log.coverage, window))
    baseline = parameters.baseline
    with querying(log, limits) as run:
        events = _events(run, window)
        if baseline is not None:
            baseline = same_part(baseline, window)
            why = _incomparable(log, baseline, run)
            if why:
                notes.append(f"not compared with {baseline.label or baseline.days()}: {why}")
                baseline = None
    return EventSpans(window, events, baseline, tuple(notes))


def of_this_zone(log: EventLog, window: Window) -> Window:
    """The window, if its days are those of the staged events.

    Raises:
        UsageError: it is of another zone.
    """
    if window.zone != log.zone:
        raise UsageError(
            f"the events are counted by days of {log.zone}, the window is of {window.zone}",
            "use the application's zone: [application] timezone",
        )
    return window


def figure(
    definition: Definition,
    now: Value,
    spans: EventSpans,
    before: Value | None = None,
    *,
    entity: str = "application",
    note: str = "",
) -> Iterator[Reading]:
    """One reading, or none where there is no value."""
    value, n = now
    if value is None:
        return
    old, old_n = before or (None, 0)
    yield Reading(
        definition=definition,
        value=value,
        n=n,
        window=spans.window,
        entity=entity,
        baseline=old,
        baseline_window=spans.baseline if old is not None else None,
        baseline_n=old_n if old is not None else None,
        note=note,
    )


def ratio(part: float, whole: float) -> Value:
    """part ÷ whole and what it is a share of; no value of nothing."""
    return (part / whole if whole else None, int(whole))


def no_events(log: EventLog, spans: EventSpans, what: str = "no event") -> Readings:
    """No data in the window, with what the events do cover."""
    zone = ZoneInfo(spans.window.zone)
    first, last = (moment.astimezone(zone) for moment in (log.coverage.first, log.coverage.last))
    covered = f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} {spans.window.zone}"
    name = spans.window.label or spans.window.days()
    return Readings(reason=f"{what} in {name}: the events cover {covered}", notes=spans.notes)


# --- days of the calendar -----------------------------------------------------------------------------------


def day_of(moment: datetime, zone: str) -> date:
    """The calendar day of a moment."""
    return moment.astimezone(ZoneInfo(zone)).date()


def start_of(day: date, zone: str) -> datetime:
    """The first moment of a calendar day."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def days_window(first: date, last: date, zone: str) -> Window:
    """The window of whole days from the first to the last."""
    return Window(start=start_of(first, zone), end=start_of(last + timedelta(days=1), zone), zone=zone)


def incomplete_from(window: Window) -> date:
    """The first day that was not over when the window's observed part ended."""
    return day_of(window.observed_end, window.zone)


def complete_days(window: Window, coverage: EventCoverage) -> tuple[date, date] | None:
    """The first and the last of the window's days that were observed whole, or None where there is none."""
    first = day_of(window.start, window.zone)
    if start_of(first, window.zone) < window.start:
        first += timedelta(days=1)
    begun = day_of(coverage.first, window.zone)
    if not coverage.begins_by(start_of(begun, window.zone)):
        begun += timedelta(days=1)
    first, last = max(first, begun), incomplete_from(window) - timedelta(days=1)
    return (first, last) if first <= last else None


def calendar_weeks(window: Window) -> float:
    """Weeks on the wall clock in the observed part of a window: a week in which the clocks change is one."""
    start, end = (window.local(moment).replace(tzinfo=None) for moment in (window.start, window.observed_end))
    return (end - start) / timedelta(days=7)


# --- what a reader must be told -----------------------------------------------------------------------------


def _events(run: Run, window: Window) -> int:
    return int(run("event_totals", span_of(window))[0]["events"])


def _incomparable(log: EventLog, baseline: Window, run: Run) -> str:
    """Why nothing can be compared with a baseline, or nothing."""
    if not (log.coverage.begins_by(baseline.start) and log.coverage.lasts_to(baseline.observed_end)):
        return "the events do not cover all of it"
    return "" if _events(run, baseline) else "there is no event in it"


def _notes(coverage: EventCoverage, window: Window) -> Iterator[str]:
    if window.start < coverage.first and not coverage.begins_by(window.start):
        yield f"the events begin {_moment(coverage.first, window)}, after the window does"
    if window.partial:
        yield f"partial: observed until {_moment(window.observed_end, window)}"
    yield from left_out(coverage)


def _moment(moment: datetime, window: Window) -> str:
    return f"{window.local(moment):%Y-%m-%d %H:%M} {window.zone}"
