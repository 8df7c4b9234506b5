"""The monthly review's pages, with nothing to review and with something; and what it states."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from postlaunch.facts import Evidence, measured_in
from postlaunch.reports.competition import Competition
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.health import HealthReport, MetricRow
from postlaunch.reports.html import render_html
from postlaunch.reports.judged import Sentence
from postlaunch.reports.markdown import render_markdown
from postlaunch.reports.performance_capacity import Projection
from postlaunch.reports.report import Listing, cited_in
from postlaunch.reports.review import (
    MonthlyReview,
    OpenAction,
    ReviewedIncident,
    ReviewedReport,
    Scaling,
    ToDecide,
)
from postlaunch.reports.security import SecurityReview
from postlaunch.windows import parse_month

SECTIONS = [
    "To Decide",
    "Health",
    "Performance and Capacity",
    "Usage",
    "Success Metrics",
    "Security Patches",
    "Competitors",
]
WHY = "no request log is configured"


def review(**changes: Any) -> MonthlyReview:
    """A review of a month of which nothing is known, with what a test puts in."""
    nothing: dict[str, Any] = {
        "application": "Shop",
        "version": "1.2",
        "window": parse_month("2025-10", "Europe/Berlin"),
        "generated_at": datetime(2025, 11, 1, 2, tzinfo=UTC),
        "grade": "NOT GRADED",
        "headline": (Sentence(text="nothing was measured"),),
        "decide": Listing[ToDecide](reason="Nothing: no threshold was crossed"),
        "reports": tuple(
            ReviewedReport(part=part, title=f"{part} report", reason=WHY)
            for part in ("health", "performance", "analytics")
        ),
        "metrics": Listing[MetricRow](reason=f"None: {WHY}"),
        "scaling": Scaling(projections=Listing[Projection](reason=f"None: {WHY}")),
        "usage": Listing(reason=f"None: {WHY}"),
        "business": Listing(reason=f"None: {WHY}"),
        "incidents": Listing[ReviewedIncident](reason="None was opened for this month"),
        "actions": Listing[OpenAction](reason="None is open"),
        "security": SecurityReview(),
        "competition": Competition(),
    }
    return MonthlyReview.model_validate({**nothing, **changes})


def of_health(health: HealthReport) -> MonthlyReview:
    """A review that sums up a health report."""
    reviewed = ReviewedReport(part="health", title=health.title, file=health.stem, says=health.headline.why)
    others = review().reports[1:]
    return review(
        window=health.window,
        grade=health.headline.grade,
        headline=health.headline.why,
        reports=(reviewed, *others),
        metrics=Listing[MetricRow](items=health.metrics),
        evidence=health.evidence,
    )


def headings(text: str) -> list[str]:
    return [line.removeprefix("### ") for line in text.splitlines() if line.startswith("### ")]


def test_every_section_is_there_also_when_nothing_is_known_and_says_why() -> None:
    text = render_markdown(review())
    assert headings(text)[: len(SECTIONS)] == SECTIONS
    assert text.count(f"Not reviewed: {WHY}") == 3
    assert "Nothing: no threshold was crossed" in text


def test_both_formats_name_month_application_and_what_to_decide() -> None:
    what = ToDecide(about="Security", what=Sentence(text="patch libx to 2.0"), decides="ana")
    made = review(decide=Listing[ToDecide](items=(what,)))
    for text in (render_markdown(made), render_html(made)):
        for words in ("October 2025", "Shop v1.2", "patch libx to 2.0", "ana"):
            assert words in text


def test_the_pages_link_to_the_reports_they_sum_up(report: HealthReport) -> None:
    made = of_health(report)
    assert f"]({report.stem}.md)" in render_markdown(made)
    assert f'href="{report.stem}.html"' in render_html(made)


def test_the_health_rows_read_as_in_the_health_report(report: HealthReport) -> None:
    rows = [line for line in render_markdown(of_health(report)).splitlines() if line.startswith("| Uptime")]
    [inside] = [line for line in render_markdown(report).splitlines() if line.startswith("| Uptime")]
    assert rows[0].split("|")[1:4] == inside.split("|")[1:4]


def test_incidents_and_overdue_items_are_marked() -> None:
    at = datetime(2025, 10, 8, 12, tzinfo=UTC)
    incident = ReviewedIncident(
        id="INC-2025-001",
        severity="SEV-2",
        status="open",
        started_at=at,
        ended_at=at,
        summary="the pool was full",
        file="incident-INC-2025-001",
    )
    action = OpenAction(
        id="INC-2025-001-1", owner="sre", action="Add an alert", due=date(2025, 10, 20), overdue=True
    )
    made = review(
        incidents=Listing[ReviewedIncident](items=(incident,)), actions=Listing[OpenAction](items=(action,))
    )
    text, page = render_markdown(made), render_html(made)
    assert "INC-2025-001, SEV-2, open: 2025-10-08 14:00 CEST" in text
    assert "(due 2025-10-20, **overdue**)" in text
    assert "](incident-INC-2025-001.md)" in text
    assert re.search(r"Add an alert.*overdue", page)


def test_text_from_outside_stays_text() -> None:
    attack = "<script>alert(1)</script> [x](http://evil)"
    made = review(
        application=attack,
        decide=Listing[ToDecide](
            items=(ToDecide(about="Usage", what=Sentence(text=attack), decides=attack),)
        ),
        problems=(attack,),
    )
    assert "<script>" not in render_html(made)
    assert "[x](" not in render_markdown(made)
    assert "<script>" not in render_markdown(made).replace("\\<", "")


def test_a_review_that_states_another_figure_than_its_report_contradicts_it(
    report: HealthReport, report_with: Callable[..., HealthReport]
) -> None:
    made = of_health(report)
    assert check(made, report) == check(report)
    row = next(row for row in report.metrics if row.metric == "error_rate")
    other = row.model_copy(update={"this": row.last, "last": row.this, "change": None})
    wrong = made.model_copy(update={"metrics": Listing[MetricRow].model_construct(items=(other,), reason="")})
    new = {one.rule.split()[0] for one in check(wrong, report)} - {
        one.rule.split()[0] for one in check(report)
    }
    assert new == {"C6"}


def test_what_a_review_prints_stands_in_its_evidence(report: HealthReport) -> None:
    made = of_health(report)
    used = {quantity.fact for quantity in measured_in(made)} | set(cited_in(made))
    assert used <= set(made.evidence.facts)
    fewer = Evidence(facts={key: made.evidence.facts[key] for key in used})
    assert MonthlyReview.model_validate({**dict(made), "evidence": fewer}).metrics == made.metrics
