"""Staging: a log is parsed once into Parquet, and found again by its content and the way it was parsed.

A staged log is a folder `requests-KEY` holding `requests.parquet` and `staged.json`, kept by
`postlaunch.sources.staged_folders`.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from pydantic import Field, ValidationError

from postlaunch.errors import SourceError
from postlaunch.facts import Frozen, digest_of
from postlaunch.settings_sources import RequestSource
from postlaunch.sources.coverage import MinutesOfHours
from postlaunch.sources.lines import LogFile
from postlaunch.sources.parsing import LineParser, ParsedFile, PieceParser, sql
from postlaunch.sources.staged_folders import ABOUT_FILE, StagedFolders
from postlaunch.windows import Clock

if TYPE_CHECKING:
    import duckdb

log = structlog.get_logger(__name__)

STAGED = "requests-"
STAGED_FILE = "requests.parquet"

WORKERS = 2
"""Pieces parsed side by side."""

KEPT_ROUTES = 2_000
KEPT_FOLDERS = 200


class Staged(Frozen):
    """What is known of a staged log beside its rows; file names are the opener's, not kept here.

    Attributes:
        parsed: what became of each file's lines, in the order of the files.
        first_us, last_us: microseconds since 1970 UTC.
    """

    parsed: tuple[ParsedFile, ...]
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

    @property
    def earliest_future_us(self) -> int | None:
        """The first moment that was left out as lying in the future."""
        moments = [file.earliest_future_us for file in self.parsed if file.earliest_future_us is not None]
        return min(moments, default=None)


@cache
def _parser_digest() -> str:
    """Of everything that decides how a line is read, so that a changed rule is never served a stale parse."""
    package = files("postlaunch.sources")
    texts = {item.name: item.read_text(encoding="utf-8") for item in (package / "sql").iterdir()}
    for name in ("bots.json", "json_keys.py", "lines.py", "log_formats.py", "parsing.py", "staging.py"):
        texts[name] = (package / name).read_text(encoding="utf-8")
    return digest_of(texts)


def fingerprint_of(logs: Sequence[LogFile], settings: RequestSource, zone: str) -> str:
    """Digest of the files' content and of how it is parsed; their names and times do not matter."""
    how = settings.model_dump(mode="json", exclude={"paths"})
    how["unit_is_set"] = "latency_unit" in settings.model_fields_set
    return digest_of(
        {"files": [file.digest for file in logs], "settings": how, "zone": zone, "parser": _parser_digest()}
    )


def staged(
    logs: Sequence[LogFile], settings: RequestSource, zone: str, folder: Path, clock: Clock
) -> tuple[Path, Staged]:
    """The Parquet file of these logs, built if it is not there.

    Raises:
        SourceError: a file cannot be read, no line of one parses, or the staging folder cannot be written.
    """
    now = clock()
    folders = StagedFolders(folder, STAGED, "the log")
    key = fingerprint_of(logs, settings, zone)

    def build(building: Path) -> Staged:
        about = _build(building, logs, settings, zone, now)
        (building / ABOUT_FILE).write_text(about.model_dump_json(), encoding="utf-8")
        log.info("request log staged", requests=about.requests, folder=str(folders.home(key)))
        return about

    about = folders.found_or_built(key, lambda home: _found(home, now), build, now)
    return folders.home(key) / STAGED_FILE, about


def _found(home: Path, now: datetime) -> Staged | None:
    """A whole staged log, unless a line it left out as lying in the future no longer does."""
    try:
        about = Staged.model_validate_json((home / ABOUT_FILE).read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None
    if not (home / STAGED_FILE).is_file():
        return None
    future = about.earliest_future_us
    if future is not None and future <= _latest(now).replace(tzinfo=UTC).timestamp() * 1e6:
        return None
    with suppress(OSError):
        (home / ABOUT_FILE).touch()
    return about


def _build(
    building: Path, logs: Sequence[LogFile], settings: RequestSource, zone: str, now: datetime
) -> Staged:
    """Parse every file into parts, then write the parts as one file and look at what it holds."""
    import duckdb

    spill = building / "spill"
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": "768MB",
        "threads": WORKERS,
        "temp_directory": str(spill),
    }
    with duckdb.connect(config=config) as connection:
        connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        parsers = [PieceParser(connection.cursor(), settings, zone, _latest(now)) for _ in range(WORKERS)]
        lines = LineParser(parsers, settings, building)
        parsed = tuple(lines.parse(file) for file in logs)
        _some_request(logs, parsed)
        folded = _join_parts(connection, building)
        about = _look_at(connection, building / STAGED_FILE)
    shutil.rmtree(spill, ignore_errors=True)
    return Staged(parsed=parsed, routes_folded=folded, **about)


def _some_request(logs: Sequence[LogFile], parsed: Sequence[ParsedFile]) -> None:
    if any(file.parsed for file in parsed):
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


def _latest(now: datetime) -> datetime:
    """The latest moment a request may be dated: a day after the clock, for clocks and zones that are off."""
    return now.astimezone(UTC).replace(tzinfo=None) + timedelta(days=1)
