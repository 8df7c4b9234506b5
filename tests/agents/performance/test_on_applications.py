"""The performance report on whole small applications: what they do is known, and the report says it."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Any

import pytest

from postlaunch.agents.performance_monitor import PERFORMANCE_MONITOR, TOOLS
from postlaunch.errors import UsageError
from postlaunch.facts import Derived, Forecast, Measured, Unavailable, measured_in
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.performance import PerformanceReport
from postlaunch.reports.reading import report_from
from postlaunch.reports.report import cited_in
from postlaunch.tools.capacity import GrowthFacts, needed, peak_in
from postlaunch.tools.costs import DAYS_A_MONTH
from postlaunch.tools.measurement import REGISTRY
from postlaunch.tools.verifying import verify_evidence
from postlaunch.windows import month_of

DEPLOYED = {"time": "2025-11-04T00:30:00Z", "kind": "deployment", "version": "2.2", "title": "Release 2.2"}


@pytest.fixture(scope="module")
def gradual(desk: Any, candidates: str) -> PerformanceReport:
    """Eight weeks in which every endpoint becomes 1.5 % slower a week and traffic grows by 2 %."""
    application = desk.application(
        slower=lambda week: 1.015**week,
        candidates=candidates,
        changes=(DEPLOYED,),
        settings={"capacity": {"next_sprint": 4}},
    )
    return desk.report(application)


# --- what it is -------------------------------------------------------------------------------------------


def test_it_declares_what_it_is_and_only_tools_that_exist() -> None:
    assert (PERFORMANCE_MONITOR.name, PERFORMANCE_MONITOR.status) == ("performance-monitor", "existing")
    assert set(PERFORMANCE_MONITOR.consults) == {"monitoring-specialist", "analytics-specialist"}
    assert set(TOOLS) <= set(REGISTRY.entries)


def test_an_assignment_without_a_window_is_refused(desk: Any) -> None:
    assignment = desk.assigned().model_copy(update={"window": None})
    with pytest.raises(UsageError, match="over a span of time"):
        desk.findings(desk.bench(desk.application(weeks=1, busy=4)), assignment)


# --- a gradual slowdown -----------------------------------------------------------------------------------


def test_a_gradual_slowdown_is_a_ramp_with_its_slope_and_no_step(gradual: PerformanceReport) -> None:
    assert (gradual.trend.shape, gradual.trend.direction) == ("ramp", "slower")
    slope = next(fact for fact in gradual.evidence.facts.values() if fact.name == "trend_slope_share")
    assert slope.value == pytest.approx(0.015, abs=0.006)
    assert [week.label for week in gradual.weeks.items] == [f"2025-W{week}" for week in range(40, 48)]


def test_each_week_is_set_against_the_one_before_in_ms_and_percent(gradual: PerformanceReport) -> None:
    first, *rest = gradual.weeks.items
    assert first.change is None
    assert isinstance(first.delta, Unavailable)
    for earlier, week in zip(gradual.weeks.items, rest, strict=False):
        assert isinstance(week.mean, Measured)
        assert isinstance(earlier.mean, Measured)
        assert week.delta.value == pytest.approx(week.mean.value - earlier.mean.value)  # type: ignore[union-attr]
        assert week.change is not None
        assert week.change.value == pytest.approx(week.mean.value / earlier.mean.value - 1)


def test_speed_is_told_from_mix(gradual: PerformanceReport) -> None:
    facts = {fact.name: fact.value for fact in gradual.evidence.facts.values()}
    mean = next(
        fact
        for fact in gradual.evidence.facts.values()
        if fact.measurement.name == "mix_shift" and fact.baseline
    )
    assert facts["rate_effect"] + facts["mix_effect"] == pytest.approx(mean.value - mean.baseline)
    assert facts["rate_effect"] == pytest.approx(105 * (1.015**7 - 1), rel=0.35)


def test_the_declared_opportunity_comes_first_with_its_sprint(gradual: PerformanceReport) -> None:
    one = gradual.opportunities.items[0]
    assert (one.endpoint, one.kind, one.priority, one.candidate, one.sprint) == (
        "GET /users",
        "hot read",
        "HIGH",
        "cache-users",
        4,
    )
    assert gradual.recommendation.text.startswith('Implement "Cache the first page of the user list"')
    assert " in Sprint 4: avoids $" in gradual.recommendation.text


def test_the_cost_avoided_is_that_of_the_opportunities_named_alone(gradual: PerformanceReport) -> None:
    worth = [item for item in gradual.opportunities.items if item.priority != "LOW"]
    named = [item for item in worth if f'"{item.title}"' in gradual.recommendation.text]
    assert 0 < len(named) < len(worth)
    peak, per_pod = gradual.capacity.at(6).peak.value, gradual.capacity.current.per_pod.value  # type: ignore[union-attr]
    saved = sum(item.load_saved.value for item in named)  # type: ignore[union-attr]
    fewer = needed(peak, per_pod) - needed(peak, per_pod, saved)
    assert f": avoids ${fewer * 1.25 * DAYS_A_MONTH:,.2f} (" in gradual.recommendation.text


def test_capacity_is_bound_by_the_resource_that_runs_out_first(gradual: PerformanceReport) -> None:
    """CPU: 0.7 × 0.5 = 0.02 + 18 × rate; connections: 0.7 × 20 = 1 + 300 × rate."""
    resources = {item.name: item for item in gradual.capacity.current.resources}
    assert gradual.capacity.current.binding == "CPU"
    assert [item.name for item in resources.values() if item.binds] == ["CPU"]
    for name, rate in (("CPU", 0.33 / 18), ("database connections", 13 / 300)):
        carries = resources[name].carries
        assert isinstance(carries, Derived)
        assert carries.value == pytest.approx(rate, rel=0.25)
    memory = resources["memory"].carries
    assert isinstance(memory, Unavailable)
    assert memory.reason == "it does not follow the load"
    assert "in the busiest minutes (2025-11-" in gradual.capacity.current.at_peak.text


def test_growth_is_stated_by_week_and_by_month_and_carries_the_forecasts(gradual: PerformanceReport) -> None:
    growth, now = gradual.capacity.growth, gradual.capacity.current
    assert isinstance(growth.per_week, Measured)
    assert isinstance(growth.per_month, Measured)
    assert growth.per_week.value == pytest.approx(0.02, abs=0.003)
    assert growth.per_month.value == pytest.approx((1 + growth.per_week.value) ** (DAYS_A_MONTH / 7) - 1)
    for months in (3, 6):
        ahead = gradual.capacity.at(months)  # type: ignore[arg-type]
        for start, peak in ((now.peak, ahead.peak), (now.usual_peak, ahead.usual)):
            assert isinstance(start, Measured)
            assert isinstance(peak, Forecast)
            assert peak.value == pytest.approx(start.value * (1 + growth.per_month.value) ** months)
            assert peak.low < start.value * 1.02 ** (months * DAYS_A_MONTH / 7) < peak.high


def test_the_evidence_holds_all_that_a_forecast_is_computed_from(gradual: PerformanceReport) -> None:
    """The usual peak in three months, made again from the facts of the report alone."""
    known = {fact.name: fact for fact in gradual.evidence.facts.values()}
    names = ("traffic_growth", "growth_fit", "growth_scatter", "growth_error", "growth_middle")
    facts = GrowthFacts(*(known[name] for name in (*names, "peak_level", "peak_scatter")))
    again = peak_in(facts, 3, level=0.9, end=gradual.window.end)
    assert again == gradual.capacity.at(3).usual


def test_pods_are_in_all_and_those_to_add_are_beside_those_of_now(gradual: PerformanceReport) -> None:
    per_pod = gradual.capacity.current.per_pod
    assert isinstance(per_pod, Derived)
    for projection in gradual.capacity.projections:
        assert isinstance(projection.pods, Forecast)
        assert isinstance(projection.peak, (Measured, Forecast))
        assert projection.pods.value == math.ceil(projection.peak.value / per_pod.value)
        beyond = max(int(projection.pods.value) - 3, 0)
        assert projection.add == (0 if projection.room else beyond)
    body = gradual.capacity.at(6).model_dump() | {"add": 1}
    with pytest.raises(ValueError, match="the pods to add are not"):
        type(gradual.capacity.at(6)).model_validate(body)


def test_pods_that_were_measured_to_have_room_are_not_added_to_by_a_line_beyond_the_load(
    gradual: PerformanceReport,
) -> None:
    """The CPU's busiest minutes used a fifth of it, while the line through them asks for more pods."""
    now = gradual.capacity.at(0)
    assert now.pods.value > 3  # type: ignore[union-attr]
    assert (now.add, now.add_optimised) == (0, 0)
    assert now.advice.text.startswith("no action needed: the fullest resource, memory, was used to ")
    assert not any("now" in item.action.text for item in gradual.recommendations)
    with pytest.raises(ValueError, match="the pods to add are not"):
        type(now).model_validate(now.model_dump() | {"room": None})


def test_a_resource_used_beyond_what_scaling_is_planned_from_asks_for_pods(desk: Any) -> None:
    """Memory, CPU and connections are used to less than 60 %, but to more than 5 %."""
    low = {"monitoring": {"plan_at": 0.05}}
    window = desk.weeks(4)
    for window, target in (
        (desk.weeks(4), "today's peak"),
        (month_of(date(2025, 10, 1), "UTC"), "the peak at the month's end"),
    ):
        report = desk.report(desk.application(weeks=5, settings=low), desk.assigned(window))
        assert report.capacity.at(0).room is None
        first = report.recommendations[0]
        assert (first.target, first.action.text.endswith(" now")) == (target, target == "today's peak")


def test_costs_follow_the_pods_with_and_without_optimisation(gradual: PerformanceReport) -> None:
    now, optimised, without = gradual.cost.scenarios
    assert isinstance(now.cost, Derived)
    assert now.cost.value == pytest.approx(3 * 1.25 * DAYS_A_MONTH)
    for scenario in (optimised, without):
        assert isinstance(scenario.cost, Forecast)
        assert scenario.cost.value == pytest.approx((scenario.pods or 0) * 1.25 * DAYS_A_MONTH)
    assert isinstance(gradual.cost.avoided, Forecast)
    assert gradual.cost.avoided.value == pytest.approx(without.cost.value - optimised.cost.value)  # type: ignore[union-attr]
    assert gradual.cost.avoided.value > 0


def test_a_users_month_is_set_against_its_objective(gradual: PerformanceReport) -> None:
    cost = gradual.cost
    assert isinstance(cost.per_user, Derived)
    assert cost.per_user.value == pytest.approx((3 * 1.25 + 2) * DAYS_A_MONTH / 50)
    assert (cost.per_user_status, cost.per_user_target.text("$")) == ("missed", "< $0.50")  # type: ignore[union-attr]


def test_the_report_holds_together_and_contradicts_nothing(gradual: PerformanceReport) -> None:
    assert report_from(gradual.model_dump(mode="json")) == gradual
    assert check(gradual) == ()
    assert len(measured_in(gradual)) > 120


def test_only_what_is_printed_or_cited_is_in_the_evidence(gradual: PerformanceReport) -> None:
    used = {quantity.fact for quantity in measured_in(gradual)} | set(cited_in(gradual))
    assert set(gradual.evidence.facts) == used


def test_every_figure_is_measured_again_and_a_changed_one_is_named(desk: Any) -> None:
    application = desk.application(weeks=4, busy=12)
    bench = desk.bench(application)
    report = desk.composed(bench, desk.assigned(desk.weeks(4)))
    again = verify_evidence(report.evidence, bench.sources)
    assert (again.holds, again.moved) == (True, ())
    assert again.checked > 60
    other = desk.bench(desk.application(weeks=4, busy=12, seed=8))
    moved = verify_evidence(report.evidence, other.sources)
    assert {"Avg response time in the week", "Share of load"} <= {one.title for one in moved.moved}


# --- a step, a mix, a burst -------------------------------------------------------------------------------


def test_a_step_names_its_date_and_the_change_behind_it(desk: Any) -> None:
    stepped = desk.application(slower=lambda week: 1.25 if week >= 5 + 1 / 7 else 1.0, changes=(DEPLOYED,))
    report = desk.report(stepped)
    assert (report.trend.shape, report.trend.direction) == ("step", "slower")
    assert report.trend.because.text.startswith("a step on Nov 4, 2025: ")
    factor = next(factor for factor in report.factors if factor.name == "Deployments and changes")
    assert factor.verdict == "explains"
    assert "deployment 2.2" in factor.because.text
    assert report.conclusion.text.startswith("slower because of deployments and changes")
    assert any(item.target.startswith("deployment 2.2") for item in report.recommendations)
    assert check(report) == ()


def test_a_quiet_application_has_no_trend_and_nothing_to_explain(desk: Any) -> None:
    report = desk.report(desk.application(growth=0.0, cpu_each=1.0))
    assert report.trend.shape == "none"
    assert {factor.verdict for factor in report.factors} <= {"nothing to explain", "not available"}
    assert report.capacity.at(6).add == 0
    assert report.capacity.at(6).advice.text.startswith("no action needed: ")
    assert report.cost.scenarios[1].pods == report.cost.scenarios[2].pods == 3
    assert "avoids no cost within 6 months" in report.recommendation.text


def test_where_memory_binds_saved_time_saves_no_pods(desk: Any) -> None:
    report = desk.report(desk.application(memory_each=20e9, cpu_each=2.0, pool_each=0.0))
    assert report.capacity.current.binding == "memory"
    for projection in report.capacity.projections:
        assert projection.add == projection.add_optimised


def test_resources_that_follow_no_load_are_taken_in_proportion(desk: Any) -> None:
    report = desk.report(
        desk.application(cpu_idle=0.2, cpu_each=0.0, pool_each=0.0, weeks=4, busy=12),
        desk.assigned(desk.weeks(4)),
    )
    assert report.capacity.current.binding == "CPU, in proportion"
    assert isinstance(report.capacity.current.per_pod, Derived)
    assert isinstance(report.capacity.at(3).pods, Forecast)
    assert all(isinstance(item.carries, Unavailable) for item in report.capacity.current.resources)


def test_a_burst_is_planned_for_and_told_from_the_usual_week(desk: Any) -> None:
    """A training hour: one day far busier than usual is no growth and no trend, but pods must carry it."""
    at = datetime(2025, 11, 18, 14, tzinfo=UTC)
    report = desk.report(desk.application(burst=(at, 600)))
    assert report.trend.shape == "none"
    assert report.capacity.growth.per_week.value == pytest.approx(0.02, abs=0.004)  # type: ignore[union-attr]
    assert report.capacity.burst[0].text.startswith("a burst: the busiest minute had ")
    now, later = report.capacity.at(0), report.capacity.at(6)
    assert isinstance(now.peak, Measured)
    assert isinstance(later.usual, Forecast)
    assert now.peak.value > 5 * report.capacity.current.usual_peak.value  # type: ignore[union-attr]
    assert later.pods.value > later.pods_usual.value  # type: ignore[union-attr]
    assert "(a usual week without bursts needs " in later.advice.text
    resources = {item.name: item.because.text for item in report.capacity.current.resources}
    assert "it was full then and may have wanted more: at most so much" in resources["database connections"]
    assert "it was full then" not in resources["memory"]
    assert any("2025-W46, the newest week without a day far outside" in note.text for note in report.notes)
    assert report.weeks.items[-1].label == "2025-W47"
    assert check(report) == ()
