"""Hand-offs to a program's own functions: at least once, each with its key, tried again where one raises.

What was handed to one and is called off it is told by another hand-off, which names the first.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import datetime

from postlaunch.errors import DeliveryFailed, UsageError
from postlaunch.ledger.commitments import Commitments
from postlaunch.ledger.records import HANDLER_CHANNELS, HandOff, OutboxRow

Handler = Callable[[HandOff], Awaitable[None] | None]
"""Takes one hand-off. Returning means that it has it; raising, that it is to be given it again later."""


@dataclass(frozen=True)
class Registered:
    """A handler, and what it is to be given.

    Attributes:
        loop: the event loop in which an async handler runs; None: one of its own.
        since: hand-offs that were made before are not given to it; None: all are.
    """

    phase: int
    handler: Handler
    loop: asyncio.AbstractEventLoop | None = None
    since: datetime | None = None

    @property
    def channel(self) -> str:
        """The outbox channel of its messages."""
        return HANDLER_CHANNELS[self.phase]

    def wants(self, handoff: HandOff) -> bool:
        """Whether it is to be given a hand-off."""
        return handoff.phase == self.phase and (self.since is None or handoff.at >= self.since)


def register_handler(
    handlers: MutableMapping[int, Registered], phase: int, handler: Handler, since: datetime | None
) -> None:
    """Note a handler of a phase, and the event loop that it is registered in, if any.

    Raises:
        UsageError: there is no such phase, or it has a handler.
    """
    if phase not in HANDLER_CHANNELS:
        raise UsageError(f"there is no phase {phase} for hand-offs", "it is 1, 2 or 3")
    if phase in handlers:
        raise UsageError(
            f"phase {phase} has a handler already",
            "call both functions from one, so that it is known who has it",
        )
    if since is not None and since.tzinfo is None:
        raise UsageError("`since` has no time zone", "give it one: datetime(..., tzinfo=UTC)")
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    handlers[phase] = Registered(phase, handler, loop, since)


def handler_key(handoff: HandOff) -> str:
    """The key of the message that a handler is given a hand-off by."""
    return f"{handoff.key}/handler"


def handler_message(handoff: HandOff, now: datetime) -> OutboxRow:
    """The message itself: the hand-off's id, and what is not stored as a hand-off whole."""
    whole = {"record": handoff.model_dump(mode="json")} if handoff.called_off else {}
    return OutboxRow.model_validate(
        {
            "key": handler_key(handoff),
            "channel": HANDLER_CHANNELS[handoff.phase],
            "payload": {"handoff": handoff.id, **whole},
            "next_at": now,
        }
    )


@dataclass(frozen=True)
class HandOffHandler:
    """Calls a registered handler. Blocking until it is done, in whichever loop it runs."""

    registered: Registered
    ledger: Commitments

    def deliver(self, row: OutboxRow) -> None:
        """Call it; returning is delivered.

        Raises:
            DeliveryFailed: it raised.
        """
        record = row.payload.get("record")
        handoff = (
            self.ledger.handoff(str(row.payload["handoff"]))
            if record is None
            else HandOff.model_validate(record)
        )
        try:
            self._call(handoff)
        except Exception as error:  # whatever a program's own code raises, the other messages go on
            raise DeliveryFailed(
                f"the handler of phase {handoff.phase} raised {type(error).__name__}: {error}",
                "mend the handler; it is given the same hand-off again, with the same key",
            ) from error

    def _call(self, handoff: HandOff) -> None:
        result = self.registered.handler(handoff)
        if not inspect.isawaitable(result):
            return
        loop = self.registered.loop
        if loop is not None and loop.is_running():
            asyncio.run_coroutine_threadsafe(_awaited(result), loop).result()
        else:
            asyncio.run(_awaited(result))


async def _awaited(result: Awaitable[None]) -> None:
    await result
