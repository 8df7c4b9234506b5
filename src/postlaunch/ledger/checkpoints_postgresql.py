"""Checkpoints in the ledger's PostgreSQL database, in a schema of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

from langgraph.checkpoint.serde.base import SerializerProtocol

from postlaunch.ledger.engine_postgresql import PostgresWording, connection_arguments, driver
from postlaunch.ledger.fence import lease_lost
from postlaunch.ledger.fenced_saver import FencedSaver
from postlaunch.ledger.records import Lease
from postlaunch.ledger_place import PostgresPlace

driver()  # its absence is told in words, before the imports that need it

from langgraph.checkpoint.postgres import PostgresSaver  # noqa: E402
from psycopg import Connection, Error  # noqa: E402
from psycopg.errors import UndefinedTable  # noqa: E402
from psycopg.rows import DictRow, dict_row  # noqa: E402

SCHEMA = "postlaunch_checkpoints"
"""Where LangGraph's tables live: it makes and changes them itself."""

ONE_MAKER = 0x706F73746C61636B
"""The key of the lock under which they are made: "postlack"."""

NO_LEASE = "PL001"
"""What the fence's triggers raise, with the last holder as the detail."""

FENCED_TABLES = 3
"""How many have the trigger. It is known by its name: a fence that is changed gets another one."""


def _statement(name: str) -> str:
    return (files("postlaunch.ledger") / f"{name}.postgresql.sql").read_text(encoding="utf-8")


def open_postgres_saver(
    place: PostgresPlace, lease: Lease | None, serializer: SerializerProtocol
) -> FencedPostgresSaver:
    """As `open_checkpointer`; the tables are made where they are missing."""
    wording = PostgresWording(place)
    with wording.in_words():
        connection: Connection[DictRow] = Connection.connect(
            place.url, row_factory=dict_row, **connection_arguments(place, SCHEMA)
        )
        saver = FencedPostgresSaver(wording, connection, lease, serializer)
        try:
            saver.begin_session()
            saver.setup()
        except BaseException:  # raised again: nobody else would close it
            connection.close()
            raise
    return saver


class FencedPostgresSaver(FencedSaver, PostgresSaver):
    """LangGraph's PostgreSQL saver, fenced by triggers on its tables, which cost no round trip.

    They compare the lease that the session states with the newest of the run that is written. Writers of
    different runs do not wait for each other: each holds the row of its own lease, which nobody can take over
    before the checkpoint is written.
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

    def begin_session(self) -> None:
        """State the lease, for the triggers; see `fenced_saver` on what does not wait for the disk."""
        run, token = ("", "") if self._lease is None else (self._lease.run, str(self._lease.token))
        self.conn.execute(_statement("checkpoint_session"), {"run": run, "token": token})

    def setup(self) -> None:
        """Make tables and fence, or bring them up to date; of several processes at once, one does."""
        if self._up_to_date():
            return
        with self.conn.transaction():
            self.conn.execute(f"SELECT pg_advisory_xact_lock({ONE_MAKER})")
            self.conn.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            super().setup()
            self.conn.execute(_statement("checkpoint_fence"))

    def _up_to_date(self) -> bool:
        try:
            found = self.conn.execute(_statement("checkpoint_tables")).fetchone()
        except UndefinedTable:
            return False
        if found is None or found["newest"] is None:
            return False
        return bool(found["newest"] >= len(self.MIGRATIONS) - 1 and found["fences"] == FENCED_TABLES)

    def close(self) -> None:
        """Close the connection."""
        with self._one_at_a_time:
            self.conn.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction."""
        with self._one_at_a_time, self._wording.in_words(), self.conn.transaction():
            yield

    @contextmanager
    def fenced(self, lease: Lease) -> Iterator[None]:
        """What LangGraph sends in one pipeline is one transaction; its first row meets the fence."""
        with self._one_at_a_time, self._wording.in_words():
            try:
                yield
            except Error as error:
                if error.sqlstate != NO_LEASE:
                    raise
                raise lease_lost(lease, error.diag.message_detail or "") from error

    def keep_latest(self, run: str) -> None:
        """As LangGraph does: a subgraph's checkpoints go with the step of the graph that called it."""
        with self._one_at_a_time, self._wording.in_words():
            PostgresSaver.prune(self, [run])
