"""Do more requests fail in an hour than usual? The rule behind an unusual error rate, apart from the data.

The usual error rate is that of the hours of the weeks before which are not themselves unusual, found in
rounds that start from the calmest 98 % of them. How much more than chance (Poisson) failures vary from hour
to hour is measured on the same hours: their dispersion, the mean of (failures − expected)² ÷ expected, never
below 1. An hour is unusual when so many failures would come up (negative binomial of that dispersion) less
often than `alarms` in a whole ordinary day, and there are at least five of them, at more than twice the usual
rate and more than 0.1 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from postlaunch.tools.error_spells import LEAST_RATE, poisson_tail

LEAST_FAILED = 5
TIMES_USUAL = 2
LEAST_HOURS = 4 * 24
"""Fewest hours of the weeks before from which the usual rate is known."""

TRIMMED = 1e-4
"""Chance below which an hour of the weeks before does not count towards what is usual."""

WILD = 0.02
"""Share of the hours of the weeks before that may be wild, and are left out to begin with."""

ROUNDS = 20
NO_DISPERSION = 1.001


@dataclass(frozen=True)
class Counted:
    """Requests and failures of one hour."""

    requests: int
    failed: int


@dataclass(frozen=True)
class Usual:
    """The usual error rate, how much failures vary beyond chance, and of how many hours."""

    rate: float
    dispersion: float
    hours: int

    def chance(self, hour: Counted) -> float:
        """How often chance brings up at least so many failures."""
        expected = hour.requests * self.rate
        if not hour.requests or hour.failed <= expected:
            return 1.0
        if self.dispersion <= NO_DISPERSION:
            return poisson_tail(hour.failed, expected)
        return negative_binomial_tail(hour.failed, expected, self.dispersion)

    def bar(self) -> float:
        """The rate that an unusual hour is above."""
        return max(TIMES_USUAL * self.rate, LEAST_RATE)

    def unusual(self, hour: Counted, alarms: float, hours: int) -> bool:
        """Whether an hour, one of so many judged, has more failures than an ordinary one may have."""
        if hour.failed < LEAST_FAILED or hour.failed <= self.bar() * hour.requests:
            return False
        return self.chance(hour) <= alarms / hours

    def most(self, requests: int, alarms: float, hours: int) -> int:
        """The most failures of so many requests that are not unusual."""
        low, high = 0, max(requests, 1)
        while low < high:
            middle = (low + high + 1) // 2
            if self.unusual(Counted(requests, middle), alarms, hours):
                high = middle - 1
            else:
                low = middle
        return low


def negative_binomial_tail(at_least: int, mean: float, dispersion: float) -> float:
    """P(X ≥ at_least) of a negative binomial variable with variance mean × dispersion (above 1); summed until
    the terms no longer count.
    """
    size, share = mean / (dispersion - 1), 1 - 1 / dispersion
    term = math.exp(
        math.lgamma(at_least + size)
        - math.lgamma(size)
        - math.lgamma(at_least + 1)
        - size * math.log(dispersion)
        + at_least * math.log(share)
    )
    total, place = 0.0, at_least
    while term > total * 1e-12:
        total += term
        term *= (place + size) / (place + 1) * share
        place += 1
    return min(total, 1.0)


def usual_failures(hours: Sequence[Counted]) -> Usual | None:
    """What is usual of these hours; None where there are too few."""
    kept = [hour for hour in hours if hour.requests]
    if len(kept) < LEAST_HOURS:
        return None
    usual = _of(_calmest(kept))
    for _ in range(ROUNDS):
        ordinary = [hour for hour in kept if usual.chance(hour) > TRIMMED]
        again = _of(ordinary or kept)
        if again == usual:
            break
        usual = again
    return usual


def _calmest(hours: Sequence[Counted]) -> Sequence[Counted]:
    """All but the hours with the most failures beyond those of the middle rate: what the rounds start
    from.
    """
    middle = median(hour.failed / hour.requests for hour in hours)
    ranked = sorted(hours, key=lambda hour: hour.failed - hour.requests * middle)
    return ranked[: len(ranked) - int(len(ranked) * WILD)]


def _of(hours: Sequence[Counted]) -> Usual:
    """One failure more than there were, so that the rate is never zero."""
    rate = (sum(hour.failed for hour in hours) + 1) / (sum(hour.requests for hour in hours) + 1)
    strange = sum((hour.failed - hour.requests * rate) ** 2 / (hour.requests * rate) for hour in hours)
    return Usual(rate=rate, dispersion=max(1.0, strange / max(len(hours) - 1, 1)), hours=len(hours))
