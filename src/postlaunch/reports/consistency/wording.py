"""How a contradiction names whose figure it is, and what of."""

from __future__ import annotations

from postlaunch.reports.consistency.statements import Observation, Statement


def by(statement: Statement) -> str:
    """Who states it."""
    return statement.report or "a report"


def about(seen: Observation) -> str:
    """What a figure is of, and when: "requests (500) in 2025-W47"."""
    what = seen.metric.replace("_", " ")
    if seen.statistic != "total":
        what = f"{what}, {seen.statistic}{f' a {seen.per}' if seen.per else ''}"
    if seen.trailing_days is not None:
        what = f"{what} in {seen.trailing_days} days" if seen.trailing_days > 1 else f"{what} in a day"
    if seen.of:
        what = f"{what} ({', '.join(seen.of.values())})"
    return f"{what} in {when(seen)}" if seen.window is not None else what


def when(statement: Statement) -> str:
    """The window of a statement for a person: its label or days, with the time where it is within a day."""
    window = statement.window
    if window is None:
        return "any span"
    if window.label or window.hours >= 24:
        return window.label or window.days()
    start, end = window.local(window.start), window.local(window.end)
    return f"{start:%Y-%m-%d %H:%M}–{end:%H:%M}"
