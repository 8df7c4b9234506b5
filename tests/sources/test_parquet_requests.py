"""Requests in Parquet go through the same routes, bots, rejects and coverage as lines do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from postlaunch.errors import SourceError
from postlaunch.settings import Application, Settings
from postlaunch.settings_sources import RequestSource, Sources
from postlaunch.sources import parquet_requests
from postlaunch.sources.requests import RequestLog, open_requests

LATER = datetime(2025, 12, 1, tzinfo=UTC)
ROW = (
    "SELECT TIMESTAMPTZ '2025-11-18 12:00:00+00' AS time, 'get' AS method, '/users/42?x=1' AS path, "
    "200 AS status, 31.5 AS latency_ms, 7 AS user_id, 'api-0' AS pod, 512 AS bytes, "
    "'Mozilla/5.0' AS user_agent, '203.0.113.7' AS client_ip"
)


def opened(
    folder: Path, query: str, *, zone: str = "UTC", name: str = "r.parquet", **source: object
) -> RequestLog:
    duckdb.sql(query).write_parquet(str(folder / name))
    return reopened(folder, zone=zone, **{"paths": (name,), **source})


def reopened(folder: Path, *, zone: str = "UTC", **source: object) -> RequestLog:
    settings = Settings(
        folder=folder,
        application=Application(timezone=zone),
        sources=Sources(requests=RequestSource(**source)),
    )
    return open_requests(settings, lambda: LATER)


def rows(log: RequestLog, columns: str = "*") -> list[tuple]:
    found = log.cursor().execute(f"SELECT {columns} FROM requests ORDER BY ts, path").fetchall()
    log.close()
    return found


def test_a_row_is_read_as_the_same_line_would_be(tmp_path: Path, open_log) -> None:
    in_parquet = rows(opened(tmp_path, ROW))
    line = (
        '{"time": "2025-11-18T12:00:00Z", "method": "get", "path": "/users/42?x=1", "status": 200, '
        '"latency_ms": 31.5, "user_id": 7, "pod": "api-0", "bytes": 512, "user_agent": "Mozilla/5.0", '
        '"client_ip": "203.0.113.7"}\n'
    )
    assert in_parquet == rows(open_log(line, name="access.jsonl", clock=lambda: LATER))
    assert in_parquet[0][1:6] == ("GET", "/users/42", "/users/:id", 200, 31.5)


@pytest.mark.parametrize(
    ("time", "hour"),
    [
        ("TIMESTAMPTZ '2025-11-18 12:00:00+01'", 11),
        ("TIMESTAMP '2025-11-18 12:00:00'", 20),
        ("TIMESTAMP_MS '2025-11-18 12:00:00'", 20),
        ("'2025-11-18T12:00:00'", 20),
        ("'2025-11-18T12:00:00-05:00'", 17),
        ("1763467200", 12),
        ("1763467200000::BIGINT", 12),
    ],
)
def test_a_time_is_read_by_its_type_and_without_a_zone_in_the_applications(
    tmp_path: Path, time: str, hour: int
) -> None:
    log = opened(tmp_path, f"SELECT {time} AS ts, 200 AS status", zone="America/Los_Angeles")
    assert rows(log, "hour(ts)") == [(hour,)]


def test_columns_inside_objects_are_mapped(tmp_path: Path) -> None:
    http = "{'req': {'verb': 'POST', 'target': '/a'}, 'status': '503'}"
    query = f"SELECT '2025-11-18T12:00:00Z' AS ts, {http} AS http"
    log = opened(tmp_path, query, fields={"method": "http.req.verb", "path": "http.req.target"})
    assert rows(log, "method, path, status") == [("POST", "/a", 503)]


def test_templates_of_the_settings_and_bots_are_told(tmp_path: Path) -> None:
    query = f"SELECT * REPLACE ('/u/ann' AS path, 'Googlebot/2.1' AS user_agent) FROM ({ROW})"
    log = opened(tmp_path, query, path_templates={"^/u/[^/]+$": "/u/:name"})
    assert rows(log, "route, bot") == [("/u/:name", True)]


@pytest.mark.parametrize(
    ("column", "unit", "milliseconds"),
    [
        ("duration_s", None, 1500),
        ("duration_ms", None, 1.5),
        ("duration", None, 1.5),
        ("duration", "seconds", 1500),
    ],
)
def test_the_unit_of_the_latency_is_that_of_the_settings_or_of_the_column(
    tmp_path: Path, column: str, unit: str | None, milliseconds: float
) -> None:
    query = f"SELECT '2025-11-18T12:00:00Z' AS time, 200 AS status, 1.5 AS {column}"
    log = opened(tmp_path, query, **({"latency_unit": unit} if unit else {}))
    assert rows(log, "latency_ms") == [(milliseconds,)]


def test_rows_that_are_no_requests_are_counted_and_shown(tmp_path: Path) -> None:
    query = " UNION ALL ".join(
        [
            ROW,
            f"SELECT * REPLACE (700 AS status) FROM ({ROW})",
            f"SELECT * REPLACE (NULL AS time) FROM ({ROW})",
            f"SELECT * REPLACE (TIMESTAMPTZ '2025-12-30 00:00:00+00' AS time) FROM ({ROW})",
        ]
    )
    log = opened(tmp_path, query)
    coverage = log.coverage
    log.close()
    assert (coverage.lines_read, coverage.lines_parsed, coverage.lines_future) == (4, 1, 1)
    assert coverage.rejected_by_reason == {"no readable time": 1, "status outside 100-599": 1}
    assert coverage.rejected_samples[0].line == 2
    assert "/users/42?x=1" in coverage.rejected_samples[0].text
    assert coverage.format == "parquet"


def test_many_ranges_are_one_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_requests, "RANGE", 10)
    query = (
        "SELECT TIMESTAMPTZ '2025-11-18 12:00:00+00' + to_seconds(n) AS time, '/p' || n AS path, "
        "CASE WHEN n = 57 THEN 0 ELSE 200 END AS status FROM range(95) AS t(n)"
    )
    log = opened(tmp_path, query)
    coverage = log.coverage
    assert [sample.line for sample in coverage.rejected_samples] == [58]
    assert len(set(rows(log, "path"))) == 94


def test_parquet_is_known_by_its_first_bytes_and_stands_beside_lines(tmp_path: Path) -> None:
    duckdb.sql(ROW).write_parquet(str(tmp_path / "access.1"))
    (tmp_path / "access.2").write_text(
        '203.0.113.7 - - [18/Nov/2025:13:00:00 +0000] "GET /a HTTP/1.1" 200 1 "-" "Mozilla/5.0"\n'
    )
    log = reopened(tmp_path, paths=("access.*",))
    assert log.coverage.format == "combined, parquet"
    assert rows(log, "path") == [("/users/42",), ("/a",)]


@pytest.mark.parametrize(
    ("query", "fields", "said"),
    [
        ("SELECT 1 AS a, 2 AS b", {}, "no column known to hold the time or the status; columns found: a, b"),
        (ROW, {"path": "uri"}, 'no column "uri" for the path'),
        (f"SELECT * FROM ({ROW}) LIMIT 0", {}, "holds no request"),
        (f"SELECT * REPLACE (1 AS status) FROM ({ROW})", {}, "no line of .* is a request in Parquet"),
    ],
)
def test_a_table_without_requests_is_an_error_in_words(tmp_path: Path, query, fields, said) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        opened(tmp_path, query, fields=fields)
    assert caught.value.remedy


def test_a_table_that_is_rewritten_while_it_is_read_is_refused(tmp_path: Path, monkeypatch) -> None:
    split = parquet_requests.ranges

    def rewriting(*arguments):
        duckdb.sql(f"{ROW} UNION ALL {ROW}").write_parquet(str(tmp_path / "r.parquet"))
        return split(*arguments)

    monkeypatch.setattr("postlaunch.sources.parsing.ranges", rewriting)
    with pytest.raises(SourceError, match="rewritten while it was read"):
        opened(tmp_path, ROW)
