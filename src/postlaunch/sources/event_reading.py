"""Rows of event files into parts in Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from postlaunch.settings_sources import EventSource
from postlaunch.sources.event_formats import EVENTS, event_format_of, property_places
from postlaunch.sources.row_formats import Kind, RowFormat
from postlaunch.sources.row_reading import RowReader

if TYPE_CHECKING:
    import duckdb


class EventReader(RowReader):
    """Reads event files, one after another; an event keeps properties that the settings name.

    Args:
        connection: of its own, with access to the files.
        zone: of times that name none.
        latest: naive UTC; later events are counted and left out.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: EventSource,
        zone: str,
        latest: datetime,
        folder: Path,
    ) -> None:
        super().__init__(connection, EVENTS, settings.format, {}, zone, latest, folder)
        self._settings = settings

    def form_of(self, path: Path, kind: Kind, first_rows: Sequence[str]) -> RowFormat:
        """Where the rows hold what is needed, properties included."""
        return event_format_of(path, kind, first_rows, self._settings)

    def parameters(self, form: RowFormat) -> dict[str, object]:
        """The names of the properties, and where their pointers stand."""
        return {"property_places": property_places(form), "property_names": list(form.properties)}
