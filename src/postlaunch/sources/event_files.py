"""Files of events as a store: Parquet, CSV or JSON lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from postlaunch.errors import SourceError
from postlaunch.settings import Settings
from postlaunch.settings_sources import EventSource
from postlaunch.sources.event_stores import SOURCE, CopyTerms, EventRows
from postlaunch.sources.lines import looked_at
from postlaunch.sources.paths import files_named


@dataclass(frozen=True)
class EventFiles:
    """The files that the settings name; they are looked at each time, and read where they are."""

    settings: Settings
    source: EventSource

    kind = ""
    terms: CopyTerms | None = None

    @property
    def place(self) -> str:
        """The files as the settings name them."""
        return ", ".join(self.source.paths)

    def read(self, folder: Path) -> EventRows:
        """The files with something in them; nothing is written.

        Raises:
            SourceError: no file is there, all are empty, or one cannot be read.
        """
        logs = [looked_at(path) for path in files_named(self.settings, self.source.paths, SOURCE)]
        if not any(log.size for log in logs):
            names = ", ".join(str(log.path) for log in logs[:5])
            raise SourceError(
                f"there are no events in {names}", "name a file with events in it", source=SOURCE
            )
        return EventRows(tuple(log for log in logs if log.size), self.source)
