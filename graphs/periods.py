"""The windows that runs and specialists look at, by workflow, and which specialist has something to look at.

| Workflow | monitoring-specialist | performance-monitor | analytics-specialist |
|---|---|---|---|
| daily check | the day | – | – |
| weekly report, sprint planning | the ISO week | 8 ISO weeks that end with it | 28 days that end with it |
| monthly review | the month | the month | the month |
| tracking plan | – | – | the last 7 days that are recorded whole |

Of the eight weeks, those that are recorded whole. An incident is looked at from six hours before its start to
six hours after its end, or to where the data ends if it starts before then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta

from postlaunch.errors import UsageError
from postlaunch.graphs.session import Services
from postlaunch.sources.events import EventLog
from postlaunch.sources.observed_span import ObservedSpan
from postlaunch.sources.opening import BrokenSource
from postlaunch.sources.requests import RequestLog
from postlaunch.sources.tracking_plan import SOURCE as TRACKING_PLAN
from postlaunch.sources.tracking_plan import TrackingPlanSource, open_tracking_plan
from postlaunch.tools.event_query import days_window
from postlaunch.tools.tracking_recorded import last_days
from postlaunch.windows import Window, calendar_day, iso_week_of, month_of, weeks_of, zone_named

PERFORMANCE_WEEKS = 8
ANALYTICS_DAYS = 28
LEAST_WEEKS = 2
"""Whole weeks from which a trend can be told."""
PLAN_DAYS = 7
"""Whole days that are held against the tracking plan."""
AROUND_AN_INCIDENT = timedelta(hours=6)
LONGEST_UNENDED = timedelta(hours=24)
"""So far after its start an incident is looked for whose end nobody stated."""

PeriodOf = Callable[[date, str], Window]

CALENDAR: dict[str, PeriodOf] = {
    "daily_check": calendar_day,
    "weekly_report": iso_week_of,
    "sprint_planning": iso_week_of,
    "monthly_review": month_of,
}


def recorded(services: Services, only: str | None = None) -> ObservedSpan | None:
    """The span of what is recorded: of the request log, else of the product events; None where neither is.

    Args:
        only: who is asked alone; the analytics-specialist goes by the events, whatever log there is besides.
    """
    names = ("events", "requests") if only == ANALYTICS else ("requests", "events")
    for name in names:
        source = services.sources().get(name)
        if isinstance(source, (RequestLog, EventLog)):
            return source.coverage
    return None


def newest_period(period_of: PeriodOf, span: ObservedSpan, zone: str, as_of: datetime | None) -> Window:
    """The newest period that is over and wholly recorded; else the newest touched, cut where it ends.

    Args:
        as_of: nothing after it counts; None: to the end of what is recorded.
    """
    touched = list(_touched(period_of, span, zone, as_of))
    for period in touched:
        ended = as_of is None or period.end <= as_of
        if ended and span.begins_by(period.start) and span.lasts_to(period.end):
            return period
    cut = min(span.end, as_of) if as_of is not None and as_of > touched[0].start else span.end
    return touched[0].cut(cut)


def _touched(period_of: PeriodOf, span: ObservedSpan, zone: str, as_of: datetime | None) -> Iterator[Window]:
    """The periods that what is recorded touches, the newest first; at least one."""
    last = span.last if as_of is None or as_of <= span.first else min(span.last, as_of)
    period = period_of(last.astimezone(zone_named(zone)).date(), zone)
    yield period
    while period.start > span.first:
        period = period.before()
        yield period


def named_period(period: Window, span: ObservedSpan, now: datetime, what: str) -> Window:
    """A period that was asked for, cut where the data or the day ends inside it.

    Raises:
        UsageError: nothing of it is recorded.
    """
    last = min(now, span.last)
    if period.start > last or period.end <= span.first:
        raise UsageError(f"the data holds nothing of {period.label}", what)
    observed = span.observed(period)
    return observed.cut(now) if now < observed.observed_end else observed


def calendar_period(period_of: PeriodOf, named: Window | None, now: datetime, zone: str) -> Window:
    """A period where nothing is recorded to go by: the one named, or the last that was over."""
    if named is not None:
        return named.cut(now)
    return period_of(now.astimezone(zone_named(zone)).date(), zone).before()


def around_incident(services: Services, start: datetime, end: datetime | None, now: datetime) -> Window:
    """What is looked at for an incident; of one that starts after the log ends, what is recorded besides.

    Raises:
        UsageError: it starts later than now.
    """
    zone = services.settings.application.timezone
    span = recorded(services)
    last = min(now, span.end) if span is not None and start < span.end else now
    if start >= last:
        at = last.astimezone(zone_named(zone))
        raise UsageError(
            f"nothing is recorded after {at:%Y-%m-%d %H:%M} {zone}, and the incident starts later",
            "give its start with a zone (2025-11-18T14:15-08:00)",
        )
    until = (end or start + LONGEST_UNENDED) + AROUND_AN_INCIDENT
    return Window(start=start - AROUND_AN_INCIDENT, end=min(last, until), zone=zone)


def plan_days(services: Services, as_of: datetime | None) -> Window:
    """The days that are held against the tracking plan.

    Raises:
        UsageError: no events are configured, or none of their days is recorded whole.
        SourceError: the events cannot be read.
    """
    log = event_log(services.sources())
    return days_window(*last_days(log, PLAN_DAYS, until=as_of), log.zone)


def kept_plan(services: Services) -> TrackingPlanSource:
    """The tracking plan, as its file is now.

    Raises:
        UsageError: none is configured.
        SourceError: it cannot be read.
    """
    services.reopen(TRACKING_PLAN)
    source = services.sources().get(TRACKING_PLAN)
    if isinstance(source, BrokenSource):
        raise source.error
    return source if isinstance(source, TrackingPlanSource) else open_tracking_plan(services.settings)


def event_log(sources: Mapping[str, object]) -> EventLog:
    """The product events.

    Raises:
        UsageError: none are configured.
        SourceError: they cannot be read.
    """
    source = sources.get("events")
    if isinstance(source, BrokenSource):
        raise source.error
    if not isinstance(source, EventLog):
        raise UsageError("no product events are configured", "add [sources.events] to postlaunch.toml")
    return source


# --- specialists ------------------------------------------------------------------------------------------

MONITORING, PERFORMANCE, ANALYTICS = "monitoring-specialist", "performance-monitor", "analytics-specialist"


def looked_at(
    services: Services, workflow: str, specialist: str, window: Window
) -> tuple[Window, Window | None]:
    """The window and the baseline of a specialist, in a run over a window."""
    if workflow == "monthly_review" or specialist not in (PERFORMANCE, ANALYTICS):
        return window, window.before()
    if specialist == PERFORMANCE:
        return _weeks_up_to(services, window), None
    return _days_up_to(services, window)


def _weeks_up_to(services: Services, week: Window) -> Window:
    """Up to eight ISO weeks that end with this one, as far back as whole weeks are recorded."""
    log = services.sources().get("requests")
    first = week
    for _ in range(PERFORMANCE_WEEKS - 1):
        before = first.model_copy(update={"cut_at": None}).before()
        if isinstance(log, RequestLog) and not log.coverage.begins_by(before.start):
            break
        first = before
    return Window(start=first.start, end=week.end, zone=week.zone, cut_at=week.cut_at)


def _days_up_to(services: Services, week: Window) -> tuple[Window, Window]:
    """The 28 days that end with a week, cut where the events end, and the 28 days before."""
    start = _days_before(week, week.end)
    days = Window(start=start, end=week.end, zone=week.zone, cut_at=week.cut_at)
    events = services.sources().get("events")
    if isinstance(events, EventLog) and events.coverage.last > start:
        days = events.coverage.observed(days)
    return days, Window(start=_days_before(week, start), end=start, zone=week.zone)


def _days_before(window: Window, moment: datetime) -> datetime:
    """28 days before, at the same time on the wall clock."""
    there = window.local(moment)
    return (there.replace(tzinfo=None) - timedelta(days=ANALYTICS_DAYS)).replace(tzinfo=there.tzinfo)


def nothing_to_look_at(services: Services, workflow: str, specialist: str, window: Window) -> str:
    """Why a specialist has nothing to look at, which is no failure; "" where it has.

    A source that is configured and fails is something to look at: the report says what failed.
    """
    span, _ = looked_at(services, workflow, specialist, window)
    match specialist:
        case "performance-monitor":
            return _no_trend(services, span)
        case "analytics-specialist":
            return _no_events(services, span)
    return "" if "requests" in services.sources() else NO_REQUESTS


NO_REQUESTS = "no request log is configured ([sources.requests])"


def _no_trend(services: Services, span: Window) -> str:
    log = services.sources().get("requests")
    if log is None:
        return NO_REQUESTS
    if not isinstance(log, RequestLog):
        return ""
    if not log.coverage.has_latency:
        return "the request log has no response times"
    weeks = [week for week in weeks_of(span) if _covers(log.coverage, week)]
    if len(weeks) < LEAST_WEEKS:
        return f"a trend needs {LEAST_WEEKS} whole weeks of requests, and there are {len(weeks)}"
    return ""


def _covers(span: ObservedSpan, week: Window) -> bool:
    return span.begins_by(week.start) and span.lasts_to(week.end)


def _no_events(services: Services, span: Window) -> str:
    events = services.sources().get("events")
    if events is None:
        return "no product events are configured ([sources.events])"
    if isinstance(events, EventLog):
        coverage = events.coverage
        if coverage.last < span.start or coverage.first >= span.observed_end:
            return f"no product events are recorded of {span.days()}"
    return ""
