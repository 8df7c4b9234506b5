"""Events of a real PostgreSQL server: one moment of it, never written, and no name becomes SQL."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from postlaunch.errors import SettingsError, SourceError
from postlaunch.settings_file import load_settings
from postlaunch.sources import event_store_postgresql
from postlaunch.sources.events import EventLog
from postlaunch.testing.postgres import PostgresServer, name_of

pytestmark = pytest.mark.postgres

HOSTILE = (
    'x"; DROP TABLE kept; --',
    "x'; DROP TABLE kept; --",
    "x) FROM kept; DROP TABLE kept; --",
    "100% %s {} %(a)s",
    "ü\\ ",
)
NOON = "2025-11-18 12:00+00"


class Database:
    """A database with a table `kept`, and what its tables hold."""

    def __init__(self, server: PostgresServer) -> None:
        self.place = server.new_database()
        self._server = server
        self.run("CREATE TABLE kept (time timestamptz, event text)")
        self.run(f"INSERT INTO kept VALUES ('{NOON}', 'kept')")

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        return self._server.run(statement, name_of(self.place))

    def source(self, table: str = "kept", **more: Any) -> dict[str, Any]:
        return {"url": self.place.url, "table": table, **more}


@pytest.fixture(scope="module")
def database(postgres: PostgresServer) -> Database:
    return Database(postgres)


@pytest.fixture
def table(database: Database) -> Iterator[Database]:
    """Afterwards the schema is as it was."""
    yield database
    for kind, name in database.run(
        "SELECT relkind, quote_ident(relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'v') AND relname <> 'kept' ORDER BY relkind DESC"
    ):
        database.run(f"DROP {'TABLE' if kind == 'r' else 'VIEW'} IF EXISTS {name} CASCADE")


def rows(log: EventLog) -> list[tuple[Any, ...]]:
    return log.cursor().execute("SELECT ts, person, event, properties FROM events ORDER BY place").fetchall()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_any_name_of_a_table_column_or_key_is_only_a_name(open_store, table: Database, hostile: str) -> None:
    quoted = psycopg.sql.Identifier(hostile).as_string()
    table.run(f"CREATE TABLE {quoted} (time timestamptz, {quoted} text, object jsonb)")
    key = psycopg.sql.Literal(hostile).as_string()
    table.run(f"INSERT INTO {quoted} VALUES ('{NOON}', 'login', jsonb_build_object({key}::text, 7))")
    log = open_store(
        postgresql=table.source(hostile.replace(".", "")),
        fields={"event": hostile},
        properties={hostile: f"object.{hostile}", "column": hostile},
    )
    assert [row[2:] for row in rows(log)] == [("login", {hostile: "7", "column": "login"})]
    assert table.run("SELECT count(*) FROM kept") == [(1,)]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("where", ["table", "field", "property"])
def test_a_name_that_is_not_there_is_an_error_in_words(
    open_store, database: Database, where: str, hostile: str
) -> None:
    with pytest.raises(SourceError, match=r"PostgreSQL table .* of fresh_") as caught:
        open_store(
            postgresql=database.source(hostile if where == "table" else "kept"),
            fields={"user": hostile} if where == "field" else {},
            properties={"p": hostile} if where == "property" else {},
        )
    assert caught.value.remedy.startswith(
        "correct [sources.events.postgresql] table" if where == "table" else "columns found: time, event"
    )
    assert database.run("SELECT count(*) FROM kept") == [(1,)]


def test_a_view_that_writes_is_refused_by_the_server(open_store, table: Database) -> None:
    table.run(
        "CREATE FUNCTION writes() RETURNS text LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO kept VALUES (now(), 'written'); RETURN 'x'; END $$"
    )
    table.run("CREATE VIEW writing AS SELECT time, writes() AS event FROM kept")
    with pytest.raises(SourceError, match="read-only transaction") as caught:
        open_store(postgresql=table.source("writing"))
    assert "READ ONLY" in caught.value.remedy
    assert table.run("SELECT event FROM kept") == [("kept",)]


def test_a_query_that_takes_too_long_is_ended_by_the_server(open_store, table: Database) -> None:
    table.run("CREATE VIEW slow AS SELECT time, event, pg_sleep(5)::text AS user FROM kept")
    with pytest.raises(SourceError, match="statement timeout") as caught:
        open_store(postgresql=table.source("slow", timeout_seconds=0.1))
    assert "timeout_seconds" in caught.value.remedy


@pytest.mark.parametrize(
    ("kind", "written", "read"),
    [
        ("timestamptz", "2025-11-18 12:00:00.123456+01", "11:00:00.123456"),
        ("timestamp", "2025-11-18 12:00:00", "20:00:00"),
        ("date", "2025-11-18", "08:00:00"),
    ],
)
def test_a_time_without_a_zone_is_the_applications(
    open_store, table: Database, kind: str, written: str, read: str
) -> None:
    table.run(f"CREATE TABLE t (time {kind}, event text)")
    table.run(f"INSERT INTO t VALUES ('{written}', 'x')")
    log = open_store(postgresql=table.source("t", since="2025-11-18"), zone="America/Los_Angeles")
    assert rows(log)[0][0].isoformat() == f"2025-11-18T{read}"


def test_the_first_day_begins_at_midnight_of_the_application(open_store, table: Database) -> None:
    table.run("CREATE TABLE t (time timestamptz, event text)")
    table.run("INSERT INTO t VALUES ('2025-11-18 07:59:59+00', 'before'), ('2025-11-18 08:00+00', 'after')")
    log = open_store(postgresql=table.source("t", since="2025-11-18"), zone="America/Los_Angeles")
    assert [row[2] for row in rows(log)] == ["after"]


def test_rows_that_are_no_events_are_counted_and_shown(open_store, table: Database) -> None:
    table.run("CREATE TABLE t (time timestamptz, event text, user_id int)")
    table.run(
        f"INSERT INTO t VALUES ('{NOON}', 'x', 7), (NULL, 'x', 7), ('infinity', 'x', 7), ('{NOON}', NULL, 7),"
        " ('2025-12-30', 'x', 7)"
    )
    coverage = open_store(postgresql=table.source("t", since="2025-11-01")).coverage
    assert (coverage.rows_read, coverage.events, coverage.users, coverage.rows_future) == (5, 1, 1, 1)
    assert coverage.rejected_by_reason == {"no readable time": 2, "no event name": 1}
    assert {sample.file for sample in coverage.rejected_samples} == set(coverage.files)


def test_objects_are_reached_into_and_plain_values_unpacked(open_store, table: Database) -> None:
    table.run('CREATE TABLE t ("when" timestamptz, what json, properties jsonb, "a.b" text)')
    inner = '{"distinct_id": "ada", "role": "admin", "plan": {"tier": "pro"}, "x.y": true, "nothing": null}'
    table.run(f"""INSERT INTO t VALUES ('{NOON}', '"login"', '{inner}', 'dotted')""")
    log = open_store(
        postgresql=table.source("t"),
        fields={"time": "when", "event": "what"},
        properties={
            "tier": "properties.plan.tier",
            "plan": "properties.plan",
            "dotted": "a.b",
            "xy": "properties.x.y",
            "nothing": "properties.nothing",
        },
    )
    assert rows(log)[0][1:] == (
        1,
        "login",
        {"role": "admin", "tier": "pro", "plan": '{"tier": "pro"}', "dotted": "dotted", "xy": "true"},
    )
    assert log.coverage.properties == ("dotted", "nothing", "plan", "role", "tier", "xy")


def test_columns_go_before_keys_that_no_row_may_have(open_store, table: Database) -> None:
    table.run(
        "CREATE TABLE t (time timestamptz, event text, account_id text, message_id text, properties jsonb)"
    )
    row = f"('{NOON}', 'x', 'kim', 'm1', '{{}}')"
    table.run(f"INSERT INTO t VALUES {row}, {row}")
    coverage = open_store(postgresql=table.source("t")).coverage
    assert (coverage.users, coverage.has_id, coverage.events, coverage.rows_repeated) == (1, True, 1, 1)


def test_of_several_usual_keys_the_one_that_a_row_has_counts(open_store, table: Database) -> None:
    table.run("CREATE TABLE t (time timestamptz, event text, properties jsonb)")
    first, second = (
        f"""('{NOON}', 'x', '{{"variant": "A"}}')""",
        f"""('{NOON}', 'y', '{{"variation": "B"}}')""",
    )
    table.run(f"INSERT INTO t VALUES {first}, {second}")
    found = {row[2]: row[3]["variant"] for row in rows(open_store(postgresql=table.source("t")))}
    assert found == {"x": "A", "y": "B"}


def test_an_id_that_no_row_has_is_missed(open_store, table: Database) -> None:
    table.run("CREATE TABLE t (time timestamptz, event text, properties jsonb)")
    table.run(f"""INSERT INTO t VALUES ('{NOON}', 'x', '{{"$insert_id": "a"}}'), ('{NOON}', 'x', '{{}}')""")
    assert open_store(postgresql=table.source("t")).coverage.has_id
    table.run("UPDATE t SET properties = '{}'")
    assert not open_store(postgresql=table.source("t", fresh_minutes=0)).coverage.has_id


def test_rows_travel_in_batches_and_follow_their_times_and_ids(
    open_store, table: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_store_postgresql, "BATCH_ROWS", 2)
    table.run("CREATE TABLE t (time timestamptz, event text, id bigint)")
    table.run(f"INSERT INTO t SELECT '{NOON}', 'e' || n, n FROM generate_series(11, 7, -1) AS n")
    read = [row[2] for row in rows(open_store(postgresql=table.source("t")))]
    assert read == ["e7", "e8", "e9", "e10", "e11"]


def test_the_row_limit_is_an_error_not_a_half(open_store, table: Database) -> None:
    table.run("CREATE TABLE t (time timestamptz, event text)")
    table.run(f"INSERT INTO t SELECT '{NOON}', 'x' FROM generate_series(1, 4)")
    assert open_store(postgresql=table.source("t", rows=4)).coverage.events == 4
    with pytest.raises(SourceError, match="more than 3 events"):
        open_store(postgresql=table.source("t", rows=3, fresh_minutes=0))


def test_a_time_that_is_none_is_refused(open_store, table: Database) -> None:
    table.run("CREATE TABLE t (time text, event text)")
    with pytest.raises(SourceError, match=r'"time" of .* is no timestamp') as caught:
        open_store(postgresql=table.source("t"))
    assert "timestamptz" in caught.value.remedy


def test_a_table_without_a_time_says_what_it_has(open_store, table: Database) -> None:
    table.run("CREATE TABLE t (sku text, event text)")
    with pytest.raises(SourceError, match=r"hold the time; its columns: sku, event") as caught:
        open_store(postgresql=table.source("t"))
    assert "[sources.events.fields] time" in caught.value.remedy


def test_a_user_who_may_not_read_is_told_what_to_grant(open_store, database: Database) -> None:
    database.run("DROP ROLE IF EXISTS nosy; CREATE ROLE nosy LOGIN")
    url = database.place.url.replace("postgres@", "nosy@")
    with pytest.raises(SourceError, match="permission denied") as caught:
        open_store(postgresql=database.source(url=url))
    assert "GRANT SELECT" in caught.value.remedy


def test_a_wrong_password_is_in_no_message(open_store, database: Database, caplog) -> None:
    database.run("DROP ROLE IF EXISTS locked; CREATE ROLE locked LOGIN PASSWORD 'right'")
    url = database.place.url.replace("postgres@", "locked@")
    with pytest.raises(SourceError, match="password authentication failed") as caught:
        open_store(
            postgresql=database.source(url=url, password_env="EVENTS_PASSWORD"),
            environment={"EVENTS_PASSWORD": "the-wrong-one"},
        )
    said = f"{caught.value} {caught.value.remedy} {caught.value.__context__!r} {caplog.text}"
    assert "the-wrong-one" not in said


def test_a_password_that_is_not_set_is_asked_for(open_store, database: Database) -> None:
    with pytest.raises(SourceError, match="EVENTS_PASSWORD is not set") as caught:
        open_store(postgresql=database.source(password_env="EVENTS_PASSWORD"), environment={})
    assert "PGPASSWORD" in caught.value.remedy


def test_a_password_in_the_address_is_refused_without_being_shown(tmp_path) -> None:
    (tmp_path / "postlaunch.toml").write_text(
        '[sources.events.postgresql]\nurl = "postgresql://u:hidden-one@db/shop"\n', encoding="utf-8"
    )
    with pytest.raises(SettingsError, match=r"sources\.events\.postgresql") as caught:
        load_settings(tmp_path / "postlaunch.toml", environment={})
    assert "hidden-one" not in str(caught.value)


def test_a_server_that_is_away_is_an_error_in_words(open_store) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        with pytest.raises(SourceError, match=r"of shop at 127\.0\.0\.1 cannot be read: .*refused") as caught:
            open_store(postgresql={"url": f"postgresql://reader@127.0.0.1:{port}/shop", "table": "t"})
    assert caught.value.remedy


def test_a_copy_is_of_one_moment_of_the_database(
    open_store, table: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_store_postgresql, "BATCH_ROWS", 1)
    table.run("CREATE TABLE t (time timestamptz, event text)")
    table.run(f"INSERT INTO t SELECT '{NOON}', 'x' FROM generate_series(1, 3)")
    ticks = iter(range(100))

    def clock() -> datetime:
        if next(ticks) == 3:
            table.run(f"INSERT INTO t SELECT '{NOON}', 'x' FROM generate_series(1, 50)")
        return datetime(2025, 12, 1, tzinfo=UTC)

    assert open_store(postgresql=table.source("t"), clock=clock).coverage.events == 3
    assert table.run("SELECT count(*) FROM t") == [(53,)]


def test_a_connection_that_is_cut_leaves_the_earlier_copy(
    open_store, table: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_store_postgresql, "BATCH_ROWS", 1)
    table.run("CREATE TABLE t (time timestamptz, event text)")
    table.run(f"INSERT INTO t SELECT '{NOON}', 'x' FROM generate_series(1, 3)")
    first = open_store(postgresql=table.source("t"))
    ticks = iter(range(100))

    def clock() -> datetime:
        if next(ticks) == 4:
            table.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'postlaunch' AND datname = current_database()"
            )
        return datetime(2025, 12, 1, 3, tzinfo=UTC)

    with pytest.raises(SourceError, match="terminating connection") as caught:
        open_store(postgresql=table.source("t"), clock=clock)
    assert "the copy of 2025-12-01 00:00 UTC is still there" in caught.value.remedy
    again = open_store(postgresql=table.source("t", fresh_minutes=600), clock=clock)
    assert again.coverage == first.coverage
