"""The backlog as Markdown and HTML: the specification's layout, and text from outside as text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from markdown_it import MarkdownIt

from postlaunch.facts import Assumed, Definition, Evidence, Fact, Measured, Measurement, Unavailable
from postlaunch.reports.backlog import (
    BacklogItem,
    BacklogReport,
    FeatureRequest,
    ReturnOnInvestment,
    Route,
    Tier,
)
from postlaunch.reports.html import render_html
from postlaunch.reports.judged import Sentence
from postlaunch.reports.markdown import render_markdown
from postlaunch.reports.scope import LeftOut, Scope, ScopeItem
from postlaunch.windows import parse_week

WEEK = parse_week("2025-W47", "UTC")
REQUESTS = Fact(
    name="group_requesters",
    value=142,
    unit="count",
    entity="G1",
    window=WEEK,
    definition=Definition(name="group_requesters", title="User requests", statement="people", unit="count"),
    measurement=Measurement(name="request_groups", source="tickets", fingerprint="ab" * 32),
    n=300,
)
THREE_DAYS = Assumed(value=3, unit="days", who="candidates.yaml", basis="declared")


def item(number: int, **changes: Any) -> BacklogItem:
    """A backlog item; `changes` replace fields."""
    body: dict[str, Any] = {
        "number": number,
        "id": f"item-{number}",
        "title": "Password Reset Flow",
        "requests": Measured.of(REQUESTS),
        "business_impact": "Reduces support tickets",
        "effort": THREE_DAYS,
        "effort_by_owner": {"django-backend-expert": 2.0, "react-component-architect": 1.0},
        "owners": ("django-backend-expert", "react-component-architect"),
        "roi": ReturnOnInvestment(value=Unavailable(reason="x"), band="High", because="$500 a month"),
        "rice": Unavailable(reason="no reach"),
        "tier": "Must",
        "decision": "Must",
        "because": "in the top third",
        "route": Route(phase=3, because="simple"),
        "in_scope": True,
        "acceptance_criteria": ("A code works once.",),
    }
    return BacklogItem(**{**body, **changes})


def backlog(**changes: Any) -> BacklogReport:
    """A backlog with an item in two tiers, one of them put off."""
    deferred = item(
        2,
        title="Custom Roles",
        tier="Could",
        decision="Defer",
        because="ROI is Low",
        left_out_because="does not fit: ann",
        defer_to="Sprint 6+",
        in_scope=False,
    )
    body: dict[str, Any] = {
        "application": "Shop",
        "window": WEEK,
        "generated_at": datetime(2025, 11, 24, tzinfo=UTC),
        "sprint": 4,
        "headline": (Sentence(text="Decide on sprint 4: 1 item; fits."),),
        "decides": "Ada",
        "basis": "Based on usage data, requests, and ROI",
        "tiers": (
            Tier(name="Must", title="High Priority (Must Have)", items=(item(1),)),
            Tier(name="Should", title="Medium Priority (Should Have)"),
            Tier(name="Could", title="Low Priority (Nice to Have)", items=(deferred,)),
        ),
        "capacity_basis": "less a buffer of 10%",
        "must_share": Unavailable(reason="no capacity"),
        "feature_requests": (
            FeatureRequest(rank=1, group="G1", label="Password reset", requesters=Measured.of(REQUESTS)),
        ),
        "request_advice": (Sentence(text="sprint 4 should take: Password reset", facts=(REQUESTS.id,)),),
        "scope": Scope(
            items=(ScopeItem(id="item-1", title="Password Reset Flow", days={"django-backend-expert": 3.0}),),
            fits=True,
            total_days=3,
            proof=("django-backend-expert: 3 of 9 days",),
            left_out=(
                LeftOut(
                    id="item-2",
                    title="Custom Roles",
                    reason="does not fit",
                    takes="2 more working days of ann",
                ),
            ),
        ),
        "evidence": Evidence.of(REQUESTS),
    }
    return BacklogReport(**{**body, **changes})


def test_sections_stand_in_the_specifications_order_before_ours() -> None:
    headings = re.findall(r"^### (.+)$", render_markdown(backlog()), re.M)
    assert headings[:6] == [
        "High Priority (Must Have)",
        "Medium Priority (Should Have)",
        "Low Priority (Nice to Have)",
        "Feature Performance Review",
        "Competitive Analysis",
        "Recommended Sprint 4 Scope",
    ]


def test_an_item_has_the_specifications_labels_in_order() -> None:
    text = render_markdown(backlog())
    assert "**Sprint 4 Priorities** (Based on usage data, requests, and ROI)" in text
    first, second = text.split("**1. Password Reset Flow**\n")[1].split("**2. Custom Roles**\n")
    labels = re.findall(r"^- \*\*(.+?)\*\*", first, re.M)
    assert labels[:5] == ["User Requests", "Business Impact", "Effort", "ROI", "Assign to"]
    assert "- **User Requests**: 142\n" in first
    assert "- **Effort**: 3 days (declared: django-backend-expert 2 days, " in first
    assert "- **Defer to**: Sprint 6+" in second
    assert "Assign to" not in second
    assert "- **Decision**: Defer: does not fit: ann; by its worth Could: ROI is Low" in second


def test_criteria_that_a_model_wrote_say_so_in_both_formats() -> None:
    written = item(1, acceptance_note="written by the model")
    report = backlog(tiers=(Tier(name="Must", title="High Priority (Must Have)", items=(written,)),))
    assert "- **Done when**: A code works once. (written by the model)" in render_markdown(report)
    assert "(written by the model)" in render_html(report)


def test_feature_requests_are_ranked_with_counts_and_what_becomes_of_them() -> None:
    text = render_markdown(backlog()).split("### Feature Requests (from Support)\n")[1]
    assert "1. **Password reset** (142 requests; no candidate item)" in text
    assert "**Recommendation**: sprint 4 should take: Password reset" in text


def test_one_request_is_no_plural() -> None:
    once = REQUESTS.model_copy(update={"value": 1})
    asked = FeatureRequest(rank=1, group="G1", label="Search", requesters=Measured.of(once))
    report = backlog(tiers=(), request_advice=(), feature_requests=(asked,), evidence=Evidence.of(once))
    assert "1. **Search** (1 request; no candidate item)" in render_markdown(report)
    assert "</a> request <span" in render_html(report)


def test_sections_without_a_source_name_the_source_that_is_missing() -> None:
    text = render_markdown(backlog())
    assert "**Features to Sunset**:\n- not available: no source of feature use is configured" in text
    assert "**Competitors**: not available: no source of competitors is configured" in text


def test_the_scope_is_numbered_with_days_total_and_its_verdict() -> None:
    text = render_markdown(backlog()).split("### Recommended Sprint 4 Scope\n")[1]
    assert "1. Password Reset Flow (3 days)" in text
    assert "**Total**: 3 days of work (fits: " in text
    assert "**Days planned of days that can be planned** (less a buffer of 10%):\n- django-b" in text
    assert "- Custom Roles: does not fit; it would take 2 more working days of ann" in text


def test_a_scope_that_does_not_fit_says_who_is_short() -> None:
    scope = Scope(fits=False, infeasible=("security-expert is 2 days short",))
    assert "does not fit: security-expert is 2 days short" in render_markdown(backlog(scope=scope))
    assert "❌ does not fit" in render_html(backlog(scope=scope))


def test_the_first_lines_say_what_to_decide_and_who_does() -> None:
    assert "> Decide on sprint 4: 1 item; fits. **Decides**: Ada." in render_markdown(backlog())
    hero = render_html(backlog()).split('<div class="hero')[1].split("<section")[0]
    assert "Ada" in hero


@pytest.mark.parametrize("attack", ["<script>x</script>", "[a](https://evil.example)", "a | b", "\n# head\n"])
def test_a_title_from_outside_stays_a_title(attack: str) -> None:
    harmless = backlog()
    tiers = (
        Tier(name="Must", title="High Priority (Must Have)", items=(item(1, title=attack),)),
        *harmless.tiers[1:],
    )
    changed = backlog(tiers=tiers)
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    shapes = [
        [token.type for token in parser.parse(render_markdown(each)) if token.type != "inline"]
        for each in (harmless, changed)
    ]
    assert shapes[0] == shapes[1]
    assert "<script>x" not in render_html(changed)


def test_what_people_ask_for_names_its_tickets_the_first_of_many() -> None:
    ids = tuple(f"T{number}" for number in range(1, 31))
    asked = FeatureRequest(rank=1, group="G1", label="Search", requesters=Measured.of(REQUESTS), tickets=ids)
    report = backlog(tiers=(), request_advice=(), feature_requests=(asked,), evidence=Evidence.of(REQUESTS))
    for page in (render_markdown(report), render_html(report)):
        assert "T11, T12 and 18 more" in page
        assert "T13" not in page
