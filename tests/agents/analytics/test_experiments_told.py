"""Experiments in the report: who wins only where it is shown, and what another tool leaves out stays open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from postlaunch.facts import Assumed, Measured, Unavailable
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.analytics_experiments import ExperimentResult
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.markdown import render_markdown
from postlaunch.settings_analytics import Experiment, Metric, Reported, ReportedArm
from postlaunch.windows import Window

CONVERSION, SECONDS = "Conversion Rate", "Avg Time to Submit"


def reported(usage: Any, users: tuple[int | None, int | None], **changes: Any) -> Experiment:
    """87 % against 82 %, as a tool says that may or may not say of how many."""
    arms = {
        "A": ReportedArm(users=users[0], values={CONVERSION: 0.87, SECONDS: 45, "User Feedback": 4.2}),
        "B": ReportedArm(users=users[1], values={CONVERSION: 0.82, SECONDS: 52, "User Feedback": 3.8}),
    }
    return usage.plan.model_copy(update={"reported": Reported(source="the old tool", arms=arms), **changes})


def only(report: AnalyticsReport) -> ExperimentResult:
    (test,) = report.experiments.items
    return test


def with_plan(usage: Any, plan: Experiment, **more: Any) -> AnalyticsReport:
    report: AnalyticsReport = usage.report(usage.changed(experiments=(plan,)), **more)
    return report


# --- measured -------------------------------------------------------------------------------------------


def test_a_losing_variant_loses_and_the_control_wins(november: AnalyticsReport) -> None:
    test = only(november)
    assert (test.decision, test.meaning.text) == (
        "rollback",
        "Keep A (standard vertical layout); the test ended Nov 15",
    )
    winners = {metric.name: metric.winner for metric in test.metrics}
    assert winners == {CONVERSION: "A", SECONDS: "A", "User Feedback": ""}
    assert [arm.users.value for arm in test.arms] == [400, 400]


def test_rates_are_conversions_of_the_arms_users_with_an_interval_around_the_difference(
    november: AnalyticsReport,
) -> None:
    conversion = only(november).metrics[0]
    assert [value.value for value in conversion.values] == [348 / 400, 280 / 400]
    (difference,) = conversion.differences
    assert difference.lift.value == pytest.approx(-0.17)
    assert difference.low.value < -0.17 < difference.high.value < 0
    assert (difference.outcome, difference.validity) == ("worse", "valid at the planned end")


def test_days_before_exposure_that_are_asked_for_are_told_of_with_what_they_took_away_or_why_nothing(
    usage: Any,
) -> None:
    report = with_plan(usage, usage.plan.model_copy(update={"pre_days": 7}))
    for metric in only(report).metrics:
        for item in metric.differences:
            assert isinstance(item.reduction, Unavailable)
            assert item.reduction.reason
    text = render_markdown(report)
    assert "- Adjusted by each user's 7 days before exposure (CUPED): Conversion Rate not available: " in text


def test_days_before_the_events_begin_cannot_adjust(usage: Any) -> None:
    report = with_plan(usage, usage.plan.model_copy(update={"pre_days": 90}))
    (item,) = only(report).metrics[0].differences
    assert isinstance(item.reduction, Unavailable)
    assert "less than 90 days before the experiment" in item.reduction.reason


def test_of_another_tools_experiment_nothing_is_known_of_the_days_before(usage: Any) -> None:
    report = with_plan(usage, reported(usage, (500, 500), pre_days=7))
    (item,) = only(report).metrics[0].differences
    assert item.reduction == Unavailable(reason="the old tool says nothing of the days before exposure")


def test_before_the_planned_end_only_what_an_always_valid_interval_shows_is_won(usage: Any) -> None:
    running = usage.plan.model_copy(update={"end": date(2025, 12, 20), "analysis": "fixed"})
    test = only(with_plan(usage, running))
    assert not test.ended
    assert test.decision == "keep_running"
    assert test.metrics[0].winner == ""
    sequential = only(with_plan(usage, running.model_copy(update={"analysis": "sequential"})))
    assert (sequential.decision, sequential.metrics[0].winner) == ("rollback", "A")


def test_what_came_after_the_span_is_not_looked_at(usage: Any) -> None:
    early = Window(start=usage.window.start, end=datetime(2025, 11, 9, tzinfo=UTC))
    test = only(usage.report(window=early))
    assert test.decision == "undecidable"
    assert test.because == ("no user was seen in any arm",)
    assert not test.has_figures


def test_a_split_that_is_off_has_no_winner(usage: Any) -> None:
    plan = usage.plan.model_copy(update={"arms": {"A": 0.8, "B": 0.2}})
    test = only(with_plan(usage, plan))
    assert test.decision_text == "invalid (SRM)"
    assert {metric.winner for metric in test.metrics} == {""}


def test_experiments_outside_the_span_are_left_out_with_the_reason(usage: Any) -> None:
    before = usage.plan.model_copy(
        update={"name": "Before", "start": date(2025, 9, 1), "end": date(2025, 10, 31)}
    )
    after = usage.plan.model_copy(
        update={"name": "After", "start": date(2025, 12, 1), "end": date(2025, 12, 9)}
    )
    report = usage.report(usage.changed(experiments=(before, after)))
    assert report.experiments.reason == "none ran in the span"
    assert [said.text for said in report.left_out] == [
        "Before: left out: it ended on 2025-10-31, before the span",
        "After: left out: it begins on 2025-12-01, after the span",
    ]


def test_properties_that_the_events_lack_are_named_once(usage: Any) -> None:
    seconds = Metric(name="Scrolled", kind="mean", event="form_sent", property="pixels")
    test = only(with_plan(usage, usage.plan.model_copy(update={"secondary": (seconds,)})))
    assert test.because == ("the events have no property pixels: map it, [sources.events.properties]",)
    assert all(isinstance(arm.users, Unavailable) for arm in test.arms)


# --- looks ----------------------------------------------------------------------------------------------


def looks(report: AnalyticsReport) -> float:
    told = only(report).looks
    assert isinstance(told, Measured)
    return told.value


def test_a_later_report_is_one_look_more_and_the_same_span_again_is_not(usage: Any) -> None:
    day = timedelta(days=1)
    spans = [
        Window(start=usage.window.start, end=datetime(2025, 11, last, tzinfo=UTC)) for last in (12, 13, 14)
    ]
    first = usage.report(window=spans[0])
    again = usage.report(window=spans[0], parameters={"previous": first.model_dump(mode="json")})
    second = usage.report(window=spans[1], parameters={"previous": first.model_dump(mode="json")})
    third = usage.report(window=spans[2], parameters={"previous": second.model_dump(mode="json")})
    assert [looks(report) for report in (first, again, second, third)] == [1, 1, 2, 3]
    assert spans[1].end - spans[0].end == day


@pytest.mark.parametrize("previous", [None, "run-17", {}, {"kind": "analytics"}])
def test_a_last_report_that_cannot_be_read_counts_as_none(usage: Any, previous: Any) -> None:
    assert looks(usage.report(parameters={"previous": previous})) == 1


# --- as another tool reports them -----------------------------------------------------------------------


def test_87_against_82_percent_without_n_is_undecidable(usage: Any) -> None:
    report = with_plan(usage, reported(usage, (None, None)))
    test = only(report)
    assert test.decision_text == "undecidable (missing n)"
    assert test.because == ("the number of users of A, B is not known",)
    assert [metric.winner for metric in test.metrics] == ["", "", ""]
    assert test.metrics[0].differences == ()
    text = render_markdown(report)
    assert "| Conversion Rate | 87% (assumed) | 82% (assumed) | – | – | none shown |" in text
    assert "**Decision**: undecidable (missing n): Decide nothing before the number of users" in text
    assert check(report) == ()


@pytest.mark.parametrize("known", [(500, None), (None, 500)])
def test_one_arm_without_n_is_enough_to_decide_nothing(usage: Any, known: Any) -> None:
    assert only(with_plan(usage, reported(usage, known))).decision == "undecidable"


@pytest.mark.parametrize(
    ("n", "analysis", "p", "decision"),
    [
        (100, "fixed", "0.329", "review"),
        (500, "fixed", "0.029", "rollback"),
        (500, "sequential", None, "review"),
        (2000, "sequential", None, "rollback"),
    ],
)
def test_87_against_82_percent_with_n_follows_the_definitions(
    usage: Any, n: int, analysis: Any, p: str | None, decision: str
) -> None:
    plan = reported(usage, (n, n), analysis=analysis, secondary=(), guardrails=())
    report = with_plan(usage, plan)
    test = only(report)
    (difference,) = test.metrics[0].differences
    assert test.decision == decision
    if p is not None:
        assert f"{difference.p.value:.3f}" == p
    assert isinstance(difference.lift, Assumed)
    assert difference.lift.value == pytest.approx(-0.05)
    assert (test.metrics[0].winner == "A") == (decision == "rollback")
    assert check(report) == ()


def test_the_always_valid_interval_of_500_users_an_arm_is_as_wide_as_the_definitions_say(usage: Any) -> None:
    plan = reported(usage, (500, 500), analysis="sequential", secondary=(), guardrails=())
    (difference,) = only(with_plan(usage, plan)).metrics[0].differences
    assert (round(difference.low.value, 3), round(difference.high.value, 3)) == (-0.127, 0.027)


def test_what_is_taken_over_is_marked_with_who_said_it(usage: Any) -> None:
    test = only(with_plan(usage, reported(usage, (500, 500))))
    rate = test.metrics[0].values[0]
    assert isinstance(rate, Assumed)
    assert (rate.who, test.source, test.observed) == ("the old tool", "the old tool", None)
    means = next(metric for metric in test.metrics if metric.name == SECONDS)
    assert means.differences == ()  # without a deviation a mean cannot be tested
