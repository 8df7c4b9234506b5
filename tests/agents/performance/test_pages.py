"""The performance report as Markdown and HTML: every section of the specification, in its order."""

from __future__ import annotations

import re
from typing import Any

import pytest
from markdown_it import MarkdownIt

from postlaunch.facts import Measured
from postlaunch.reports.html import render_html
from postlaunch.reports.judged import Sentence
from postlaunch.reports.markdown import render_markdown
from postlaunch.reports.performance import PerformanceReport
from postlaunch.windows import month_of

SECTIONS = [
    "Performance Over Time",
    "Root Cause Analysis",
    "Optimization Opportunities",
    "Capacity Planning",
]
OURS = ["Recommendations", "Data Notes", "How This Report Was Made", "Evidence"]

LINES = [
    r"\*\*Response Time Trend\*\*:",
    r"- Week 1 \(2025-W40\): \d+ ms avg",
    r"- Week 2 \(2025-W41\): \d+ ms avg \([+−][\d.]+ ms, [+−][\d.]+%\)",
    r"\*\*Trend\*\*: ⚠️ Gradual performance degradation \(\d+ ms → \d+ ms within 56 days, .+ a week\)",
    r"- method: p [\d.e-]+ over 56 days, autocorrelation .+BIC",
    r"\*\*Investigation\*\*:",
    r"- User growth: .+\*\*does not explain\*\*",
    r"- Data size: \*\*not available\*\* \(no source of events is configured\)",
    r"- Database indexes: \*\*not available\*\*",
    r"- Slow endpoints introduced: ",
    r"\*\*Conclusion\*\*: .+target of < 200 ms",
    r"\*\*Opportunity 1: Cache the first page of the user list\*\*",
    r"- \*\*Impact\*\*: GET /users receives \d+ requests a day, [\d.]+% of all requests and [\d.]+% of the",
    r"- \*\*Current\*\*: \d+ ms avg",
    r"- \*\*Optimized\*\*: 80 ms \(assumed\) avg",
    r"- \*\*Estimated Improvement\*\*: \d+ requests a day faster by \d+ ms \(from assumptions\)",
    r"- \*\*Effort\*\*: 2 h \(from assumptions\)",
    r"- \*\*Recommendation\*\*: HIGH PRIORITY \(",
    r"\*\*Current Capacity\*\*:",
    r"- 3 pods, 512 MB RAM each",
    r"- Handling [\d.]+/s peak",
    r"- Resource usage: [\d.]+% memory \(of 512 MB\), [\d.]+% CPU \(of 0.5 cores\), [\d.]+% database conn",
    r"\*\*Projected Growth\*\* \(based on \+[\d.]+% weekly, \+[\d.]+% monthly growth of requests\):",
    r"- 3 months: [\d.]+/s \(forecast, [\d.]+/s to [\d.]+/s at 90%\) peak",
    r"- 6 months: [\d.]+/s \(forecast, [\d.]+/s to [\d.]+/s at 90%\) peak",
    r"- Basis: compound growth of weekly requests over 8 whole weeks",
    r"\*\*Scaling Recommendations\*\*:",
    r"- \*\*Current\*\*: ",
    r"- \*\*3 months\*\*: ",
    r"- \*\*6 months\*\*: add \d+ pods: \d+ in all instead of 3",
    r"\*\*Cost Impact\*\*:",
    r"- Current: \\\$114.14 a month \(3 pods\)",
    r"- With optimization, in 6 months: .+\(forecast, .+\) a month \(\d+ pods",
    r"- Without optimization, in 6 months: .+\(forecast, .+\) a month \(\d+ pods",
    r"- Per user and month: .+\(target: < \\\$0.50, missed\)",
    r'\*\*Recommendation\*\*: Implement "Cache the first page of the user list".* in Sprint 4: avoids ',
]
"""What the specification's layout has, in its order."""


@pytest.fixture(scope="module")
def report(desk: Any) -> PerformanceReport:
    application = desk.application(
        slower=lambda week: 1.015**week,
        candidates="""
- id: cache-users
  title: Cache the first page of the user list
  effort: {performance-optimizer: 0.25}
  success_measure: mean response time of GET /users
  success_target: below 80 ms
""",
        settings={"capacity": {"next_sprint": 4}},
    )
    return desk.report(application)


@pytest.fixture(scope="module")
def markdown(report: PerformanceReport) -> str:
    return render_markdown(report)


@pytest.fixture(scope="module")
def page(report: PerformanceReport) -> str:
    return render_html(report)


def test_sections_stand_in_the_specifications_order_and_ours_after(markdown: str) -> None:
    assert re.findall(r"^### (.+)$", markdown, re.M) == SECTIONS + OURS
    assert markdown.startswith("## Performance Trend Report\n")


def test_every_line_of_the_specification_is_there_in_its_order(markdown: str) -> None:
    at = 0
    for line in LINES:
        found = re.compile(line).search(markdown, at)
        assert found, f"not found, or not in its order: {line}"
        at = found.end()


def test_the_first_line_says_what_to_do_why_and_who_decides(markdown: str) -> None:
    first = markdown.splitlines()[2]
    assert first.startswith("> **Do**: ")
    assert "**Why**: ⚠️ Gradual performance degradation" in first
    assert not re.search(r"BIC|autocorrelation|\bp [\d.]", first)
    assert "; Avg Response Time reaches 200 ms in about " in first
    assert first.endswith("**Decides**: the on-call engineer.")


def test_the_head_names_month_or_span_and_application_with_version(report: PerformanceReport) -> None:
    assert "**Span**: Sep 29 – Nov 23, 2025 (UTC)" in render_markdown(report)
    month = report.model_copy(update={"window": month_of(report.window.start.date(), "UTC")})
    assert "**Month**: September 2025 (UTC)" in render_markdown(month)
    assert "**Application**: Shop v2.1" in render_markdown(month)


def test_its_files_are_named_by_the_month_or_the_newest_week(report: PerformanceReport) -> None:
    assert report.stem == "performance-2025-W47"
    month = report.model_copy(update={"window": month_of(report.window.start.date(), "UTC")})
    assert month.stem == "performance-2025-09"


def test_the_markdown_is_well_formed(markdown: str) -> None:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table"])
    tokens = parser.parse(markdown)
    assert "html_block" not in {token.type for token in tokens}
    body = markdown[: markdown.index("### Evidence")]
    assert "None" not in body
    assert "\n\n\n" not in markdown
    assert not re.search(r"[(,;] *[,;)]", body)


def test_the_page_has_every_section_its_charts_and_their_intervals(page: str) -> None:
    for name in ("over-time", "causes", "opportunities", "capacity", "recommendations", "evidence"):
        assert f'id="{name}"' in page
    titles = re.findall(r"<figcaption>([^<]+)", page)
    assert [title.strip() for title in titles] == [
        "Average response time per week",
        "Average response time per day",
        "Peak requests per second, and forecast",
    ]
    assert page.count("<svg") == 3
    assert re.search(r"class=\"ci\b", page)


def test_the_page_says_what_the_markdown_says(page: str, report: PerformanceReport) -> None:
    for text in (
        "Opportunity 1: Cache the first page of the user list",
        "HIGH PRIORITY",
        "Scaling Recommendations",
        "Cost Impact",
        "With optimization, in 6 months",
        "0.5</a> cores",
        report.capacity.at(6).advice.text,
    ):
        assert text in page
    assert "<script" not in page


def test_the_forecasts_carry_their_intervals_into_the_chart(report: PerformanceReport) -> None:
    peaks = next(series for series in report.series if series.form == "intervals")
    assert [point.label for point in peaks.points[-2:]] == ["in 3 months", "in 6 months"]
    for point in peaks.points[:-2]:
        assert isinstance(point.value, Measured)
        assert point.low is None
    for point in peaks.points[-2:]:
        assert point.low is not None
        assert point.high is not None
        assert point.low < point.value.value < point.high  # type: ignore[union-attr]


def test_the_chart_of_days_has_every_day_of_the_span(report: PerformanceReport) -> None:
    days = next(series for series in report.series if series.metric == "day_mean_response_time")
    assert (len(days.points), days.points[0].label, days.points[-1].label) == (56, "2025-09-29", "2025-11-23")


def test_text_from_outside_is_only_text(report: PerformanceReport) -> None:
    evil = "<script>alert(1)</script> **bold** [x](https://evil.example)"
    item = report.opportunities.items[0].model_copy(
        update={"title": evil, "declared": evil, "candidate": "x"}
    )
    opportunities = report.opportunities.model_copy(update={"items": (item,)})
    changed = report.model_copy(
        update={"opportunities": opportunities, "recommendation": Sentence(text=f"Implement {evil}")}
    )
    assert "<script>" not in render_html(changed)
    assert "**bold**" not in render_markdown(changed).replace(r"\*\*bold\*\*", "")
    assert "<script>" not in render_markdown(changed).replace(r"\<script>", "")


def test_a_report_without_any_source_still_prints_every_section(desk: Any) -> None:
    empty = desk.report(desk.application(weeks=1, busy=1, sources=()))
    text = render_markdown(empty)
    assert re.findall(r"^### (.+)$", text, re.M)[:4] == SECTIONS
    assert "**Trend**: – Not available (no source of requests is configured)" in text
    assert "not available: no source of costs is configured" in text
    assert "<svg" not in render_html(empty)
