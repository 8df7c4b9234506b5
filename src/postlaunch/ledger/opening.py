"""Which engine keeps a ledger: told by its place."""

from __future__ import annotations

from pathlib import Path

from postlaunch.ledger.engine import Database
from postlaunch.ledger.engine_sqlite import SqliteDatabase, make_folder
from postlaunch.ledger_place import Place


def open_database(place: Place) -> Database:
    """The database at a place; nothing is read or written yet.

    Raises:
        PostLaunchError: the folder for the file cannot be made, or the driver is not installed.
    """
    if isinstance(place, Path):
        make_folder(place)
        return SqliteDatabase(place)
    from postlaunch.ledger.engine_postgresql import PostgresDatabase  # its driver is an extra

    return PostgresDatabase(place)
