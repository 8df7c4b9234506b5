"""How fast does a daily figure rise from week to week? A slope that neither weekdays nor bad days move.

The seasonal Kendall slope (Hirsch, Slack and Smith, 1982), with the weekday as the season: the median, over
all pairs of the same weekday, of the difference per week. Its interval is Gilbert's (1987), from the variance
of the seasonal Kendall statistic with the covariances between weekdays (Hirsch and Slack, 1984), so that days
of one week that move together count as what they are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from statistics import NormalDist, median

LEVEL = 0.95
WEEKDAYS = 7
LEAST_WEEKS = 4


@dataclass(frozen=True)
class Slope:
    """The change per week, with its interval.

    Attributes:
        level: mean of the last seven days.
        low, high: the interval of `LEVEL`.
        recent: the median over the pairs of the newer half of the weeks: none where a step, long over, made
            the slope.
        pairs, days: behind it.
    """

    level: float
    value: float
    low: float
    high: float
    recent: float
    pairs: int
    days: int

    @property
    def rises(self) -> bool:
        """Whether the interval excludes every slope but an upward one."""
        return self.low > 0

    @property
    def falls(self) -> bool:
        """Whether the interval excludes every slope but a downward one."""
        return self.high < 0


def weekly_slope(days: Mapping[date, float], weeks: int) -> Slope | None:
    """The slope over so many weeks up to the last day; None where fewer than four weeks have their days.

    Args:
        days: a figure by the day; days without one are left out of their pairs.
    """
    if not days:
        return None
    last = max(days)
    grid = [
        [days.get(last - timedelta(days=WEEKDAYS * back + place)) for place in range(WEEKDAYS)]
        for back in reversed(range(weeks))
    ]
    present = [week for week in grid if sum(value is not None for value in week) > WEEKDAYS // 2]
    if len(present) < LEAST_WEEKS:
        return None
    slopes = sorted(_pairs(grid))
    if not slopes:
        return None
    low, high = _interval(slopes, math.sqrt(_variance(grid)))
    newer = grid[len(grid) // 2 :] if len(grid) > LEAST_WEEKS else grid[1:]
    newest = [value for value in grid[-1] if value is not None]
    return Slope(
        level=math.fsum(newest) / len(newest),
        value=median(slopes),
        low=low,
        high=high,
        recent=median(_pairs(newer) or slopes),
        pairs=len(slopes),
        days=sum(value is not None for week in grid for value in week),
    )


Week = Sequence[float | None]


def _pairs(grid: Sequence[Week]) -> list[float]:
    """The differences per week between days of the same weekday."""
    return [
        (later - earlier) / (second - first)
        for (first, one), (second, other) in combinations(enumerate(grid), 2)
        for earlier, later in zip(one, other, strict=True)
        if earlier is not None and later is not None
    ]


def _interval(slopes: Sequence[float], deviation: float) -> tuple[float, float]:
    """The slopes between which the true one lies: as many from each end as chance may displace."""
    reach = NormalDist().inv_cdf((1 + LEVEL) / 2) * deviation
    rank = int((len(slopes) - reach) / 2)
    if rank < 1:
        return slopes[0], slopes[-1]
    return slopes[rank - 1], slopes[len(slopes) - rank]


def _variance(grid: Sequence[Week]) -> float:
    """Of the seasonal Kendall statistic where nothing moves: over weekdays and between them."""
    columns = list(zip(*grid, strict=True))
    return max(0.0, sum(_covariance(one, other) for one in columns for other in columns))


def _covariance(one: Week, other: Week) -> float:
    """Of the Kendall statistics of two weekdays (Dietz and Killeen, 1981), over the weeks that have both."""
    both = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None]
    number = len(both)
    concordance = sum(
        _sign((later[0] - earlier[0]) * (later[1] - earlier[1])) for earlier, later in combinations(both, 2)
    )
    ranks = [
        (number + 1 + sum(_sign(a - other_a) for other_a, _ in both)) / 2
        * (number + 1 + sum(_sign(b - other_b) for _, other_b in both)) / 2
        for a, b in both
    ]  # fmt: skip
    return (concordance + 4 * sum(ranks) - number * (number + 1) ** 2) / 3


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
