"""Staged rows as a table of an in-memory DuckDB that sees that one file, and nothing else outside itself."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from postlaunch.errors import SourceError

if TYPE_CHECKING:
    import duckdb

MEMORY = "1GB"
"""Most memory the queries over one source may use together."""


class EmbeddedTable:
    """A Parquet file as a table, read by many threads at once.

    Args:
        name: what queries call the table.

    Raises:
        SourceError: the file cannot be read.
    """

    def __init__(self, parquet: Path, name: str) -> None:
        self._lock = threading.Lock()
        self._connection = _read_only(parquet, name)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the table; cursors are not shared between threads."""
        with self._lock:
            cursor = self._connection.cursor()
        cursor.execute("SET enable_progress_bar = false")
        return cursor

    def close(self) -> None:
        """End every query and free the memory."""
        with self._lock:
            self._connection.close()


def _read_only(parquet: Path, table: str) -> duckdb.DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(config={"memory_limit": MEMORY, "threads": 2, "temp_directory": ""})
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.read_parquet(str(parquet)).create_view(table)
        connection.execute("SET allowed_paths = $paths", {"paths": [str(parquet)]})
        connection.execute("SET enable_external_access = false")
        connection.execute("SET allowed_configs = ['enable_progress_bar']")
        connection.execute("SET lock_configuration = true")
    except duckdb.Error as error:
        connection.close()
        raise SourceError(
            f"the staged log {parquet} could not be opened: {error}", "delete that folder and run again"
        ) from error
    return connection
