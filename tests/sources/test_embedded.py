"""A staged table that is closed while somebody queries it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import duckdb
import pytest

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


def test_closing_twice_is_harmless(table: EmbeddedTable) -> None:
    table.close()
    table.close()
