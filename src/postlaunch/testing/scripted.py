"""A chat model that answers from a script: for tests of agents, graphs and host programs; no network."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel, Field, PrivateAttr

Reply = AIMessage | BaseModel | Exception | str
"""What the model says: a message, text, a structured answer as a value, or an error it raises."""

Line = Reply | Callable[[Sequence[BaseMessage]], Reply]
"""One line of a script: a reply, or code that makes one from the messages shown."""


class ScriptExhausted(Exception):
    """The model was asked more often than its script has lines."""


@dataclass(frozen=True)
class Shown:
    """What the model was shown in one call."""

    messages: tuple[BaseMessage, ...]
    tools: tuple[Mapping[str, Any], ...] = ()
    tool_choice: object = None

    @property
    def text(self) -> str:
        """Everything in it as one text, for assertions about what a model may see."""
        return "\n".join(message.text for message in self.messages)

    @property
    def tool_names(self) -> tuple[str, ...]:
        """The names of the tools offered."""
        return tuple(str(tool["function"]["name"]) for tool in self.tools)


class ScriptedModel(BaseChatModel):
    """A LangChain chat model that says the lines of its script, one a call, and records what it was shown.

    A line that is a Pydantic value (not a message) is said as a call of the tool that the caller forces, and
    as JSON text where none is forced; so `with_structured_output` works with it, and JSON text as well.

    Attributes:
        script: lines said in order.
        otherwise: said for every call after the script's last line; without it such a call raises
            `ScriptExhausted`.
    """

    script: list[Any] = Field(default_factory=list)
    otherwise: Any = None
    model_name: str = "scripted"

    _shown: list[Shown] = PrivateAttr(default_factory=list)
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    @property
    def shown(self) -> tuple[Shown, ...]:
        """Every call so far, in order."""
        return tuple(self._shown)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Offer tools; they are recorded in `shown`, and only the script decides which are called."""
        offered = [convert_to_openai_tool(tool) for tool in tools]
        return self.bind(tools=offered, tool_choice=tool_choice)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        shown = Shown(tuple(messages), tuple(kwargs.get("tools") or ()), kwargs.get("tool_choice"))
        with self._lock:
            line = self._next_line()
            self._shown.append(shown)
        reply: Reply = line(shown.messages) if _is_code(line) else line
        if isinstance(reply, Exception):
            raise reply
        return ChatResult(generations=[ChatGeneration(message=_said(reply, shown))])

    def _next_line(self) -> Any:
        place = len(self._shown)
        if place < len(self.script):
            return self.script[place]
        if self.otherwise is None:
            raise ScriptExhausted(f"the script has {len(self.script)} lines; this is call {place + 1}")
        return self.otherwise


def tool_call(name: str, **arguments: object) -> AIMessage:
    """A message that calls one tool; a script's most frequent line."""
    return tool_calls((name, arguments))


def tool_calls(*calls: tuple[str, Mapping[str, object]]) -> AIMessage:
    """A message that calls several tools at once."""
    return AIMessage(
        content="",
        tool_calls=[
            {"name": name, "args": dict(arguments), "id": f"call_{place}", "type": "tool_call"}
            for place, (name, arguments) in enumerate(calls, start=1)
        ],
    )


def _is_code(line: object) -> bool:
    return callable(line) and not isinstance(line, (BaseModel, Exception))


def _said(reply: AIMessage | BaseModel | str, shown: Shown) -> AIMessage:
    if isinstance(reply, AIMessage):
        if reply.tool_calls or not _forced_tool(shown):
            return reply
        arguments = _json_object(reply.text)
        return reply if arguments is None else tool_call(_forced_tool(shown), **arguments)
    text = reply if isinstance(reply, str) else reply.model_dump_json()
    return _said(AIMessage(content=text), shown)


def _forced_tool(shown: Shown) -> str:
    """The one tool that the caller insists on, or "" where the model may choose."""
    forced = shown.tool_choice not in (None, "auto", "none")
    return shown.tool_names[0] if forced and len(shown.tools) == 1 else ""


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
