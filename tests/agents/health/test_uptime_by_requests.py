"""The uptime objective's budget by requests, beside that by time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from postlaunch.agents.bench import Bench
from postlaunch.reports.health import HealthReport
from postlaunch.reports.html import render_html
from postlaunch.reports.markdown import render_markdown
from postlaunch.settings import Application, Settings
from postlaunch.settings_sources import RequestSource, Sources
from postlaunch.testing import MemoryRecorder
from postlaunch.tools import definitions_requests as definitions
from postlaunch.windows import parse_week


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


def logged(first: datetime, days: int) -> Iterator[str]:
    """A combined log with 1 of 60 requests failed, one a minute."""
    for minute in range(days * 24 * 60):
        at = first + timedelta(minutes=minute)
        yield (
            f'203.0.113.{minute % 9} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET / HTTP/1.1" '
            f'{500 if minute % 60 == 0 else 200} 9 "-" "Mozilla/5.0"'
        )


@pytest.mark.parametrize(
    ("days", "spent", "complete"), [(31, 1 / 60 / 0.001, True), (10, 1 / 60 / 0.001 * 10 / 30, False)]
)
def test_it_is_of_what_the_log_covers_and_whole_over_a_change_of_the_clocks(
    desk: Any, open_log: Any, days: int, spent: float, complete: bool
) -> None:
    week = parse_week("2025-W44", "Europe/Berlin")
    log = open_log(list(logged(week.end - timedelta(days=days), days)), zone="Europe/Berlin")
    settings = Settings(
        application=Application(timezone="Europe/Berlin"),
        sources=Sources(requests=RequestSource(paths=("access.log",))),
    )
    bench = Bench(
        settings=settings,
        sources={"requests": log},
        recorder=MemoryRecorder(),
        clock=lambda: week.end + timedelta(hours=8),
    )
    budget = desk.composed(bench, desk.assigned(week)).uptime_by_requests
    assert budget is not None
    assert budget.complete is complete
    assert budget.spent.value == pytest.approx(spent, rel=0.01)  # type: ignore[union-attr]
