"""The analytics report as Markdown and HTML: the specification's sections and columns, and text as text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from markdown_it import MarkdownIt

from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.html import render_html
from postlaunch.reports.markdown import render_markdown
from postlaunch.settings_analytics import FeatureSettings, FunnelSettings

SECTIONS = [
    "User Metrics",
    "Feature Adoption",
    "User Journey Funnel",
    "User Behavior Insights",
    "Feature Requests (from Support)",
    "A/B Test Results",
]
OURS = ["Business Metrics", "Tracking Plan", "Other Definitions", "Recommendations"]
CLOSING = ["Data Notes", "How This Report Was Made", "Evidence"]

PARTS = {
    "User Metrics": ["Growth", "Retention", "Benchmarks"],
    "User Journey Funnel": ["Registration Funnel", "Optimization Opportunity", "Recommended Actions"],
    "User Behavior Insights": ["Most Common User Flow", "Time on Platform"],
    "Feature Requests (from Support)": ["Recommendation"],
    "A/B Test Results": ["Test", "Results", "Decision"],
}
"""What stands in bold in each section, in the specification's order."""

ATTACK = "<img src=x onerror=alert(1)> [x](https://evil.example) | ` **b**"


@pytest.fixture(scope="module")
def markdown(november: AnalyticsReport) -> str:
    return render_markdown(november)


@pytest.fixture(scope="module")
def page(november: AnalyticsReport) -> str:
    return render_html(november)


def section(text: str, name: str) -> str:
    return text.split(f"### {name}\n", 1)[1].split("\n### ", 1)[0]


def lines(text: str, name: str) -> list[str]:
    return [line.rstrip() for line in section(text, name).splitlines() if line.strip()]


def test_sections_stand_in_the_specifications_order_and_ours_after(markdown: str) -> None:
    assert re.findall(r"^## (.+)$", markdown, re.M) == ["Product Analytics Report"]
    assert re.findall(r"^### (.+)$", markdown, re.M) == [*SECTIONS, *OURS, *CLOSING]


def test_every_part_of_a_section_is_there_in_order(markdown: str) -> None:
    for name, parts in PARTS.items():
        bold = re.findall(r"^\*\*([^*]+)\*\*:", section(markdown, name), re.M)
        assert [part for part in bold if part in parts] == parts, name


def test_the_head_names_the_month_and_the_application(markdown: str) -> None:
    assert re.search(r"^\*\*Month\*\*: November 2025 \(UTC\) *$", markdown, re.M)
    assert re.search(r"^\*\*Application\*\*: User Management System v1\.0\.0 *$", markdown, re.M)


def test_the_first_line_is_what_to_know_and_to_decide(markdown: str) -> None:
    first = markdown.splitlines()[2]
    labels = re.findall(r"\*\*([^*]+)\*\*:", first)
    assert labels == ["❌ OBJECTIVES MISSED", "Changed since 2025-10", "Decide", "Decides"]
    assert "Keep A (standard vertical layout); the test ended Nov 15" in first


def test_growth_has_the_specifications_lines_before_ours(markdown: str) -> None:
    listed = [line for line in lines(markdown, "User Metrics") if line.startswith("- ")][:7]
    assert listed[0] == "- Total Users: 951 (+5.5%, 901 before)"
    assert listed[1] == "- New Users (Nov): 50 (−94%, 900 before)"
    assert listed[2] == "- Active Users (MAU): 951 (100% of total users) (+5.7%, 900 before)"
    assert [line.split(":")[0] for line in listed[3:]] == [
        "- Daily Active Users (avg)",
        "- Weekly Active Users",
        "- Stickiness",
        "- User Growth",
    ]


def test_retention_stands_for_days_1_7_and_30_with_its_cohort(markdown: str) -> None:
    listed = [line for line in lines(markdown, "User Metrics") if " or later: " in line and ";" in line]
    assert [line.split(":")[0] for line in listed] == ["- Day 1", "- Day 7", "- Day 30"]
    assert listed[0].startswith(
        "- Day 1: 50% (new, 0% before); on day 1 or later: 50%; of 50 users who joined"
    )


def test_adoption_has_the_specifications_columns_and_says_of_whom(markdown: str) -> None:
    table = [line for line in lines(markdown, "Feature Adoption") if line.startswith("|")]
    assert table[0].startswith("| Feature | Users | Adoption Rate |")
    assert table[2].startswith("| Registration | 951 | 100% |")
    assert table[4].startswith("| Role Assignment (Admin) | 12 (of 20 admins) | 60% |")


def test_a_funnels_steps_have_users_share_and_drop(markdown: str) -> None:
    steps = [line for line in lines(markdown, "User Journey Funnel") if re.match(r"\d\. ", line)]
    assert steps[0] == "1. Visit /register: 104 users (100%); 4 still in progress"
    assert steps[2] == (
        "3. Submit form: 60 users (57.69%) - **28.85 pp drop** (33.33% of the step before, 30 users)"
    )
    assert "How it counts*: distinct users, in order, from any entry, within 7 days" in markdown
    assert "52.88% drop from Visit /register to First login" in markdown
    assert "1. Find out why 30 users who reach Start form" in markdown


def test_flow_and_time_read_as_the_specification_does(markdown: str) -> None:
    text = "\n".join(lines(markdown, "User Behavior Insights"))
    assert re.search(r"^\d\. View Dashboard \(12\.14%\)$", text, re.M)
    assert re.search(r"^- Average session: [\d.]+ min", text, re.M)
    assert re.search(
        r"^- Engaged users \(>30 min/week\): \d+ \([\d.]+% of users with a session\)", text, re.M
    )
    assert re.search(r"^- Power users \(>2 h/week\): \d+ \([\d.]+% of users with a session\)", text, re.M)


def test_requests_are_ranked_with_counts_and_a_recommendation_to_the_sprint(markdown: str) -> None:
    listed = lines(markdown, "Feature Requests (from Support)")
    assert listed[0].startswith("1. **Password Reset via SMS** (60 requests")
    assert listed[1].startswith("2. **dark mode** (20 requests")
    assert listed[2].startswith("**Recommendation**: add Password Reset via SMS to the backlog of Sprint 4")


def test_an_experiment_has_name_dates_arms_table_and_decision(markdown: str) -> None:
    text = lines(markdown, "A/B Test Results")
    assert text[0] == "**Test**: Login form layout (Nov 1–15, 2025)"
    assert text[1] == "- **Variant A** (control): standard vertical layout; n = 400 (intended 50%)"
    assert text[2].startswith("- **Variant B**: horizontal layout with image; n = 400")
    table = [line for line in text if line.startswith("|")]
    assert table[0] == "| Metric | Variant A | Variant B | Difference | p | Winner |"
    assert re.fullmatch(
        r"\| Conversion Rate \| 87% \| 70% \| −17 pp \(.+ at 96%\) \| .+ \| A ✅ \|", table[2]
    )
    assert table[3].startswith("| Avg Time to Submit (secondary) | 47.99 s | 55 s | +7.01 s (")
    assert table[4].startswith("| User Feedback (guardrail) | 4.5/5 | 4.5/5 |")
    assert "**Decision**: rollback: Keep A (standard vertical layout); the test ended Nov 15" in text


def test_business_metrics_stand_against_their_targets(markdown: str) -> None:
    table = [line for line in lines(markdown, "Business Metrics") if line.startswith("|")]
    assert table[0] == "| Metric | This Span | Before | Change | Target | Status |"
    assert table[2] == "| User growth, monthly | 5.55% | 90,000% | −89,994.45 pp | 10% | ❌ missed |"
    assert "| Support tickets a week | 18.67 | – | – | < 50 | ✅ ok |" in table


def test_every_definition_is_stated(november: AnalyticsReport, markdown: str) -> None:
    plain = markdown.replace("\\", "")
    keys = [*november.growth, *november.time, november.retention[-1].on_day, november.retention[-1].unbounded]
    assert [key.title for key in keys if key.definition not in plain] == []
    for row in november.business:
        assert row.definition in plain


# --- HTML -----------------------------------------------------------------------------------------------


def test_the_page_has_every_section_and_its_charts(november: AnalyticsReport, page: str) -> None:
    headings = re.findall(r"<h2[^>]*>([^<]+)</h2>", page)
    assert headings == [*SECTIONS, *OURS, *CLOSING]
    assert page.count("<svg") == len(november.series) == 4
    assert [series.form for series in november.series] == ["line", "steps", "bars", "intervals"]
    assert re.search(r"<th>Metric</th><th>Variant A</th><th>Variant B</th><th>Difference</th>", page)
    assert re.search(r"<th>Feature</th><th>Users</th><th>Adoption Rate</th>", page)


def test_every_measured_figure_on_the_page_leads_to_its_evidence(page: str) -> None:
    links = re.findall(r'class="figure [a-z]+" href="#(E\d+)"', page)
    anchors = set(re.findall(r'<tr id="(E\d+)">', page))
    assert len(links) > 80
    assert set(links) <= anchors


def test_text_from_outside_stays_text(usage: Any) -> None:
    report = usage.report(
        usage.changed(
            labels={"login": ATTACK},
            features=(FeatureSettings(title=ATTACK, event="login"),),
            funnels=(FunnelSettings(title=ATTACK, steps=("start", "submit"), names=(ATTACK, ATTACK)),),
            experiments=(
                usage.plan.model_copy(
                    update={"name": ATTACK, "hypothesis": ATTACK, "descriptions": {"A": ATTACK}}
                ),
            ),
        )
    )
    assert "<img" not in render_html(report)
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(render_markdown(report))
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert not kinds & {"html_inline", "link_open", "image"}
