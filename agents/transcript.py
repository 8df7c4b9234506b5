"""What was said in an investigation, as the ledger keeps it: the model's turns and the replies they got.

A turn is stored before it is acted on and a reply before it is shown, each under a name of its own. A node
that runs again after a crash finds what it had already paid for, and the conversation that a model is shown
is rebuilt from these documents alone: the same documents, the same messages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from pydantic import Field, JsonValue, TypeAdapter

from postlaunch.agents.bench import Document
from postlaunch.agents.judgement import Ref, Template
from postlaunch.facts import Fact, Frozen, digest_of

CALLS_A_TURN = 8
"""Calls of one turn that are run; the rest are told so."""

CALLS_KEPT = 32
SAID_KEPT = 4000

HypothesisState = Literal["proposed", "kept", "dropped", "open"]

_ARGUMENTS: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


class Call(Frozen):
    """One call that a model made.

    Attributes:
        id: made here from turn and place: a server's own ids are random, and some refuse those of others.
        problem: why it cannot be run; empty where it can be tried.
    """

    id: str
    name: str
    arguments: dict[str, JsonValue] = Field(default_factory=dict)
    problem: str = ""

    @property
    def key(self) -> str:
        """The same for the same tool with the same arguments."""
        return digest_of([self.name, self.arguments])


class Turn(Frozen):
    """What a model said in one turn."""

    said: str = ""
    calls: tuple[Call, ...] = ()

    @classmethod
    def of(cls, message: AIMessage, number: int) -> Turn:
        """A model's message, without what differs from run to run, and with every call readable."""
        calls = [_call(number, place, *made) for place, made in enumerate(_made(message), start=1)]
        return cls(said=message.text[:SAID_KEPT], calls=tuple(calls[:CALLS_KEPT]))

    def message(self) -> AIMessage:
        """The turn as a model is shown it again."""
        return AIMessage(
            content=self.said,
            tool_calls=[
                {"name": call.name, "args": dict(call.arguments), "id": call.id, "type": "tool_call"}
                for call in self.calls
            ],
        )


def _made(message: AIMessage) -> Iterable[tuple[str, object, str]]:
    for call in message.tool_calls:
        yield call["name"], call["args"], ""
    for broken in message.invalid_tool_calls:
        yield broken["name"] or "", {}, "its arguments are not a JSON object"


def _call(turn: int, place: int, name: str, arguments: object, problem: str) -> Call:
    try:
        readable = _ARGUMENTS.validate_python(arguments)
        json.dumps(readable, allow_nan=False)
    except ValueError:
        readable, problem = {}, "its arguments are not plain JSON"
    if place > CALLS_A_TURN and not problem:
        problem = f"one turn runs at most {CALLS_A_TURN} calls; ask again for this one"
    return Call(
        id=f"call{turn:02d}{place:03d}",
        name=re.sub(r"[^A-Za-z0-9_-]", "_", name)[:64] or "unnamed",
        arguments=readable,
        problem=problem,
    )


class HypothesisNote(Frozen):
    """A hypothesis as it stands during the investigation.

    Attributes:
        id: "H1" … "Hn", by which the model speaks of it again.
        statement: the model's template, unverified.
        shown: what a watcher sees of it: figures printed by code, or why it is held back.
        event: `seq` of the event that proposed it.
    """

    id: str
    statement: Template
    shown: str
    state: HypothesisState = "proposed"
    evidence: tuple[Ref, ...] = ()
    event: int


class Reply(Frozen):
    """What a model was told in answer to one call.

    Attributes:
        key: of the call, so that the same call again is answered from memory.
        facts: new facts, which the model may cite from now on.
        hypothesis: as this call left it.
        news: whether the call brought anything; a turn without news is an idle one.
        ran: the measurement that ran or the colleague asked, with its arguments; empty where none was.
        colleague: who answered; empty for every other call.
    """

    call: str
    key: str
    text: str
    facts: tuple[Fact, ...] = ()
    hypothesis: HypothesisNote | None = None
    news: bool = False
    ran: str = ""
    colleague: str = ""


class Replies(Frozen):
    """The replies of one turn's tools, and why the investigation must end with them, if it must."""

    replies: tuple[Reply, ...] = ()
    ended: str = ""


@dataclass(frozen=True)
class Exchange:
    """One turn, and the replies it got so far."""

    turn: Turn
    replies: tuple[Reply, ...] = ()

    def messages(self) -> list[BaseMessage]:
        """The turn and its replies, in the order of the calls."""
        texts = {reply.call: reply.text for reply in self.replies}
        answered = [
            ToolMessage(content=texts.get(call.id, "Not run."), tool_call_id=call.id, name=call.name)
            for call in self.turn.calls
        ]
        return [self.turn.message(), *answered]


@dataclass(frozen=True)
class Transcript:
    """The investigation so far."""

    exchanges: tuple[Exchange, ...] = ()

    @classmethod
    def read(cls, document: Callable[[str], Document | None], work: str, turns: int) -> Transcript:
        """The first `turns` turns kept under `work`, each with the replies kept for it."""
        exchanges = []
        for number in range(1, turns + 1):
            turn = Turn.model_validate(document(turn_name(work, number)))
            replies = Replies.model_validate(document(replies_name(work, number)) or {}).replies
            answers = [document(answer_name(work, call)) for call in turn.calls if call.name == "consult"]
            answered = tuple(Reply.model_validate(answer) for answer in answers if answer)
            exchanges.append(Exchange(turn, (*replies, *answered)))
        return cls(tuple(exchanges))

    @property
    def replies(self) -> tuple[Reply, ...]:
        """Every reply, in order."""
        return tuple(reply for exchange in self.exchanges for reply in exchange.replies)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact that a reply brought, in order."""
        return tuple(fact for reply in self.replies for fact in reply.facts)

    @property
    def ran(self) -> tuple[str, ...]:
        """The measurements that ran and the colleagues asked."""
        return tuple(reply.ran for reply in self.replies if reply.ran)

    @property
    def idle_turns(self) -> int:
        """How many turns, counted back from the last, brought nothing new."""
        idle = 0
        for exchange in reversed(self.exchanges):
            if any(reply.news for reply in exchange.replies):
                break
            idle += 1
        return idle

    def hypotheses(self) -> tuple[HypothesisNote, ...]:
        """Each hypothesis as it stands now, in the order proposed."""
        notes = [reply.hypothesis for reply in self.replies if reply.hypothesis]
        return tuple({note.id: note for note in notes}.values())

    def answered(self, call: Call) -> Reply | None:
        """The reply that the same call got before and brought something."""
        return next((reply for reply in self.replies if reply.key == call.key and reply.news), None)

    def messages(self) -> list[BaseMessage]:
        """The conversation as a model is shown it again."""
        return [message for exchange in self.exchanges for message in exchange.messages()]


def turn_name(work: str, number: int) -> str:
    """The document of one turn."""
    return f"{work}/turn-{number}"


def replies_name(work: str, number: int) -> str:
    """The document of the replies of one turn's tools."""
    return f"{work}/turn-{number}/replies"


def answer_name(work: str, call: Call) -> str:
    """The document of a colleague's answer to one call."""
    return f"{work}/answer-{call.id}"
