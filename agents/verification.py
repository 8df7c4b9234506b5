"""Step 4: what of a whole judgement stands, and why the rest does not.

A statement of several sentences stands whole or not at all. Every refusal carries the sentence as it was
written and reasons that tell how to write it, for the repair that a model is given.

`verify_prose` is for what a model writes about the future and not about facts: acceptance criteria, titles of
stories. There a number is refused too, unless the item's own declared text states it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from postlaunch.agents.fact_book import FactBook
from postlaunch.agents.judgement import (
    Claim,
    Dispute,
    Hypothesis,
    Judgement,
    Recommendation,
    Refusal,
    Sentence,
    VerifiedClaim,
    VerifiedDispute,
    VerifiedHypothesis,
    VerifiedJudgement,
    VerifiedRecommendation,
)
from postlaunch.agents.sentences import LONGEST_TEMPLATE, verify_sentence
from postlaunch.agents.slot_draft import Draft, Mood
from postlaunch.agents.slot_figures import number_words, states_number
from postlaunch.agents.slot_grammar import SLOT, WORD, Names, folded, read_template
from postlaunch.agents.slot_motion_words import FACTORS, PAST_DIRECTIONS
from postlaunch.agents.slot_printing import neutral_text
from postlaunch.agents.slot_words import DECISIONS, TERMS
from postlaunch.settings_objectives import Objective

Part = TypeVar("Part")
ONLY_DECLARED = "only numbers that the item itself declares may stand here"

DECLARED_NUMBER = re.compile(r"\d[\d.,:/-]*\d|\d")


def verify_judgement(
    judgement: Judgement,
    book: FactBook,
    *,
    sections: Collection[str],
    verdict_subjects: Collection[str] = (),
    targets: Collection[str] = (),
    entities: frozenset[str] = frozenset(),
    objectives: Mapping[str, Objective] | None = None,
) -> VerifiedJudgement:
    """Every part of a judgement that stands, with its figures printed, and the refusals of the rest.

    Args:
        sections: where findings may go.
        verdict_subjects: what a dispute may name, and a recommendation may be for.
        targets: what else a recommendation may be for, beside the entities of the facts.
        entities: as in `verify_sentence`.
        objectives: as in `verify_sentence`.
    """
    checking = _Verification(
        book,
        _lookup(sections),
        _lookup(verdict_subjects),
        _lookup({"application", *book.entities, *verdict_subjects, *targets}),
        entities,
        objectives or {},
    )
    findings = _once(filter(None, map(checking.claim, judgement.findings)))
    hypotheses = _once(filter(None, map(checking.hypothesis, judgement.hypotheses)))
    recommendations = _once(filter(None, map(checking.recommendation, judgement.recommendations)))
    disputes = _once(filter(None, map(checking.dispute, judgement.disputes)))
    return VerifiedJudgement(
        findings=findings,
        hypotheses=hypotheses,
        recommendations=recommendations,
        disputes=disputes,
        refusals=_once(checking.refusals),
    )


def _lookup(names: Collection[str]) -> dict[str, str]:
    """Names by their folded form: a model's "Summary" finds "summary"."""
    return {name.strip().casefold(): name for name in names}


def _once(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Each part once, in order: small models repeat themselves."""
    seen: list[Part] = []
    for part in parts:
        if part not in seen:
            seen.append(part)
    return tuple(seen)


@dataclass
class _Verification:
    """One pass over a judgement; `refusals` fills as it goes."""

    book: FactBook
    sections: dict[str, str]
    subjects: dict[str, str]
    targets: dict[str, str]
    entities: frozenset[str]
    objectives: Mapping[str, Objective]
    refusals: list[Refusal] = field(default_factory=list)

    def claim(self, claim: Claim) -> VerifiedClaim | None:
        """A finding: a known section and a sentence that stands."""
        section = self.sections.get(claim.section.casefold())
        if section is None:
            listed = ", ".join(self.sections.values())
            self.refuse(claim.text, f'no section is named "{claim.section}": one of {listed}')
            return None
        sentence = self.sentence(claim.text, "finding")
        return VerifiedClaim(section=section, sentence=sentence) if sentence else None

    def hypothesis(self, hypothesis: Hypothesis) -> VerifiedHypothesis | None:
        """A supposed cause: its evidence exists, and a kept one has some."""
        unknown = [ref for ref in hypothesis.evidence if self.book.fact(ref) is None]
        if unknown:
            self.refuse(
                hypothesis.statement,
                f"the evidence {', '.join(unknown)} is no fact; there are {len(self.book)}",
            )
            return None
        if hypothesis.state == "kept" and not hypothesis.evidence:
            self.refuse(hypothesis.statement, "a kept hypothesis needs evidence: list facts, e.g. F3")
            return None
        facts = [fact for ref in hypothesis.evidence if (fact := self.book.fact(ref)) is not None]
        known = frozenset(fact.entity for fact in facts)
        statement = self.sentence(hypothesis.statement, "supposition", known)
        because = self.sentence(hypothesis.because, "supposition", known)
        if statement is None or because is None:
            return None
        return VerifiedHypothesis(
            statement=statement,
            state=hypothesis.state,
            because=because,
            evidence=tuple(dict.fromkeys(fact.id for fact in facts)),
        )

    def recommendation(self, recommendation: Recommendation) -> VerifiedRecommendation | None:
        """Something to do: to a known target."""
        target = self.targets.get(self._printed_target(recommendation.target).casefold())
        if target is None:
            self.refuse(
                recommendation.action,
                f'the target "{neutral_text(recommendation.target)}" is unknown: name an entity of the facts',
            )
            return None
        action = self.sentence(recommendation.action, "proposal", frozenset((target,)))
        rationale = self.sentence(recommendation.rationale, "supposition", frozenset((target,)))
        if action is None or rationale is None:
            return None
        return VerifiedRecommendation(target=target, action=action, rationale=rationale)

    def _printed_target(self, target: str) -> str:
        """A target as written, or the entity that its slot stands for."""
        slot = SLOT.fullmatch(target)
        fact = self.book.fact(slot["ref"]) if slot and slot["attribute"] == "entity" else None
        return fact.entity if fact else target

    def dispute(self, dispute: Dispute) -> VerifiedDispute | None:
        """A verdict not shared: one that a rule gave."""
        subject = self.subjects.get(dispute.verdict.casefold())
        if subject is None:
            listed = ", ".join(self.subjects.values()) or "none"
            self.refuse(dispute.because, f'no verdict is on "{dispute.verdict}": there is {listed}')
            return None
        because = self.sentence(dispute.because, "supposition")
        return VerifiedDispute(verdict=subject, because=because) if because else None

    def sentence(self, template: str, mood: Mood, known: frozenset[str] = frozenset()) -> Sentence | None:
        """The sentence if it stands; else its refusal is kept."""
        checked = verify_sentence(
            template,
            self.book,
            entities=self.entities | (known - {"application"}),
            objectives=self.objectives,
            mood=mood,
        )
        if isinstance(checked, Sentence):
            return checked
        self.refusals.append(checked)
        return None

    def refuse(self, template: str, reason: str) -> None:
        """Keep a refusal for a reason that lies outside the sentence."""
        self.refusals.append(Refusal(template=neutral_text(template, LONGEST_TEMPLATE), reasons=(reason,)))


def verify_prose(
    text: str, *, declared: str = "", entities: frozenset[str] = frozenset()
) -> Sentence | Refusal:
    """A sentence about what shall be, without facts: an acceptance criterion, the title of a story.

    Refused are slots, markup and invisible characters, decisions ("approved", "must-have"), a movement of a
    metric ("the error rate fell"), and numbers, in digits or words, that `declared` does not state.

    Args:
        declared: the item's own text as a person wrote it; numbers it states may be repeated as it does.
        entities: names that may be written as a whole, whatever they hold: the item's id and title.
    """
    shown = neutral_text(text, LONGEST_TEMPLATE)
    if len(text) > LONGEST_TEMPLATE or not text.strip():
        return Refusal(template=shown, reasons=(f"write at most {LONGEST_TEMPLATE} characters",))
    if SLOT.search(text):
        return Refusal(template=shown, reasons=("no facts are cited here: write it without slots",))
    names = Names(entities=entities, terms=TERMS | stated_numbers(declared))
    draft = Draft(read_template(text, names), FactBook(), mood="proposal")
    reasons = draft.template.faults or tuple(dict.fromkeys(_prose_faults(draft)))
    return Refusal(template=shown, reasons=reasons) if reasons else Sentence(text=text, template=text)


def stated_numbers(text: str) -> frozenset[str]:
    """The numbers that a text states, as it writes them: "2", "12.5", "two"."""
    words = (word for word in WORD.findall(text) if states_number(folded(word)) or folded(word) in FACTORS)
    return frozenset((*DECLARED_NUMBER.findall(text), *words))


def _prose_faults(draft: Draft) -> Iterator[str]:
    for reason in number_words(draft):
        yield reason.replace(
            "cite the fact that holds it, e.g. {F3}",
            "only numbers that the item itself declares may stand here",
        )
    measured = {draft.clause(place) for place, _ in draft.metrics()}
    for index, word in draft.words():
        text = draft.tokens[index].text
        if word in FACTORS:
            yield f'"{text}" states a number: {ONLY_DECLARED}'
        elif word in DECISIONS:
            yield f'"{text}" is a verdict or a decision: leave it to the rules and to the person who decides'
        elif word in PAST_DIRECTIONS and draft.clause(index) in measured:
            yield f'"{text}" claims that a metric moved: say what shall be, not what was measured'
