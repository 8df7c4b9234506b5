"""Turns, typed answers, usage, and when no model is used at all. Over real HTTP."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable

import pytest
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from pydantic import BaseModel, Field

from postlaunch.errors import BudgetExceeded, ModelError
from postlaunch.llm.seat import ModelSeat, seat_for
from postlaunch.llm.usage import usage_in
from postlaunch.settings import Budget, ModelSettings, Privacy, Settings
from postlaunch.testing import Answer, FakeOpenAI, MemoryRecorder, ScriptedModel, Status, tool_call
from postlaunch.testing.fake_openai import Slow

SeatAt = Callable[..., ModelSeat]
QUESTION = [HumanMessage("How was the week?")]
UPTIME_TOOL = {
    "type": "function",
    "function": {
        "name": "uptime",
        "description": "Share of minutes that were up",
        "parameters": {"type": "object", "properties": {"week": {"type": "string"}}, "required": ["week"]},
    },
}


class Cause(BaseModel):
    """A supposed cause."""

    statement: str = Field(max_length=40)
    sure: bool


GOOD = {"statement": "pool exhausted", "sure": True}
GOOD_CAUSE = Cause(statement="pool exhausted", sure=True)


# --- when a model is used ---------------------------------------------------------------------------------


def test_a_key_in_the_environment_names_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeOpenAI(otherwise=Answer("spent!")) as server:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-in-the-environment-0001")
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_BASE", server.base_url)
        seat = seat_for(Settings(), {"OPENAI_API_KEY": "sk-in-the-environment-0001"}, MemoryRecorder())
    assert seat is None
    assert server.connections == 0


def test_a_model_of_the_vendor_without_a_key_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(ModelError, match="OPENAI_API_KEY is not set") as caught:
        seat_for(Settings(model=ModelSettings(name="gpt-5")), {}, MemoryRecorder())
    assert "--no-model" in caught.value.remedy


async def test_an_injected_chat_model_is_used_in_place_of_the_one_the_settings_name() -> None:
    settings = Settings(model=ModelSettings(name="gpt-5"))
    seat = seat_for(settings, {}, MemoryRecorder(), ScriptedModel(script=["calm"]))
    assert seat is not None
    assert (seat.name, (await seat.turn(QUESTION)).text) == ("scripted", "calm")


async def test_a_chat_model_that_knows_no_tools_is_an_error_in_plain_words_and_gives_typed_answers() -> None:
    chat = FakeListChatModel(responses=[GOOD_CAUSE.model_dump_json()])
    seat = seat_for(Settings(), {}, MemoryRecorder(), chat)
    assert seat is not None
    with pytest.raises(ModelError, match="cannot be offered tools"):
        await seat.turn(QUESTION, [UPTIME_TOOL])
    assert await seat.structured(QUESTION, Cause) == GOOD_CAUSE


async def test_the_environment_does_not_redirect_a_call(
    seat_at: SeatAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeOpenAI(Answer("mine")) as mine, FakeOpenAI(otherwise=Answer("theirs")) as theirs:
        monkeypatch.setenv("OPENAI_BASE_URL", theirs.base_url)
        monkeypatch.setenv("OPENAI_API_BASE", theirs.base_url)
        monkeypatch.setenv("OPENAI_PROXY", theirs.base_url)
        assert (await seat_at(mine).turn(QUESTION)).text == "mine"
    assert theirs.connections == 0


async def test_the_vendors_key_is_not_handed_to_a_server_on_this_machine(seat_at: SeatAt) -> None:
    with FakeOpenAI(Answer("calm")) as server:
        await seat_at(server, environment={"OPENAI_API_KEY": "sk-vendor-0123456789"}).turn(QUESTION)
    assert server.received[0].headers["authorization"] == "Bearer none"


async def test_a_key_is_read_from_the_variable_that_the_settings_name(seat_at: SeatAt) -> None:
    with FakeOpenAI(Answer("calm")) as server:
        seat = seat_at(server, environment={"GATEWAY_KEY": "gw-0123456789"}, api_key_env="GATEWAY_KEY")
        await seat.turn(QUESTION)
    assert server.received[0].headers["authorization"] == "Bearer gw-0123456789"


def test_importing_the_seat_does_not_import_the_vendors_library() -> None:
    code = "import sys, postlaunch.llm.seat; print({'openai', 'langchain_openai'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# --- turns ------------------------------------------------------------------------------------------------


async def test_tools_are_offered_and_their_calls_come_back(seat_at: SeatAt) -> None:
    with FakeOpenAI(Answer(calls=[("uptime", {"week": "W21"})])) as server:
        answer = await seat_at(server).turn(QUESTION, [UPTIME_TOOL], "uptime")
    assert [(call["name"], call["args"]) for call in answer.tool_calls] == [("uptime", {"week": "W21"})]
    assert server.received[0].body["tools"] == [UPTIME_TOOL]
    assert server.received[0].body["tool_choice"] == {"type": "function", "function": {"name": "uptime"}}


@pytest.mark.parametrize(("choice", "sent"), [("required", "required"), ("auto", "auto"), (None, None)])
async def test_the_choice_of_a_tool_is_passed_on(
    choice: str | None, sent: str | None, seat_at: SeatAt
) -> None:
    with FakeOpenAI(Answer("calm")) as server:
        await seat_at(server).turn(QUESTION, [UPTIME_TOOL], choice)
    assert server.received[0].body.get("tool_choice") == sent


async def test_settings_of_the_model_are_sent(seat_at: SeatAt) -> None:
    with FakeOpenAI(Answer("calm")) as server:
        await seat_at(server, temperature=0.5, max_output_tokens=321).turn(QUESTION)
    body = server.received[0].body
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("fake", 0.5, 321)
    assert not body.get("stream")


async def test_a_conversation_with_tool_results_is_sent_whole(seat_at: SeatAt) -> None:
    call = tool_call("uptime", week="W21")
    result = ToolMessage("99.9%", tool_call_id=str(call.tool_calls[0]["id"]))
    with FakeOpenAI(Answer("calm")) as server:
        await seat_at(server).turn([SystemMessage("You are an SRE."), *QUESTION, call, result], [UPTIME_TOOL])
    assert [message["role"] for message in server.received[0].body["messages"]] == [
        "system",
        "user",
        "assistant",
        "tool",
    ]


async def test_personal_data_is_hidden_from_the_model_in_texts_and_tool_calls(seat_at: SeatAt) -> None:
    asked = [
        HumanMessage("anna@example.com from 203.0.113.9 complains"),
        tool_call("tickets_about", requester="anna@example.com", words="login"),
        ToolMessage('{"user": "anna"}', tool_call_id="call_1"),
    ]
    with FakeOpenAI(Answer("calm")) as server:
        seat = seat_at(server)
        await seat.turn(asked)
    sent = str(server.received[0].body)
    assert "example.com" not in sent
    assert "203.0.113.9" not in sent
    assert '"anna"' not in sent
    assert seat.pseudonyms.reveal(server.received[0].prompt).startswith("anna@example.com from 203.0.113.9")


async def test_pseudonyms_can_be_switched_off_for_a_model_of_ones_own() -> None:
    model = ScriptedModel(script=["calm"])
    seat = seat_for(Settings(privacy=Privacy(pseudonymise=False)), {}, MemoryRecorder(), model)
    assert seat is not None
    await seat.turn([HumanMessage("anna@example.com")])
    assert model.shown[0].text == "anna@example.com"


# --- typed answers ----------------------------------------------------------------------------------------


async def test_a_typed_answer_is_asked_for_with_a_schema(seat_at: SeatAt) -> None:
    with FakeOpenAI(Answer(GOOD)) as server:
        assert await seat_at(server).structured(QUESTION, Cause) == GOOD_CAUSE
    asked = server.received[0].body["response_format"]
    assert (asked["type"], asked["json_schema"]["name"]) == ("json_schema", "Cause")
    assert asked["json_schema"]["schema"]["properties"]["statement"]["maxLength"] == 40


async def test_a_server_without_response_formats_is_asked_through_a_tool(seat_at: SeatAt) -> None:
    with FakeOpenAI(Answer(calls=[("Cause", GOOD)]), refuses=["response_format"]) as server:
        assert await seat_at(server).structured(QUESTION, Cause) == GOOD_CAUSE
    assert server.received[1].body["tool_choice"]["function"]["name"] == "Cause"


async def test_a_server_without_tools_is_asked_in_words(seat_at: SeatAt) -> None:
    said = 'Sure! Here you are:\n```json\n{"statement": "pool exhausted", "sure": true}\n```'
    with FakeOpenAI(Answer(said), refuses=["response_format", "tools"]) as server:
        assert await seat_at(server).structured(QUESTION, Cause) == GOOD_CAUSE
    assert '"maxLength": 40' in server.received[2].prompt


async def test_what_a_server_refused_is_not_tried_again(seat_at: SeatAt) -> None:
    with FakeOpenAI(otherwise=Answer(GOOD), refuses=["response_format", "tools"]) as server:
        seat = seat_at(server)
        await seat.structured(QUESTION, Cause)
        await seat.structured(QUESTION, Cause)
    assert server.requests == 4


async def test_a_server_that_refuses_everything_is_told_so(seat_at: SeatAt) -> None:
    with (
        FakeOpenAI(otherwise=Status(400, "unknown role")) as server,
        pytest.raises(ModelError, match="answered 400: unknown role"),
    ):
        await seat_at(server).structured(QUESTION, Cause)
    assert server.requests == 3


async def test_a_fault_of_the_server_is_not_taken_for_a_refusal(seat_at: SeatAt) -> None:
    with (
        FakeOpenAI(otherwise=Status(401, "bad key")) as server,
        pytest.raises(ModelError, match="answered 401"),
    ):
        await seat_at(server).structured(QUESTION, Cause)
    assert server.requests == 1


async def test_an_answer_that_does_not_fit_is_repaired_with_its_errors_quoted(seat_at: SeatAt) -> None:
    with FakeOpenAI(Answer({"statement": "x" * 50}), Answer(GOOD)) as server:
        assert await seat_at(server).structured(QUESTION, Cause) == GOOD_CAUSE
    asked = server.received[1].prompt
    assert "statement: String should have at most 40 characters" in asked
    assert "sure: Field required" in asked
    assert "x" * 50 in asked


@pytest.mark.parametrize(
    "wrong", [{"statement": 1}, [], "no JSON here", "", "{" * 5_000, '{"a":' * 5_000, "<think>{}</think>"]
)
async def test_a_second_answer_that_does_not_fit_ends_it(wrong: object, seat_at: SeatAt) -> None:
    with (
        FakeOpenAI(otherwise=Answer(wrong)) as server,
        pytest.raises(ModelError, match="answered twice with what does not fit Cause") as caught,
    ):
        await seat_at(server).structured(QUESTION, Cause)
    assert server.requests == 2
    assert len(str(caught.value)) < 2_000


async def test_an_answer_cut_off_at_its_length_says_so(seat_at: SeatAt) -> None:
    cut = Answer('{"statement": "poo', finish_reason="length")
    with FakeOpenAI(otherwise=cut) as server:
        seat = seat_at(server, max_output_tokens=77)
        with pytest.raises(ModelError, match="did not finish its answer") as caught:
            await seat.structured(QUESTION, Cause)
    assert caught.value.remedy == "raise model.max_output_tokens"
    assert (seat.usage.tokens_out, seat.usage.estimated) == (77, True)


async def test_an_answer_cut_off_in_words_is_asked_for_again_shorter(seat_at: SeatAt) -> None:
    cut = Answer('{"statement": "poo', finish_reason="length")
    with FakeOpenAI(cut, Answer(GOOD), refuses=["response_format", "tools"]) as server:
        assert await seat_at(server).structured(QUESTION, Cause) == GOOD_CAUSE
    assert "cut off at the limit of its length: be shorter" in server.received[-1].prompt


async def test_what_a_model_thinks_aloud_is_not_its_answer(seat_at: SeatAt) -> None:
    said = '<think>{"statement": "no", "sure": false}</think>{"statement": "pool exhausted", "sure": true}'
    with FakeOpenAI(Answer(said)) as server:
        assert await seat_at(server).structured(QUESTION, Cause) == GOOD_CAUSE


@pytest.mark.parametrize(
    "line", [GOOD_CAUSE, '{"statement": "pool exhausted", "sure": true}', tool_call("Cause", **GOOD)]
)
async def test_any_chat_model_gives_typed_answers(line: object) -> None:
    seat = seat_for(Settings(), {}, MemoryRecorder(), ScriptedModel(script=[line]))
    assert seat is not None
    assert await seat.structured(QUESTION, Cause) == GOOD_CAUSE


# --- usage and budget -------------------------------------------------------------------------------------


async def test_each_call_is_recorded_with_agent_parent_and_price(
    seat_at: SeatAt, recorder: MemoryRecorder
) -> None:
    question = recorder.emit("question", "why?")
    with FakeOpenAI(Answer("calm", usage=(1000, 200))) as server:
        seat = seat_at(server, price_in=2.0, price_out=10.0)
        await seat.turn(QUESTION, agent="monitoring-specialist", parent=question.seq)
    (event,) = recorder.of_kind("usage")
    assert (event.agent, event.parent) == ("monitoring-specialist", question.seq)
    assert (event.data["tokens_in"], event.data["tokens_out"], event.data["money"]) == (1000, 200, 0.004)
    assert event.text.startswith("1,000 tokens in, 200 out, $0.0040, ")
    assert usage_in(recorder.events) == seat.usage


async def test_a_server_that_counts_nothing_gets_an_estimate(seat_at: SeatAt) -> None:
    with FakeOpenAI(Answer("x" * 400, usage=None)) as server:
        seat = seat_at(server)
        await seat.turn([HumanMessage("y" * 4000)])
    assert seat.usage.estimated
    assert (seat.usage.tokens_in, seat.usage.tokens_out) == (1004, 104)


async def test_refused_calls_use_nothing(seat_at: SeatAt, recorder: MemoryRecorder) -> None:
    with FakeOpenAI(otherwise=Status(500)) as server:
        seat = seat_at(server)
        with pytest.raises(ModelError):
            await seat.turn(QUESTION)
    assert (seat.usage.calls, recorder.of_kind("usage")) == (0, ())


async def test_a_call_that_could_pass_the_tokens_is_not_made(seat_at: SeatAt) -> None:
    with FakeOpenAI(otherwise=Answer("calm", usage=(900, 50))) as server:
        seat = seat_at(server, budget=Budget(tokens=1100), max_output_tokens=100)
        await seat.turn(QUESTION)
        with pytest.raises(BudgetExceeded, match="150 of the run's 1,100 are left"):
            await seat.turn([HumanMessage("x" * 1000)])
    assert server.requests == 1


async def test_parallel_calls_do_not_pass_a_limit_together(seat_at: SeatAt) -> None:
    with FakeOpenAI(otherwise=Answer("calm", usage=(10, 100))) as server:
        seat = seat_at(server, budget=Budget(tokens=500), max_output_tokens=100)
        done = await asyncio.gather(*(seat.turn(QUESTION) for _ in range(20)), return_exceptions=True)
    assert seat.usage.tokens <= 500
    assert sum(isinstance(answer, AIMessage) for answer in done) == server.requests == 4


async def test_a_cancelled_call_frees_what_was_set_aside(seat_at: SeatAt) -> None:
    with FakeOpenAI(Slow(30), Answer("calm")) as server:
        seat = seat_at(server, budget=Budget(tokens=150), max_output_tokens=100)
        call = asyncio.create_task(seat.turn(QUESTION))
        await asyncio.sleep(0.1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert (await seat.turn(QUESTION)).text == "calm"
