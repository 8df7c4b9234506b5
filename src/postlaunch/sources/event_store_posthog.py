"""A PostHog project as a store of events, read over its query API one span of time after another."""

from __future__ import annotations

import json
import time as clocks
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import JsonValue

from postlaunch.errors import ServiceFailed, SourceError
from postlaunch.settings_events import PostHogEvents
from postlaunch.settings_sources import EventSource
from postlaunch.sources.event_formats import PROPERTY_ALIASES
from postlaunch.sources.event_stores import SOURCE, Columns, CopyTerms, EventRows, Row, copied_rows
from postlaunch.sources.posthog_api import PostHog, QueryTooLong
from postlaunch.sources.queries import sql
from postlaunch.sources.tables import clean
from postlaunch.windows import Clock, zone_named

QUERY_NAME = "postlaunch: copy of events"
FIELDS = ("id", "time", "event", "user")
PERSON = "person_id"
USER_COLUMNS: Mapping[str, str] = {PERSON: "toString(person_id)", "distinct_id": "distinct_id"}
NOBODY = "00000000-0000-0000-0000-000000000000"
"""The person of an event that belongs to none."""

FIRST_SPAN = timedelta(days=1)
LONGEST_SPAN = timedelta(days=64)
SHORTEST_SPAN = timedelta(minutes=15)
OPEN_END = datetime(2200, 1, 1, tzinfo=UTC)
"""The end of the last span: events dated in the future are read too, and then counted as such."""


FOREIGN = "check that host is that of PostHog's own API"
EXPORT = "name fewer properties, or let PostHog export the events to Parquet, and name the files in paths"


@dataclass(frozen=True)
class PostHogEventStore:
    """The events of the project that the settings name.

    Args:
        zone: of the day in `since`.
        environment: where the key is looked up.
        sleep: waits so many seconds.
    """

    settings: PostHogEvents
    source: EventSource
    zone: str
    clock: Clock
    environment: Mapping[str, str] = field(repr=False)
    sleep: Callable[[float], None] = clocks.sleep

    kind = "posthog"

    @property
    def place(self) -> str:
        """The project and its host."""
        return f"PostHog project {self.settings.project} at {urlsplit(self.settings.host).netloc}"

    @property
    def terms(self) -> CopyTerms:
        """Who asks, and how long to wait, do not change what is asked."""
        settings = self.settings.model_dump(mode="json", include={"host", "project", "since"})
        how = self.source.model_dump(mode="json", include={"fields", "properties"})
        return CopyTerms({**settings, **how}, timedelta(minutes=self.settings.fresh_minutes))

    def read(self, folder: Path) -> EventRows:
        """Copy the events; one that arrives while they are read may be among them or not.

        Raises:
            SourceError: see its message.
        """
        columns = Columns(FIELDS, tuple(self._properties), frozenset(self.source.properties))
        batches = self._batches(_Pages(self._posthog(), self._user, tuple(self._properties.values())))
        try:
            return copied_rows(folder, self.place, columns, batches, self.settings, self.clock)
        except ServiceFailed as error:
            raise SourceError(f"{self.place} cannot be read: {error}", error.remedy, source=SOURCE) from error

    def _posthog(self) -> PostHog:
        named = self.settings.api_key_env
        key = self.environment.get(named, "")
        if not key:
            raise SourceError(
                f"the environment variable {named} is not set; the key for {self.place} should be in it",
                f"set {named} to a personal API key with the scope query:read",
                source=SOURCE,
            )
        return PostHog(
            self.settings.host,
            self.settings.project,
            key,
            named,
            timeout_seconds=self.settings.timeout_seconds,
            clock=self.clock,
            sleep=self.sleep,
        )

    @property
    def _user(self) -> str:
        return self.source.fields.get("user", PERSON)

    @property
    def _properties(self) -> dict[str, str]:
        """Our name of a property → PostHog's."""
        usual = {name: name for name in PROPERTY_ALIASES}
        return {name: _plain(key) for name, key in {**usual, **self.source.properties}.items()}

    def _batches(self, pages: _Pages) -> Iterator[Sequence[Row]]:
        """Every page of every span, to the end of what there is.

        A span is over with an empty page: a server may give fewer rows than it was asked for.
        """
        since = datetime.combine(self.settings.since, time(), zone_named(self.zone)).astimezone(UTC)
        position, span = _Position(_written(since)), _Span(since, self.clock())
        while True:
            try:
                rows = pages.after(position, _written(span.end), self.settings.page_rows)
            except QueryTooLong as error:
                span.halve(position.moment, error)
                continue
            if rows:
                yield rows
                span.rows += len(rows)
                position = _position_of(rows[-1])
            elif span.is_last:
                return
            else:
                position = _Position(_written(span.end))
                span.go_on(self.settings.page_rows)


@dataclass(frozen=True)
class _Position:
    """After which event the next page begins: after all those of earlier moments, and these ids of this one.

    Attributes:
        time: UTC, as PostHog writes it, to the microsecond.
    """

    time: str
    id: str = ""

    @property
    def moment(self) -> datetime:
        """The moment.

        Raises:
            ServiceFailed: what PostHog gave is none.
        """
        try:
            return datetime.fromisoformat(self.time).replace(tzinfo=UTC)
        except ValueError as error:
            raise ServiceFailed(f"{clean(self.time, 40)} is no moment", FOREIGN) from error

    def precedes(self, other: _Position) -> bool:
        """Whether another position is a later one."""
        return (self.moment, self.id) < (other.moment, other.id)


@dataclass
class _Span:
    """The span of time that is asked for: halved where it takes too long, longer after one that holds little.

    Attributes:
        now: a span that reaches it is the last.
        rows: those that it has given.
    """

    start: datetime
    now: datetime
    length: timedelta = FIRST_SPAN
    longest: timedelta = LONGEST_SPAN
    rows: int = field(default=0)

    @property
    def is_last(self) -> bool:
        return self.start + self.length > self.now

    @property
    def end(self) -> datetime:
        return OPEN_END if self.is_last else self.start + self.length

    def halve(self, position: datetime, error: QueryTooLong) -> None:
        """Ask for half as much, from here on.

        Raises:
            ServiceFailed: it is as short as a span may be.
        """
        self.start = position
        length = min(self.length, self.now - position)
        if length <= SHORTEST_SPAN:
            raise ServiceFailed(str(error), EXPORT) from error
        self.length = self.longest = length / 2

    def go_on(self, page_rows: int) -> None:
        """The span after this one."""
        self.start = self.end
        if self.rows < page_rows:
            self.length = min(self.longest, self.length * 2)
        self.rows = 0


@dataclass(frozen=True)
class _Pages:
    """The query for pages of events. What the settings name travels beside it, as values."""

    posthog: PostHog
    user: str
    properties: tuple[str, ...]

    def after(self, position: _Position, end: str, limit: int) -> list[Row]:
        """The events that follow a position, as rows of `FIELDS` and the properties.

        Raises:
            ServiceFailed: they cannot be read.
        """
        values: dict[str, JsonValue] = {
            "start": position.time,
            "after": position.id,
            "end": end,
            "limit": limit,
            **{f"property_{place}": key for place, key in enumerate(self.properties)},
        }
        if self.user not in USER_COLUMNS:
            values["user"] = _plain(self.user)
        answered = self.posthog.query(self._query, values, QUERY_NAME)
        width = len(FIELDS) + len(self.properties)
        if any(len(row) != width for row in answered):
            raise ServiceFailed("a row has other columns than were asked for", FOREIGN)
        rows = [self._row(row) for row in answered]
        if rows and not position.precedes(_position_of(rows[-1])):
            raise ServiceFailed("the pages do not go on", FOREIGN)
        return rows

    @property
    def _query(self) -> str:
        user = USER_COLUMNS.get(self.user, _extracted("user"))
        properties = [_extracted(f"property_{place}") for place in range(len(self.properties))]
        return sql("posthog_events.sql").replace("{columns}", ", ".join([user, *properties]))

    def _row(self, row: Sequence[JsonValue]) -> Row:
        event_id, moment, event, user, *properties = row
        person = _text(user) if self.user in USER_COLUMNS else _unpacked(user)
        named = None if person == NOBODY else person
        return (_text(event_id), f"{moment}Z", _text(event), named, *map(_unpacked, properties))


def _extracted(placeholder: str) -> str:
    """A property as PostHog keeps it, by the placeholder of its name."""
    return f"JSONExtractRaw(properties, {{{placeholder}}})"


def _plain(key: str) -> str:
    """A property's own name; exported events have them under "properties"."""
    return key.removeprefix("properties.")


def _position_of(row: Row) -> _Position:
    return _Position(time=(row[1] or "").removesuffix("Z"), id=row[0] or "")


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


def _text(value: JsonValue) -> str | None:
    return None if value is None else str(value)


def _unpacked(value: JsonValue) -> str | None:
    """What a piece of JSON says: a text without its quotes, nothing where there is none."""
    if not isinstance(value, str) or not value:
        return None
    try:
        said = json.loads(value)
    except ValueError:
        return value
    if said is None:
        return None
    return said if isinstance(said, str) else value
