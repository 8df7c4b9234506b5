"""Hypotheses as they are worked on, in front of everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postlaunch.agents.fact_book import FactBook
from postlaunch.agents.hypotheses import MOST_HYPOTHESES, note_hypothesis
from postlaunch.agents.slots import verify_sentence
from postlaunch.agents.transcript import Call, HypothesisNote, Reply
from postlaunch.errors import UsageError
from postlaunch.facts import Definition, Fact, Measurement

if TYPE_CHECKING:
    from conftest import Stage

    from postlaunch.windows import Window

CAUSE = "A slow query holds the connections."


@pytest.fixture
def book(week: Window) -> FactBook:
    definition = Definition(name="errors", title="Errors", statement="5xx", unit="count", better="lower")
    query = Measurement(name="errors", source="requests", fingerprint="x")
    fact = Fact(
        name="errors", value=34, unit="count", window=week, definition=definition, measurement=query, n=34
    )
    return FactBook([fact])


def noted(stage: Stage, book: FactBook, notes: tuple[HypothesisNote, ...] = (), **arguments: object) -> Reply:
    call = Call.model_validate({"id": "call01001", "name": "hypothesis", "arguments": arguments})
    return note_hypothesis(
        stage.bench(),
        "watcher",
        call,
        book,
        notes,
        lambda text, facts: verify_sentence(text, facts, mood="supposition"),
    )


def test_a_proposed_hypothesis_gets_a_name_and_is_shown(stage: Stage, book: FactBook) -> None:
    reply = noted(stage, book, statement=CAUSE)

    assert (reply.text, reply.news) == ("H1 is proposed.", True)
    assert [event.text for event in stage.of_kind("hypothesis")] == [f"H1: {CAUSE}"]


def test_figures_in_it_are_printed_by_code(stage: Stage, book: FactBook) -> None:
    noted(stage, book, statement="The {F1.title} of {F1} come from a slow query.")

    assert "The Errors of 34 come from a slow query." in stage.of_kind("hypothesis")[0].text


def test_a_typed_figure_is_held_back_with_the_reason(stage: Stage, book: FactBook) -> None:
    reply = noted(stage, book, statement="A slow query failed 34 requests.")

    shown = stage.of_kind("hypothesis")[0]
    assert shown.text.startswith("H1: (held back: a digit stands outside a slot")
    assert "34" not in str(shown.data)
    assert "held back" in reply.text


def test_the_same_words_or_the_name_speak_of_the_same_hypothesis(stage: Stage, book: FactBook) -> None:
    first = noted(stage, book, statement=CAUSE).hypothesis
    assert first is not None

    by_words = noted(stage, book, (first,), statement=f" {CAUSE.upper()} ", state="kept", evidence=["F1"])
    by_name = noted(stage, book, (first,), id="H1", state="dropped", evidence=["{F1}"])

    assert by_words.hypothesis is not None
    assert by_name.hypothesis is not None
    assert (by_words.hypothesis.id, by_words.hypothesis.state) == ("H1", "kept")
    assert (by_name.hypothesis.id, by_name.hypothesis.state) == ("H1", "dropped")
    assert by_name.hypothesis.statement == CAUSE
    assert stage.of_kind("hypothesis")[2].parent == first.event


@pytest.mark.parametrize("state", ["kept", "dropped"])
def test_it_is_decided_on_evidence_only(stage: Stage, book: FactBook, state: str) -> None:
    with pytest.raises(UsageError, match="on no evidence"):
        noted(stage, book, statement=CAUSE, state=state)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"statement": CAUSE, "state": "kept", "evidence": ["F9"]}, "no fact has the number F9"),
        ({"statement": CAUSE, "state": "true"}, "state: Input should be"),
        ({"statement": CAUSE, "evidence": "F1"}, "evidence: Input should be a valid tuple"),
        ({"statement": ""}, "needs a statement"),
        ({"id": "H3", "state": "open"}, "there is no H3"),
        ({"statement": CAUSE, "priority": "high"}, "priority: Extra inputs"),
    ],
)
def test_what_cannot_be_recorded_is_told(
    stage: Stage, book: FactBook, arguments: dict[str, object], reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        noted(stage, book, **arguments)

    assert not stage.of_kind("hypothesis")


def test_saying_the_same_again_is_no_news(stage: Stage, book: FactBook) -> None:
    first = noted(stage, book, statement=CAUSE).hypothesis
    assert first is not None

    assert not noted(stage, book, (first,), statement=CAUSE).news


def test_there_are_no_more_than_a_judgement_can_carry(stage: Stage, book: FactBook) -> None:
    notes = tuple(
        HypothesisNote(id=f"H{place}", statement=f"Cause {place}.", shown="", event=1)
        for place in range(1, MOST_HYPOTHESES + 1)
    )

    with pytest.raises(UsageError, match="enough hypotheses"):
        noted(stage, book, notes, statement=CAUSE)
