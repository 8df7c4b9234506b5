"""The incident report in Markdown and HTML: every section and field of the specification, in its order."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from postlaunch.reports.html import render_html
from postlaunch.reports.incident import IncidentReport
from postlaunch.reports.incident_parts import UsersAffected
from postlaunch.reports.judged import Sentence
from postlaunch.reports.markdown import render_markdown

SECTIONS = (
    "Summary",
    "Timeline",
    "Impact",
    "Root Cause Analysis",
    "Resolution",
    "Post-Mortem",
    "Stakeholder Communication",
)
"""The specification's sections, in its order; ours follow."""

HEAD = ("Incident ID", "Severity", "Status", "Detected", "Resolved", "Duration")


@pytest.fixture(scope="module")
def page(exhausted_report: IncidentReport) -> str:
    return render_markdown(exhausted_report)


def section(page: str, name: str) -> str:
    found = re.search(rf"^### {re.escape(name)}\n(.*?)(?=^### |\Z)", page, re.M | re.S)
    assert found, f"no section {name}"
    return found[1]


def test_sections_stand_in_the_specifications_order_and_ours_after(page: str) -> None:
    headings = re.findall(r"^### (.+)$", page, re.M)
    assert tuple(headings[: len(SECTIONS)]) == SECTIONS
    assert headings[len(SECTIONS) :] == ["Data Notes", "How This Report Was Made", "Evidence"]


def test_the_head_has_the_specifications_fields_in_order(page: str) -> None:
    head = page[: page.index("\n---")]
    assert tuple(re.findall(r"^\*\*(.+?)\*\*:", head, re.M))[: len(HEAD)] == HEAD
    assert re.search(r"\*\*Detected\*\*: \d{4}-\d\d-\d\d \d\d:\d\d PST", head)
    assert re.search(r"\*\*Duration\*\*: 7 min \(from detection; requests failed for 8 min", head)


def test_the_first_line_is_what_a_person_must_do(page: str) -> None:
    first = page.splitlines()[2]
    assert first.startswith("> **Do**: Add an alert for the connection pool")
    assert "**Decides**: the on-call engineer" in first
    assert "**State**: The incident (SEV-2, resolved): " in first


def test_the_timeline_is_a_table_of_time_and_event_with_its_milestones(page: str) -> None:
    timeline = section(page, "Timeline")
    assert "| Time | Event | Source |" in timeline
    assert re.search(r"^\| 2025-11-18 14:17 PST \| Alert: HighErrorRate fired", timeline, re.M)
    assert "**Milestones**: Alert 2025-11-18 14:17 PST" in timeline


def test_the_impact_has_users_requests_revenue_and_sla(page: str) -> None:
    impact = section(page, "Impact")
    assert re.search(r"- \*\*Users Affected\*\*: \d+ \([\d.]+% of the users active in the 7 days", impact)
    assert re.search(r"- \*\*Requests Failed\*\*: 60 out of 288 \(20.83%; in the worst minute", impact)
    assert "- **Revenue Impact**: not available" in impact
    assert (
        "- **SLA** (by time): Within the Uptime 99.9% target (down for 0 min of the incident's 8 min"
        in impact
    )
    assert "- **SLA** (by requests): Exceeds the Uptime 99.9% target" in impact
    assert "\n- **SLA clocks**:\n  - Detect: kept" in impact
    assert "\n  - Acknowledge: kept (Acknowledged after 2 min, 15 min allowed)" in impact
    assert impact.count("**Where**") == 1
    assert "\n- **Where**:\n  - GET /" in impact


def test_the_root_cause_has_symptom_chain_ruled_out_and_why_missed(page: str) -> None:
    cause = section(page, "Root Cause Analysis")
    assert "**Symptom**: 60 of 288 requests failed with 500 Internal Server Error (60)" in cause
    assert "**Root Cause**: Database connection pool exhausted\n- " in cause
    assert "**Confidence**: high (resources, logs and changes agree" in cause
    assert "**Ruled Out**:\n- Memory used up: at most" in cause
    assert "**Why Missed**:\n- Database connections: up to 14 in pod web-1" in cause


def test_the_resolution_has_the_immediate_and_the_long_term_fix_with_its_release(page: str) -> None:
    resolution = section(page, "Resolution")
    assert "**Immediate Fix**:\n- Connection pool (10 → 20)" in resolution
    assert "**Long-term Fix** (scheduled for v2.2):\n- Size the connection pool" in resolution


def test_the_post_mortem_has_both_lists_and_numbered_action_items(page: str) -> None:
    post_mortem = section(page, "Post-Mortem")
    assert "**What Went Well**:\n- Detected after 2 min" in post_mortem
    assert "**What Could Be Improved**:\n- " in post_mortem
    assert "\n- No alert watches the connection pool\n" in post_mortem
    assert re.search(
        r"\*\*Action Items\*\*:\n1\. \[monitoring-specialist\] Add an alert .+ \(Due: 2025-11-20; proposed;",
        post_mortem.replace("\\", ""),
    )


def test_communication_is_internal_and_external(page: str) -> None:
    told = section(page, "Stakeholder Communication").replace("\\", "")
    assert "**Internal**:\n- #engineering (drafted; the notification" in told
    assert "- Post-mortem meeting proposed for 2025-11-20" in told
    assert "**External**:\n- Status page (drafted, not sent" in told
    assert "E-mail to customers drafted (it lasted 8 min" in told


# --- HTML -------------------------------------------------------------------------------------------------


class Reader(HTMLParser):
    """The headings of a page and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.words: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag if tag in ("h2", "h3", "style") else ""
        if tag in ("h2", "h3"):
            self.headings.append("")

    def handle_data(self, data: str) -> None:
        if self._inside in ("h2", "h3"):
            self.headings[-1] += data
        if self._inside != "style":
            self.words.append(data)


@pytest.fixture(scope="module")
def html(exhausted_report: IncidentReport) -> Reader:
    reader = Reader()
    reader.feed(render_html(exhausted_report))
    return reader


def test_the_page_has_every_section_and_part(html: Reader) -> None:
    headings = [heading.strip() for heading in html.headings]
    assert [heading for heading in headings if heading in SECTIONS] == list(SECTIONS)
    for part in ("Symptom", "Ruled Out", "Why Missed", "Immediate Fix", "Hotfix", "Runbook", "What Went Well",
                 "What Could Be Improved", "Action Items"):  # fmt: skip
        assert part in headings
    assert any(heading.startswith("Long-term Fix (scheduled for v2.2)") for heading in headings)


def test_the_page_draws_requests_failures_and_the_resource_that_ran_out(
    exhausted_report: IncidentReport,
) -> None:
    page = render_html(exhausted_report)
    assert page.count("<svg") == len(exhausted_report.series) == 3
    assert "Database connections, share of the limit" in page


def test_the_two_formats_print_the_same_figures(page: str, html: Reader) -> None:
    words = " ".join(" ".join(html.words).split())
    for figure in ("60", "288", "20.83%", "2025-11-18 14:17 PST", "7 min"):
        assert figure in page
        assert figure in words


def test_what_is_said_from_outside_cannot_break_the_page(exhausted_report: IncidentReport) -> None:
    entry = exhausted_report.timeline.items[0]
    words = "<script>alert(1)</script> | **bold** [x](http://x.example)"
    evil = entry.model_copy(update={"event": Sentence(text=words, facts=entry.event.facts)})
    items = (evil, *exhausted_report.timeline.items[1:])
    changed = exhausted_report.model_copy(
        update={"timeline": exhausted_report.timeline.model_copy(update={"items": items})}
    )
    assert "<script>alert" not in render_html(changed)
    markdown = render_markdown(changed)
    assert "<script>" not in markdown.replace("\\<", "")
    assert "\\| \\*\\*bold" in markdown


def test_an_estimate_is_marked_in_both_formats(exhausted_report: IncidentReport) -> None:
    users = exhausted_report.users
    estimated = UsersAffected(
        count=users.count, share=users.share, of=users.of, estimated=True, basis="product events"
    )
    changed = exhausted_report.model_copy(update={"users": estimated})
    assert re.search(r"\*\*Users Affected\*\*: ~\d+ \(est\. ", render_markdown(changed))
    assert "est. " in render_html(changed)


def test_a_timeline_out_of_order_is_refused(exhausted_report: IncidentReport) -> None:
    body = exhausted_report.model_dump(mode="json")
    body["timeline"]["items"] = body["timeline"]["items"][::-1]
    with pytest.raises(ValueError, match="in the order of time"):
        IncidentReport.model_validate(body)
