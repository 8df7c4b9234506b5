"""How a file of events is read: its format, and under which keys its rows hold what is needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from postlaunch.errors import SourceError
from postlaunch.facts import Frozen
from postlaunch.settings_sources import EventSource
from postlaunch.sources.json_keys import flat_keys, keys_found, objects_in, pointers
from postlaunch.sources.lines import GZIP, LogFile

Kind = Literal["parquet", "csv", "json"]

PARQUET = b"PAR1"
ENDINGS: Mapping[Kind, tuple[str, ...]] = {
    "parquet": (".parquet", ".pq"),
    "csv": (".csv", ".tsv"),
    "json": (".jsonl", ".ndjson", ".json"),
}

FIELD_ALIASES: Mapping[str, tuple[str, ...]] = {
    "time": (
        "time", "timestamp", "ts", "@timestamp", "event_time", "occurred_at", "created_at", "datetime",
        "client_event_time", "date",
    ),
    "user": (
        "user", "user_id", "userId", "user.id", "uid", "distinct_id", "properties.distinct_id", "account_id",
    ),
    "event": ("event", "event_name", "eventName", "name", "action", "event_type", "type"),
    "id": (
        "id", "event_id", "eventId", "uuid", "insert_id", "$insert_id", "properties.$insert_id", "message_id",
        "messageId",
    ),
}  # fmt: skip
"""Our name → the keys looked for, in this order, where the settings map none."""

PROPERTY_ALIASES: Mapping[str, tuple[str, ...]] = {
    "role": ("role", "user_role", "properties.role", "traits.role", "user.role"),
    "variant": ("variant", "variation", "properties.variant", "properties.variation", "experiment_variant"),
    "experiment": ("experiment", "experiment_name", "properties.experiment", "experiment_id"),
}
"""Properties that are looked for though the settings do not name them."""

REQUIRED = ("time", "event")


class EventFormat(Frozen):
    """How the rows of one file are read.

    Attributes:
        fields: our name of a field → its key, dotted where it reaches into an object.
        properties: our name of a property → its key.
    """

    kind: Kind
    fields: dict[str, str] = Field(default_factory=dict)
    properties: dict[str, str] = Field(default_factory=dict)

    def pointers(self) -> list[str]:
        """Two JSON pointers for each field in the order of `FIELD_ALIASES`, then for each property."""
        keys = [*(self.fields.get(name) for name in FIELD_ALIASES), *self.properties.values()]
        return [pointer for key in keys for pointer in pointers(key)]

    def property_places(self) -> list[int]:
        """Where the first pointer of each property stands in `pointers`, counted from 1."""
        start = 2 * len(FIELD_ALIASES) + 1
        return [start + 2 * place for place in range(len(self.properties))]


def kind_of(file: LogFile, settings: EventSource) -> Kind:
    """The format that the settings name, else by the file's ending, else by its first bytes."""
    if settings.format != "auto":
        return settings.format
    name = file.path.name.lower().removesuffix(".gz")
    for kind, endings in ENDINGS.items():
        if name.endswith(endings):
            return kind
    with file.path.open("rb") as stream:
        head = stream.read(64)
    if head.startswith(PARQUET):
        return "parquet"
    return "json" if head.startswith(GZIP) or head.lstrip().startswith(b"{") else "csv"


def format_of(file: LogFile, kind: Kind, first_rows: list[str], settings: EventSource) -> EventFormat:
    """Where the rows of a file whose first rows (as JSON objects) are these hold what is needed.

    Raises:
        SourceError: no key for the time or the event's name is found.
    """
    objects = list(objects_in(first_rows))
    mapped = {str(name): key for name, key in settings.fields.items()}
    fields = keys_found(objects, FIELD_ALIASES, mapped)
    missing = [name for name in REQUIRED if name not in fields]
    if missing and objects:
        seen = ", ".join(sorted(flat_keys(objects[0])))
        raise SourceError(
            f"the rows of {file.path} have nothing that is known to hold the {' or the '.join(missing)}; "
            f"the first one has: {seen[:300]}",
            f'map it: [sources.events.fields] {missing[0]} = "key"',
            source="events",
        )
    taken = set(fields.values())
    properties = keys_found(objects, PROPERTY_ALIASES, settings.properties)
    kept = {name: key for name, key in properties.items() if name in settings.properties or key not in taken}
    return EventFormat(kind=kind, fields=fields, properties=kept)
