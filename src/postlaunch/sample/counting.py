"""The truth, counted from the records themselves in plain code: no query and no tool takes part."""

from __future__ import annotations

import math
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from importlib.resources import files
from zoneinfo import ZoneInfo

from postlaunch.sample.incident import CAUSE, Incident
from postlaunch.sample.records import Request, WrittenTicket
from postlaunch.sample.rhythm import moment
from postlaunch.sample.truth import (
    EndpointTruth,
    IncidentTruth,
    LatencyTruth,
    PodTruth,
    ThemeTruth,
    WeekTruth,
)
from postlaunch.sample.voices import voices
from postlaunch.windows import Window, iso_week_of

MINUTE = 60_000
FEWEST_FOR_SLOWEST = 30
FEWEST_FOR_DOWN = 10


def week_truth(requests: Iterable[Request], week: Window) -> WeekTruth:
    """The truth of one week."""
    start, end = _milliseconds(week)
    inside = [request for request in requests if start <= request.at < end]
    statuses = Counter(request.status for request in inside)
    total = len(inside)
    server_errors = sum(count for status, count in statuses.items() if status >= 500)
    client_errors = sum(count for status, count in statuses.items() if 400 <= status < 500)
    endpoints = _endpoints(inside)
    minutes = Counter(request.at // MINUTE for request in inside)
    down = len(_down_minutes(inside))
    return WeekTruth(
        label=week.label,
        start=week.start,
        end=week.end,
        requests=total,
        errors={str(status): count for status, count in sorted(statuses.items()) if status >= 400},
        error_rate=server_errors / total,
        client_error_rate=client_errors / total,
        bots=sum(request.bot for request in inside),
        active_users=len({request.user for request in inside if request.user is not None}),
        registrations=sum(_registers(request) for request in inside),
        down_minutes=down,
        minutes_covered=len(minutes) / ((end - start) // MINUTE),
        uptime=1 - down / len(minutes),
        peak_per_second=max(minutes.values()) / 60,
        latency=_latency(request.latency_ms for request in inside),
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


def incident_truth(requests: Iterable[Request], incident: Incident) -> IncidentTruth:
    """The truth of the incident."""
    inside = [request for request in requests if incident.minute(request.at) is not None]
    failed = [request for request in inside if request.incident]
    return IncidentTruth(
        cause=CAUSE,
        start=incident.start,
        end=incident.end,
        minutes=int((incident.end - incident.start).total_seconds() // 60),
        first_failure=moment(min(request.at for request in failed)),
        last_failure=moment(max(request.at for request in failed)),
        requests=len(inside),
        server_errors=sum(request.status >= 500 for request in inside),
        failed=len(failed),
        users=len({r.user for r in inside if r.status >= 500 and r.user is not None}),
        peak_per_second=max(Counter(request.at // MINUTE for request in inside).values()) / 60,
        down_minutes=len(_down_minutes(inside)),
        by_endpoint=_counted(request.endpoint for request in failed),
        by_status=_counted(str(request.status) for request in failed),
        by_pod=_counted(request.pod for request in failed),
    )


def theme_truths(tickets: Sequence[WrittenTicket], zone: str) -> dict[str, ThemeTruth]:
    """The truth of every theme, in the order of the phrase book."""
    truths = {}
    for name, theme in voices().themes.items():
        about = [ticket for ticket in tickets if ticket.theme == name]
        truths[name] = ThemeTruth(
            kind=theme.kind,
            candidate=theme.candidate,
            tickets=tuple(ticket.id for ticket in about),
            requesters=len({ticket.person for ticket in about}),
            tickets_by_week=by_week(about, zone),
        )
    return truths


def by_week(tickets: Iterable[WrittenTicket], zone: str) -> dict[str, int]:
    """Tickets per ISO week of the zone, oldest week first."""
    place = ZoneInfo(zone)
    return _counted(iso_week_of(moment(ticket.at, place).date(), zone).label for ticket in tickets)


def capacity_truth() -> dict[str, float]:
    """Days that may be planned, by party, as the sample's settings declare them."""
    text = files("postlaunch.sample").joinpath("postlaunch.toml").read_text(encoding="utf-8")
    settings = tomllib.loads(text)
    free = 1 - settings["capacity"]["buffer"]
    return {party["name"]: party["days"] * free for party in settings["roster"] if "days" in party}


def _milliseconds(week: Window) -> tuple[int, int]:
    return int(week.start.timestamp() * 1000), int(week.end.timestamp() * 1000)


def _registers(request: Request) -> bool:
    return request.endpoint == "POST /auth/register" and request.status == 201


def _down_minutes(requests: Iterable[Request]) -> list[int]:
    total, failed = Counter[int](), Counter[int]()
    for request in requests:
        total[request.at // MINUTE] += 1
        failed[request.at // MINUTE] += request.status >= 500
    return [
        minute for minute, count in total.items() if count >= FEWEST_FOR_DOWN and failed[minute] * 2 >= count
    ]


def _endpoints(requests: Sequence[Request]) -> dict[str, EndpointTruth]:
    groups: defaultdict[str, list[Request]] = defaultdict(list)
    for request in requests:
        groups[request.endpoint].append(request)
    return {
        name: EndpointTruth(
            requests=len(group),
            share=len(group) / len(requests),
            server_errors=sum(request.status >= 500 for request in group),
            latency=_latency(request.latency_ms for request in group),
        )
        for name, group in sorted(groups.items())
    }


def _pods(requests: Iterable[Request]) -> dict[str, PodTruth]:
    groups: defaultdict[str, list[Request]] = defaultdict(list)
    for request in requests:
        groups[request.pod].append(request)
    return {
        name: PodTruth(
            requests=len(group),
            server_errors=sum(request.status >= 500 for request in group),
            mean_ms=math.fsum(request.latency_ms for request in group) / len(group),
        )
        for name, group in sorted(groups.items())
    }


def _latency(values: Iterable[float]) -> LatencyTruth:
    ordered = sorted(values)
    return LatencyTruth(
        mean=math.fsum(ordered) / len(ordered),
        p50=percentile(ordered, 50),
        p95=percentile(ordered, 95),
        p99=percentile(ordered, 99),
    )


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The least of the sorted values that this percentage of them does not exceed (nearest rank)."""
    return ordered[-(-len(ordered) * percent // 100) - 1]


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
