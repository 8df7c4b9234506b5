"""The source "events": what users did in the product, opened from the files or the store of the settings."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from postlaunch.errors import SourceError
from postlaunch.settings import Settings
from postlaunch.settings_sources import EventSource
from postlaunch.sources.embedded import EmbeddedTable
from postlaunch.sources.event_copies import CopiedEvents, copied_events
from postlaunch.sources.event_coverage import EventCoverage, event_coverage_text
from postlaunch.sources.event_files import EventFiles
from postlaunch.sources.event_staging import StagedEvents, event_key, staged_events
from postlaunch.sources.event_store_postgresql import PostgresEventStore
from postlaunch.sources.event_store_posthog import PostHogEventStore
from postlaunch.sources.event_stores import ROWS_FILE, EventStore
from postlaunch.sources.file_rows import left_out_of
from postlaunch.sources.lines import LogFile
from postlaunch.windows import Clock, Window, system_clock

if TYPE_CHECKING:
    import duckdb

__all__ = ["EventCoverage", "EventLog", "event_coverage_text", "open_events"]


class EventLog:
    """Staged product events.

    Attributes:
        coverage: what they hold.
        zone: IANA name of the zone whose calendar days the column `day` holds.
        fingerprint: digest of the rows' content and of how they were read.

    The table `events` has: place BIGINT (the order of the rows), ts TIMESTAMP (UTC, naive), day DATE, person
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


def open_events(
    settings: Settings, clock: Clock = system_clock, environment: Mapping[str, str] | None = None
) -> EventLog:
    """Open the events of the settings.

    Files are staged on first use, and found again by content; of a store the copy is used while it is fresh.

    Args:
        clock: events dated more than a day after it are counted and left out.
        environment: where a password or key is looked up; None: `os.environ`.

    Raises:
        SourceError: the events cannot be read whole, none of the rows is an event, or the staging folder
            cannot be written.
    """
    source = settings.sources.events
    if source is None:
        raise SourceError(
            "no events are configured", "name files or a store under [sources.events] in postlaunch.toml"
        )
    zone, staging = settings.application.timezone, settings.path(settings.reports.staging)
    store = event_store(settings, source, clock, os.environ if environment is None else environment)
    if store.terms is not None:
        copied = copied_events(store, store.terms, zone, staging, clock)
        fingerprint = copied.about.fingerprint(copied.copy.key)
        return EventLog(copied.parquet, _coverage_of_copy(store, copied), zone, fingerprint)
    rows = store.read(staging)
    parquet, about = staged_events(rows.files, rows.reading, zone, staging, clock)
    fingerprint = about.fingerprint(event_key(rows.files, rows.reading, zone))
    return EventLog(parquet, _coverage(rows.files, about), zone, fingerprint)


def event_store(
    settings: Settings, source: EventSource, clock: Clock, environment: Mapping[str, str]
) -> EventStore:
    """The store that the settings name."""
    zone = settings.application.timezone
    if source.postgresql is not None:
        return PostgresEventStore(source.postgresql, source, zone, clock, environment)
    if source.posthog is not None:
        return PostHogEventStore(source.posthog, source, zone, clock, environment)
    return EventFiles(settings, source)


def _coverage_of_copy(store: EventStore, copied: CopiedEvents) -> EventCoverage:
    """Of copied events: of the store in place of a file, and of when it was read."""
    rows = LogFile(path=Path(ROWS_FILE), size=copied.copy.bytes, digest=copied.copy.key)
    coverage = _coverage([rows], copied.about)
    samples = tuple(sample.model_copy(update={"file": store.place}) for sample in coverage.rejected_samples)
    return coverage.model_copy(
        update={
            "format": store.kind,
            "files": (store.place,),
            "rejected_samples": samples,
            "read_at": copied.copy.read_at,
        }
    )


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
