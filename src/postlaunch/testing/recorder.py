"""A recorder that keeps a run's events in memory: no ledger, no file."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import JsonValue

from postlaunch.events import Event, EventKind, Happening, Listener
from postlaunch.windows import Clock

EPOCH_OF_TESTS = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""The moment that a `MemoryRecorder` without a clock stamps on every event."""


class MemoryRecorder:
    """A `postlaunch.events.Recorder` whose events are in `events`, numbered from 1 without gaps.

    Safe to use from several threads. Listeners are called in order, after the event is kept.
    """

    def __init__(
        self,
        run: str = "run-1",
        clock: Clock = lambda: EPOCH_OF_TESTS,
        listeners: Sequence[Listener] = (),
    ) -> None:
        self.events: list[Event] = []
        self._run = run
        self._clock = clock
        self._listeners = tuple(listeners)
        self._lock = threading.RLock()

    def emit(
        self,
        kind: EventKind,
        text: str,
        *,
        agent: str = "",
        parent: int | None = None,
        data: dict[str, JsonValue] | None = None,
    ) -> Event:
        """Keep the event and show it to the listeners."""
        return self.emit_all([Happening(kind, text, agent, parent, data)])[0]

    def emit_all(self, happenings: Sequence[Happening]) -> tuple[Event, ...]:
        """Keep the events, one after another, and show each to the listeners."""
        with self._lock:
            first, at = len(self.events) + 1, self._clock()
            kept = tuple(one.event(self._run, seq, at) for seq, one in enumerate(happenings, first))
            self.events.extend(kept)
            for event in kept:
                for listener in self._listeners:
                    listener(event)
        return kept

    def of_kind(self, *kinds: EventKind) -> tuple[Event, ...]:
        """The events of these kinds, in order."""
        return tuple(event for event in self.events if event.kind in kinds)
