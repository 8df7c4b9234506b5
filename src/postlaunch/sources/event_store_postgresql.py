"""A PostgreSQL table as a store of events.

It is read through a cursor of the server's, batch by batch, in one READ ONLY transaction that sees one moment
of the database. What the settings name is quoted as an identifier or a literal, never a piece of SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qs, urlsplit

from postlaunch.errors import SourceError
from postlaunch.settings_events import PostgresEvents
from postlaunch.settings_sources import EventSource
from postlaunch.sources.event_formats import FIELD_ALIASES, PROPERTY_ALIASES
from postlaunch.sources.event_stores import NEEDED, SOURCE, Columns, CopyTerms, EventRows, Row, copied_rows
from postlaunch.sources.tables import clean
from postlaunch.windows import Clock, zone_named

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

    Connection: TypeAlias = psycopg.Connection[tuple[str | None, ...]]

BATCH_ROWS = 10_000
CONNECT_SECONDS = 10

DATE, TIMESTAMP, TIMESTAMPTZ = 1082, 1114, 1184
MOMENTS = frozenset({DATE, TIMESTAMP, TIMESTAMPTZ})
OBJECTS = frozenset({114, 3802})
"""json and jsonb, by their numbers in pg_type, which never change."""
TEXTS = frozenset({25, 1042, 1043})

STORED = "stored"
"""What the query calls the table."""

WHAT_TO_DO: Mapping[str, str] = {
    "42P01": "correct [sources.events.postgresql] table; outside of the search path it needs its schema",
    "3F000": "correct the schema in [sources.events.postgresql] table",
    "42501": "let the user read: GRANT USAGE ON SCHEMA s TO user; GRANT SELECT ON s.events TO user",
    "57014": "index the column of the time, name a later day in since, or raise timeout_seconds",
    "25006": "name a table, or a view that writes nothing: events are read in a READ ONLY transaction",
    "28P01": "check the password, and the user in [sources.events.postgresql] url",
    "28000": "check the user in [sources.events.postgresql] url, and pg_hba.conf of the server",
    "3D000": "correct the database in [sources.events.postgresql] url",
    "40001": "run again; on a standby raise max_standby_streaming_delay",
}
"""What the person can do, by SQLSTATE."""


@dataclass(frozen=True)
class PostgresEventStore:
    """The table or view that the settings name.

    Args:
        zone: of a time that names none, and of the day in `since`.
        environment: where the password is looked up.
    """

    settings: PostgresEvents
    source: EventSource
    zone: str
    clock: Clock
    environment: Mapping[str, str] = field(repr=False)

    kind = "postgresql"

    @property
    def place(self) -> str:
        """Table, database and host."""
        parts = urlsplit(self.settings.url)
        host = parts.hostname or parse_qs(parts.query).get("host", [""])[-1]
        where = "a local socket" if not host or host.startswith("/") else host
        table, database = clean(self.settings.table, 130), parts.path.removeprefix("/")
        return f"PostgreSQL table {table} of {database} at {where}"

    @property
    def terms(self) -> CopyTerms:
        """Who asks, and how long to wait, do not change what is asked."""
        settings = self.settings.model_dump(mode="json", include={"url", "table", "since"})
        how = self.source.model_dump(mode="json", include={"fields", "properties"})
        return CopyTerms({**settings, **how}, timedelta(minutes=self.settings.fresh_minutes))

    def read(self, folder: Path) -> EventRows:
        """Copy the rows, as one moment of the database has them.

        Raises:
            SourceError: see its message.
        """
        with self._explained(), self._connected() as connection:
            self._begin(connection)
            table = _Table(self, _columns_of(connection, self.settings.table))
            batches = self._batches(connection, table)
            return copied_rows(folder, self.place, table.columns, batches, self.settings, self.clock)

    def _batches(self, connection: Connection, table: _Table) -> Iterator[Sequence[Row]]:
        with connection.cursor("postlaunch_events") as cursor:
            cursor.execute(table.query())
            while rows := cursor.fetchmany(BATCH_ROWS):
                yield rows

    # --- the connection -----------------------------------------------------------------------------------

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        import psycopg

        connection = psycopg.connect(
            self.settings.url,
            password=self._password or None,
            connect_timeout=CONNECT_SECONDS,
            application_name="postlaunch",
        )
        try:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            yield connection
        finally:
            connection.close()

    def _begin(self, connection: Connection) -> None:
        """Limits and spelling of this one transaction; a time without a zone is the application's."""
        local = {
            "statement_timeout": f"{self.settings.timeout_seconds * 1000:.0f}ms",
            "TimeZone": self.zone,
            "DateStyle": "ISO",
        }
        for name, value in local.items():
            connection.execute("SELECT set_config(%s, %s, true)", (name, value))

    @cached_property
    def _password(self) -> str:
        named = self.settings.password_env
        if named and not self.environment.get(named):
            raise SourceError(
                f"the environment variable {named} is not set; the password for {self.place} should be in it",
                f"set {named}, or take password_env out to use PGPASSWORD or ~/.pgpass",
                source=SOURCE,
            )
        return self.environment[named] if named else ""

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """What the driver and the server refuse, in words."""
        try:
            import psycopg
        except ImportError as error:
            raise SourceError(
                "events in PostgreSQL need its driver", "pip install 'postlaunch[postgres]'", source=SOURCE
            ) from error
        try:
            yield
        except psycopg.Error as error:
            said = error.diag.message_primary or str(error).strip().partition("\n")[0]
            if self._password:
                said = said.replace(self._password, "***")
            remedy = WHAT_TO_DO.get(error.sqlstate or "", "check [sources.events.postgresql], and the server")
            raise SourceError(f"{self.place} cannot be read: {said}", remedy, source=SOURCE) from None


# --- what is selected -------------------------------------------------------------------------------------


def _columns_of(connection: Connection, table: str) -> Mapping[str, int]:
    """The names of a table's columns with the numbers of their types."""
    from psycopg import sql

    nothing = sql.SQL("SELECT * FROM {} LIMIT 0").format(sql.Identifier(*table.split(".")))
    described = connection.execute(nothing).description or ()
    return {column.name: column.type_code for column in described}


class _Table:
    """How a table's columns are selected as events.

    Args:
        types: name of each column → number of its type.

    Raises:
        SourceError: a column is missing, or the time's is none that can hold one.
    """

    def __init__(self, store: PostgresEventStore, types: Mapping[str, int]) -> None:
        self._store = store
        self._types = types
        self._fields = self._found(FIELD_ALIASES, {str(k): v for k, v in store.source.fields.items()})
        self._properties = self._found(PROPERTY_ALIASES, store.source.properties)
        self._require()
        wanted = frozenset(store.source.properties)
        self.columns = Columns(tuple(self._fields), tuple(self._properties), wanted)

    def _found(
        self, aliases: Mapping[str, tuple[str, ...]], mapped: Mapping[str, str]
    ) -> dict[str, tuple[str, ...]]:
        """Our name → its keys: as mapped; else the first column of a usual name; else every usual key of the
        objects in a column, of which the first that a row has counts."""
        usual = {name: self._usual(keys) for name, keys in aliases.items() if name not in mapped}
        for name, key in mapped.items():
            if not self._reaches(key):
                raise SourceError(
                    f'{self._store.place} has no column "{clean(key)}" for {name}',
                    f"columns found: {clean(', '.join(self._types), 300)}",
                    source=SOURCE,
                )
        found = {**usual, **{name: (key,) for name, key in mapped.items()}}
        return {name: keys for name, keys in found.items() if keys}

    def _usual(self, keys: Sequence[str]) -> tuple[str, ...]:
        column = next((key for key in keys if key in self._types), None)
        return tuple(key for key in keys if self._reaches(key)) if column is None else (column,)

    def _reaches(self, key: str) -> bool:
        return key in self._types or self._object_of(key) is not None

    def _object_of(self, key: str) -> str | None:
        """The column whose objects this dotted key reaches into."""
        parts = key.split(".")
        heads = (".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))
        return next((head for head in heads if self._types.get(head) in OBJECTS), None)

    def _require(self) -> None:
        missing = [name for name in NEEDED if name not in self._fields]
        if missing:
            raise SourceError(
                f"{self._store.place} has nothing that is known to hold the {' or the '.join(missing)}; "
                f"its columns: {clean(', '.join(self._types), 300)}",
                f'map it: [sources.events.fields] {missing[0]} = "column"',
                source=SOURCE,
            )
        if self._types.get(self._fields["time"][0]) not in MOMENTS:
            raise SourceError(
                f'the column "{clean(self._fields["time"][0])}" of {self._store.place} is no timestamp',
                "name a column of type timestamptz, timestamp or date, or a view that has one",
                source=SOURCE,
            )

    def query(self) -> sql.Composed:
        """The events since the first day, in the order of their times and ids.

        One row more than the limit is asked for, by which going over it is known.
        """
        from psycopg import sql

        fields = {name: self._first(keys) for name, keys in self._fields.items()}
        values = {
            **fields,
            "time": sql.SQL("({}::timestamptz AT TIME ZONE 'UTC')::text || 'Z'").format(self._time),
        }
        properties = [self._first(keys) for keys in self._properties.values()]
        others = [value for name, value in fields.items() if name not in ("time", "id")] + properties
        return sql.SQL("SELECT {} FROM {} AS {} {} ORDER BY {} LIMIT {}").format(
            sql.SQL(", ").join([*values.values(), *properties]),
            sql.Identifier(*self._store.settings.table.split(".")),
            sql.Identifier(STORED),
            self._since(),
            sql.SQL(", ").join([self._time, *self._id_order(), *map(_by_bytes, others)]),
            sql.Literal(self._store.settings.rows + 1),
        )

    @property
    def _time(self) -> sql.Composable:
        return _column(self._fields["time"][0])

    def _since(self) -> sql.Composable:
        from psycopg import sql

        day = self._store.settings.since
        if day is None:
            return sql.SQL("")
        start = datetime.combine(day, time(), zone_named(self._store.zone))
        return sql.SQL("WHERE {0} >= {1} OR {0} IS NULL").format(self._time, sql.Literal(start))

    def _id_order(self) -> list[sql.Composable]:
        """Events of one moment follow their ids: numbers as numbers, texts byte by byte."""
        keys = self._fields.get("id")
        if keys is None:
            return []
        kind = self._types.get(keys[0])
        as_text = kind is None or kind in TEXTS | OBJECTS
        return [_by_bytes(self._first(keys)) if as_text else _column(keys[0])]

    def _first(self, keys: Sequence[str]) -> sql.Composable:
        """What the first of these keys that a row has holds, as text."""
        from psycopg import sql

        return sql.SQL("coalesce({})").format(sql.SQL(", ").join(map(self._text, keys)))

    def _text(self, key: str) -> sql.Composable:
        """A column as text, or what stands under a key of its objects."""
        from psycopg import sql

        if key in self._types:
            unpacked = sql.SQL("{} #>> '{{}}'" if self._types[key] in OBJECTS else "{}::text")
            return unpacked.format(_column(key))
        column = self._object_of(key) or ""
        inner = key.removeprefix(f"{column}.")
        return sql.SQL("coalesce({0} ->> {1}, {0} #>> {2})").format(
            _column(column), sql.Literal(inner), sql.Literal(inner.split("."))
        )


def _column(name: str) -> sql.Composable:
    """A column, with its table: else ORDER BY would take what is selected under that name."""
    from psycopg import sql

    return sql.Identifier(STORED, name)


def _by_bytes(value: sql.Composable) -> sql.Composable:
    """The order of a text that does not depend on the server's language."""
    from psycopg import sql

    return sql.SQL('({}) COLLATE "C"').format(value)
