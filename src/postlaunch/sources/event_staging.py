"""Staging of events: files are read once into Parquet, and found again by content and how they were read.

Staged events are a folder `events-KEY` holding `events.parquet` and `staged.json`, kept by
`postlaunch.sources.staged_folders`.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from pydantic import Field, ValidationError

from postlaunch.errors import SourceError
from postlaunch.facts import Frozen, digest_of
from postlaunch.settings_sources import EventSource
from postlaunch.sources.event_reading import EventReader, ReadFile
from postlaunch.sources.lines import LogFile
from postlaunch.sources.parsing import sql
from postlaunch.sources.staged_folders import ABOUT_FILE, StagedFolders
from postlaunch.windows import Clock

if TYPE_CHECKING:
    import duckdb

log = structlog.get_logger(__name__)

STAGED = "events-"
STAGED_FILE = "events.parquet"
CODE = ("event_formats.py", "event_reading.py", "event_staging.py", "json_keys.py", "lines.py")
QUERIES = (
    "event_part.sql", "event_people.sql", "event_pieces.sql", "event_repeats.sql", "event_table.sql",
    "line_macros.sql", "moment_macros.sql", "write_events.sql",
)  # fmt: skip


class EventCounts(Frozen):
    """What the staged rows hold; moments are microseconds since 1970 UTC."""

    events: int = Field(gt=0)
    events_with_user: int
    users: int
    names: int
    first_us: int
    last_us: int


class StagedEvents(Frozen):
    """What is known of staged events beside their rows.

    Attributes:
        read: what became of each file's rows, in the order of the files.
        repeated: events left out because an earlier one has the same id.
    """

    read: tuple[ReadFile, ...]
    repeated: int
    counts: EventCounts

    @property
    def earliest_future_us(self) -> int | None:
        """The first moment that was left out as lying in the future."""
        moments = [file.earliest_future_us for file in self.read if file.earliest_future_us is not None]
        return min(moments, default=None)


@cache
def _reader_digest() -> str:
    """Of everything that decides how a row is read, so that a changed rule is never served an old reading."""
    package = files("postlaunch.sources")
    places = [*(package / name for name in CODE), *(package / "sql" / name for name in QUERIES)]
    return digest_of({place.name: place.read_text(encoding="utf-8") for place in places})


def fingerprint_of(logs: Sequence[LogFile], settings: EventSource, zone: str) -> str:
    """Digest of the files' content and of how it is read; their names and times do not matter."""
    how = settings.model_dump(mode="json", exclude={"paths"})
    digests = [file.digest for file in logs]
    return digest_of({"files": digests, "settings": how, "zone": zone, "reader": _reader_digest()})


def staged_events(
    logs: Sequence[LogFile], settings: EventSource, zone: str, folder: Path, clock: Clock
) -> tuple[Path, StagedEvents]:
    """The Parquet file of these events, built if it is not there.

    Raises:
        SourceError: a file cannot be read, none of its rows is an event, or the staging folder cannot be
            written.
    """
    now = clock()
    folders = StagedFolders(folder, STAGED, "the events")
    key = fingerprint_of(logs, settings, zone)

    def build(building: Path) -> StagedEvents:
        about = _build(building, logs, settings, zone, _latest(now))
        (building / ABOUT_FILE).write_text(about.model_dump_json(), encoding="utf-8")
        log.info("events staged", events=about.counts.events, folder=str(folders.home(key)))
        return about

    about = folders.found_or_built(key, lambda home: _found(home, now), build, now)
    return folders.home(key) / STAGED_FILE, about


def _found(home: Path, now: datetime) -> StagedEvents | None:
    """Whole staged events, unless one that was left out as lying in the future no longer does."""
    try:
        about = StagedEvents.model_validate_json((home / ABOUT_FILE).read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None
    if not (home / STAGED_FILE).is_file():
        return None
    future = about.earliest_future_us
    if future is not None and future <= _latest(now).replace(tzinfo=UTC).timestamp() * 1e6:
        return None
    with suppress(OSError):
        (home / ABOUT_FILE).touch()
    return about


def _build(
    building: Path, logs: Sequence[LogFile], settings: EventSource, zone: str, latest: datetime
) -> StagedEvents:
    """Read every file into parts, then write the parts as one file and look at what it holds."""
    import duckdb

    spill = building / "spill"
    with duckdb.connect(
        config={"memory_limit": "768MB", "threads": 2, "temp_directory": str(spill)}
    ) as connection:
        connection.execute("SET enable_progress_bar = false")
        reader = EventReader(connection, settings, zone, latest, building)
        read = tuple(reader.read(file) for file in logs)
        _some_event(logs, read)
        repeated, counts = _join_parts(connection, building, zone)
    shutil.rmtree(spill, ignore_errors=True)
    return StagedEvents(read=read, repeated=repeated, counts=counts)


def _some_event(logs: Sequence[LogFile], read: Sequence[ReadFile]) -> None:
    if any(file.events for file in read):
        return
    future = sum(file.future for file in read)
    why = f"all {future:,} of its rows are dated in the future" if future else "it has only blank rows"
    raise SourceError(
        f"{logs[0].path} holds no event: {why}",
        "check the clocks of the sender and of this machine" if future else "name a file with events in it",
        source="events",
    )


def _join_parts(connection: duckdb.DuckDBPyConnection, building: Path, zone: str) -> tuple[int, EventCounts]:
    """Write the staged file from its parts; how many events were repeated, and what is left."""
    parts = [str(part) for part in sorted(building.glob("part-*.parquet"))]
    staged = str(building / STAGED_FILE)
    connection.execute(sql("event_repeats.sql"), {"parts": parts})
    connection.execute(sql("event_people.sql"), {"parts": parts})
    connection.execute(sql("write_events.sql"), {"parts": parts, "staged": staged, "zone": zone})
    for part in parts:
        Path(part).unlink()
    repeated = connection.table("repeats").count("place").fetchall()[0][0]
    cursor = connection.execute(sql("event_coverage.sql"), {"staged": staged})
    names = [column[0] for column in cursor.description or ()]
    return int(repeated), EventCounts.model_validate(dict(zip(names, cursor.fetchall()[0], strict=True)))


def _latest(now: datetime) -> datetime:
    """The latest moment an event may be dated: a day after the clock, for clocks and zones that are off."""
    return now.astimezone(UTC).replace(tzinfo=None) + timedelta(days=1)
