"""What a store of events is, and how its rows become files that are staged like any others.

Measurements never ask a store: they read the staged events, so that a figure means the same wherever the
events are kept. A store says what it is called, and gives its events as files of rows. Files are there
already; a database or a service writes a copy of its rows, batch by batch. Another kind of store is another
class with the members of `EventStore`, and its settings beside the others'.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from pydantic import JsonValue

from postlaunch.errors import SourceError
from postlaunch.settings_events import EventStoreSettings
from postlaunch.settings_sources import EventSource
from postlaunch.sources.lines import LogFile
from postlaunch.windows import Clock

SOURCE = "events"
ROWS_FILE = "rows.jsonl"
NEEDED = ("time", "event")
"""Fields without which a row is no event."""

Row = Sequence[str | None]
"""One event as text: its fields, then its properties, in the order of `Columns`."""


@dataclass(frozen=True)
class EventRows:
    """Events as files of rows, ready to be staged.

    Attributes:
        files: their digests say what was read.
        reading: under which keys the rows hold what is needed.
    """

    files: tuple[LogFile, ...]
    reading: EventSource


@dataclass(frozen=True)
class CopyTerms:
    """How a copy of a store is found again, and how long it stands for what is there.

    Attributes:
        question: what decides which events the store gives, without secrets.
    """

    question: Mapping[str, JsonValue]
    fresh: timedelta


class EventStore(Protocol):
    """Somewhere that events are kept. It is read, never written.

    Attributes:
        place: how it is called in print and in errors, without secrets.
        kind: what reports call it: "postgresql"; of files "", because their formats tell.
        terms: of the copy; None: the events are files that are there, and are looked at each time.
    """

    @property
    def place(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def terms(self) -> CopyTerms | None: ...

    def read(self, folder: Path) -> EventRows:
        """The events: files that are there, or files that are written into this empty folder.

        Raises:
            SourceError: they cannot be read whole.
        """
        ...


@dataclass(frozen=True)
class Columns:
    """What the rows of a store hold.

    Attributes:
        fields: our names of the fields; one that no row has is left out.
        properties: our names of the properties.
        wanted: those that the settings name; one of the others is left out where no row has it.
    """

    fields: tuple[str, ...]
    properties: tuple[str, ...]
    wanted: frozenset[str]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys under which the values stand in the file: our name of a property may hold anything."""
        return (*self.fields, *(f"property_{place}" for place in range(len(self.properties))))


def copied_rows(
    folder: Path,
    place: str,
    columns: Columns,
    batches: Iterable[Sequence[Row]],
    limits: EventStoreSettings,
    clock: Clock,
) -> EventRows:
    """Write rows as JSON lines, one batch after another.

    Raises:
        SourceError: there is none, there are more than the limit, or it takes longer than the limit.
    """
    path = folder / ROWS_FILE
    keys, started, encode = columns.keys, clock(), json.JSONEncoder(ensure_ascii=False).encode
    digest, size, count, seen = hashlib.sha256(), 0, 0, set[str]()
    with path.open("wb") as file:
        for batch in batches:
            count += len(batch)
            _refuse_over_limit(place, limits, count, clock() - started)
            lines = bytearray()
            for row in batch:
                found = {key: value for key, value in zip(keys, row, strict=True) if value is not None}
                seen.update(found)
                lines += encode(found).encode("utf-8", "replace") + b"\n"
            file.write(lines)
            digest.update(lines)
            size += len(lines)
    if not count:
        since = f" since {limits.since}" if limits.since else ""
        raise SourceError(
            f"{place} holds no event{since}", "check what the settings name, and since", source=SOURCE
        )
    log = LogFile(path=path, size=size, digest=digest.hexdigest())
    return EventRows((log,), _reading(columns, seen))


def _refuse_over_limit(place: str, limits: EventStoreSettings, count: int, passed: timedelta) -> None:
    if count > limits.rows:
        raise SourceError(
            f"{place} holds more than {limits.rows:,} events; half of them would give wrong figures",
            "name a later day in since, or raise rows",
            source=SOURCE,
        )
    if passed > timedelta(seconds=limits.copy_seconds):
        raise SourceError(
            f"{place} was not copied within {limits.copy_seconds:.0f} seconds",
            "name a later day in since, or raise copy_seconds",
            source=SOURCE,
        )


def _reading(columns: Columns, seen: set[str]) -> EventSource:
    """How the copied rows are read: each value under its own key."""
    keys = columns.keys[len(columns.fields) :]
    properties = {
        name: key
        for name, key in zip(columns.properties, keys, strict=True)
        if key in seen or name in columns.wanted
    }
    return EventSource.model_validate(
        {
            "paths": (ROWS_FILE,),
            "format": "json",
            "fields": {name: name for name in columns.fields if name in seen or name in NEEDED},
            "properties": properties,
        }
    )
