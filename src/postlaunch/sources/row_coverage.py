"""What staged rows of samples or log lines cover."""

from __future__ import annotations

from postlaunch.printing import value_text
from postlaunch.sources.coverage import RejectedLine
from postlaunch.sources.observed_span import ObservedSpan
from postlaunch.windows import zone_named


class RowCoverage(ObservedSpan):
    """What staged rows hold. Rows read = rows + rejected + in the future, without blank lines.

    Attributes:
        format: "parquet", "csv", "json", or several of them.
        files: names, in the order read.
        bytes: on disk, compressed where the files are.
        rows: those that are kept.
        rows_rejected: not whole, no readable time, nothing in them, too long.
        rows_future: left out because they are dated more than a day after the clock.
        rejected_by_reason: `rows_rejected`, split.
        pods: distinct pods that the rows name.
        columns: our names of the columns in which at least one row holds something.
    """

    format: str
    files: tuple[str, ...]
    bytes: int
    rows_read: int
    rows: int
    rows_rejected: int
    rows_future: int
    rejected_by_reason: dict[str, int]
    rejected_samples: tuple[RejectedLine, ...]
    pods: int
    columns: tuple[str, ...]

    @property
    def recorded(self) -> int:
        """The rows."""
        return self.rows


def row_coverage_text(coverage: RowCoverage, noun: str, zone: str) -> str:
    """What the rows cover, in one or two lines for a person; `noun` is one of them: "log line"."""
    place = zone_named(zone)
    first, last = coverage.first.astimezone(place), coverage.last.astimezone(place)
    files = coverage.files[0] if len(coverage.files) == 1 else f"{len(coverage.files)} files"
    pods = f" of {_many(coverage.pods, 'pod')}" if coverage.pods else ""
    text = (
        f"{_many(coverage.rows, noun)}{pods} from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} {zone} "
        f"({files}, {value_text(coverage.bytes, 'bytes')}, {coverage.format})"
    )
    counted = {**coverage.rejected_by_reason, "dated in the future": coverage.rows_future}
    said = [f"{rows:,} ({what})" for what, rows in counted.items() if rows]
    return f"{text}\nleft out of {coverage.rows_read:,} rows: {', '.join(said)}." if said else text


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
