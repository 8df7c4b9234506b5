"""The migrations, and who may open which file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from postlaunch.errors import PostLaunchError
from postlaunch.ledger.checkpoints import open_checkpointer
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.opening import open_database
from postlaunch.ledger.schema import HEAD, VERSION_TABLE, migrate, version_of
from postlaunch.ledger.tables import metadata
from postlaunch.ledger_place import Place, PostgresPlace
from postlaunch.testing.clock import StillClock
from postlaunch.testing.crashpoints import ForkServer
from postlaunch.testing.postgres import PostgresServer, name_of


def test_the_migrated_schema_is_the_one_in_tables(new: Place) -> None:
    database = open_database(new)
    migrate(database)
    with database.read() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": VERSION_TABLE,
                "compare_type": True,
                "compare_server_default": True,
            },
        )
        assert compare_metadata(context, metadata) == []
    database.close()


def test_the_newest_revision_is_the_one_the_code_names(root: Path) -> None:
    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(root / "src/postlaunch/ledger/migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_opening_again_keeps_what_is_there(new: Place, clock: StillClock) -> None:
    with Ledger.open(new, clock) as ledger:
        run = ledger.start_run("weekly_report", "q", "k", {})
    with Ledger.open(new, clock) as ledger:
        assert ledger.run(run.id) == run
        assert ledger.place == new


def test_an_up_to_date_ledger_is_opened_without_importing_the_migrations(path: Place) -> None:
    code = f"""
import sys
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger_place import place_named
from postlaunch.windows import system_clock
Ledger.open(place_named({str(path)!r}), system_clock).close()
sys.exit("alembic" in sys.modules or "langgraph" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_sqlite_ledger_needs_no_driver_of_postgresql(file: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from postlaunch.ledger.checkpoints import open_checkpointer
from postlaunch.ledger.ledger import Ledger
from postlaunch.windows import system_clock
sys.modules["psycopg"] = None
Ledger.open(Path({str(file)!r}), system_clock).close()
open_checkpointer(Path({str(file)!r}), None).close()
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_checkpoint_tables_are_left_to_langgraph(new: Place, clock: StillClock) -> None:
    ours = {*metadata.tables, VERSION_TABLE}
    with Ledger.open(new, clock):
        open_checkpointer(new, None).close()
    with Ledger.open(new, clock) as ledger, ledger._database.read() as connection:
        visible = set(inspect(connection).get_table_names())
    assert {"checkpoints", "writes", "checkpoint_writes", "checkpoint_blobs"}.isdisjoint(metadata.tables)
    assert visible - {"checkpoints", "writes"} == ours


def test_a_ledger_of_a_newer_version_is_refused_and_left_as_it_is(new: Place, clock: StillClock) -> None:
    Ledger.open(new, clock).close()
    database = open_database(new)
    with database.write() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(PostLaunchError, match=r"newer postlaunch .schema 9999") as refused:
        Ledger.open(new, clock)
    assert "update postlaunch" in refused.value.remedy
    with database.read() as connection:
        assert version_of(connection) == "9999"
    database.close()


@pytest.mark.crash
def test_twelve_processes_open_a_new_ledger_at_once(new: Place, forks: ForkServer) -> None:
    children = [forks.start("open_and_start_run", path=str(new), key=f"run {n}") for n in range(12)]
    outcomes = [child.wait() for child in children]
    assert [outcome.message for outcome in outcomes if outcome.error] == []
    with Ledger.open(new, StillClock()) as ledger:
        assert len(ledger.runs()) == 12


@pytest.mark.crash
@pytest.mark.parametrize("statement", ["CREATE TABLE runs", "CREATE TRIGGER", "INSERT INTO ledger_version"])
def test_a_kill_in_the_middle_of_the_migration_leaves_an_empty_place_to_start_from(
    new: Place, forks: ForkServer, statement: str
) -> None:
    assert forks.run("open_and_die", path=str(new), statement=statement).killed_by == 9
    with Ledger.open(new, StillClock()) as ledger:
        assert ledger.runs() == ()


@pytest.mark.postgres
def test_no_append_only_table_can_be_emptied_at_once(
    postgres: PostgresServer, migrated_database: PostgresPlace
) -> None:
    from psycopg.errors import IntegrityConstraintViolation

    guarded = (
        "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger "
        "WHERE NOT tgisinternal AND tgtype & {event} > 0 ORDER BY 1"
    )  # 8: before a row is deleted; 32: before the table is emptied
    deletes, truncates = (
        postgres.run(
            f"SET search_path = postlaunch; {guarded.format(event=event)}", name_of(migrated_database)
        )
        for event in (8, 32)
    )
    assert len(deletes) == 12
    assert truncates == deletes
    for (table,) in deletes:
        with pytest.raises(IntegrityConstraintViolation, match="is never deleted"):
            postgres.run(f"TRUNCATE postlaunch.{table} CASCADE", name_of(migrated_database))
