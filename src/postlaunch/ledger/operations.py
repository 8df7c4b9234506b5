"""Signals: what happened, kept from the moment it is told until a workflow has taken it.

They are how workflows hand over to one another: a daily check posts what it found, the router says where each
goes, the workflow that takes it settles it. Whatever dies in between, a signal that is not settled is found
again.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from postlaunch.errors import UsageError
from postlaunch.facts import digest_of
from postlaunch.ledger.fence import require_lease
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.records import Lease, Signal, SignalDraft, SignalKind
from postlaunch.ledger.rows import all_of, one_or_none, storable, values_of
from postlaunch.ledger.tables import signals


class Operations(LedgerPart):
    """Post signals, say where they go, and settle them."""

    def post_signal(self, draft: SignalDraft, lease: Lease | None = None) -> Signal:
        """Keep a signal; the same key of the same application gives the stored one back and writes nothing.

        Args:
            lease: of the run that found it; None for one from outside.

        Raises:
            LeaseLost: the run passed to another process.
        """
        with self._database.write() as connection:
            if lease is not None:
                require_lease(connection, lease)
            same = select(signals).where(
                signals.c.application == storable(draft.application), signals.c.key == draft.key
            )
            stored = one_or_none(connection, same, Signal)
            if stored is not None:
                return stored
            signal = Signal(
                **draft.model_dump(),
                id="S" + digest_of([storable(draft.application), draft.key])[:12],
                posted_at=self._now(),
            )
            connection.execute(insert(signals).values(values_of(signal)))
        return signal

    def signal(self, id: str) -> Signal:
        """A signal by its id.

        Raises:
            UsageError: there is none.
        """
        with self._database.read() as connection:
            return _stored(connection, id)

    def signals(
        self,
        *,
        pending: bool = True,
        application: str | None = None,
        kind: SignalKind | None = None,
        to: str | None = None,
        limit: int = 1000,
    ) -> tuple[Signal, ...]:
        """Signals by when they happened, the oldest first; at most so many.

        Args:
            pending: only those that are not settled.
            to: only those that go to this workflow; "" for those that nobody routed yet.
        """
        query = select(signals).order_by(signals.c.at, signals.c.id).limit(limit)
        if pending:
            query = query.where(signals.c.settled_at.is_(None))
        if application is not None:
            query = query.where(signals.c.application == application)
        if kind is not None:
            query = query.where(signals.c.kind == kind)
        if to is not None:
            query = query.where(signals.c.to == to)
        with self._database.read() as connection:
            return all_of(connection, query, Signal)

    def route_signal(self, id: str, *, to: str, reason: str) -> Signal:
        """Say which workflow takes a signal, and why; one that is settled stays as it is.

        Raises:
            UsageError: there is no such signal.
        """
        with self._database.write() as connection:
            signal = _stored(connection, id)
            if signal.settled_at is not None:
                return signal
            return _changed(connection, signal.model_copy(update={"to": to, "reason": reason}))

    def settle_signal(self, id: str, *, outcome: str, run: str = "") -> Signal:
        """Say what came of a signal. The first outcome stands; settling again changes nothing.

        Args:
            run: the run that took it; "" where none did.

        Raises:
            UsageError: there is no such signal.
        """
        with self._database.write() as connection:
            signal = _stored(connection, id)
            if signal.settled_at is not None:
                return signal
            taken = {"handled_by": run, "outcome": outcome, "settled_at": self._now()}
            return _changed(connection, signal.model_copy(update=taken))


def _stored(connection: Connection, id: str) -> Signal:
    found = one_or_none(connection, select(signals).where(signals.c.id == id), Signal)
    if found is None:
        raise UsageError(f'there is no signal "{id}"', "postlaunch nightly --json lists those that wait")
    return found


def _changed(connection: Connection, signal: Signal) -> Signal:
    connection.execute(update(signals).where(signals.c.id == signal.id).values(values_of(signal)))
    return signal
