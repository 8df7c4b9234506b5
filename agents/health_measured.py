"""What is measured for a health report, from each source that is configured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from postlaunch.agents.bench import Bench
from postlaunch.agents.health_errors import EVERY_ENDPOINT, every_endpoint
from postlaunch.agents.health_sections import BEYOND_THE_END, STILL_GOING, during
from postlaunch.agents.health_week import Week
from postlaunch.facts import Fact
from postlaunch.sources.requests import RequestLog
from postlaunch.tools import (  # noqa: F401  (registers what is measured)
    analytics,
    feedback_measurements,
    incident_records,
    launch_record,
    log_measurements,
    requests,
    resources,
)
from postlaunch.tools.incident_records import ChangeSeen, changes_seen
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.tools.verdicts import objective_days
from postlaunch.windows import ISO_WEEK, Window, zone_named

NAME = "monitoring-specialist"

OF_REQUESTS: tuple[tuple[str, str, dict[str, JsonValue]], ...] = (
    ("request_summary", "request_summary", {}),
    ("uptime", "uptime", {}),
    ("incidents_seen", "incidents_seen", {}),
    ("server_errors", "error_endpoints", {"status": "5xx"}),
    ("errors_by_type", "errors_by_type", {}),
    ("slowest_endpoints", "slowest_endpoints", {"limit": 3}),
    ("top_endpoints", "top_endpoints", {"limit": 5}),
    ("downtime", "downtime", {}),
    ("registrations", "registrations", {}),
    ("pod_comparison", "pod_comparison", {}),
    ("mix_shift", "mix_shift", {}),
    ("log_quality", "log_quality", {}),
    ("requests_by_day", "requests_by_day", {}),
)
"""What is measured of the requests: asked as, measurement, parameters beside the window. A model sees the
facts in this order, before those of the other sources."""

FOR_CHARTS = frozenset({"requests_by_day"})
"""Measured for the report's charts alone; a model asks for a series when it wants one."""

INCIDENTS_LOOKED_INTO = 5
"""Incidents of the week whose endpoints are measured too."""

MOST_ENDPOINTS = 100
"""As many endpoints as a measurement of errors lists at most."""

AFTERWARDS = timedelta(hours=24)
"""How long after the window a change may still be the answer to what happened in it."""


BEGINS_LATER = timedelta(hours=1)
"""A log that begins so long after a span covers less than it."""


def measured(bench: Bench, window: Window, baseline: Window | None) -> Week:
    """Run every measurement of the report over a window, and look its incidents over."""
    spans: dict[str, object] = {"window": window, "baseline": baseline or window.before()}
    results = {
        asked: bench.measure(NAME, name, {**spans, **parameters}) for asked, name, parameters in OF_REQUESTS
    }
    for asked, name, parameters in _of_other_sources(bench, spans, results):
        results[asked] = bench.measure(NAME, name, parameters)
    if longer := _objective_window(bench, window):
        results["uptime_of_objective"] = bench.measure(NAME, "uptime", {"window": longer})
        results["requests_of_objective"] = bench.measure(NAME, "request_summary", {"window": longer})
    if planned := planned_spans(changes_seen(results.get("changes")), window):
        spans_planned = {"window": window, "planned": planned}
        results["uptime_unplanned"] = bench.measure(NAME, "uptime_unplanned", spans_planned)
    results |= during_incidents(bench, window, results)
    results |= _every_endpoint(bench, window, results)
    log = bench.sources.get("requests")
    sampled = log.coverage.sampled_reason if isinstance(log, RequestLog) else ""
    return Week(settings=bench.settings, window=window, results=results, sampled=sampled)


def shown_facts(week: Week) -> tuple[Fact, ...]:
    """What a model sees, in this order: of the application, endpoints and incidents; then of single pods."""
    facts = [
        fact
        for asked, result in week.results.items()
        if asked not in {*FOR_CHARTS, BEYOND_THE_END} and not asked.endswith(EVERY_ENDPOINT)
        for fact in result.facts
    ]
    return tuple(sorted(facts, key=lambda fact: fact.entity.startswith("pod ")))


Asked = tuple[str, str, dict[str, object]]
"""Asked as, measurement, parameters."""


def _of_other_sources(
    bench: Bench, spans: dict[str, object], results: Mapping[str, MeasurementResult]
) -> Iterator[Asked]:
    """What the sources beside the requests are asked for, where they are configured."""
    configured, monitoring = bench.settings.sources, bench.settings.monitoring
    window = spans["window"]
    if configured.tickets is not None:
        yield "ticket_volume", "ticket_volume", spans
        if isinstance(window, Window) and not ISO_WEEK.match(window.label):
            yield "support_ticket_rate", "support_ticket_rate", spans
    if configured.events is not None:
        yield from _of_events(bench, spans, results)
    if configured.resources is not None:
        yield "resource_summary", "resource_summary", spans
        trend: dict[str, object] = {"window": window, "weeks": monitoring.trend_weeks}
        yield "resource_trend", "resource_trend", trend
    if configured.changes is not None:
        yield "changes", "incident_changes", {"window": _with_day_after(spans)}
    if configured.alerts is not None:
        after = AFTERWARDS / timedelta(hours=1)
        yield "alerts", "incident_alerts", {"window": window, "near_minutes": 0, "after_hours": after}
    if configured.launch is not None:
        yield "launch", "launch_baseline", {"window": window}


def _of_events(
    bench: Bench, spans: dict[str, object], results: Mapping[str, MeasurementResult]
) -> Iterator[Asked]:
    """Users and registrations, where the request log cannot tell them."""
    known = bench.settings.analytics
    asked: dict[str, object] = {**spans, "visitor_events": known.visitors}
    if results["request_summary"].fact("active_users") is None:
        yield "active_in_events", "users_active_in", asked
    if known.signup_event and results["registrations"].fact("new_registrations") is None:
        yield "joined_in_events", "user_growth", {**asked, "signup_event": known.signup_event}


def _with_day_after(spans: dict[str, object]) -> Window:
    window = spans["window"]
    assert isinstance(window, Window)
    return Window(start=window.start, end=window.observed_end + AFTERWARDS, zone=window.zone)


def planned_spans(changes: tuple[ChangeSeen, ...], window: Window) -> list[Window]:
    """The spans of planned maintenance that a window touches; one whose end is not recorded is a minute."""
    spans = []
    for seen in changes:
        change = seen.change
        end = max(change.ended_at or change.at, change.at + timedelta(minutes=1))
        planned = change.kind == "maintenance" and change.planned
        if planned and change.at < window.observed_end and end > window.start:
            spans.append(Window(start=change.at, end=end, zone=window.zone))
    return spans


def during_incidents(
    bench: Bench, window: Window, measured: Mapping[str, MeasurementResult]
) -> dict[str, MeasurementResult]:
    """The endpoints that failed in each of the first incidents, over its own span; and how one that reaches
    the window's end went on, where the log does.
    """
    seen = measured["incidents_seen"]
    results: dict[str, MeasurementResult] = {}
    for start in seen.named("incident_start")[:INCIDENTS_LOOKED_INTO]:
        minutes = seen.fact("incident_minutes", start.entity)
        if minutes is None:
            continue
        begin = datetime.fromtimestamp(start.value, UTC)
        span = Window(start=begin, end=begin + timedelta(minutes=minutes.value), zone=window.zone)
        results[during(start.entity)] = bench.measure(
            NAME, "error_endpoints", {"window": span, "status": "5xx", "limit": 3}
        )
        log_end = measured["log_quality"].fact("log_end")
        if log_end is not None and span.end >= window.observed_end - STILL_GOING and not window.partial:
            reaches = min(datetime.fromtimestamp(log_end.value, UTC), window.end + AFTERWARDS)
            if reaches > window.end:
                longer = Window(start=window.start, end=reaches, zone=window.zone)
                results[BEYOND_THE_END] = bench.measure(NAME, "incidents_seen", {"window": longer})
    return results


def _every_endpoint(
    bench: Bench, window: Window, results: Mapping[str, MeasurementResult]
) -> dict[str, MeasurementResult]:
    """All endpoints that failed, in the window and in each incident looked into, so that the failures outside
    the incidents can be told; none without incidents.
    """
    spans: dict[str, object] = {
        asked: result.measurement.parameters["window"]
        for asked, result in results.items()
        if result.measurement.name == "error_endpoints" and asked != "server_errors"
    }
    if spans:
        spans["server_errors"] = window
    return {
        every_endpoint(asked): bench.measure(
            NAME, "error_endpoints", {"window": span, "status": "5xx", "limit": MOST_ENDPOINTS}
        )
        for asked, span in spans.items()
    }


def _objective_window(bench: Bench, window: Window) -> Window | None:
    """What of the uptime objective's window is recorded, up to now: its budget is cumulative. None where that
    is the week itself, or where it has no length in days.
    """
    objective = bench.settings.objectives.get("uptime")
    days = objective_days(objective.window) if objective else None
    if days is None:
        return None
    end, log = window.observed_end, bench.sources.get("requests")
    on_the_wall = window.local(end).replace(tzinfo=None) - timedelta(days=days)
    start = min(window.start, on_the_wall.replace(tzinfo=zone_named(window.zone)).astimezone(UTC))
    if isinstance(log, RequestLog) and log.coverage.first - start > BEGINS_LATER:
        start = log.coverage.first
    return None if start == window.start or start >= end else Window(start=start, end=end, zone=window.zone)
