"""Trends of daily figures: ramps, steps and noise told apart, whatever the weekdays and autocorrelation."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postlaunch.tools.trend import Trend, TrendRules, trend_of

FIRST = date(2025, 9, 29)
"""A Monday."""

RULES = TrendRules()
LEVEL = 100.0
WEEKLY = (0.0, 1.0, 2.0, 1.0, 0.0, -6.0, -8.0)
"""By the weekday: quiet weekends are faster."""

SEEDS = st.integers(0, 2**32 - 1)


def noise(days: int, deviation: float, correlation: float, seed: int) -> list[float]:
    """AR(1) noise around zero."""
    dice = random.Random(seed)
    values = [dice.gauss(0, 1)]
    for _ in range(days - 1):
        values.append(correlation * values[-1] + math.sqrt(1 - correlation**2) * dice.gauss(0, 1))
    return [deviation * value for value in values]


def trend(
    shape: Callable[[int], float],
    days: int = 56,
    deviation: float = 1.0,
    correlation: float = 0.3,
    seed: int = 1,
    without: Callable[[int], bool] = lambda day: False,
    rules: TrendRules = RULES,
) -> Trend | None:
    """The trend of weekly seasonality, a shape, and noise; some days may be missing."""
    around = noise(days, deviation, correlation, seed)
    kept = [day for day in range(days) if not without(day)]
    return trend_of(
        [FIRST + timedelta(days=day) for day in kept],
        [LEVEL + WEEKLY[day % 7] + shape(day) + around[day] for day in kept],
        rules,
    )


def flat(day: int) -> float:
    return 0.0


# --- what is found ----------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, slope=st.floats(1.2, 4), faster=st.booleans(), missing=st.sampled_from((0, 5, 9)))
def test_a_ramp_is_a_ramp_with_its_slope_a_week(seed: int, slope: float, faster: bool, missing: int) -> None:
    signed = -slope if faster else slope
    gaps = (lambda day: day % missing == 3) if missing else (lambda day: False)
    found = trend(lambda day: signed * day / 7, seed=seed, without=gaps)
    assert found is not None
    assert found.shape == "ramp"
    assert found.slope == pytest.approx(signed, abs=0.8)
    assert found.step_on is None
    assert found.change == pytest.approx(signed * 55 / 7, abs=6)
    assert found.p < RULES.alpha


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, size=st.floats(6, 30), faster=st.booleans(), at=st.integers(10, 46))
def test_a_step_is_a_step_on_its_date(seed: int, size: float, faster: bool, at: int) -> None:
    signed = -size if faster else size
    found = trend(lambda day: signed if day >= at else 0.0, seed=seed)
    assert found is not None
    assert found.shape == "step"
    assert found.step_on is not None
    assert abs((found.step_on - FIRST).days - at) <= 1
    assert found.change == pytest.approx(signed, abs=3)
    assert found.slope is None


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("days", [28, 56])
def test_noise_is_no_trend_however_its_days_hang_together(days: int, correlation: float) -> None:
    """Of 150 series without a trend at most 5 % may seem to have one, where chance itself allows 1 %."""
    shapes: Counter[str] = Counter()
    for seed in range(150):
        found = trend(flat, days=days, deviation=3, correlation=correlation, seed=seed)
        assert found is not None
        shapes[found.shape] += 1
    assert shapes["none"] >= 0.95 * 150 - (3 if days < 56 else 0), shapes


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, deviation=st.floats(0.2, 4))
def test_p_of_noise_lies_anywhere_and_a_trends_is_small(seed: int, deviation: float) -> None:
    still, moving = (
        trend(shape, seed=seed, deviation=deviation, correlation=0) for shape in (flat, lambda day: day)
    )
    assert still is not None
    assert moving is not None
    assert 0 <= still.p <= 1
    assert moving.p < min(1e-6, still.p)


def test_weekends_that_are_faster_are_no_trend() -> None:
    found = trend(flat, deviation=0.01, correlation=0)
    assert found is not None
    assert found.shape == "none"


def test_autocorrelation_is_measured_and_takes_certainty_away() -> None:
    """The same ramp in noise of the same size is less certain when each day repeats the day before."""
    loose, tied = (
        [trend(lambda day: 0.1 * day, deviation=2, correlation=rho, seed=seed) for seed in range(20)]
        for rho in (0.0, 0.8)
    )

    def middle(found: list[Trend | None], figure: Callable[[Trend], float]) -> float:
        return sorted(figure(one) for one in found if one)[10]

    assert middle(loose, lambda one: one.correlation) < 0.25
    assert 0.5 < middle(tied, lambda one: one.correlation) < 0.95
    assert middle(loose, lambda one: one.p) < 1e-3 < middle(tied, lambda one: one.p)


def test_ramp_and_step_are_told_apart_clearly() -> None:
    ramp = trend(lambda day: 0.3 * day)
    step = trend(lambda day: 15.0 if day >= 30 else 0.0)
    assert ramp is not None
    assert step is not None
    assert (ramp.shape, step.shape) == ("ramp", "step")
    assert min(ramp.preference, step.preference) > 10
    assert step.dates_tried == 56 - 2 * RULES.least_segment + 1


# --- what is not ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [0, 1, 7, 13, 20])
def test_too_few_days_are_not_enough_data(days: int) -> None:
    assert trend(lambda day: 5.0 * day, days=days or 1) is None if days else trend_of([], [], RULES) is None


def test_a_step_needs_its_minimum_segment_on_both_sides() -> None:
    late = trend(lambda day: 20.0 if day >= 54 else 0.0, correlation=0)
    assert late is not None
    assert late.shape == "none"
    assert [day.isoformat() for day in late.set_aside] == ["2025-11-22", "2025-11-23"]


def test_a_change_that_does_not_matter_is_none_however_small_its_p() -> None:
    tiny = trend(lambda day: 0.01 * day, deviation=0.01, correlation=0)
    assert tiny is not None
    assert tiny.p < 1e-6
    assert tiny.shape == "none"
    told = trend(lambda day: 0.01 * day, deviation=0.01, correlation=0, rules=TrendRules(least_change=0.001))
    assert told is not None
    assert told.shape == "ramp"


@pytest.mark.parametrize("day", [3, 30, 52])
def test_one_day_far_outside_neither_makes_nor_hides_a_trend(day: int) -> None:
    def struck(shape: Callable[[int], float]) -> Trend | None:
        return trend(lambda at: shape(at) + (400.0 if at == day else 0.0))

    still, moving = struck(flat), struck(lambda at: 0.3 * at)
    assert still is not None
    assert moving is not None
    assert (still.shape, moving.shape) == ("none", "ramp")
    assert still.set_aside == moving.set_aside == (FIRST + timedelta(days=day),)


def struck_twice(shape: Callable[[int], float], days: int, seed: int) -> Trend:
    """The trend with two days in a row that are 8 and 11 too slow: hardly more than weekends are faster."""
    bad = days - 18 + seed % 9
    found = trend(
        lambda day: shape(day) + {bad: 8.0, bad + 1: 11.0}.get(day, 0.0),
        days=days,
        deviation=0.7,
        correlation=0,
        seed=seed,
    )
    assert found is not None
    return found


@pytest.mark.parametrize("days", [28, 49])
def test_two_days_moderately_outside_make_no_trend(days: int) -> None:
    """Of 28 days they are mostly not set aside; then medians bear no step out."""
    assert {struck_twice(flat, days, seed).shape for seed in range(20)} == {"none"}


def test_two_days_moderately_outside_hide_no_trend() -> None:
    ramps = [struck_twice(lambda day: day / 7, 49, seed) for seed in range(12)]
    steps = [struck_twice(lambda day: 8.0 if day >= 20 else 0.0, 49, seed) for seed in range(12)]
    assert sorted(found.shape for found in ramps)[1:] == ["ramp"] * 11
    assert {found.step_on for found in steps} == {FIRST + timedelta(days=20)}
    assert all(LEVEL < found.level + found.change < LEVEL + 10 for found in ramps + steps)


def test_figures_that_never_move_are_no_trend() -> None:
    days = [FIRST + timedelta(days=day) for day in range(56)]
    still = trend_of(days, [LEVEL] * 56, RULES)
    assert still is not None
    assert (still.shape, round(still.change, 6)) == ("none", 0.0)


@settings(max_examples=25, deadline=None)
@given(
    seed=SEEDS,
    factor=st.floats(0.01, 1000),
    kept=st.sets(st.integers(0, 69), min_size=35, max_size=70),
)
def test_the_unit_does_not_change_the_verdict(seed: int, factor: float, kept: set[int]) -> None:
    around = noise(70, 2, 0.3, seed)
    days = [FIRST + timedelta(days=day) for day in sorted(kept)]
    values = [LEVEL + WEEKLY[day % 7] + 0.15 * day + around[day] for day in sorted(kept)]
    one, other = trend_of(days, values, RULES), trend_of(days, [factor * value for value in values], RULES)
    assert one is not None
    assert other is not None
    assert (one.shape, one.step_on, one.n) == (other.shape, other.step_on, other.n)
    assert other.p == pytest.approx(one.p, rel=1e-6)
    assert other.change == pytest.approx(factor * one.change, rel=1e-6)


def test_time_run_backwards_turns_the_slope_around() -> None:
    around = noise(56, 1, 0.2, 5)
    days = [FIRST + timedelta(days=day) for day in range(56)]
    values = [LEVEL + 0.3 * day + around[day] for day in range(56)]
    forth, back = trend_of(days, values, RULES), trend_of(days, values[::-1], RULES)
    assert forth is not None
    assert back is not None
    assert forth.slope is not None
    assert back.slope == pytest.approx(-forth.slope, rel=1e-6)
