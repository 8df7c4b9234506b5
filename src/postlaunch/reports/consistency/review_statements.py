"""What a monthly review states: figures of the reports it sums up, which must be theirs."""

from __future__ import annotations

from collections.abc import Iterator

from postlaunch.facts import Quantity
from postlaunch.reports.analytics_figures import KeyFigure
from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.statements import Observation, Statement
from postlaunch.reports.health import MetricRow
from postlaunch.reports.review import MonthlyReview

OF_EACH = frozenset({"feature_adoption"})
"""Metrics of which a report states one for each of several things, named in the row's title."""


def review_statements(report: MonthlyReview) -> Iterator[Statement]:
    """Every figure that another report of the month states too."""
    for row in (*report.metrics.items, *report.business.items):
        yield from _stated(report, row)
    for figure in report.usage.items:
        yield from _stated(report, figure)


def _stated(report: MonthlyReview, row: MetricRow | KeyFigure) -> Iterator[Statement]:
    value = _figure(report, row.this)
    if value is not None:
        yield Observation(
            report=report.title,
            window=report.window,
            metric=row.metric,
            value=value,
            of={"row": row.title} if row.metric in OF_EACH else {},
            title=row.title,
            definition=row.definition,
        )


def _figure(report: MonthlyReview, quantity: Quantity) -> Figure | None:
    return Figure.stated(quantity, zone=report.window.zone, currency=report.currency)
