"""The exact answers on requests: every week, and the incident."""

from __future__ import annotations

from postlaunch.facts import Frozen
from postlaunch.windows import Moment


class LatencyTruth(Frozen):
    """Response times in milliseconds; percentiles by nearest rank."""

    mean: float
    p50: float
    p95: float
    p99: float


class EndpointTruth(Frozen):
    """One endpoint in one week; `share` is of all requests of the week."""

    requests: int
    share: float
    server_errors: int
    latency: LatencyTruth


class PodTruth(Frozen):
    """One pod in one week."""

    requests: int
    server_errors: int
    mean_ms: float


class WeekTruth(Frozen):
    """One ISO week in the application's time zone.

    Attributes:
        errors: status from 400 on → count.
        error_rate: 5xx ÷ all requests.
        active_users: distinct users who were signed in.
        registrations: requests to POST /auth/register answered with 201.
        down_minutes: minutes with at least 10 requests of which at least half are 5xx.
        minutes_covered: share of the week's minutes with at least one request.
        uptime: the share of those minutes that are not down.
        peak_per_second: requests of the busiest minute ÷ 60.
        busiest_hour_per_second: requests of the busiest hour ÷ 3600, the incident's day left out.
        first_page_share: looks at the first page of GET /users ÷ all looks at it.
        slowest: endpoints with at least 30 requests, by mean response time, slowest first.
        busiest: endpoints by requests, busiest first.
    """

    label: str
    start: Moment
    end: Moment
    requests: int
    errors: dict[str, int]
    error_rate: float
    client_error_rate: float
    bots: int
    active_users: int
    registrations: int
    down_minutes: int
    minutes_covered: float
    uptime: float
    peak_per_second: float
    busiest_hour_per_second: float
    first_page_share: float
    latency: LatencyTruth
    endpoints: dict[str, EndpointTruth]
    pods: dict[str, PodTruth]
    slowest: tuple[str, ...]
    busiest: tuple[str, ...]


class IncidentTruth(Frozen):
    """The one incident.

    Attributes:
        start, end: the span in which connections ran out, half-open.
        first_failure, last_failure: when the first and the last request failed of it.
        requests: every request in the span.
        server_errors: requests in the span answered with 5xx, whatever the reason.
        failed: those of them that the incident made fail; the split below is of these.
        users: distinct signed-in users with a 5xx in the span.
        peak_per_second: requests of the busiest minute of the span ÷ 60.
        down_minutes: minutes of the span that count as down.
        error_rate_by_minute: 5xx ÷ all requests of each minute.
        fired, resolved: the critical alert of it, by its rule.
        fixed, restarted: when the configuration was changed, and when the last pod was back.
        pool_before, pool_after: connections of each pod, before the fix and after it.
        most_in_use_before, most_in_use, most_in_use_after: connections of one pod in use in any sample before
            the span, in it before the fix, and after it on its day.
        most_cpu_share: of a pod's limit, in any sample of the span.
    """

    cause: str
    start: Moment
    end: Moment
    minutes: int
    first_failure: Moment
    last_failure: Moment
    requests: int
    server_errors: int
    failed: int
    users: int
    peak_per_second: float
    down_minutes: int
    error_rate_by_minute: tuple[float, ...]
    by_endpoint: dict[str, int]
    by_status: dict[str, int]
    by_pod: dict[str, int]
    fired: Moment
    resolved: Moment
    fixed: Moment
    restarted: Moment
    pool_before: int
    pool_after: int
    most_in_use_before: int
    most_in_use: int
    most_in_use_after: int
    most_cpu_share: float
