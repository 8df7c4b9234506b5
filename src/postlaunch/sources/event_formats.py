"""What the rows of a file of events hold, and under which keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from postlaunch.settings_sources import EventSource
from postlaunch.sources.json_keys import keys_found, objects_in
from postlaunch.sources.row_formats import Aliases, Kind, RowFormat, RowShape, format_of

FIELD_ALIASES: Aliases = {
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

PROPERTY_ALIASES: Mapping[str, tuple[str, ...]] = {
    "role": ("role", "user_role", "properties.role", "traits.role", "user.role"),
    "variant": ("variant", "variation", "properties.variant", "properties.variation", "experiment_variant"),
    "experiment": ("experiment", "experiment_name", "properties.experiment", "experiment_id"),
}
"""Properties that are looked for though the settings do not name them."""

EVENTS = RowShape(
    source="events",
    noun="an event",
    aliases=FIELD_ALIASES,
    required=("time", "event"),
    part="event_part.sql",
)


def event_format_of(path: Path, kind: Kind, first_rows: Sequence[str], settings: EventSource) -> RowFormat:
    """Where the rows of a file whose first rows (as JSON objects) are these hold what is needed.

    Raises:
        SourceError: no key for the time or the event's name is found, or the mapping is wrong.
    """
    mapped = {str(name): key for name, key in settings.fields.items()}
    form = format_of(path, kind, first_rows, EVENTS, mapped)
    taken = set(form.fields.values())
    found = keys_found(list(objects_in(first_rows)), PROPERTY_ALIASES, settings.properties)
    kept = {name: key for name, key in found.items() if name in settings.properties or key not in taken}
    return replace(form, properties=kept)


def property_places(form: RowFormat) -> list[int]:
    """Where the first pointer of each property stands among the format's pointers, counted from 1."""
    start = 2 * len(FIELD_ALIASES) + 1
    return [start + 2 * place for place in range(len(form.properties))]
