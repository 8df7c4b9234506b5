"""The source "logs": what the application logged, with levels, and lines alike grouped by their template."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from postlaunch.errors import SourceError
from postlaunch.settings import Settings
from postlaunch.settings_sources import FilesSource
from postlaunch.sources.queries import sql
from postlaunch.sources.row_formats import POD_ALIASES, TIME_ALIASES, Aliases, RowShape
from postlaunch.sources.row_reading import RowReader
from postlaunch.sources.row_staging import StagedKind, open_rows
from postlaunch.sources.staged_log import StagedLog
from postlaunch.windows import Clock, system_clock

if TYPE_CHECKING:
    import duckdb

ALIASES: Aliases = {
    "time": TIME_ALIASES,
    "level": (
        "level", "severity", "levelname", "level_name", "log.level", "severity_text", "severityText",
        "loglevel", "log_level", "lvl",
    ),
    "logger": (
        "logger", "logger_name", "loggerName", "log.logger", "name", "component", "module", "category",
        "service", "service.name",
    ),
    "pod": POD_ALIASES,
    "message": (
        "message", "msg", "event", "text", "body", "log", "@message", "short_message", "textPayload",
        "jsonPayload.message",
    ),
}  # fmt: skip

SHAPE = RowShape(
    source="logs",
    noun="a line of the application's log",
    aliases=ALIASES,
    required=("time", "level", "message"),
    part="log_part.sql",
)


class ApplicationLog(StagedLog):
    """Staged lines of an application's log.

    The table `logs` has: ts TIMESTAMP (UTC, naive), day DATE (application's zone), level VARCHAR ("debug",
    "info", "warning", "error", "critical"), logger, pod, message, and template (the first line of the message
    with numbers, ids and quoted values as "<*>"), all VARCHAR.
    """

    name = "logs"


class LogReader(RowReader):
    """Reads lines of an application's log, file by file."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        source: FilesSource,
        zone: str,
        latest: datetime,
        folder: Path,
    ) -> None:
        super().__init__(connection, SHAPE, source.format, source.fields, zone, latest, folder)
        connection.execute(sql("log_macros.sql"))


KIND = StagedKind(
    shape=SHAPE,
    what="the application's log",
    reader=LogReader,
    write="write_logs.sql",
    coverage="log_coverage.sql",
)


def open_app_logs(settings: Settings, clock: Clock = system_clock) -> ApplicationLog:
    """Open the application's log of the settings; staged on first use, found again by content afterwards.

    Args:
        clock: lines dated more than a day after it are counted and left out.

    Raises:
        SourceError: no file is there, one cannot be read, none of its rows is a line of a log, or the staging
            folder cannot be written.
    """
    source = settings.sources.logs
    if source is None:
        raise SourceError("no logs are configured", "add [sources.logs] paths to postlaunch.toml")
    opened = open_rows(settings, source, KIND, clock)
    return ApplicationLog(opened.parquet, opened.coverage, opened.zone, opened.fingerprint)
