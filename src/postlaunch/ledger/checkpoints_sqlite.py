"""Checkpoints in the ledger's SQLite file."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.sqlite import SqliteSaver

from postlaunch.ledger import engine as engines
from postlaunch.ledger.engine_sqlite import WRITE, SqliteWording, prepare
from postlaunch.ledger.fence import lease_lost
from postlaunch.ledger.fenced_saver import FencedSaver
from postlaunch.ledger.records import Lease


def _statement(name: str) -> str:
    return (files("postlaunch.ledger") / name).read_text(encoding="utf-8")


def open_sqlite_saver(path: Path, lease: Lease | None, serializer: SerializerProtocol) -> FencedSqliteSaver:
    """As `open_checkpointer`; the file must be there."""
    with SqliteWording(path).in_words():
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=rw",
            uri=True,
            timeout=engines.BUSY_SECONDS,
            check_same_thread=False,
        )
        saver = FencedSqliteSaver(path, connection, lease, serializer)
        try:
            prepare(connection)
            connection.execute("PRAGMA synchronous=NORMAL")  # see the docstring of `fenced_saver`
            saver.setup()
        except sqlite3.Error:
            connection.close()
            raise
    return saver


class FencedSqliteSaver(FencedSaver, SqliteSaver):
    """LangGraph's SQLite saver, fenced."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, lease: Lease | None, serializer: SerializerProtocol
    ) -> None:
        SqliteSaver.__init__(self, connection, serde=serializer)
        self._wording = SqliteWording(path)
        self._lease = lease
        self._one_at_a_time = threading.RLock()
        self._fence = _statement("fence.sqlite.sql")

    def close(self) -> None:
        """Close the connection."""
        with self._one_at_a_time:
            self.conn.close()

    @contextmanager
    def cursor(self, transaction: bool = True) -> Iterator[sqlite3.Cursor]:
        """What LangGraph's own statements run on; a transaction belongs to the method that began it."""
        with self._one_at_a_time:
            cursor = self.conn.cursor()
            try:
                yield cursor
            finally:
                cursor.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction that keeps every other writer of the file out."""
        with self._one_at_a_time, self._wording.in_words():
            self.conn.execute(WRITE)
            try:
                yield
            except BaseException:  # raised again: an open transaction keeps every writer out
                self.conn.rollback()
                raise
            self.conn.commit()

    @contextmanager
    def fenced(self, lease: Lease) -> Iterator[None]:
        """The lease is looked at first, within the writing transaction."""
        with self.writing():
            newest = self.conn.execute(self._fence, (lease.run,)).fetchone()
            token, holder, released = newest or (None, "", False)
            if token != lease.token or released:
                raise lease_lost(lease, holder)
            yield

    def keep_latest(self, run: str) -> None:
        """Keep the last checkpoint of each graph and subgraph."""
        with self.writing():
            for name in ("prune_checkpoints.sql", "prune_writes.sql"):
                self.conn.execute(_statement(name), {"thread": run})
