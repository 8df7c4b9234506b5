"""What every staged source keeps to: broken files are errors in words, and staged rows are only read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from postlaunch.errors import SourceError
from postlaunch.settings import Application, Settings
from postlaunch.settings_sources import EventSource, FilesSource, RequestSource, Sources
from postlaunch.sources.opening import OPENERS, OpenSource
from postlaunch.sources.row_reading import RowReader
from postlaunch.windows import Clock

NOON = "2025-11-18T12:00:00Z"
LATER = datetime(2025, 12, 1, tzinfo=UTC)
ROWS = {
    "requests": {"time": NOON, "method": "GET", "path": "/a", "status": 200},
    "events": {"time": NOON, "user": "ann", "event": "login"},
    "resources": {"time": NOON, "pod": "api-0", "memory_bytes": 5},
    "logs": {"time": NOON, "level": "info", "message": "ready"},
}
TABLES = ["events", "resources", "logs"]
"""Staged sources that are read from CSV too."""

SETTINGS = {"requests": RequestSource, "events": EventSource, "resources": FilesSource, "logs": FilesSource}

Opened = Callable[..., Any]


@pytest.fixture
def opened(tmp_path: Path):
    """Opens a source from a file's content; what else is named goes to its settings."""
    left: list[OpenSource] = []

    def open_it(
        source: str,
        content: bytes | None,
        name: str,
        *,
        zone: str = "UTC",
        clock: Clock = lambda: LATER,
        **other: object,
    ) -> OpenSource:
        if content is not None:
            (tmp_path / name).write_bytes(content)
        named = SETTINGS[source](**{"paths": (name,), **other})
        settings = Settings(
            folder=tmp_path,
            application=Application(timezone=zone),
            sources=Sources(**{source: named}),
        )
        left.append(OPENERS[source](settings, clock))
        return left[-1]

    yield open_it
    for log in left:
        log.close()


def lines(source: str, count: int = 1, **other: object) -> bytes:
    return "".join(f"{json.dumps({**ROWS[source], **other, 'n': n})}\n" for n in range(count)).encode()


def table(source: str, count: int = 1) -> bytes:
    row = ROWS[source]
    return "\n".join([",".join(row), *[",".join(map(str, row.values()))] * count, ""]).encode()


@pytest.mark.parametrize("source", ROWS)
@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.jsonl", "empty|nothing in|no events in"),
        (b"\n \n", "a.jsonl", "blank"),
        (b"nonsense\n", "a.jsonl", "nonsense"),
        (bytes(range(256)) * 40, "a.jsonl", "no row of|no line of"),
        (b"not a table", "a.parquet", "could not be read as parquet"),
        (b'{"sku": 1, "price": 2}\n', "a.jsonl", "known to hold the time"),
        (b"PK\x03\x04....", "a.jsonl", "compressed with zip"),
        (None, "missing.jsonl", 'no file matches "missing.jsonl"'),
    ],
)
def test_a_broken_file_is_an_error_with_a_remedy(opened, source, content, name, said) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        opened(source, content, name)
    assert caught.value.remedy


@pytest.mark.parametrize("source", ROWS)
def test_compressed_lines_that_end_early_are_refused_whole(opened, source: str) -> None:
    whole = gzip.compress(lines(source, 3_000))
    with pytest.raises(SourceError, match="ends in the middle of its compressed data") as caught:
        opened(source, whole[:-200], "a.jsonl.gz")
    assert "copy it again" in caught.value.remedy


@pytest.mark.parametrize("source", TABLES)
def test_a_compressed_table_that_ends_early_or_is_damaged_is_refused_whole(opened, source: str) -> None:
    whole = gzip.compress(table(source, 3_000))
    for broken in (whole[:-4], whole[:-8] + b"\0\0\0\0" + whole[-4:]):
        with pytest.raises(SourceError, match=r"ends in the middle|is damaged"):
            opened(source, broken, "a.csv.gz")


@pytest.mark.parametrize("source", TABLES)
def test_compression_is_known_by_the_first_bytes(opened, source: str) -> None:
    assert opened(source, gzip.compress(table(source, 3)), "a.csv").coverage.recorded == 3


@pytest.mark.parametrize("source", TABLES)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"sku,price\n1,2\n", "known to hold the time"),
        (bytes(range(256)) * 40, "could not be read as csv"),
        (b"time\n", "blank rows"),
    ],
)
def test_a_foreign_table_is_an_error_with_a_remedy(opened, source: str, content: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        opened(source, content, "a.csv")
    assert caught.value.remedy


@pytest.mark.parametrize("source", TABLES)
def test_a_list_in_one_document_says_how_to_write_lines(opened, source: str) -> None:
    with pytest.raises(SourceError) as caught:
        opened(source, json.dumps([ROWS[source]]).encode(), "a.json")
    assert "jq -c" in caught.value.remedy


@pytest.mark.parametrize("source", ["resources", "logs"])
@pytest.mark.parametrize(
    ("fields", "said"),
    [({"colour": "time"}, '"colour" is no field'), ({"pod": "container"}, 'no column "container" for pod')],
)
def test_a_wrong_mapping_is_named(opened, source: str, fields: dict[str, str], said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        opened(source, table(source), "a.csv", fields=fields)
    assert caught.value.remedy


@pytest.mark.parametrize("source", ROWS)
def test_a_time_without_a_zone_is_the_applications(opened, source: str) -> None:
    log = opened(source, lines(source, time="2025-11-18 12:00:00"), "a.jsonl", zone="America/Los_Angeles")
    assert log.coverage.first == datetime(2025, 11, 18, 20, tzinfo=UTC)


@pytest.mark.parametrize("source", ROWS)
def test_a_file_all_in_the_future_says_so(opened, source: str) -> None:
    with pytest.raises(SourceError, match="dated in the future") as caught:
        opened(source, lines(source, time="2099-01-01T00:00:00Z"), "a.jsonl")
    assert "clocks" in caught.value.remedy


@pytest.mark.parametrize("source", ROWS)
def test_a_row_from_the_future_is_read_once_its_time_has_come_under_another_fingerprint(
    opened, source
) -> None:
    content = lines(source) + lines(source, time="2025-12-30T00:00:00Z")
    early = opened(source, content, "a.jsonl")
    late = opened(source, None, "a.jsonl", clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    assert (early.coverage.recorded, late.coverage.recorded) == (1, 2)
    assert early.fingerprint != late.fingerprint


@pytest.mark.parametrize("source", ROWS)
def test_the_fingerprint_is_of_content_and_reading_not_of_names(opened, source: str) -> None:
    first = opened(source, lines(source), "a.jsonl").fingerprint
    assert opened(source, lines(source), "renamed.jsonl").fingerprint == first
    assert opened(source, lines(source, other=1), "a.jsonl").fingerprint != first
    assert opened(source, lines(source), "a.jsonl", zone="Asia/Kolkata").fingerprint != first
    assert opened(source, lines(source), "a.jsonl", fields={"time": "time"}).fingerprint != first
    assert opened(source, lines(source), "a.jsonl", format="json").fingerprint != first


@pytest.mark.parametrize("source", ["resources", "logs"])
def test_rows_are_staged_once(opened, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = opened(source, lines(source, 5), "a.jsonl").coverage
    monkeypatch.setattr(RowReader, "read", None)
    assert opened(source, None, "a.jsonl").coverage == before


@pytest.mark.parametrize("source", ROWS)
def test_staged_rows_can_only_be_read(opened, source: str, tmp_path: Path) -> None:
    log = opened(source, lines(source, 3), "a.jsonl")
    (tmp_path / "secret.csv").write_text("a\n1\n", encoding="utf-8")
    attempts = (
        f"DELETE FROM {source}",
        f"INSERT INTO {source} SELECT * FROM {source}",
        f"SELECT * FROM '{tmp_path}/secret.csv'",
        f"COPY {source} TO '{tmp_path}/out.csv'",
        "SET enable_external_access = true",
    )
    for attempt in attempts:
        with pytest.raises(duckdb.Error):
            log.cursor().execute(attempt)
    assert log.cursor().execute(f"SELECT count(*) FROM {source}").fetchall() == [(3,)]


@pytest.mark.parametrize("source", ROWS)
def test_a_window_is_cut_where_the_rows_end(opened, source: str) -> None:
    log = opened(source, lines(source, 3), "a.jsonl")
    assert log.window_for("UTC").label == "2025-W47"
    assert log.window_for("UTC").partial
