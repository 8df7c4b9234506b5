"""Bringing a ledger to the schema that this code knows, whoever opens it first."""

from __future__ import annotations

from importlib.resources import files

from sqlalchemy import Connection, column, inspect, select, table

from postlaunch.errors import PostLaunchError
from postlaunch.ledger.engine import Database

HEAD = "0011"
"""The newest revision in `migrations/versions`."""

VERSION_TABLE = "ledger_version"  # of its own name: the file may be shared with a host program's tables


def version_of(connection: Connection) -> str | None:
    """The revision a database is at; None for one that has no ledger yet."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    version: str | None = connection.execute(
        select(column("version_num")).select_from(table(VERSION_TABLE))
    ).scalar_one_or_none()
    return version


def migrate(database: Database) -> None:
    """Run the migrations that are missing, in one exclusive transaction.

    Two processes that open a ledger at once: the second waits, and finds nothing left to do.

    Raises:
        PostLaunchError: it was written by a newer version of postlaunch.
    """
    with database.read() as connection:
        if version_of(connection) == HEAD:
            return
    with database.write() as connection:
        version = version_of(connection)
        if version != HEAD:
            database.make_room(connection)
            _upgrade(connection, version, str(database.place))


def _upgrade(connection: Connection, version: str | None, name: str) -> None:
    from alembic import command  # slow to import, and needed once in a file's life
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(files("postlaunch.ledger.migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise PostLaunchError(
            f"the ledger {name} was written by a newer postlaunch (schema {version}; this one knows {HEAD})",
            "update postlaunch, or name another in ledger.url",
        )
    command.upgrade(config, "head")
