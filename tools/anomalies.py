"""Is an hour unlike the same hour of the weeks before? The rule behind "anomaly", apart from the data.

An hour of the day is compared with the same weekday and hour, on the application's clock, of the trailing
weeks. Each of these is first brought to today's level: multiplied by the median, over the 168 hours before
the day, of the ratio to the same hour before that earlier day. So growth is no anomaly, and neither is a week
of another level. What is expected is the median of these; it is not judged where fewer than `least` weeks
have the hour.

How far ordinary hours lie from what is expected is learnt from the same weeks: each is compared with the
median of the others, in logarithms. The spread of an hour is the greater of those that the median and the
90 % quantile of the absolute errors give of the hours with about as much (a third of the day): a few bad
hours among them do not matter, and tails heavier than a normal distribution's do. The range is Student's
with two degrees of freedom a week, since the errors of one week are related, and so wide that an ordinary
day, over all its hours and all figures judged together, leaves it with the probability `alarms` (Bonferroni).
`tests/tools/test_anomalies.py` simulates that.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from statistics import median
from typing import Literal

from postlaunch.tools.distributions import student_critical

Hours = Mapping[datetime, float]
"""A figure by the hour of the application's clock at which it begins (naive)."""

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
WEEK_HOURS = 168
LEAST_PAIRS = WEEK_HOURS // 2
"""Fewest hours by which two weeks' levels are compared."""

NEIGHBOURS = 8
"""Hours of the day, those with about as much, whose errors are taken together."""

QUANTILES = ((0.5, 0.6745), (0.9, 1.6449))
"""A share of absolute errors, and how many standard deviations they are below of a normal distribution."""

FREEDOM = 2
"""Degrees of freedom that each week adds."""


@dataclass(frozen=True)
class Method:
    """How a figure is judged.

    Attributes:
        weeks, least: trailing weeks compared with, and the fewest that must have the hour.
        alarms: probability that an ordinary day is called unusual in this figure.
        sides: whether only a figure that is too high is unusual, or one too low as well.
        offset: added before logarithms are taken, in the figure's own unit; keeps nothing from being
            infinitely little.
        noise: least relative spread; a count's own chance (1 ÷ √expected) is added where `counted`.
        step: the least by which the figure can differ; half of it counts towards the spread.
    """

    weeks: int
    least: int
    alarms: float
    sides: Literal["high", "both"] = "high"
    offset: float = 0.0
    noise: float = 0.01
    counted: bool = False
    step: float = 0.0


@dataclass(frozen=True)
class Expected:
    """What an hour is expected to be, from low to high; from how many weeks."""

    value: float
    low: float
    high: float
    weeks: int

    def unusual(self, value: float) -> bool:
        """Whether a value lies outside."""
        return not self.low <= value <= self.high


def expected_hours(
    figures: Hours, hours: Sequence[datetime], method: Method, together: int = 1
) -> dict[datetime, Expected]:
    """What is expected of each of the hours of one day; those that cannot be judged are left out.

    Args:
        figures: the day's own hours are not looked at, only those before it.
        hours: of one day, in order.
        together: figures of the same kind that are judged beside this one (the other pods).
    """
    if not hours:
        return {}
    levels = _levels(figures, hours[0], method.weeks)
    earlier = {hour: _earlier(figures, hour, levels, method.offset) for hour in hours}
    judged = {hour: logs for hour, logs in earlier.items() if len(logs) >= method.least}
    errors = {hour: _errors(logs) for hour, logs in judged.items()}
    middles = {hour: median(logs) for hour, logs in judged.items()}
    alpha = method.alarms / (len(hours) * together)
    expected = {}
    for hour, middle in middles.items():
        near = sorted(middles, key=lambda other: abs(middles[other] - middle))[:NEIGHBOURS]
        nearby = [error for other in near for error in errors[other]]
        spread = max(_spread(nearby), _least_spread(middle, method))
        reach = _critical(alpha if method.sides == "both" else 2 * alpha, FREEDOM * len(levels)) * spread
        expected[hour] = Expected(
            value=math.exp(middle) - method.offset,
            low=max(0.0, math.exp(middle - reach) - method.offset) if method.sides == "both" else 0.0,
            high=math.exp(middle + reach) - method.offset,
            weeks=len(judged[hour]),
        )
    return expected


def _levels(figures: Hours, day: datetime, weeks: int) -> dict[int, float]:
    """By how much the level before the day is above that so many weeks earlier."""
    before = [day - HOUR * back for back in range(1, WEEK_HOURS + 1)]
    levels = {}
    for lag in range(1, weeks + 1):
        pairs = ((figures.get(hour), figures.get(hour - WEEK * lag)) for hour in before)
        ratios = [now / then for now, then in pairs if now and then]
        if len(ratios) >= LEAST_PAIRS:
            levels[lag] = median(ratios)
    return levels


def _earlier(figures: Hours, hour: datetime, levels: Mapping[int, float], offset: float) -> list[float]:
    """The same hour of the weeks before, at today's level, in logarithms."""
    found = ((figures.get(hour - WEEK * lag), level) for lag, level in levels.items())
    return [
        math.log(value * level + offset)
        for value, level in found
        if value is not None and value * level + offset > 0
    ]


def _errors(logs: Sequence[float]) -> list[float]:
    """How far each is from the median of the others."""
    return [value - median([*logs[:place], *logs[place + 1 :]]) for place, value in enumerate(logs)]


def _spread(errors: Sequence[float]) -> float:
    """The standard deviation that the quantiles of the absolute errors speak for."""
    sizes = sorted(map(abs, errors))
    return max(sizes[min(int(share * len(sizes)), len(sizes) - 1)] / reach for share, reach in QUANTILES)


def _least_spread(middle: float, method: Method) -> float:
    """The spread that an hour has at the least: the noise allowed for; of a count, chance; of a figure that
    moves by steps, half a step.
    """
    level = math.exp(middle)
    chance = 1 / math.sqrt(max(level, 1.0)) if method.counted else 0.0
    return math.hypot(method.noise, chance, method.step / 2 / level)


@cache
def _critical(alpha: float, degrees: int) -> float:
    return student_critical(alpha, degrees)


# --- neighbouring hours -------------------------------------------------------------------------------------


def runs(hours: Iterable[datetime]) -> list[list[datetime]]:
    """Hours in a row, taken together."""
    found: list[list[datetime]] = []
    for hour in sorted(hours):
        if found and hour - found[-1][-1] <= HOUR:
            found[-1].append(hour)
        else:
            found.append([hour])
    return found
