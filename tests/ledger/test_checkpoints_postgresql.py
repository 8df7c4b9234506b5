"""The fence of checkpoints in PostgreSQL: it stands in the database, whoever writes and however they race."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig

from postlaunch.errors import LeaseLost, PostLaunchError
from postlaunch.ledger import engine
from postlaunch.ledger.checkpoints import open_checkpointer
from postlaunch.ledger.fenced_saver import FencedSaver
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import Lease
from postlaunch.ledger_place import PostgresPlace
from postlaunch.testing.clock import StillClock
from postlaunch.testing.postgres import PostgresServer, name_of

psycopg: Any = pytest.importorskip("psycopg", reason="PostgreSQL's driver is an extra")
pytestmark = pytest.mark.postgres

INSERT = (
    "INSERT INTO postlaunch_checkpoints.checkpoint_blobs (thread_id, channel, version, type) "
    "VALUES (%s, 'a', '1', 'null') ON CONFLICT DO NOTHING"
)


@pytest.fixture
def path(postgres: PostgresServer, migrated_database: PostgresPlace) -> PostgresPlace:
    """An empty ledger."""
    emptied = Path(__file__).with_name("emptied.sql").read_text(encoding="utf-8")
    postgres.run(emptied, name_of(migrated_database))
    return migrated_database


@pytest.fixture
def saver(path: PostgresPlace, lease: Lease) -> Iterator[FencedSaver]:
    with open_checkpointer(path, lease) as opened:
        yield opened


@pytest.fixture
def config(lease: Lease) -> RunnableConfig:
    return {"configurable": {"thread_id": lease.run, "checkpoint_ns": "", "checkpoint_id": "1"}}


@pytest.fixture
def other(path: PostgresPlace) -> Iterator[Any]:
    """A session that states no lease."""
    with psycopg.connect(path.url, autocommit=True) as connection:
        yield connection


def checkpoint(**values: object) -> Any:
    versions = dict.fromkeys(values, "1")
    return {"v": 4, "id": "2", "ts": "", "channel_values": values, "channel_versions": versions}


def test_a_session_without_a_lease_writes_nothing_also_past_the_saver(lease: Lease, other: Any) -> None:
    with pytest.raises(psycopg.DatabaseError, match=f"no lease on run {lease.run}") as refused:
        other.execute(INSERT, (lease.run,))
    assert refused.value.sqlstate == "PL001"


def test_an_older_token_is_refused_by_the_database_itself(
    ledger: Ledger, lease: Lease, saver: Any, clock: StillClock
) -> None:
    saver.conn.execute(INSERT, (lease.run,))
    clock.forward(minutes=2)
    ledger.take_lease(lease.run, "web-2:200", 60)
    with pytest.raises(psycopg.DatabaseError, match="no lease") as refused:
        saver.conn.execute(INSERT, (lease.run,))
    assert refused.value.diag.message_detail == "web-2:200"


def test_tables_that_were_made_without_a_fence_get_it(path: PostgresPlace, lease: Lease, other: Any) -> None:
    other.execute("DROP FUNCTION postlaunch_checkpoints.require_lease() CASCADE")
    other.execute(INSERT, (lease.run,))
    open_checkpointer(path, None).close()
    with pytest.raises(psycopg.DatabaseError, match="no lease"):
        other.execute(INSERT, (lease.run,))


def test_who_takes_a_run_over_waits_until_a_write_has_ended(
    path: PostgresPlace, lease: Lease, saver: Any, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    clock.forward(minutes=2)
    with Ledger.open(path, clock) as heir:
        with saver.writing():
            saver.conn.execute(INSERT, (lease.run,))
            with pytest.raises(PostLaunchError, match="kept it locked"):
                heir.take_lease(lease.run, "web-2:200", 60)
        assert heir.take_lease(lease.run, "web-2:200", 60).token == lease.token + 1


def test_a_write_that_waited_for_a_takeover_is_refused_after_it(
    lease: Lease, saver: Any, config: RunnableConfig, other: Any
) -> None:
    raised: list[BaseException] = []

    def write() -> None:
        try:
            saver.put(config, checkpoint(numbers=[1]), {}, {"numbers": "1"})
        except LeaseLost as lost:
            raised.append(lost)

    waiting = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
    pid = saver.conn.info.backend_pid
    thread = threading.Thread(target=write)
    with other.transaction():
        other.execute("UPDATE postlaunch.leases SET token = token + 1, holder = 'web-2:200'")
        thread.start()
        with psycopg.connect(other.info.dsn, autocommit=True) as watching:
            while not watching.execute(waiting, (pid,)).fetchone():
                time.sleep(0.005)
    thread.join()
    assert [str(lost) for lost in raised] == [
        f"web-1:100 no longer holds the lease on run {lease.run}; web-2:200 holds or held it last"
    ]
    assert count(saver) == 0


def test_of_a_write_that_fails_half_way_nothing_stays(saver: Any, config: RunnableConfig) -> None:
    """A checkpoint's values come first; then it itself, with a character that PostgreSQL keeps nowhere."""
    with pytest.raises(PostLaunchError, match="does not store"):
        saver.put(config, checkpoint(numbers=[1], text="\0"), {}, {"numbers": "1", "text": "1"})
    assert count(saver) == 0
    saver.put(config, checkpoint(numbers=[1], text="0"), {}, {"numbers": "1", "text": "1"})
    assert count(saver) == 1


def count(saver: Any) -> int:
    """How many values of checkpoints are stored."""
    return int(saver.conn.execute("SELECT count(*) AS n FROM checkpoint_blobs").fetchone()["n"])
