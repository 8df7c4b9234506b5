"""The source "events": what users did in the product, opened from Parquet, CSV or JSON lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from postlaunch.errors import SourceError
from postlaunch.settings import Settings
from postlaunch.sources.embedded import EmbeddedTable
from postlaunch.sources.event_coverage import EventCoverage, event_coverage_text
from postlaunch.sources.event_staging import StagedEvents, event_key, staged_events
from postlaunch.sources.file_rows import left_out_of
from postlaunch.sources.lines import LogFile, looked_at
from postlaunch.sources.paths import files_named
from postlaunch.windows import Clock, Window, system_clock

if TYPE_CHECKING:
    import duckdb

__all__ = ["EventCoverage", "EventLog", "event_coverage_text", "open_events"]


class EventLog:
    """Staged product events.

    Attributes:
        coverage: what they hold.
        zone: IANA name of the zone whose calendar days the column `day` holds.
        fingerprint: digest of the files' content and of how they were read.

    The table `events` has: place BIGINT (the order of the files), ts TIMESTAMP (UTC, naive), day DATE, person
    BIGINT (the user's number; NULL where the event names nobody), event VARCHAR, and properties MAP(VARCHAR,
    VARCHAR) by our names. An event delivered twice (same id) is there once.
    """

    name = "events"

    def __init__(self, parquet: Path, coverage: EventCoverage, zone: str, fingerprint: str) -> None:
        self.coverage = coverage
        self.zone = zone
        self.fingerprint = fingerprint
        self._table = EmbeddedTable(parquet, "events")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the table `events`; cursors are not shared between threads."""
        return self._table.cursor()

    def close(self) -> None:
        """End every query and free the memory."""
        self._table.close()

    def window_for(self, zone: str, as_of: datetime | None = None) -> Window:
        """The week to report on: the last complete one, else the newest touched, cut where the events end."""
        return self.coverage.window_for(zone, as_of)


def open_events(settings: Settings, clock: Clock = system_clock) -> EventLog:
    """Open the events of the settings; staged on first use, found again by content afterwards.

    Args:
        clock: events dated more than a day after it are counted and left out.

    Raises:
        SourceError: no file is there, one cannot be read, none of its rows is an event, or the staging folder
            cannot be written.
    """
    source = settings.sources.events
    if source is None:
        raise SourceError("no events are configured", "add [sources.events] paths to postlaunch.toml")
    logs = [looked_at(path) for path in files_named(settings, source.paths, "events")]
    if not any(log.size for log in logs):
        names = ", ".join(str(log.path) for log in logs[:5])
        raise SourceError(f"there are no events in {names}", "name a file with events in it", source="events")
    zone = settings.application.timezone
    logs = [log for log in logs if log.size]
    parquet, about = staged_events(logs, source, zone, settings.path(settings.reports.staging), clock)
    fingerprint = about.fingerprint(event_key(logs, source, zone))
    return EventLog(parquet, _coverage(logs, about), zone, fingerprint)


def _coverage(logs: Sequence[LogFile], about: StagedEvents) -> EventCoverage:
    left, counts = left_out_of(logs, about), about.counts
    return EventCoverage(
        format=", ".join(sorted({file.kind for file in about.files})),
        files=tuple(log.path.name for log in logs),
        bytes=sum(log.size for log in logs),
        rows_read=counts.events + about.repeated + left.rejected.total() + left.future,
        events=counts.events,
        rows_rejected=left.rejected.total(),
        rows_future=left.future,
        rows_repeated=about.repeated,
        rejected_by_reason=dict(left.rejected),
        rejected_samples=left.samples,
        first=datetime.fromtimestamp(counts.first_us / 1e6, UTC),
        last=datetime.fromtimestamp(counts.last_us / 1e6, UTC),
        events_without_user=counts.events - counts.events_with_user,
        users=counts.users,
        names=counts.names,
        has_id=any("id" in file.fields for file in about.files),
        properties=tuple(sorted({name for file in about.files for name in file.properties})),
    )
