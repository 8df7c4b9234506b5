"""Staging of samples and log lines: files are read once into Parquet, and found again by their content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from postlaunch.errors import SourceError
from postlaunch.facts import Frozen, digest_of
from postlaunch.settings import Settings
from postlaunch.settings_sources import FilesSource
from postlaunch.sources.file_rows import FileRows, StagedRows, latest_moment, left_out_of
from postlaunch.sources.lines import LogFile, looked_at
from postlaunch.sources.paths import files_named
from postlaunch.sources.queries import reader_digest, sql
from postlaunch.sources.row_coverage import RowCoverage
from postlaunch.sources.row_formats import RowShape
from postlaunch.sources.row_reading import RowReader
from postlaunch.sources.staged_folders import StagedFolders, staging_connection
from postlaunch.windows import Clock

if TYPE_CHECKING:
    import duckdb

Reader = Callable[["duckdb.DuckDBPyConnection", FilesSource, str, datetime, Path], RowReader]
"""Makes a reader of: connection, settings, zone, latest moment (naive UTC), folder for parts."""


@dataclass(frozen=True)
class StagedKind:
    """What a source of this kind calls its rows, and the queries that write and count them.

    Attributes:
        what: how an error calls all of them: "the samples of resources".
        write: writes the staged file from its parts.
        coverage: tells what it holds, by the names of `RowCounts`.
    """

    shape: RowShape
    what: str
    reader: Reader
    write: str
    coverage: str


class RowCounts(Frozen):
    """What the staged rows hold; moments are microseconds since 1970 UTC.

    Attributes:
        columns: those in which at least one row holds something.
    """

    rows: int = Field(gt=0)
    first_us: int
    last_us: int
    pods: int
    columns: tuple[str, ...]


class CountedRows(StagedRows):
    """What is known of staged samples or log lines beside their rows."""

    counts: RowCounts


@dataclass(frozen=True)
class OpenedRows:
    """What a staged source is made of."""

    parquet: Path
    coverage: RowCoverage
    zone: str
    fingerprint: str


def open_rows(settings: Settings, source: FilesSource, kind: StagedKind, clock: Clock) -> OpenedRows:
    """Stage the files of a source, or find them staged.

    Raises:
        SourceError: no file is there, one cannot be read, none of its rows fits, or the staging folder cannot
            be written.
    """
    name, zone = kind.shape.source, settings.application.timezone
    looked = [looked_at(path) for path in files_named(settings, source.paths, name)]
    logs = [log for log in looked if log.size]
    if not logs:
        names = ", ".join(str(log.path) for log in looked[:5])
        raise SourceError(f"there is nothing in {names}", "name a file with rows in it", source=name)
    how = source.model_dump(mode="json", exclude={"paths"})
    digests = [log.digest for log in logs]
    key = digest_of({"files": digests, "settings": how, "zone": zone, "reader": reader_digest()})
    folders = StagedFolders(settings.path(settings.reports.staging), name, kind.what, CountedRows)
    now = clock()
    latest = latest_moment(now).replace(tzinfo=None)

    def build(building: Path) -> CountedRows:
        return _build(building, building / folders.file, logs, source, zone, kind, latest)

    parquet, about = folders.staged(key, build, now)
    return OpenedRows(parquet, _coverage(logs, about), zone, about.fingerprint(key))


def _build(
    building: Path,
    staged: Path,
    logs: Sequence[LogFile],
    source: FilesSource,
    zone: str,
    kind: StagedKind,
    latest: datetime,
) -> CountedRows:
    """Read every file into parts, then write the parts as one file and look at what it holds."""
    with staging_connection(building) as connection:
        reader = kind.reader(connection, source, zone, latest, building)
        read = tuple(reader.read(log) for log in logs)
        _some_row(logs, read, kind.shape)
        parts = [str(part) for part in sorted(building.glob("part-*.parquet"))]
        connection.execute(sql(kind.write), {"parts": parts, "staged": str(staged), "zone": zone})
        for part in parts:
            Path(part).unlink()
        cursor = connection.execute(sql(kind.coverage), {"staged": str(staged)})
        names = [column[0] for column in cursor.description or ()]
        counts = RowCounts.model_validate(dict(zip(names, cursor.fetchall()[0], strict=True)))
    return CountedRows(files=read, counts=counts)


def _some_row(logs: Sequence[LogFile], read: Sequence[FileRows], shape: RowShape) -> None:
    if any(file.kept for file in read):
        return
    future = sum(file.future for file in read)
    why = f"all {future:,} of its rows are dated in the future" if future else "it has only blank rows"
    raise SourceError(
        f"no row of {logs[0].path} is {shape.noun}: {why}",
        "check the clocks of the sender and of this machine" if future else "name a file with rows in it",
        source=shape.source,
    )


def _coverage(logs: Sequence[LogFile], about: CountedRows) -> RowCoverage:
    left, counts = left_out_of(logs, about), about.counts
    return RowCoverage(
        format=", ".join(sorted({file.kind for file in about.files})),
        files=tuple(log.path.name for log in logs),
        bytes=sum(log.size for log in logs),
        rows_read=counts.rows + left.rejected.total() + left.future,
        rows=counts.rows,
        rows_rejected=left.rejected.total(),
        rows_future=left.future,
        rejected_by_reason=dict(left.rejected),
        rejected_samples=left.samples,
        first=datetime.fromtimestamp(counts.first_us / 1e6, UTC),
        last=datetime.fromtimestamp(counts.last_us / 1e6, UTC),
        pods=counts.pods,
        columns=counts.columns,
    )
