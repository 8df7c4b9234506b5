"""The truth of resources, the log, alerts, costs, scans and growth, counted in plain code."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from postlaunch.sample.alerts import AlertRow
from postlaunch.sample.app_log import LogLine
from postlaunch.sample.application import Application
from postlaunch.sample.costs import CostLine
from postlaunch.sample.counting_users import monthly_active
from postlaunch.sample.endpoints import WEEKLY_SLOWDOWN
from postlaunch.sample.history import History
from postlaunch.sample.incident import PODS
from postlaunch.sample.resources import CPU_IDLE, CPU_LIMIT, DISK_LIMIT, MEMORY_LIMIT, Samples
from postlaunch.sample.rhythm import WEEKLY_GROWTH, milliseconds
from postlaunch.sample.scans import KNOWN
from postlaunch.sample.truth_operations import (
    AlertTruth,
    CostTruth,
    ForecastTruth,
    GrowthTruth,
    LogTruth,
    PodUseTruth,
    ResourcesTruth,
    VulnerabilityTruth,
)
from postlaunch.sample.truth_requests import WeekTruth
from postlaunch.windows import Window, month_of

QUARTER_WEEKS = 13


def resource_truths(samples: Samples, weeks: Sequence[Window]) -> tuple[ResourcesTruth, ...]:
    """What the pods used in each week."""
    truths = []
    for week in weeks:
        inside = (samples.at >= milliseconds(week.start)) & (samples.at < milliseconds(week.end))
        pods = {name: _pod(samples.rows(inside & (samples.pod == place))) for place, name in enumerate(PODS)}
        truths.append(ResourcesTruth(label=week.label, pods=pods))
    return tuple(truths)


def _pod(samples: Samples) -> PodUseTruth:
    memory, cpu = float(samples.memory_bytes.mean()), float(samples.cpu_cores.mean())
    disk = float(samples.disk_bytes.mean())
    return PodUseTruth(
        samples=len(samples),
        memory_bytes=memory,
        memory_share=memory / MEMORY_LIMIT,
        most_memory_share=float(samples.memory_bytes.max()) / MEMORY_LIMIT,
        cpu_cores=cpu,
        cpu_share=cpu / CPU_LIMIT,
        most_cpu_share=float(samples.cpu_cores.max()) / CPU_LIMIT,
        disk_bytes=disk,
        disk_share=disk / DISK_LIMIT,
        disk_last=float(samples.disk_bytes[-1]),
        pool_in_use=float(samples.pool_in_use.mean()),
        most_in_use=int(samples.pool_in_use.max()),
    )


def log_truths(lines: Sequence[LogLine], weeks: Sequence[Window]) -> tuple[LogTruth, ...]:
    """What was logged in each week."""
    truths = []
    for week in weeks:
        start, end = milliseconds(week.start), milliseconds(week.end)
        inside = [line for line in lines if start <= line.at < end]
        said = [line.message for line in inside]
        truths.append(
            LogTruth(
                label=week.label,
                lines=len(inside),
                levels=dict(sorted(Counter(line.level.lower() for line in inside).items())),
                slow_queries=sum(text.startswith("slow query") for text in said),
                upload_timeouts=sum(text.startswith("image upload timed out") for text in said),
                pool_errors=sum(text.startswith("connection pool exhausted") for text in said),
                pool_warnings=sum(text.endswith("database connections in use") for text in said),
            )
        )
    return tuple(truths)


def alert_truths(fired: Sequence[AlertRow]) -> tuple[AlertTruth, ...]:
    """Every alert, in the order in which they came."""
    gone = {row.alert: row.at for row in fired if row.kind == "resolved"}
    return tuple(
        AlertTruth(
            alert=row.alert, rule=row.rule, severity=row.severity, fired=row.at, resolved=gone[row.alert]
        )
        for row in fired
        if row.kind == "fired"
    )


def cost_truths(lines: Sequence[CostLine], history: History) -> tuple[CostTruth, ...]:
    """What each calendar month cost."""
    months: defaultdict[date, list[CostLine]] = defaultdict(list)
    for line in lines:
        months[line.day.replace(day=1)].append(line)
    truths = []
    for first, inside in sorted(months.items()):
        month = month_of(first, history.calendar.weeks[0].zone)
        after = min(month.local(month.end).date(), history.calendar.days[-1] + timedelta(days=1))
        services: defaultdict[str, float] = defaultdict(float)
        for line in inside:
            services[line.service] += line.amount
        active, amount = monthly_active(history, after), sum(services.values())
        truths.append(
            CostTruth(
                month=month.label,
                days=len({line.day for line in inside}),
                amount=amount,
                services=dict(services),
                monthly_active_users=active,
                per_active_user=amount / active if active else None,
            )
        )
    return tuple(truths)


def vulnerability_truths(weeks: Sequence[Window]) -> tuple[VulnerabilityTruth, ...]:
    """Each weakness, with the scans that list it."""
    return tuple(
        VulnerabilityTruth(
            id=known.id,
            package=known.package,
            severity=known.severity,
            score=known.score,
            first_listed=_monday(weeks[known.first]),
            fixed=_monday(weeks[known.last + 1]) if known.last + 1 < len(weeks) else None,
        )
        for known in KNOWN
    )


def _monday(week: Window) -> date:
    return week.local(week.start).date()


def growth_truth(weeks: Sequence[WeekTruth]) -> GrowthTruth:
    """What the generator was told, and the weeks it made."""
    return GrowthTruth(
        weekly=WEEKLY_GROWTH,
        weekly_slowdown=WEEKLY_SLOWDOWN,
        requests=tuple(after.requests / before.requests - 1 for before, after in pairwise(weeks)),
    )


def forecast_truths(
    application: Application, weeks: Sequence[WeekTruth], resources: Sequence[ResourcesTruth]
) -> tuple[ForecastTruth, ...]:
    """What would come if the generator went on: its levels are those of all weeks, grown."""
    return tuple(
        _forecast(application, weeks, resources, ahead) for ahead in (QUARTER_WEEKS, 2 * QUARTER_WEEKS)
    )


def _forecast(
    application: Application, weeks: Sequence[WeekTruth], resources: Sequence[ResourcesTruth], ahead: int
) -> ForecastTruth:
    factor = (1 + WEEKLY_GROWTH) ** ahead
    number = len(weeks)
    usual = [week for week in weeks if not week.start <= application.incident.start < week.end]
    per_second = _grown([week.requests / (week.end - week.start).total_seconds() for week in usual], number)
    busiest = _grown([week.busiest_hour_per_second for week in usual], number)
    pods = [list(week.pods.values()) for week in resources]
    before = [np.mean([pod.cpu_share for pod in week]) for week in pods[:-1]]
    disks = [np.mean([pod.disk_bytes for pod in week]) for week in pods]
    return ForecastTruth(
        weeks=ahead,
        factor=factor,
        users=len(application.people) * factor,
        mean_per_second=per_second * factor,
        busiest_hour_per_second=busiest * factor,
        peak_per_second=max(week.peak_per_second for week in weeks) * factor,
        cpu_share=CPU_IDLE + _grown([float(share) - CPU_IDLE for share in before], number) * factor,
        disk_share=float(disks[-1] + (disks[-1] - disks[0]) / (number - 1) * (ahead + 0.5)) / DISK_LIMIT,
    )


def _grown(levels: Sequence[float], weeks: int) -> float:
    """The level in the week after the sample, from those of its first weeks, each grown to it."""
    return float(
        np.mean([level * (1 + WEEKLY_GROWTH) ** (weeks - place) for place, level in enumerate(levels)])
    )
