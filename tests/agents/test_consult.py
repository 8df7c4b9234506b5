"""One specialist asks another: the round trip, and every bound on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from postlaunch.agents.consult import AnswerJudgement, Bounds
from postlaunch.agents.judgement import Claim, Judgement
from postlaunch.agents.transcript import Call
from postlaunch.errors import UsageError
from postlaunch.testing import tool_call, tool_calls

if TYPE_CHECKING:
    from conftest import Stage

RIGHT = Judgement(findings=(Claim(section="summary", text="The {F1.title} rose by {F1.change} to {F1}."),))
QUESTION = "Did users write about the {F1.title}, which is {F1}?"
ASKS = tool_call("consult", to="analyst", question=QUESTION)


def answer(text: str) -> AnswerJudgement:
    return AnswerJudgement(findings=(Claim(section="answer", text=text),))


async def test_a_colleague_answers_from_its_own_tools_in_verified_sentences(stage: Stage) -> None:
    model = stage.says(
        ASKS,
        tool_call("tickets_about", words=["error"]),
        "I have what I need.",
        answer("Tickets mention it: {F2}."),
        "Done.",
        RIGHT,
    )

    await stage.run()

    (asked,) = stage.of_kind("consult")
    (answered,) = stage.of_kind("answer")
    assert (asked.agent, asked.text) == (
        "watcher",
        "Did users write about the Error Rate, which is 4%?",
    )
    assert (answered.agent, answered.text) == ("analyst", "Tickets mention it: 3.")
    assert "A colleague, watcher, asks you something" in model.shown[1].text
    assert "Tickets mention it: 3." in model.shown[4].text


async def test_the_facts_of_an_answer_get_numbers_that_the_asker_can_cite(stage: Stage) -> None:
    stage.says(
        ASKS,
        tool_call("tickets_about", words=["error"]),
        "I have what I need.",
        answer("Tickets mention it: {F2}."),
        "Done.",
        Judgement(findings=(Claim(section="summary", text="The {F2.title} are {F2}."),)),
    )

    report = await stage.run()

    assert report["said"] == ["The Matching Tickets are 3."]


async def test_a_colleague_that_has_measured_already_does_not_measure_again(stage: Stage) -> None:
    stage.says(
        "Done.", Judgement(), ASKS, "No tool needed.", answer("The {F1.title} is {F1}."), "Done.", RIGHT
    )
    await stage.run("analyst")
    before = list(stage.sources["requests"].calls)

    await stage.run("watcher")

    assert stage.sources["requests"].calls == [*before, "error_rates"]


async def test_an_answer_with_typed_figures_comes_back_without_the_sentence(stage: Stage) -> None:
    typed = answer("There are 250 tickets.")
    stage.says(ASKS, "Fine.", typed, typed, typed, "Done.", RIGHT)

    report = await stage.run()

    (answered,) = stage.of_kind("answer")
    assert "250" not in answered.text
    assert "no sentence from analyst" in answered.text
    assert len(report["said"]) == 1


async def test_a_question_without_figures_may_ask_how_many(stage: Stage) -> None:
    asks = tool_call("consult", to="analyst", question="How many tickets ask for the export?")
    stage.says(asks, "Fine.", answer("The {F1.title} is {F1}."), "Done.", RIGHT)

    await stage.run()

    assert stage.of_kind("consult")[0].data["question"] == "How many tickets ask for the export?"


async def test_a_question_with_a_typed_figure_is_not_sent(stage: Stage) -> None:
    model = stage.says(
        tool_call("consult", to="analyst", question="Why did 250 users leave?"), "Done.", RIGHT
    )

    await stage.run()

    assert not stage.of_kind("consult")
    assert "Not asked: the question was not sent" in model.shown[1].text


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("watcher", "you cannot consult yourself"),
        ("oracle", "there is no colleague oracle"),
        ("", "to: String should have at least 1 character"),
    ],
)
async def test_whom_it_may_not_ask_is_told_with_those_it_may(stage: Stage, to: str, reason: str) -> None:
    model = stage.says(tool_call("consult", to=to, question="What happened?"), "Done.", RIGHT)

    await stage.run()

    assert not stage.of_kind("consult")
    assert reason in model.shown[1].text


async def test_the_number_of_consults_is_bounded_and_the_judgement_follows(stage: Stage) -> None:
    stage.with_budget(consults=1)
    again = tool_call("consult", to="analyst", question="Did they write again?")
    stage.says(ASKS, "Fine.", answer("The {F1.title} is {F1}."), again, RIGHT)

    report = await stage.run()

    assert len(stage.of_kind("consult")) == 1
    assert len(report["said"]) == 1
    assert "consults are used up" in str(report["reason"])


async def test_at_the_greatest_depth_nobody_is_offered_or_asked(stage: Stage) -> None:
    stage.with_budget(consult_depth=1)
    deeper = tool_call("consult", to="third", question="What do you see?")
    third = replace(stage.specialists["analyst"], name="third", consults=())
    analyst = replace(stage.specialists["analyst"], consults=("third",))
    stage.specialists = {**stage.specialists, "analyst": analyst, "third": third}
    model = stage.says(ASKS, deeper, "Fine.", answer("The {F1.title} is {F1}."), "Done.", RIGHT)

    await stage.run()

    assert "consult" in model.shown[0].tool_names
    assert "consult" not in model.shown[1].tool_names
    assert [event.agent for event in stage.of_kind("consult")] == ["watcher"]


async def test_a_chain_of_consults_reaches_as_deep_as_the_settings_say(stage: Stage) -> None:
    third = replace(stage.specialists["analyst"], name="third", consults=())
    analyst = replace(stage.specialists["analyst"], consults=("third",))
    stage.specialists = {**stage.specialists, "analyst": analyst, "third": third}
    asks = tool_call("consult", to="third", question="What do you see?")
    said = answer("The {F1.title} is {F1}.")
    stage.says(ASKS, asks, "Fine.", said, "Fine.", said, "Done.", RIGHT)

    await stage.run()

    assert [event.agent for event in stage.of_kind("consult")] == ["watcher", "analyst"]
    assert [event.agent for event in stage.of_kind("answer")] == ["third", "analyst"]


async def test_who_waits_for_the_answer_is_not_asked_back(stage: Stage) -> None:
    back = tool_call("consult", to="watcher", question="What do you see?")
    model = stage.says(ASKS, back, "Fine.", answer("The {F1.title} is {F1}."), "Done.", RIGHT)

    await stage.run()

    assert "watcher is waiting for your own answer" in model.shown[2].text


async def test_a_colleague_whose_model_fails_still_hands_over_its_facts(stage: Stage) -> None:
    stage.says(ASKS, RuntimeError("broken pipe"), "Done.", RIGHT)

    report = await stage.run()

    (answered,) = stage.of_kind("answer")
    assert "broken pipe" in answered.text
    assert len(answered.data["facts"]) == 1
    assert len(report["said"]) == 1


async def test_two_questions_in_one_turn_are_answered_in_order(stage: Stage) -> None:
    other = ("consult", {"to": "analyst", "question": "Did they write about anything else?"})
    said = answer("The {F1.title} is {F1}.")
    model = stage.says(
        tool_calls(("consult", {"to": "analyst", "question": QUESTION}), other, ("error_rates", {})),
        "Fine.",
        said,
        "Fine.",
        said,
        "Done.",
        RIGHT,
    )

    await stage.run()

    assert len(stage.of_kind("answer")) == 2
    replies = [message for message in model.shown[5].messages if message.type == "tool"]
    assert [message.tool_call_id for message in replies] == ["call01001", "call01002", "call01003"]


def test_bounds_name_who_may_be_asked(stage: Stage) -> None:
    bounds = Bounds(stage.specialists["watcher"], stage.specialists, depth=2, most_depth=2)
    call = Call(id="c", name="consult", arguments={"to": "analyst", "question": "Why?"})

    assert bounds.open_to == ()
    with pytest.raises(UsageError, match="passed on as often as it may be"):
        bounds.question(call)
