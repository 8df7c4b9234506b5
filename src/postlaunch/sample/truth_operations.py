"""The exact answers on what the application runs on, on alerts, costs, tickets and the future."""

from __future__ import annotations

from datetime import date

from postlaunch.facts import Frozen
from postlaunch.windows import Moment


class PodUseTruth(Frozen):
    """What one pod used in one week: means and maxima over its samples.

    Attributes:
        samples: one a minute.
        memory_share, cpu_share, disk_share: means, of the limit.
        disk_last: bytes on the disk in the week's last sample.
        pool_in_use, most_in_use: connections, mean and maximum.
    """

    samples: int
    memory_bytes: float
    memory_share: float
    most_memory_share: float
    cpu_cores: float
    cpu_share: float
    most_cpu_share: float
    disk_bytes: float
    disk_share: float
    disk_last: float
    pool_in_use: float
    most_in_use: int


class ResourcesTruth(Frozen):
    """One week's resources by pod."""

    label: str
    pods: dict[str, PodUseTruth]


class LogTruth(Frozen):
    """One week of the application's log.

    Attributes:
        levels: "info", "warning", "error" → lines.
        slow_queries, upload_timeouts, pool_errors, pool_warnings: lines of these kinds.
    """

    label: str
    lines: int
    levels: dict[str, int]
    slow_queries: int
    upload_timeouts: int
    pool_errors: int
    pool_warnings: int


class AlertTruth(Frozen):
    """One alert that a rule fired."""

    alert: str
    rule: str
    severity: str
    fired: Moment
    resolved: Moment


class CostTruth(Frozen):
    """What a calendar month cost, as far as there are lines for its days.

    Attributes:
        days: with lines.
        services: name → amount.
        monthly_active_users: of the 30 days to the month's last day, or to the sample's; None where the
            product's events do not reach back so far.
        per_active_user: amount ÷ monthly active users.
    """

    month: str
    days: int
    amount: float
    services: dict[str, float]
    monthly_active_users: int | None
    per_active_user: float | None


class VulnerabilityTruth(Frozen):
    """One vulnerable dependency; `fixed`: the first scan that no longer lists it, None while it is listed."""

    id: str
    package: str
    severity: str
    score: float
    first_listed: date
    fixed: date | None


class GrowthTruth(Frozen):
    """What the generator was told, and what it made of it.

    Attributes:
        weekly: growth of users, and with them of visits, that was asked for, as a share a week.
        weekly_slowdown: by what share response times rise a week.
        requests: of each week ÷ those of the week before − 1, the incident's surge included.
    """

    weekly: float
    weekly_slowdown: float
    requests: tuple[float, ...]


class ForecastTruth(Frozen):
    """What the generator's own growth would give.

    Attributes:
        weeks: from the end of the sample.
        factor: by which users, visits and requests multiply.
        users: there would be.
        mean_per_second: requests, over the week that begins then.
        busiest_hour_per_second: requests in that week's busiest hour, without a surge.
        peak_per_second: of the sample's busiest minute, with the training hour grown alike.
        cpu_share: of a pod's limit in the mean of that week, with the pods there are.
        disk_share: of a pod's limit.
    """

    weeks: int
    factor: float
    users: float
    mean_per_second: float
    busiest_hour_per_second: float
    peak_per_second: float
    cpu_share: float
    disk_share: float


class ThemeTruth(Frozen):
    """What people wrote about one theme; `requesters` are distinct persons, however they spell themselves."""

    kind: str
    candidate: str
    tickets: tuple[str, ...]
    requesters: int
    tickets_by_week: dict[str, int]
