"""When people come: the hours of the day, the days of the week, and growth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from postlaunch.sample.columns import HOUR, Floats, Ids, Moments, Places
from postlaunch.windows import Window

WEEKLY_GROWTH = 0.028
"""Compound growth of users, and with them of visits, per week."""

HOURS = (
    *(0.55, 0.50, 0.48, 0.48, 0.50, 0.55),
    *(0.70, 0.90, 1.20, 1.50, 1.65, 1.70),
    *(1.55, 1.60, 1.65, 1.60, 1.45, 1.25),
    *(1.05, 0.95, 0.90, 0.80, 0.70, 0.60),
)
"""Arrivals by the local hour, relative to the mean; customers in other zones keep the nights busy."""

WORKDAY, WEEKEND = 1.08, 0.78
"""How likely a user is to come, relative to the mean of the week."""


def daily_growth(days: float) -> float:
    """By how much growth multiplies in so many days."""
    return math.exp(math.log1p(WEEKLY_GROWTH) * days / 7)


@dataclass(frozen=True)
class Calendar:
    """The days and hours of the weeks generated, on the application's clock.

    Attributes:
        weeks: oldest first, one after another.
    """

    weeks: tuple[Window, ...]

    @property
    def zone(self) -> ZoneInfo:
        """The application's."""
        return ZoneInfo(self.weeks[0].zone)

    @property
    def start(self) -> int:
        """The first moment, in milliseconds."""
        return milliseconds(self.weeks[0].start)

    @property
    def end(self) -> int:
        """The moment after the last, in milliseconds."""
        return milliseconds(self.weeks[-1].end)

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Every calendar day."""
        first = self.weeks[0].local(self.weeks[0].start).date()
        return tuple(first + timedelta(days=place) for place in range(7 * len(self.weeks)))

    @cached_property
    def day_starts(self) -> Moments:
        """The first moment of each day, and of the day after the last."""
        days = (*self.days, self.days[-1] + timedelta(days=1))
        return np.array([self.at(day) for day in days], dtype=np.int64)

    @cached_property
    def day_weights(self) -> Floats:
        """How busy each day is by its weekday, relative to the mean of the week."""
        return np.array([WEEKEND if day.weekday() >= 5 else WORKDAY for day in self.days])

    @cached_property
    def growth(self) -> Floats:
        """By how much growth has multiplied by the middle of each day."""
        return np.array([daily_growth(place + 0.5) for place in range(len(self.days))])

    @cached_property
    def _hour_starts(self) -> Moments:
        return np.arange(self.start, self.end, HOUR, dtype=np.int64)

    @cached_property
    def _hours_before(self) -> Floats:
        """Weight of the hours before each hour; the last entry is the weight of all."""
        weights = [HOURS[moment(int(at), self.zone).hour] for at in self._hour_starts]
        return np.concatenate([[0.0], np.cumsum(weights)])

    def at(self, day: date, hour: int = 0, minute: int = 0, second: float = 0) -> int:
        """A moment on the application's clock, in milliseconds."""
        local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)
        return milliseconds(local) + round(second * 1000)

    def day_of(self, at: Moments) -> Places:
        """Which of the days moments lie in."""
        return np.asarray(np.searchsorted(self.day_starts, at, side="right") - 1, dtype=np.int64)

    def moments_in(self, rng: np.random.Generator, days: Ids | Places) -> Moments:
        """A moment in each of these days (by place), drawn by the rhythm of the hours."""
        hours = np.searchsorted(self._hour_starts, self.day_starts)
        low, high = self._hours_before[hours[days]], self._hours_before[hours[days + 1]]
        drawn = low + (high - low) * rng.random(len(days))
        hour = np.searchsorted(self._hours_before, drawn, side="right") - 1
        hour = np.minimum(hour, hours[days + 1] - 1)
        return np.asarray(self._hour_starts[hour] + rng.integers(0, HOUR, len(days)), dtype=np.int64)

    def busyness(self, at: Moments) -> Floats:
        """How many visits come at these moments, relative to the mean of the first day's growth."""
        hours = np.searchsorted(self._hour_starts, at, side="right") - 1
        weights = np.diff(self._hours_before)
        days = self.day_of(at)
        return np.asarray(weights[hours] * self.day_weights[days] * self.growth[days], dtype=np.float64)


def milliseconds(at: datetime) -> int:
    """A moment in milliseconds since 1970 UTC."""
    return round(at.timestamp() * 1000)


def moment(at: int, zone: tzinfo = UTC) -> datetime:
    """Milliseconds since 1970 as a moment in a zone."""
    seconds, rest = divmod(at, 1000)
    return datetime.fromtimestamp(seconds, zone).replace(microsecond=rest * 1000)
