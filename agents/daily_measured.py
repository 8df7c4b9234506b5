"""What is measured for the daily check, from each source that is configured.

The day is compared with the day before, and with the same weekday of the week before: a Monday is no Sunday.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from postlaunch.agents.bench import Bench
from postlaunch.agents.health_measured import AFTERWARDS, NAME, Asked, during_incidents
from postlaunch.agents.health_week import Week
from postlaunch.facts import Fact
from postlaunch.settings import Settings
from postlaunch.sources.requests import RequestLog
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.tools.request_silence import MEASURED, same_hours_before, usually_silent
from postlaunch.windows import DAY, Window, calendar_day

USUAL = "usual_"
"""Before the name of what is compared with the same weekday, and not with the day before."""

FOR_CHARTS = frozenset({"requests_by_hour"})
"""Measured for the check's charts alone."""

EVE = "eve_"
"""Before the name of what is measured of the day before, where an anomaly goes on at midnight."""

SILENCE = "before_the_silence"
"""The requests of the same hours a week before; there only where requests end and that is not usual."""

ANOMALIES = ("request_anomalies", "resource_anomalies")


def measured(bench: Bench, window: Window, baseline: Window | None, now: datetime) -> Week:
    """Run every measurement of the check over a day.

    Args:
        now: what people and machines recorded is looked through up to then, or to the day's end, even where
            the request log ends before.
    """
    before = baseline or window.before()
    results = {
        asked: bench.measure(NAME, name, parameters)
        for asked, name, parameters in (
            *_of_requests(bench, window, before),
            *_others(bench, window, before, now),
        )
    }
    results |= during_incidents(bench, window, results)
    results |= _from_the_eve(bench, window, results)
    results |= _before_a_silence(bench, window, results, now)
    log = bench.sources.get("requests")
    sampled = log.coverage.sampled_reason if isinstance(log, RequestLog) else ""
    return Week(settings=bench.settings, window=window, results=results, sampled=sampled, told_until=now)


def _of_requests(bench: Bench, window: Window, before: Window) -> Iterator[Asked]:
    for name in ("request_summary", "uptime"):
        yield name, name, {"window": window, "baseline": before}
        yield USUAL + name, name, {"window": window, "baseline": same_weekday(window)}
    yield "incidents_seen", "incidents_seen", {"window": window}
    yield "request_anomalies", "request_anomalies", _anomalies(bench, window)
    yield "log_quality", "log_quality", {"window": window}
    yield "requests_by_hour", "requests_by_hour", {"window": window}


def _others(bench: Bench, window: Window, before: Window, now: datetime) -> Iterator[Asked]:
    configured, records = bench.settings.sources, window.known_at(now)
    if configured.resources is not None:
        yield "resource_summary", "resource_summary", {"window": window, "baseline": before}
        weeks = bench.settings.monitoring.trend_weeks
        yield "resource_trend", "resource_trend", {"window": window, "weeks": weeks}
        yield "resource_anomalies", "resource_anomalies", _anomalies(bench, window)
    if configured.logs is not None:
        yield "log_levels", "log_levels", {"window": window, "baseline": before}
        yield "log_templates", "log_templates", {"window": window, "baseline": before}
    if configured.alerts is not None:
        hours = AFTERWARDS / timedelta(hours=1)
        yield "alerts", "incident_alerts", {"window": records, "near_minutes": 0, "after_hours": hours}
    if configured.changes is not None:
        after = Window(start=window.start, end=records.observed_end + timedelta(hours=1), zone=window.zone)
        yield "changes", "incident_changes", {"window": after}
    if configured.launch is not None:
        yield "launch", "launch_baseline", {"window": window}


def _from_the_eve(
    bench: Bench, window: Window, results: Mapping[str, MeasurementResult]
) -> dict[str, MeasurementResult]:
    """Where the first hour is unusual, the anomalies of the day before: what goes on began there."""
    found = {}
    for name in ANOMALIES:
        known = results.get(name)
        if known is not None and any(_begins(fact, window) for fact in known.facts):
            found[EVE + name] = bench.measure(NAME, name, _anomalies(bench, window.before()))
    return found


def _before_a_silence(
    bench: Bench, window: Window, results: Mapping[str, MeasurementResult], now: datetime
) -> dict[str, MeasurementResult]:
    """What came a week before in the hours of a silence: where the log ended in the window, more should have
    come by now, and it is not usual that none does.
    """
    end = results["log_quality"].fact("log_end")
    if end is None or not window.partial or end.value >= window.observed_end.timestamp():
        return {}
    ended = datetime.fromtimestamp(end.value, UTC)
    if now - ended <= bench.settings.cadence.data_wait:
        return {}
    hours = same_hours_before(ended, now, window.zone)
    before = bench.measure(NAME, MEASURED, {"window": hours})
    usual = usually_silent(before, hours, bench.sources.get("requests"))
    return {} if usual else {SILENCE: before}


def _begins(fact: Fact, window: Window) -> bool:
    return fact.window.start == window.start and fact.window.end < window.observed_end


def _anomalies(bench: Bench, window: Window) -> dict[str, object]:
    return {"window": window, **what_is_unusual(bench.settings)}


def what_is_unusual(settings: Settings) -> dict[str, JsonValue]:
    """The parameters of the measurements of anomalies that the settings decide."""
    monitoring = settings.monitoring
    return {
        "weeks": monitoring.history_weeks,
        "least": min(monitoring.history_least, monitoring.history_weeks),
        "alarms": monitoring.false_alarms,
    }


def same_weekday(window: Window) -> Window:
    """The same span of the clock on the wall, a week before; as much of it as of a partial window."""
    if DAY.match(window.label):
        day = window.local(window.start).date() - timedelta(days=7)
        before = calendar_day(day, window.zone)
    else:
        start, end = (_a_week_before(window, moment) for moment in (window.start, window.end))
        before = Window(start=start, end=end, zone=window.zone)
    return before.cut(_a_week_before(window, window.observed_end)) if window.partial else before


def _a_week_before(window: Window, moment: datetime) -> datetime:
    wall = window.local(moment).replace(tzinfo=None) - timedelta(days=7)
    return wall.replace(tzinfo=ZoneInfo(window.zone)).astimezone(UTC)
