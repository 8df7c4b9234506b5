"""Tail probabilities of the distributions that the tests of `experiment_statistics` need.

Written out because the core is installed without SciPy; tests compare them with published values. Formulas
are numbered as in the NIST Digital Library of Mathematical Functions (DLMF, https://dlmf.nist.gov).
"""

from __future__ import annotations

import math
from statistics import NormalDist

NORMAL = NormalDist()
"""The standard normal distribution."""

TERMS = 10_000
"""Most terms of a series or continued fraction; the arguments met here need fewer than a few hundred."""

TINY = 1e-300
CLOSE = 1e-15


def normal_two_sided(z: float) -> float:
    """P(|Z| ≥ |z|) of a standard normal Z, exact in the far tail (DLMF 7.2.2)."""
    return math.erfc(abs(z) / math.sqrt(2))


def chi_square_survival(x: float, degrees: int) -> float:
    """P(X ≥ x) of a chi-square with so many degrees of freedom: Q(degrees ÷ 2, x ÷ 2) (DLMF 8.2.4).

    Raises:
        ValueError: x is negative, or there is no degree of freedom.
    """
    if x < 0 or degrees < 1:
        raise ValueError("chi-square needs x ≥ 0 and at least one degree of freedom")
    return _upper_gamma_ratio(degrees / 2, x / 2)


def student_two_sided(t: float, degrees: float) -> float:
    """P(|T| ≥ |t|) of Student's t: I_x(degrees ÷ 2, 1 ÷ 2), x = degrees ÷ (degrees + t²) (DLMF 8.17).

    Raises:
        ValueError: degrees of freedom that are not positive.
    """
    if degrees <= 0:
        raise ValueError("Student's t needs positive degrees of freedom")
    return _beta_ratio(degrees / (degrees + t * t), degrees / 2, 0.5)


def student_critical(alpha: float, degrees: float) -> float:
    """The t that |T| exceeds with probability alpha: Newton's steps from the normal one.

    That lies below it, and the probability is convex beyond: the steps never go too far.
    """
    t = NORMAL.inv_cdf(1 - alpha / 2)
    for _ in range(TERMS):
        step = (student_two_sided(t, degrees) - alpha) / (2 * _student_density(t, degrees))
        t += step
        if step <= t * 1e-14:
            break
    return t


def _student_density(t: float, degrees: float) -> float:
    scale = math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)
    shape = -(degrees + 1) / 2 * math.log1p(t * t / degrees)
    return math.exp(scale + shape) / math.sqrt(math.pi * degrees)


def _upper_gamma_ratio(a: float, x: float) -> float:
    """Q(a, x) = Γ(a, x) ÷ Γ(a): by the series of 1 − Q for small x (DLMF 8.11.4), else as a fraction."""
    if x == 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        for place in range(1, TERMS):
            term *= x / (a + place)
            total += term
            if term < total * CLOSE:
                break
        return max(0.0, 1 - scale * total)
    return scale * _gamma_fraction(a, x)


def _gamma_fraction(a: float, x: float) -> float:
    """Γ(a, x) ÷ (xᵃ e⁻ˣ): the even part of the continued fraction DLMF 8.9.2, by modified Lentz."""
    b = x + 1 - a
    c, d = 1 / TINY, 1 / b
    value = d
    for place in range(1, TERMS):
        numerator = place * (a - place)
        b += 2
        d = 1 / _not_zero(numerator * d + b)
        c = _not_zero(b + numerator / c)
        value *= c * d
        if abs(c * d - 1) < CLOSE:
            break
    return value


def _beta_ratio(x: float, a: float, b: float) -> float:
    """I_x(a, b), the regularised incomplete beta function (DLMF 8.17.2)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    logarithm = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    front = math.exp(logarithm)
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(x, a, b) / a
    return 1 - front * _beta_fraction(1 - x, b, a) / b


def _beta_fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of DLMF 8.17.22, by the modified Lentz method."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for numerator in (even, odd):
            d = 1 / _not_zero(1 + numerator * d)
            c = _not_zero(1 + numerator / c)
            value *= c * d
        if abs(c * d - 1) < CLOSE:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY
