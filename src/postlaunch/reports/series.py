"""A figure over time, over steps or over groups, as a report carries it for a chart.

Charts are drawn from series by `postlaunch.reports.charts`; the same figures stand in the report's tables.
"""

from __future__ import annotations

from typing import Literal

from postlaunch.facts import Frozen, Quantity, Unit
from postlaunch.reports.targets import Target

Form = Literal["auto", "bars", "line", "steps", "intervals"]
"""auto: bars for counts, a line for the rest. steps: horizontal bars, one below the other, as a funnel is
read. intervals: a point with the span from `low` to `high`.
"""


class Point(Frozen):
    """One point of a series: where it stands, and its figure.

    Attributes:
        low, high: the interval around the figure, in the series' unit; None where there is none.
    """

    label: str
    value: Quantity
    low: float | None = None
    high: float | None = None


class Series(Frozen):
    """A figure, point by point.

    Attributes:
        metric: the definition's name.
        target: the objective drawn beside it.
    """

    metric: str
    title: str
    unit: Unit
    points: tuple[Point, ...]
    target: Target | None = None
    form: Form = "auto"
