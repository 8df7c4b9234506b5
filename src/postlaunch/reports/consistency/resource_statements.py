"""What a report states of resources, of the launch, and of uptime without planned maintenance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from postlaunch.facts import Fact, Quantity, Unit
from postlaunch.printing import change_text, value_text
from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.statements import Breakdown, Change, Share, Statement
from postlaunch.reports.consistency.time_statements import Lifetime
from postlaunch.reports.health import LaunchRow, Resources, ResourceUse, SinceLaunch
from postlaunch.windows import Window

Stating = Callable[[Quantity], Figure | None]
"""A quantity as the report prints it."""


def resource_statements(report: str, window: Window, figure: Stating, used: Resources) -> Iterator[Statement]:
    """Shares against what they are shares of, in all pods and in each; means that no highest sample is
    below.
    """
    for use in used.uses.items:
        yield from _use(report, window, figure, use, use.title)
    for pod in used.pods:
        for use in pod.uses:
            yield from _use(report, window, figure, use, f"{use.title} of pod {pod.pod}")


def _use(report: str, window: Window, figure: Stating, use: ResourceUse, what: str) -> Iterator[Statement]:
    part, whole, share = figure(use.used), figure(use.limit), figure(use.share)
    if part is not None and whole is not None and share is not None:
        yield Share(report=report, window=window, what=what, part=part, whole=whole, share=share)
    peak = figure(use.peak)
    for lesser in (share, figure(use.p95)):
        if lesser is not None and peak is not None:
            yield Breakdown(
                report=report,
                window=window,
                what=f"{what}, highest sample",
                whole=peak,
                parts=(lesser,),
                complete=False,
            )


def launch_statements(
    report: str, window: Window, figure: Stating, launch: SinceLaunch, launched_at: float | None
) -> Iterator[Statement]:
    """Since when the application has been live, and each change since then."""
    if launched_at is not None:
        yield Lifetime(report=report, live_since=datetime.fromtimestamp(launched_at, UTC))
    for row in launch.rows.items:
        yield from _since(report, window, figure, row)


def _since(report: str, window: Window, figure: Stating, row: LaunchRow) -> Iterator[Statement]:
    before, after = figure(row.launch), figure(row.now)
    if before is None or after is None or row.change is None or row.change.kind not in ("points", "relative"):
        return
    unit: Unit = "points" if row.change.kind == "points" else "ratio"
    change = Figure.of(row.change.value, unit, change_text(row.change))
    yield Change(
        report=report,
        window=window,
        what=f"{row.title} since launch",
        before=before,
        after=after,
        change=change,
    )


def unplanned_statement(
    report: str, window: Window, uptime: Fact, unplanned: Fact, planned_down: Fact
) -> Statement:
    """The minutes down outside of planned maintenance and those down in it are all the minutes down.

    Args:
        uptime, unplanned: shares of the minutes that they are measured on, their `n`.
    """
    return Breakdown(
        report=report,
        window=window,
        what="minutes down, planned and not",
        whole=_down(uptime),
        parts=(_down(unplanned), _minutes(planned_down.value)),
        complete=True,
    )


def _down(uptime: Fact) -> Figure:
    return _minutes(round((1 - uptime.value) * uptime.n))


def _minutes(value: float) -> Figure:
    return Figure.of(value, "minutes", value_text(value, "minutes"))
