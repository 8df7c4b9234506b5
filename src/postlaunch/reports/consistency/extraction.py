"""What each kind of report states; a new kind adds its function to `EXTRACTORS`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.backlog import BacklogReport
from postlaunch.reports.consistency.analytics_statements import analytics_statements
from postlaunch.reports.consistency.backlog_statements import backlog_statements
from postlaunch.reports.consistency.daily_statements import daily_statements
from postlaunch.reports.consistency.health_statements import health_statements
from postlaunch.reports.consistency.incident_statements import incident_statements
from postlaunch.reports.consistency.performance_statements import performance_statements
from postlaunch.reports.consistency.review_statements import review_statements
from postlaunch.reports.consistency.statements import Statement
from postlaunch.reports.daily import DailyReport
from postlaunch.reports.health import HealthReport
from postlaunch.reports.incident import IncidentReport
from postlaunch.reports.performance import PerformanceReport
from postlaunch.reports.report import Report
from postlaunch.reports.review import MonthlyReview

EXTRACTORS: Mapping[type[Report], Callable[[Any], Iterable[Statement]]] = {
    HealthReport: health_statements,
    DailyReport: daily_statements,
    BacklogReport: backlog_statements,
    AnalyticsReport: analytics_statements,
    PerformanceReport: performance_statements,
    IncidentReport: incident_statements,
    MonthlyReview: review_statements,
}
"""Type of report → the statements of one; each function takes that very type."""


def statements_of(report: Report) -> tuple[Statement, ...]:
    """Everything that a report states, as the rules compare it; nothing for a kind without an extractor."""
    extractor = EXTRACTORS.get(type(report))
    return tuple(extractor(report)) if extractor is not None else ()
