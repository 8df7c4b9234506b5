"""The verified judgement of a model, put into the report that the rules drafted.

Rules keep what they said: a model's sentences stand beside theirs and are marked as its own. Each sentence
goes to the funnel's step, the experiment or the section whose facts it cites.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from postlaunch.agents import judgement as model
from postlaunch.agents.bench import Findings
from postlaunch.agents.judged_parts import (
    dispute_of,
    evidence_with_cited,
    hypothesis_of,
    provenance_of,
    recommendation_of,
    sentences_of,
)
from postlaunch.facts import Fact, measured_in
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.analytics_experiments import ExperimentResult
from postlaunch.reports.analytics_figures import Funnel, FunnelAction
from postlaunch.reports.judged import Sentence
from postlaunch.reports.report import Listing

Facts = Mapping[str, Fact]


def with_judgement(
    draft: AnalyticsReport, findings: Findings, judged: model.VerifiedJudgement
) -> AnalyticsReport:
    """The draft with everything that stood up to verification, and with who wrote it."""
    known = {fact.id: fact for fact in findings.facts} | draft.evidence.facts
    funnels, loose = _with_causes(draft.funnels.items, sentences_of(judged, "funnels"), known)
    experiments, apart = _with_remarks(draft.experiments.items, sentences_of(judged, "experiments"), known)
    remarks = (*sentences_of(judged, "headline"), *loose, *apart)
    report = draft.model_copy(
        update={
            "headline": draft.headline.model_copy(update={"remarks": remarks}),
            "growth_remarks": sentences_of(judged, "growth"),
            "benchmarks": draft.benchmarks.model_copy(update={"remarks": sentences_of(judged, "benchmarks")}),
            "adoption_remarks": sentences_of(judged, "adoption"),
            "funnels": Listing[Funnel](items=funnels, reason=draft.funnels.reason),
            "flow": draft.flow.model_copy(update={"remarks": sentences_of(judged, "flow")}),
            "request_advice": (*draft.request_advice, *sentences_of(judged, "requests")),
            "experiments": Listing[ExperimentResult](items=experiments, reason=draft.experiments.reason),
            "recommendations": (*draft.recommendations, *map(recommendation_of, judged.recommendations)),
            "hypotheses": tuple(map(hypothesis_of, judged.hypotheses)),
            "disputes": tuple(dispute_of(item, findings.verdicts) for item in judged.disputes),
            "provenance": provenance_of(judged),
        }
    )
    evidence = evidence_with_cited(report, known)
    return AnalyticsReport.model_validate(report.model_copy(update={"evidence": evidence}).model_dump())


def _with_causes(
    funnels: Sequence[Funnel], causes: Sequence[Sentence], known: Facts
) -> tuple[tuple[Funnel, ...], tuple[Sentence, ...]]:
    """Each action with the sentences that cite a fact of its step; each funnel with those of its other steps;
    and the sentences about none of them.
    """
    placed, left = [], list(causes)
    for funnel in funnels:
        own_facts = {quantity.fact for quantity in measured_in(funnel.steps)}
        own = [said for said in left if own_facts.intersection(said.facts)]
        left = [said for said in left if said not in own]
        actions = tuple(_explained(action, own, known) for action in funnel.actions.items)
        used = {said.text for action in actions for said in action.cause}
        placed.append(
            funnel.model_copy(
                update={
                    "actions": Listing[FunnelAction](items=actions, reason=funnel.actions.reason),
                    "remarks": tuple(said for said in own if said.text not in used),
                }
            )
        )
    return tuple(placed), tuple(left)


def _explained(action: FunnelAction, said: Sequence[Sentence], known: Facts) -> FunnelAction:
    own = tuple(item for item in said if _about(item, action.event, known))
    return action.model_copy(update={"cause": own}) if own else action


def _about(sentence: Sentence, entity: str, known: Facts) -> bool:
    return any(known[fact].entity == entity for fact in sentence.facts if fact in known)


def _with_remarks(
    experiments: Sequence[ExperimentResult], remarks: Sequence[Sentence], known: Facts
) -> tuple[tuple[ExperimentResult, ...], tuple[Sentence, ...]]:
    """Each experiment with the sentences that cite its facts, and the sentences about none."""
    placed, left = [], list(remarks)
    for experiment in experiments:
        own = [said for said in left if _of_experiment(said, experiment.name, known)]
        left = [said for said in left if said not in own]
        placed.append(experiment.model_copy(update={"remarks": tuple(own)}))
    return tuple(placed), tuple(left)


def _of_experiment(sentence: Sentence, name: str, known: Facts) -> bool:
    entities = {known[fact].entity for fact in sentence.facts if fact in known}
    return any(entity == name or entity.startswith(f"{name}: ") for entity in entities)
