"""Lines into requests: each piece of a file is parsed in SQL and written as one part in Parquet."""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from itertools import chain, count
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from pydantic import Field

from postlaunch.errors import SettingsError, SourceError
from postlaunch.facts import Frozen
from postlaunch.settings_sources import RequestSource
from postlaunch.sources.lines import LONGEST_LINE, LogFile, Piece, pieces
from postlaunch.sources.log_formats import LogFormat, format_of

if TYPE_CHECKING:
    import duckdb

FUTURE = "in the future"
SAMPLES = 5
SAMPLE_LENGTH = 200
FIRST_LINES = 200


class Sample(Frozen):
    """The first lines of a file that could not be read, cleaned and cut."""

    line: int
    reason: str
    text: str


class ParsedFile(Frozen):
    """What became of a file's lines. `rejected` counts them by reason; blank lines are in no count."""

    kind: str = ""
    parsed: int = 0
    future: int = 0
    earliest_future_us: int | None = None
    rejected: dict[str, int] = Field(default_factory=dict)
    samples: tuple[Sample, ...] = ()


@cache
def sql(name: str) -> str:
    """A query of this package, by its file name."""
    return (files("postlaunch.sources") / "sql" / name).read_text(encoding="utf-8")


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
        self._run = connection.execute
        self._settings = settings
        self._zone = zone
        self._latest = latest
        for query in ("line_macros.sql", "moment_macros.sql", "route_macros.sql"):
            connection.execute(sql(query))
        connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")

    def parse(self, piece: Piece, form: LogFormat, part: Path) -> ParsedPiece:
        """Write the requests of a piece as one Parquet file."""
        self._read(piece, form)
        problems = self._run(sql("problems.sql")).fetchall()
        counts: Counter[str | None] = Counter({problem: count for problem, count, _ in problems})
        samples = self._samples() if any(counts) else ()
        self._run(sql("write_part.sql"), {"part": str(part)})
        future = next((earliest for problem, _, earliest in problems if problem == FUTURE), None)
        return ParsedPiece(counts, future, samples)

    def _read(self, piece: Piece, form: LogFormat) -> None:
        """The piece into the table `parsed`, its paths into `paths`, its user agents into `agents`."""
        self._run(sql("piece.sql"), {"content": piece.text})
        limits = {"first_line": piece.first_line, "longest_line": LONGEST_LINE, "latest": self._latest}
        if form.kind == "combined":
            self._run(sql("combined_lines.sql"), {**limits, "time_unit": form.time_unit})
        else:
            keys = {"pointers": form.pointers(), "latency_factor": form.latency_factor}
            self._run(sql("json_lines.sql"), {**limits, **keys, "zone": self._zone})
        self._run(sql("paths.sql"))
        for pattern, template in self._settings.path_templates.items():
            self._template(pattern, template)
        self._run(sql("agents.sql"), {"bot_marks": _bot_marks()})

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


class LineParser:
    """Parses files, one after another, into parts `part-N.parquet` of a folder; pieces side by side."""

    def __init__(self, parsers: Sequence[PieceParser], settings: RequestSource, folder: Path) -> None:
        self._idle: SimpleQueue[PieceParser] = SimpleQueue()
        for parser in parsers:
            self._idle.put(parser)
        self._workers = len(parsers)
        self._settings = settings
        self._folder = folder
        self._parts = count()

    def parse(self, file: LogFile) -> ParsedFile:
        """Write a file's requests; an empty file gives none.

        Raises:
            SourceError: the file cannot be read, or has lines and none of them is a request.
        """
        counts: Counter[str | None] = Counter()
        samples: list[Sample] = []
        futures: list[int] = []
        form = self._form(file)
        for piece in self._parsed(file, form) if form else ():
            counts.update(piece.counts)
            samples += piece.samples[: SAMPLES - len(samples)]
            if piece.earliest_future_us is not None:
                futures.append(piece.earliest_future_us)
        parsed = counts.pop(None, 0)
        future = counts.pop(FUTURE, 0)
        if form and counts and not parsed and not future:
            raise _unreadable(file, samples[0], form)
        return ParsedFile(
            kind=form.kind if form else "",
            parsed=parsed,
            future=future,
            earliest_future_us=min(futures, default=None),
            rejected={str(reason): lines for reason, lines in sorted(counts.items(), key=str)},
            samples=tuple(samples),
        )

    def _form(self, file: LogFile) -> LogFormat | None:
        """The file's format, looked up from its first lines; None where all of them are blank."""
        for piece in pieces(file):
            text = piece.text[: 64 * LONGEST_LINE]
            if lines := [line[:LONGEST_LINE] for line in text.split("\n") if line.strip()]:
                return format_of(str(file.path), lines[:FIRST_LINES], self._settings)
        return None

    def _parsed(self, file: LogFile, form: LogFormat) -> Iterator[ParsedPiece]:
        """Every piece of a file, parsed, in order; at most one more is read than is being parsed."""
        waiting: deque[Future[ParsedPiece]] = deque()
        with ThreadPoolExecutor(self._workers) as pool:
            for piece in pieces(file):
                part = self._folder / f"part-{next(self._parts):06d}.parquet"
                waiting.append(pool.submit(self._parse, piece, form, part))
                if len(waiting) > self._workers:
                    yield waiting.popleft().result()
            for future in waiting:
                yield future.result()

    def _parse(self, piece: Piece, form: LogFormat, part: Path) -> ParsedPiece:
        parser = self._idle.get()
        try:
            return parser.parse(piece, form, part)
        finally:
            self._idle.put(parser)


def _unreadable(file: LogFile, sample: Sample, form: LogFormat) -> SourceError:
    """No line of a file is a request."""
    wanted = {"combined": "the combined or common format of a web server", "json": "JSON objects"}
    kind = wanted[form.kind]
    strange = sum(not character.isprintable() or character == "�" for character in sample.text)
    looks = " (it looks like a binary file)" if strange * 5 > len(sample.text) else ""
    shown = "".join(character if character.isprintable() else "·" for character in sample.text[:100])
    return SourceError(
        f"no line of {file.path} is a request in {kind}{looks}; line {sample.line}, {sample.reason}: {shown}",
        "leave the file out of [sources.requests] paths, or set format and fields",
    )
