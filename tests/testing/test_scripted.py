"""The scripted model is a LangChain chat model in full."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.tools import tool
from pydantic import BaseModel

from postlaunch.testing import ScriptedModel, tool_call, tool_calls
from postlaunch.testing.scripted import ScriptExhausted


class Cause(BaseModel):
    """A supposed cause."""

    statement: str


@tool
def uptime(window: str) -> str:
    """The uptime in a window."""
    return window


def test_lines_are_said_in_order_and_what_was_shown_is_kept() -> None:
    model = ScriptedModel(script=["first", AIMessage(content="second")])
    assert [model.invoke("one").text, model.invoke("two").text] == ["first", "second"]
    assert [shown.text for shown in model.shown] == ["one", "two"]


def test_a_line_may_be_made_from_the_messages() -> None:
    def echo(messages: Sequence[BaseMessage]) -> str:
        return messages[-1].text.upper()

    model = ScriptedModel(otherwise=echo)
    assert [model.invoke(word).text for word in ("a", "b")] == ["A", "B"]


def test_an_exhausted_script_says_so() -> None:
    with pytest.raises(ScriptExhausted, match="has 0 lines; this is call 1"):
        ScriptedModel().invoke("anyone?")


def test_an_error_in_the_script_is_raised() -> None:
    with pytest.raises(ConnectionError, match="down"):
        ScriptedModel(script=[ConnectionError("down")]).invoke("hello")


def test_bound_tools_are_recorded_and_called_as_scripted() -> None:
    model = ScriptedModel(script=[tool_calls(("uptime", {"window": "W1"}), ("uptime", {"window": "W2"}))])
    answer = model.bind_tools([uptime]).invoke("how was the week?")
    assert [call["args"]["window"] for call in answer.tool_calls] == ["W1", "W2"]
    assert model.shown[0].tool_names == ("uptime",)


@pytest.mark.parametrize(
    "line", [Cause(statement="pool"), '{"statement": "pool"}', tool_call("Cause", statement="pool")]
)
def test_structured_output_works_from_a_value_json_or_a_tool_call(line: object) -> None:
    model = ScriptedModel(script=[line])
    assert model.with_structured_output(Cause).invoke("why?") == Cause(statement="pool")


def test_a_value_is_said_as_json_where_no_tool_is_forced() -> None:
    assert ScriptedModel(script=[Cause(statement="pool")]).invoke("why?").text == '{"statement":"pool"}'


async def test_parallel_calls_each_get_their_own_line() -> None:
    model = ScriptedModel(script=[str(number) for number in range(20)])
    answers = await asyncio.gather(*(model.ainvoke([HumanMessage("go")]) for _ in range(20)))
    assert sorted(int(answer.text) for answer in answers) == list(range(20))
