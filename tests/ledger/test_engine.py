"""SQLite: what goes wrong with the file itself is said in words, with a remedy."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event

from postlaunch.errors import PostLaunchError
from postlaunch.ledger import engine
from postlaunch.ledger.checkpoints import open_checkpointer
from postlaunch.ledger.engine_sqlite import SqliteDatabase, switch_to_wal
from postlaunch.ledger.ledger import Ledger
from postlaunch.testing.clock import StillClock
from postlaunch.testing.crashpoints import ForkServer

BIG = {"text": "x" * 400_000}


def test_a_connection_is_set_up_to_survive_power_loss_and_other_writers(file: Path) -> None:
    database = SqliteDatabase(file)
    with database.write() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    with database.write(durable=False) as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1
    with database.write() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    database.close()


def test_a_writer_holds_the_lock_from_its_first_moment_and_a_reader_never(file: Path) -> None:
    database = SqliteDatabase(file)
    other = sqlite3.connect(file, timeout=0, isolation_level=None)
    with database.write(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    with database.read():
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    other.close()
    database.close()


def test_two_that_open_a_new_file_at_once_both_get_the_write_ahead_log(tmp_path: Path) -> None:
    new = tmp_path / "new.db"
    first = sqlite3.connect(new, isolation_level=None, check_same_thread=False)
    first.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, first.execute, ["ROLLBACK"])
    release.start()
    second = sqlite3.connect(new, timeout=0)  # SQLite does not wait its time-out for this switch
    switch_to_wal(second)
    assert second.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    release.join()
    first.close()
    second.close()


def limit_pages(database: SqliteDatabase) -> None:
    """Let the file grow no further: SQLite then answers as it does on a full disk."""

    @event.listens_for(database.engine, "begin")
    def limit(connection: object) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count=1")  # type: ignore[attr-defined]


def test_a_full_disk_stores_nothing_and_says_what_to_do(file: Path, clock: StillClock) -> None:
    with Ledger.open(file, clock) as ledger:
        run = ledger.start_run("weekly_report", "q", "k", {})
        lease = ledger.take_lease(run.id, "web-1:100", 60)
        limit_pages(ledger._database)
        with pytest.raises(PostLaunchError, match="the disk is full") as refused:
            ledger.put_document(lease, "draft", dict(BIG))
        assert "free some space" in refused.value.remedy
        assert ledger.document_names(run.id) == ()
        assert ledger.set_state(lease, "running").state == "running"


def test_a_read_only_file_says_what_to_do(file: Path, clock: StillClock) -> None:
    with Ledger.open(file, clock) as ledger:
        event.listen(
            ledger._database.engine, "connect", lambda raw, entry: raw.execute("PRAGMA query_only=ON")
        )
        ledger._database.engine.dispose()
        with pytest.raises(PostLaunchError, match="it is read-only") as refused:
            ledger.start_run("weekly_report", "q", "k", {})
        assert "writable" in refused.value.remedy
        assert ledger.runs() == ()


def test_a_file_that_another_program_keeps_locked_says_what_to_do(
    file: Path, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    with Ledger.open(file, clock) as ledger:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(PostLaunchError, match="kept it locked") as refused:
            ledger.start_run("weekly_report", "q", "k", {})
        assert "close the program" in refused.value.remedy
        assert ledger.runs() == ()
        other.close()


OPENERS: list[Callable[[Path], object]] = [
    lambda path: Ledger.open(path, StillClock()),
    lambda path: open_checkpointer(path, None),
]


@pytest.mark.parametrize("opener", OPENERS, ids=["ledger", "checkpointer"])
def test_a_file_of_something_else_is_refused_and_left_as_it_is(
    tmp_path: Path, opener: Callable[[Path], object]
) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("my notes, far longer than the header of a database file. " * 20)
    with pytest.raises(PostLaunchError, match="is not a SQLite database") as refused:
        opener(text)
    assert "ledger.url" in refused.value.remedy
    assert text.read_text().startswith("my notes")


@pytest.mark.parametrize("opener", OPENERS, ids=["ledger", "checkpointer"])
def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path, opener: Callable[[Path], object]) -> None:
    (tmp_path / "postlaunch.db").mkdir()
    with pytest.raises(PostLaunchError, match="cannot be opened"):
        opener(tmp_path / "postlaunch.db")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path, clock: StillClock) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(PostLaunchError, match=r"the folder .* cannot be made") as refused:
        Ledger.open(tmp_path / "data" / "postlaunch.db", clock)
    assert "ledger.url" in refused.value.remedy


def test_a_damaged_file_is_named_as_damaged(file: Path, clock: StillClock) -> None:
    with Ledger.open(file, clock) as ledger:
        run = ledger.start_run("weekly_report", "q", "k", {})
        lease = ledger.take_lease(run.id, "web-1:100", 60)
        for number in range(30):
            ledger.put_document(lease, f"draft {number}", {"text": "x" * 3000})
    with file.open("r+b") as bytes_:
        bytes_.seek(4096)
        bytes_.write(b"\xff" * (file.stat().st_size - 4096))
    with pytest.raises(PostLaunchError, match="damaged"), Ledger.open(file, clock) as opened:
        opened.document_names(run.id)


def test_a_checkpointer_makes_no_file_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(PostLaunchError, match="cannot be opened"):
        open_checkpointer(tmp_path / "nothing.db", None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.crash
def test_a_disk_that_is_full_for_a_real_process(file: Path, forks: ForkServer) -> None:
    outcome = forks.run("fill_a_small_disk", path=str(file))
    assert outcome.error == "PostLaunchError"
    assert "the disk" in outcome.message
    with Ledger.open(file, StillClock()) as ledger:
        assert ledger.run("R").state == "created"
