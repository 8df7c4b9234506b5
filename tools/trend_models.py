"""The models behind `trend`: weekday levels with a line or a jump, and AR(1) errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from postlaunch.tools.distributions import student_two_sided

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

CORRELATIONS = tuple(step / 25 for step in range(25))
"""The ρ tried, from 0 to 0.96. A negative one would make a test bolder than the days are many."""

UNCORRELATED = (0.0,)
"""Days that have nothing to do with one another: a day's residual is then its distance from the model."""


@dataclass(frozen=True)
class Days:
    """Daily figures, ready to be fitted.

    Attributes:
        first: the day from which `at` counts.
        at: day numbers, rising.
        weekday: one column for each weekday that occurs.
        starts: positions at which a step may begin.
    """

    first: date
    at: Array
    values: Array
    weekday: Array
    starts: tuple[int, ...]
    least_segment: int

    @classmethod
    def of(cls, days: Sequence[date], values: Sequence[float], least_segment: int) -> Days:
        """The figures of these days, in order."""
        import numpy as np

        first = days[0] if days else date.min
        at = np.array([(day - first).days for day in days], dtype=np.float64)
        return cls._made(first, at, np.array(values, dtype=np.float64), least_segment)

    @classmethod
    def _made(cls, first: date, at: Array, values: Array, least_segment: int) -> Days:
        import numpy as np

        weekdays = (first.weekday() + at.astype(np.int64)) % 7
        present = np.unique(weekdays)
        columns = (weekdays[:, None] == present[None, :]).astype(np.float64)
        starts = tuple(range(least_segment, len(at) - least_segment + 1))
        return cls(first, at, values, columns, starts, least_segment)

    def without(self, places: Sequence[int]) -> Days:
        """The days but for these positions."""
        import numpy as np

        return self._made(
            self.first, np.delete(self.at, places), np.delete(self.values, places), self.least_segment
        )

    @property
    def n(self) -> int:
        """How many days."""
        return len(self.at)

    @property
    def weekdays(self) -> int:
        """How many weekdays occur."""
        return int(self.weekday.shape[1])

    @property
    def steps(self) -> int:
        """How many dates a step may have."""
        return len(self.starts)

    @property
    def span(self) -> float:
        """Days from the first to the last."""
        return float(self.at[-1] - self.at[0])

    def date_of(self, place: int) -> date:
        """The day at a position."""
        return self.first + timedelta(days=int(self.at[place]))

    def line(self) -> Array:
        """A ramp's column: days since the first one."""
        column: Array = self.at - self.at[0]
        return column

    def jump(self, place: int) -> Array:
        """A step's column: 0 before the position, 1 from it on."""
        import numpy as np

        return (np.arange(self.n) >= place).astype(np.float64)


@dataclass(frozen=True)
class Fit:
    """The best model of one shape.

    Attributes:
        place: position at which a step begins; 0 for a ramp.
        bic: −2 ln L + parameters × ln n; smaller is better.
        residuals: of every day, without their correlation.
    """

    shape: Literal["ramp", "step"]
    place: int
    bic: float
    residuals: Array


@dataclass(frozen=True)
class Test:
    """A t test of one shape's effect.

    Attributes:
        effect: change a day (ramp), or from before to after (step).
        weekday_levels: of the first day, one for each weekday that occurs.
        correlation: ρ by restricted maximum likelihood.
    """

    effect: float
    weekday_levels: Array
    correlation: float
    p: float

    @property
    def level(self) -> float:
        """Of the first day, averaged over weekdays."""
        return float(self.weekday_levels.mean())


def _whitener(days: Days, correlation: float) -> tuple[Array, Array]:
    """For each day but the first: the weight of the day before, and the deviation left."""
    import numpy as np

    carried: Array = correlation ** np.diff(days.at)
    left: Array = np.sqrt(1 - carried**2)
    return carried, left


def _white(columns: Array, carried: Array, left: Array) -> Array:
    """Columns without the correlation of their days."""
    import numpy as np

    rest = (columns[1:] - carried[:, None] * columns[:-1]) / left[:, None]
    white: Array = np.vstack([columns[:1], rest])
    return white


def best_fits(days: Days, correlations: Sequence[float] = CORRELATIONS) -> tuple[Fit, Fit]:
    """The best ramp and the best step, each by maximum likelihood over ρ (and over the dates)."""
    import numpy as np

    n = days.n
    shapes = np.column_stack([days.line(), *(days.jump(place) for place in days.starts)])
    best = np.full(shapes.shape[1], -math.inf)
    at = np.zeros(shapes.shape[1], dtype=np.int64)
    for place, correlation in enumerate(correlations):
        carried, left = _whitener(days, correlation)
        base, _ = np.linalg.qr(_white(days.weekday, carried, left))
        y = _rest(base, _white(days.values[:, None], carried, left))[:, 0]
        x = _rest(base, _white(shapes, carried, left))
        rss = _positive(y @ y - (x.T @ y) ** 2 / np.maximum(np.sum(x**2, axis=0), 1e-12), y)
        likelihood = -n / 2 * np.log(rss / n) - np.sum(np.log(left))
        better = likelihood > best
        best, at = np.where(better, likelihood, best), np.where(better, place, at)
    chosen = 1 + int(np.argmax(best[1:]))
    weekdays_and_noise = days.weekdays + 2
    ramp_bic = -2 * best[0] + (weekdays_and_noise + 1) * math.log(n)
    step_bic = -2 * best[chosen] + (weekdays_and_noise + 2) * math.log(n)
    return (
        Fit("ramp", 0, float(ramp_bic), _residuals(days, shapes[:, 0], correlations[int(at[0])])),
        Fit(
            "step",
            days.starts[chosen - 1],
            float(step_bic),
            _residuals(days, shapes[:, chosen], correlations[int(at[chosen])]),
        ),
    )


def _rest(base: Array, columns: Array) -> Array:
    """What an orthonormal base does not explain of the columns."""
    rest: Array = columns - base @ (base.T @ columns)
    return rest


def _positive(rss: Array, y: Array) -> Array:
    """Sums of squares, kept above rounding noise: a perfect fit is not infinitely likely."""
    import numpy as np

    floor: Array = np.maximum(rss, max(float(y @ y), 1e-12) * 1e-12)
    return floor


def _residuals(days: Days, shape: Array, correlation: float) -> Array:
    import numpy as np

    carried, left = _whitener(days, correlation)
    x = _white(np.column_stack([days.weekday, shape]), carried, left)
    y = _white(days.values[:, None], carried, left)[:, 0]
    base, _ = np.linalg.qr(x)
    rest: Array = y - base @ (base.T @ y)
    return rest


def tested(days: Days, fit: Fit) -> Test:
    """The t test of a fit's effect, with ρ by restricted maximum likelihood."""
    import numpy as np

    shape = days.line() if fit.shape == "ramp" else days.jump(fit.place)
    design = np.column_stack([days.weekday, shape])
    n, parameters = design.shape
    best, chosen = -math.inf, 0.0
    for correlation in CORRELATIONS:
        carried, left = _whitener(days, correlation)
        x, y = _white(design, carried, left), _white(days.values[:, None], carried, left)[:, 0]
        base, triangle = np.linalg.qr(x)
        rest = y - base @ (base.T @ y)
        rss = float(_positive(np.array([rest @ rest]), y)[0])
        size = float(np.sum(np.log(np.maximum(np.abs(np.diag(triangle)), 1e-12))))
        likelihood = -(n - parameters) / 2 * math.log(rss) - float(np.sum(np.log(left))) - size
        if likelihood > best:
            best, chosen = likelihood, correlation
    return _t_test(days, design, min(CORRELATIONS[-1], chosen + (1 + 4 * chosen) / n))


def _t_test(days: Days, design: Array, correlation: float) -> Test:
    import numpy as np

    n, parameters = design.shape
    carried, left = _whitener(days, correlation)
    x, y = _white(design, carried, left), _white(days.values[:, None], carried, left)[:, 0]
    base, triangle = np.linalg.qr(x)
    rest = y - base @ (base.T @ y)
    rss = float(_positive(np.array([rest @ rest]), y)[0])
    coefficients = np.linalg.solve(triangle, base.T @ y)
    effect, degrees = float(coefficients[-1]), n - parameters
    error = math.sqrt(rss / degrees) / max(abs(float(triangle[-1, -1])), 1e-12)
    p = student_two_sided(effect / error, degrees) if error > 0 else float(effect == 0)
    return Test(effect, coefficients[:-1], correlation, p)


def step_by_medians(days: Days, place: int, weekday_levels: Array) -> float:
    """A step as few days cannot make it: median of the days from it on − median before, without weekdays."""
    import numpy as np

    still = days.values - days.weekday @ weekday_levels
    return float(np.median(still[place:]) - np.median(still[:place]))
