"""The measurement of an experiment from product events; what it shows is `experiment_analysis`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import Field

from postlaunch.facts import Definition
from postlaunch.printing import value_text
from postlaunch.settings_analytics import Experiment, Metric
from postlaunch.sources.event_coverage import left_out
from postlaunch.sources.events import EventLog
from postlaunch.tools import definitions_experiments as definitions
from postlaunch.tools.embedded_query import Row, Run
from postlaunch.tools.event_query import querying, span_of, start_of
from postlaunch.tools.experiment_analysis import Analysis, ArmData, Comparison, Observed, analyse
from postlaunch.tools.experiment_statistics import Before, Sample
from postlaunch.tools.measurement import REGISTRY, Limits, MeasurementResult, Parameters, Reading, Readings
from postlaunch.windows import Moment, Window

VARIANT, EXPERIMENT = "variant", "experiment"


class ExperimentParameters(Parameters):
    """An experiment as planned, and which look at it this is."""

    plan: Experiment = Field(description="The experiment as it was planned")
    until: Moment | None = Field(default=None, description="Events from here on are not looked at")
    looks: int = Field(default=1, ge=1, description="How often it was looked at, this time included")


@REGISTRY.measurement("experiment_results", source="events", parameters=ExperimentParameters, for_model=False)
def experiment_results(log: EventLog, parameters: ExperimentParameters, limits: Limits) -> Readings:
    """An experiment's users, metrics, lifts with intervals, p and power, from its start to its end or so far.

    The decision that follows is in the notes; `analysis_of` gives it typed.
    """
    plan = parameters.plan
    if why := _unobservable(log, parameters):
        return Readings(reason=f"{plan.name}: {why}", notes=left_out(log.coverage))
    window = window_of(plan, log.zone)
    window = log.coverage.observed(window.cut(parameters.until) if parameters.until else window)
    unadjusted = _no_days_before(log, plan, window)
    with querying(log, limits) as run:
        observed, notes = _observe(run, parameters, window, 0 if unadjusted else plan.pre_days)
    analysis = analyse(plan, observed)
    decision = analysis.decision
    if decision.verdict == "undecidable":
        return Readings(
            reason=f"{plan.name}: {decision.text}: {decision.reasons[0]}",
            notes=left_out(log.coverage),
        )
    return Readings(
        readings=tuple(_readings(plan, analysis, window)),
        notes=(
            f"decision: {decision.text}: {'; '.join(decision.reasons)}",
            *notes,
            *([NOT_ADJUSTED + unadjusted] if unadjusted else []),
            *_begun_before(log, plan, window),
            *left_out(log.coverage),
        ),
    )


NOT_ADJUSTED = "not adjusted by the days before exposure: "
"""How the note begins that says why."""


def _no_days_before(log: EventLog, plan: Experiment, window: Window) -> str:
    """Why the events hold no days before exposure, where the plan asks for them."""
    if not plan.pre_days or log.coverage.begins_by(window.start - timedelta(days=plan.pre_days)):
        return ""
    first = window.local(log.coverage.first)
    return f"the events begin {first:%Y-%m-%d %H:%M}, less than {plan.pre_days} days before the experiment"


def _begun_before(log: EventLog, plan: Experiment, window: Window) -> Iterator[str]:
    if not log.coverage.begins_by(window.start):
        first = window.local(log.coverage.first)
        yield (
            f"{plan.name} began on {plan.start}, before the events ({first:%Y-%m-%d %H:%M}): users count "
            "from their first exposure recorded"
        )


def analysis_of(plan: Experiment, result: MeasurementResult) -> Analysis:
    """The analysis behind a result, made again from its counted facts: the verdict rests on them alone.

    A result without data gives the decision `undecidable`.
    """
    users = {fact.entity: round(fact.value) for fact in result.named(definitions.ARM_USERS.name)}
    samples = {
        arm: {
            metric.name: sample
            for metric in plan.metrics
            if (sample := _sample_in(result, plan, arm, metric))
        }
        for arm in plan.arms
    }
    mixed = result.fact(definitions.MIXED_USERS.name, plan.name)
    looks = result.fact(definitions.LOOKS.name, plan.name)
    return analyse(
        plan,
        Observed(
            arms={arm: ArmData(users.get(arm_entity(plan, arm)), samples[arm]) for arm in plan.arms},
            mixed_users=round(mixed.value) if mixed else 0,
            ended=looks is not None and not looks.window.partial,
            looks=round(looks.value) if looks else 1,
        ),
    )


def window_of(plan: Experiment, zone: str) -> Window:
    """From the start of the experiment's first day to the end of its last, on the application's calendar."""
    return Window(
        start=start_of(plan.start, zone),
        end=start_of(plan.end + timedelta(days=1), zone),
        zone=zone,
    )


def _unobservable(log: EventLog, parameters: ExperimentParameters) -> str:
    """Why nothing of the experiment can be seen, or nothing."""
    window = window_of(parameters.plan, log.zone)
    if parameters.until is not None and parameters.until <= window.start:
        return "it has not begun"
    if not (log.coverage.first < window.end and window.start < log.coverage.end):
        return "the events do not cover it"
    needed = {VARIANT, *([EXPERIMENT] if parameters.plan.experiment else [])}
    needed |= {metric.property for metric in parameters.plan.metrics if metric.property}
    missing = sorted(needed.difference(log.coverage.properties))
    if missing:
        return f"the events have no property {', '.join(missing)}: map it, [sources.events.properties]"
    return ""


# --- what the events hold -------------------------------------------------------------------------------


def _observe(
    run: Run, parameters: ExperimentParameters, window: Window, before_days: int
) -> tuple[Observed, tuple[str, ...]]:
    """The users and metrics of each arm, and what a reader must know of them."""
    plan = parameters.plan
    exposed = {"exposure_event": plan.exposure_event, "experiment": plan.experiment}
    run("experiment_exposures", {**span_of(window), **exposed})
    arms = run("experiment_arms", {})
    users = {row["arm"]: int(row["users"]) for row in arms}
    samples = _samples(run, plan, window, before_days)
    observed = Observed(
        arms={
            arm: ArmData(
                users.get(arm, 0),
                {name: by_arm[arm] for name, by_arm in samples.items() if arm in by_arm},
            )
            for arm in plan.arms
        },
        mixed_users=sum(int(row["mixed"]) for row in arms),
        ended=not window.partial,
        looks=parameters.looks,
    )
    strange = sorted(set(users) - set(plan.arms))
    notes = (f"arms that the plan does not name are left out: {', '.join(strange)}",) if strange else ()
    return observed, notes


def _samples(run: Run, plan: Experiment, window: Window, before_days: int) -> dict[str, dict[str, Sample]]:
    """Every metric by arm; those of one event and property together, so that the events are read once."""
    named = {metric.event: metric.property for metric in plan.metrics if metric.property}
    together: dict[tuple[str, str], list[Metric]] = {}
    for metric in plan.metrics:
        read = metric.property or named.get(metric.event, "")
        together.setdefault((metric.event, read), []).append(metric)
    samples: dict[str, dict[str, Sample]] = {}
    for (event, read), metrics in together.items():
        rows = _rows(run, event, read, metrics, window, before_days)
        for metric in metrics:
            samples[metric.name] = {
                row["arm"]: _sample(metric, row, before_days) for row in rows if row["kind"] == metric.kind
            }
    return samples


def _rows(
    run: Run, event: str, read: str, metrics: Sequence[Metric], window: Window, before_days: int
) -> list[Row]:
    """By arm and kind of metric."""
    about = {**span_of(window), "event": event, "before_days": before_days}
    if read:
        run("experiment_values", {**about, "property": read})
    else:
        run("experiment_events", about)
    kinds = sorted({metric.kind for metric in metrics})
    return run("experiment_metric", {"kinds": kinds, "before_days": before_days})


def _sample(metric: Metric, row: Row, before_days: int) -> Sample:
    before = None
    if before_days:
        before = Before(row["before_mean"], row["before_variance"], row["before_covariance"])
    if metric.kind == "conversion":
        return Sample.proportion(round(row["total"]), row["n"], before)
    return Sample(row["n"], row["mean"], row["variance"], before=before)


def _sample_in(result: MeasurementResult, plan: Experiment, arm: str, metric: Metric) -> Sample | None:
    """An arm's metric as the facts of a result state it."""
    entity = arm_entity(plan, arm, metric)
    before = _before_in(result, entity)
    if metric.kind == "conversion":
        converted = result.fact(definitions.CONVERSIONS.name, entity)
        return Sample.proportion(round(converted.value), converted.n, before) if converted else None
    mean, deviation = (
        result.fact(wanted.name, entity) for wanted in (definitions.MEAN, definitions.DEVIATION)
    )
    return Sample(mean.n, mean.value, deviation.value**2, before=before) if mean and deviation else None


def _before_in(result: MeasurementResult, entity: str) -> Before | None:
    mean, deviation, covariance = (
        result.fact(wanted.name, entity)
        for wanted in (definitions.BEFORE_MEAN, definitions.BEFORE_DEVIATION, definitions.BEFORE_COVARIANCE)
    )
    if mean is None or deviation is None or covariance is None:
        return None
    return Before(mean.value, deviation.value**2, covariance.value)


# --- as readings ----------------------------------------------------------------------------------------


def arm_entity(plan: Experiment, arm: str, metric: Metric | None = None) -> str:
    """What facts call an arm, or a metric in it: "Login form layout: B, conversion"."""
    return f"{plan.name}: {arm}" + (f", {metric.name}" if metric else "")


def _readings(plan: Experiment, analysis: Analysis, window: Window) -> Iterator[Reading]:
    observed = analysis.observed
    everyone = sum(data.users or 0 for data in observed.arms.values()) + observed.mixed_users
    whole = (
        (definitions.LOOKS, observed.looks),
        (definitions.MIXED_USERS, observed.mixed_users),
        (definitions.SPLIT_P, analysis.split_p),
        (definitions.POWER, analysis.power),
        (definitions.USERS_NEEDED, analysis.decision.users_needed),
    )
    for definition, value in whole:
        if value is not None:
            yield Reading(definition, value, n=everyone, window=window, entity=plan.name)
    for arm, data in observed.arms.items():
        users = data.users or 0
        yield Reading(definitions.ARM_USERS, users, n=users, window=window, entity=arm_entity(plan, arm))
        for metric in plan.metrics:
            if metric.name in data.samples:
                yield from _arm(arm_entity(plan, arm, metric), metric, data.samples[metric.name], window)
    for comparison in (*analysis.primary, *analysis.secondary, *analysis.guardrails):
        yield from _comparison(plan, comparison, window)


def _arm(entity: str, metric: Metric, sample: Sample, window: Window) -> Iterator[Reading]:
    values: list[tuple[Definition, float]] = (
        [(definitions.CONVERSIONS, round(sample.mean * sample.n)), (definitions.CONVERSION_RATE, sample.mean)]
        if metric.kind == "conversion"
        else [(definitions.MEAN, sample.mean), (definitions.DEVIATION, math.sqrt(sample.variance))]
    )
    if sample.before:
        values += [
            (definitions.BEFORE_MEAN, sample.before.mean),
            (definitions.BEFORE_DEVIATION, math.sqrt(sample.before.variance)),
            (definitions.BEFORE_COVARIANCE, sample.before.covariance),
        ]
    for definition, value in values:
        yield Reading(definition, value, n=sample.n, window=window, entity=entity)


@dataclass(frozen=True)
class _Lift:
    """The definitions of a lift and of its interval's ends."""

    lift: Definition
    low: Definition
    high: Definition


_POINTS = _Lift(definitions.LIFT_POINTS, definitions.LIFT_POINTS_LOW, definitions.LIFT_POINTS_HIGH)
_AMOUNT = _Lift(definitions.LIFT, definitions.LIFT_LOW, definitions.LIFT_HIGH)
_RELATIVE = _Lift(definitions.RELATIVE_LIFT, definitions.RELATIVE_LIFT_LOW, definitions.RELATIVE_LIFT_HIGH)


def _comparison(plan: Experiment, comparison: Comparison, window: Window) -> Iterator[Reading]:
    difference = comparison.difference
    entity = arm_entity(plan, comparison.arm, comparison.metric)
    kind = _POINTS if comparison.metric.kind == "conversion" else _AMOUNT
    lifts = [(kind, difference.estimate, comparison.interval)]
    if difference.relative is not None and comparison.relative_interval is not None:
        lifts.append((_RELATIVE, difference.relative, comparison.relative_interval))
    for lift, estimate, interval in lifts:
        level = f"{value_text(interval.level, 'ratio')} interval, {_validity(comparison)}"
        against = f"against {plan.control}{_how_adjusted(plan, comparison)}"
        for definition, value, note in (
            (lift.lift, estimate, against),
            (lift.low, interval.low, level),
            (lift.high, interval.high, level),
        ):
            yield Reading(definition, value, n=difference.users, window=window, entity=entity, note=note)
    if comparison.adjustment.reduction is not None:
        yield Reading(
            definitions.VARIANCE_REDUCTION,
            comparison.adjustment.reduction,
            n=difference.users,
            window=window,
            entity=entity,
            note=f"by the {plan.pre_days} days before exposure",
        )
    yield Reading(
        definitions.P,
        comparison.p,
        n=difference.users,
        window=window,
        entity=entity,
        note=_validity(comparison),
    )


def _how_adjusted(plan: Experiment, comparison: Comparison) -> str:
    """That a lift is adjusted, or nothing."""
    if comparison.adjustment.reduction is None:
        return ""
    return f", adjusted by the {plan.pre_days} days before exposure (CUPED)"


def _validity(comparison: Comparison) -> str:
    """When the interval and p may be read."""
    return "always valid" if comparison.sequential else "valid at the planned end only"
