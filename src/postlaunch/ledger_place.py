"""Where a ledger is kept: a SQLite file, or a database of a PostgreSQL server."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

SQLITE = "sqlite:///"
POSTGRESQL = "postgresql://"


@dataclass(frozen=True)
class PostgresPlace:
    """A database of a PostgreSQL server.

    Attributes:
        url: its address as libpq reads it, without a password: "postgresql://ledger@db.example.com/postlaunch".
        password: "" leaves it to libpq: PGPASSWORD, ~/.pgpass, or none at all. It is in no text made of this.
    """

    url: str
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        return self.url


Place = Path | PostgresPlace
"""A SQLite file by its path, or a PostgreSQL database."""


def place_named(text: str) -> Place:
    """The place that `str` of a place names."""
    return PostgresPlace(text) if text.startswith(POSTGRESQL) else Path(text)


def problem_with(url: str, password_env: str = "ledger.password_env") -> str:  # noqa: S107 - a name
    """What is wrong with a `ledger.url`, or "". Said without quoting it: it may hold a password.

    Args:
        password_env: the setting that names the variable of the password.
    """
    if url.startswith(SQLITE):
        return ""
    if not url.startswith(POSTGRESQL):
        return (
            "the ledger is a SQLite file (sqlite:///path/to/file.db) or a PostgreSQL database "
            "(postgresql://user@host/name)"
        )
    parts = urlsplit(url)
    if parts.password is not None or "password" in parse_qs(parts.query, keep_blank_values=True):
        return (
            "a password does not belong here: take it out of the address, put it into the environment, and "
            f"name its variable in {password_env} (or use PGPASSWORD or ~/.pgpass)"
        )
    return ""
