"""What each kind of report states; a new kind adds its function to `EXTRACTORS`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.backlog import BacklogReport
from postlaunch.reports.consistency.analytics_statements import analytics_statements
from postlaunch.reports.consistency.backlog_statements import backlog_statements
from postlaunch.reports.consistency.health_statements import health_statements
from postlaunch.reports.consistency.performance_statements import performance_statements
from postlaunch.reports.consistency.statements import Statement
from postlaunch.reports.health import HealthReport
from postlaunch.reports.performance import PerformanceReport
from postlaunch.reports.report import Report

EXTRACTORS: Mapping[type[Report], Callable[[Any], Iterable[Statement]]] = {
    HealthReport: health_statements,
    BacklogReport: backlog_statements,
    AnalyticsReport: analytics_statements,
    PerformanceReport: performance_statements,
}
"""Type of report → the statements of one; each function takes that very type."""


def statements_of(report: Report) -> tuple[Statement, ...]:
    """Everything that a report states, as the rules compare it; nothing for a kind without an extractor."""
    extractor = EXTRACTORS.get(type(report))
    return tuple(extractor(report)) if extractor is not None else ()
