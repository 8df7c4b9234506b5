"""The planned maintenance of the newest week: a node restarts, and nothing is answered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from postlaunch.sample.columns import MINUTE, NOBODY, SECOND, Asked, Flags, Moments
from postlaunch.sample.rhythm import Calendar

HOUR_OF_DAY = 3
MINUTES = 2


@dataclass(frozen=True)
class Maintenance:
    """When, in milliseconds; half-open."""

    start: int
    end: int

    @classmethod
    def of(cls, calendar: Calendar) -> Maintenance:
        """At night, on the Monday of the newest week."""
        start = calendar.at(calendar.days[-7], HOUR_OF_DAY)
        return cls(start, start + MINUTES * MINUTE)

    def covers(self, at: Moments) -> Flags:
        """Whether moments lie in it."""
        return np.asarray((at >= self.start) & (at < self.end), dtype=np.bool_)

    def waited_out(self, at: Moments, rng: np.random.Generator) -> Moments:
        """Moments, those in the maintenance put off until some minutes after it."""
        later = self.end + (rng.exponential(120, len(at)) * SECOND).astype(np.int64)
        return np.where(self.covers(at), later, at)

    def spares(self, asked: Asked) -> Flags:
        """Which requests are sent after all: whoever meets a dead page had no visit at all."""
        hit = self.covers(asked.at)
        lost = np.unique(asked.visit[hit & (asked.visit != NOBODY)])
        return np.asarray(~hit & ~np.isin(asked.visit, lost), dtype=np.bool_)
