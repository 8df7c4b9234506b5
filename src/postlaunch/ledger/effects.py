"""Effects: what an approved decision did outside of the ledger (it wrote a file), once for each request."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import insert, select

from postlaunch.errors import UsageError
from postlaunch.ledger.commitments import COMMITTING, refuse_unless_decided
from postlaunch.ledger.fence import require_lease
from postlaunch.ledger.gate_records import Effect
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.records import Lease
from postlaunch.ledger.rows import all_of, one_or_none, values_of
from postlaunch.ledger.tables import effects


class Effects(LedgerPart):
    """Carry out what was approved, and look at what was."""

    def carry_out(self, lease: Lease, effect: Effect, act: Callable[[], None]) -> Effect:
        """Act and note it, once for each request, as its approval allows.

        A second call for the request returns what is stored and does nothing, whoever calls. Where a process
        dies between the act and the note, the next one acts again: `act` does nothing where all is done.

        Args:
            act: what is done. It is called inside the transaction, in which nobody can take the run over, so
                that who lost it does nothing either.

        Raises:
            LeaseLost: the run passed to another process.
            DecisionRefused: no stored decision allows it; and whatever `act` raises, with nothing stored.
        """
        if effect.run != lease.run:
            raise UsageError(f"the effect of {effect.request} is of run {effect.run}, not {lease.run}")
        same = select(effects).where(effects.c.request == effect.request)
        with self._database.write() as connection:
            require_lease(connection, lease)
            stored = one_or_none(connection, same, Effect)
            if stored is not None:
                return stored
            refuse_unless_decided(
                connection, effect.request, effect.run, effect.decision, COMMITTING, "nothing is done"
            )
            connection.execute(insert(effects).values(values_of(effect)))
            act()
        return effect

    def effects(self, run: str | None = None) -> tuple[Effect, ...]:
        """What decisions did, the oldest first; all of it, or that of one run."""
        query = select(effects).order_by(effects.c.at, effects.c.id)
        if run is not None:
            query = query.where(effects.c.run == run)
        with self._database.read() as connection:
            return all_of(connection, query, Effect)
