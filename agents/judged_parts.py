"""A verified judgement, part by part, as reports print it: every part marked as the model's."""

from __future__ import annotations

from collections.abc import Sequence

from postlaunch.agents import judgement as model
from postlaunch.facts import Evidence, Fact
from postlaunch.reports.judged import Dispute, Hypothesis, Provenance, Recommendation, Sentence
from postlaunch.reports.report import Report, cited_in


def sentence_of(sentence: model.Sentence) -> Sentence:
    """A verified sentence."""
    return Sentence(text=sentence.text, facts=sentence.facts, by="model")


def sentences_of(judged: model.VerifiedJudgement, section: str) -> tuple[Sentence, ...]:
    """The verified sentences for one section."""
    return tuple(map(sentence_of, judged.in_section(section)))


def recommendation_of(item: model.VerifiedRecommendation) -> Recommendation:
    """Something the model says should be done."""
    return Recommendation(
        target=item.target, action=sentence_of(item.action), rationale=sentence_of(item.rationale)
    )


def hypothesis_of(item: model.VerifiedHypothesis) -> Hypothesis:
    """A supposed cause and what became of it."""
    return Hypothesis(
        statement=sentence_of(item.statement),
        state=item.state,
        because=sentence_of(item.because),
        evidence=item.evidence,
    )


def dispute_of(item: model.VerifiedDispute, verdicts: Sequence[model.Verdict]) -> Dispute:
    """A rule's verdict and the objection to it."""
    ruled = next((verdict for verdict in verdicts if verdict.subject == item.verdict), None)
    return Dispute(
        subject=item.verdict,
        verdict=ruled.value if ruled else "no verdict",
        because=ruled.because if ruled else "",
        objection=sentence_of(item.because),
    )


def provenance_of(judged: model.VerifiedJudgement) -> Provenance:
    """Who analysed, and with what."""
    return Provenance(**judged.provenance.model_dump(), refused=len(judged.refusals))


def evidence_with_cited(report: Report, known: dict[str, Fact]) -> Evidence:
    """The report's evidence and every fact that a sentence of it cites."""
    cited = (known[identity] for identity in cited_in(report) if identity in known)
    return Evidence(facts={**report.evidence.facts, **{fact.id: fact for fact in cited}})
