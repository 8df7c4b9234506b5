"""Step 1 of the performance-monitor: which measurements it runs, over which spans."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from postlaunch.agents.bench import Assignment, Bench
from postlaunch.agents.performance_span import Span
from postlaunch.errors import UsageError
from postlaunch.sources.candidates import CandidateTable
from postlaunch.sources.requests import RequestLog
from postlaunch.tools import (  # noqa: F401  (registers what is measured)
    analytics,
    log_measurements,
    performance,
    planning_measurements,
    requests,
    resources,
)
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.tools.performance_growth import busiest_window
from postlaunch.windows import MONTH, Window, iso_week_of, parse_week

NAME = "performance-monitor"

COST_DAYS = 30
PEAK_DAYS = 28
WEEK_DAYS = 7
BUSY_MINUTES = (5, 60)
"""Spans of which the busiest is looked for; the longer where no sample of resources is in the shorter."""
LOADED_ENDPOINTS = 15
CHANGED_ENDPOINTS = 5

Results = dict[str, MeasurementResult]


def measured(bench: Bench, assignment: Assignment) -> Span:
    """Run every measurement of the report.

    Raises:
        UsageError: the assignment has no window.
    """
    if assignment.window is None:
        raise UsageError("performance is measured over a span of time", "give the assignment a window")
    window = assignment.window
    results: Results = {
        "weeks": bench.measure(NAME, "response_times_by_week", {"window": window}),
        "trend": bench.measure(NAME, "response_time_trend", {"window": window, **_trend(bench)}),
    }
    weeks, observed = _weeks(results["weeks"], window), _observed(bench, window)
    newest = weeks[-1] if weeks else observed
    now = newest if newest.observed_end >= observed.observed_end else _days_to(observed, WEEK_DAYS)
    growing = _back(observed.observed_end, window.zone, bench.settings.performance.growth_weeks)
    results["growth"] = bench.measure(
        NAME, "traffic_growth", {"window": growing, "least_weeks": bench.settings.performance.growth_least}
    )
    set_aside = _set_aside(results["trend"], results["growth"])
    calm = [week for week in weeks if not any(_holds(week, day) for day in set_aside)] or weeks
    typical = calm[-1] if calm else observed
    oldest = calm[0] if len(calm) > 1 else None
    lately = _days_to(now, PEAK_DAYS)
    month = window if MONTH.match(window.label) else _days_to(window, COST_DAYS)
    results |= _of_requests(bench, window, newest, _against(typical, oldest))
    results |= _of_capacity(bench, now, typical, oldest, lately)
    results["costs"] = bench.measure(NAME, "costs_by_service", {"window": month})
    results |= _of_users(bench, month, _against(typical, oldest))
    results["changes"] = bench.measure(NAME, "changes_recorded", {"window": window})
    results["slow_queries"] = bench.measure(NAME, "slow_queries", _against(typical, oldest))
    source = bench.sources.get("candidates")
    results["effort"] = bench.measure(NAME, "candidate_effort", {"window": window})
    results["days"] = bench.measure(NAME, "response_times_by_day", {"window": window, "figures": ("mean",)})
    committed = assignment.parameters.get("committed")
    return Span(
        settings=bench.settings,
        window=window,
        newest=newest,
        now=now,
        typical=typical,
        oldest=oldest,
        lately=lately,
        month=month,
        set_aside=set_aside,
        results=results,
        items=source.items if isinstance(source, CandidateTable) else (),
        committed=frozenset(str(item) for item in committed) if isinstance(committed, list) else frozenset(),
        sprint=_sprint(bench, assignment),
    )


def _sprint(bench: Bench, assignment: Assignment) -> int | None:
    """The sprint that the workflow plans, else that of the settings."""
    planned = assignment.parameters.get("sprint")
    return planned if isinstance(planned, int) else bench.settings.capacity.next_sprint


def _trend(bench: Bench) -> dict[str, JsonValue]:
    rules = bench.settings.performance
    return {
        "alpha": rules.trend_alpha,
        "least_days": rules.trend_days,
        "least_segment": rules.trend_segment,
        "least_change": rules.trend_change,
    }


def _weeks(weeks: MeasurementResult, window: Window) -> tuple[Window, ...]:
    """The whole weeks measured, oldest first."""
    return tuple(
        parse_week(label, window.zone) for label in dict.fromkeys(fact.entity for fact in weeks.facts)
    )


def _observed(bench: Bench, window: Window) -> Window:
    """The window, cut where the request log ends."""
    log = bench.sources.get("requests")
    return log.coverage.observed(window) if isinstance(log, RequestLog) else window


def _set_aside(*results: MeasurementResult) -> tuple[date, ...]:
    """The days that measurements set aside as far outside every pattern."""
    found: set[date] = set()
    for text in (text for result in results for text in result.texts):
        days = text.get("set_aside")
        found |= {date.fromisoformat(str(day)) for day in days} if isinstance(days, list) else set()
    return tuple(sorted(found))


def _holds(week: Window, day: date) -> bool:
    return week.local(week.start).date() <= day < week.local(week.end).date()


def _against(newest: Window, oldest: Window | None) -> dict[str, Window]:
    return {"window": newest} if oldest is None else {"window": newest, "baseline": oldest}


def _of_requests(bench: Bench, window: Window, newest: Window, ends: dict[str, Window]) -> Results:
    """The newest week as it was; comparisons and shares in weeks without a day set aside."""
    speed: dict[str, JsonValue] = {"figure": "speed", **_trend(bench)}
    results: Results = {
        "trend_speed": bench.measure(NAME, "response_time_trend", {"window": window, **speed}),
        "summary": bench.measure(NAME, "request_summary", {"window": newest, "baseline": newest.before()}),
        "load": bench.measure(NAME, "endpoint_load", {**ends, "limit": LOADED_ENDPOINTS}),
        "hours": bench.measure(NAME, "load_by_hour_of_day", {"window": ends["window"]}),
        "log": bench.measure(NAME, "log_quality", {"window": window}),
    }
    if "baseline" in ends:
        limited = {**ends, "limit": CHANGED_ENDPOINTS}
        results |= {
            "typical": bench.measure(NAME, "request_summary", ends),
            "mix": bench.measure(NAME, "mix_shift", ends),
            "endpoint_changes": bench.measure(NAME, "endpoint_changes", limited),
        }
    return results


def _back(end: datetime, zone: str, weeks: int) -> Window:
    """So many ISO weeks up to the one that holds the time before a moment, as one window."""
    week = iso_week_of((end - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date(), zone)
    first = week
    for _ in range(weeks - 1):
        first = first.before()
    return Window(start=first.start, end=week.end, zone=zone)


def _of_capacity(
    bench: Bench, now: Window, typical: Window, oldest: Window | None, lately: Window
) -> Results:
    """What pods use in the newest week, by the hours of a typical day, and in the busiest minutes lately."""
    results = {
        "pods": bench.measure(NAME, "pods_running", {"window": now}),
        "resources": bench.measure(NAME, "resource_summary", {"window": now, "baseline": now.before()}),
        "use": bench.measure(NAME, "use_by_hour_of_day", {"window": typical}),
        "lately": bench.measure(NAME, "request_summary", {"window": lately}),
    }
    if oldest is not None:
        results["disk"] = bench.measure(NAME, "pods_running", _against(typical, oldest))
    for minutes in BUSY_MINUTES:
        busiest = bench.measure(NAME, "busiest_minutes", {"window": lately, "minutes": minutes})
        results["busiest"] = busiest
        start = busiest.fact("busiest_start")
        if start is None:
            break
        span = {"window": busiest_window(start.value, minutes, now.zone)}
        results["busy_use"] = bench.measure(NAME, "use_by_hour_of_day", span)
        results["busy_share"] = bench.measure(NAME, "resource_summary", span)
        if results["busy_use"].status != "no_data" or results["use"].status != "ok":
            break
    return results


def _days_to(window: Window, days: int) -> Window:
    """So many days of the calendar up to the end of what a window observed."""
    end = window.observed_end
    first = window.local(end).replace(tzinfo=None) - timedelta(days=days)
    return Window(start=first.replace(tzinfo=ZoneInfo(window.zone)), end=end, zone=window.zone)


def _of_users(bench: Bench, month: Window, ends: dict[str, Window]) -> Results:
    """Who was active in the month, and how the number of users known has grown."""
    known = bench.settings.analytics
    visitors: dict[str, JsonValue] = {"visitor_events": list(known.visitors)}
    joining = {**visitors, "signup_event": known.signup_event} if known.signup_event else visitors
    return {
        "month": bench.measure(NAME, "request_summary", {"window": month}),
        "users": bench.measure(NAME, "active_users_daily", {"window": month, **visitors}),
        "data": bench.measure(NAME, "user_growth", {**ends, **joining}),
    }
