"""What a run's documents say of the model's sentences, counted; the documents are those of a scripted run."""

from __future__ import annotations

import asyncio

import pytest

from postlaunch.agents.judgement import Claim, Hypothesis, Judgement, Refusal
from postlaunch.evals import live_model
from postlaunch.evals.live_counts import class_of
from postlaunch.evals.live_model import Options, Outcome, main, run_once, sentences_in, table
from postlaunch.testing import Answer, FakeOpenAI
from postlaunch.testing.fake_openai import Behaviour, Received

GOOD = "The {F1.title} of {F1.entity} is {F1}."
MENDED = "In all, the {F1.title} of {F1.entity} is {F1}."
TYPED = "About 12 % of the requests failed."
WRONG_WAY = "{F99.title} fell."


def judgement(*texts: str) -> Answer:
    said = Judgement(
        findings=tuple(Claim(section="headline", text=text) for text in texts),
        hypotheses=(
            Hypothesis(statement="The pool ran out.", state="open", because="The log does not tell."),
        ),
    )
    return Answer(said.model_dump(mode="json"))


def scripted(received: Received) -> Behaviour:
    """Asks one tool and one that does not exist, errs twice and repairs one of it; provoked, it lists."""
    asked = received.body
    if "response_format" in asked:
        repairing = any("refused" in str(message["content"]).lower() for message in asked["messages"][2:])
        return (
            judgement(GOOD, f"In all, {GOOD[0].lower()}{GOOD[1:]}") if repairing else judgement(GOOD, TYPED)
        )
    if "tools" in asked:
        looks = Answer(calls=[("errors_by_type", {}), ("no_such_tool", {})])
        return Answer("That is all.") if len(asked["messages"]) > 2 else looks
    return Answer(f"1. {GOOD}\n2. {TYPED}\n- {WRONG_WAY}\n")


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    with FakeOpenAI(otherwise=scripted) as server:
        options = Options("fake", server.base_url, facts=12, topics=live_model.TOPICS[:1])
        return asyncio.run(run_once(options, 3, {}))


def test_sentences_of_every_attempt_are_counted(outcome: Outcome) -> None:
    live = outcome.live
    assert (live.attempts, live.written, live.stopped) == (2, 8, 1)
    assert live.classes == {"figure typed": 1}


def test_what_is_published_is_counted_and_checked(outcome: Outcome) -> None:
    live = outcome.live
    assert (live.kept, live.repaired, live.checked) == (4, 1, 4)
    assert outcome.wrong == ()


def test_calls_that_fitted_are_told_from_those_made(outcome: Outcome) -> None:
    assert (outcome.live.calls, outcome.live.ran) == (2, 1)


def test_provoked_sentences_go_through_verification(outcome: Outcome) -> None:
    provoked = outcome.provoked
    assert (provoked.written, provoked.stopped, provoked.kept, provoked.checked) == (3, 2, 1, 1)
    assert provoked.classes == {"figure typed": 1, "no such fact or slot": 1}


def test_the_table_has_both_modes_and_the_totals(outcome: Outcome) -> None:
    text = "\n".join(table([outcome, outcome]))
    assert "stopped: 2 of 16 sentences (12.5%)" in text
    assert "stopped: 4 of 6 sentences (66.7%)" in text
    assert "2 reports published, 2 with sentences of the model, 0 degraded" in text


def test_a_wrong_figure_that_gets_through_fails_the_eval(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(live_model, "TOPICS", live_model.TOPICS[:1])
    monkeypatch.setattr("postlaunch.evals.live_counts.wrong_figures", lambda *_: ("12 %",))
    with FakeOpenAI(otherwise=scripted) as server:
        code = main(["--runs", "1", "--base-url", server.base_url, "--model", "fake"])
    assert code == 1
    assert 'figure "12 %" in: The Total Requests of application is' in capsys.readouterr().out


def test_a_text_is_taken_apart_into_sentences() -> None:
    text = "1. One thing.\n* Another thing! And more?\n\n" + "x" * 500
    assert list(sentences_in(text)) == ["One thing.", "Another thing!", "And more?", "x" * 400]


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        ("a digit stands outside a slot: cite the fact that holds the figure, e.g. {F3}", "figure typed"),
        ("F99 is no fact: there are F1 to F30", "no such fact or slot"),
        ('"healthy" is a verdict: verdicts belong to the rules', "verdict"),
        ('"fell" does not hold for F3: it rose from 1 to 2', "direction"),
        ("something new", "another rule"),
    ],
)
def test_reasons_fall_into_classes(reason: str, name: str) -> None:
    assert class_of(Refusal(template="x", reasons=(reason,))) == name
