"""Step 1 of the performance-monitor: which measurements it runs, over which spans."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from postlaunch.agents.bench import Assignment, Bench
from postlaunch.agents.performance_span import Span
from postlaunch.errors import UsageError
from postlaunch.sources.candidates import CandidateTable
from postlaunch.tools import (  # noqa: F401  (registers what is measured)
    analytics,
    performance,
    planning_measurements,
    requests,
    resources,
)
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.windows import MONTH, Window, iso_week_of, parse_week

NAME = "performance-monitor"

COST_DAYS = 30
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
    newest, oldest = _ends(results["weeks"], window)
    month = _month(window)
    results |= _of_requests(bench, window, newest, oldest)
    results |= _of_capacity(bench, newest, oldest)
    results["costs"] = bench.measure(NAME, "costs_by_service", {"window": month})
    results |= _of_users(bench, month, newest, oldest)
    results["changes"] = bench.measure(NAME, "changes_recorded", {"window": window})
    source = bench.sources.get("candidates")
    results["effort"] = bench.measure(NAME, "candidate_effort", {"window": window})
    results["days"] = bench.measure(NAME, "response_times_by_day", {"window": window})
    committed = assignment.parameters.get("committed")
    return Span(
        settings=bench.settings,
        window=window,
        newest=newest,
        oldest=oldest,
        month=month,
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


def _ends(weeks: MeasurementResult, window: Window) -> tuple[Window, Window | None]:
    """The newest whole week measured, and the oldest; the window itself where there is no whole week."""
    labels = list(dict.fromkeys(fact.entity for fact in weeks.facts))
    if not labels:
        return window, None
    newest, oldest = (parse_week(label, window.zone) for label in (labels[-1], labels[0]))
    return newest, oldest if len(labels) > 1 else None


def _against(newest: Window, oldest: Window | None) -> dict[str, Window]:
    return {"window": newest} if oldest is None else {"window": newest, "baseline": oldest}


def _of_requests(bench: Bench, window: Window, newest: Window, oldest: Window | None) -> Results:
    ends, rules = _against(newest, oldest), bench.settings.performance
    results: Results = {
        "trend_speed": bench.measure(
            NAME, "response_time_trend", {"window": window, "figure": "speed", **_trend(bench)}
        )
    }
    if oldest is not None:
        results["mix"] = bench.measure(NAME, "mix_shift", ends)
        results["endpoint_changes"] = bench.measure(
            NAME, "endpoint_changes", {**ends, "limit": CHANGED_ENDPOINTS}
        )
    results["load"] = bench.measure(NAME, "endpoint_load", {**ends, "limit": LOADED_ENDPOINTS})
    results["summary"] = bench.measure(NAME, "request_summary", ends)
    span = _back(newest.observed_end, newest.zone, rules.growth_weeks)
    results["growth"] = bench.measure(
        NAME, "traffic_growth", {"window": span, "least_weeks": rules.growth_least}
    )
    results["hours"] = bench.measure(NAME, "load_by_hour_of_day", {"window": newest})
    results["log"] = bench.measure(NAME, "log_quality", {"window": window})
    return results


def _back(end: datetime, zone: str, weeks: int) -> Window:
    """So many ISO weeks up to a moment, as one window."""
    week = iso_week_of((end - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date(), zone)
    if week.end > end:
        week = week.before()
    first = week
    for _ in range(weeks - 1):
        first = first.before()
    return Window(start=first.start, end=week.end, zone=zone)


def _of_capacity(bench: Bench, newest: Window, oldest: Window | None) -> Results:
    ends = _against(newest, oldest)
    return {
        "pods": bench.measure(NAME, "pods_running", ends),
        "resources": bench.measure(NAME, "resource_summary", ends),
        "use": bench.measure(NAME, "use_by_hour_of_day", {"window": newest}),
    }


def _month(window: Window) -> Window:
    """The days whose costs and users are a month's: the window if it is a month, else 30 days to its end."""
    if MONTH.match(window.label):
        return window
    end = window.observed_end
    first = window.local(end).replace(tzinfo=None) - timedelta(days=COST_DAYS)
    return Window(start=first.replace(tzinfo=ZoneInfo(window.zone)), end=end, zone=window.zone)


def _of_users(bench: Bench, month: Window, newest: Window, oldest: Window | None) -> Results:
    """Who was active in the month, and how the number of users known has grown."""
    known = bench.settings.analytics
    visitors: dict[str, JsonValue] = {"visitor_events": list(known.visitors)}
    joining = {**visitors, "signup_event": known.signup_event} if known.signup_event else visitors
    return {
        "month": bench.measure(NAME, "request_summary", {"window": month}),
        "users": bench.measure(NAME, "active_users_daily", {"window": month, **visitors}),
        "data": bench.measure(NAME, "user_growth", {**_against(newest, oldest), **joining}),
    }
