"""The verified judgement of a model, put into the incident report that the rules drafted.

Rules keep what they said: the cause with its confidence, the severity, the action items. A model's sentences
stand beside theirs, marked as its own; where a mind was wanted, they take the place of the gap.
"""

from __future__ import annotations

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
from postlaunch.reports.incident import IncidentReport
from postlaunch.reports.judged import NEEDS_A_MODEL, Sentence

SECTIONS = ("headline", "impact", "root_cause", "why_missed", "post_mortem")
"""Where a model's sentences may go."""


def with_judgement(
    draft: IncidentReport, findings: Findings, judged: model.VerifiedJudgement
) -> IncidentReport:
    """The draft with everything that stood up to verification, and with who wrote it."""
    known = {fact.id: fact for fact in findings.facts} | draft.evidence.facts
    lessons = sentences_of(judged, "post_mortem")
    causes = sentences_of(judged, "root_cause")
    report = draft.model_copy(
        update={
            "headline": draft.headline.model_copy(update={"remarks": sentences_of(judged, "headline")}),
            "impact_remarks": sentences_of(judged, "impact"),
            "root_cause": draft.root_cause.model_copy(
                update={"chain": _without_gap(draft.root_cause.chain, causes)}
            ),
            "cause_remarks": causes,
            "why_missed": (*draft.why_missed, *sentences_of(judged, "why_missed")),
            "post_mortem": draft.post_mortem.model_copy(
                update={"lessons": lessons or draft.post_mortem.lessons}
            ),
            "recommendations": tuple(map(recommendation_of, judged.recommendations)),
            "hypotheses": tuple(map(hypothesis_of, judged.hypotheses)),
            "disputes": tuple(dispute_of(item, findings.verdicts) for item in judged.disputes),
            "provenance": provenance_of(judged),
        }
    )
    evidence = evidence_with_cited(report, known)
    return IncidentReport.model_validate(report.model_copy(update={"evidence": evidence}).model_dump())


def _without_gap(chain: tuple[Sentence, ...], causes: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
    """The chain, its gap closed by what the model says of the cause."""
    if not causes:
        return chain
    return tuple(
        step.model_copy(update={"text": "what gave way: as the specialist supposes below"})
        if NEEDS_A_MODEL in step.text
        else step
        for step in chain
    )
