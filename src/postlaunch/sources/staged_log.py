"""Staged rows as a source: a table to query, with what it covers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from postlaunch.sources.embedded import EmbeddedTable
from postlaunch.sources.row_coverage import RowCoverage
from postlaunch.windows import Window

if TYPE_CHECKING:
    import duckdb


class StagedLog:
    """Rows of one source, staged; its subclasses say what they are.

    Attributes:
        name: of the source, and of the table that queries read.
        coverage: what the rows hold.
        zone: IANA name of the zone whose calendar days the column `day` holds.
        fingerprint: digest of the files' content and of how they were read.
    """

    name: ClassVar[str]

    def __init__(self, parquet: Path, coverage: RowCoverage, zone: str, fingerprint: str) -> None:
        self.coverage = coverage
        self.zone = zone
        self.fingerprint = fingerprint
        self._table = EmbeddedTable(parquet, self.name)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the table; cursors are not shared between threads."""
        return self._table.cursor()

    def close(self) -> None:
        """End every query and free the memory."""
        self._table.close()

    def window_for(self, zone: str, as_of: datetime | None = None) -> Window:
        """The week to report on: the last complete one, else the newest touched, cut where the rows end."""
        return self.coverage.window_for(zone, as_of)
