"""A straight line through points by least squares, and what it says beyond them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import fsum
from statistics import median


@dataclass(frozen=True)
class Line:
    """y = level + slope × (x − middle), fitted to n points.

    Attributes:
        middle: mean of x; `level` is the line there.
        spread: sum of squares of x around its mean.
        fit: R², the share of y's variance that the line accounts for; 0 where y does not vary.
        scatter: standard deviation of y around the line (n − 2).
    """

    n: int
    slope: float
    level: float
    middle: float
    spread: float
    fit: float
    scatter: float

    def at(self, x: float) -> float:
        """The line at x."""
        return self.level + self.slope * (x - self.middle)

    def error_at(self, x: float) -> float:
        """Standard error of the line itself at x."""
        return self.scatter * math.sqrt(1 / self.n + (x - self.middle) ** 2 / self.spread)

    @property
    def slope_error(self) -> float:
        """Standard error of the slope."""
        return self.scatter / math.sqrt(self.spread)


def line_through(x: Sequence[float], y: Sequence[float]) -> Line | None:
    """The line through points; None for fewer than three, or where x does not vary."""
    n = len(x)
    if n < 3:
        return None
    middle, level = fsum(x) / n, fsum(y) / n
    spread = fsum((value - middle) ** 2 for value in x)
    total = fsum((value - level) ** 2 for value in y)
    if spread <= 1e-12 * max(1.0, middle * middle):
        return None
    slope = fsum((a - middle) * (b - level) for a, b in zip(x, y, strict=True)) / spread
    left = fsum((b - level - slope * (a - middle)) ** 2 for a, b in zip(x, y, strict=True))
    return Line(
        n=n,
        slope=slope,
        level=level,
        middle=middle,
        spread=spread,
        fit=max(0.0, 1 - left / total) if total > 0 else 0.0,
        scatter=math.sqrt(left / (n - 2)),
    )


@dataclass(frozen=True)
class MedianLine:
    """y = level + slope × x, neither of which one point far from the others moves (Theil and Sen)."""

    slope: float
    level: float

    def at(self, x: float) -> float:
        """The line at x."""
        return self.level + self.slope * x


def median_line(x: Sequence[float], y: Sequence[float]) -> MedianLine:
    """The median of the slopes between any two points, and of what it leaves of each; x must vary."""
    points = list(zip(x, y, strict=True))
    slope = median((d - b) / (c - a) for (a, b), (c, d) in combinations(points, 2) if a != c)
    return MedianLine(slope=slope, level=median(b - slope * a for a, b in points))


def robust_deviation(values: Sequence[float]) -> float:
    """The standard deviation by the median absolute deviation (× 1.4826), which one outlier does not move;
    where half of the values are alike, by the mean of the squares.
    """
    middle = median(values)
    deviation = 1.4826 * median(abs(value - middle) for value in values)
    if deviation > 0 or len(values) < 2:
        return deviation
    return math.sqrt(fsum((value - middle) ** 2 for value in values) / (len(values) - 1))
