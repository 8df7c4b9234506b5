"""The charts of the analytics report: active users by day, funnels, retention, what experiments show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from postlaunch.agents.analytics_results import Results
from postlaunch.facts import Measured, Unavailable
from postlaunch.reports.analytics_experiments import ArmDifference, ExperimentResult
from postlaunch.reports.analytics_figures import Funnel, RetentionDay
from postlaunch.reports.series import Point, Series


def series(
    span: Results,
    funnels: Sequence[Funnel],
    retention: Sequence[RetentionDay],
    experiments: Sequence[ExperimentResult],
) -> tuple[Series, ...]:
    """Every chart that has figures."""
    return (
        *_active(span),
        *(chart for funnel in funnels for chart in _funnel(funnel)),
        *_retention(retention),
        *(chart for experiment in experiments for chart in _experiment(experiment)),
    )


def _active(span: Results) -> Iterator[Series]:
    days = sorted(span.facts("active_users_by_day", "day_active_users"), key=lambda fact: fact.entity)
    if len(days) > 1:
        yield Series(
            metric="day_active_users",
            title="Active users a day",
            unit="count",
            points=tuple(Point(label=fact.entity, value=Measured.of(fact)) for fact in days),
            form="line",
        )


def _funnel(funnel: Funnel) -> Iterator[Series]:
    if funnel.steps.items:
        yield Series(
            metric="funnel_users",
            title=f"Funnel {funnel.title}: users at each step",
            unit="count",
            points=tuple(Point(label=step.label, value=step.users) for step in funnel.steps.items),
            form="steps",
        )


def _retention(days: Sequence[RetentionDay]) -> Iterator[Series]:
    if any(not isinstance(day.on_day.this, Unavailable) for day in days):
        yield Series(
            metric="retention",
            title="Retention by day after joining",
            unit="ratio",
            points=tuple(Point(label=f"Day {day.day}", value=day.on_day.this) for day in days),
            form="bars",
        )


def _experiment(experiment: ExperimentResult) -> Iterator[Series]:
    """The differences of all metrics, relative to the control, so that one scale serves them."""
    points = tuple(
        Point(label=label, value=item.relative, low=item.relative_low.value, high=item.relative_high.value)
        for label, item in _differences(experiment)
        if not isinstance(item.relative, Unavailable)
        and not isinstance(item.relative_low, Unavailable)
        and not isinstance(item.relative_high, Unavailable)
    )
    if points:
        yield Series(
            metric="experiment_relative_lift",
            title=f"{experiment.name}: difference from the control",
            unit="ratio",
            points=points,
            form="intervals",
        )


def _differences(experiment: ExperimentResult) -> Iterator[tuple[str, ArmDifference]]:
    several = sum(not arm.is_control for arm in experiment.arms) > 1
    for metric in experiment.metrics:
        for item in metric.differences:
            yield (f"{metric.name}, {item.arm}" if several else metric.name), item
