"""The outbox: messages that must leave, kept until somebody has delivered them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, update

from postlaunch.ledger.fence import require_lease
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.records import Lease, OutboxRow
from postlaunch.ledger.rows import all_of, one_or_none, values_of
from postlaunch.ledger.tables import outbox


def put_in_outbox(connection: Connection, rows: Sequence[OutboxRow]) -> tuple[OutboxRow, ...]:
    """Store messages inside the caller's transaction; one whose key is there already is left as it is."""
    for row in rows:
        known = connection.execute(select(outbox.c.id).where(outbox.c.key == row.key)).one_or_none()
        if known is None:
            values = {name: value for name, value in values_of(row).items() if name != "id"}
            connection.execute(insert(outbox).values(values))
    keys = select(outbox).where(outbox.c.key.in_([row.key for row in rows])).order_by(outbox.c.id)
    return all_of(connection, keys, OutboxRow)


def _due(now: datetime) -> ColumnElement[bool]:
    unclaimed = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= now)
    return and_(outbox.c.delivered_at.is_(None), outbox.c.next_at <= now, unclaimed)


class Outbox(LedgerPart):
    """Keep messages, claim them one by one, and note what became of them."""

    def enqueue(self, lease: Lease | None, rows: Sequence[OutboxRow]) -> tuple[OutboxRow, ...]:
        """Store messages, each once per key, and return them as stored.

        Args:
            lease: the run that sends them; None for a message of no run.

        Raises:
            LeaseLost: the run passed to another process.
        """
        with self._database.write() as connection:
            if lease is not None:
                require_lease(connection, lease)
            return put_in_outbox(connection, rows)

    def known(self, keys: Collection[str]) -> frozenset[str]:
        """Those of these keys under which there is a message, delivered or not."""
        with self._database.read() as connection:
            return frozenset(connection.execute(select(outbox.c.key).where(outbox.c.key.in_(keys))).scalars())

    def due(self, now: datetime) -> tuple[OutboxRow, ...]:
        """What can be delivered now: undelivered, its time come, claimed by nobody. The oldest first."""
        with self._database.read() as connection:
            query = select(outbox).where(_due(now)).order_by(outbox.c.next_at, outbox.c.id)
            return all_of(connection, query, OutboxRow)

    def claim(self, row_id: int, now: datetime, seconds: float) -> OutboxRow | None:
        """Claim one message before delivering it; None if another worker has it or it is delivered.

        The claim ends by itself after `seconds`, so a worker that dies leaves the message to the next one.
        An attempt counts from here, so that a message which kills its worker shows as tried too.
        """
        mine = and_(outbox.c.id == row_id, _due(now))
        until = now + timedelta(seconds=seconds)
        with self._database.write() as connection:
            claimed = connection.execute(
                update(outbox).where(mine).values(attempts=outbox.c.attempts + 1, claimed_until=until)
            )
            if claimed.rowcount == 0:
                return None
            return one_or_none(connection, select(outbox).where(outbox.c.id == row_id), OutboxRow)

    def delivered(self, row_id: int, at: datetime, address: str = "") -> None:
        """Note that a message arrived, and where. The first time counts; a second changes nothing."""
        first = and_(outbox.c.id == row_id, outbox.c.delivered_at.is_(None))
        noted = {"delivered_at": at, "error": "", "claimed_until": None, "address": address}
        with self._database.write() as connection:
            connection.execute(update(outbox).where(first).values(noted))

    def addresses(self) -> dict[str, str]:
        """Where hand-offs were filed, by the hand-off's id: the web addresses of their issues."""
        filed = select(outbox).where(outbox.c.address != "").order_by(outbox.c.id)
        with self._database.read() as connection:
            rows = all_of(connection, filed, OutboxRow)
        return {str(row.payload["handoff"]): row.address for row in rows}

    def attempt_failed(self, row_id: int, error: str, next_at: datetime) -> None:
        """Note why a message did not arrive, and when to try again. It stays visible with its error."""
        open_row = and_(outbox.c.id == row_id, outbox.c.delivered_at.is_(None))
        with self._database.write() as connection:
            connection.execute(
                update(outbox).where(open_row).values(error=error, next_at=next_at, claimed_until=None)
            )

    def undelivered(self, min_attempts: int = 0) -> tuple[OutboxRow, ...]:
        """Messages that have not arrived, with their last error; those tried at least so often."""
        query = select(outbox).where(outbox.c.delivered_at.is_(None), outbox.c.attempts >= min_attempts)
        with self._database.read() as connection:
            return all_of(connection, query.order_by(outbox.c.id), OutboxRow)
