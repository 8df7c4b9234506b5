"""The migrations, and who may open which file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from postlaunch.errors import PostLaunchError
from postlaunch.ledger.checkpoints import open_checkpointer
from postlaunch.ledger.engine import Database
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.schema import HEAD, VERSION_TABLE, migrate
from postlaunch.ledger.tables import metadata
from postlaunch.testing.clock import StillClock
from postlaunch.testing.crashpoints import ForkServer

CHECKPOINT_TABLES = {"checkpoints", "writes"}


def test_the_migrated_schema_is_the_one_in_tables(tmp_path: Path) -> None:
    database = Database(tmp_path / "new.db")
    migrate(database)
    with database.read() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True},
        )
        assert compare_metadata(context, metadata) == []
    database.close()


def test_the_newest_revision_is_the_one_the_code_names(root: Path) -> None:
    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(root / "src/postlaunch/ledger/migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_opening_again_keeps_what_is_there(tmp_path: Path, clock: StillClock) -> None:
    new = tmp_path / "a folder" / "of 100%" / "new?.db"
    with Ledger.open(new, clock) as ledger:
        run = ledger.start_run("weekly_report", "q", "k", {})
    with Ledger.open(new, clock) as ledger:
        assert ledger.run(run.id) == run
        assert ledger.path == new


def test_an_up_to_date_file_is_opened_without_importing_the_migrations(path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from postlaunch.ledger.ledger import Ledger
from postlaunch.windows import system_clock
Ledger.open(Path({str(path)!r}), system_clock).close()
sys.exit("alembic" in sys.modules or "langgraph" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_checkpoint_tables_are_left_to_langgraph(ledger: Ledger, path: Path) -> None:
    open_checkpointer(path, None).close()
    assert CHECKPOINT_TABLES.isdisjoint(metadata.tables)
    ledger.close()
    Ledger.open(path, StillClock()).close()


def test_a_file_of_a_newer_version_is_refused_and_left_as_it_is(path: Path, clock: StillClock) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(PostLaunchError, match=r"newer postlaunch .schema 9999") as refused:
        Ledger.open(path, clock)
    assert "update postlaunch" in refused.value.remedy
    connection = sqlite3.connect(path)
    assert connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchall() == [("9999",)]
    connection.close()


@pytest.mark.crash
def test_twelve_processes_open_a_new_file_at_once(tmp_path: Path, forks: ForkServer) -> None:
    new = tmp_path / "new.db"
    children = [forks.start("open_and_start_run", path=str(new), key=f"run {n}") for n in range(12)]
    outcomes = [child.wait() for child in children]
    assert [outcome.message for outcome in outcomes if outcome.error] == []
    with Ledger.open(new, StillClock()) as ledger:
        assert len(ledger.runs()) == 12


@pytest.mark.crash
@pytest.mark.parametrize("statement", ["CREATE TABLE runs", "CREATE TRIGGER", "INSERT INTO ledger_version"])
def test_a_kill_in_the_middle_of_the_migration_leaves_an_empty_file_to_start_from(
    tmp_path: Path, forks: ForkServer, statement: str
) -> None:
    new = tmp_path / "new.db"
    assert forks.run("open_and_die", path=str(new), statement=statement).killed_by == 9
    with Ledger.open(new, StillClock()) as ledger:
        assert ledger.runs() == ()
