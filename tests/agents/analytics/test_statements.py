"""What the analytics report states is consistent; where a figure of it is changed, its class flags it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from postlaunch.facts import Measured, Quantity
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.analytics_experiments import ExperimentResult
from postlaunch.reports.analytics_figures import FeatureUse, FlowStep, Funnel, FunnelStep
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.consistency.extraction import statements_of
from postlaunch.reports.consistency.plan_statements import Experiment as ExperimentStatement
from postlaunch.reports.consistency.plan_statements import Funnel as FunnelStatement
from postlaunch.reports.consistency.plan_statements import FunnelStep as StepStatement
from postlaunch.reports.consistency.statements import Observation, Share
from postlaunch.reports.consistency.time_statements import Retention
from postlaunch.reports.report import Listing


def more(quantity: Quantity | None, factor: float = 1.1) -> Quantity:
    """The quantity as another value; its evidence is no longer looked at."""
    assert quantity is not None
    assert quantity.kind != "unavailable"
    return quantity.model_copy(update={"value": quantity.value * factor})


def key_with(report: AnalyticsReport, metric: str, **changes: Any) -> AnalyticsReport:
    listed = tuple(key.model_copy(update=changes) if key.metric == metric else key for key in report.growth)
    return report.model_copy(update={"growth": listed})


def key_more(report: AnalyticsReport, metric: str, factor: float) -> AnalyticsReport:
    key = next(key for key in report.growth if key.metric == metric)
    return key_with(report, metric, this=more(key.this, factor))


def steps_with(report: AnalyticsReport, number: int, **changes: Any) -> AnalyticsReport:
    funnel = report.funnels.items[0]
    steps = tuple(
        step.model_copy(update=changes) if step.number == number else step for step in funnel.steps.items
    )
    changed = funnel.model_copy(update={"steps": Listing[FunnelStep](items=steps)})
    return report.model_copy(update={"funnels": Listing[Funnel](items=(changed,))})


def step(report: AnalyticsReport, number: int) -> FunnelStep:
    return report.funnels.items[0].steps.items[number - 1]


def adoption_with(report: AnalyticsReport, **changes: Any) -> AnalyticsReport:
    first, *rest = report.adoption.items
    items = (first, rest[0].model_copy(update=changes), *rest[1:])
    return report.model_copy(update={"adoption": Listing[FeatureUse](items=items)})


def test_with(report: AnalyticsReport, **changes: Any) -> AnalyticsReport:
    changed = report.experiments.items[0].model_copy(update=changes)
    return report.model_copy(update={"experiments": Listing[ExperimentResult](items=(changed,))})


test_with.__test__ = False  # type: ignore[attr-defined]


def winner_of_nothing(report: AnalyticsReport) -> AnalyticsReport:
    """A winner whose arms say of how many nothing, as the specification's own table does."""
    test = report.experiments.items[0]
    conversion = test.metrics[0].model_copy(update={"winner": "B"})
    return test_with(report, metrics=(conversion, *test.metrics[1:]))


def flow_reversed(report: AnalyticsReport) -> AnalyticsReport:
    steps = Listing[FlowStep](items=report.flow.steps.items[::-1])
    return report.model_copy(update={"flow": report.flow.model_copy(update={"steps": steps})})


def retention_more(report: AnalyticsReport) -> AnalyticsReport:
    day, *rest = report.retention
    on_day = day.on_day.model_copy(update={"this": more(day.on_day.this, 1.5)})
    return report.model_copy(update={"retention": (day.model_copy(update={"on_day": on_day}), *rest)})


def rounded_drop(report: AnalyticsReport) -> AnalyticsReport:
    """A drop as the difference of two percentages that were rounded before."""
    third = step(report, 3).drop_points
    assert isinstance(third, Measured)
    return steps_with(report, 3, drop_points=third.model_copy(update={"value": 0.87 - 0.58}))


def status_wrong(report: AnalyticsReport) -> AnalyticsReport:
    rows = tuple(row.model_copy(update={"status": "ok"}) for row in report.business)
    return report.model_copy(update={"business": rows})


def live_later(report: AnalyticsReport) -> AnalyticsReport:
    return report.model_copy(update={"live_since": report.window.start + timedelta(days=14)})


CHANGES: dict[str, tuple[Callable[[AnalyticsReport], AnalyticsReport], str]] = {
    "more active in a week than in a month": (
        lambda report: key_more(report, "weekly_active_users", 1000),
        "C1",
    ),
    "more active in a month than there are": (
        lambda report: key_more(report, "monthly_active_users", 1.1),
        "C1",
    ),
    "more active in a day than in a month": (
        lambda report: key_more(report, "daily_active_users", 30),
        "C13",
    ),
    "another share of all users": (lambda report: key_more(report, "total_users", 1.2), "C3"),
    "growth of other users": (lambda report: key_more(report, "user_growth", 1.5), "C5"),
    "an adoption that is not users of the audience": (
        lambda report: adoption_with(report, rate=more(report.adoption.items[1].rate, 2)),
        "C3",
    ),
    "more users of a feature than its audience": (
        lambda report: adoption_with(report, users=more(report.adoption.items[1].users, 20)),
        "C1",
    ),
    "a step with more users than the one before": (
        lambda report: steps_with(report, 3, users=more(step(report, 3).users, 2)),
        "C12",
    ),
    "a drop of rounded percentages": (rounded_drop, "C12"),
    "people in progress counted as lost": (
        lambda report: steps_with(report, 1, in_progress=more(step(report, 1).in_progress, 0.0)),
        "C12",
    ),
    "dropped users that do not add up": (
        lambda report: steps_with(report, 3, dropped=more(step(report, 3).dropped, 2)),
        "C1",
    ),
    "fewer failures than tries without success": (
        lambda report: steps_with(report, 3, dropped=more(step(report, 3).dropped, 0.5)),
        "C14",
    ),
    "another whole drop": (
        lambda report: report.model_copy(
            update={
                "funnels": Listing[Funnel](
                    items=(
                        report.funnels.items[0].model_copy(
                            update={"whole_drop": more(report.funnels.items[0].whole_drop)}
                        ),
                    )
                )
            }
        ),
        "C3",
    ),
    "a winner that is not the best": (winner_of_nothing, "C17"),
    "another flow": (flow_reversed, "C4"),
    "more back on a day than on it or later": (retention_more, "C1"),
    "a missed target that is said to be met": (status_wrong, "C15"),
    "an experiment before the launch": (live_later, "C8"),
}


def rules(report: AnalyticsReport) -> set[str]:
    return {contradiction.rule.split()[0] for contradiction in check(report)}


def test_the_report_is_consistent_and_states_its_relations(november: AnalyticsReport) -> None:
    assert check(november) == ()
    stated = {type(statement) for statement in statements_of(november)}
    assert {Observation, Share, FunnelStatement, Retention, ExperimentStatement} <= stated


@pytest.mark.parametrize("change", list(CHANGES))
def test_a_changed_figure_is_found(november: AnalyticsReport, change: str) -> None:
    changed, rule = CHANGES[change]
    assert rule in rules(changed(november))


def test_retention_before_its_days_have_passed_is_found(november: AnalyticsReport) -> None:
    young = november.model_copy(update={"live_since": november.window.end - timedelta(days=20)})
    messages = [found.message for found in check(young) if found.rule.startswith("C8")]
    assert any("day-30 retention" in message for message in messages)
    assert not any("day-7 retention" in message for message in messages)


@pytest.mark.parametrize(("waiting", "flagged"), [(None, {"C12"}), ("4", set())])
def test_who_is_in_progress_is_not_lost(waiting: str | None, flagged: set[str]) -> None:
    first = StepStatement.model_validate({"name": "visit", "users": "104", "in_progress": waiting})
    second = StepStatement.model_validate({"name": "start", "users": "90", "drop": "9.62%"})
    funnel = FunnelStatement(what="registration", steps=(first, second))
    assert {found.rule.split()[0] for found in check(funnel)} == flagged
