"""The statistics of experiments: differences of proportions and of means, fixed-sample and always valid.

An always-valid interval may be looked at every night: over all looks together it misses the truth with
probability alpha at most (asymptotically). Here it is the normal-mixture confidence sequence of Waudby-Smith,
Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences"
(Annals of Statistics 52(6), 2024; arXiv 2103.06476), Theorem 2.2, with their closed approximation of the ρ
for which the interval is narrowest at a chosen number of users.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postlaunch.tools.distributions import (
    NORMAL,
    chi_square_survival,
    normal_two_sided,
    student_critical,
    student_two_sided,
)

TUNED_FOR = 5_000
"""Users of both arms together at which the always-valid interval is narrowest."""

FEWEST_OF_A_KIND = 10
"""Fewest conversions, and fewest non-conversions, of an arm with which the normal approximation decides."""

FEWEST_VALUES = 30
"""The same for means: fewest users with a value."""

FEWEST_EXPECTED = 5
"""Fewest users expected in an arm for the chi-square test of the split."""


@dataclass(frozen=True)
class Before:
    """The same metric of the same users in the days before they met the arm.

    Attributes:
        variance: of their values then, for one user.
        covariance: of a user's value then with the one since.
    """

    mean: float
    variance: float
    covariance: float


@dataclass(frozen=True)
class Sample:
    """One metric of one arm.

    Attributes:
        n: users with a value.
        mean: of their values; for a proportion, conversions ÷ n.
        variance: of their values, for one user.
        is_proportion: whether the values are 0 and 1.
        before: the same before exposure; None where it is not known, or not asked for.
    """

    n: int
    mean: float
    variance: float
    is_proportion: bool = False
    before: Before | None = None

    @classmethod
    def proportion(cls, conversions: int, n: int, before: Before | None = None) -> Sample:
        """Conversions of n users.

        Raises:
            ValueError: more conversions than users, or no user.
        """
        if not 0 <= conversions <= n or n < 1:
            raise ValueError("conversions are between none and all of at least one user")
        share = conversions / n
        return cls(n, share, share * (1 - share), is_proportion=True, before=before)

    @property
    def enough(self) -> bool:
        """Whether the normal approximation may be trusted with a decision."""
        if self.is_proportion:
            return self.n * min(self.mean, 1 - self.mean) >= FEWEST_OF_A_KIND - 1e-9
        return self.n >= FEWEST_VALUES and self.variance > 0

    @property
    def squared_error(self) -> float:
        """Variance of the mean. Of no or only conversions, with one more of each (Agresti and Caffo 2000)."""
        if self.is_proportion and self.variance == 0:
            share = (self.mean * self.n + 1) / (self.n + 2)
            return share * (1 - share) / (self.n + 2)
        return self.variance / self.n


@dataclass(frozen=True)
class Interval:
    """A confidence interval of a difference; `level` is 0.95 for alpha 0.05."""

    low: float
    high: float
    level: float


@dataclass(frozen=True)
class Difference:
    """A treatment's metric less the control's."""

    control: Sample
    treatment: Sample

    @property
    def estimate(self) -> float:
        """The difference found, in the metric's unit."""
        return self.treatment.mean - self.control.mean

    @property
    def standard_error(self) -> float:
        """Of the estimate, variances not pooled."""
        return math.sqrt(self.control.squared_error + self.treatment.squared_error)

    @property
    def users(self) -> int:
        """Of both arms together."""
        return self.control.n + self.treatment.n

    @property
    def relative(self) -> float | None:
        """The difference ÷ the size of the control's mean: below zero it keeps its sign. None of zero."""
        return self.estimate / abs(self.control.mean) if self.control.mean else None

    @property
    def relative_error(self) -> float | None:
        """Standard error of `relative` by the delta method; None where that fails: where the control's mean
        lies within three of its standard errors of zero."""
        base = abs(self.control.mean)
        if base <= 3 * math.sqrt(self.control.squared_error):
            return None
        ratio = self.treatment.mean / self.control.mean
        return math.sqrt(self.treatment.squared_error + ratio * ratio * self.control.squared_error) / base


@dataclass(frozen=True)
class DifferenceTest:
    """How a difference is tested at one look, at one alpha: always valid, or once at the planned end."""

    sequential: bool
    alpha: float

    def interval(self, difference: Difference) -> Interval:
        """The confidence interval of the difference."""
        half = self.multiplier(difference) * difference.standard_error
        return Interval(difference.estimate - half, difference.estimate + half, 1 - self.alpha)

    def relative_interval(self, difference: Difference) -> Interval | None:
        """The confidence interval of the relative difference, where there is one."""
        relative, error = difference.relative, difference.relative_error
        if relative is None or error is None:
            return None
        half = self.multiplier(difference) * error
        return Interval(relative - half, relative + half, 1 - self.alpha)

    def p(self, difference: Difference) -> float:
        """The probability of so large a difference if there is none; 1 where nothing varies."""
        if difference.standard_error == 0:
            return 1.0
        z = difference.estimate / difference.standard_error
        if self.sequential:
            return sequential_p(z, difference.users, self.alpha)
        if difference.control.is_proportion:
            return pooled_p(difference)
        return student_two_sided(z, welch_degrees(difference))

    def multiplier(self, difference: Difference) -> float:
        """Half the interval's width, in standard errors."""
        if self.sequential:
            return sequential_multiplier(difference.users, self.alpha)
        if difference.control.is_proportion or difference.standard_error == 0:
            return NORMAL.inv_cdf(1 - self.alpha / 2)
        return student_critical(self.alpha, welch_degrees(difference))

    def power(self, difference: Difference, mde: float) -> float:
        """Probability that this look finds a true difference of `mde`, with the variances found so far."""
        if difference.standard_error == 0:
            return 0.0
        return NORMAL.cdf(mde / difference.standard_error - self.multiplier(difference))


def pooled_p(difference: Difference) -> float:
    """Two-sided p of two proportions, variance pooled: the chi-square test without correction."""
    control, treatment = difference.control, difference.treatment
    share = (control.n * control.mean + treatment.n * treatment.mean) / difference.users
    error = math.sqrt(share * (1 - share) * (1 / control.n + 1 / treatment.n))
    return normal_two_sided(difference.estimate / error) if error else 1.0


def welch_degrees(difference: Difference) -> float:
    """Degrees of freedom of Welch's t-test (Welch and Satterthwaite)."""
    a, b = difference.control, difference.treatment
    parts = (a.squared_error, b.squared_error)
    below = sum(part**2 / max(sample.n - 1, 1) for part, sample in zip(parts, (a, b), strict=True))
    return sum(parts) ** 2 / below if below else 1.0


# --- always valid -------------------------------------------------------------------------------------


def _rho_squared(alpha: float) -> float:
    """The mixture's variance at which the interval is narrowest at `TUNED_FOR` users."""
    wide = -2 * math.log(alpha)
    return (wide + math.log(wide + 1)) / TUNED_FOR


def sequential_multiplier(users: int, alpha: float) -> float:
    """Half the always-valid interval in standard errors: √((t + 1) ÷ t · ln((t + 1) ÷ α²)), t = nρ²."""
    t = users * _rho_squared(alpha)
    return math.sqrt((t + 1) / t * (math.log1p(t) - 2 * math.log(alpha)))


def sequential_p(z: float, users: int, alpha: float) -> float:
    """The least alpha at which the always-valid interval, its mixture held, leaves zero out: 1 ÷ the
    mixture's likelihood ratio."""
    t = users * _rho_squared(alpha)
    return min(1.0, math.sqrt(t + 1) * math.exp(-z * z * t / (2 * (t + 1))))


# --- the split, several tests, how many users ---------------------------------------------------------


def sample_ratio_p(users: Mapping[str, int], shares: Mapping[str, float]) -> float | None:
    """Chi-square p of the users per arm against the intended split; arms of share 0 do not count.

    None where too few are expected in an arm for the test.
    """
    arms = [arm for arm, share in shares.items() if share > 0]
    total = sum(users.get(arm, 0) for arm in arms)
    whole = math.fsum(shares[arm] for arm in arms)
    expected = {arm: total * shares[arm] / whole for arm in arms}
    if len(arms) < 2 or min(expected.values()) < FEWEST_EXPECTED:
        return None
    x = math.fsum((users.get(arm, 0) - expected[arm]) ** 2 / expected[arm] for arm in arms)
    return chi_square_survival(x, len(arms) - 1)


def bonferroni(p_values: Sequence[float]) -> tuple[float, ...]:
    """p adjusted for several tests, times their number. Of always-valid tests at alpha ÷ tests it is at most
    alpha exactly where their interval holds no zero; of fixed ones near the border it may not be.
    """
    return tuple(min(1.0, len(p_values) * p) for p in p_values)


def users_for_power(
    difference: Difference, test: DifferenceTest, mde: float, power: float, control_share: float
) -> int | None:
    """Users of both arms together with which a look finds a true difference of `mde` with this power.

    Args:
        control_share: the control's intended share of them.

    Returns:
        None where nothing varies, or more than 10¹² would be needed.
    """
    if not (difference.control.variance or difference.treatment.variance):
        return None

    def found(users: int) -> bool:
        control = _resized(difference.control, users * control_share)
        treatment = _resized(difference.treatment, users * (1 - control_share))
        return test.power(Difference(control, treatment), mde) >= power

    low, high = 4, 8
    while not found(high):
        low, high = high, high * 2
        if high > 1e12:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if found(middle) else (middle, high)
    return high


def _resized(sample: Sample, n: float) -> Sample:
    """The same mean and variance with other users."""
    return Sample(max(round(n), 2), sample.mean, sample.variance, sample.is_proportion)
