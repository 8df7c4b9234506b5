"""The geometry of the charts in an HTML report: from a series' figures to points in a small drawing.

The drawing itself, an inline SVG, is the macro `chart` of `templates/_parts.html.j2`. A figure that is not
available leaves a gap; the scale begins at zero, so that a chart never makes a small change look large.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from postlaunch.facts import Assumed, Derived, Forecast, Measured, Unavailable
from postlaunch.printing import value_text
from postlaunch.reports.series import Series

WIDTH, HEIGHT = 360, 150
LEFT, RIGHT, TOP, BOTTOM = 8, 8, 22, 20

AnyQuantity = Measured | Derived | Assumed | Forecast | Unavailable


@dataclass(frozen=True)
class Mark:
    """One figure of the chart: a bar, or a point of the line."""

    x: float
    y: float
    width: float
    height: float
    label: str


@dataclass(frozen=True)
class Chart:
    """A drawing of one series, in the units of its view box.

    Attributes:
        lines: runs of points without a gap, as the SVG attribute "points".
        top: the scale's upper end, as printed.
        target_y: height of the target's line, or None when there is no target on the scale.
    """

    title: str
    bars: bool
    marks: tuple[Mark, ...]
    lines: tuple[str, ...]
    top: str
    first: str
    last: str
    target_y: float | None
    target: str
    summary: str
    radius: float
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - BOTTOM


def chart_of(series: Series, figure: Callable[[AnyQuantity], str], *, currency: str = "$") -> Chart:
    """Lay a series out: bars for counts, a line for the rest."""
    values = [None if point.value.kind == "unavailable" else point.value.value for point in series.points]
    known = [value for value in values if value is not None]
    highest = max(known, default=0.0)
    target = series.target.value if series.target and series.target.value <= highest * 2 else None
    scale = _round_up(max(highest, target or 0.0))
    step = (WIDTH - LEFT - RIGHT) / max(len(values), 1)
    floor = HEIGHT - BOTTOM

    def y_of(value: float) -> float:
        return round(floor - value / scale * (floor - TOP), 2)

    bars = series.unit == "count"
    gap = min(3.0, step * 0.2)
    placed: list[Mark | None] = []
    for place, (point, value) in enumerate(zip(series.points, values, strict=True)):
        if value is None:
            placed.append(None)
            continue
        left = LEFT + place * step
        placed.append(
            Mark(
                x=round(left + gap / 2 if bars else left + step / 2, 2),
                y=y_of(value),
                width=round(step - gap, 2),
                height=round(floor - y_of(value), 2),
                label=f"{point.label}: {figure(point.value)}",
            )
        )
    marks = tuple(mark for mark in placed if mark)
    top = value_text(scale, series.unit, currency=currency)
    return Chart(
        title=series.title,
        bars=bars,
        marks=marks,
        lines=() if bars else _runs(placed),
        top=top,
        first=series.points[0].label if series.points else "",
        last=series.points[-1].label if series.points else "",
        target_y=None if target is None else y_of(target),
        target=series.target.text(currency) if series.target else "",
        summary="; ".join(mark.label for mark in marks) or "no data",
        radius=3.0 if len(marks) <= 31 else 1.2,
    )


def _round_up(value: float) -> float:
    """The next 1, 2, 2.5 or 5 times a power of ten: a scale's end that reads well."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0) if value <= step * power * (1 + 1e-9))


def _runs(placed: list[Mark | None]) -> tuple[str, ...]:
    runs: list[list[Mark]] = [[]]
    for mark in placed:
        if mark is None:
            runs.append([])
        else:
            runs[-1].append(mark)
    return tuple(" ".join(f"{mark.x},{mark.y}" for mark in run) for run in runs if len(run) > 1)
