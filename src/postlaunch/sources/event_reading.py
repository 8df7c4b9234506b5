"""Rows of event files into parts in Parquet: one part for a table, one for each piece of JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from postlaunch.errors import SourceError
from postlaunch.facts import Frozen
from postlaunch.settings_sources import EventSource
from postlaunch.sources.event_formats import EventFormat, Kind, format_of, kind_of
from postlaunch.sources.lines import LONGEST_LINE, LogFile, pieces
from postlaunch.sources.parsing import FIRST_LINES, FUTURE, SAMPLES, Sample, sql

if TYPE_CHECKING:
    import duckdb

NOT_A_ROW = "not a row of the table"
"""Why a line of a CSV file is no event that has too few or too many columns."""


class ReadFile(Frozen):
    """What became of a file's rows. `rejected` counts them by reason; blank lines are in no count."""

    form: EventFormat
    events: int = 0
    future: int = 0
    earliest_future_us: int | None = None
    rejected: dict[str, int] = Field(default_factory=dict)
    samples: tuple[Sample, ...] = ()

    @property
    def rows(self) -> int:
        """All of them."""
        return self.events + self.future + sum(self.rejected.values())


class EventReader:
    """Reads files, one after another, into parts `part-N.parquet` of a folder.

    Args:
        connection: of its own, with access to the files.
        zone: of times that name none.
        latest: naive UTC; later events are counted and left out.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: EventSource,
        zone: str,
        latest: datetime,
        folder: Path,
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._zone = zone
        self._latest = latest
        self._folder = folder
        self._parts = count()
        self._place = 0
        connection.execute("SET TimeZone = 'UTC'")
        for query in ("line_macros.sql", "moment_macros.sql"):
            connection.execute(sql(query))

    def read(self, file: LogFile) -> ReadFile:
        """Write a file's events; an empty file gives none.

        Raises:
            SourceError: the file cannot be read, changes while it is read, or none of its rows is an event.
        """
        kind = kind_of(file, self._settings)
        read = self._json(file) if kind == "json" else self._table(file, kind)
        if read.rejected and not read.events and not read.future:
            sample = read.samples[0]
            raise SourceError(
                f"no row of {file.path} is an event; row {sample.line}, {sample.reason}: {sample.text[:100]}",
                "leave the file out of [sources.events] paths, or set format and fields",
                source="events",
            )
        return read

    def _json(self, file: LogFile) -> ReadFile:
        form: EventFormat | None = None
        parts: list[Path] = []
        start = self._place
        for piece in pieces(file):
            if form is None:
                first = [line[:LONGEST_LINE] for line in piece.text.split("\n", FIRST_LINES)[:FIRST_LINES]]
                form = format_of(file, "json", first, self._settings)
            self._connection.execute(sql("piece.sql"), {"content": piece.text})
            self._connection.execute(sql("event_pieces.sql"))
            parts.append(self._part(form, start + piece.first_line - 1))
            self._place = start + piece.first_line - 1 + piece.lines
        return self._outcome(form or EventFormat(kind="json"), parts, start)

    def _table(self, file: LogFile, kind: Kind) -> ReadFile:
        with _unchanged(file), _explained(file, kind):
            self._open(file, kind).create_view("event_table", replace=True)
            self._connection.execute(sql("event_table.sql"))
            first = self._connection.execute(sql("event_first_rows.sql"), {"rows": FIRST_LINES}).fetchall()
            form = format_of(file, kind, [row[0] for row in first], self._settings)
            if kind == "csv":
                self._connection.execute(sql("forget_rejects.sql"))
            start = self._place
            read = self._outcome(form, [self._part(form, start)], start)
        self._place += read.rows
        return self._with_rejects(read) if kind == "csv" else read

    def _open(self, file: LogFile, kind: Kind) -> duckdb.DuckDBPyRelation:
        if kind == "parquet":
            return self._connection.read_parquet(str(file.path))
        return self._connection.read_csv(
            str(file.path),
            header=True,
            all_varchar=True,
            quotechar='"',
            escapechar='"',
            store_rejects=True,
            ignore_errors=True,
        )

    def _part(self, form: EventFormat, first_place: int) -> Path:
        part = self._folder / f"part-{next(self._parts):06d}.parquet"
        parameters = {
            "part": str(part),
            "pointers": form.pointers(),
            "property_places": form.property_places(),
            "property_names": list(form.properties),
            "longest_line": LONGEST_LINE,
            "first_place": first_place,
            "zone": self._zone,
            "latest": self._latest,
        }
        self._connection.execute(sql("event_part.sql"), parameters)
        return part

    def _outcome(self, form: EventFormat, parts: list[Path], start: int) -> ReadFile:
        """What became of the rows in these parts."""
        if not parts:
            return ReadFile(form=form)
        names = [str(part) for part in parts]
        problems = self._connection.execute(sql("event_problems.sql"), {"parts": names}).fetchall()
        counts = {problem: (rows, earliest) for problem, rows, earliest in problems}
        events, _ = counts.pop(None, (0, None))
        future, earliest = counts.pop(FUTURE, (0, None))
        samples: list[tuple[int, str, str]] = []
        if counts:
            found = self._connection.execute(sql("event_samples.sql"), {"parts": names, "samples": SAMPLES})
            samples = found.fetchall()
        return ReadFile(
            form=form,
            events=events,
            future=future,
            earliest_future_us=earliest,
            rejected={problem: rows for problem, (rows, _) in sorted(counts.items())},
            samples=tuple(
                Sample(line=place - start, reason=reason, text=text) for place, reason, text in samples
            ),
        )

    def _with_rejects(self, read: ReadFile) -> ReadFile:
        """With the lines that are no rows of the table added."""
        rows = self._connection.execute(sql("csv_rejects.sql"), {"samples": SAMPLES}).fetchall()
        if not rows:
            return read
        extra = tuple(Sample(line=line, reason=NOT_A_ROW, text=text or "") for line, text, _ in rows)
        return read.model_copy(
            update={
                "rejected": {**read.rejected, NOT_A_ROW: rows[0][2]},
                "samples": (*read.samples, *extra)[:SAMPLES],
            }
        )


@contextmanager
def _unchanged(file: LogFile) -> Iterator[None]:
    """Refuses a file that is not, or does not stay, what was looked at."""
    before = file.path.stat().st_mtime_ns
    yield
    after = file.path.stat()
    if (after.st_mtime_ns, after.st_size) != (before, file.size):
        raise SourceError(f"{file.path} was rewritten while it was read", "run again", source="events")


@contextmanager
def _explained(file: LogFile, kind: Kind) -> Iterator[None]:
    """What is wrong with a table, in words; a full disk or memory is the staging folder's to explain."""
    import duckdb

    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        raise
    except duckdb.Error as error:
        raise SourceError(
            f"{file.path} could not be read as {kind}: {str(error).splitlines()[0][:300]}",
            "correct the file, or set [sources.events] format",
            source="events",
        ) from error
