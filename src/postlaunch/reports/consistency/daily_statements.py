"""What a daily check states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from postlaunch.facts import Change as MovedBy
from postlaunch.facts import Quantity, Unit
from postlaunch.printing import change_text
from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.health_statements import COUNTED_AS
from postlaunch.reports.consistency.plan_statements import Row, Target
from postlaunch.reports.consistency.resource_statements import resource_statements
from postlaunch.reports.consistency.spell_statements import spell_statements
from postlaunch.reports.consistency.statements import Breakdown, Change, Observation, Statement
from postlaunch.reports.daily import DailyReport, DayRow, LevelLine

ONE_DAY = 1
MOST_HOURS = 169
"""Of a window whose hours are all listed: a week over which the clocks are put back."""


def daily_statements(report: DailyReport) -> Iterator[Statement]:
    """Every figure of the check that stands in some relation to another, in it or in another report."""

    def figure(quantity: Quantity) -> Figure | None:
        return Figure.stated(quantity, zone=report.window.zone, currency=report.currency)

    total = next((figure(row.this) for row in report.metrics if row.metric == "total_requests"), None)
    parts: Iterable[Iterable[Statement]] = (
        *(
            _row(report, row, figure(row.this), figure(row.before), figure(row.usual))
            for row in report.metrics
        ),
        *(
            spell_statements(report.title, report.window, figure, spell, total)
            for spell in report.spells.items
        ),
        resource_statements(report.title, report.window, figure, report.resources),
        _hours(report, total),
        *(_kinds(report, line, figure(line.lines)) for line in report.levels.items),
    )
    return chain.from_iterable(parts)


def _row(
    report: DailyReport, row: DayRow, this: Figure | None, before: Figure | None, usual: Figure | None
) -> Iterator[Statement]:
    goal = None
    if row.target is not None:
        goal = Figure.of(row.target.value, row.target.unit, row.target.text(report.currency))
        yield Target(report=report.title, metric=row.metric, value=goal, direction=row.target.direction)
    if this is not None:
        yield Observation(
            report=report.title,
            window=report.window,
            metric=COUNTED_AS.get(row.metric, row.metric),
            value=this,
            trailing_days=ONE_DAY if row.metric == "active_users" and report.window.label else None,
            title=row.title,
            definition=row.definition,
        )
    for then, moved, against in (
        (before, row.change, "the day before"),
        (usual, row.usual_change, "the same weekday"),
    ):
        if this is not None and then is not None and moved is not None:
            yield from _change(report, f"{row.title} against {against}", then, this, moved)
    yield Row(
        report=report.title,
        window=report.window,
        title=row.title,
        value=this,
        target=goal,
        direction=row.target.direction if row.target is not None else "below",
        status=row.status,
    )


def _change(
    report: DailyReport, what: str, before: Figure, after: Figure, moved: MovedBy
) -> Iterator[Change]:
    if moved.kind not in ("points", "relative"):
        return
    unit: Unit = "points" if moved.kind == "points" else "ratio"
    change = Figure.of(moved.value, unit, change_text(moved))
    yield Change(
        report=report.title, window=report.window, what=what, before=before, after=after, change=change
    )


def _hours(report: DailyReport, total: Figure | None) -> Iterator[Statement]:
    """The hours of the chart add up to the day: those without requests have none to add."""
    for series in report.series:
        if series.metric == "hour_requests" and total is not None:
            hours = (Figure.stated(point.value, zone=report.window.zone) for point in series.points)
            yield Breakdown(
                report=report.title,
                window=report.window,
                what=series.title,
                whole=total,
                parts=tuple(hour for hour in hours if hour is not None),
                complete=report.window.hours <= MOST_HOURS,
            )


def _kinds(report: DailyReport, line: LevelLine, lines: Figure | None) -> Iterator[Statement]:
    """The kinds listed of a level have at most its lines."""
    kinds = (Figure.stated(kind.lines) for kind in report.kinds.items if kind.level == line.level)
    parts = tuple(kind for kind in kinds if kind is not None)
    if lines is not None and parts:
        yield Breakdown(
            report=report.title,
            window=report.window,
            what=f"kinds of log lines, {line.level}",
            whole=lines,
            parts=parts,
            complete=False,
        )
