"""Samples of resources and log lines written by hand, staged as the sources stage them."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from postlaunch.sources.app_logs import ApplicationLog
from postlaunch.sources.resources import ResourceLog
from postlaunch.sources.row_coverage import RowCoverage
from postlaunch.windows import zone_named

FIGURES = (
    "memory_bytes",
    "memory_limit_bytes",
    "cpu_cores",
    "cpu_limit_cores",
    "disk_bytes",
    "disk_limit_bytes",
    "pool_in_use",
    "pool_size",
)

Rows = Sequence[dict[str, Any]]
OpenResources = Callable[..., ResourceLog]
OpenLines = Callable[..., ApplicationLog]


def _coverage(rows: Rows, pods: int) -> RowCoverage:
    moments = sorted(row["ts"] for row in rows)
    return RowCoverage(
        first=moments[0],
        last=moments[-1],
        format="json",
        files=("made.jsonl",),
        bytes=1,
        rows_read=len(rows),
        rows=len(rows),
        rows_rejected=0,
        rows_future=0,
        rejected_by_reason={},
        rejected_samples=(),
        pods=pods,
        columns=(),
    )


def _write(path: Path, columns: dict[str, str], rows: list[tuple[Any, ...]]) -> None:
    import duckdb

    made = path.with_suffix(".jsonl")
    lines = (json.dumps(dict(zip(columns, row, strict=True)), default=str) for row in rows)
    made.write_text("\n".join(lines), encoding="utf-8")
    with duckdb.connect() as connection:
        found = connection.read_json(str(made), columns=columns, format="newline_delimited")
        found.write_parquet(str(path))


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


@pytest.fixture
def open_resources(tmp_path: Path) -> Generator[OpenResources]:
    """Opens samples: each has a moment `ts` with its zone, a pod, and figures; what is left out is not
    known.
    """
    opened: list[ResourceLog] = []

    def open_them(rows: Rows, *, zone: str = "UTC") -> ResourceLog:
        place = zone_named(zone)
        table = [
            (
                _naive(row["ts"]),
                row["ts"].astimezone(place).date(),
                row.get("pod"),
                *(row.get(figure) for figure in FIGURES),
            )
            for row in rows
        ]
        columns = {"ts": "TIMESTAMP", "day": "DATE", "pod": "VARCHAR", **dict.fromkeys(FIGURES, "DOUBLE")}
        path = tmp_path / f"resources-{len(opened)}.parquet"
        _write(path, columns, table)
        pods = len({row.get("pod") for row in rows})
        opened.append(ResourceLog(path, _coverage(rows, pods), zone, "made"))
        return opened[-1]

    yield open_them
    for log in opened:
        log.close()


@pytest.fixture
def open_lines(tmp_path: Path) -> Generator[OpenLines]:
    """Opens log lines: each has a moment `ts` with its zone, a level, a template, and more where it is
    given.
    """
    opened: list[ApplicationLog] = []

    def open_them(rows: Rows, *, zone: str = "UTC") -> ApplicationLog:
        place = zone_named(zone)
        table = [
            (
                _naive(row["ts"]),
                row["ts"].astimezone(place).date(),
                row["level"],
                row.get("logger", "app"),
                row.get("pod"),
                row.get("message", row["template"]),
                row["template"],
            )
            for row in rows
        ]
        names = ("level", "logger", "pod", "message", "template")
        path = tmp_path / f"lines-{len(opened)}.parquet"
        _write(path, {"ts": "TIMESTAMP", "day": "DATE", **dict.fromkeys(names, "VARCHAR")}, table)
        opened.append(ApplicationLog(path, _coverage(rows, 1), zone, "made"))
        return opened[-1]

    yield open_them
    for log in opened:
        log.close()


@pytest.fixture
def hours_from() -> Callable[[datetime, int], list[datetime]]:
    """So many hours in a row."""
    return lambda start, number: [start + timedelta(hours=place) for place in range(number)]
