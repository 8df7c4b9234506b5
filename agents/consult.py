"""One specialist asks another: a typed question, bounds, and an answer from the other's own tools.

The colleague answers through the same four steps as any assignment: it measures, may investigate, writes a
judgement of one section, and verification decides what of it stands. What comes back are verified sentences
and the facts they cite.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import Field, JsonValue, ValidationError

from postlaunch.agents.bench import Assignment, Bench, Document, Findings, Specialist
from postlaunch.agents.briefing import fact_lines
from postlaunch.agents.fact_book import FactBook
from postlaunch.agents.judgement import (
    Claim,
    Dispute,
    Hypothesis,
    Judgement,
    Recommendation,
    Refusal,
    Sentence,
    Short,
    Template,
    VerifiedJudgement,
)
from postlaunch.agents.toolbox import ToolSchema, function_schema
from postlaunch.agents.transcript import Call, Reply
from postlaunch.errors import UsageError
from postlaunch.facts import Fact, Frozen
from postlaunch.llm.fence import fenced

CONSULT = "consult"
ANSWER_SECTION = "answer"
FACTS_ANSWERED = 12
"""Facts a colleague hands over at most: those it cites first, then those it measured first."""


class ConsultQuestion(Frozen):
    """What one specialist asks another. The question is a template: its figures are slots of the asker."""

    to: Short
    question: Template


class AnswerJudgement(Judgement):
    """What a consulted specialist may say: a few findings, and nothing else."""

    findings: tuple[Claim, ...] = Field(default=(), max_length=4)
    hypotheses: tuple[Hypothesis, ...] = Field(default=(), max_length=0)
    recommendations: tuple[Recommendation, ...] = Field(default=(), max_length=0)
    disputes: tuple[Dispute, ...] = Field(default=(), max_length=0)


class Answer(Frozen):
    """What a consulted specialist hands over.

    Attributes:
        sentences: verified; none when the model failed or nothing it wrote stood.
        facts: cited by the sentences first.
        reason: why there are no sentences.
    """

    sentences: tuple[Sentence, ...] = ()
    facts: tuple[Fact, ...] = ()
    reason: str = ""


def consult_schema(colleagues: Sequence[str]) -> ToolSchema:
    """The tool as a model is offered it."""
    return function_schema(
        CONSULT,
        "Ask a colleague one question that its tools can answer and yours cannot.",
        {
            "to": {"type": "string", "enum": list(colleagues)},
            "question": {
                "type": "string",
                "maxLength": 400,
                "description": "One question; every figure as a slot such as {F3}",
            },
        },
        ["to", "question"],
    )


@dataclass(frozen=True)
class Bounds:
    """Whom a specialist may ask now.

    Attributes:
        depth: consults that led to this loop.
        most_depth: of the settings.
        chain: specialists that wait for this one's answer.
    """

    specialist: Specialist
    colleagues: Mapping[str, Specialist]
    depth: int
    most_depth: int
    chain: tuple[str, ...] = ()

    @property
    def open_to(self) -> tuple[str, ...]:
        """The colleagues that may be asked; none at the greatest depth."""
        if self.depth >= self.most_depth:
            return ()
        waiting = {self.specialist.name, *self.chain}
        declared = self.specialist.consults
        return tuple(name for name in declared if name in self.colleagues and name not in waiting)

    def question(self, call: Call) -> ConsultQuestion:
        """The question a call asks.

        Raises:
            UsageError: it cannot be asked; the remedy says what can.
        """
        try:
            asked = ConsultQuestion.model_validate(call.arguments)
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:4])
            raise UsageError(problems, "its arguments: to, question") from error
        allowed = f"you may ask: {', '.join(self.open_to) or 'nobody now'}"
        if asked.to == self.specialist.name:
            raise UsageError("you cannot consult yourself", allowed)
        if asked.to in self.chain:
            raise UsageError(f"{asked.to} is waiting for your own answer", allowed)
        if asked.to not in self.specialist.consults or asked.to not in self.colleagues:
            raise UsageError(f"there is no colleague {asked.to} whom you may consult", allowed)
        if self.depth >= self.most_depth:
            raise UsageError("this question has been passed on as often as it may be", "answer it yourself")
        return asked


def worded(checked: Sentence | Refusal) -> str:
    """A verified question with its figures printed by code.

    Raises:
        UsageError: the question types a figure or says what the facts do not.
    """
    if isinstance(checked, Sentence):
        return checked.text
    raise UsageError("the question was not sent: " + "; ".join(checked.reasons), "put it in other words")


def passed_on(assignment: Assignment, question: str) -> Assignment:
    """The assignment that a question makes for the colleague: the same windows, one step deeper."""
    return assignment.model_copy(
        update={"question": question, "parameters": {}, "depth": assignment.depth + 1}
    )


def answering(colleague: Specialist) -> Specialist:
    """The colleague as one who answers a question instead of writing its report.

    What it found for its own report in this run is where it starts; otherwise it measures now.
    """

    def at_hand(bench: Bench, assignment: Assignment) -> Findings:
        known = bench.document(f"{colleague.name}/findings")
        if known is not None:
            return Findings.model_validate(known)
        return colleague.measure(bench, assignment)

    return replace(
        colleague,
        judgement=AnswerJudgement,
        sections=(ANSWER_SECTION,),
        measure=at_hand,
        compose=_answer,
        verify_extra=None,
    )


def _answer(
    bench: Bench, assignment: Assignment, findings: Findings, judgement: VerifiedJudgement
) -> Document:
    """The last step of an answering specialist: its sentences, and the facts behind them."""
    sentences = judgement.in_section(ANSWER_SECTION)
    cited = {fact for sentence in sentences for fact in sentence.facts}
    ordered = sorted(findings.facts, key=lambda fact: fact.id not in cited)
    answer = Answer(
        sentences=sentences,
        facts=tuple(ordered[: max(FACTS_ANSWERED, len(cited))]),
        reason="" if sentences else (judgement.provenance.reason or "the facts are all there is to say"),
    )
    document: dict[str, JsonValue] = answer.model_dump(mode="json")
    return document


def answer_text(asked: ConsultQuestion, answer: Answer) -> str:
    """The answer in one line, for a watcher."""
    said = " ".join(sentence.text for sentence in answer.sentences)
    return said or f"no sentence from {asked.to} ({answer.reason}); {len(answer.facts)} facts"


def answer_reply(bench: Bench, call: Call, asked: ConsultQuestion, answer: Answer, book: FactBook) -> Reply:
    """What the asker is told: the colleague's sentences as data, and its facts under numbers to cite."""
    said = "\n".join(sentence.text for sentence in answer.sentences) or f"(no sentence: {answer.reason})"
    parts = [fenced(f"answer of {asked.to}", bench.hide(said))]
    if answer.facts:
        parts.append(fact_lines(bench, book.extended(answer.facts), answer.facts))
    return Reply(
        call=call.id,
        key=call.key,
        text="\n".join(parts),
        facts=answer.facts,
        news=bool(answer.sentences or answer.facts),
        ran=f"consult({asked.to}: {asked.question})",
        colleague=asked.to,
    )
