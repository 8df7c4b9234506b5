"""Rows of files into parts in Parquet: one part for a table, one for each piece of JSON lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from postlaunch.errors import SourceError
from postlaunch.sources.file_rows import FIRST_LINES, FUTURE, SAMPLES, FileRows, Sample
from postlaunch.sources.lines import LONGEST_LINE, LogFile, is_compressed, pieces, refuse_damaged
from postlaunch.sources.queries import sql
from postlaunch.sources.row_formats import Kind, RowFormat, RowShape, format_of, kind_of

if TYPE_CHECKING:
    import duckdb

NOT_A_ROW = "not a row of the table"
"""Why a line of a CSV file is left out that has too few or too many columns."""


class RowReader:
    """Reads files, one after another, into parts `part-N.parquet` of a folder.

    Args:
        connection: of its own, with access to the files.
        wanted: the format that the settings name, or "auto".
        mapped: our names → the keys that the settings name.
        zone: of times that name none.
        latest: naive UTC; later rows are counted and left out.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        shape: RowShape,
        wanted: str,
        mapped: Mapping[str, str],
        zone: str,
        latest: datetime,
        folder: Path,
    ) -> None:
        self._connection = connection
        self._shape = shape
        self._wanted = wanted
        self._mapped = mapped
        self._zone = zone
        self._latest = latest
        self._folder = folder
        self._parts = count()
        self._place = 0
        for query in ("line_macros.sql", "moment_macros.sql"):
            connection.execute(sql(query))

    def read(self, file: LogFile) -> FileRows:
        """Write a file's rows; an empty file gives none.

        Raises:
            SourceError: the file cannot be read, changes while it is read, or none of its rows fits.
        """
        kind = kind_of(file.path, self._wanted)
        read = self._json(file) if kind == "json" else self._table(file, kind)
        if read.rejected and not read.kept and not read.future:
            raise self._no_row(file, read.samples[0])
        return read

    def form_of(self, path: Path, kind: Kind, first_rows: Sequence[str]) -> RowFormat:
        """Where the rows hold what is needed.

        Raises:
            SourceError: they do not.
        """
        return format_of(path, kind, first_rows, self._shape, self._mapped)

    def parameters(self, form: RowFormat) -> dict[str, object]:
        """What the part's query takes beside the usual."""
        return {}

    def _no_row(self, file: LogFile, sample: Sample) -> SourceError:
        remedy = f"leave the file out of [sources.{self._shape.source}] paths, or set format and fields"
        if sample.text.startswith("["):
            remedy = f"write one object a line, for example by: jq -c '.[]' {file.path.name}"
        return SourceError(
            f"no row of {file.path} is {self._shape.noun}; "
            f"row {sample.line}, {sample.reason}: {sample.text[:100]}",
            remedy,
            source=self._shape.source,
        )

    def _json(self, file: LogFile) -> FileRows:
        form: RowFormat | None = None
        parts: list[Path] = []
        start = self._place
        for piece in pieces(file):
            if form is None:
                first = [line[:LONGEST_LINE] for line in piece.text.split("\n", FIRST_LINES)[:FIRST_LINES]]
                form = self.form_of(file.path, "json", first)
            self._connection.execute(sql("piece.sql"), {"content": piece.text})
            self._connection.execute(sql("row_pieces.sql"))
            parts.append(self._part(form, start + piece.first_line - 1))
            self._place = start + piece.first_line - 1 + piece.lines
        return self._outcome(form or RowFormat("json", {}, {}), parts, start)

    def _table(self, file: LogFile, kind: Kind) -> FileRows:
        refuse_damaged(file)
        with unchanged(file, self._shape.source), explained(file, kind, self._shape.source):
            self._open(file, kind).create_view("row_table", replace=True)
            self._connection.execute(sql("row_table.sql"))
            first = self._connection.execute(sql("first_rows.sql"), {"rows": FIRST_LINES}).fetchall()
            form = self.form_of(file.path, kind, [row[0] for row in first])
            if kind == "csv":
                self._connection.execute(sql("forget_rejects.sql"))
            start = self._place
            read = self._outcome(form, [self._part(form, start)], start)
        self._place += read.rows
        return self._with_rejects(read) if kind == "csv" else read

    def _open(self, file: LogFile, kind: Kind) -> duckdb.DuckDBPyRelation:
        if kind == "parquet":
            return self._connection.read_parquet(str(file.path), binary_as_string=True)
        return self._connection.read_csv(
            str(file.path),
            header=True,
            all_varchar=True,
            quotechar='"',
            escapechar='"',
            store_rejects=True,
            ignore_errors=True,
            compression="gzip" if is_compressed(file) else "none",
        )

    def _part(self, form: RowFormat, first_place: int) -> Path:
        part = self._folder / f"part-{next(self._parts):06d}.parquet"
        parameters = {
            "part": str(part),
            "pointers": form.pointers(self._shape.aliases),
            "longest_line": LONGEST_LINE,
            "first_place": first_place,
            "zone": self._zone,
            "latest": self._latest,
        }
        self._connection.execute(sql(self._shape.part), {**parameters, **self.parameters(form)})
        return part

    def _outcome(self, form: RowFormat, parts: list[Path], start: int) -> FileRows:
        """What became of the rows in these parts."""
        how = {"kind": form.kind, "fields": form.fields, "properties": form.properties}
        if not parts:
            return FileRows.model_validate(how)
        names = [str(part) for part in parts]
        problems = self._connection.execute(sql("row_problems.sql"), {"parts": names}).fetchall()
        counts = {problem: (rows, earliest) for problem, rows, earliest in problems}
        kept, _ = counts.pop(None, (0, None))
        future, earliest = counts.pop(FUTURE, (0, None))
        samples: list[tuple[int, str, str]] = []
        if counts:
            found = self._connection.execute(sql("row_samples.sql"), {"parts": names, "samples": SAMPLES})
            samples = found.fetchall()
        return FileRows.model_validate(
            {
                **how,
                "kept": kept,
                "future": future,
                "earliest_future_us": earliest,
                "rejected": {problem: rows for problem, (rows, _) in sorted(counts.items())},
                "samples": [
                    Sample(line=place - start, reason=reason, text=text) for place, reason, text in samples
                ],
            }
        )

    def _with_rejects(self, read: FileRows) -> FileRows:
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
def unchanged(file: LogFile, source: str) -> Iterator[None]:
    """Refuses a file that is not, or does not stay, what was looked at."""
    before = file.path.stat().st_mtime_ns
    yield
    after = file.path.stat()
    if (after.st_mtime_ns, after.st_size) != (before, file.size):
        raise SourceError(f"{file.path} was rewritten while it was read", "run again", source=source)


@contextmanager
def explained(file: LogFile, kind: Kind, source: str) -> Iterator[None]:
    """What is wrong with a table, in words; a full disk or memory is the staging folder's to explain."""
    import duckdb

    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        raise
    except duckdb.Error as error:
        raise SourceError(
            f"{file.path} could not be read as {kind}: {str(error).splitlines()[0][:300]}",
            f"correct the file, or set [sources.{source}] format",
            source=source,
        ) from error
