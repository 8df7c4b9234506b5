"""The uptime objective's budget by requests, beside that by time."""

from __future__ import annotations

from typing import Any

import pytest

from postlaunch.reports.health import HealthReport
from postlaunch.reports.html import render_html
from postlaunch.reports.markdown import render_markdown
from postlaunch.tools import definitions_requests as definitions


@pytest.fixture
def report(desk: Any) -> HealthReport:
    """A week with three minutes down, and one request in two hundred failed."""
    made: HealthReport = desk.healthy(
        request_summary=desk.summary_with(desk.read(definitions.ERROR_RATE, 0.005, 0.0004))
    )
    return made


def test_both_stand_beside_one_another_and_say_how_they_count(report: HealthReport) -> None:
    assert report.uptime_by_requests is not None
    methods = [budget.method for budget in report.budgets.items if budget.target.objective == "uptime"]
    assert (methods, report.uptime_by_requests.method) == (["time-slices"], "occurrences")
    markdown = render_markdown(report)
    assert "by requests (30-day budget, occurrences; the grade goes by time): 0.5% of the" in markdown
    assert "by requests, 30-day budget: " in render_html(report)


def test_no_grade_goes_by_requests(report: HealthReport) -> None:
    assert report.uptime_by_requests is not None
    assert report.uptime_by_requests.spent.value > 1  # type: ignore[union-attr]
    assert all("budget of Uptime" not in reason.text for reason in report.headline.why)


def test_without_requests_there_is_none(desk: Any) -> None:
    assert desk.healthy(request_summary=()).uptime_by_requests is None
