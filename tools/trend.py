"""Whether a daily figure drifted, stepped or held: weekdays taken out, autocorrelation tested.

Three models are fitted to the days by generalised least squares with AR(1) errors (Cochrane and Orcutt 1949;
a gap of g days has the correlation ρ to the power g): a level for each weekday ("none"), the same with a
straight line ("ramp"), and with a jump on one date ("step", every date tried that leaves a minimum segment on
both sides).

* *Whether* anything changed is a test: two-sided t of line and jump, with ρ by restricted maximum likelihood
  (Patterson and Thompson 1971), raised by its bias in short series, (1 + 4ρ) ÷ n (Kendall 1954). p is
  corrected by Bonferroni for both shapes and all the dates tried.
* *Which* shape it was is told by the Bayesian information criterion (Schwarz 1978); a step counts its date as
  a parameter.
* A step counts only where the medians of the days before and after it bear it out. A few bad days drive ρ to
  its ceiling, where least squares compare little but neighbouring days, and their end would pass for a step.

A change below the minimum effect is none, however small its p.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from postlaunch.tools.trend_models import (
    CORRELATIONS,
    UNCORRELATED,
    Days,
    Fit,
    Test,
    best_fits,
    step_by_medians,
    tested,
)

Shape = Literal["ramp", "step", "none"]

DAYS_A_WEEK = 7
OUTLIER = 6.0
"""A day is set aside when its residual is beyond so many standard deviations (estimated by the median)."""

MOST_OUTLIERS = 0.10
"""Where more of the days than this would be set aside, none is: then they are no outliers."""

BORNE_OUT = 0.5
"""The share of its size that a step must have by medians too."""


@dataclass(frozen=True)
class TrendRules:
    """What makes a trend.

    Attributes:
        alpha: p below which a change is one.
        least_days: fewest days that are tested at all.
        least_segment: fewest days on either side of a step.
        least_change: relative change over the whole span below which it does not matter.
    """

    alpha: float = 0.01
    least_days: int = 21
    least_segment: int = 7
    least_change: float = 0.02


@dataclass(frozen=True)
class Trend:
    """What became of a figure over its days.

    Attributes:
        n: days tested; `set_aside` are the outliers among those given.
        p: of no change at all, corrected for both shapes and every date tried; of the ramp alone, where
            medians do not bear the step out.
        correlation: of a day's deviation with that of the day before (AR(1), REML).
        level: of the first day, weekday effects averaged, in the figure's unit; `change` is what the last day
            lies above it by the chosen model (the better one, where the shape is "none").
        slope: change a week, for a ramp.
        step_on: first day of the new level, for a step.
        preference: BIC of the shape that was not chosen − BIC of the chosen one: above 10 is very strong
            evidence (Kass and Raftery 1995), below 0 it is a step that medians do not bear out.
        dates_tried: for a step.
    """

    shape: Shape
    n: int
    p: float
    correlation: float
    level: float
    change: float
    slope: float | None
    step_on: date | None
    preference: float
    dates_tried: int
    set_aside: tuple[date, ...] = field(default=())

    @property
    def relative(self) -> float:
        """The change against the first day's level."""
        return self.change / abs(self.level) if self.level else 0.0


def trend_of(days: Sequence[date], values: Sequence[float], rules: TrendRules) -> Trend | None:
    """The trend of a daily figure; None where there are too few days, or none that leaves a segment.

    Args:
        days: in order, each once; days without a figure are left out.
        values: one a day.
    """
    given = Days.of(days, values, rules.least_segment)
    if not _enough(given, rules):
        return None
    kept, outside = _without_outliers(given, rules)
    ramp, step = best_fits(kept)
    return _trend(kept, ramp, step, rules, outside)


def days_outside(days: Sequence[date], values: Sequence[float], rules: TrendRules) -> tuple[date, ...]:
    """The days of a daily figure that neither weekdays nor a trend explain; none where too few are given."""
    given = Days.of(days, values, rules.least_segment)
    return _without_outliers(given, rules)[1] if _enough(given, rules) else ()


def _enough(days: Days, rules: TrendRules) -> bool:
    return days.n >= max(rules.least_days, days.weekdays + 4) and days.steps > 0


def _without_outliers(days: Days, rules: TrendRules) -> tuple[Days, tuple[date, ...]]:
    """The days but for those that no model explains: a day of an incident must neither make nor hide a trend.

    One at a time, the worst first: a day far outside pulls its weekday with it.
    """
    kept, outside = days, list[date]()
    while (place := _worst(kept)) is not None:
        outside.append(kept.date_of(place))
        kept = kept.without((place,))
        if len(outside) > MOST_OUTLIERS * days.n or not _enough(kept, rules):
            return days, ()
    return kept, tuple(sorted(outside))


def _worst(days: Days) -> int | None:
    """The position of the day farthest outside; None where none is an outlier.

    Far from what the day before lets expect, or from the model itself: of bad days in a row each lets expect
    the next.
    """
    place, away = max((_farthest(days, rho) for rho in (CORRELATIONS, UNCORRELATED)), key=lambda far: far[1])
    return place if away > OUTLIER else None


def _farthest(days: Days, correlations: Sequence[float]) -> tuple[int, float]:
    """The position of the day with the largest residual, and that in standard deviations by the median."""
    import numpy as np

    residuals = min(best_fits(days, correlations), key=lambda fit: fit.bic).residuals
    away = np.abs(residuals - np.median(residuals))
    scale = 1.4826 * float(np.median(away))
    place = int(np.argmax(away))
    return place, float(away[place]) / scale if scale > 0 else 0.0


def _trend(days: Days, ramp: Fit, step: Fit, rules: TrendRules, set_aside: tuple[date, ...]) -> Trend:
    tests = {fit.shape: tested(days, fit) for fit in (ramp, step)}
    is_step = _is_borne_out(days, step, tests["step"])
    chosen, other = (step, ramp) if is_step and step.bic < ramp.bic else (ramp, step)
    p = min(1.0, 2 * tests["ramp"].p, 2 * tests["step"].p * days.steps if is_step else 1.0)
    test = tests[chosen.shape]
    size = test.effect * (days.span if chosen.shape == "ramp" else 1.0)
    matters = test.level != 0 and abs(size) >= rules.least_change * abs(test.level)
    found = p < rules.alpha and matters
    return Trend(
        shape=chosen.shape if found else "none",
        n=days.n,
        p=p,
        correlation=test.correlation,
        level=test.level,
        change=size,
        slope=test.effect * DAYS_A_WEEK if found and chosen.shape == "ramp" else None,
        step_on=days.date_of(chosen.place) if found and chosen.shape == "step" else None,
        preference=other.bic - chosen.bic,
        dates_tried=days.steps,
        set_aside=set_aside,
    )


def _is_borne_out(days: Days, step: Fit, test: Test) -> bool:
    """Whether the medians show the step too: with its sign, and a good part of its size."""
    by_medians = step_by_medians(days, step.place, test.weekday_levels)
    return by_medians * test.effect > 0 and abs(by_medians) >= BORNE_OUT * abs(test.effect)
