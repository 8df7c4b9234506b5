"""The verified judgement of a model, put into the performance report that the rules drafted.

Rules keep what they said: a model's sentences stand beside theirs and are marked as its own.
"""

from __future__ import annotations

from collections.abc import Sequence

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
from postlaunch.facts import Fact
from postlaunch.reports.judged import Sentence
from postlaunch.reports.performance import Opportunity, PerformanceReport
from postlaunch.reports.report import Listing

SECTIONS = ("headline", "trend", "causes", "opportunities", "capacity")


def with_judgement(
    draft: PerformanceReport, findings: Findings, judged: model.VerifiedJudgement
) -> PerformanceReport:
    """The draft with everything that stood up to verification, and with who wrote it."""
    known = {fact.id: fact for fact in findings.facts} | draft.evidence.facts
    placed, loose = _with_comments(draft.opportunities.items, sentences_of(judged, "opportunities"), known)
    remarks = (*draft.headline.remarks, *sentences_of(judged, "headline"), *loose)
    report = draft.model_copy(
        update={
            "headline": draft.headline.model_copy(update={"remarks": remarks}),
            "trend": draft.trend.model_copy(
                update={"remarks": (*draft.trend.remarks, *sentences_of(judged, "trend"))}
            ),
            "conclusion_remarks": (*draft.conclusion_remarks, *sentences_of(judged, "causes")),
            "opportunities": Listing[Opportunity](items=placed, reason=draft.opportunities.reason),
            "capacity": draft.capacity.model_copy(
                update={"remarks": (*draft.capacity.remarks, *sentences_of(judged, "capacity"))}
            ),
            "recommendations": (*draft.recommendations, *map(recommendation_of, judged.recommendations)),
            "hypotheses": tuple(map(hypothesis_of, judged.hypotheses)),
            "disputes": tuple(dispute_of(item, findings.verdicts) for item in judged.disputes),
            "provenance": provenance_of(judged),
        }
    )
    evidence = evidence_with_cited(report, known)
    return PerformanceReport.model_validate(report.model_copy(update={"evidence": evidence}).model_dump())


def _with_comments(
    items: Sequence[Opportunity], comments: Sequence[Sentence], known: dict[str, Fact]
) -> tuple[tuple[Opportunity, ...], tuple[Sentence, ...]]:
    """Each opportunity with the sentences that cite a fact of its endpoint, and the sentences about none."""
    placed, left = [], list(comments)
    for item in items:
        own = [said for said in comments if _about(said, item.endpoint, known)]
        left = [said for said in left if said not in own]
        placed.append(item.model_copy(update={"comments": tuple(own)}) if own else item)
    return tuple(placed), tuple(left)


def _about(sentence: Sentence, endpoint: str, known: dict[str, Fact]) -> bool:
    return any(known[fact].entity == endpoint for fact in sentence.facts if fact in known)
