"""Hypotheses in the open: a model states them, keeps or drops them on evidence, and everybody watches.

A hypothesis is shown while it is worked on, long before the judgement is verified. So its words pass through
the same verification; what does not stand is held back, and the model is told why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError

from postlaunch.agents.bench import Bench
from postlaunch.agents.fact_book import FactBook
from postlaunch.agents.judgement import Ref, Refusal, Sentence
from postlaunch.agents.toolbox import ToolSchema, function_schema
from postlaunch.agents.transcript import Call, HypothesisNote, Reply
from postlaunch.errors import UsageError
from postlaunch.facts import Frozen

HYPOTHESIS = "hypothesis"
MOST_HYPOTHESES = 8
"""As many as a judgement can carry."""


def _without_braces(value: object) -> object:
    return value.strip().strip("{}") if isinstance(value, str) else value


Evidence = Annotated[Ref, BeforeValidator(_without_braces)]


class HypothesisCall(Frozen):
    """The arguments of the tool."""

    statement: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""
    state: Literal["proposed", "kept", "dropped", "open"] = "proposed"
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=12)
    id: Annotated[str, StringConstraints(pattern=r"^(H[1-9])?$")] = ""


def hypothesis_schema() -> ToolSchema:
    """The tool as a model is offered it."""
    return function_schema(
        HYPOTHESIS,
        "State a supposed cause, or say what became of one: kept or dropped on evidence, or open.",
        {
            "statement": {
                "type": "string",
                "maxLength": 400,
                "description": "One sentence; every figure as a slot such as {F3}",
            },
            "state": {"type": "string", "enum": ["proposed", "kept", "dropped", "open"]},
            "evidence": {
                "type": "array",
                "items": {"type": "string"},
                "maxItems": 12,
                "description": 'The facts that decide, such as "F3"; needed for kept and dropped',
            },
            "id": {"type": "string", "description": 'Which earlier one this is about, such as "H1"'},
        },
        ["state"],
    )


Check = Callable[[str, FactBook], Sentence | Refusal]
"""Verifies a supposition: a sentence that says why something may be so."""


@dataclass(frozen=True)
class Shown:
    """What a watcher sees of a statement: figures printed by code, or the reason why it is held back."""

    text: str
    reasons: tuple[str, ...] = ()

    @classmethod
    def of(cls, checked: Sentence | Refusal) -> Shown:
        """The verified sentence, or in its place why it did not stand."""
        if isinstance(checked, Sentence):
            return cls(checked.text)
        return cls(f"(held back: {checked.reasons[0]})", checked.reasons)


def note_hypothesis(
    bench: Bench, agent: str, call: Call, book: FactBook, notes: Sequence[HypothesisNote], check: Check
) -> Reply:
    """Record what a call says of a hypothesis, and show it.

    Args:
        book: every fact that may be cited now.
        notes: the hypotheses so far.

    Raises:
        UsageError: the arguments do not fit, or a decision names no evidence.
    """
    said = _read(call, book)
    earlier = _earlier(said, notes)
    statement = said.statement or (earlier.statement if earlier else "")
    if not statement:
        raise UsageError("a hypothesis needs a statement", "say in one sentence what you suppose")
    if earlier is None and len(notes) >= MOST_HYPOTHESES:
        raise UsageError("there are enough hypotheses", "keep or drop those you have")
    shown = Shown.of(check(statement, book))
    name = earlier.id if earlier else f"H{len(notes) + 1}"
    event = bench.recorder.emit(
        "hypothesis",
        f"{name}: {shown.text}",
        agent=agent,
        parent=earlier.event if earlier else bench.under,
        data={
            "id": name,
            "state": said.state,
            "evidence": list(said.evidence),
            "facts": [fact.id for ref in said.evidence if (fact := book.fact(ref)) is not None],
            "held_back": list(shown.reasons),
        },
    )
    note = HypothesisNote(
        id=name,
        statement=statement,
        shown=shown.text,
        state=said.state,
        evidence=said.evidence,
        event=earlier.event if earlier else event.seq,
    )
    return Reply(
        call=call.id,
        key=call.key,
        text=_told(note, shown),
        hypothesis=note,
        news=earlier is None or (earlier.state, earlier.evidence) != (note.state, note.evidence),
    )


def _read(call: Call, book: FactBook) -> HypothesisCall:
    try:
        said = HypothesisCall.model_validate(call.arguments)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:4])
        raise UsageError(problems, "its arguments: statement, state, evidence, id") from error
    if unknown := [ref for ref in said.evidence if book.fact(ref) is None]:
        raise UsageError(f"no fact has the number {', '.join(unknown)}", "name facts that you were shown")
    if said.state in ("kept", "dropped") and not said.evidence:
        raise UsageError(f"{said.state} on no evidence", "name the facts that decide, or leave it open")
    return said


def _earlier(said: HypothesisCall, notes: Sequence[HypothesisNote]) -> HypothesisNote | None:
    """The hypothesis a call is about: by its id, or by the same words."""
    if said.id:
        found = next((note for note in notes if note.id == said.id), None)
        if found is None and not said.statement:
            known = ", ".join(note.id for note in notes) or "none yet"
            raise UsageError(f"there is no {said.id}", f"the hypotheses so far: {known}")
        return found
    words = " ".join(said.statement.casefold().split())
    return next((note for note in notes if " ".join(note.statement.casefold().split()) == words), None)


def _told(note: HypothesisNote, shown: Shown) -> str:
    if not shown.reasons:
        return f"{note.id} is {note.state}."
    return f"{note.id} is {note.state}, but its words are held back: {'; '.join(shown.reasons)}"
