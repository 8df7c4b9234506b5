"""What happens in a run, as it happens: the same events on the terminal, in the ledger and in the API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from pydantic import Field, JsonValue

from postlaunch.facts import Frozen
from postlaunch.windows import Moment

EventKind = Literal[
    "run",  # a run started, resumed, ended or failed; data.state
    "step",  # a specialist entered a step of its loop; data.step
    "question",  # what a specialist is asked, by a workflow or another specialist
    "tool",  # a call: data.tool, data.arguments
    "result",  # of a call, a child of it: data.status ok|no_data|error, data.facts
    "fact",  # a figure measured: data.ref (F3), data.id, data.text (as printed)
    "verdict",  # a rule's verdict: data.rule, data.verdict
    "hypothesis",  # data.state proposed|kept|dropped|open, data.evidence
    "consult",  # a message to another specialist: data.to
    "answer",  # the reply, a child of the consult
    "judgement",  # a sentence that stood up to verification
    "refused",  # one that did not: data.reasons
    "usage",  # of the model: data.tokens_in, data.tokens_out, data.money, data.seconds
    "finding",  # of a daily check, that needs somebody: data.severity, data.signal
    "signal",  # one is taken up, or sent on its way: data.signal, data.to
    "degraded",  # a source or the model failed and the run goes on without it
    "report",  # published: data.paths
    "gate",  # opened, expired: data.request
    "decision",  # data.request, data.decision, data.by
    "committed",  # data.commitment
    "handoff",  # data.handoff, data.phase
    "notified",  # data.channel
]


class Event(Frozen):
    """One thing that happened.

    Attributes:
        seq: its place in the run, from 1, without gaps.
        agent: the specialist it belongs to; empty for the workflow itself.
        parent: `seq` of the event it belongs under (a result under its call), or None.
        text: one line for a person.
        data: for a program; what is in it is said beside each kind above.
    """

    run: str
    seq: int = Field(ge=1)
    at: Moment
    agent: str = ""
    kind: EventKind
    text: str
    data: dict[str, JsonValue] = Field(default_factory=dict)
    parent: int | None = None


class Happening(NamedTuple):
    """What an event will say, before it has a place in its run; see `Event`."""

    kind: EventKind
    text: str
    agent: str = ""
    parent: int | None = None
    data: dict[str, JsonValue] | None = None

    def event(self, run: str, seq: int, at: datetime) -> Event:
        """The event, at its place."""
        return Event(
            run=run,
            seq=seq,
            at=at,
            agent=self.agent,
            kind=self.kind,
            text=self.text,
            data=self.data or {},
            parent=self.parent,
        )


Listener = Callable[[Event], None]
"""Called with each event, in order, on the thread that runs the graph. Must not block."""


class Recorder(Protocol):
    """Where a run writes its events; each is stored before any listener sees it."""

    def emit(
        self,
        kind: EventKind,
        text: str,
        *,
        agent: str = "",
        parent: int | None = None,
        data: dict[str, JsonValue] | None = None,
    ) -> Event:
        """Store the event and show it to the listeners."""
        ...

    def emit_all(self, happenings: Sequence[Happening]) -> tuple[Event, ...]:
        """Store events that belong together, all or none and one after another; then show each."""
        ...
