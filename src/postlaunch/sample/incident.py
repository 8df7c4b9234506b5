"""The one incident: a customer's training hour brings a surge, and the database connection pool runs dry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from postlaunch.sample.columns import MINUTE, SECOND, Codes, Flags, Floats, Moments
from postlaunch.sample.rhythm import milliseconds
from postlaunch.windows import Window

CAUSE = "database connection pool exhausted"

FAILING_SHARE = (0.080, 0.082, 0.084, 0.080, 0.074, 0.062, 0.66, 0.012)
"""Share of the database-backed requests that find no connection, minute by minute. In the last but one the
pods restart, one after another: few requests get through, and most of those fail."""

RESTARTING = 6
"""The minute of the incident in which the pods restart."""
KEPT_OUT = 0.85
"""Share of the visits whose requests do not reach the application while the pods restart."""

PODS = ("web-1", "web-2", "web-3")
POD_WEIGHT = (0.95, 1.10, 0.95)
"""How hard each pod is hit: the pool belongs to the pod, and web-2 serves the longest queries."""

POOL, LARGER_POOL = 10, 20
"""Database connections of each pod, before the fix and after it."""

SURGE = ((-9, 0.26), (-7, 0.39), (-4, 0.39), (8, 0.22), (12, 0.08), (16, 0.0))
"""Visits per second that the training hour adds, from the given minute (relative to the start) on."""

TRAINEES = 180
TRAINING_ACTIONS, TRAINING_PAUSE_MS = 60, 5_000.0

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
        """When requests find connections again."""
        return self.start + timedelta(minutes=len(FAILING_SHARE))

    @property
    def start_ms(self) -> int:
        """`start` in milliseconds."""
        return milliseconds(self.start)

    @property
    def end_ms(self) -> int:
        """`end` in milliseconds."""
        return milliseconds(self.end)

    def after(self, minutes: float = 0, seconds: float = 0) -> datetime:
        """A moment so long after the start."""
        return self.start + timedelta(minutes=minutes, seconds=seconds)

    def covers(self, at: Moments) -> Flags:
        """Whether moments lie in the incident."""
        return np.asarray((at >= self.start_ms) & (at < self.end_ms), dtype=np.bool_)

    def restarting(self, at: Moments) -> Flags:
        """Whether moments lie in the minute in which the pods restart."""
        return np.asarray((at - self.start_ms) // MINUTE == RESTARTING, dtype=np.bool_)

    def failing(self, at: Moments, pod: Codes) -> Floats:
        """How likely a database-backed request fails at these moments on these pods."""
        minute = np.clip((at - self.start_ms) // MINUTE, 0, len(FAILING_SHARE) - 1)
        share = np.array(FAILING_SHARE)[minute] * np.array(POD_WEIGHT)[pod]
        return np.where(self.covers(at), share, 0.0)

    def waited_out(self, at: Moments, rng: np.random.Generator) -> Moments:
        """Moments, those in the incident put off until some minutes after it."""
        later = self.end_ms + (rng.exponential(240, len(at)) * SECOND).astype(np.int64)
        return np.where(self.covers(at), later, at)

    def surge(self, rng: np.random.Generator) -> Moments:
        """Starts of the visits that the training hour adds."""
        parts = []
        for (minute, per_second), (until, _) in pairwise(SURGE):
            first, last = self.start_ms + minute * MINUTE, self.start_ms + until * MINUTE
            number = round((last - first) / SECOND * per_second)
            spread = (np.arange(number) + rng.random(number)) / number
            parts.append((first + spread * (last - first)).astype(np.int64))
        return np.concatenate(parts)
