"""Rows into requests: each piece of a file is parsed in SQL and written as one part in Parquet."""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from itertools import chain, count
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from postlaunch.errors import SettingsError, SourceError
from postlaunch.settings_sources import RequestSource
from postlaunch.sources.file_rows import FIRST_LINES, FUTURE, SAMPLE_LENGTH, SAMPLES, FileRows, Sample
from postlaunch.sources.lines import LONGEST_LINE, LogFile, Piece, pieces
from postlaunch.sources.log_formats import LogFormat, format_of
from postlaunch.sources.parquet_requests import RowRange, open_rows, parquet_format, ranges
from postlaunch.sources.queries import sql
from postlaunch.sources.row_formats import kind_of
from postlaunch.sources.row_reading import explained, unchanged

if TYPE_CHECKING:
    import duckdb


@cache
def _bot_marks() -> str:
    """One regular expression of every mark in `bots.json`."""
    kinds = json.loads((files("postlaunch.sources") / "bots.json").read_text(encoding="utf-8"))
    marks = chain.from_iterable(marks for marks in kinds.values() if isinstance(marks, list))
    return "|".join(re.escape(mark) for mark in marks)


@dataclass(frozen=True)
class ParsedPiece:
    """What became of a piece's lines: how many by problem (None: a request), and the first that failed."""

    counts: Counter[str | None]
    earliest_future_us: int | None
    samples: tuple[Sample, ...]


class PieceParser:
    """Parses pieces, one at a time, on a connection of its own.

    Args:
        zone: of times that name none.
        latest: naive UTC; later lines are counted and left out.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, settings: RequestSource, zone: str, latest: datetime
    ) -> None:
        self.connection = connection
        self._run = connection.execute
        self._settings = settings
        self._zone = zone
        self._latest = latest
        for query in ("line_macros.sql", "moment_macros.sql", "route_macros.sql"):
            connection.execute(sql(query))
        connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")

    def parse(self, piece: Piece | RowRange, form: LogFormat, part: Path) -> ParsedPiece:
        """Write the requests of a piece as one Parquet file."""
        self._read(piece, form)
        problems = self._run(sql("problems.sql")).fetchall()
        counts: Counter[str | None] = Counter({problem: count for problem, count, _ in problems})
        samples = self._samples() if any(counts) else ()
        self._run(sql("write_part.sql"), {"part": str(part)})
        future = next((earliest for problem, _, earliest in problems if problem == FUTURE), None)
        return ParsedPiece(counts, future, samples)

    def _read(self, piece: Piece | RowRange, form: LogFormat) -> None:
        """The piece into the table `parsed`, its paths into `paths`, its user agents into `agents`."""
        limits = {"longest_line": LONGEST_LINE, "latest": self._latest}
        if isinstance(piece, RowRange):
            rows = {"first": piece.first, "last": piece.last, "latency_factor": form.latency_factor}
            self._run(sql("parquet_rows.sql"), {**limits, **rows, "zone": self._zone})
        else:
            self._read_lines(piece, form, {**limits, "first_line": piece.first_line})
        self._run(sql("paths.sql"))
        for pattern, template in self._settings.path_templates.items():
            self._template(pattern, template)
        self._run(sql("agents.sql"), {"bot_marks": _bot_marks()})

    def _read_lines(self, piece: Piece, form: LogFormat, limits: dict[str, object]) -> None:
        self._run(sql("piece.sql"), {"content": piece.text})
        if form.kind == "combined":
            self._run(sql("combined_lines.sql"), {**limits, "time_unit": form.time_unit})
        else:
            keys = {"pointers": form.pointers(), "latency_factor": form.latency_factor}
            self._run(sql("json_lines.sql"), {**limits, **keys, "zone": self._zone})

    def _template(self, pattern: str, template: str) -> None:
        import duckdb

        try:
            self._run(sql("settings_route.sql"), {"pattern": pattern, "template": template})
        except duckdb.InvalidInputException as error:
            raise SettingsError(
                f'the path template "{pattern}" is not a regular expression: {error}',
                "use RE2's syntax (https://github.com/google/re2/wiki/Syntax)",
                key="sources.requests.path_templates",
            ) from error

    def _samples(self) -> tuple[Sample, ...]:
        rows = self._run(sql("problem_lines.sql"), {"samples": SAMPLES}).fetchall()
        return tuple(
            Sample(line=number, reason=problem, text=text[:SAMPLE_LENGTH]) for number, problem, text in rows
        )


class FileParser:
    """Parses files, one after another, into parts `part-N.parquet` of a folder; pieces side by side."""

    def __init__(self, parsers: Sequence[PieceParser], settings: RequestSource, folder: Path) -> None:
        self._connection = parsers[0].connection.cursor()
        self._idle: SimpleQueue[PieceParser] = SimpleQueue()
        for parser in parsers:
            self._idle.put(parser)
        self._workers = len(parsers)
        self._settings = settings
        self._folder = folder
        self._parts = count()

    def parse(self, file: LogFile) -> FileRows:
        """Write a file's requests; an empty file gives none.

        Raises:
            SourceError: the file cannot be read, or has rows and none of them is a request.
        """
        wanted = self._settings.format
        if wanted in ("auto", "parquet") and kind_of(file.path, wanted) == "parquet":
            with unchanged(file, "requests"), explained(file, "parquet", "requests"):
                form = parquet_format(self._connection, file, self._settings)
                open_rows(self._connection, file, form)
                return self._outcome(file, form, ranges(self._connection, file))
        lines_form = self._lines_form(file)
        return self._outcome(file, lines_form, pieces(file)) if lines_form else FileRows()

    def _outcome(self, file: LogFile, form: LogFormat, file_pieces: Iterable[Piece | RowRange]) -> FileRows:
        counts: Counter[str | None] = Counter()
        samples: list[Sample] = []
        futures: list[int] = []
        for piece in self._parsed(file_pieces, form):
            counts.update(piece.counts)
            samples += piece.samples[: SAMPLES - len(samples)]
            if piece.earliest_future_us is not None:
                futures.append(piece.earliest_future_us)
        kept = counts.pop(None, 0)
        future = counts.pop(FUTURE, 0)
        if counts and not kept and not future:
            raise _unreadable(file, samples[0], form)
        return FileRows(
            kind=form.kind,
            fields=form.keys,
            kept=kept,
            future=future,
            earliest_future_us=min(futures, default=None),
            rejected={str(reason): lines for reason, lines in sorted(counts.items(), key=str)},
            samples=tuple(samples),
        )

    def _lines_form(self, file: LogFile) -> LogFormat | None:
        """The file's format, looked up from its first lines; None where all of them are blank."""
        for piece in pieces(file):
            text = piece.text[: 64 * LONGEST_LINE]
            if lines := [line[:LONGEST_LINE] for line in text.split("\n") if line.strip()]:
                return format_of(str(file.path), lines[:FIRST_LINES], self._settings)
        return None

    def _parsed(self, file_pieces: Iterable[Piece | RowRange], form: LogFormat) -> Iterator[ParsedPiece]:
        """Every piece of a file, parsed, in order; at most one more is read than is being parsed."""
        waiting: deque[Future[ParsedPiece]] = deque()
        with ThreadPoolExecutor(self._workers) as pool:
            for piece in file_pieces:
                part = self._folder / f"part-{next(self._parts):06d}.parquet"
                waiting.append(pool.submit(self._parse, piece, form, part))
                if len(waiting) > self._workers:
                    yield waiting.popleft().result()
            for future in waiting:
                yield future.result()

    def _parse(self, piece: Piece | RowRange, form: LogFormat, part: Path) -> ParsedPiece:
        parser = self._idle.get()
        try:
            return parser.parse(piece, form, part)
        finally:
            self._idle.put(parser)


def _unreadable(file: LogFile, sample: Sample, form: LogFormat) -> SourceError:
    """No line of a file is a request."""
    wanted = {
        "combined": "the combined or common format of a web server",
        "json": "JSON objects",
        "parquet": "Parquet",
    }
    kind = wanted[form.kind]
    strange = sum(not character.isprintable() or character == "�" for character in sample.text)
    looks = " (it looks like a binary file)" if strange * 5 > len(sample.text) else ""
    shown = "".join(character if character.isprintable() else "·" for character in sample.text[:100])
    return SourceError(
        f"no line of {file.path} is a request in {kind}{looks}; line {sample.line}, {sample.reason}: {shown}",
        "leave the file out of [sources.requests] paths, or set format and fields",
    )
