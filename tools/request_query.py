"""How the request measurements read the log: the spans compared, the query, what a reader must be told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from postlaunch.facts import Definition
from postlaunch.sources.requests import Coverage, RequestLog
from postlaunch.tools.embedded_query import Row as Row
from postlaunch.tools.embedded_query import queries
from postlaunch.tools.measurement import Limits, Reading, Readings, WindowParameters
from postlaunch.windows import Window

ENDPOINT_LENGTH = 140

Item = TypeVar("Item")


@dataclass(frozen=True)
class Spans:
    """What is measured and what it is compared with.

    Attributes:
        window: as asked for, cut where the log ends.
        requests: in the window.
        baseline: cut to the same elapsed part; None where none was asked for, where the log does not cover
            all of it, and where it holds no request.
        notes: what a reader must know of them.
    """

    window: Window
    requests: int
    baseline: Window | None
    notes: tuple[str, ...]


def spans_of(log: RequestLog, parameters: WindowParameters, limits: Limits) -> Spans:
    """The window observed and the comparable part of the baseline.

    Raises:
        SourceError: the log cannot be read.
    """
    coverage = log.coverage
    window = coverage.observed(parameters.window)
    notes = list(_window_notes(coverage, window))
    baseline = parameters.baseline
    if baseline is not None:
        baseline = same_part(baseline, window)
        why = _incomparable(log, baseline, limits)
        if why:
            notes.append(f"not compared with {_name(baseline)}: {why}")
            baseline = None
    return Spans(window, _requests(log, window, limits), baseline, tuple(notes))


def _incomparable(log: RequestLog, baseline: Window, limits: Limits) -> str:
    """Why nothing can be compared with a baseline, or nothing."""
    covered = log.coverage.begins_by(baseline.start) and log.coverage.lasts_to(baseline.observed_end)
    if not covered:
        return f"the log covers {_span(log.coverage, baseline.zone)}, not all of it"
    return "" if _requests(log, baseline, limits) else "the log has no request in it"


def _requests(log: RequestLog, span: Window, limits: Limits) -> int:
    return int(rows(log, "totals", span, limits)[0]["requests"])


def same_part(baseline: Window, window: Window) -> Window:
    """The baseline, observed only as far on the wall clock as a partial window is."""
    if not window.partial:
        return baseline
    elapsed = _wall(window, window.observed_end) - _wall(window, window.start)
    at = (_wall(baseline, baseline.start) + elapsed).replace(tzinfo=ZoneInfo(baseline.zone))
    return baseline.cut(min(at.astimezone(UTC), baseline.observed_end))


def rows(log: RequestLog, query: str, span: Window, limits: Limits, **parameters: object) -> list[Row]:
    """Run a query of `tools/sql` over the part of a window that was observed.

    Raises:
        SourceError: the query took too long, or needed more memory than it may use.
    """
    bound = {"start": _naive(span.start), "end": _naive(span.observed_end), **parameters}
    with queries(log, "the request log", limits) as run:
        return run(query, bound)


def compared(
    log: RequestLog, query: str, spans: Spans, limits: Limits, **parameters: object
) -> tuple[list[Row], list[Row] | None]:
    """The rows of a query for the window and for its baseline (None where there is no baseline)."""
    now = rows(log, query, spans.window, limits, **parameters)
    before = rows(log, query, spans.baseline, limits, **parameters) if spans.baseline else None
    return now, before


Value = tuple[float | None, int]
"""A figure's value and how many observations stand behind it; no value where there are none."""


@dataclass(frozen=True)
class Figure:
    """A definition and how its value is read from a row."""

    definition: Definition
    value: Callable[[Row], Value]


def count(name: str) -> Callable[[Row], Value]:
    """A count is its own number of observations; a count of nothing is 0."""
    return lambda row: (row[name], row[name])


def amount(name: str, of: str) -> Callable[[Row], Value]:
    """A figure over `of` observations; none over none."""
    return lambda row: (row[name] if row[of] else None, row[of])


def share(part: str, whole: str) -> Callable[[Row], Value]:
    """part ÷ whole; none of nothing."""
    return lambda row: (row[part] / row[whole] if row[whole] else None, row[whole])


def measured(
    figures: Iterable[Figure],
    spans: Spans,
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


def counterpart(row: Row, before: Sequence[Row] | None, keys: Sequence[str], total: str = "") -> Row | None:
    """The baseline's row of the same entity: zeros where it has none, None where there is no baseline.

    Args:
        keys: the columns that name the entity.
        total: a column that is the same in every row, and is kept beside the zeros.
    """
    if before is None:
        return None
    for old in before:
        if all(old[key] == row[key] for key in keys):
            return old
    same = {total: before[0][total]} if total and before else {}
    return {**dict.fromkeys(row, 0), **same}


def nothing(log: RequestLog, spans: Spans, what: str = "no request") -> Readings:
    """No data in the window, with what the log does cover."""
    zone = spans.window.zone
    return Readings(
        reason=f"{what} in {_name(spans.window)}: the log covers {_span(log.coverage, zone)}",
        notes=spans.notes,
    )


def endpoint(row: Row) -> str:
    """The entity of a row with a method and a route: "GET /users/:id"."""
    return f"{row['method']} {row['route']}"[:ENDPOINT_LENGTH]


def kept(items: list[Item], most: int, what: str) -> tuple[list[Item], tuple[str, ...]]:
    """At most so many rows, and a note where some were cut off."""
    if len(items) <= most:
        return items, ()
    return items[:most], (f"only {most} of {len(items)} {what} are listed",)


def minutes_in(span: Window) -> int:
    """Minutes of the clock that the observed part of a window touches."""
    first = int(span.start.timestamp() // 60)
    return max(-int(-span.observed_end.timestamp() // 60) - first, 1)


def _window_notes(coverage: Coverage, window: Window) -> list[str]:
    notes = []
    if window.start < coverage.first and not coverage.begins_by(window.start):
        notes.append(f"the log begins {_moment(coverage.first, window.zone)}, after the window does")
    if window.partial:
        notes.append(f"partial: observed until {_moment(window.observed_end, window.zone)}")
    if coverage.sampled:
        notes.append(coverage.sampled_reason)
    return notes


def _wall(window: Window, moment: datetime) -> datetime:
    return window.local(moment).replace(tzinfo=None)


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _moment(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}"


def _span(coverage: Coverage, zone: str) -> str:
    return f"{_moment(coverage.first, zone)} to {_moment(coverage.last, zone)}"


def _name(window: Window) -> str:
    return window.label or window.days()
