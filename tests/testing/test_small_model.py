"""A real model over HTTP, through the bridge: structure only, never its words."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from langchain_core.messages import HumanMessage, SystemMessage
from pydantic import BaseModel, Field

from postlaunch.llm.seat import ModelSeat, seat_for
from postlaunch.settings import Budget, ModelSettings, Settings
from postlaunch.testing import MemoryRecorder, local_model, why_no_local_model
from postlaunch.testing.small_model_server import bridged

pytestmark = [
    pytest.mark.local_model,
    pytest.mark.skipif(bool(why_no_local_model()), reason=why_no_local_model()),
]


class Cause(BaseModel):
    """A supposed cause."""

    statement: str = Field(max_length=60)
    sure: bool


def tool(name: str) -> dict[str, object]:
    parameters = {
        "type": "object",
        "properties": {"week": {"type": "string", "maxLength": 12}},
        "required": ["week"],
        "additionalProperties": False,
    }
    return {
        "type": "function",
        "function": {"name": name, "description": f"Measures {name} in a week", "parameters": parameters},
    }


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with local_model() as base_url:
        yield base_url


@pytest.fixture
def recorder() -> MemoryRecorder:
    return MemoryRecorder()


@pytest.fixture
def seat(address: str, recorder: MemoryRecorder) -> ModelSeat:
    model = ModelSettings(name="smollm2", base_url=address, temperature=0, max_output_tokens=120)
    made = seat_for(Settings(model=model, budget=Budget(seconds=120)), {}, recorder)
    assert made is not None
    return made


async def test_a_tool_forced_by_name_is_called_with_its_arguments(
    seat: ModelSeat, recorder: MemoryRecorder
) -> None:
    asked = [SystemMessage("You operate a web application."), HumanMessage("How many errors in week W21?")]
    answer = await seat.turn(asked, [tool("uptime"), tool("errors")], "errors", agent="monitoring-specialist")
    assert [call["name"] for call in answer.tool_calls] == ["errors"]
    assert set(answer.tool_calls[0]["args"]) == {"week"}
    (usage,) = recorder.of_kind("usage")
    assert not usage.data["estimated"]
    assert usage.data["tokens_out"]


async def test_a_typed_answer_fits_its_type(seat: ModelSeat) -> None:
    cause = await seat.structured([HumanMessage("Why did the database fail?")], Cause)
    assert len(cause.statement) <= 60


def test_the_bridge_offers_only_the_tool_that_is_forced() -> None:
    body = {
        "tools": [tool("uptime"), tool("errors")],
        "tool_choice": {"type": "function", "function": {"name": "errors"}},
    }
    assert bridged(body) == {"tools": [tool("errors")], "tool_choice": "required"}


@pytest.mark.parametrize("choice", ["auto", "required", "none"])
def test_the_bridge_leaves_other_requests_alone(choice: str) -> None:
    body = {"tools": [tool("uptime")], "tool_choice": choice}
    assert bridged(body) == body


def test_the_server_ends_with_the_process_that_started_it_in_the_middle_of_an_answer() -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "postlaunch.testing.small_model_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    address = urlsplit(server.stdout.readline().strip())
    connection = HTTPConnection(str(address.hostname), address.port, timeout=30)
    body = {"messages": [{"role": "user", "content": "Count. " * 2000}], "max_tokens": 4000}
    connection.request("POST", "/v1/chat/completions", json.dumps(body))
    time.sleep(0.5)
    server.stdin.close()
    assert server.wait(timeout=10) == 0
    server.stdout.close()
    connection.close()
