"""The truth of requests, counted from the columns in plain code: no query and no tool takes part."""

from __future__ import annotations

import numpy as np

from postlaunch.sample.alerts import AlertRow
from postlaunch.sample.application import Application
from postlaunch.sample.changes import restarted_at
from postlaunch.sample.columns import MINUTE, NOBODY, Flags, Floats, Places, Requests
from postlaunch.sample.endpoints import ENDPOINTS, LIST_USERS, REGISTER
from postlaunch.sample.incident import CAUSE, LARGER_POOL, PODS, POOL, RESTARTING
from postlaunch.sample.resources import CPU_LIMIT, Samples
from postlaunch.sample.rhythm import Calendar, milliseconds, moment
from postlaunch.sample.truth_requests import (
    EndpointTruth,
    IncidentTruth,
    LatencyTruth,
    PodTruth,
    WeekTruth,
)
from postlaunch.windows import Window

FEWEST_FOR_SLOWEST = 30
FEWEST_FOR_DOWN = 10
HOUR_MINUTES = 60


def week_truths(application: Application) -> tuple[WeekTruth, ...]:
    """The truth of every week, oldest first."""
    requests = application.requests
    bounds = [milliseconds(week.start) for week in application.calendar.weeks]
    cuts = np.searchsorted(requests.at, [*bounds, application.calendar.end])
    return tuple(
        _week(requests.rows(slice(int(first), int(after))), week, application)
        for week, first, after in zip(application.calendar.weeks, cuts, cuts[1:], strict=False)
    )


def _week(inside: Requests, week: Window, application: Application) -> WeekTruth:
    total = len(inside)
    statuses, counts = np.unique(inside.status, return_counts=True)
    errors = {str(status): int(n) for status, n in zip(statuses, counts, strict=True) if status >= 400}
    server_errors = int((inside.status >= 500).sum())
    minutes = np.unique(inside.at // MINUTE, return_counts=True)[1]
    down = _down_minutes(inside)
    endpoints = _endpoints(inside)
    lists = inside.endpoint == LIST_USERS
    return WeekTruth(
        label=week.label,
        start=week.start,
        end=week.end,
        requests=total,
        errors=errors,
        error_rate=server_errors / total,
        client_error_rate=(sum(errors.values()) - server_errors) / total,
        bots=int(inside.bot.sum()),
        active_users=len(np.unique(inside.user[inside.user != NOBODY])),
        registrations=int(((inside.endpoint == REGISTER) & (inside.status == 201)).sum()),
        down_minutes=down,
        minutes_covered=len(minutes) / ((milliseconds(week.end) - milliseconds(week.start)) // MINUTE),
        uptime=1 - down / len(minutes),
        peak_per_second=int(minutes.max()) / 60,
        busiest_hour_per_second=_busiest_hour(inside, application),
        first_page_share=float((inside.page[lists] == 1).mean()),
        latency=_latency(inside.latency_ms),
        endpoints=endpoints,
        pods=_pods(inside),
        slowest=tuple(
            sorted(
                (name for name, truth in endpoints.items() if truth.requests >= FEWEST_FOR_SLOWEST),
                key=lambda name: -endpoints[name].latency.mean,
            )
        ),
        busiest=tuple(sorted(endpoints, key=lambda name: -endpoints[name].requests)),
    )


def incident_truth(application: Application, samples: Samples, fired: tuple[AlertRow, ...]) -> IncidentTruth:
    """The truth of the incident."""
    requests, incident, zone = application.requests, application.incident, application.calendar.zone
    inside = requests.rows(incident.covers(requests.at))
    failed = inside.rows(inside.incident)
    errors = inside.status >= 500
    minute = (inside.at - incident.start_ms) // MINUTE
    minutes = (incident.end_ms - incident.start_ms) // MINUTE
    by_minute = np.bincount(minute, minlength=minutes)
    alert = next(row for row in fired if row.kind == "fired" and row.severity == "critical")
    resolved = next(row for row in fired if row.kind == "resolved" and row.alert == alert.alert)
    before, during = samples.at < incident.start_ms, incident.covers(samples.at)
    exhausted = during & (samples.pool_size == POOL)
    after = (samples.at >= incident.end_ms) & (
        samples.at < _next_midnight(application.calendar, incident.end_ms)
    )
    return IncidentTruth(
        cause=CAUSE,
        start=incident.start,
        end=incident.end,
        minutes=minutes,
        first_failure=moment(int(failed.at.min()), zone),
        last_failure=moment(int(failed.at.max()), zone),
        requests=len(inside),
        server_errors=int(errors.sum()),
        failed=len(failed),
        users=len(np.unique(inside.user[errors & (inside.user != NOBODY)])),
        peak_per_second=int(by_minute.max()) / 60,
        down_minutes=_down_minutes(inside),
        error_rate_by_minute=tuple(
            float(n) for n in np.bincount(minute[errors], minlength=minutes) / np.maximum(by_minute, 1)
        ),
        by_endpoint=_counted([ENDPOINTS[place].name for place in failed.endpoint]),
        by_status=_counted([str(status) for status in failed.status]),
        by_pod=_counted([PODS[pod] for pod in failed.pod]),
        fired=alert.at,
        resolved=resolved.at,
        fixed=incident.after(RESTARTING - 1, 30),
        restarted=restarted_at(incident.after(RESTARTING), len(PODS) - 1),
        pool_before=POOL,
        pool_after=LARGER_POOL,
        most_in_use_before=int(samples.pool_in_use[before].max()),
        most_in_use=int(samples.pool_in_use[exhausted].max()),
        most_in_use_after=int(samples.pool_in_use[after].max()),
        most_cpu_share=float(samples.cpu_cores[during].max()) / CPU_LIMIT,
    )


def _next_midnight(calendar: Calendar, at: int) -> int:
    return int(calendar.day_starts[np.searchsorted(calendar.day_starts, at, side="right")])


def _down_minutes(requests: Requests) -> int:
    if not len(requests):
        return 0
    minute = requests.at // MINUTE - requests.at[0] // MINUTE
    total = np.bincount(minute)
    failed = np.bincount(minute[requests.status >= 500], minlength=len(total))
    return int(((total >= FEWEST_FOR_DOWN) & (failed * 2 >= total)).sum())


def _busiest_hour(requests: Requests, application: Application) -> float:
    """Requests a second in the busiest hour; the day of the incident is left out."""
    calendar = application.calendar
    day = calendar.day_of(requests.at)
    usual = day != calendar.day_of(np.array([application.incident.start_ms]))[0]
    hour = (requests.at[usual] - calendar.start) // (HOUR_MINUTES * MINUTE)
    return int(np.bincount(hour - hour[0]).max()) / (HOUR_MINUTES * 60)


def _endpoints(requests: Requests) -> dict[str, EndpointTruth]:
    names = sorted({ENDPOINTS[int(place)].name for place in np.unique(requests.endpoint)})
    truths = {}
    for name in names:
        which = np.isin(requests.endpoint, _places_of(name))
        truths[name] = EndpointTruth(
            requests=int(which.sum()),
            share=int(which.sum()) / len(requests),
            server_errors=int((requests.status[which] >= 500).sum()),
            latency=_latency(requests.latency_ms[which]),
        )
    return truths


def _places_of(name: str) -> Places:
    """An endpoint with an image and without is one."""
    return np.array([place for place, endpoint in enumerate(ENDPOINTS) if endpoint.name == name])


def _pods(requests: Requests) -> dict[str, PodTruth]:
    return {
        name: PodTruth(
            requests=int(which.sum()),
            server_errors=int((requests.status[which] >= 500).sum()),
            mean_ms=float(requests.latency_ms[which].mean()),
        )
        for name, which in _by_pod(requests).items()
    }


def _by_pod(requests: Requests) -> dict[str, Flags]:
    return {name: np.asarray(requests.pod == place, dtype=np.bool_) for place, name in enumerate(PODS)}


def _latency(values: Floats) -> LatencyTruth:
    ordered = np.sort(values)
    return LatencyTruth(
        mean=float(ordered.mean()),
        p50=percentile(ordered, 50),
        p95=percentile(ordered, 95),
        p99=percentile(ordered, 99),
    )


def percentile(ordered: Floats, percent: int) -> float:
    """The least of the sorted values that this percentage of them does not exceed (nearest rank)."""
    return float(ordered[-(-len(ordered) * percent // 100) - 1])


def _counted(names: list[str]) -> dict[str, int]:
    return {name: names.count(name) for name in sorted(set(names))}
