"""Copies of events that a database or a service keeps: made whole or not at all, used while they are fresh.

A copy is read anew as a whole, so that an event that arrived late is in the next one. The rows as they came
name users; they lie in a folder that only its owner may read, and are gone once the events are staged.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from pydantic import Field

from postlaunch.errors import SourceError
from postlaunch.facts import Frozen, digest_of
from postlaunch.sources.event_staging import StagedEvents, event_folders, event_key, staged_events
from postlaunch.sources.event_stores import SOURCE, CopyTerms, EventRows, EventStore
from postlaunch.sources.queries import reader_digest
from postlaunch.sources.staged_folders import BUILDING
from postlaunch.sources.whole_files import kept_in, put_whole
from postlaunch.windows import Clock, Moment

log = structlog.get_logger(__name__)

RECORDS = "event-copies"
KEPT = timedelta(days=1)
"""So long a copy is kept after a newer one: a run that opened it may still read it."""

KEY = r"^[0-9a-f]{64}$"


class Replaced(Frozen):
    """A copy that a newer one has replaced."""

    key: str = Field(pattern=KEY)
    at: Moment


class EventCopy(Frozen):
    """The newest copy of a store.

    Attributes:
        read_at: when reading it began.
        key: of the staged events.
        bytes: of the rows as they came.
        replaced: earlier copies whose staged events may still be there.
    """

    read_at: Moment
    key: str = Field(pattern=KEY)
    bytes: int
    replaced: tuple[Replaced, ...] = ()


@dataclass(frozen=True)
class CopiedEvents:
    """A copy with its staged events."""

    copy: EventCopy
    parquet: Path
    about: StagedEvents


def copied_events(
    store: EventStore, terms: CopyTerms, zone: str, staging: Path, clock: Clock
) -> CopiedEvents:
    """The copy of a store: the newest where it is fresh, else one that is read now.

    Raises:
        SourceError: the store cannot be read whole, or the staging folder cannot be written. An earlier copy
            stays as it is.
    """
    asked = digest_of({"question": dict(terms.question), "zone": zone, "reader": reader_digest()})
    record = staging / RECORDS / f"{asked[:32]}.json"
    earlier = kept_in(record, EventCopy)
    now = clock()
    if earlier is not None and timedelta(0) <= now - earlier.read_at < terms.fresh:
        found = event_folders(staging).found(earlier.key, now)
        if found is not None:
            return CopiedEvents(earlier, *found)
    try:
        made = _made(store, zone, staging, clock)
        return CopiedEvents(_put(record, made.copy, earlier, staging, clock()), made.parquet, made.about)
    except SourceError as error:
        raise SourceError(str(error), _with_earlier(error.remedy, earlier), source=SOURCE) from error
    except OSError as error:
        raise SourceError(
            f"{store.place} could not be copied to {staging}: {error.strerror or error}",
            "free disk space there, or name another folder: [reports] staging",
            source=SOURCE,
        ) from error


def _made(store: EventStore, zone: str, staging: Path, clock: Clock) -> CopiedEvents:
    read_at = clock()
    staging.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=BUILDING, dir=staging) as folder:
        rows = store.read(Path(folder))
        parquet, about = _staged(store.place, rows, zone, staging, clock)
    size = sum(file.size for file in rows.files)
    log.info("events copied", store=store.place, rows=sum(file.rows for file in about.files), bytes=size)
    key = event_key(rows.files, rows.reading, zone)
    return CopiedEvents(EventCopy(read_at=read_at, key=key, bytes=size), parquet, about)


def _staged(place: str, rows: EventRows, zone: str, staging: Path, clock: Clock) -> tuple[Path, StagedEvents]:
    """The copied rows as staged events; an error names the store in place of the copy's file."""
    try:
        return staged_events(rows.files, rows.reading, zone, staging, clock)
    except SourceError as error:
        said = str(error)
        for file in rows.files:
            said = said.replace(str(file.path), place)
        remedy = "check [sources.events.fields], and since" if said != str(error) else error.remedy
        raise SourceError(said, remedy, source=SOURCE) from error


def _with_earlier(remedy: str, earlier: EventCopy | None) -> str:
    """What to do, and that there is an earlier copy."""
    if earlier is None:
        return remedy
    kept = f"the copy of {earlier.read_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC is still there"
    return f"{remedy}; {kept}, and a higher fresh_minutes uses it" if remedy else kept


def _put(record: Path, copy: EventCopy, earlier: EventCopy | None, staging: Path, now: datetime) -> EventCopy:
    """Put a copy in the place of an earlier one, and remove those that nobody reads any more."""
    replaced = {one.key: one for one in earlier.replaced} if earlier else {}
    if earlier is not None:
        replaced[earlier.key] = Replaced(key=earlier.key, at=now)
    replaced.pop(copy.key, None)
    for one in list(replaced.values()):
        if now - one.at > KEPT:
            shutil.rmtree(event_folders(staging).home(one.key), ignore_errors=True)
            del replaced[one.key]
    kept = copy.model_copy(update={"replaced": tuple(replaced.values())})
    put_whole(record, kept.model_dump_json())
    return kept
