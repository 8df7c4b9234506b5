"""PostgreSQL: how writers follow one another, and what goes wrong with the server said in words."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from postlaunch.errors import PostLaunchError
from postlaunch.ledger import engine, engine_postgresql
from postlaunch.ledger.checkpoints import open_checkpointer
from postlaunch.ledger.engine_postgresql import PostgresDatabase, PostgresWording
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import Lease, RunRecord
from postlaunch.ledger_place import PostgresPlace
from postlaunch.testing.clock import StillClock
from postlaunch.testing.crashpoints import ForkServer, wait_for
from postlaunch.testing.postgres import PostgresServer, name_of

pytestmark = pytest.mark.postgres


@pytest.fixture
def path(postgres: PostgresServer, migrated_database: PostgresPlace) -> PostgresPlace:
    """An empty ledger of this file's server."""
    emptied = Path(__file__).with_name("emptied.sql").read_text(encoding="utf-8")
    postgres.run(emptied, name_of(migrated_database))
    return migrated_database


@pytest.fixture
def database(path: PostgresPlace) -> Iterator[PostgresDatabase]:
    opened = PostgresDatabase(path)
    yield opened
    opened.close()


def value(connection: Any, statement: str) -> object:
    return connection.exec_driver_sql(statement).scalar()


def test_a_write_waits_for_the_disk_unless_it_can_be_made_again(database: PostgresDatabase) -> None:
    with database.write() as connection:
        assert value(connection, "SHOW transaction_isolation") == "read committed"
    with database.write(durable=False) as connection:
        assert value(connection, "SHOW synchronous_commit") == "off"
    with database.read() as connection:
        assert value(connection, "SHOW transaction_isolation") == "repeatable read"
        assert value(connection, "SHOW transaction_read_only") == "on"


def test_a_writer_waits_for_the_one_before_it_and_sees_what_it_wrote(
    database: PostgresDatabase, path: PostgresPlace, clock: StillClock
) -> None:
    seen: list[object] = []
    begun = threading.Event()

    def second() -> None:
        begun.set()
        with database.write() as connection:
            seen.append(value(connection, "SELECT count(*) FROM runs"))

    with Ledger.open(path, clock) as ledger:
        thread = threading.Thread(target=second)
        with ledger._database.write() as connection:
            thread.start()
            begun.wait()
            connection.exec_driver_sql(
                "INSERT INTO runs (schema_version, id, key, question, workflow, parameters, state, degraded, "
                "problems, created_at, updated_at, error) "
                "VALUES (1, 'R1', 'k', 'q', 'w', '{}', 'created', false, '[]', '', '', '')"
            )
            assert seen == []
        thread.join()
    assert seen == [1]


def test_a_reader_waits_for_nobody(database: PostgresDatabase) -> None:
    with database.write() as writing, database.read() as reading:
        writing.exec_driver_sql("LOCK TABLE runs IN EXCLUSIVE MODE")
        assert value(reading, "SELECT count(*) FROM runs") == 0


def test_a_ledger_that_is_kept_locked_says_what_to_do(
    database: PostgresDatabase, path: PostgresPlace, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    with Ledger.open(path, clock) as ledger, database.write():
        with pytest.raises(PostLaunchError, match="kept it locked") as refused:
            ledger.start_run("weekly_report", "q", "k", {})
        assert "pg_stat_activity" in refused.value.remedy


def changed(place: PostgresPlace, before: str, after: str) -> PostgresPlace:
    assert before in place.url
    return PostgresPlace(place.url.replace(before, after))


def test_a_server_that_is_away_says_what_to_do(clock: StillClock, tmp_path: Path) -> None:
    for url in (f"postgresql://me@/name?host={tmp_path}", "postgresql://me@127.0.0.1:1/name"):
        with pytest.raises(PostLaunchError, match="does not answer") as refused:
            Ledger.open(PostgresPlace(url), clock)
        assert "ledger.url" in refused.value.remedy
        with pytest.raises(PostLaunchError, match="does not answer"):
            open_checkpointer(PostgresPlace(url), None)


def test_a_database_or_a_user_that_is_not_there_says_how_to_make_it(
    path: PostgresPlace, clock: StillClock
) -> None:
    with pytest.raises(PostLaunchError, match="no such database") as refused:
        Ledger.open(changed(path, f"/{name_of(path)}?", "/nothing?"), clock)
    assert "CREATE DATABASE" in refused.value.remedy
    with pytest.raises(PostLaunchError, match="no such user") as refused:
        Ledger.open(changed(path, "postgres@", "nobody@"), clock)
    assert "CREATE ROLE" in refused.value.remedy


@pytest.fixture
def locked(postgres: PostgresServer) -> Iterator[PostgresPlace]:
    """The database of a user with a password and no rights in the others' schema."""
    postgres.run("CREATE ROLE locked LOGIN PASSWORD 'right'")
    with postgres.database() as place:
        yield changed(place, "postgres@", "locked@")
    postgres.run("DROP ROLE locked")


def test_a_password_is_needed_and_is_in_no_message(locked: PostgresPlace, clock: StillClock) -> None:
    for password in ("", "wrong-secret"):
        with pytest.raises(PostLaunchError, match="refused the user or its password") as refused:
            Ledger.open(PostgresPlace(locked.url, password), clock)
        assert "ledger.password_env" in refused.value.remedy
        assert "wrong-secret" not in f"{refused.value} {refused.value.__cause__} {refused.value.remedy}"


def test_a_user_without_rights_says_which_are_missing_and_with_them_keeps_a_ledger(
    locked: PostgresPlace, postgres: PostgresServer, clock: StillClock
) -> None:
    place = PostgresPlace(locked.url, "right")
    assert "right" not in repr(place)
    with pytest.raises(PostLaunchError, match="lacks a permission") as refused:
        Ledger.open(place, clock)
    assert "GRANT CREATE ON DATABASE" in refused.value.remedy
    postgres.run(f'GRANT CREATE ON DATABASE "{name_of(locked)}" TO locked')
    with Ledger.open(place, clock) as ledger:
        assert ledger.runs() == ()
    open_checkpointer(place, None).close()


class Info:
    def __init__(self, version: int, encoding: str) -> None:
        self.server_version = version
        self.encoding = encoding

    def parameter_status(self, name: str) -> str:
        return self.encoding


@pytest.mark.parametrize(
    ("version", "encoding", "said"),
    [(130011, "UTF8", "PostgreSQL 13"), (150018, "SQL_ASCII", "keeps texts as SQL_ASCII")],
)
def test_a_server_that_is_too_old_or_keeps_no_unicode_is_refused(
    version: int, encoding: str, said: str
) -> None:
    class Connection:
        info = Info(version, encoding)

    with pytest.raises(PostLaunchError, match=said) as refused:
        engine_postgresql.refuse_if_unfit(Connection(), PostgresPlace("postgresql://me@/name"))
    assert refused.value.remedy


def test_without_the_driver_it_says_how_to_install_it(
    clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    place = PostgresPlace("postgresql://me@/name")
    with pytest.raises(PostLaunchError, match="driver is not installed") as refused:
        Ledger.open(place, clock)
    assert refused.value.remedy == "pip install 'postlaunch[postgres]'"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("53100", "disk is full"),
        ("53300", "no connection left"),
        ("25006", "takes no writes"),
        ("57P01", "does not answer"),
        ("08006", "does not answer"),
    ],
)
def test_what_the_server_reports_is_put_into_words(code: str, said: str) -> None:
    from psycopg.errors import lookup

    wording = PostgresWording(PostgresPlace("postgresql://me@/name"))
    told = wording.error(lookup(code)("whatever it says"))
    assert said in str(told)
    assert told.remedy


def test_what_postgresql_cannot_store_is_refused_in_words(path: PostgresPlace, clock: StillClock) -> None:
    with Ledger.open(path, clock) as ledger:
        with pytest.raises(PostLaunchError, match="does not store"):
            ledger.start_run("weekly_report", "what\0now", "k", {})
        assert ledger.runs() == ()


def test_a_server_that_was_restarted_between_two_writes_is_no_error(
    postgres: PostgresServer, path: PostgresPlace, clock: StillClock
) -> None:
    with Ledger.open(path, clock) as ledger:
        run = ledger.start_run("weekly_report", "q", "k", {})
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'postlaunch'"
        assert postgres.run(ended)
        assert ledger.run(run.id) == run


@pytest.mark.crash
def test_twelve_processes_make_langgraphs_tables_at_once(
    postgres: PostgresServer, forks: ForkServer, tmp_path: Path
) -> None:
    with postgres.database() as place:
        Ledger.open(place, StillClock()).close()
        go = tmp_path / "go"
        children = [forks.start("open_checkpoints", path=str(place), go=str(go)) for _ in range(12)]
        go.touch()
        assert [outcome.message for child in children if (outcome := child.wait()).error] == []


@pytest.mark.crash
def test_a_process_that_stands_still_within_a_transaction_holds_up_nobody_for_long_and_stores_nothing(
    path: PostgresPlace,
    forks: ForkServer,
    postgres: PostgresServer,
    run: RunRecord,
    lease: Lease,
    tmp_path: Path,
    clock: StillClock,
) -> None:
    child = forks.start(
        "stop_within_a_transaction",
        path=str(path),
        ready=str(tmp_path / "ready"),
        lease=lease.model_dump(mode="json"),
        standing_still_seconds=0.3,
    )
    wait_for(tmp_path / "ready")
    with Ledger.open(path, clock) as ledger:
        assert ledger.set_state(lease, "running").state == "running"
        child.signal(signal.SIGCONT)
        outcome = child.wait()
        assert outcome.error == "PostLaunchError"
        assert ledger.run(run.id).state == "running"
