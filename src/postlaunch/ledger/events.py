"""The events of a run, numbered without gaps, stored before anybody is shown them."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import structlog
from pydantic import JsonValue
from sqlalchemy import func, insert, select

from postlaunch.events import Event, EventKind, Happening, Listener
from postlaunch.ledger.engine import Database
from postlaunch.ledger.fence import require_lease
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.records import Lease
from postlaunch.ledger.rows import all_of, values_of
from postlaunch.ledger.tables import events
from postlaunch.windows import Clock

log = structlog.get_logger(__name__)


class LedgerRecorder:
    """Writes the events of one run under its lease; a `postlaunch.events.Recorder`."""

    def __init__(
        self, database: Database, clock: Clock, lease: Lease, listeners: Sequence[Listener] = ()
    ) -> None:
        self._database = database
        self._clock = clock
        self._lease = lease
        self._listeners = tuple(listeners)
        # Nodes run side by side: without it, listeners could see event 8 before event 7. Re-entrant, so that
        # a listener may emit.
        self._in_order = threading.RLock()

    def emit(
        self,
        kind: EventKind,
        text: str,
        *,
        agent: str = "",
        parent: int | None = None,
        data: dict[str, JsonValue] | None = None,
    ) -> Event:
        """Store the event and show it to the listeners.

        Raises:
            LeaseLost: the run passed to another process; nothing was stored or shown.
        """
        return self.emit_all([Happening(kind, text, agent, parent, data)])[0]

    def emit_all(self, happenings: Sequence[Happening]) -> tuple[Event, ...]:
        """Store the events in one transaction, one after another, and show each to the listeners.

        Raises:
            LeaseLost: the run passed to another process; nothing was stored or shown.
        """
        with self._in_order:
            stored = self._store(happenings)
            for event in stored:
                for listener in self._listeners:
                    self._show(listener, event)
        return stored

    def _store(self, happenings: Sequence[Happening]) -> tuple[Event, ...]:
        run, at = self._lease.run, self._clock()
        with self._database.write(durable=False) as connection:
            require_lease(connection, self._lease)
            last = connection.execute(select(func.max(events.c.seq)).where(events.c.run == run)).scalar_one()
            stored = tuple(one.event(run, seq, at) for seq, one in enumerate(happenings, (last or 0) + 1))
            if stored:
                connection.execute(insert(events), [values_of(event) for event in stored])
        return stored

    def _show(self, listener: Listener, event: Event) -> None:
        try:
            listener(event)
        except (Exception, SystemExit):
            # The event is stored, and whoever watched can read it back; nobody ends the run from here.
            log.warning("a listener failed", run=event.run, seq=event.seq, exc_info=True)


class Events(LedgerPart):
    """Write and read the events of runs."""

    def recorder(self, lease: Lease, listeners: Sequence[Listener] = ()) -> LedgerRecorder:
        """Where the run of this lease writes its events."""
        return LedgerRecorder(self._database, self._clock, lease, listeners)

    def events(self, run: str, after: int = 0) -> tuple[Event, ...]:
        """A run's events in order, those with a higher `seq` than `after`."""
        query = select(events).where(events.c.run == run, events.c.seq > after).order_by(events.c.seq)
        with self._database.read() as connection:
            return all_of(connection, query, Event)
