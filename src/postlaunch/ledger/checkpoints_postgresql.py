"""Checkpoints in the ledger's PostgreSQL database, in a schema of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

from langgraph.checkpoint.serde.base import SerializerProtocol

from postlaunch.ledger.engine_postgresql import PostgresWording, connection_arguments, driver
from postlaunch.ledger.fenced_saver import FencedSaver, NewestLease
from postlaunch.ledger.records import Lease
from postlaunch.ledger_place import PostgresPlace

driver()  # its absence is told in words, before the imports that need it

from langgraph.checkpoint.postgres import PostgresSaver  # noqa: E402
from psycopg import Connection, IsolationLevel  # noqa: E402
from psycopg.errors import UndefinedTable  # noqa: E402
from psycopg.rows import DictRow, dict_row  # noqa: E402

SCHEMA = "postlaunch_checkpoints"
"""Where LangGraph's tables live: it makes and changes them itself."""

ONE_MAKER = 0x706F73746C61636B
"""The key of the lock under which they are made: "postlack"."""


def open_postgres_saver(
    place: PostgresPlace, lease: Lease | None, serializer: SerializerProtocol
) -> FencedPostgresSaver:
    """As `open_checkpointer`; the tables are made where they are missing."""
    wording = PostgresWording(place)
    with wording.in_words():
        connection: Connection[DictRow] = Connection.connect(
            place.url, row_factory=dict_row, **connection_arguments(place, SCHEMA)
        )
        connection.isolation_level = IsolationLevel.READ_COMMITTED
        connection.execute("SET synchronous_commit TO OFF")  # see the docstring of `fenced_saver`
        saver = FencedPostgresSaver(wording, connection, lease, serializer)
        try:
            saver.setup()
        except BaseException:
            connection.close()
            raise
    return saver


class FencedPostgresSaver(FencedSaver, PostgresSaver):
    """LangGraph's PostgreSQL saver, fenced.

    Writers of different runs do not wait for each other: each holds the row of its own lease, which nobody
    can take over before the checkpoint is written.
    """

    conn: Connection[DictRow]

    def __init__(
        self,
        wording: PostgresWording,
        connection: Connection[DictRow],
        lease: Lease | None,
        serializer: SerializerProtocol,
    ) -> None:
        PostgresSaver.__init__(self, connection, serde=serializer)
        self._wording = wording
        self._lease = lease
        self._one_at_a_time = threading.RLock()
        self.lock = self._one_at_a_time  # type: ignore[assignment]  # LangGraph's own statements run under it
        # all in one transaction, into which an index that is made beside running ones would not go
        self.MIGRATIONS = [each.replace("INDEX CONCURRENTLY", "INDEX") for each in self.MIGRATIONS]
        self._fence = (files("postlaunch.ledger") / "fence.postgresql.sql").read_text(encoding="utf-8")

    def setup(self) -> None:
        """Make LangGraph's tables or bring them up to date; of several processes at once, one does."""
        if self._up_to_date():
            return
        with self.conn.transaction():
            self.conn.execute(f"SELECT pg_advisory_xact_lock({ONE_MAKER})")
            self.conn.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            super().setup()

    def _up_to_date(self) -> bool:
        try:
            newest = self.conn.execute("SELECT max(v) AS v FROM checkpoint_migrations").fetchone()
        except UndefinedTable:
            return False
        return newest is not None and newest["v"] is not None and newest["v"] >= len(self.MIGRATIONS) - 1

    def close(self) -> None:
        """Close the connection."""
        with self._one_at_a_time:
            self.conn.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction."""
        with self._one_at_a_time, self._wording.in_words(), self.conn.transaction():
            yield

    def newest_lease(self, run: str) -> NewestLease | None:
        """Read and held: who takes the run over waits until this transaction ends."""
        row = self.conn.execute(self._fence, (run,)).fetchone()
        return None if row is None else (row["token"], row["holder"], row["released"])

    def keep_latest(self, run: str) -> None:
        """As LangGraph does: a subgraph's checkpoints go with the step of the graph that called it."""
        with self._one_at_a_time, self._wording.in_words():
            PostgresSaver.prune(self, [run])
