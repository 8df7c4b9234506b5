"""The Markdown of the health report: the specification's layout, and nothing from outside as markup."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from postlaunch.facts import Measured, Unavailable, change_between
from postlaunch.reports.health import (
    ErrorBudget,
    ErrorType,
    HealthReport,
    Incident,
    Outage,
    SlowEndpoint,
    TopEndpoint,
)
from postlaunch.reports.judged import Recommendation, Sentence
from postlaunch.reports.markdown import escaped, render_markdown
from postlaunch.reports.rendering import Page
from postlaunch.reports.report import Listing

Make = Callable[..., HealthReport]

SECTIONS = [
    "Summary",
    "Key Metrics",
    "Incidents",
    "Top Endpoints by Traffic",
    "Errors by Type",
    "Performance Trends",
    "Resource Usage",
    "Recommendations",
]
OURS = [
    "Since Launch",
    "Hypotheses",
    "Disputed Verdicts",
    "Data Notes",
    "How This Report Was Made",
    "Evidence",
]

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](https://evil.example)",
    "![image](https://evil.example/x.png)",
    "https://evil.example/path",
    "www.evil.example",
    "<https://evil.example>",
    "a | b | c",
    "# heading",
    "\n# heading\n",
    "\n\n---\n\n",
    "- item\n- item",
    "1. item",
    "1) item",
    "> quote",
    "`code` and ``more``",
    "```\nfence\n```",
    "**bold** __bold__ *it* _it_ ~~gone~~",
    "&lt;b&gt; &#60;script&#62;",
    "\\",
    "ends with backslash \\",
    "tab\tnull\x00bell\x07\x1b[31mred",
    "right-to-left \u202egnp.exe",
    "    indented code",
    "===",
    "[^1]: note",
    "[ref]: https://evil.example",
    "$x^2$",
]


MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def token_types(text: str) -> set[str]:
    """Every kind of markup in a document, inline ones included."""
    found = set()
    for token in MARKDOWN.parse(text):
        found.add(token.type)
        found |= {child.type for child in token.children or ()}
    return found


def headings(text: str, level: int) -> list[str]:
    return re.findall(rf"^{'#' * level} (.+)$", text, flags=re.M)


def section(text: str, name: str) -> str:
    return text.split(f"### {name}\n", 1)[1].split("\n### ", 1)[0]


def test_sections_stand_in_the_specifications_order_and_ours_after(report: HealthReport) -> None:
    text = render_markdown(report)
    assert headings(text, 2) == ["Weekly Health Report"]
    assert headings(text, 3) == [*SECTIONS, *OURS]


def test_the_first_line_says_what_changed_what_to_do_and_who_decides(report: HealthReport) -> None:
    first = render_markdown(report).splitlines()[2]
    labels = re.findall(r"\*\*([^*]+)\*\*:", first)
    assert labels == ["❌ POOR", "Changed since last week (the first report)", "Do", "Decides"]
    assert "178 ms → 312 ms" in first
    assert first.endswith("**Decides**: Ada Example.")


def test_the_header_names_week_and_application_with_version(report: HealthReport) -> None:
    text = render_markdown(report)
    assert re.search(r"^\*\*Week\*\*: Nov 17–23, 2025 \(2025-W47, America/Los_Angeles\) *$", text, re.M)
    assert re.search(r"^\*\*Application\*\*: User Management System v1\.0\.0 *$", text, re.M)


def test_the_summary_sets_three_metrics_against_their_targets(report: HealthReport) -> None:
    assert section(render_markdown(report), "Summary").strip().splitlines()[:5] == [
        "**Overall Health**: ❌ POOR",
        "- Uptime: 99.97% (target: 99.9%)",
        "- Avg Response Time: 102 ms (target: < 200 ms)",
        "- Error Rate: 0.08% (target: < 1%)",
        "- Total Requests: 1,247,890",
    ]


def test_key_metrics_have_the_specifications_columns_and_units_of_change(report: HealthReport) -> None:
    rows = [line for line in section(render_markdown(report), "Key Metrics").splitlines() if "|" in line]
    assert rows[0] == "| Metric | This Week | Last Week | Change | Status |"
    assert rows[2] == "| Uptime | 99.97% | 99.95% | +0.02 pp | ✅ ok |"
    assert rows[3] == "| Avg Response Time | 102 ms | 98 ms | +4 ms (+4.1%) | ✅ ok |"
    assert rows[4] == "| 95th Percentile | 312 ms | 178 ms | +134 ms (+75%) | ❌ missed |"
    assert rows[5] == "| Error Rate | 0.08% | 0.05% | +0.03 pp | ⚠️ warning |"
    assert rows[6].startswith("| Active Users | not available: ")


@pytest.mark.parametrize(
    ("now", "before", "printed"),
    [
        (102, 98, "+4 ms (+4.1%)"),
        (94.54, 93.17, "+1.4 ms (+1.5%)"),
        (90.2, 91.24, "−1 ms (−1.1%)"),
        (85.4, 74.6, "+10.8 ms (+14%)"),
        (74.6, 85.4, "−10.8 ms (−13%)"),
        (74.60001, 74.6, "no change"),
    ],
)
def test_a_change_agrees_with_the_two_figures_beside_it(
    report: HealthReport, now: float, before: float, printed: str
) -> None:
    old = report.metrics[1]
    assert old.this.kind == "measured"
    assert old.last.kind == "measured"
    row = old.model_copy(
        update={
            "this": old.this.model_copy(update={"value": now}),
            "last": old.last.model_copy(update={"value": before}),
            "change": change_between(before, now, "ms"),
        }
    )
    assert Page(report).change(row) == printed


def test_an_incident_has_the_specifications_labels_in_order(report: HealthReport) -> None:
    text = section(render_markdown(report), "Incidents")
    assert "**Incident #1**: Brief elevated error rate" in text
    labels = re.findall(r"^- \*\*(.+?)\*\*", text, flags=re.M)
    assert labels[:6] == ["Date", "Duration", "Impact", "Root Cause", "Resolution", "Status"]


def test_downtime_names_its_cause_and_whether_it_was_planned(report: HealthReport) -> None:
    downtime = render_markdown(report).split("**Downtime**:\n")[1].splitlines()[0]
    assert downtime.startswith("- 2025-11-18 14:15 PST, 8 min")
    assert "cause: " in downtime
    assert "planned maintenance: " in downtime


def test_endpoints_errors_and_slow_endpoints_read_as_the_specification_does(report: HealthReport) -> None:
    text = render_markdown(report)
    assert "1. POST /auth/login - 342,890 requests (27.48%)" in text
    assert "| Error Type | Count | % of Total |" in text
    assert re.search(r"^\*\*Action\*\*: Investigate the server errors", text, re.M)
    assert "**Slowest Endpoints**:\n1. PUT /users/:id - 245 ms avg (investigate: " in text


def test_resource_usage_is_used_of_limit_with_the_share_rounded_half_up(report: HealthReport) -> None:
    text = section(render_markdown(report), "Resource Usage")
    assert "- Memory: 198 MB / 512 MB (38.67%)" in text
    assert "- CPU: 15% / 50% of a core (30%)" in text
    assert "| Pod | Memory | CPU | Sharp Falls of Memory |" in text
    assert "| web-1 | 38.67% | 30% | 1 |" in text
    assert "**Trends**: Stable; no scaling needed yet" in text


def test_the_launch_stands_beside_the_week(report: HealthReport) -> None:
    text = section(render_markdown(report), "Since Launch")
    assert "| Metric | At Launch | This Week | Change |" in text
    assert "| Avg Response Time | 98 ms | 102 ms | +4 ms (+4.1%) |" in text


def test_recommendations_of_rules_and_of_a_model_are_told_apart(report: HealthReport) -> None:
    text = section(render_markdown(report), "Recommendations")
    assert "1. **Optimise PUT /users/:id** for PUT /users/:id (its mean of 245 ms" in text
    assert re.search(r"^1\. .*\*\(rules; E\d+\)\*$", text, re.M)
    assert re.search(r"^2\. .*\*\(model; E\d+\)\*$", text, re.M)


def test_every_section_stands_when_its_source_is_missing(report_with: Make) -> None:
    gone = Unavailable(reason="no source of requests is configured")
    bare = report_with(
        total_requests=gone,
        summary=(),
        metrics=(),
        budgets=Listing[ErrorBudget](reason="no source"),
        incidents=Listing[Incident](reason="not available: no source"),
        downtime=Listing[Outage](reason="not available: no source"),
        top_endpoints=Listing[TopEndpoint](reason="not available: no source"),
        errors=Listing[ErrorType](reason="not available: no source"),
        slowest=Listing[SlowEndpoint](reason="not available: no source"),
        recommendations=(),
        hypotheses=(),
        disputes=(),
        notes=(),
        series=(),
    )
    text = render_markdown(bare)
    assert [name for name in headings(text, 3) if name in SECTIONS] == SECTIONS
    assert text.count("not available: no source") >= 6


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_from_outside_adds_no_markup(attack: str) -> None:
    allowed = {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}
    assert token_types(f"x {escaped(attack)} y") <= allowed
    assert token_types(f"{escaped(attack)}\n") <= allowed


def attacked(report_with: Make, attack: str) -> str:
    """The report with this text wherever text from outside may stand."""
    whole, said = report_with(), Sentence(text=attack, by="model")
    item = whole.errors.items[0].model_copy(update={"error": attack})
    endpoint = whole.top_endpoints.items[0].model_copy(update={"endpoint": attack})
    changed = report_with(
        application=attack,
        errors=Listing[ErrorType](items=(item,)),
        top_endpoints=Listing[TopEndpoint](items=(endpoint,)),
        action=(said,),
        problems=(attack,),
        recommendations=(Recommendation(target=attack, action=said, rationale=said),),
    )
    return render_markdown(changed)


def block_shape(text: str) -> list[str]:
    """The kinds of blocks of a document, in order."""
    return [token.type for token in MARKDOWN.parse(text) if token.type != "inline"]


@pytest.fixture(scope="module")
def harmless(report_with: Make) -> str:
    """What every attacked report must look like."""
    return attacked(report_with, "x")


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_changes_no_shape_of_the_report(report_with: Make, harmless: str, attack: str) -> None:
    text = attacked(report_with, attack)
    assert headings(text, 3) == headings(harmless, 3)
    assert block_shape(text) == block_shape(harmless)
    markup = {"html_block", "html_inline", "link_open", "image", "code_inline"}
    assert markup & token_types(text) == markup & token_types(harmless)


@given(st.text(max_size=60))
def test_any_text_stays_one_line_of_plain_text(text: str) -> None:
    types = token_types(f"x {escaped(text)} y")
    assert types <= {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}


def test_escaping_leaves_what_is_harmless_as_it_reads() -> None:
    for text in ("target: < 200 ms", "PUT /users/:id", "+0.02 pp", "99.97%", "user_id", "a – b", "(E3)"):
        assert escaped(text) == text


def test_a_figure_prints_the_same_in_row_and_sentence(report: HealthReport) -> None:
    p95 = next(row for row in report.metrics if row.metric == "p95_response_time")
    assert isinstance(p95.this, Measured)
    assert render_markdown(report).count("312 ms") >= 3
