"""Lines by least squares, and the trend of daily figures by dense generalised least squares.

The trend's definition is that of `docs/definitions.md`; it is computed here in another way: every model's
covariance matrix is written out and inverted, where the tool whitens column by column.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

CORRELATIONS = [step / 25 for step in range(25)]


@dataclass(frozen=True)
class Line:
    """A line by least squares, with what is around it."""

    slope: float
    start: float
    middle: float
    fit: float
    scatter: float
    slope_error: float

    @classmethod
    def through(cls, x: Sequence[float], y: Sequence[float]) -> Line:
        """The line through these points."""
        across, up = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        slope, start = np.polyfit(across, up, 1)
        rest = up - (start + slope * across)
        scatter = math.sqrt(float(rest @ rest) / (len(up) - 2))
        away = across - across.mean()
        return cls(
            slope=float(slope),
            start=float(start),
            middle=float(across.mean()),
            fit=1 - float(rest @ rest) / float(((up - up.mean()) ** 2).sum()),
            scatter=scatter,
            slope_error=scatter / math.sqrt(float(away @ away)),
        )

    def at(self, x: float) -> float:
        """The line's value."""
        return self.start + self.slope * x


@dataclass(frozen=True)
class Trend:
    """What the better of a ramp and a step says."""

    days: int
    p: float
    correlation: float
    preference: float
    level: float
    change: float
    slope: float


@dataclass(frozen=True)
class _Fitted:
    """Generalised least squares of one design at one correlation."""

    rss: float
    log_v: float
    log_x: float
    coefficients: Any
    error: float


def _fitted(days: Any, values: Any, design: Any, correlation: float) -> _Fitted:
    covariance = correlation ** np.abs(days[:, None] - days[None, :]) if correlation else np.eye(len(days))
    inverse = np.linalg.inv(covariance)
    information = design.T @ inverse @ design
    coefficients = np.linalg.solve(information, design.T @ inverse @ values)
    rest = values - design @ coefficients
    rss = float(rest @ inverse @ rest)
    variance = rss / (len(days) - design.shape[1]) * float(np.linalg.inv(information)[-1, -1])
    return _Fitted(
        rss=rss,
        log_v=float(np.linalg.slogdet(covariance)[1]),
        log_x=float(np.linalg.slogdet(information)[1]),
        coefficients=coefficients,
        error=math.sqrt(variance),
    )


def trend(days: Sequence[int], values: Sequence[float], least_segment: int) -> Trend:
    """Weekday levels with a line or with a jump, errors that carry over from day to day."""
    at, y = np.asarray(days, dtype=float), np.asarray(values, dtype=float)
    weekdays = np.asarray(days) % 7
    levels = (weekdays[:, None] == np.unique(weekdays)[None, :]).astype(float)
    ramp = at - at[0]
    starts = range(least_segment, len(at) - least_segment + 1)
    steps = [(np.arange(len(at)) >= place).astype(float) for place in starts]
    likelihood = [_likeliest(at, y, np.column_stack([levels, shape])) for shape in (ramp, *steps)]
    best = 1 + int(np.argmax(likelihood[1:]))
    parameters, log_n = levels.shape[1] + 3, math.log(len(at))
    bics = -2 * likelihood[0] + parameters * log_n, -2 * likelihood[best] + (parameters + 1) * log_n
    tests = [_tested(at, y, np.column_stack([levels, shape])) for shape in (ramp, steps[best - 1])]
    levels_of_step, jump = tests[1][0].coefficients[:-1], tests[1][0].coefficients[-1]
    before, after = (np.median((y - levels @ levels_of_step)[steps[best - 1] == side]) for side in (0, 1))
    is_borne_out = (after - before) / jump >= 0.5
    p = min(1.0, 2 * tests[0][2], 2 * tests[1][2] * len(steps) if is_borne_out else 1.0)
    is_ramp = bics[0] <= bics[1] or not is_borne_out
    fitted, correlation, _ = tests[0] if is_ramp else tests[1]
    effect = float(fitted.coefficients[-1])
    return Trend(
        days=len(at),
        p=p,
        correlation=correlation,
        preference=bics[1] - bics[0] if is_ramp else bics[0] - bics[1],
        level=float(fitted.coefficients[:-1].mean()),
        change=effect * (float(ramp[-1]) if is_ramp else 1),
        slope=effect * 7,
    )


def _likeliest(days: Any, values: Any, design: Any) -> float:
    """The log likelihood at its best correlation, without constants."""
    n = len(days)

    def likelihood(correlation: float) -> float:
        found = _fitted(days, values, design, correlation)
        return -n / 2 * math.log(found.rss / n) - found.log_v / 2

    return max(map(likelihood, CORRELATIONS))


def _tested(days: Any, values: Any, design: Any) -> tuple[_Fitted, float, float]:
    """The fit at the correlation of the restricted likelihood, raised by its bias; that; and p."""
    n, parameters = design.shape

    def restricted(correlation: float) -> float:
        found = _fitted(days, values, design, correlation)
        return -(n - parameters) / 2 * math.log(found.rss) - found.log_v / 2 - found.log_x / 2

    chosen = max(CORRELATIONS, key=restricted)
    raised = min(CORRELATIONS[-1], chosen + (1 + 4 * chosen) / n)
    fitted = _fitted(days, values, design, raised)
    return fitted, raised, two_sided(float(fitted.coefficients[-1]) / fitted.error, n - parameters)


def two_sided(t: float, degrees: float) -> float:
    """Both tails of Student's distribution beyond t, by quadrature: with x = t ÷ u the tail ends at 0."""
    u, weights, size = *_quadrature(), abs(t)
    if size < 1e-9:
        return 1.0
    constant = math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2) - math.log(degrees * math.pi) / 2
    x = size / u
    density = np.exp(constant - (degrees + 1) / 2 * np.log1p(x**2 / degrees))
    return 2 * float((weights * density * size / u**2).sum())


@cache
def _quadrature() -> tuple[Any, Any]:
    """Gauss and Legendre's, on 0 to 1."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    return (nodes + 1) / 2, weights / 2


def critical(alpha: float, degrees: float) -> float:
    """The t beyond which both tails hold alpha."""
    low, high = 0.0, 1_000.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if two_sided(middle, degrees) > alpha else (low, middle)
    return (low + high) / 2
