"""Error budgets: what is allowed, spent, left, and how fast."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.facts import Definition, Fact, Measurement, Unit
from postlaunch.reports.targets import Target
from postlaunch.settings_objectives import DEFAULT_OBJECTIVES
from postlaunch.tools.error_budget import occurrence_budget, request_budget, time_budget
from postlaunch.windows import Window, iso_week_of

WEEK = iso_week_of(datetime(2025, 11, 18, tzinfo=UTC).date(), "UTC")
MONTH = Window(start=WEEK.end - timedelta(days=30), end=WEEK.end)
UPTIME = Target.of("uptime", DEFAULT_OBJECTIVES["uptime"])
ERRORS = Target.of("error_rate", DEFAULT_OBJECTIVES["error_rate"])


def fact(name: str, value: float, unit: Unit, window: Window = WEEK) -> Fact:
    return Fact(
        name=name,
        value=value,
        unit=unit,
        window=window,
        definition=Definition(name=name, title=name, statement=name, unit=unit),
        measurement=Measurement(name="uptime", source="requests", fingerprint="f"),
        n=10_080,
    )


def down(minutes: float, window: Window = WEEK) -> Fact:
    return fact("down_minutes", minutes, "minutes", window)


def test_eight_minutes_down_are_within_the_43_that_99_9_percent_allows_a_month() -> None:
    budget = time_budget(UPTIME, down(8))
    assert budget is not None
    assert budget.allowed.value == pytest.approx(43.2)
    assert budget.spent.value == pytest.approx(8 / 43.2)
    assert budget.left.value == pytest.approx(1 - 8 / 43.2)
    assert budget.burn_rate.value == pytest.approx(8 / 10.08)


def test_a_week_of_a_thirty_day_budget_is_a_lower_bound() -> None:
    budget = time_budget(UPTIME, down(8))
    assert budget is not None
    assert budget.complete is False


def test_a_budget_measured_over_its_whole_window_is_complete() -> None:
    budget = time_budget(UPTIME, down(8, MONTH))
    assert budget is not None
    assert budget.complete is True
    assert budget.burn_rate.value == pytest.approx(8 / 43.2)


def test_a_weekly_budget_of_requests_is_complete_after_the_week() -> None:
    budget = occurrence_budget(ERRORS, fact("error_rate", 0.004, "ratio"))
    assert budget is not None
    assert budget.spent.value == pytest.approx(0.4)
    assert budget.complete is True


def test_part_of_the_week_spends_part_of_the_budget() -> None:
    part = WEEK.cut(WEEK.start + timedelta(days=3.5))
    budget = occurrence_budget(ERRORS, fact("error_rate", 0.02, "ratio", part))
    assert budget is not None
    assert budget.burn_rate.value == pytest.approx(2)
    assert budget.spent.value == pytest.approx(1)
    assert budget.complete is False


@pytest.mark.parametrize("change", [{"value": 1.0}, {"window": "sprint"}, {"direction": "below"}])
def test_an_objective_that_allows_nothing_has_no_budget(change: dict[str, object]) -> None:
    assert time_budget(UPTIME.model_copy(update=change), down(1)) is None


def test_the_uptime_objective_allows_one_request_in_a_thousand_to_fail() -> None:
    budget = request_budget(UPTIME, fact("error_rate", 0.002, "ratio", MONTH))
    assert budget is not None
    assert budget.method == "occurrences"
    assert budget.allowed.value == pytest.approx(0.001)
    assert budget.spent.value == pytest.approx(2)
    assert budget.complete is True


@pytest.mark.parametrize("change", [{"value": 1.0}, {"window": "sprint"}, {"direction": "below"}])
def test_an_uptime_that_allows_nothing_has_no_budget_of_requests(change: dict[str, object]) -> None:
    assert request_budget(UPTIME.model_copy(update=change), fact("error_rate", 0.002, "ratio")) is None


@given(minutes=st.floats(0, 10_080))
def test_spent_and_left_are_the_whole_budget(minutes: float) -> None:
    budget = time_budget(UPTIME, down(minutes))
    assert budget is not None
    assert budget.spent.value + budget.left.value == pytest.approx(1)
