"""Capacity: what a pod carries, what the load will be, how many pods that needs. Pure functions over facts.

* A resource's capacity is where the line of its use over the requests per second of a pod, through the hours
  of the day, reaches its limit less the headroom. Only a resource that follows the load has one.
* The load is the usual peak of now × (1 + g) ^ weeks, g being the compound growth of weekly requests.
* Pods are the load ÷ the capacity of the resource that runs out first, rounded up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from postlaunch.facts import Assumed, Derived, Fact, Forecast, Measured, Quantity, Unavailable
from postlaunch.printing import value_text
from postlaunch.tools.costs import DAYS_A_MONTH
from postlaunch.tools.distributions import student_critical
from postlaunch.tools.performance_lines import Line, line_through

DAYS_A_WEEK = 7
LEAST_HOURS = 6
"""Hours of the day that make a line of use over load."""

POINTS = 200
"""Peaks of an interval at which a cost is computed: pods are whole, so its ends need not be the extremes."""

ROUNDING = 1e-9
"""Of a pod: what a quotient may exceed a whole number by without needing one more."""


@dataclass(frozen=True)
class Follows:
    """How a resource's use follows the load.

    Attributes:
        line: of use over requests per second of a pod.
        hours: of the day, behind it.
    """

    line: Line
    hours: int


def follows(rates: Mapping[str, Fact], pods: Mapping[str, Fact], use: Mapping[str, Fact]) -> Follows | None:
    """The line of a resource's use over the requests per second of a pod; None for too few hours.

    Args:
        rates: requests per second by hour of the day; pods: running then; use: of a pod.
    """
    hours = [hour for hour in rates if hour in use and hour in pods and pods[hour].value > 0]
    if len(hours) < LEAST_HOURS:
        return None
    line = line_through(
        [rates[hour].value / pods[hour].value for hour in hours], [use[hour].value for hour in hours]
    )
    return None if line is None else Follows(line, len(hours))


def carried(
    found: Follows, allowed: float, *, level: float, least_fit: float, at: datetime, to: str
) -> Forecast | Unavailable:
    """Requests per second at which a pod's use reaches what is allowed.

    The interval is that of the line (inverse prediction by the delta method, Student's t).

    Args:
        allowed: use at which the pod is full: its limit less the headroom.
        to: that, in words: "70% of its CPU".
    """
    line = found.line
    if line.slope <= 0 or line.fit < least_fit:
        fit = value_text(line.fit, "number")
        return Unavailable(
            reason=f"it does not follow the load (R² {fit} over {found.hours} hours of the day)"
        )
    rate = line.middle + (allowed - line.level) / line.slope
    if rate <= 0:
        return Unavailable(reason=f"it is beyond {to} without any load")
    reach = student_critical(1 - level, line.n - 2) * line.error_at(rate) / line.slope
    return Forecast(
        value=rate,
        low=max(rate - reach, 0.0),
        high=rate + reach,
        level=level,
        unit="per_second",
        at=at,
        method=(
            f"the line of its use over the requests per second of a pod, to {to}: least squares over "
            f"{found.hours} hours of the day, R² {value_text(line.fit, 'number')}"
        ),
    )


def in_proportion(peak: Measured, pods: Measured, use: Measured, headroom: Assumed) -> Derived:
    """What a pod carries where no resource is seen to follow the load: as if use grew in proportion to it."""
    whole = Assumed(value=1, unit="ratio", who="arithmetic", basis="all of the limit")
    kept = Derived.of("difference", whole, headroom, unit="ratio", statement="limit less the headroom")
    each = Derived.of("ratio", peak, pods, unit="per_second", statement="peak ÷ pods")
    return Derived.of(
        "ratio",
        Derived.of("product", each, kept, unit="per_second"),
        use,
        unit="per_second",
        statement="peak of a pod × (1 − headroom) ÷ use of the fullest resource (95th percentile)",
    )


# --- growth -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GrowthFacts:
    """The measured growth: what `traffic_growth` states."""

    growth: Fact
    fit: Fact
    scatter: Fact
    error: Fact
    middle: Fact
    peak: Fact
    peak_scatter: Fact

    @property
    def weeks(self) -> int:
        """Whole weeks behind it."""
        return self.growth.n


def peak_in(facts: GrowthFacts, months: int, *, level: float, end: datetime) -> Forecast:
    """The peak load so many months from now, with its prediction interval.

    On the logarithms: the error of the line at that distance, the scatter of the weeks around it, and that of
    the weeks' peaks; Student's t with n − 2 degrees of freedom.
    """
    weeks = months * DAYS_A_MONTH / DAYS_A_WEEK
    value = facts.peak.value * (1 + facts.growth.value) ** weeks
    n = facts.weeks
    away = facts.middle.value + weeks
    variance = (
        facts.scatter.value**2 * (1 + 1 / n)
        + (facts.error.value * away) ** 2
        + facts.peak_scatter.value**2 * (1 + 1 / n)
    )
    reach = student_critical(1 - level, n - 2) * math.sqrt(variance)
    return Forecast(
        value=value,
        low=value * math.exp(-reach),
        high=value * math.exp(min(reach, 50.0)),
        level=level,
        unit="per_second",
        at=end + timedelta(days=months * DAYS_A_MONTH),
        method=(
            f"compound growth of {value_text(facts.growth.value, 'ratio')} a week, from {n} whole weeks "
            f"(log-linear, R² {value_text(facts.fit.value, 'number')}), of a peak of "
            f"{value_text(facts.peak.value, 'per_second')} now"
        ),
    )


# --- pods -------------------------------------------------------------------------------------------------


def needed(peak: float, per_pod: float, saved: float = 0.0) -> int:
    """Pods for a load: peak × (1 − saved) ÷ capacity, rounded up, at least one."""
    return max(math.ceil(peak * (1 - saved) / per_pod - ROUNDING), 1)


@dataclass(frozen=True)
class Load:
    """A peak load as pods are counted for it: requests per second, with its interval.

    Attributes:
        at: when; level: of the interval.
    """

    value: float
    low: float
    high: float
    level: float
    at: datetime

    @classmethod
    def of(cls, peak: Quantity, *, level: float, at: datetime) -> Load | None:
        """A forecast's own; a measured peak is its own interval. None where there is no figure."""
        if isinstance(peak, Unavailable):
            return None
        if isinstance(peak, Forecast):
            return cls(peak.value, peak.low, peak.high, peak.level, peak.at)
        return cls(peak.value, peak.value, peak.value, level, at)


def pods_for(load: Load, per_pod: Quantity, saved: float = 0.0) -> Forecast | Unavailable:
    """Pods in total for a peak load, with the interval that its own gives."""
    if isinstance(per_pod, Unavailable):
        return Unavailable(reason=f"what a pod carries is not known: {per_pod.reason}", remedy=per_pod.remedy)
    less = f", less {value_text(saved, 'ratio')} of it" if saved else ""
    return Forecast(
        value=needed(load.value, per_pod.value, saved),
        low=needed(load.low, per_pod.value, saved),
        high=needed(load.high, per_pod.value, saved),
        level=load.level,
        unit="count",
        at=load.at,
        method=(
            f"the peak{less} ÷ {value_text(per_pod.value, 'per_second')} of a pod, rounded up; the interval "
            "is that of the peak"
        ),
    )


def cost_of(pods: Quantity, price: Quantity, current: int) -> Forecast | Unavailable:
    """What the pods of a forecast cost a month, never fewer than run now."""
    if isinstance(price, Unavailable):
        return price
    if not isinstance(pods, Forecast):
        return pods if isinstance(pods, Unavailable) else Unavailable(reason="the pods are no forecast")

    def paid(number: float) -> float:
        return max(number, current) * price.value

    return Forecast(
        value=paid(pods.value),
        low=paid(pods.low),
        high=paid(pods.high),
        level=pods.level,
        unit="money",
        at=pods.at,
        method="pods × the cost of a pod a month; the interval is that of the pods",
    )


def cost_avoided(
    load: Load, per_pod: Quantity, price: Quantity, saved: float, current: int
) -> Forecast | Unavailable:
    """By how much less the pods cost a month with the load saved: over all peaks of the interval."""
    if isinstance(per_pod, Unavailable):
        return Unavailable(reason=f"what a pod carries is not known: {per_pod.reason}", remedy=per_pod.remedy)
    if isinstance(price, Unavailable):
        return price

    def less(peak: float) -> float:
        without, optimised = (max(needed(peak, per_pod.value, part), current) for part in (0.0, saved))
        return (without - optimised) * price.value

    step = (load.high - load.low) / POINTS
    over = [less(load.value), *(less(load.low + step * place) for place in range(POINTS + 1))]
    return Forecast(
        value=over[0],
        low=min(over),
        high=max(over),
        level=load.level,
        unit="money",
        at=load.at,
        method="cost without the opportunities − cost with them, at each peak of the interval",
    )
