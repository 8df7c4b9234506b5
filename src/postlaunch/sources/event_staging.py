"""Staging of events: files are read once into Parquet, and found again by content and how they were read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from postlaunch.errors import SourceError
from postlaunch.facts import Frozen, digest_of
from postlaunch.settings_sources import EventSource
from postlaunch.sources.event_reading import EventReader
from postlaunch.sources.file_rows import FileRows, StagedRows, latest_moment
from postlaunch.sources.lines import LogFile
from postlaunch.sources.queries import reader_digest, sql
from postlaunch.sources.staged_folders import StagedFolders, staging_connection
from postlaunch.windows import Clock

if TYPE_CHECKING:
    import duckdb


class EventCounts(Frozen):
    """What the staged rows hold; moments are microseconds since 1970 UTC."""

    events: int = Field(gt=0)
    events_with_user: int
    users: int
    names: int
    first_us: int
    last_us: int


class StagedEvents(StagedRows):
    """What is known of staged events beside their rows.

    Attributes:
        repeated: events left out because an earlier one has the same id.
    """

    repeated: int
    counts: EventCounts


def event_key(logs: Sequence[LogFile], settings: EventSource, zone: str) -> str:
    """Digest of the files' content and of how it is read; their names and times do not matter."""
    how = settings.model_dump(mode="json", exclude={"paths", "postgresql", "posthog"})
    digests = [file.digest for file in logs]
    return digest_of({"files": digests, "settings": how, "zone": zone, "reader": reader_digest()})


def event_folders(folder: Path) -> StagedFolders[StagedEvents]:
    """The staged events in the staging folder."""
    return StagedFolders(folder, "events", "the events", StagedEvents)


def staged_events(
    logs: Sequence[LogFile], settings: EventSource, zone: str, folder: Path, clock: Clock
) -> tuple[Path, StagedEvents]:
    """The Parquet file of these events, built if it is not there.

    Raises:
        SourceError: a file cannot be read, none of its rows is an event, or the staging folder cannot be
            written.
    """
    now = clock()
    folders = event_folders(folder)
    latest = latest_moment(now).replace(tzinfo=None)

    def build(building: Path) -> StagedEvents:
        return _build(building, building / folders.file, logs, settings, zone, latest)

    return folders.staged(event_key(logs, settings, zone), build, now)


def _build(
    building: Path,
    staged: Path,
    logs: Sequence[LogFile],
    settings: EventSource,
    zone: str,
    latest: datetime,
) -> StagedEvents:
    """Read every file into parts, then write the parts as one file and look at what it holds."""
    with staging_connection(building) as connection:
        reader = EventReader(connection, settings, zone, latest, building)
        read = tuple(reader.read(file) for file in logs)
        _some_event(logs, read)
        repeated, counts = _join_parts(connection, building, staged, zone)
    return StagedEvents(files=read, repeated=repeated, counts=counts)


def _some_event(logs: Sequence[LogFile], read: Sequence[FileRows]) -> None:
    if any(file.kept for file in read):
        return
    future = sum(file.future for file in read)
    why = f"all {future:,} of its rows are dated in the future" if future else "it has only blank rows"
    raise SourceError(
        f"{logs[0].path} holds no event: {why}",
        "check the clocks of the sender and of this machine" if future else "name a file with events in it",
        source="events",
    )


def _join_parts(
    connection: duckdb.DuckDBPyConnection, building: Path, staged: Path, zone: str
) -> tuple[int, EventCounts]:
    """Write the staged file from its parts; how many events were repeated, and what is left."""
    parts = [str(part) for part in sorted(building.glob("part-*.parquet"))]
    connection.execute(sql("event_repeats.sql"), {"parts": parts})
    connection.execute(sql("event_people.sql"), {"parts": parts})
    connection.execute(sql("write_events.sql"), {"parts": parts, "staged": str(staged), "zone": zone})
    for part in parts:
        Path(part).unlink()
    repeated = connection.table("repeats").count("place").fetchall()[0][0]
    cursor = connection.execute(sql("event_coverage.sql"), {"staged": str(staged)})
    names = [column[0] for column in cursor.description or ()]
    return int(repeated), EventCounts.model_validate(dict(zip(names, cursor.fetchall()[0], strict=True)))
