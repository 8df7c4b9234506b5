"""The A/B tests of the analytics report: measured from events, or as another tool reports them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from postlaunch.agents.analytics_measured import experiment_asked
from postlaunch.agents.analytics_results import Results, outside
from postlaunch.facts import Assumed, Measured, Quantity, Unavailable, Unit
from postlaunch.printing import value_text
from postlaunch.reports.analytics_experiments import (
    ArmDifference,
    ArmResult,
    ExperimentResult,
    MetricResult,
    MetricRole,
)
from postlaunch.reports.judged import Sentence
from postlaunch.reports.report import Listing
from postlaunch.settings_analytics import Experiment, Metric, Reported, ReportedArm
from postlaunch.tools.analytics_verdicts import meaning_of, shares_of, winner_of
from postlaunch.tools.experiment_analysis import Analysis, ArmData, Comparison, Observed, analyse
from postlaunch.tools.experiment_statistics import Sample
from postlaunch.tools.experiments import NOT_ADJUSTED, analysis_of, arm_entity, window_of
from postlaunch.windows import Window

NO_EXPERIMENT = "no experiment is configured: [[analytics.experiments]]"

MISSING = "undecidable (missing n): "

ANALYSES = {
    "sequential": "always-valid interval: may decide at any look",
    "fixed": "one fixed-sample test at the planned end",
    "sequential_then_fixed": "always-valid interval until the planned end, a fixed-sample test there",
}


def experiments(span: Results) -> tuple[Listing[ExperimentResult], tuple[Sentence, ...]]:
    """The experiments that ran in the span, and why the others are not among them."""
    plans = span.analytics.experiments
    left = {plan.name: why for plan in plans if (why := outside(plan, span.window))}
    items = tuple(_experiment(span, plan) for plan in plans if plan.name not in left)
    reason = "none ran in the span" if plans else NO_EXPERIMENT
    return (
        Listing[ExperimentResult](items=items, reason="" if items else reason),
        tuple(Sentence(text=f"{name}: left out: {why}") for name, why in left.items()),
    )


class _Told(Protocol):
    """Where an experiment's figures come from: facts of the events, or another tool's word."""

    @property
    def analysis(self) -> Analysis:
        """What it shows, and the decision."""
        ...

    @property
    def observed(self) -> Window | None:
        """The span looked at; None where that is not known."""
        ...

    @property
    def source(self) -> str:
        """Where the figures are from, in words."""
        ...

    @property
    def missing(self) -> str:
        """Why there is nothing at all; empty where there is something."""
        ...

    @property
    def unadjusted(self) -> str:
        """Why nothing is known of the days before exposure, where nothing is."""
        ...

    def of(self, name: str, entity: str) -> Quantity:
        """A counted figure of an arm, or of a metric in it, by its definition's name."""
        ...

    def computed(self, name: str, entity: str, value: float, unit: Unit) -> Quantity:
        """A figure that the analysis computed from the counted ones."""
        ...


def _experiment(span: Results, plan: Experiment) -> ExperimentResult:
    told = _told(span, plan)
    analysis, decision = told.analysis, told.analysis.decision
    shares = shares_of(plan.arms)
    return ExperimentResult(
        name=plan.name,
        hypothesis=plan.hypothesis,
        unit=plan.unit,
        start=plan.start,
        end=plan.end,
        observed=told.observed,
        ended=analysis.observed.ended,
        planned_n=plan.planned_n,
        pre_days=plan.pre_days,
        alpha=plan.alpha,
        mde=value_text(plan.mde, "points" if plan.primary.kind == "conversion" else "number")
        + ("" if plan.primary.kind == "conversion" else plan.primary.unit),
        analysis=ANALYSES[plan.analysis],
        source=told.source,
        arms=tuple(
            ArmResult(
                name=arm,
                description=plan.descriptions.get(arm, ""),
                is_control=arm == plan.control,
                share=shares[arm],
                users=told.of("experiment_users", arm_entity(plan, arm)),
            )
            for arm in plan.arms
        ),
        metrics=tuple(
            _metric(plan, role, metric, told) for role, metrics in _roles(plan).items() for metric in metrics
        ),
        split_p=_of_whole(told, plan, "experiment_split_p", analysis.split_p, "probability"),
        mixed=told.of("experiment_mixed_users", plan.name),
        looks=told.of("experiment_looks", plan.name),
        power=_of_whole(told, plan, "experiment_power", analysis.power, "ratio"),
        users_needed=_of_whole(
            told, plan, "experiment_users_needed", decision.users_needed, "count", "it needs no more users"
        ),
        decision=decision.verdict,
        decision_text=decision.text,
        because=(told.missing,) if told.missing else decision.reasons,
        meaning=Sentence(text=meaning_of(plan, analysis)),
    )


def _told(span: Results, plan: Experiment) -> _Told:
    if plan.reported is None:
        return _FromEvents(span, plan)
    ended = span.window.observed_end >= window_of(plan, span.window.zone).end
    return _FromElsewhere(plan, plan.reported, ended)


def _roles(plan: Experiment) -> Mapping[MetricRole, tuple[Metric, ...]]:
    return {"primary": (plan.primary,), "secondary": plan.secondary, "guardrail": plan.guardrails}


def _of_whole(
    told: _Told, plan: Experiment, name: str, value: float | None, unit: Unit, reason: str = ""
) -> Quantity:
    if value is None:
        return Unavailable(reason=reason or "too few users, or none, for a test")
    return told.computed(name, plan.name, value, unit)


# --- metrics ----------------------------------------------------------------------------------------------


def _metric(plan: Experiment, role: MetricRole, metric: Metric, told: _Told) -> MetricResult:
    family = (*told.analysis.primary, *told.analysis.secondary, *told.analysis.guardrails)
    comparisons = tuple(item for item in family if item.metric.name == metric.name)
    return MetricResult(
        name=metric.name,
        role=role,
        better=metric.better,
        unit="" if metric.kind == "conversion" else metric.unit,
        values=tuple(told.of(_figure(metric), arm_entity(plan, arm, metric)) for arm in plan.arms),
        differences=tuple(_difference(plan, item, told) for item in comparisons),
        winner=winner_of(plan, told.analysis, comparisons),
    )


def _figure(metric: Metric) -> str:
    """The definition's name of an arm's figure."""
    return "experiment_conversion_rate" if metric.kind == "conversion" else "experiment_mean"


def _difference(plan: Experiment, item: Comparison, told: _Told) -> ArmDifference:
    points = item.metric.kind == "conversion"
    kind = "experiment_lift_points" if points else "experiment_lift"
    unit: Unit = "points" if points else "number"
    entity = arm_entity(plan, item.arm, item.metric)
    relative, around = item.difference.relative, item.relative_interval
    near_zero = Unavailable(reason="the control's figure is too near to zero")

    def of(name: str, value: float, in_unit: Unit) -> Quantity:
        return told.computed(name, entity, value, in_unit)

    return ArmDifference(
        arm=item.arm,
        lift=of(kind, item.difference.estimate, unit),
        low=of(f"{kind}_low", item.interval.low, unit),
        high=of(f"{kind}_high", item.interval.high, unit),
        level=item.interval.level,
        relative=of("experiment_relative_lift", relative or 0.0, "ratio") if around else near_zero,
        relative_low=of("experiment_relative_lift_low", around.low, "ratio") if around else near_zero,
        relative_high=of("experiment_relative_lift_high", around.high, "ratio") if around else near_zero,
        p=of("experiment_p", item.p, "probability"),
        validity="always valid" if item.sequential else "valid at the planned end",
        outcome=item.outcome,
        reduction=_reduction(plan, item, told),
    )


def _reduction(plan: Experiment, item: Comparison, told: _Told) -> Quantity | None:
    """What the days before exposure took from the variance, or why nothing; None where none are asked."""
    if not plan.pre_days:
        return None
    if item.adjustment.reduction is None:
        return Unavailable(reason=item.adjustment.reason or told.unadjusted)
    entity = arm_entity(plan, item.arm, item.metric)
    return told.computed("experiment_variance_reduction", entity, item.adjustment.reduction, "ratio")


# --- from the events --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _FromEvents:
    """An experiment as the events show it."""

    span: Results
    plan: Experiment

    source = "the product events"

    @cached_property
    def analysis(self) -> Analysis:
        result = self.span.results.get(experiment_asked(self.plan))
        return analysis_of(self.plan, result) if result else Analysis(Observed(arms={}))

    @property
    def observed(self) -> Window | None:
        looks = self.span.fact(experiment_asked(self.plan), "experiment_looks", self.plan.name)
        return looks.window if looks else None

    @property
    def missing(self) -> str:
        result = self.span.results.get(experiment_asked(self.plan))
        known = result is not None and result.status == "ok"
        reason = self.span.reason(experiment_asked(self.plan))
        return "" if known else reason.removeprefix(f"{self.plan.name}: ").removeprefix(MISSING)

    @property
    def unadjusted(self) -> str:
        return self.span.note(experiment_asked(self.plan), NOT_ADJUSTED)

    def of(self, name: str, entity: str) -> Quantity:
        fact = self.span.fact(experiment_asked(self.plan), name, entity)
        if fact is None:
            return Unavailable(reason="not measured" if self.missing else "no user of the arm has a value")
        return Measured.of(fact)

    def computed(self, name: str, entity: str, value: float, unit: Unit) -> Quantity:
        return self.of(name, entity)


# --- as another tool reports them -------------------------------------------------------------------------


@dataclass(frozen=True)
class _FromElsewhere:
    """An experiment as another tool reports it: what that leaves out, nothing here makes up."""

    plan: Experiment
    reported: Reported
    ended: bool

    observed, missing = None, ""

    @property
    def source(self) -> str:
        return self.reported.source

    @property
    def unadjusted(self) -> str:
        return f"{self.source} says nothing of the days before exposure"

    @cached_property
    def analysis(self) -> Analysis:
        arms = {
            arm: ArmData(users=told.users, samples=self._samples(told))
            for arm, told in self.reported.arms.items()
        }
        return analyse(self.plan, Observed(arms=arms, ended=self.ended))

    def _samples(self, told: ReportedArm) -> dict[str, Sample]:
        """Conversions with their users; a mean without its deviation cannot be tested."""
        if not told.users:
            return {}
        return {
            metric.name: Sample.proportion(round(told.values[metric.name] * told.users), told.users)
            for metric in self.plan.metrics
            if metric.kind == "conversion" and metric.name in told.values
        }

    def of(self, name: str, entity: str) -> Quantity:
        value = self._said.get((name, entity))
        if value is None:
            return Unavailable(reason=f"{self.source} does not say")
        unit: Unit = "count" if name == "experiment_users" else "number"
        if name == "experiment_conversion_rate":
            unit = "ratio"
        return Assumed(value=value, unit=unit, who=self.source, basis="as reported there")

    @cached_property
    def _said(self) -> dict[tuple[str, str], float]:
        """What is reported, by the definition's name and the arm or metric."""
        said: dict[tuple[str, str], float] = {}
        for arm, told in self.reported.arms.items():
            if told.users is not None:
                said["experiment_users", arm_entity(self.plan, arm)] = told.users
            for metric in self.plan.metrics:
                if metric.name in told.values:
                    said[_figure(metric), arm_entity(self.plan, arm, metric)] = told.values[metric.name]
        return said

    def computed(self, name: str, entity: str, value: float, unit: Unit) -> Quantity:
        basis = "computed from what is reported there"
        return Assumed(value=value, unit=unit, who=self.source, basis=basis)
