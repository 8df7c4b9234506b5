"""What became of the rows of a file that was read: kept, left out, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import Field

from postlaunch.facts import Frozen, digest_of
from postlaunch.sources.coverage import RejectedLine
from postlaunch.sources.lines import LogFile

FUTURE = "in the future"
"""The problem, in the queries, of a row dated more than a day after the clock; it is not "rejected"."""

SAMPLES = 5
SAMPLE_LENGTH = 200
FIRST_LINES = 200
"""So many rows are looked at to see which keys a file has."""


class Sample(Frozen):
    """A row that could not be read, cleaned and cut; `line` is its place in the file, from 1."""

    line: int
    reason: str
    text: str


class FileRows(Frozen):
    """What became of a file's rows. `rejected` counts them by reason; blank lines are in no count.

    Attributes:
        kind: the format it was read in; empty where it has only blank lines.
        fields, properties: our names → the keys or columns that held them.
        kept: rows that are what the source holds.
        earliest_future_us: microseconds since 1970 UTC.
    """

    kind: str = ""
    fields: dict[str, str] = Field(default_factory=dict)
    properties: dict[str, str] = Field(default_factory=dict)
    kept: int = 0
    future: int = 0
    earliest_future_us: int | None = None
    rejected: dict[str, int] = Field(default_factory=dict)
    samples: tuple[Sample, ...] = ()

    @property
    def rows(self) -> int:
        """All of them."""
        return self.kept + self.future + sum(self.rejected.values())


class StagedRows(Frozen):
    """What is known of staged rows beside the rows themselves.

    Attributes:
        files: what became of each file's rows, in the order of the files; their names are the opener's.
    """

    files: tuple[FileRows, ...]

    @property
    def future(self) -> int:
        """Rows left out as lying in the future."""
        return sum(file.future for file in self.files)

    @property
    def earliest_future_us(self) -> int | None:
        """The first moment that was left out as lying in the future."""
        moments = [file.earliest_future_us for file in self.files if file.earliest_future_us is not None]
        return min(moments, default=None)

    def fingerprint(self, key: str) -> str:
        """Of what queries see: the key of content and reading, and how much still lay in the future."""
        return digest_of([key, self.future]) if self.future else key


@dataclass(frozen=True)
class LeftOut:
    """The rows of several files that are in no figure.

    Attributes:
        rejected: how many, by reason.
        samples: the first of them, with their files.
    """

    rejected: Counter[str]
    future: int
    samples: tuple[RejectedLine, ...]


def left_out_of(logs: Sequence[LogFile], about: StagedRows) -> LeftOut:
    """What was left out of these files, which are those of `about` in order."""
    rejected: Counter[str] = Counter()
    for file in about.files:
        rejected.update(file.rejected)
    samples = [
        RejectedLine(file=log.path.name, line=sample.line, reason=sample.reason, text=sample.text)
        for log, file in zip(logs, about.files, strict=True)
        for sample in file.samples
    ]
    return LeftOut(rejected, about.future, tuple(samples[:SAMPLES]))


def latest_moment(now: datetime) -> datetime:
    """The latest moment a row may be dated: a day after the clock, for clocks and zones that are off."""
    return now.astimezone(UTC) + timedelta(days=1)
