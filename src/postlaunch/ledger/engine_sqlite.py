"""The ledger in a SQLite file, and what SQLite's errors mean."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from postlaunch.errors import PostLaunchError
from postlaunch.ledger import engine as engines
from postlaunch.ledger.engine import Database, Wording, begin_as_told, to_json

READ = "BEGIN"
WRITE = "BEGIN IMMEDIATE"  # a deferred transaction that turns from reading to writing is refused, not queued

WHAT_TO_DO: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: (
        "the disk is full",
        "free some space and run the same command again; what was under way was not half written",
    ),
    sqlite3.SQLITE_READONLY: (
        "it is read-only",
        "make the file and its folder writable for this user, or name another ledger.url",
    ),
    sqlite3.SQLITE_BUSY: (
        f"another program kept it locked for more than {engines.BUSY_SECONDS:.0f} s",
        "close the program that has the file open (a database browser, a backup) and run the command again",
    ),
    sqlite3.SQLITE_NOTADB: (
        "the file is not a SQLite database",
        "name another file in ledger.url, or move this one away",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "the file is damaged",
        "restore it from a backup, or save what can be read: sqlite3 FILE .recover",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "it cannot be opened",
        "check that ledger.url names a file in a folder that this user may write to",
    ),
    sqlite3.SQLITE_IOERR: (
        "the disk failed to read or write",
        "check the disk and its free space, then run the same command again",
    ),
}
WHAT_TO_DO[sqlite3.SQLITE_LOCKED] = WHAT_TO_DO[sqlite3.SQLITE_BUSY]
WHAT_TO_DO[sqlite3.SQLITE_PERM] = WHAT_TO_DO[sqlite3.SQLITE_READONLY]


class SqliteWording(Wording):
    """What SQLite's errors mean."""

    driver_errors = sqlite3.Error

    def known(self, cause: BaseException) -> tuple[str, str] | None:
        """By the error's primary code, which is the low byte."""
        return WHAT_TO_DO.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)


def make_folder(path: Path) -> None:
    """Create the folder that a ledger file is to stand in."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PostLaunchError(
            f"the folder {path.parent} for the ledger cannot be made: {error.strerror}",
            "name a file in a folder that can be written to in ledger.url",
        ) from error


def switch_to_wal(connection: sqlite3.Connection) -> None:
    """Readers beside the one writer. The file remembers it, so this is done once in its life.

    SQLite does not wait its busy time-out for this switch, so two processes that open a new file at once
    need to ask again.
    """
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        return
    again = Retrying(
        retry=retry_if_exception_type(sqlite3.OperationalError),
        stop=stop_after_delay(engines.BUSY_SECONDS),
        wait=wait_fixed(0.02),
        reraise=True,
    )
    again(connection.execute, "PRAGMA journal_mode=WAL")


def prepare(connection: sqlite3.Connection) -> None:
    """What every connection to the ledger's file needs, this package's and the checkpointer's."""
    connection.isolation_level = None  # transactions begin where the code says, not where the driver guesses
    connection.execute(f"PRAGMA busy_timeout={int(engines.BUSY_SECONDS * 1000)}")
    switch_to_wal(connection)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")


class SqliteDatabase(Database):
    """One SQLite file."""

    def __init__(self, path: Path) -> None:
        super().__init__(_engine(path), SqliteWording(path))

    def _begin_reading(self) -> tuple[str, ...]:
        return ("PRAGMA synchronous=FULL", READ)

    def _begin_writing(self, durable: bool) -> tuple[str, ...]:
        return (f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}", WRITE)


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": engines.BUSY_SECONDS, "check_same_thread": False},
        json_serializer=to_json,
    )
    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", begin_as_told)
    return engine


def _connected(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    prepare(connection)
