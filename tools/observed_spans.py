"""What is measured of staged rows and what it is compared with: resources, an application's log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from postlaunch.sources.observed_span import ObservedSpan
from postlaunch.tools.measurement import Reading, Readings, WindowParameters
from postlaunch.tools.request_query import Figure, Row, same_part
from postlaunch.windows import Window


class Covered(Protocol):
    """Rows that cover some span of time."""

    @property
    def coverage(self) -> ObservedSpan:
        """From the first row to the last."""
        ...


@dataclass(frozen=True)
class Observed:
    """What is measured and what it is compared with.

    Attributes:
        window: as asked for, cut where the rows end.
        rows: in the window.
        baseline: cut to the same elapsed part; None where none was asked for, where the rows do not cover
            all of it, and where it holds none.
        notes: what a reader must know of them.
    """

    window: Window
    rows: int
    baseline: Window | None
    notes: tuple[str, ...]


def observed(
    data: Covered, parameters: WindowParameters, count: Callable[[Window], int], what: str
) -> Observed:
    """The window observed and the comparable part of the baseline.

    Args:
        count: rows in a window.
        what: how a note calls the rows: "the samples".
    """
    coverage = data.coverage
    window = coverage.observed(parameters.window)
    notes = []
    if window.start < coverage.first and not coverage.begins_by(window.start):
        notes.append(f"{what} begin {_moment(coverage.first, window)}, after the window does")
    if window.partial:
        notes.append(f"{what} of the window are partial: until {_moment(window.observed_end, window)}")
    baseline = parameters.baseline
    if baseline is not None:
        baseline = same_part(baseline, window)
        if not (coverage.begins_by(baseline.start) and coverage.lasts_to(baseline.observed_end)):
            notes.append(f"not compared with {_name(baseline)}: {what} do not cover all of it")
            baseline = None
        elif not count(baseline):
            notes.append(f"not compared with {_name(baseline)}: there are none of {what} in it")
            baseline = None
    return Observed(window, count(window), baseline, tuple(notes))


def nothing_observed(data: Covered, spans: Observed, what: str) -> Readings:
    """No data in the window, with what the rows do cover."""
    coverage, window = data.coverage, spans.window
    span = f"{_moment(coverage.first, window)} to {_moment(coverage.last, window)}"
    return Readings(reason=f"none of {what} in {_name(window)}: they cover {span}", notes=spans.notes)


def span_of(window: Window) -> dict[str, object]:
    """The observed part of a window as parameters of a query."""
    return {"start": naive(window.start), "end": naive(window.observed_end)}


def naive(moment: datetime) -> datetime:
    """As the column `ts` has it: UTC, without its zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def readings_of(
    figures: Iterable[Figure],
    spans: Observed,
    now: Row,
    before: Row | None = None,
    *,
    entity: str = "application",
    notes: Mapping[str, str] | None = None,
) -> list[Reading]:
    """The figures of a row that have a value, compared with those of the baseline's row.

    Args:
        notes: by the definition's name, what a reader must know beside it.
    """
    readings = []
    for figure in figures:
        value, n = figure.value(now)
        if value is None:
            continue
        old, old_n = figure.value(before) if before is not None else (None, 0)
        readings.append(
            Reading(
                definition=figure.definition,
                value=value,
                n=n,
                window=spans.window,
                entity=entity,
                baseline=old,
                baseline_window=spans.baseline if old is not None else None,
                baseline_n=old_n if old is not None else None,
                note=(notes or {}).get(figure.definition.name, ""),
            )
        )
    return readings


def _moment(moment: datetime, window: Window) -> str:
    return f"{window.local(moment):%Y-%m-%d %H:%M} {window.zone}"


def _name(window: Window) -> str:
    return window.label or window.days()
