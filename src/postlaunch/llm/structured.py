"""How a model is asked for a typed answer, and how the answer is read.

Servers differ in what they support, so there are three forms, from the most binding to the least: a response
format with a JSON schema, a tool that must be called, and plain words. All are read the same way, and every
answer is validated here: that a server promises a schema proves nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel, LanguageModelInput
    from langchain_core.runnables import Runnable

T = TypeVar("T", bound=BaseModel)

Form = Literal["response_format", "forced_tool", "plain_json"]

PROBLEMS_QUOTED = 10
"""Most validation errors that are quoted back to the model."""

ANSWER_QUOTED = 6_000
"""Most characters of a wrong answer that are shown to the model again."""

OBJECTS_TRIED = 20
"""Most places in a text at which a JSON object is looked for."""


class UnfitAnswer(Exception):
    """An answer that does not fit its type; `str(error)` says why, in lines for the model."""


def forms_of(chat: BaseChatModel) -> tuple[Form, ...]:
    """The forms worth trying with a chat model, the most binding first."""
    speaks_openai = any(cls.__name__ == "BaseChatOpenAI" for cls in type(chat).__mro__)
    everywhere: tuple[Form, ...] = ("forced_tool", "plain_json")
    return ("response_format", *everywhere) if speaks_openai else everywhere


def put_in(
    form: Form, chat: BaseChatModel, schema: type[BaseModel], messages: Sequence[BaseMessage]
) -> tuple[Runnable[LanguageModelInput, AIMessage], list[BaseMessage]]:
    """The model and the messages for one form.

    Raises:
        NotImplementedError: the chat model cannot be offered tools.
    """
    match form:
        case "response_format":
            return chat.bind(response_format=_response_format(schema)), list(messages)
        case "forced_tool":
            tool = _tool(schema)
            return chat.bind_tools([tool], tool_choice=schema.__name__), list(messages)
        case "plain_json":
            return chat, [*messages, HumanMessage(_prompt("plain_json.md", schema))]


def read(answer: AIMessage, schema: type[T]) -> T:
    """The typed answer: the arguments of a tool call, or the first JSON object in the text that fits.

    Raises:
        UnfitAnswer: there is none.
    """
    problems = ""
    for candidate in _candidates(answer, schema.__name__):
        try:
            return schema.model_validate_json(json.dumps(candidate))
        except ValidationError as error:
            problems = problems or _problems(error)
    if answer.response_metadata.get("finish_reason") == "length":
        problems = "- it was cut off at the limit of its length: be shorter"
    raise UnfitAnswer(problems or "- it holds no JSON object")


def asked_again(
    messages: Sequence[BaseMessage], answer: AIMessage, unfit: UnfitAnswer, schema: type[BaseModel]
) -> list[BaseMessage]:
    """The messages with the wrong answer and what was wrong with it."""
    said = answer.text or json.dumps([call["args"] for call in answer.tool_calls], default=str)
    repair = HumanMessage(_prompt("repair.md", schema, problems=str(unfit)))
    return [*messages, AIMessage(said[:ANSWER_QUOTED] or "(nothing)"), repair]


def schema_of(schema: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema that a model is shown."""
    return schema.model_json_schema()


def _response_format(schema: type[BaseModel]) -> dict[str, Any]:
    # Not strict: the vendor's strict mode knows neither bounds on strings nor optional fields.
    return {
        "type": "json_schema",
        "json_schema": {"name": schema.__name__, "schema": schema_of(schema), "strict": False},
    }


def _tool(schema: type[BaseModel]) -> dict[str, Any]:
    description = (schema.__doc__ or schema.__name__).strip().split("\n\n")[0]
    return {
        "type": "function",
        "function": {"name": schema.__name__, "description": description, "parameters": schema_of(schema)},
    }


def _prompt(name: str, schema: type[BaseModel], **values: str) -> str:
    text = files("postlaunch.llm").joinpath(name).read_text(encoding="utf-8")
    return Template(text).substitute(values, schema=json.dumps(schema_of(schema))).strip()


def _candidates(answer: AIMessage, tool: str) -> Iterator[object]:
    named = [call["args"] for call in answer.tool_calls if call["name"] == tool]
    yield from named or (call["args"] for call in answer.tool_calls)
    for broken in answer.invalid_tool_calls:
        yield from _objects_in(broken["args"] or "")
    yield from _objects_in(answer.text)


def _objects_in(text: str) -> Iterator[object]:
    """JSON objects that stand in a text, outermost ones, in order; after what was thought aloud."""
    decoder = json.JSONDecoder()
    place = text.rfind("</think>") + 1
    for _ in range(OBJECTS_TRIED):
        place = text.find("{", place)
        if place < 0:
            return
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            place += 1
            continue
        yield value


def _problems(error: ValidationError) -> str:
    lines = [
        f"- {'.'.join(map(str, problem['loc'])) or 'the object'}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)[:PROBLEMS_QUOTED]
    ]
    left = error.error_count() - PROBLEMS_QUOTED
    return "\n".join([*lines, f"- and {left} more"] if left > 0 else lines)
