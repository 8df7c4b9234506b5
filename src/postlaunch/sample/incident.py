"""The one incident: a customer's training hour brings a surge, and the database connection pool runs dry."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from postlaunch.sample.rhythm import uniform_arrivals
from postlaunch.windows import Window

CAUSE = "database connection pool exhausted"

FAILING_SHARE = (0.015, 0.03, 0.06, 0.57, 0.04, 0.02, 0.015, 0.01)
"""Share of the database-backed requests that find no connection, minute by minute."""

POD_WEIGHT = {"web-1": 0.95, "web-2": 1.12, "web-3": 0.93}
"""How hard each pod is hit: the pool belongs to the pod, and web-2 serves the longest queries."""

SURGE = ((-9, 0.8), (-7, 1.5), (-5, 2.2), (-3, 2.6), (9, 1.5), (12, 0.7), (15, 0.0))
"""Sessions per second that the surge adds, from the given minute (relative to the start) on."""

CONNECTION_TIMEOUT_MS = 1000.0
"""A request that finds no free connection waits this long and fails."""


@dataclass(frozen=True)
class Incident:
    """When connections run out, and whom it hits; the span is half-open and lasts whole minutes."""

    start: datetime

    @classmethod
    def in_week(cls, week: Window) -> Incident:
        """Tuesday, 14:15 on the application's clock."""
        local = week.local(week.start).replace(tzinfo=None) + timedelta(days=1, hours=14, minutes=15)
        return cls(local.replace(tzinfo=ZoneInfo(week.zone)))

    @property
    def end(self) -> datetime:
        """When the enlarged pool is in place."""
        return self.start + timedelta(minutes=len(FAILING_SHARE))

    @cached_property
    def _start_ms(self) -> int:
        return int(self.start.timestamp() * 1000)

    def minute(self, at: int) -> int | None:
        """The minute of the incident a moment (in milliseconds) lies in, or None."""
        minute = (at - self._start_ms) // 60_000
        return minute if 0 <= minute < len(FAILING_SHARE) else None

    def failing(self, at: int, pod: str) -> float:
        """The probability that a database-backed request fails now on this pod."""
        minute = self.minute(at)
        return 0.0 if minute is None else FAILING_SHARE[minute] * POD_WEIGHT[pod]

    def surge(self, rng: random.Random) -> Iterator[int]:
        """Starts of the sessions the surge adds, in milliseconds, in order."""
        for (minute, per_second), (until, _) in pairwise(SURGE):
            yield from uniform_arrivals(
                rng,
                self.start + timedelta(minutes=minute),
                self.start + timedelta(minutes=until),
                per_second / 1000,
            )
