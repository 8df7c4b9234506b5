"""Reading a report back from its JSON: its kind's typed model refuses what was changed by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue, ValidationError

from postlaunch.errors import UsageError
from postlaunch.facts import Evidence
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.backlog import BacklogReport
from postlaunch.reports.daily import DailyReport
from postlaunch.reports.health import HealthReport
from postlaunch.reports.incident import IncidentReport
from postlaunch.reports.performance import PerformanceReport
from postlaunch.reports.review import MonthlyReview

AnyReport = (
    HealthReport
    | DailyReport
    | BacklogReport
    | AnalyticsReport
    | PerformanceReport
    | IncidentReport
    | MonthlyReview
)

KINDS: Mapping[str, type[AnyReport]] = {
    "weekly_health": HealthReport,
    "daily_check": DailyReport,
    "backlog": BacklogReport,
    "analytics": AnalyticsReport,
    "performance": PerformanceReport,
    "incident": IncidentReport,
    "monthly_review": MonthlyReview,
}
"""The typed model of each kind of report."""


def report_from(body: Mapping[str, JsonValue]) -> AnyReport:
    """The typed report in a JSON object.

    Raises:
        UsageError: it is no report, or a figure in it is not what its evidence says.
    """
    kind = body.get("kind")
    if kind not in KINDS:
        raise UsageError(f"this is no report: its kind is {kind!r}", f"kinds: {', '.join(KINDS)}")
    try:
        return KINDS[str(kind)].model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise UsageError(
            f"this report does not hold together: {where}{': ' if where else ''}{message}",
            "it was changed by hand or written by another version; make it again",
        ) from error


def read_evidence(path: Path) -> Evidence:
    """The evidence of a report's JSON file.

    Raises:
        UsageError: the file cannot be read, or is no report that holds together.
    """
    try:
        body = json.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", "name a report's .json file") from error
    if not isinstance(body, dict):
        raise UsageError(f"{path} holds no report", "name a report's .json file")
    return report_from(body).evidence
