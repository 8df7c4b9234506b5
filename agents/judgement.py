"""What a model may return in step 3, and what is left of it after verification.

A model writes templates with slots ("p95 of {F3.entity} rose by {F3.change} to {F3}"); verification
(`postlaunch.agents.slots`) turns the ones that stand into `Sentence`s. Every string and list is bounded:
small models run on until they are stopped.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints

from postlaunch.facts import Frozen

Template = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Ref = Annotated[str, StringConstraints(pattern=r"^F[1-9][0-9]{0,3}$")]


class Claim(Frozen):
    """One sentence for one section of the report."""

    section: Short
    text: Template


class Hypothesis(Frozen):
    """A supposed cause, and what became of it."""

    statement: Template
    state: Literal["kept", "dropped", "open"]
    because: Template
    evidence: tuple[Ref, ...] = Field(default=(), max_length=12)


class Recommendation(Frozen):
    """Something to do: to what, and why."""

    target: Short
    action: Template
    rationale: Template


class Dispute(Frozen):
    """A rule's verdict that the specialist does not share; the report shows both."""

    verdict: Short
    because: Template


class Judgement(Frozen):
    """What every specialist may return; a specialist's own type adds to it."""

    findings: tuple[Claim, ...] = Field(default=(), max_length=12)
    hypotheses: tuple[Hypothesis, ...] = Field(default=(), max_length=8)
    recommendations: tuple[Recommendation, ...] = Field(default=(), max_length=6)
    disputes: tuple[Dispute, ...] = Field(default=(), max_length=4)


class Sentence(Frozen):
    """A verified sentence.

    Attributes:
        text: as printed: code put every figure in.
        template: as the model wrote it.
        facts: ids of the facts it cites, in order of use.
    """

    text: str
    template: str = ""
    facts: tuple[str, ...] = ()


class Refusal(Frozen):
    """A sentence that did not stand, and why; kept for the report's count and the trace."""

    template: str
    reasons: tuple[str, ...]


class Verdict(Frozen):
    """A rule's verdict.

    Attributes:
        rule: which table decided, e.g. "health_grade", "row_status", "tier", "route".
        subject: on what, e.g. "application", "p95_response_time", an item's id.
        value: e.g. "GOOD", "warning", "Must", "Phase 3".
        because: the rows or inputs that decided it, in words with figures printed by code.
        facts: ids of the facts it read.
    """

    rule: str
    subject: str
    value: str
    because: str
    facts: tuple[str, ...] = ()


class VerifiedClaim(Frozen):
    """A claim that stood."""

    section: str
    sentence: Sentence


class VerifiedHypothesis(Frozen):
    """A hypothesis whose sentences stood."""

    statement: Sentence
    state: Literal["kept", "dropped", "open"]
    because: Sentence
    evidence: tuple[str, ...] = ()


class VerifiedRecommendation(Frozen):
    """A recommendation whose sentences stood."""

    target: str
    action: Sentence
    rationale: Sentence


class VerifiedDispute(Frozen):
    """A dispute whose sentence stood."""

    verdict: str
    because: Sentence


class Provenance(Frozen):
    """Who wrote the judgement, and with what.

    Attributes:
        analysis: "model", or "rules" when steps 2 and 3 gave nothing; then `reason` says why.
        prompts: prompt file → SHA-256 of its text.
        tool_calls: made by the model, beyond what the report always measures.
    """

    analysis: Literal["model", "rules"] = "rules"
    reason: str = ""
    model: str = ""
    prompts: dict[str, str] = Field(default_factory=dict)
    tool_calls: tuple[str, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    money: float | None = None


class VerifiedJudgement(Frozen):
    """What is left of a judgement after step 4; empty, with its reason, without a model."""

    findings: tuple[VerifiedClaim, ...] = ()
    hypotheses: tuple[VerifiedHypothesis, ...] = ()
    recommendations: tuple[VerifiedRecommendation, ...] = ()
    disputes: tuple[VerifiedDispute, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    extra: dict[str, JsonValue] = Field(default_factory=dict)
    provenance: Provenance = Provenance()

    def in_section(self, section: str) -> tuple[Sentence, ...]:
        """The verified sentences of one section."""
        return tuple(claim.sentence for claim in self.findings if claim.section == section)
