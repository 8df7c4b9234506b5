"""Staged rows as a table of an in-memory DuckDB that sees that one file, and nothing else outside itself."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
import weakref
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from postlaunch.errors import SourceError

if TYPE_CHECKING:
    import duckdb

MEMORY = "1GB"
"""Most memory the queries over one source may use together."""

SPILLED = "8GB"
"""Most of what does not fit into it that lies on disk meanwhile, in a folder that only its owner may read."""

CLOSING_SECONDS = 5.0
"""How long closing waits for queries that were interrupted; what is left then ends with its thread."""


class EmbeddedTable:
    """A Parquet file as a table, read by many threads at once.

    Args:
        name: what queries call the table.

    Raises:
        SourceError: the file cannot be read.
    """

    def __init__(self, parquet: Path, name: str) -> None:
        self._lock = threading.Lock()
        spill = _spill_folder()
        self._clear = weakref.finalize(self, shutil.rmtree, spill, ignore_errors=True)
        self._connection = _read_only(parquet, name, spill)
        self._cursors: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the table; cursors are not shared between threads."""
        with self._lock:
            cursor = self._connection.cursor()
            self._cursors.add(cursor)
        cursor.execute("SET enable_progress_bar = false")
        return cursor

    def close(self) -> None:
        """End every query and free the memory.

        A run that was cancelled may still have a query under way in a thread. It is interrupted: closing the
        connection under it is refused.
        """
        import duckdb

        ends = time.monotonic() + CLOSING_SECONDS
        with self._lock:
            while True:
                for cursor in list(self._cursors):
                    with suppress(duckdb.Error):
                        cursor.interrupt()
                try:
                    self._connection.close()
                except duckdb.OperationalError:
                    if time.monotonic() > ends:
                        return
                    time.sleep(0.02)
                else:
                    self._clear()
                    return


def _spill_folder() -> str:
    """A new folder of this process alone; none where nothing can be written: the memory is the limit then."""
    try:
        return tempfile.mkdtemp(prefix="postlaunch-spill-")
    except OSError:
        return ""


def _read_only(parquet: Path, table: str, spill: str) -> duckdb.DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "threads": 2,
            "temp_directory": spill,
            "max_temp_directory_size": SPILLED,
        }
    )
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
