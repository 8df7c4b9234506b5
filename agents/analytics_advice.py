"""What the rules recommend on use: one function a threshold, what is to be decided first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from postlaunch.agents.analytics_headline import worst_step
from postlaunch.agents.analytics_plan_check import plan_advice
from postlaunch.agents.analytics_results import Results
from postlaunch.reports.analytics_experiments import ExperimentResult
from postlaunch.reports.analytics_figures import Funnel, Tracking
from postlaunch.reports.health import MetricRow
from postlaunch.reports.judged import Recommendation, Sentence

TO_BE_DECIDED = ("ship", "rollback", "review", "invalid", "undecidable")
"""Decisions about an experiment that ask somebody to act."""


@dataclass(frozen=True)
class Basis:
    """What the rules read: the sections as they stand."""

    span: Results
    rows: Sequence[MetricRow]
    experiments: Sequence[ExperimentResult]
    funnels: Sequence[Funnel]
    requests: Sequence[Sentence]
    tracking: Tracking


Rule = Callable[[Basis], Iterator[Recommendation]]


def recommendations(basis: Basis) -> tuple[Recommendation, ...]:
    """Every recommendation that a threshold gives."""
    rules: tuple[Rule, ...] = (_experiments, _funnels, _objectives, _requests, _tracking, _plan)
    return tuple(item for rule in rules for item in rule(basis))


def _experiments(basis: Basis) -> Iterator[Recommendation]:
    for experiment in basis.experiments:
        if experiment.decision in TO_BE_DECIDED:
            because = f"{experiment.decision_text}: {'; '.join(experiment.because)}"
            yield Recommendation(
                target=experiment.name, action=experiment.meaning, rationale=Sentence(text=because)
            )


def _funnels(basis: Basis) -> Iterator[Recommendation]:
    """The step of each funnel that loses most, where it loses enough to be looked into."""
    for funnel in basis.funnels:
        worst = worst_step(funnel)
        action = next((item for item in funnel.actions.items if worst and item.event == worst.event), None)
        if action is not None:
            yield Recommendation(
                target=f"{funnel.title}, {action.label}",
                action=action.action,
                rationale=Sentence(text=f"no other step loses more; {funnel.opportunity.text}"),
            )


def _objectives(basis: Basis) -> Iterator[Recommendation]:
    for row in basis.rows:
        if row.status == "missed" and row.target is not None:
            currency = basis.span.settings.application.currency
            yield Recommendation(
                target=row.title,
                action=Sentence(text=f"Get back to the target of {row.target.text(currency)}"),
                rationale=row.because,
            )


def _requests(basis: Basis) -> Iterator[Recommendation]:
    for advice in basis.requests:
        if advice.facts:
            yield Recommendation(
                target="what Support is asked for",
                action=Sentence(text=advice.text[:1].upper() + advice.text[1:], facts=advice.facts),
                rationale=Sentence(text="most asked for in support tickets"),
            )


def _tracking(basis: Basis) -> Iterator[Recommendation]:
    never = [event.event for event in basis.tracking.events.items if event.status == "never seen"]
    missing = [
        f"{item.property} of {item.event}" for item in basis.tracking.properties if item.status == "missing"
    ]
    if never or missing:
        yield Recommendation(
            target="what is tracked",
            action=Sentence(text="Record what is missing, or correct its name in [analytics]"),
            rationale=Sentence(text=f"never seen: {', '.join((*never, *missing))}"),
        )


def _plan(basis: Basis) -> Iterator[Recommendation]:
    yield from plan_advice(basis.tracking.plan)
