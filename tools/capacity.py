"""Capacity: what a pod carries, what the load will be, how many pods that needs. Pure functions over facts.

* A resource's capacity is where the line of its use over the requests per second of a pod, through the
  quietest hour of the day and the busiest minutes, reaches its limit less the headroom.
* The load is a peak of now × (1 + g) ^ weeks, g being the compound growth of weekly requests.
* Pods are the load ÷ the capacity of the resource that runs out first, rounded up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from postlaunch.facts import Assumed, Derived, Fact, Forecast, Measured, Quantity, Unavailable
from postlaunch.printing import value_text
from postlaunch.tools.costs import DAYS_A_MONTH
from postlaunch.tools.distributions import student_critical

DAYS_A_WEEK = 7
LEAST_RISE = 0.05
"""A resource follows the load when the busiest minutes use so much more of it than the quietest hour."""

LEAST_LOAD = 2.0
"""Busiest minutes with fewer than so many times the requests of the quietest hour say nothing of the load."""

POINTS = 200
"""Peaks of an interval at which a cost is computed: pods are whole, so its ends need not be the extremes."""

ROUNDING = 1e-9
"""Of a pod: what a quotient may exceed a whole number by without needing one more."""


@dataclass(frozen=True)
class LoadPoint:
    """What a pod used of one resource, and what it served meanwhile.

    Attributes:
        requests: per second, of the whole application; pods: that ran.
        use: of a pod, in the resource's own unit.
    """

    requests: Fact
    pods: Fact
    use: Fact

    @property
    def each(self) -> Derived:
        """Requests per second of a pod."""
        return Derived.of(
            "ratio",
            Measured.of(self.requests),
            Measured.of(self.pods),
            unit="per_second",
            statement="requests per second ÷ pods",
        )


def carried(quiet: LoadPoint, busy: LoadPoint, limit: Fact, headroom: Assumed) -> Derived | Unavailable:
    """Requests per second at which a pod is full, less the headroom, by the line through both points."""
    if busy.each.value < LEAST_LOAD * quiet.each.value:
        return Unavailable(
            reason="the load hardly varies: the busiest minutes and the quietest hour are alike"
        )
    if busy.use.value <= quiet.use.value * (1 + LEAST_RISE):
        return Unavailable(reason="it does not follow the load")
    more_use = Derived.of("difference", Measured.of(busy.use), Measured.of(quiet.use), unit=busy.use.unit)
    more_load = Derived.of("difference", busy.each, quiet.each, unit="per_second")
    slope = Derived.of(
        "ratio", more_use, more_load, unit="number", statement="use for each request per second of a pod"
    )
    allowed = Derived.of(
        "product", Measured.of(limit), kept_of(headroom), unit=limit.unit, statement="limit less the headroom"
    )
    room = Derived.of("difference", allowed, Measured.of(quiet.use), unit=limit.unit)
    if room.value <= 0:
        return Unavailable(reason="it is beyond its limit less the headroom without any load")
    more = Derived.of("ratio", room, slope, unit="per_second")
    return Derived.of(
        "sum",
        quiet.each,
        more,
        unit="per_second",
        statement=(
            "requests per second of a pod in the quietest hour + (limit less the headroom − use then) ÷ use "
            "for each further request per second, between that hour and the busiest minutes"
        ),
    )


def kept_of(headroom: Assumed) -> Derived:
    """What of a limit may be used."""
    whole = Assumed(value=1, unit="ratio", who="arithmetic", basis="all of the limit")
    return Derived.of("difference", whole, headroom, unit="ratio", statement="1 − headroom")


def in_proportion(busy: LoadPoint, limit: Fact, headroom: Assumed) -> Derived:
    """What a pod carries where no resource is seen to follow the load: as if use grew in proportion to it."""
    share = Derived.of("ratio", Measured.of(busy.use), Measured.of(limit), unit="ratio")
    return Derived.of(
        "ratio",
        Derived.of("product", busy.each, kept_of(headroom), unit="per_second"),
        share,
        unit="per_second",
        statement="requests per second of a pod in the busiest minutes × (1 − headroom) ÷ share of the limit",
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


def peak_in(
    facts: GrowthFacts, months: int, *, level: float, end: datetime, peak: Fact | None = None
) -> Forecast:
    """A peak load so many months from now, with its prediction interval.

    On the logarithms: the error of the line at that distance, the scatter of the weeks around it, and that of
    the weeks' peaks; Student's t with n − 2 degrees of freedom.

    Args:
        peak: that grows; the usual one where none is named.
    """
    start = facts.peak if peak is None else peak
    weeks = months * DAYS_A_MONTH / DAYS_A_WEEK
    value = start.value * (1 + facts.growth.value) ** weeks
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
            f"{value_text(start.value, 'per_second')} now"
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
