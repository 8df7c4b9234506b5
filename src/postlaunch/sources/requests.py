"""The source "requests": a web server's log, or a table of requests, opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from postlaunch.errors import SourceError
from postlaunch.settings import Settings
from postlaunch.sources.coverage import Coverage, coverage_text
from postlaunch.sources.embedded import EmbeddedTable
from postlaunch.sources.file_rows import left_out_of
from postlaunch.sources.lines import LogFile, looked_at
from postlaunch.sources.paths import files_named
from postlaunch.sources.staging import Staged, request_key, staged
from postlaunch.windows import Clock, Window, system_clock

if TYPE_CHECKING:
    import duckdb

__all__ = ["Coverage", "RequestLog", "coverage_text", "open_requests"]


class RequestLog:
    """A staged request log.

    Attributes:
        coverage: what it holds.
        fingerprint: digest of the files' content and of how they were parsed.

    Its table `requests` has: ts TIMESTAMP (UTC, naive), method, path (as logged, without query), route (the
    path's template), status SMALLINT, latency_ms DOUBLE, user_id, client, pod, bytes BIGINT, agent, and bot
    BOOLEAN (NULL where the log names no user agent). What the log does not have is NULL.
    """

    name = "requests"

    def __init__(self, parquet: Path, coverage: Coverage, fingerprint: str) -> None:
        self.coverage = coverage
        self.fingerprint = fingerprint
        self._table = EmbeddedTable(parquet, "requests")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the table `requests`; cursors are not shared between threads."""
        return self._table.cursor()

    def close(self) -> None:
        """End every query and free the memory."""
        self._table.close()

    def weeks(self, zone: str) -> tuple[Window, ...]:
        """Every ISO week the log touches, oldest first."""
        return self.coverage.weeks(zone)

    def last_complete_week(self, zone: str, as_of: datetime | None = None) -> Window | None:
        """The newest ISO week that the log covers wholly and that had ended by `as_of`."""
        return self.coverage.last_complete_week(zone, as_of)

    def window_for(self, zone: str, as_of: datetime | None = None) -> Window:
        """The week to report on: the last complete one, else the newest touched, cut where the data ends."""
        return self.coverage.window_for(zone, as_of)


def open_requests(settings: Settings, clock: Clock = system_clock) -> RequestLog:
    """Open the request log of the settings; staged on first use, found again by content afterwards.

    Args:
        clock: lines dated more than a day after it are counted and left out.

    Raises:
        SourceError: no file is there, one cannot be read, none of its lines is a request, or the staging
            folder cannot be written.
        SettingsError: a path template is not a regular expression.
    """
    source = settings.sources.requests
    if source is None:
        raise SourceError("no request log is configured", "add [sources.requests] paths to postlaunch.toml")
    logs = [looked_at(path) for path in files_named(settings, source.paths, "requests")]
    if not any(log.size for log in logs):
        names = ", ".join(str(log.path) for log in logs[:5])
        raise SourceError(f"the request log is empty: {names}", "name a log with lines in it")
    zone = settings.application.timezone
    parquet, about = staged(logs, source, zone, settings.path(settings.reports.staging), clock)
    fingerprint = about.fingerprint(request_key(logs, source, zone))
    return RequestLog(parquet, _coverage(logs, about), fingerprint)


def _coverage(logs: Sequence[LogFile], about: Staged) -> Coverage:
    left = left_out_of(logs, about)
    return Coverage(
        format=", ".join(sorted({file.kind for file in about.files if file.kind})),
        files=tuple(log.path.name for log in logs),
        bytes=sum(log.size for log in logs),
        lines_read=about.requests + left.rejected.total() + left.future,
        lines_parsed=about.requests,
        lines_rejected=left.rejected.total(),
        lines_future=left.future,
        rejected_by_reason=dict(left.rejected),
        rejected_samples=left.samples,
        first=datetime.fromtimestamp(about.first_us / 1e6, UTC),
        last=datetime.fromtimestamp(about.last_us / 1e6, UTC),
        has_latency=about.has_latency,
        has_user=about.has_user,
        has_pod=about.has_pod,
        has_agent=about.has_agent,
        minutes=about.minutes,
        sampled=bool(about.minutes_of_hours.sampled_reason),
        sampled_reason=about.minutes_of_hours.sampled_reason,
        routes_folded=about.routes_folded,
    )
