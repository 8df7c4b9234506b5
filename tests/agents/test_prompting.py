"""What a model is told: the house rules must teach sentences that verification lets through."""

from __future__ import annotations

import re

import pytest

from postlaunch.agents.fact_book import FactBook
from postlaunch.agents.judgement import Refusal, Sentence
from postlaunch.agents.prompting import prompt
from postlaunch.agents.slots import verify_sentence
from postlaunch.facts import Definition, Fact, Measurement
from postlaunch.windows import parse_week

WEEK = parse_week("2025-W47", "UTC")
TIME = Definition(name="p95", title="95th Percentile", statement="nearest rank", unit="ms", better="lower")
ERRORS = Definition(name="errors", title="Errors", statement="5xx", unit="count", better="lower")
QUERY = Measurement(name="endpoints", source="requests", fingerprint="x")


def fact(definition: Definition, entity: str, value: float, baseline: float | None = None) -> Fact:
    return Fact(
        name=definition.name,
        value=value,
        unit=definition.unit,
        entity=entity,
        window=WEEK,
        definition=definition,
        measurement=QUERY,
        n=100,
        baseline=baseline,
    )


BOOK = FactBook(
    [
        *(fact(ERRORS, f"GET /filler-{place}", place) for place in range(2)),
        fact(TIME, "GET /users", 210, 160),
        *(fact(ERRORS, f"GET /more-{place}", place) for place in range(3)),
        fact(ERRORS, "PUT /users/:id", 34),
        fact(ERRORS, "GET /last", 9),
        fact(TIME, "GET /slow", 900),
        fact(TIME, "GET /fast", 450),
    ]
)
EXAMPLES = re.findall(r"(Right|Wrong)[^`\n]*: `([^`]+)`", prompt("house.md"))


def test_the_house_rules_have_examples_of_both_kinds() -> None:
    kinds = [kind for kind, _ in EXAMPLES]
    assert kinds.count("Right") >= 3
    assert kinds.count("Wrong") >= 3


@pytest.mark.parametrize(("kind", "sentence"), EXAMPLES)
def test_verification_agrees_with_every_example_of_the_house_rules(kind: str, sentence: str) -> None:
    expected = Sentence if kind == "Right" else Refusal
    assert isinstance(verify_sentence(sentence, BOOK), expected)


@pytest.mark.parametrize("name", ["house.md", "investigate.md", "judge.md", "repair.md", "answer.md"])
def test_no_prompt_holds_a_date_or_a_long_number(name: str) -> None:
    assert not re.search(r"\d{4}", prompt(name))
