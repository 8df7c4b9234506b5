"""The ledgers of crash trials: copied for each, looked at whole, left alone while a process is stopped."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from postlaunch.ledger_place import POSTGRESQL, Place, PostgresPlace
from postlaunch.testing.crashpoints import Child
from postlaunch.testing.postgres import PostgresServer

FILE = ".postlaunch/postlaunch.db"
"""The SQLite file in a trial's folder."""

TABLES = (
    "SELECT schemaname, tablename FROM pg_tables "
    "WHERE schemaname IN ('postlaunch', 'postlaunch_checkpoints') ORDER BY 1, 2"
)
WRITING = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
)


class TrialLedgers(ABC):
    """Where the trials keep their ledgers; a trial is known by its folder."""

    @abstractmethod
    def url(self, trial: Path) -> str:
        """`ledger.url` of a trial."""

    @abstractmethod
    def place(self, trial: Path) -> Place:
        """What it names."""

    @abstractmethod
    def make(self, trial: Path, like: Path | None = None) -> None:
        """Make room for a trial whose folder is there, with a copy of another one's ledger."""

    @abstractmethod
    def drop(self, trial: Path) -> None:
        """Take a ledger away; its folder goes after it."""

    @abstractmethod
    def tables(self, trial: Path) -> dict[str, str]:
        """Every row of every table, by the table's name."""

    @abstractmethod
    def _is_written(self, trial: Path) -> bool:
        """Whether somebody is within a writing transaction."""

    def stop_between_writes(self, child: Child, trial: Path) -> None:
        """Stop a process while it keeps nobody else from writing."""
        while True:
            child.signal(signal.SIGSTOP)
            if not self._is_written(trial):
                return
            child.signal(signal.SIGCONT)
            time.sleep(0.01)


class SqliteLedgers(TrialLedgers):
    """A file in each trial's folder, which is copied with it."""

    def url(self, trial: Path) -> str:
        """The same relative path for each."""
        return f"sqlite:///{FILE}"

    def place(self, trial: Path) -> Place:
        """Its file."""
        return trial / FILE

    def make(self, trial: Path, like: Path | None = None) -> None:
        """It came with the folder."""

    def drop(self, trial: Path) -> None:
        """It goes with the folder."""

    def tables(self, trial: Path) -> dict[str, str]:
        """Read by SQLite itself."""
        with closing(sqlite3.connect(trial / FILE)) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return {name: repr(connection.execute(f'SELECT * FROM "{name}"').fetchall()) for (name,) in names}

    def _is_written(self, trial: Path) -> bool:
        with closing(sqlite3.connect(trial / FILE, timeout=0, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            connection.execute("ROLLBACK")
            return False


class PostgresLedgers(TrialLedgers):
    """A database for each trial, beside the one that is named, whose user may create and drop them."""

    def __init__(self, beside: str) -> None:
        self._beside = beside

    def _name(self, trial: Path) -> str:
        return f"postlaunch_{os.getpid()}_{trial.name.replace('-', '_')}"

    def url(self, trial: Path) -> str:
        """The named address with the trial's database."""
        return urlsplit(self._beside)._replace(path=f"/{self._name(trial)}").geturl()

    def place(self, trial: Path) -> Place:
        """Its database."""
        return PostgresPlace(self.url(trial))

    def make(self, trial: Path, like: Path | None = None) -> None:
        """PostgreSQL copies a database that nobody is connected to."""
        template = "template0" if like is None else self._name(like)
        self._run(self._beside, f'CREATE DATABASE "{self._name(trial)}" TEMPLATE "{template}"')

    def drop(self, trial: Path) -> None:
        """Whoever is still connected."""
        self._run(self._beside, f'DROP DATABASE "{self._name(trial)}" WITH (FORCE)')

    def tables(self, trial: Path) -> dict[str, str]:
        """Rows as text, in the order of their text."""
        url = self.url(trial)
        return {
            f"{schema}.{table}": repr(
                self._run(url, f'SELECT each::text FROM "{schema}"."{table}" AS each ORDER BY 1')
            )
            for schema, table in self._run(url, TABLES)
        }

    def _is_written(self, trial: Path) -> bool:
        [(count,)] = self._run(self.url(trial), WRITING)
        return bool(count)

    @staticmethod
    def _run(url: str, statement: str) -> list[tuple[Any, ...]]:
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


def server_for(named: str) -> AbstractContextManager[PostgresServer | None]:
    """The server that a choice of ledgers needs: "postgresql" alone asks for one of its own."""
    return PostgresServer() if named == "postgresql" else nullcontext()


def ledgers_named(named: str, server: PostgresServer | None) -> TrialLedgers:
    """The ledgers of a choice: "sqlite", "postgresql" or an address of PostgreSQL."""
    if server is not None:
        return PostgresLedgers(server.place("postgres").url)
    return PostgresLedgers(named) if named.startswith(POSTGRESQL) else SqliteLedgers()
