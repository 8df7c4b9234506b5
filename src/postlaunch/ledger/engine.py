"""The database under the ledger: its transactions, and what its errors mean, whichever engine keeps it.

Everything else in the ledger is SQLAlchemy Core over `postlaunch.ledger.tables`, and relies on one
promise: the writing transactions of a ledger follow one another, and each sees what those before it wrote.
SQLite keeps it by `BEGIN IMMEDIATE` (`engine_sqlite`), PostgreSQL by a lock of the ledger's own
(`engine_postgresql`).
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from postlaunch.errors import PostLaunchError
from postlaunch.ledger_place import Place

BUSY_SECONDS = 30.0
"""How long a writer waits for the writers before it."""

to_json = partial(json.dumps, allow_nan=False)
"""How JSON columns are written: NaN and infinity are no JSON."""


class Wording(ABC):
    """What the errors of one kind of database mean, and what the person can do."""

    def __init__(self, place: Place) -> None:
        self.place = place

    @property
    @abstractmethod
    def driver_errors(self) -> type[Exception]:
        """What the driver's own errors have in common."""

    @abstractmethod
    def known(self, cause: BaseException) -> tuple[str, str] | None:
        """What happened and the remedy, for an error whose meaning is known."""

    def error(self, error: BaseException) -> PostLaunchError:
        """A database's error as a person should read it; the original stays its cause."""
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        known = self.known(cause)
        if known is not None:
            happened, remedy = known
            return PostLaunchError(f"the ledger {self.place} cannot be used: {happened}", remedy)
        if isinstance(error, IntegrityError):
            return PostLaunchError(f"the ledger refused a record: {cause}", "nothing of it was stored")
        return PostLaunchError(
            f"the ledger {self.place} failed: {cause}", "nothing of this step was stored; try again"
        )

    @contextmanager
    def in_words(self) -> Iterator[None]:
        """Turns what SQLAlchemy and the driver raise inside into a `PostLaunchError` with a remedy."""
        try:
            yield
        except (SQLAlchemyError, self.driver_errors) as error:
            raise self.error(error) from error


class Database(ABC):
    """One database, with reading and writing transactions. Safe to use from any thread."""

    def __init__(self, engine: Engine, wording: Wording) -> None:
        self.engine = engine
        self._wording = wording

    @property
    def place(self) -> Place:
        """Where it is kept."""
        return self._wording.place

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot; waits for nobody."""
        with self._transaction(self._begin_reading()) as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """One writing transaction: all of it or nothing, after the writers before it.

        Args:
            durable: on disk before this returns, so that power loss cannot take it back. What can be made
                again (events, facts, documents) need not wait for the disk: it gets there with the next
                durable write, and never after it.
        """
        with self._transaction(self._begin_writing(durable)) as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: tuple[str, ...]) -> Iterator[Connection]:
        engine = self.engine.execution_options(begin=begin)
        with self._wording.in_words(), engine.begin() as connection:
            yield connection

    @abstractmethod
    def _begin_reading(self) -> tuple[str, ...]:
        """The statements that begin a reading transaction."""

    @abstractmethod
    def _begin_writing(self, durable: bool) -> tuple[str, ...]:
        """The statements that begin a writing transaction, and wait for the one before it."""

    def make_room(self, connection: Connection) -> None:
        """What must be there before the first table is made; called within a writing transaction."""
        return None

    def close(self) -> None:
        """Close the pooled connections."""
        self.engine.dispose()


def begin_as_told(connection: Connection) -> None:
    """For an engine's event "begin": its driver begins no transaction by itself."""
    for statement in connection.get_execution_options()["begin"]:
        connection.exec_driver_sql(statement)
