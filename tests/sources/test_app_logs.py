"""Lines of an application's log are read from each format, and lines alike have one template."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from postlaunch.settings import Application, Settings
from postlaunch.settings_sources import FilesSource, Sources
from postlaunch.sources.app_logs import ApplicationLog, open_app_logs

NOON = "2025-11-18T12:00:00Z"
LATER = datetime(2025, 12, 1, tzinfo=UTC)


def rows(log: ApplicationLog, columns: str) -> list[tuple]:
    return log.cursor().execute(f"SELECT {columns} FROM logs ORDER BY ts").fetchall()


def line(**other: object) -> dict[str, object]:
    return {"time": NOON, "level": "info", "message": "ready", **other}


@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.csv.gz", "a.jsonl", "app.log.jsonl.gz"])
def test_the_same_lines_are_read_from_every_format(tmp_path: Path, name: str) -> None:
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE lines AS SELECT * FROM (VALUES "
        "('2025-11-18T12:00:00Z', 'WARNING', 'db.pool', 'api-0', 'pool, \"main\", is full'), "
        "('2025-11-18T23:30:00-08:00', 'error', NULL, NULL, 'lost')) AS t(timestamp, level, logger, pod, msg)"
    )
    connection.execute(f"COPY lines TO '{tmp_path / name}' {'(FORMAT json)' if 'json' in name else ''}")
    settings = Settings(
        folder=tmp_path,
        application=Application(timezone="America/Los_Angeles"),
        sources=Sources(logs=FilesSource(paths=name)),
    )
    log = open_app_logs(settings, lambda: LATER)
    found = rows(log, "ts::VARCHAR, day::VARCHAR, level, logger, pod, message")
    log.close()
    assert found == [
        ("2025-11-18 12:00:00", "2025-11-18", "warning", "db.pool", "api-0", 'pool, "main", is full'),
        ("2025-11-19 07:30:00", "2025-11-18", "error", None, None, "lost"),
    ]


def test_several_files_of_a_glob_are_one_log(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(json.dumps(line(message="b", time="2025-11-18T13:00:00Z")))
    with gzip.open(tmp_path / "app.log.1.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(line(message="a")))
    settings = Settings(folder=tmp_path, sources=Sources(logs=FilesSource(paths="app.log*")))
    log = open_app_logs(settings, lambda: LATER)
    assert rows(log, "message") == [("a",), ("b",)]
    log.close()


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("TRACE", "debug"),
        ("Debug", "debug"),
        (20, "debug"),
        ("Information", "info"),
        ("notice", "info"),
        (6, "info"),
        (30, "info"),
        ("WARN", "warning"),
        (4, "warning"),
        (40, "warning"),
        ("ERR", "error"),
        ("SEVERE", "error"),
        ("3", "error"),
        (50, "error"),
        ("FATAL", "critical"),
        ("panic", "critical"),
        (0, "critical"),
        (60, "critical"),
    ],
)
def test_the_levels_of_other_libraries_are_five(open_app_log, written: object, level: str) -> None:
    assert rows(open_app_log([line(level=written)]), "level") == [(level,)]


@pytest.mark.parametrize(
    ("key", "column"),
    [
        ("severity_text", "level"),
        ("logger_name", "logger"),
        ("kubernetes.pod_name", "pod"),
        ("event", "message"),
    ],
)
def test_fields_are_found_under_the_names_of_logging_libraries(open_app_log, key: str, column: str) -> None:
    given = {"time": NOON, "level": "info", "message": "x", "logger": "a", "pod": "b"}
    given.pop(column)
    nested = {"kubernetes": {"pod_name": "info"}} if "." in key else {key: "info"}
    assert rows(open_app_log([given | nested]), column) == [("info",)]


def test_fields_are_mapped(open_app_log) -> None:
    log = open_app_log(
        [{"at": NOON, "l": "info", "event": "x", "what": {"said": "this"}}],
        fields={"time": "at", "level": "l", "message": "what.said"},
    )
    assert rows(log, "message") == [("this",)]


@pytest.mark.parametrize(
    ("message", "template"),
    [
        ("User 42 not found", "User <*> not found"),
        ("GET /users/42/roles?page=3 took 31.2ms", "GET /users/<*>/roles?page=<*> took <*>"),
        ("connection timeout after 3000 ms to db-1:5432", "connection timeout after <*> ms to <*>"),
        ("pool exhausted: 10/10 in use, 5 waiting", "pool exhausted: <*> in use, <*> waiting"),
        ('key "a b" is missing', "key <*> is missing"),
        ("name='Ann Lee' refused", "name=<*> refused"),
        ("can't connect, won't retry", "can't connect, won't retry"),
        ("mail to ann.lee@example.org bounced", "mail to <*> bounced"),
        ("fetch https://example.org/a/b?c=1 failed", "fetch <*> failed"),
        ("request 7f3a9c21-1111-2222-3333-444455556666 lost", "request <*> lost"),
        ("session req7f3a9c21 of user_7 ended", "session <*> of <*> ended"),
        ("peer 10.0.0.7:51342 reset at 2025-11-18T14:15:00Z", "peer <*> reset at <*>"),
        ("ids [1, 2, 3] and [4, 5]", "ids [<*>] and [<*>]"),
        ("CPU at 93.5% of 500m", "CPU at <*> of <*>"),
        ("OAuth2 token of v2 expired", "OAuth2 token of v2 expired"),
        ("Traceback of job 7\n  File 'x.py', line 3", "Traceback of job <*>"),
        ("nothing that differs", "nothing that differs"),
    ],
)
def test_what_differs_between_lines_alike_is_left_out_of_their_template(
    open_app_log, message: str, template: str
) -> None:
    assert rows(open_app_log([line(message=message)]), "template") == [(template,)]


def test_a_message_is_one_clean_line_of_bounded_length(open_app_log) -> None:
    log = open_app_log([line(message="a\x1b[31m\u202eb\n\tc"), line(message="x" * 5_000)])
    assert sorted(message for (message,) in rows(log, "message")) == ["a[31mb c", "x" * 2_000]


def test_lines_that_are_none_are_counted_and_shown(open_app_log) -> None:
    coverage = open_app_log(
        [
            line(),
            line(level="loud"),
            line(level=None),
            line(message=" "),
            line(time="x"),
            line(time="2025-12-30T00:00:00Z"),
        ],
        clock=lambda: LATER,
    ).coverage
    assert (coverage.rows, coverage.rows_future) == (1, 1)
    assert coverage.rejected_by_reason == {"no known level": 2, "no message": 1, "no readable time": 1}
    assert coverage.rejected_samples[0].line == 2
