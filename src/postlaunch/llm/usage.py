"""What calls of a model used: tokens, money, time."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field

from postlaunch.events import Event
from postlaunch.facts import Frozen
from postlaunch.printing import value_text
from postlaunch.settings import ModelSettings

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage

BYTES_PER_TOKEN = 4
"""Rule of thumb for English text and JSON, on UTF-8 bytes, so that other scripts are not counted too low."""

TOKENS_PER_MESSAGE = 4
"""What a chat template adds around each message."""


class Usage(Frozen):
    """What one call, or many together, used.

    Attributes:
        tokens_in: tokens of the prompts.
        tokens_out: tokens of the answers, reasoning included.
        money: in the currency of the settings; None: the model's prices are not known.
        seconds: spent waiting for answers; parallel calls add up.
        calls: answers received, and prompts sent that timed out.
        estimated: some counts are estimates, because the server sent none.
    """

    tokens_in: int = Field(default=0, ge=0)
    tokens_out: int = Field(default=0, ge=0)
    money: float | None = Field(default=None, ge=0)
    seconds: float = Field(default=0.0, ge=0)
    calls: int = Field(default=0, ge=0)
    estimated: bool = False

    @property
    def tokens(self) -> int:
        """Tokens in and out."""
        return self.tokens_in + self.tokens_out

    def __add__(self, other: Usage) -> Usage:
        """Both together; money is unknown as soon as that of one call is."""
        if not self.calls or not other.calls:
            money = self.money if self.calls else other.money
        elif self.money is None or other.money is None:
            money = None
        else:
            money = self.money + other.money
        return Usage(
            tokens_in=self.tokens_in + other.tokens_in,
            tokens_out=self.tokens_out + other.tokens_out,
            money=money,
            seconds=self.seconds + other.seconds,
            calls=self.calls + other.calls,
            estimated=self.estimated or other.estimated,
        )

    def words(self, currency: str = "$") -> str:
        """For a person: "1,234 tokens in, 56 out, $0.01, 2.3 s"."""
        about = "about " if self.estimated else ""
        parts = [f"{about}{self.tokens_in:,} tokens in", f"{self.tokens_out:,} out"]
        if self.money is not None:
            parts.append(money_words(self.money, currency))
        return ", ".join([*parts, f"{self.seconds:.1f} s"])


def money_words(amount: float, currency: str) -> str:
    """An amount that is never printed as nothing: "$0.0004", "$1.20"."""
    if 0 < amount < 0.01:
        decimals = 1 - math.floor(math.log10(amount))
        return f"{currency}{amount:.{min(decimals, 9)}f}"
    return value_text(amount, "money", currency=currency)


def price(model: ModelSettings, tokens_in: int, tokens_out: int) -> float | None:
    """Money for tokens at the prices of the settings (per million); None where one is not set."""
    if model.price_in is None or model.price_out is None:
        return None
    return (tokens_in * model.price_in + tokens_out * model.price_out) / 1_000_000


def tokens_in_text(text: str) -> int:
    """Tokens of a text, estimated: UTF-8 bytes ÷ 4, rounded up. Never downloads a tokenizer."""
    return -(-len(text.encode(errors="replace")) // BYTES_PER_TOKEN)


def tokens_in_prompt(messages: Sequence[BaseMessage], tools: Sequence[Mapping[str, Any]] = ()) -> int:
    """Tokens of a prompt, estimated: texts, tool calls and tool descriptions."""
    texts = [str(message.text) for message in messages]
    texts += [json.dumps(call["args"], default=str) for call in _calls_in(messages)]
    texts += [json.dumps(tool, default=str) for tool in tools]
    return sum(map(tokens_in_text, texts)) + TOKENS_PER_MESSAGE * len(messages)


def usage_of(answer: AIMessage, model: ModelSettings, *, prompt_tokens: int, seconds: float) -> Usage:
    """What one answered call used: the server's count, or an estimate where it sent none."""
    reported = answer.usage_metadata
    if reported and reported["input_tokens"] + reported["output_tokens"] > 0:
        tokens_in, tokens_out = max(reported["input_tokens"], 0), max(reported["output_tokens"], 0)
    else:
        reported = None
        tokens_in = prompt_tokens
        tokens_out = tokens_in_prompt([answer])
    return Usage(
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        money=price(model, tokens_in, tokens_out),
        seconds=seconds,
        calls=1,
        estimated=reported is None,
    )


def lost(model: ModelSettings, prompt_tokens: int, seconds: float, *, whole_answer: bool) -> Usage:
    """What a call used whose answer was lost, as far as anyone can tell: its prompt, estimated.

    Args:
        whole_answer: the answer ran to the limit of its length, and is counted too.
    """
    tokens_out = model.max_output_tokens if whole_answer else 0
    return Usage(
        tokens_in=prompt_tokens,
        tokens_out=tokens_out,
        money=price(model, prompt_tokens, tokens_out),
        seconds=seconds,
        calls=1,
        estimated=True,
    )


def usage_in(events: Iterable[Event]) -> Usage:
    """What a run has used so far, from its "usage" events; a resumed run's budget starts there."""
    total = Usage()
    for event in events:
        if event.kind == "usage":
            total += Usage.model_validate(
                {name: event.data[name] for name in Usage.model_fields if name in event.data}
            )
    return total


def _calls_in(messages: Sequence[BaseMessage]) -> list[Mapping[str, Any]]:
    return [call for message in messages for call in getattr(message, "tool_calls", ())]
