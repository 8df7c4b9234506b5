"""The exact answers for one sample. Tests and evals read them; no tool, rule or agent ever does."""

from __future__ import annotations

from pydantic import Field

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
    by_endpoint: dict[str, int]
    by_status: dict[str, int]
    by_pod: dict[str, int]


class ThemeTruth(Frozen):
    """What people wrote about one theme; `requesters` are distinct persons, however they spell themselves."""

    kind: str
    candidate: str
    tickets: tuple[str, ...]
    requesters: int
    tickets_by_week: dict[str, int]


class Truth(Frozen):
    """Everything that is known of one sample.

    Attributes:
        weeks: last week, then this week.
        tickets_by_week: label of the ISO week → tickets.
        themes: by the theme's name.
        attacks: ids of the tickets that try to give orders to whoever reads them.
        capacity: party → days of the sprint that may be planned, the buffer kept free.
    """

    seed: int
    scale: float
    as_of: Moment
    zone: str
    weeks: tuple[WeekTruth, WeekTruth]
    incident: IncidentTruth
    tickets: int
    tickets_by_week: dict[str, int]
    themes: dict[str, ThemeTruth]
    attacks: tuple[str, ...]
    capacity: dict[str, float] = Field(default_factory=dict)

    @property
    def last_week(self) -> WeekTruth:
        """The week before the one reported on."""
        return self.weeks[0]

    @property
    def this_week(self) -> WeekTruth:
        """The week reported on."""
        return self.weeks[1]
