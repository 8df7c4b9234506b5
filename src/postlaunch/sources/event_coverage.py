"""What the recorded product events cover."""

from __future__ import annotations

from postlaunch.printing import value_text
from postlaunch.sources.coverage import RejectedLine
from postlaunch.sources.observed_span import ObservedSpan
from postlaunch.windows import Moment, zone_named


class EventCoverage(ObservedSpan):
    """What the events hold. Rows read = events + rejected + in the future + repeated, without blank lines.

    Attributes:
        format: "parquet", "csv", "json", or several of them; else the kind of store.
        files: names, in the order read; of a store what it is called.
        bytes: on disk, compressed where the files are; of a store as its rows came.
        read_at: when a copy of a store was read; None: the events are files.
        rows_rejected: not an event: not whole, no readable time, no name, too long.
        rows_future: left out because they are dated more than a day after the clock.
        rows_repeated: left out because an earlier event has the same id.
        rejected_by_reason: `rows_rejected`, split.
        events_without_user: they count as events, and in no figure about users.
        names: distinct names of events.
        has_id: whether the rows have ids by which a repeated delivery is known.
        properties: our names of the properties that were found.
    """

    format: str
    files: tuple[str, ...]
    bytes: int
    rows_read: int
    events: int
    rows_rejected: int
    rows_future: int
    rows_repeated: int
    rejected_by_reason: dict[str, int]
    rejected_samples: tuple[RejectedLine, ...]
    events_without_user: int
    users: int
    names: int
    has_id: bool
    properties: tuple[str, ...]
    read_at: Moment | None = None

    @property
    def recorded(self) -> int:
        """The events."""
        return self.events


def event_coverage_text(coverage: EventCoverage, zone: str) -> str:
    """What the events cover, in one or two lines for a person."""
    place = zone_named(zone)
    first, last = coverage.first.astimezone(place), coverage.last.astimezone(place)
    files = coverage.files[0] if len(coverage.files) == 1 else f"{len(coverage.files)} files"
    text = (
        f"{coverage.events:,} events of {coverage.names:,} kinds by {coverage.users:,} users from "
        f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} {zone} "
        f"({files}, {value_text(coverage.bytes, 'bytes')}, {coverage.format}{_read(coverage)})"
    )
    return "\n".join([text, *([f"{'; '.join(left)}."] if (left := left_out(coverage)) else [])])


def _read(coverage: EventCoverage) -> str:
    """When the copy was read, where it is one."""
    return f", as read {coverage.read_at:%Y-%m-%d %H:%M} UTC" if coverage.read_at else ""


def left_out(coverage: EventCoverage) -> tuple[str, ...]:
    """What was read and is in no figure, or in none about users, in words."""
    counted = {
        "unreadable": coverage.rows_rejected,
        "dated in the future": coverage.rows_future,
        "delivered again (same id)": coverage.rows_repeated,
    }
    said = [f"{rows:,} {what}" for what, rows in counted.items() if rows]
    notes = [f"left out of {coverage.rows_read:,} rows: {', '.join(said)}"] if said else []
    if coverage.events_without_user:
        notes.append(f"events without a user, in no figure about users: {coverage.events_without_user:,}")
    if not coverage.has_id:
        notes.append("the events have no id: one that was delivered twice counts twice")
    return tuple(notes)
