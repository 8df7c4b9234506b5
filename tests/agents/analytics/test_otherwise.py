"""Where another common definition differs by more than 5 points the report says so, and only there."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from postlaunch.agents import analytics_otherwise
from postlaunch.agents.analytics_measured import other_modes
from postlaunch.agents.analytics_results import OTHERWISE, Results
from postlaunch.facts import Measurement
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.markdown import render_markdown
from postlaunch.settings_analytics import FunnelSettings
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.windows import month_of

NOVEMBER = month_of(date(2025, 11, 1), "UTC")


def lines(report: AnalyticsReport) -> list[str]:
    return [sentence.text for sentence in report.otherwise]


def about(report: AnalyticsReport, begin: str) -> str:
    [line] = [line for line in lines(report) if line.startswith(begin)]
    return line


def test_retention_on_the_day_stands_beside_that_day_or_later(november: AnalyticsReport) -> None:
    day = november.retention[2]
    assert (day.on_day.this.value, day.unbounded.this.value) == (0, 1)
    assert "0% on that day, and 100% on that day or a later one" in about(november, "Retention of day 30 ")


def test_a_difference_of_less_is_no_line(november: AnalyticsReport) -> None:
    day = november.retention[0]
    assert abs(day.on_day.this.value - day.unbounded.this.value) <= analytics_otherwise.DIFFERENT
    assert not [line for line in lines(november) if line.startswith("Retention of day 1 ")]


def test_adoption_by_the_active_and_by_all_users_stands_beside_that_of_the_audience(
    november: AnalyticsReport,
) -> None:
    told = [line for line in lines(november) if line.startswith("Adoption of Role Assignment (Admin) is 60%")]
    assert len(told) == 2
    assert "of those active in the span used it in the span" in told[0]
    assert "of all users of any role" in told[1]


def test_a_funnel_stands_beside_its_end_in_other_modes_with_how_they_count(november: AnalyticsReport) -> None:
    line = about(november, "The funnel Registration is finished by ")
    assert "in order, from any entry, within 7 days of the first step; by " in line
    assert "% in any order, within 7 days" in line
    assert "first entry only" not in line


def test_modes_that_a_funnel_cannot_have_are_not_measured() -> None:
    again = FunnelSettings(title="Again", steps=("login", "login"))
    assert set(other_modes(again)) == {"first_entry", "step_window", "same_session", "strict_order"}


def test_every_figure_of_a_line_is_in_the_evidence(november: AnalyticsReport) -> None:
    assert november.otherwise
    for sentence in november.otherwise:
        assert sentence.facts
        assert set(sentence.facts) <= set(november.evidence.facts)


def test_a_model_is_not_shown_what_only_stands_beside(usage: Any) -> None:
    shown = {fact.name for fact in usage.found().facts}
    assert "funnel_users" in shown
    assert "funnel_completed" not in shown


def test_the_page_says_so(november: AnalyticsReport) -> None:
    section = render_markdown(november).split("### Other Definitions", 1)[1].split("\n### ", 1)[0]
    assert "by more than 5 points:" in section
    assert "- The funnel Registration is finished by" in section


def test_without_figures_nothing_is_claimed_of_them(usage: Any) -> None:
    report = usage.report(usage.changed(funnels=(), features=()))
    assert not [line for line in lines(report) if line.startswith(("Adoption", "The funnel"))]


def test_a_comparison_that_fails_is_told_and_is_no_problem_of_the_report(usage: Any) -> None:
    slow = Measurement(name="funnel_completed", parameters={}, source="events", fingerprint="x")
    failed = MeasurementResult(measurement=slow, status="error", reason="it took longer than 60 seconds")
    span = Results(usage.settings, NOVEMBER, {f"{OTHERWISE}funnel Registration, any_order": failed})
    assert span.problems == ()
    [sentence] = analytics_otherwise.otherwise(span)
    assert sentence.text == "Not compared: funnel Registration, any_order: it took longer than 60 seconds"


@pytest.mark.parametrize(
    ("one", "other", "told"), [(0.5, 0.55, False), (0.5, 0.5501, True), (0.3, 0.2, True)]
)
def test_five_points_are_not_more_than_five(one: float, other: float, told: bool) -> None:
    assert analytics_otherwise._differ(one, other) is told
