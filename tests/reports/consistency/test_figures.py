"""Figures as printed: what they read as, and which values they leave open."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.facts import Assumed, Unavailable
from postlaunch.printing import rounded
from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.intervals import Interval


@pytest.mark.parametrize(
    ("text", "value", "unit", "step"),
    [
        ("38%", Fraction(38, 100), "ratio", Fraction(1, 100)),
        ("99.97%", Fraction(9997, 10_000), "ratio", Fraction(1, 10_000)),
        ("+0.02 pp", Fraction(2, 10_000), "points", Fraction(1, 10_000)),
        ("1,247,890", 1_247_890, "count", 0),
        ("50K", 50_000, "count", 1_000),
        ("~150", 150, "count", 10),
        ("−6 ms", -6, "ms", 1),
        ("45s", 45_000, "ms", 1_000),
        ("180 req/s", 180, "per_second", 1),
        ("198MB", 198_000_000, "bytes", 1_000_000),
        ("$120", 120, "money", 1),
        ("8 minutes", 8, "minutes", 1),
        ("13 days", 13, "days", 0),
        ("2.5 days", Fraction(5, 2), "days", Fraction(1, 10)),
        ("4.2", Fraction(42, 10), "number", Fraction(1, 10)),
    ],
)
def test_a_printed_figure_is_read_with_its_unit_and_its_last_digit(
    text: str, value: Fraction, unit: str, step: Fraction
) -> None:
    figure = Figure.printed(text)
    assert (figure.value, figure.unit, figure.step) == (value, unit, step)


@pytest.mark.parametrize("text", ["", "many", "12 parsecs", "%", "1.2.3"])
def test_what_is_no_figure_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no (figure|unit)"):
        Figure.printed(text)


def test_rounding_is_half_up_and_away_from_zero() -> None:
    half = Figure.printed("38%").interval
    assert half.holds(Fraction("0.375"))
    assert not half.holds(Fraction("0.385"))
    below = Figure.printed("−6 ms").interval
    assert below.holds(Fraction("-5.5"))
    assert not below.holds(Fraction("-6.5"))


@given(st.floats(-1e6, 1e6), st.integers(0, 3))
def test_a_figure_rounded_by_the_house_may_stand_for_its_value(value: float, decimals: int) -> None:
    number = rounded(value, decimals)
    step = Fraction(Decimal(1).scaleb(-decimals))
    assert Interval.rounded(Fraction(number), step).holds(Fraction(Decimal(repr(value))))


INTERVALS = st.tuples(st.fractions(-100, 100), st.fractions(0, 10)).map(lambda v: Interval.rounded(*v))


@given(INTERVALS, INTERVALS, st.data())
def test_arithmetic_on_intervals_holds_that_on_their_values(one: Interval, other: Interval, data) -> None:
    def value(interval: Interval) -> Fraction:
        return interval.low + (interval.high - interval.low) * data.draw(st.fractions(0, 1))

    a, b = value(one), value(other)
    if one.holds(a) and other.holds(b):
        assert (one + other).holds(a + b)
        assert (one - other).holds(a - b)
        assert (one * other).holds(a * b)
        if other.low > 0:
            assert (one / other).holds(a / b)


def test_nothing_times_a_figure_with_an_open_end_is_nothing() -> None:
    open_ended = Interval.rounded(Fraction(5), Fraction(1))
    assert (Interval.exactly(0) * open_ended).holds(Fraction(0))
    assert (Interval.exactly(0) / open_ended).holds(Fraction(0))


@given(INTERVALS, INTERVALS)
def test_two_intervals_meet_or_one_is_above(one: Interval, other: Interval) -> None:
    assert one.meets(other) != (one.above(other) or other.above(one))


def test_a_quantity_keeps_its_value_and_its_print() -> None:
    figure = Figure.stated(Assumed(value=0.27478, unit="ratio", who="a test", basis="none"))
    assert figure is not None
    assert (figure.text, float(figure.value)) == ("27.48% (assumed)", 0.27478)
    assert Figure.stated(Unavailable(reason="not measured")) is None


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_ratio_computed_in_doubles_agrees_with_its_counts(part: int, whole: int) -> None:
    exact = Interval.exactly(part) / Interval.exactly(whole)
    assert Figure.of(part / whole, "ratio", "").interval.meets(exact)
    assert Figure.of(1 - (1 - 1e-5), "ratio", "").interval.holds(Fraction(1, 10**5))
