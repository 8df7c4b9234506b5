"""Staging: a log is parsed once into Parquet, and found again by its content and the way it was parsed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from postlaunch.errors import SourceError
from postlaunch.facts import digest_of
from postlaunch.settings_sources import RequestSource
from postlaunch.sources.coverage import MinutesOfHours
from postlaunch.sources.file_rows import FileRows, StagedRows, latest_moment
from postlaunch.sources.lines import LogFile
from postlaunch.sources.parsing import FileParser, PieceParser
from postlaunch.sources.queries import reader_digest, sql
from postlaunch.sources.staged_folders import THREADS, StagedFolders, staging_connection
from postlaunch.windows import Clock

if TYPE_CHECKING:
    import duckdb

STAGED_FILE = "requests.parquet"

KEPT_ROUTES = 2_000
KEPT_FOLDERS = 200


class Staged(StagedRows):
    """What is known of a staged log beside its rows.

    Attributes:
        first_us, last_us: microseconds since 1970 UTC.
    """

    requests: int = Field(gt=0)
    first_us: int
    last_us: int
    has_latency: bool
    has_user: bool
    has_pod: bool
    has_agent: bool
    minutes: int
    minutes_of_hours: MinutesOfHours
    routes_folded: int


def request_key(logs: Sequence[LogFile], settings: RequestSource, zone: str) -> str:
    """Digest of the files' content and of how it is parsed; their names and times do not matter."""
    how = settings.model_dump(mode="json", exclude={"paths"})
    how["unit_is_set"] = "latency_unit" in settings.model_fields_set
    digests = [file.digest for file in logs]
    return digest_of({"files": digests, "settings": how, "zone": zone, "parser": reader_digest()})


def staged(
    logs: Sequence[LogFile], settings: RequestSource, zone: str, folder: Path, clock: Clock
) -> tuple[Path, Staged]:
    """The Parquet file of these logs, built if it is not there.

    Raises:
        SourceError: a file cannot be read, no line of one parses, or the staging folder cannot be written.
    """
    now = clock()
    folders = StagedFolders(folder, "requests", "the log", Staged)
    latest = latest_moment(now).replace(tzinfo=None)

    def build(building: Path) -> Staged:
        return _build(building, logs, settings, zone, latest)

    return folders.staged(request_key(logs, settings, zone), build, now)


def _build(
    building: Path, logs: Sequence[LogFile], settings: RequestSource, zone: str, latest: datetime
) -> Staged:
    """Parse every file into parts, then write the parts as one file and look at what it holds."""
    with staging_connection(building) as connection:
        parsers = [PieceParser(connection.cursor(), settings, zone, latest) for _ in range(THREADS)]
        files = FileParser(parsers, settings, building)
        parsed = tuple(files.parse(file) for file in logs)
        _some_request(logs, parsed)
        folded = _join_parts(connection, building)
        about = _look_at(connection, building / STAGED_FILE)
    return Staged(files=parsed, routes_folded=folded, **about)


def _some_request(logs: Sequence[LogFile], parsed: Sequence[FileRows]) -> None:
    if any(file.kept for file in parsed):
        return
    future = sum(file.future for file in parsed)
    why = f"all {future:,} of its lines are dated in the future" if future else "it has only blank lines"
    raise SourceError(
        f"the request log {logs[0].path} holds no request: {why}",
        "check the clocks of the server and of this machine" if future else "name a log with lines in it",
    )


def _join_parts(connection: duckdb.DuckDBPyConnection, building: Path) -> int:
    """Write the staged file from its parts; how many endpoints were counted under a folder."""
    parts = [str(part) for part in sorted(building.glob("part-*.parquet"))]
    connection.execute(sql("endpoints.sql"), {"parts": parts, "kept": KEPT_ROUTES})
    connection.execute(sql("folders.sql"), {"kept_folders": KEPT_FOLDERS})
    connection.execute(sql("folded.sql"))
    connection.execute(sql("write_requests.sql"), {"parts": parts, "staged": str(building / STAGED_FILE)})
    for part in parts:
        Path(part).unlink()
    rows = connection.execute("SELECT count(*) FROM folded").fetchall()
    return int(rows[0][0])


def _look_at(connection: duckdb.DuckDBPyConnection, staged_file: Path) -> dict[str, Any]:
    parameters = {"staged": str(staged_file)}
    names = (
        "requests", "first_us", "last_us", "has_latency", "has_user", "has_pod", "has_agent", "minutes",
    )  # fmt: skip
    row = connection.execute(sql("coverage.sql"), parameters).fetchall()[0]
    hours = connection.execute(sql("minutes_of_hours.sql"), parameters).fetchall()[0]
    spread = MinutesOfHours(hours=hours[0], most=hours[1] or 0, first=hours[2] or 0, last=hours[3] or 0)
    return {**dict(zip(names, row, strict=True)), "minutes_of_hours": spread}
