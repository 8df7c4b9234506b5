"""The sample's files, as real systems write them."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable
from importlib.resources import files
from json import JSONEncoder
from pathlib import Path
from zoneinfo import ZoneInfo

from postlaunch.sample.records import Request, WrittenTicket
from postlaunch.sample.rhythm import moment

COMPACT = JSONEncoder(separators=(",", ":"))

TICKET_COLUMNS = ("ticket_id", "created_at", "requester", "subject", "body", "type")


def write_requests(path: Path, requests: Iterable[Request], zone: ZoneInfo) -> None:
    """JSON lines, gzipped where the path ends in `.gz`; the same requests give the same bytes."""
    text = "".join(_line(request, zone) for request in requests).encode()
    if path.suffix == ".gz":
        text = gzip.compress(text, compresslevel=4, mtime=0)
    path.write_bytes(text)


def _line(request: Request, zone: ZoneInfo) -> str:
    query = f"?{request.query}" if request.query else ""
    entry = {
        "time": moment(request.at, zone).isoformat(timespec="milliseconds"),
        "method": request.method,
        "path": request.path + query,
        "status": request.status,
        "latency_ms": request.latency_ms,
        "user": request.user,
        "pod": request.pod,
        "bytes": request.size,
        "client": request.client,
        "user_agent": request.agent,
    }
    return COMPACT.encode(entry) + "\n"


def write_tickets(path: Path, tickets: Iterable[WrittenTicket], zone: ZoneInfo) -> None:
    """A help desk's CSV export; times with their offset."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(TICKET_COLUMNS)
        for ticket in tickets:
            created = moment(ticket.at, zone).isoformat(sep=" ", timespec="seconds")
            writer.writerow((ticket.id, created, ticket.requester, ticket.subject, ticket.body, ticket.kind))


def copy_resource(name: str, path: Path) -> None:
    """A file of this package, as it is."""
    path.write_bytes(files("postlaunch.sample").joinpath(name).read_bytes())
