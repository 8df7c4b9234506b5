"""Lines into requests: each piece of a file is parsed in SQL and written as one part in Parquet."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime
from functools import cache
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from postlaunch.errors import SettingsError, SourceError
from postlaunch.facts import Frozen
from postlaunch.settings import RequestSource
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


class LineParser:
    """Parses files, one after another, into parts `part-N.parquet` of a folder.

    Args:
        zone: of times that name none.
        latest: naive UTC; later lines are counted and left out.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: RequestSource,
        zone: str,
        latest: datetime,
        folder: Path,
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._zone = zone
        self._latest = latest
        self._folder = folder
        self._parts = 0
        connection.execute(sql("line_macros.sql"))
        connection.execute(sql("route_macros.sql"))

    def parse(self, file: LogFile) -> ParsedFile:
        """Write a file's requests; an empty file gives none.

        Raises:
            SourceError: the file cannot be read, or has lines and none of them is a request.
        """
        counts: Counter[str | None] = Counter()
        samples: list[Sample] = []
        futures: list[int] = []
        form: LogFormat | None = None
        for piece in pieces(file):
            form = form or self._form(file, piece)
            if form is None:
                continue
            self._read(piece, form)
            for problem, count, earliest_us in self._connection.execute(sql("problems.sql")).fetchall():
                counts[problem] += count
                if problem == FUTURE:
                    futures.append(earliest_us)
            if any(counts) and len(samples) < SAMPLES:
                samples += self._samples(SAMPLES - len(samples))
            self._write()
        parsed = counts.pop(None, 0)
        future = counts.pop(FUTURE, 0)
        if counts and not parsed and not future:
            raise _unreadable(file, samples[0], form)
        return ParsedFile(
            kind=form.kind if form else "",
            parsed=parsed,
            future=future,
            earliest_future_us=min(futures, default=None),
            rejected={str(reason): count for reason, count in sorted(counts.items(), key=str)},
            samples=tuple(samples),
        )

    def _form(self, file: LogFile, piece: Piece) -> LogFormat | None:
        """The file's format, looked up from the piece's first lines; None while all of them are blank."""
        lines = [line[:LONGEST_LINE] for line in piece.text[: 64 * LONGEST_LINE].split("\n") if line.strip()]
        return format_of(str(file.path), lines[:FIRST_LINES], self._settings) if lines else None

    def _read(self, piece: Piece, form: LogFormat) -> None:
        """The piece into the table `parsed`, its paths into `paths`, its user agents into `agents`."""
        run = self._connection.execute
        run(sql("piece.sql"), {"content": piece.text})
        limits = {"first_line": piece.first_line, "longest_line": LONGEST_LINE, "latest": self._latest}
        if form.kind == "combined":
            run(sql("combined_lines.sql"), {**limits, "time_unit": form.time_unit})
        else:
            keys = {"pointers": form.pointers(), "latency_factor": form.latency_factor}
            run(sql("json_lines.sql"), {**limits, **keys, "zone": self._zone})
        run(sql("paths.sql"))
        for pattern, template in self._settings.path_templates.items():
            self._template(pattern, template)
        run(sql("agents.sql"), {"bot_marks": _bot_marks()})

    def _template(self, pattern: str, template: str) -> None:
        import duckdb

        try:
            self._connection.execute(sql("settings_route.sql"), {"pattern": pattern, "template": template})
        except duckdb.InvalidInputException as error:
            raise SettingsError(
                f'the path template "{pattern}" is not a regular expression: {error}',
                "use RE2's syntax (https://github.com/google/re2/wiki/Syntax)",
                key="sources.requests.path_templates",
            ) from error

    def _samples(self, most: int) -> list[Sample]:
        rows = self._connection.execute(sql("problem_lines.sql"), {"samples": most}).fetchall()
        return [
            Sample(line=number, reason=problem, text=text[:SAMPLE_LENGTH]) for number, problem, text in rows
        ]

    def _write(self) -> None:
        part = self._folder / f"part-{self._parts:06d}.parquet"
        self._connection.execute(sql("write_part.sql"), {"part": str(part)})
        self._parts += 1


def _unreadable(file: LogFile, sample: Sample, form: LogFormat | None) -> SourceError:
    """No line of a file is a request."""
    wanted = {"combined": "the combined or common format of a web server", "json": "JSON objects"}
    kind = wanted[form.kind if form else "combined"]
    strange = sum(not character.isprintable() or character == "�" for character in sample.text)
    looks = " (it looks like a binary file)" if strange * 5 > len(sample.text) else ""
    shown = "".join(character if character.isprintable() else "·" for character in sample.text[:100])
    return SourceError(
        f"no line of {file.path} is a request in {kind}{looks}; line {sample.line}, {sample.reason}: {shown}",
        "leave the file out of [sources.requests] paths, or set format and fields",
    )
