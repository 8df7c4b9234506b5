"""Small made worlds for the measurements and rules about incidents: requests, samples, log lines, records."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from postlaunch.facts import Definition, Fact, Measurement
from postlaunch.sources.alerts import AlertRecord, AlertTable
from postlaunch.sources.app_logs import ApplicationLog
from postlaunch.sources.changes import Change, ChangeTable
from postlaunch.sources.requests import RequestLog
from postlaunch.sources.resources import ResourceLog
from postlaunch.sources.row_coverage import RowCoverage
from postlaunch.tools.measurement import MeasurementResult, Source, run_measurement
from postlaunch.windows import Window

ZONE = "America/Los_Angeles"
START = datetime(2025, 11, 18, 22, 15, tzinfo=UTC)
"""14:15 on a Tuesday, on the clock of the application."""

RESOURCE_COLUMNS = (
    "memory_bytes",
    "memory_limit_bytes",
    "cpu_cores",
    "cpu_limit_cores",
    "disk_bytes",
    "disk_limit_bytes",
    "pool_in_use",
    "pool_size",
)


def at(minutes: float) -> datetime:
    """So many minutes after the incident began."""
    return START + timedelta(minutes=minutes)


def span(first: float, last: float, label: str = "") -> Window:
    """From one minute of the incident to another."""
    return Window(start=at(first), end=at(last), zone=ZONE, label=label)


@dataclass(frozen=True)
class Minute:
    """The requests of one minute.

    Attributes:
        users: how many people take turns; 0: the log names none.
        failing: which of the users fail; None: whoever's turn it is.
    """

    place: int
    requests: int = 30
    failed: int = 0
    users: int = 10
    path: str = "/users"
    pod: str = "web-1"
    status: int = 500


def request_lines(minutes: Iterable[Minute]) -> list[str]:
    """The log of these minutes; the failures of each come first."""
    lines = []
    for minute in minutes:
        for number in range(minute.requests):
            moment = at(minute.place) + timedelta(seconds=number * 60 / minute.requests)
            row = {
                "time": moment.isoformat(),
                "method": "GET",
                "path": minute.path,
                "status": minute.status if number < minute.failed else 200,
                "latency": 100,
                "pod": minute.pod,
            }
            if minute.users:
                row["user"] = f"u{number % minute.users}"
            lines.append(json.dumps(row))
    return lines


def quiet(first: int, last: int, **fields: Any) -> list[Minute]:
    """Minutes without failures."""
    return [Minute(place, **fields) for place in range(first, last)]


@dataclass
class World:
    """Opens made sources, and measures over them."""

    folder: Path
    open_log: Callable[..., RequestLog]
    opened: list[Any]

    def requests(self, *minutes: Iterable[Minute]) -> RequestLog:
        """A request log of these minutes."""
        lines = request_lines(minute for group in minutes for minute in group)
        log = self.open_log(lines, name="requests.jsonl", zone=ZONE, format="json")
        self.opened.append(log)
        return log

    def resources(self, rows: Iterable[Mapping[str, Any]]) -> ResourceLog:
        """Samples; each row names its minute ("place"), its pod and figures."""
        full = [
            {"pod": "web-1", **dict.fromkeys(RESOURCE_COLUMNS), **row, "ts": at(row["place"])} for row in rows
        ]
        columns = ("ts", "pod", *RESOURCE_COLUMNS)
        return self._staged(ResourceLog, columns, full)

    def logs(self, rows: Iterable[tuple[float, str, str]], pod: str = "web-1") -> ApplicationLog:
        """Lines: minute, level, template (which is the message, too)."""
        full = [
            {"ts": at(place), "level": level, "logger": "app", "pod": pod, "message": text, "template": text}
            for place, level, text in rows
        ]
        return self._staged(ApplicationLog, ("ts", "level", "logger", "pod", "message", "template"), full)

    def _staged(self, kind: Any, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> Any:
        import duckdb

        path = self.folder / f"{kind.name}.parquet"
        moments = [row["ts"] for row in rows]
        numbers = dict.fromkeys(RESOURCE_COLUMNS, "DOUBLE")
        types = ", ".join(
            f"{name} {numbers.get(name, 'TIMESTAMP' if name == 'ts' else 'VARCHAR')}" for name in columns
        )
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE made ({types})")
            connection.executemany(
                f"INSERT INTO made VALUES ({', '.join('?' * len(columns))})",
                [
                    [row["ts"].replace(tzinfo=None) if name == "ts" else row[name] for name in columns]
                    for row in rows
                ],
            )
            connection.execute(f"COPY (SELECT *, ts::DATE AS day FROM made) TO '{path}' (FORMAT parquet)")
        coverage = RowCoverage(
            first=min(moments),
            last=max(moments),
            format="parquet",
            files=(path.name,),
            bytes=path.stat().st_size,
            rows_read=len(rows),
            rows=len(rows),
            rows_rejected=0,
            rows_future=0,
            rejected_by_reason={},
            rejected_samples=(),
            pods=len({row["pod"] for row in rows}),
            columns=columns,
        )
        log = kind(path, coverage, ZONE, "made")
        self.opened.append(log)
        return log

    @staticmethod
    def changes(*changes: Change) -> ChangeTable:
        """A table of changes."""
        return ChangeTable(fingerprint="c", changes=changes, zone=ZONE)

    @staticmethod
    def alerts(*records: AlertRecord) -> AlertTable:
        """A table of records of alerts."""
        return AlertTable(fingerprint="a", records=records, zone=ZONE)

    @staticmethod
    def measure(name: str, source: Source, /, **parameters: Any) -> MeasurementResult:
        """One measurement over one source."""
        return run_measurement(name, parameters, {source.name: source})


@pytest.fixture
def world(tmp_path: Path, open_log: Callable[..., RequestLog]) -> Generator[World]:
    made = World(tmp_path, open_log, [])
    yield made
    for log in made.opened:
        log.close()


@pytest.fixture(scope="session")
def helpers() -> Any:
    """The functions of this file, for tests that make worlds of their own."""

    class Helpers:
        START = START
        ZONE = ZONE
        Minute = Minute
        at = staticmethod(at)
        span = staticmethod(span)
        quiet = staticmethod(quiet)
        fact = staticmethod(fact)

    return Helpers


def fact(
    definition: Definition,
    value: float,
    *,
    before: float | None = None,
    entity: str = "application",
    n: int = 1000,
    source: str = "requests",
) -> Fact:
    """A fact as a measurement would give it."""
    return Fact(
        name=definition.name,
        value=value,
        unit=definition.unit,
        entity=entity,
        window=span(0, 8),
        definition=definition,
        measurement=Measurement(name="made", source=source, fingerprint="f"),
        n=n,
        baseline=before,
    )
