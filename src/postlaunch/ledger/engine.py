"""The SQLite engine under the ledger, and the one place where its errors are put into words.

Everything else in the ledger is SQLAlchemy Core over `postlaunch.ledger.tables`. A second engine (PostgreSQL)
would bring its own `Database` with the same `read` and `write`, and writers that are SERIALIZABLE: the
statements rely on writers following one another, which here `BEGIN IMMEDIATE` gives them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from postlaunch.errors import PostLaunchError

BUSY_SECONDS = 30.0
"""How long a writer waits for the writers before it."""

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
        f"another program kept it locked for more than {BUSY_SECONDS:.0f} s",
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


def _cause(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def ledger_error(path: Path, error: BaseException) -> PostLaunchError:
    """A database's error as a person should read it; the original stays its cause."""
    cause = _cause(error)
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
    if code in WHAT_TO_DO:
        happened, remedy = WHAT_TO_DO[code]
        return PostLaunchError(f"the ledger {path} cannot be used: {happened}", remedy)
    if isinstance(error, IntegrityError):
        return PostLaunchError(f"the ledger refused a record: {cause}", "nothing of it was stored")
    return PostLaunchError(f"the ledger {path} failed: {cause}", "nothing of this step was stored; try again")


@contextmanager
def told_in_words(path: Path) -> Iterator[None]:
    """Turns what SQLAlchemy and sqlite3 raise inside into a `PostLaunchError` with a remedy."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise ledger_error(path, error) from error


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
        stop=stop_after_delay(BUSY_SECONDS),
        wait=wait_fixed(0.02),
        reraise=True,
    )
    again(connection.execute, "PRAGMA journal_mode=WAL")


def prepare(connection: sqlite3.Connection) -> None:
    """What every connection to the ledger's file needs, this package's and the checkpointer's."""
    connection.isolation_level = None  # transactions begin where the code says, not where the driver guesses
    connection.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
    switch_to_wal(connection)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")


class Database:
    """One SQLite file, with reading and writing transactions. Safe to use from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = _engine(path)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot; waits for nobody."""
        with self._transaction(READ, "FULL") as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """One writing transaction: all of it or nothing, after the writers before it.

        Args:
            durable: on disk before this returns, so that power loss cannot take it back. What can be made
                again (events, facts, documents) need not wait for the disk: it gets there with the next
                durable write, and never after it.
        """
        with self._transaction(WRITE, "FULL" if durable else "NORMAL") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str, synchronous: str) -> Iterator[Connection]:
        engine = self.engine.execution_options(begin=begin, synchronous=synchronous)
        with told_in_words(self.path), engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close the pooled connections."""
        self.engine.dispose()


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        json_serializer=partial(json.dumps, allow_nan=False),
    )
    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", _begin)
    return engine


def _connected(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    prepare(connection)


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    connection.exec_driver_sql(f"PRAGMA synchronous={options['synchronous']}")
    connection.exec_driver_sql(options["begin"])
