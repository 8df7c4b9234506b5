"""Every figure of every report of the cycle, walked over the report models: measured ones are the truth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from oracle import Expected, World, wrong_in
from pydantic import BaseModel

from postlaunch.facts import Assumed, Derived, Evidence, Forecast, Measured, measured_in
from postlaunch.printing import quantity_text, value_text
from postlaunch.reports.performance import PerformanceReport

if TYPE_CHECKING:
    from conftest import Cycle

LEAST = {
    "daily_check": 200, "weekly_health": 190, "incident": 160, "performance": 200, "analytics": 140,
    "backlog": 55, "monthly_review": 45,
}  # fmt: skip
"""Measured figures that each kind of report states at least, so that none of them became empty."""

STEPS = {
    "sum": lambda values: sum(values),
    "difference": lambda values: values[0] - sum(values[1:]),
    "product": lambda values: math.prod(values),
    "ratio": lambda values: values[0] / values[1],
    "minimum": lambda values: sorted(values)[0],
    "maximum": lambda values: sorted(values)[-1],
    "minutes between": lambda values: (values[1] - values[0]) / 60,
}


@pytest.fixture(scope="module")
def expected(cycle: Cycle) -> Expected:
    return Expected(World(cycle.sample))


def walked(value: object) -> Iterator[BaseModel]:
    """Every model inside a model, itself included."""
    if isinstance(value, BaseModel):
        yield value
        for name in type(value).model_fields:
            yield from walked(getattr(value, name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from walked(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from walked(item)


# --- measured -------------------------------------------------------------------------------------------


def test_every_measured_figure_of_every_report_is_the_truth_as_printed(
    cycle: Cycle, expected: Expected
) -> None:
    for name, report in cycle.reports.items():
        assert len(measured_in(report)) >= LEAST[report.kind], name
        assert (name, wrong_in(report, expected)) == (name, [])


def test_a_figure_that_is_not_the_truth_is_found(cycle: Cycle, expected: Expected) -> None:
    report = cycle.reports["weekly-health-2025-W47"]
    fact = next(fact for fact in report.evidence.facts.values() if fact.name == "total_requests")
    more = fact.model_copy(update={"value": fact.value + 1})
    changed = report.model_copy(
        update={"evidence": Evidence.model_construct(facts={**report.evidence.facts, fact.id: more})}
    )
    [wrong] = wrong_in(changed, expected)
    assert wrong.startswith("total_requests of application (value)")


def test_a_figure_that_nothing_is_known_of_is_not_passed_over(cycle: Cycle, expected: Expected) -> None:
    report = cycle.reports["weekly-health-2025-W47"]
    for fact in report.evidence.facts.values():
        with pytest.raises(LookupError, match="nothing is known of made_up"):
            expected.of(report, fact.model_copy(update={"name": "made_up"}))
        break
    stranger = next(fact for fact in report.evidence.facts.values() if fact.name == "endpoint_requests")
    with pytest.raises(AssertionError, match="no endpoint GET /nowhere"):
        expected.of(report, stranger.model_copy(update={"entity": "GET /nowhere"}))


# --- derived, assumed -----------------------------------------------------------------------------------


def test_every_derived_figure_recomputes_from_its_inputs(cycle: Cycle) -> None:
    kinds = set()
    for report in cycle.reports.values():
        for quantity in walked(report):
            if isinstance(quantity, Derived):
                again = STEPS[quantity.formula]([item.value for item in quantity.inputs])
                assert value_text(again, quantity.unit) == value_text(quantity.value, quantity.unit)
                kinds.add(report.kind)
    assert kinds == {
        "weekly_health", "incident", "performance", "analytics", "backlog", "monthly_review",
    }  # fmt: skip


def test_every_measured_input_is_a_fact_of_the_report(cycle: Cycle) -> None:
    for name, report in cycle.reports.items():
        for quantity in measured_in(report):
            assert report.evidence.supports(quantity), name


def test_what_is_assumed_says_who_does_and_why(cycle: Cycle) -> None:
    kinds = set()
    for report in cycle.reports.values():
        for quantity in walked(report):
            if isinstance(quantity, Assumed):
                assert quantity.who
                assert quantity.basis
                assert "(assumed" in quantity_text(quantity)
                kinds.add(report.kind)
    assert kinds == {"weekly_health", "incident", "performance", "backlog"}


# --- forecasts ------------------------------------------------------------------------------------------


def test_the_intervals_of_the_load_and_of_the_pods_hold_what_the_generator_would_make(cycle: Cycle) -> None:
    reports = [report for report in cycle.reports.values() if isinstance(report, PerformanceReport)]
    assert len(reports) == 2
    for report in reports:
        current = report.capacity.current
        assert isinstance(current.per_pod, Derived)
        for projection in report.capacity.projections:
            pairs = ((projection.peak, projection.pods), (projection.usual, projection.pods_usual))
            for (load, pods), now in zip(pairs, (current.peak, current.usual_peak), strict=True):
                assert isinstance(now, Measured)
                true = now.value * grown(cycle, report, load)
                if isinstance(load, Forecast):
                    assert load.low <= true <= load.high, (report.kind, load)
                assert isinstance(pods, Forecast)
                assert pods.low <= math.ceil(true / current.per_pod.value) <= pods.high


def grown(cycle: Cycle, report: PerformanceReport, load: object) -> float:
    """By how much users, and with them requests, multiply from a report's end to a forecast's moment."""
    if not isinstance(load, Forecast):
        return 1
    weeks = (load.at - report.window.end) / timedelta(weeks=1)
    return float((1 + cycle.sample.read_truth().growth.weekly) ** weeks)


def test_no_other_forecast_is_stated_than_those_of_load_pods_and_their_cost(cycle: Cycle) -> None:
    known = set()
    for report in cycle.reports.values():
        if isinstance(report, PerformanceReport):
            known |= {quantity for quantity in walked(report.capacity) if isinstance(quantity, Forecast)}
            known |= {quantity for quantity in walked(report.cost) if isinstance(quantity, Forecast)}
    for name, report in cycle.reports.items():
        stated = {quantity for quantity in walked(report) if isinstance(quantity, Forecast)}
        assert stated <= known, name


def test_what_the_pods_will_cost_is_their_number_times_the_cost_of_one(cycle: Cycle) -> None:
    for report in cycle.reports.values():
        if not isinstance(report, PerformanceReport):
            continue
        assert isinstance(report.cost.pod, Measured)
        costs = {scenario.name: scenario for scenario in report.cost.scenarios}
        for name in ("with optimisation", "without optimisation"):
            scenario = costs[name]
            projection = report.capacity.at(scenario.months)
            pods = projection.pods if name == "without optimisation" else projection.pods_optimised
            assert isinstance(pods, Forecast)
            assert isinstance(scenario.cost, Forecast)
            paid = [max(number, projection.current or 0) for number in (pods.low, pods.value, pods.high)]
            stated = [scenario.cost.low, scenario.cost.value, scenario.cost.high]
            assert stated == pytest.approx([number * report.cost.pod.value for number in paid])
