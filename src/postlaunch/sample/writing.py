"""The small files of the sample, as real systems write them."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from importlib.resources import files
from json import JSONEncoder
from pathlib import Path
from string import Template
from zoneinfo import ZoneInfo

from postlaunch.sample.alerts import AlertRow
from postlaunch.sample.app_log import LogLine
from postlaunch.sample.changes import Change
from postlaunch.sample.costs import CostLine
from postlaunch.sample.rhythm import moment
from postlaunch.sample.written_tickets import WrittenTicket

COMPACT = JSONEncoder(separators=(",", ":"))

TICKET_COLUMNS = ("ticket_id", "created_at", "requester", "subject", "body", "type")


def write_tickets(path: Path, tickets: Iterable[WrittenTicket], zone: ZoneInfo) -> None:
    """A help desk's CSV export; times with their offset."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(TICKET_COLUMNS)
        for ticket in tickets:
            created = moment(ticket.at, zone).isoformat(sep=" ", timespec="seconds")
            writer.writerow((ticket.id, created, ticket.requester, ticket.subject, ticket.body, ticket.kind))


def write_log(path: Path, lines: Iterable[LogLine], zone: ZoneInfo) -> None:
    """JSON lines, gzipped; the same lines give the same bytes."""
    text = "".join(
        COMPACT.encode(
            {
                "time": moment(line.at, zone).isoformat(timespec="milliseconds"),
                "level": line.level,
                "logger": line.logger,
                "pod": line.pod,
                "message": line.message,
            }
        )
        + "\n"
        for line in lines
    )
    path.write_bytes(gzip.compress(text.encode(), compresslevel=4, mtime=0))


def write_records(path: Path, records: Iterable[Change] | Iterable[AlertRow]) -> None:
    """JSON lines; a field that says nothing is left out."""
    with path.open("w", encoding="utf-8") as file:
        for record in records:
            said = {name: value for name, value in asdict(record).items() if value not in ("", None, False)}
            file.write(json.dumps(said, default=_written) + "\n")


def write_costs(path: Path, lines: Iterable[CostLine]) -> None:
    """A bill as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(CostLine))
        writer.writerows((line.day, line.service, line.amount, line.quantity, line.unit) for line in lines)


def write_json(path: Path, value: object) -> None:
    """One JSON document."""
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def write_resource(name: str, path: Path, values: Mapping[str, object] | None = None) -> None:
    """A file of this package, with its blanks filled in where there are values for them."""
    text = files("postlaunch.sample").joinpath(name).read_text(encoding="utf-8")
    path.write_text(text if values is None else Template(text).substitute(values), encoding="utf-8")


def _written(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat(timespec="seconds")
