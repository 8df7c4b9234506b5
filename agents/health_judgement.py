"""The verified judgement of a model, put into the report that the rules drafted.

Rules keep what they said: a model's sentences stand beside theirs and are marked as its own. Each sentence
goes to the incident, endpoint or section whose facts it cites.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
from postlaunch.reports.health import HealthReport, Incident, SlowEndpoint
from postlaunch.reports.judged import NEEDS_A_MODEL, Sentence
from postlaunch.reports.report import Listing


def with_judgement(draft: HealthReport, findings: Findings, judged: model.VerifiedJudgement) -> HealthReport:
    """The draft with everything that stood up to verification, and with who wrote it."""
    known = {fact.id: fact for fact in findings.facts} | draft.evidence.facts
    causes = sentences_of(judged, "incidents")
    remarks = sentences_of(judged, "headline")
    placed, elsewhere = with_causes(draft.incidents.items, causes, known)
    slow, loose = _with_comments(draft.slowest.items, sentences_of(judged, "slowest_endpoints"), known)
    report = draft.model_copy(
        update={
            "headline": draft.headline.model_copy(update={"remarks": (*remarks, *elsewhere)}),
            "incidents": Listing[Incident](items=placed, reason=draft.incidents.reason),
            "action": _with_trigger(draft.action, sentences_of(judged, "errors")),
            "slowest": Listing[SlowEndpoint](items=slow, reason=draft.slowest.reason),
            "trend_remarks": (*draft.trend_remarks, *sentences_of(judged, "trends"), *loose),
            "resource_remarks": (*draft.resource_remarks, *sentences_of(judged, "resources")),
            "recommendations": (*draft.recommendations, *map(recommendation_of, judged.recommendations)),
            "hypotheses": tuple(map(hypothesis_of, judged.hypotheses)),
            "disputes": tuple(dispute_of(item, findings.verdicts) for item in judged.disputes),
            "provenance": provenance_of(judged),
        }
    )
    evidence = evidence_with_cited(report, known)
    return HealthReport.model_validate(report.model_copy(update={"evidence": evidence}).model_dump())


def _about(sentence: Sentence, entity: str, known: dict[str, Fact]) -> bool:
    return any(known[fact].entity == entity for fact in sentence.facts if fact in known)


def with_causes(
    incidents: Sequence[Incident], causes: Sequence[Sentence], known: dict[str, Fact]
) -> tuple[tuple[Incident, ...], tuple[Sentence, ...]]:
    """Each incident with the sentences that cite its facts; a single incident gets all of them."""
    if not incidents:
        return (), tuple(causes)
    placed, left = [], list(causes)
    for incident in incidents:
        own = [cause for cause in causes if len(incidents) == 1 or _cites(cause, incident, known)]
        left = [cause for cause in left if cause not in own]
        placed.append(incident.model_copy(update={"root_cause": tuple(own)}) if own else incident)
    return tuple(placed), tuple(left)


def _cites(cause: Sentence, incident: Incident, known: dict[str, Fact]) -> bool:
    entities = {known[item.fact].entity for item in measured_in(incident) if item.fact in known}
    return any(_about(cause, entity, known) for entity in entities)


def _with_comments(
    endpoints: Sequence[SlowEndpoint], comments: Sequence[Sentence], known: dict[str, Fact]
) -> tuple[tuple[SlowEndpoint, ...], tuple[Sentence, ...]]:
    """Each endpoint with the sentences that cite its facts, and the sentences about none of them."""
    placed, left = [], list(comments)
    for endpoint in endpoints:
        own = [said for said in comments if _about(said, endpoint.endpoint, known)]
        left = [said for said in left if said not in own]
        placed.append(endpoint.model_copy(update={"comments": tuple(own)}) if own else endpoint)
    return tuple(placed), tuple(left)


def _with_trigger(action: Sequence[Sentence], explained: Iterable[Sentence]) -> tuple[Sentence, ...]:
    """The action line, its missing trigger replaced by what the model found."""
    trigger = tuple(explained)
    if not trigger:
        return tuple(action)
    return (*(said for said in action if NEEDS_A_MODEL not in said.text), *trigger)
