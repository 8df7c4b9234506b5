"""A staged table that is closed while somebody queries it."""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path

import duckdb
import pytest

from postlaunch.sources import embedded
from postlaunch.sources.embedded import EmbeddedTable

FOREVER = "SELECT sum(one.n * other.n) FROM numbers one, numbers other, numbers third"


@pytest.fixture
def table(tmp_path: Path) -> EmbeddedTable:
    path = tmp_path / "numbers.parquet"
    duckdb.sql("SELECT range AS n FROM range(100000)").write_parquet(str(path))
    return EmbeddedTable(path, "numbers")


def test_closing_ends_a_query_that_another_thread_runs(table: EmbeddedTable) -> None:
    ended: list[Exception] = []

    def query() -> None:
        try:
            table.cursor().execute(FOREVER).fetchall()
        except duckdb.Error as error:
            ended.append(error)

    worker = threading.Thread(target=query)
    worker.start()
    time.sleep(0.3)
    before = time.monotonic()
    table.close()
    assert time.monotonic() - before < 4
    worker.join(timeout=5)
    assert not worker.is_alive()
    assert [type(error) for error in ended] == [duckdb.InterruptException]


def test_what_exceeds_the_memory_lies_on_disk_meanwhile_and_nothing_of_it_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(embedded, "MEMORY", "40MB")
    path = tmp_path / "numbers.parquet"
    duckdb.sql("SELECT range AS n, hash(range) AS h FROM range(3000000)").write_parquet(str(path))
    table = EmbeddedTable(path, "numbers")
    [spill] = tmp_path.glob("postlaunch-spill-*")
    assert spill.stat().st_mode & 0o077 == 0, "only its owner may read it"
    ranked = "SELECT max(place) FROM (SELECT row_number() OVER (ORDER BY h) AS place FROM numbers)"
    assert table.cursor().execute(ranked).fetchall() == [(3_000_000,)]
    table.close()
    assert not spill.exists()


def test_where_nothing_can_be_written_queries_work_within_the_memory(
    table: EmbeddedTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    other = EmbeddedTable(tmp_path / "numbers.parquet", "numbers")
    assert other.cursor().execute("SELECT count(*) FROM numbers").fetchall() == [(100_000,)]
    other.close()


def test_closing_twice_is_harmless(table: EmbeddedTable) -> None:
    table.close()
    table.close()
