"""When people come: the hours of the day, the days of the week, and growth."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

WEEKLY_GROWTH = 0.12
"""Compound growth of arrivals per week."""

HOURS = (
    *(0.55, 0.50, 0.48, 0.48, 0.50, 0.55),
    *(0.70, 0.90, 1.20, 1.50, 1.65, 1.70),
    *(1.55, 1.60, 1.65, 1.60, 1.45, 1.25),
    *(1.05, 0.95, 0.90, 0.80, 0.70, 0.60),
)
"""Arrivals by the local hour, relative to the mean; customers in other zones keep the nights busy."""

WEEKEND = 0.72
"""Arrivals on Saturday and Sunday, relative to a working day."""


def intensity(local: datetime, start: datetime) -> float:
    """Arrivals at a local time, relative to the mean of the first working day."""
    weeks = (local - start) / timedelta(days=7)
    day = WEEKEND if local.weekday() >= 5 else 1.0
    return HOURS[local.hour] * day * math.exp(weeks * math.log1p(WEEKLY_GROWTH))


def arrivals(
    rng: random.Random, start: datetime, end: datetime, per_hour: float, zone: ZoneInfo
) -> Iterator[int]:
    """A Poisson process whose rate follows the rhythm hour by hour; moments in milliseconds, in order."""
    hour = start
    while hour < end:
        after = min(hour + timedelta(hours=1), end)
        rate = per_hour * intensity(hour.astimezone(zone), start) / 3_600_000
        yield from uniform_arrivals(rng, hour, after, rate)
        hour = after


def uniform_arrivals(rng: random.Random, start: datetime, end: datetime, per_ms: float) -> Iterator[int]:
    """A Poisson process with one rate, in arrivals per millisecond."""
    if per_ms <= 0:
        return
    at, last = start.timestamp() * 1000, end.timestamp() * 1000
    while True:
        at += rng.expovariate(per_ms)
        if at >= last:
            return
        yield int(at)


def moment(milliseconds: int, zone: tzinfo = UTC) -> datetime:
    """Milliseconds since 1970 as a moment in a zone."""
    seconds, rest = divmod(milliseconds, 1000)
    return datetime.fromtimestamp(seconds, zone).replace(microsecond=rest * 1000)
