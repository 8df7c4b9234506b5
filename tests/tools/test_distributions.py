"""Tail probabilities against published values."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.tools.distributions import (
    chi_square_survival,
    normal_two_sided,
    student_critical,
    student_two_sided,
)

# NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7, carried to more places by R (pchisq, pt).


@pytest.mark.parametrize(
    ("x", "degrees", "p"),
    [
        (3.841458820694124, 1, 0.05),
        (6.634896601021214, 1, 0.01),
        (18.307038053275146, 10, 0.05),
        (124.34211340400407, 100, 0.05),
        (0.5, 4, 0.9735009788392561),
        (40, 1, 2.5396285894708634e-10),
        (200, 1, 2.0884875837625446e-45),
        (0, 3, 1),
    ],
)
def test_chi_square(x: float, degrees: int, p: float) -> None:
    assert chi_square_survival(x, degrees) == pytest.approx(p, rel=1e-10)


@pytest.mark.parametrize(
    ("t", "degrees", "p"),
    [
        (12.706204736432095, 1, 0.05),
        (2.2281388519649385, 10, 0.05),
        (3.1692726726169512, 10, 0.01),
        (1, 3, 0.39100221895577053),
        (-1, 3, 0.39100221895577053),
        (0, 4, 1),
    ],
)
def test_student(t: float, degrees: float, p: float) -> None:
    assert student_two_sided(t, degrees) == pytest.approx(p, rel=1e-8)


@pytest.mark.parametrize(("z", "p"), [(1.959963984540054, 0.05), (0, 1), (10, 1.523970604832105e-23)])
def test_normal_far_into_the_tail(z: float, p: float) -> None:
    assert normal_two_sided(z) == pytest.approx(p, rel=1e-10)


@given(st.floats(0, 500))
def test_chi_square_of_one_and_two_degrees_has_closed_forms(x: float) -> None:
    assert chi_square_survival(x, 1) == pytest.approx(math.erfc(math.sqrt(x / 2)), rel=1e-9, abs=1e-300)
    assert chi_square_survival(x, 2) == pytest.approx(math.exp(-x / 2), rel=1e-9, abs=1e-300)


@given(st.floats(-50, 50))
def test_student_of_one_and_two_degrees_has_closed_forms(t: float) -> None:
    one = 1 - 2 * math.atan(abs(t)) / math.pi
    two = 1 - abs(t) / math.sqrt(2 + t * t)
    assert student_two_sided(t, 1) == pytest.approx(one, rel=1e-6, abs=1e-12)
    assert student_two_sided(t, 2) == pytest.approx(two, rel=1e-6, abs=1e-12)


@given(st.floats(0.0001, 0.5), st.floats(1, 1_000))
def test_the_critical_t_is_exceeded_with_its_probability(alpha: float, degrees: float) -> None:
    assert student_two_sided(student_critical(alpha, degrees), degrees) == pytest.approx(alpha, rel=1e-6)


@pytest.mark.parametrize(("x", "degrees"), [(-1, 1), (1, 0)])
def test_what_has_no_probability_is_refused(x: float, degrees: int) -> None:
    with pytest.raises(ValueError, match="chi-square"):
        chi_square_survival(x, degrees)
