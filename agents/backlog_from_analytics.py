"""What an analytics report says of the product: where people are lost, features short of use, experiments."""

from __future__ import annotations

from collections.abc import Iterator

from postlaunch.agents.backlog_advised import advised
from postlaunch.facts import measured_in
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.analytics_experiments import ExperimentDecision
from postlaunch.reports.colleagues import ColleagueFinding
from postlaunch.reports.judged import Sentence

STEPS = 3
"""Steps of one funnel that are taken up: those that lose most."""

NOTHING_TO_BUILD: dict[ExperimentDecision, str] = {
    "rollback": "nothing to build: the control stays",
    "keep_running": "nothing to build: it runs on",
    "review": "nothing to build before somebody has looked at it",
    "invalid": "nothing to build: the experiment is invalid",
    "undecidable": "nothing to build: nothing can be decided",
}
"""What becomes of an experiment that asks for no work."""


def findings_of_analytics(report: AnalyticsReport) -> tuple[ColleagueFinding, ...]:
    """The findings that a candidate item may address."""
    return (*_steps(report), *_features(report), *_experiments(report), *advised(report.recommendations))


def _steps(report: AnalyticsReport) -> Iterator[ColleagueFinding]:
    for funnel in report.funnels.items:
        known = {step.event: step for step in funnel.steps.items}
        for action in funnel.actions.items[:STEPS]:
            step = known.get(action.event)
            yield ColleagueFinding(
                title=f"{funnel.title}: people lost before {action.label}",
                finding=action.action.model_copy(update={"text": f"{funnel.title}: {action.action.text}"}),
                figure=step.drop_points if step else None,
                subjects=(action.event.partition(" (step ")[0], action.label),
            )


def _features(report: AnalyticsReport) -> Iterator[ColleagueFinding]:
    for feature in report.adoption.items:
        if feature.status == "missed":
            yield ColleagueFinding(
                title=f"{feature.feature} is used by too few",
                finding=feature.because.model_copy(
                    update={"text": f"{feature.feature}: {feature.because.text}"}
                ),
                figure=feature.rate,
                subjects=(feature.event, feature.feature),
            )


def _experiments(report: AnalyticsReport) -> Iterator[ColleagueFinding]:
    for experiment in report.experiments.items:
        primary = next((metric for metric in experiment.metrics if metric.role == "primary"), None)
        lift = primary.differences[0].lift if primary and primary.differences else None
        facts = tuple(one.fact for one in measured_in(primary)) if primary else ()
        yield ColleagueFinding(
            title=f"Experiment {experiment.name}",
            finding=Sentence(
                text=f"{experiment.name}: {experiment.decision_text}: {experiment.meaning.text}",
                facts=tuple(dict.fromkeys((*experiment.meaning.facts, *facts))),
            ),
            figure=lift,
            subjects=(experiment.name,),
            otherwise=NOTHING_TO_BUILD.get(experiment.decision, ""),
        )
