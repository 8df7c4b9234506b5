"""What a backlog prints of findings, features, competitors and security, in both formats."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from markdown_it import MarkdownIt

from postlaunch.facts import Definition, Evidence, Fact, Measured, Measurement, Unavailable, Unit
from postlaunch.reports.backlog import BacklogReport, Tier
from postlaunch.reports.colleagues import Colleague, ColleagueFinding
from postlaunch.reports.competition import Competition, Competitor, SourcedClaim
from postlaunch.reports.features import FeatureReview, ReviewedFeature
from postlaunch.reports.html import render_html
from postlaunch.reports.judged import Sentence
from postlaunch.reports.markdown import render_markdown
from postlaunch.reports.report import Listing
from postlaunch.reports.scope import Scope
from postlaunch.reports.security import SecurityReview, SeverityCount, Vulnerability
from postlaunch.reports.series import Point, Series
from postlaunch.windows import parse_week

WEEK = parse_week("2025-W47", "UTC")


def fact(name: str, value: float, unit: Unit, entity: str = "application") -> Fact:
    return Fact(
        name=name,
        value=value,
        unit=unit,
        entity=entity,
        window=WEEK,
        definition=Definition(name=name, title=name, statement=name, unit=unit),
        measurement=Measurement(name="measured", source="requests", fingerprint="ab" * 32),
        n=300,
    )


SLOW = fact("endpoint_mean_response_time", 245, "ms", "PUT /users/:id")
ADOPTION = fact("feature_adoption", 0.04, "ratio", "exported")
DROP = fact("funnel_drop_points", 0.05, "points", "verified")
SCORE = fact("vulnerability_score", 7.5, "number", "CVE-1 in imaging")
SINCE = fact("vulnerability_listed_since", WEEK.start.timestamp(), "moment", "CVE-1 in imaging")
OPEN = fact("open_vulnerabilities", 1, "count")
CLAIMS = fact("competitor_claims", 4, "count")
STALE = fact("stale_claims", 1, "count")
FACTS = (SLOW, ADOPTION, DROP, SCORE, SINCE, OPEN, CLAIMS, STALE)


def claim(text: str, *, stale: bool = False) -> SourcedClaim:
    return SourcedClaim(text=text, source="vendor.example", date=date(2025, 10, 1), stale=stale)


def vulnerability(**changes: Any) -> Vulnerability:
    body: dict[str, Any] = {
        "id": "CVE-1",
        "package": "imaging",
        "installed": "9.1",
        "fixed_in": "9.2",
        "title": "Out-of-bounds write",
        "severity": "high",
        "rated_by": "CVSS 3.1",
        "score": Measured.of(SCORE),
        "route": "next sprint",
        "since": Measured.of(SINCE),
        "becomes": "next sprint; item update: in sprint 4",
    }
    return Vulnerability(**{**body, **changes})


def backlog(**changes: Any) -> BacklogReport:
    """A backlog in which everything was found; `changes` replace fields."""
    body: dict[str, Any] = {
        "application": "Shop",
        "window": WEEK,
        "generated_at": datetime(2025, 11, 24, tzinfo=UTC),
        "sprint": 4,
        "headline": (Sentence(text="Decide."),),
        "decides": "Ada",
        "basis": "Based on usage data",
        "tiers": (Tier(name="Must", title="High Priority (Must Have)"),),
        "must_share": Unavailable(reason="no capacity"),
        "scope": Scope(fits=True),
        "colleagues": (
            Colleague(
                name="monitoring-specialist",
                report="Weekly Health Report, 2025-W47",
                findings=(
                    ColleagueFinding(
                        title="slow",
                        finding=Sentence(text="PUT /users/:id: 245 ms", facts=(SLOW.id,)),
                        figure=Measured.of(SLOW),
                        becomes="item async: in sprint 4",
                    ),
                ),
            ),
            Colleague(name="performance-monitor", reason="not available: there is no report of it"),
        ),
        "feature_review": FeatureReview(
            sunset=Listing(reason="None currently: none of 3 features has an adoption below 10% that falls"),
            underperforming=Listing(
                items=(
                    ReviewedFeature(
                        title="E-mail verification",
                        event="verified",
                        figure=Measured.of(DROP),
                        because=Sentence(text="5 pp are lost before this step", facts=(DROP.id,)),
                        action="Resend the mail (item resend: in sprint 4)",
                    ),
                )
            ),
            basis="product events",
            unjudged=(Sentence(text="Roles: not judged"),),
        ),
        "competition": Competition(
            competitors=Listing(
                items=(
                    Competitor(
                        name="Auth0",
                        summary=claim("Full-featured auth platform"),
                        advantage=claim("Mature, many integrations"),
                        disadvantage=claim("Expensive, complex", stale=True),
                        edge=claim("Simpler, cheaper"),
                    ),
                    Competitor(name="Firebase Auth", advantage=claim("Free tier")),
                )
            ),
            positioning=claim("Simplicity and self-hosting"),
            positioning_note="",
            claims=Measured.of(CLAIMS),
            stale=Measured.of(STALE),
            months=6,
        ),
        "security": SecurityReview(
            scanned=Measured.of(SINCE),
            total=Measured.of(OPEN),
            counts=(SeverityCount(severity="high", count=Measured.of(OPEN)),),
            listed=Listing(items=(vulnerability(),)),
            patched=Listing(items=(vulnerability(id="CVE-0", gone=Measured.of(SINCE)),)),
        ),
        "series": (
            Series(
                metric="feature_adoption",
                title="Adoption of features",
                unit="ratio",
                points=tuple(Point(label=name, value=Measured.of(ADOPTION)) for name in ("Export", "Log-in")),
                form="steps",
            ),
        ),
        "evidence": Evidence.of(*FACTS),
    }
    return BacklogReport(**{**body, **changes})


def section(text: str, heading: str) -> str:
    return text.split(f"### {heading}\n")[1].split("\n---\n")[0]


def test_what_the_others_found_stands_with_figure_and_fate_before_the_tiers() -> None:
    text = render_markdown(backlog())
    head = text.split("### High Priority")[0]
    assert "**What the Other Specialists Found**:" in head
    assert "| monitoring-specialist | PUT /users/:id: 245 ms | 245 ms | item async: in sprint 4 |" in head
    assert "| performance-monitor | not available: there is no report of it | – | – |" in head
    page = render_html(backlog())
    assert "What the Other Specialists Found" in page
    assert "item async: in sprint 4" in page


def test_the_feature_review_has_the_specifications_lists_with_an_action() -> None:
    text = section(render_markdown(backlog()), "Feature Performance Review")
    sunset, rest = text.split("**Features Underperforming**:")
    assert "**Features to Sunset**:\n- None currently: none of 3 features" in sunset
    assert "- E-mail verification: 5 pp are lost before this step\n  - **Action**: Resend the mail" in rest
    assert "- Roles: not judged" in rest


def test_a_competitor_has_advantage_disadvantage_and_our_edge_each_with_its_source() -> None:
    text = section(render_markdown(backlog()), "Competitive Analysis")
    first, second = text.split("2. **Firebase Auth**")
    assert "1. **Auth0**: Full-featured auth platform (vendor.example, 2025-10-01)" in first
    assert re.findall(r"\*\*(Advantage|Disadvantage|Our Edge)\*\*", first) == [
        "Advantage",
        "Disadvantage",
        "Our Edge",
    ]
    assert "Expensive, complex (vendor.example, 2025-10-01; **stale**)" in first
    assert "   - **Our Edge**: not noted" in second
    assert "**Market Positioning**: Simplicity and self-hosting (vendor.example, 2025-10-01)" in second
    assert "Stale claims (older than 6 months): 1 of 4" in second


def test_security_names_severity_version_of_cvss_route_and_what_was_patched() -> None:
    text = section(render_markdown(backlog()), "Security Findings")
    assert "**Still listed**: 1 (1 high)" in text
    row = next(line for line in text.splitlines() if line.startswith("| CVE-1"))
    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        "CVE-1 in imaging 9.1: Out-of-bounds write",
        "high, by CVSS 3.1",
        "7.5",
        "9.2",
        "2025-11-17 00:00 UTC",
        "next sprint; item update: in sprint 4",
    ]
    assert "- CVE-0 in imaging 9.1 (high (CVSS 3.1)): not listed by the scan of 2025-11-17" in text


def test_the_page_says_the_same_as_the_markdown() -> None:
    page = re.sub(r"<[^>]+>", "", render_html(backlog()))
    for said in ("Mature, many integrations", "not noted", "stale", "7.5", "CVSS 3.1", "Out-of-bounds write"):
        assert said in page
    for said in ("E-mail verification", "Action: Resend the mail", "Roles: not judged"):
        assert said in page


def test_a_chart_is_drawn_for_each_series_and_none_without() -> None:
    assert render_html(backlog()).count('<figure class="chart"') == 1
    assert '<section id="charts"' not in render_html(backlog(series=()))


def test_sections_without_a_source_say_which_one_is_missing() -> None:
    bare = backlog(
        colleagues=(),
        feature_review=FeatureReview(),
        competition=Competition(),
        security=SecurityReview(),
        series=(),
        evidence=Evidence(),
    )
    text = render_markdown(bare)
    assert "What the Other Specialists Found" not in text
    assert "**Competitors**: not available: no source of competitors is configured" in text
    assert "**Market Positioning**: not available: no source of competitors is configured" in text
    assert "not available: no source of vulnerabilities is configured" in section(text, "Security Findings")
    assert "not available: no source of vulnerabilities" in render_html(bare)


@pytest.mark.parametrize("attack", ["<script>x</script>", "[a](https://evil.example)", "a | b", "\n# head\n"])
def test_what_competitors_and_scanners_say_stays_text(attack: str) -> None:
    changed = backlog(
        competition=Competition(
            competitors=Listing(items=(Competitor(name=attack, advantage=claim(attack)),)),
            positioning=claim(attack),
            positioning_note="",
        ),
        security=SecurityReview(
            listed=Listing(items=(vulnerability(title=attack, package=attack, fixed_in=attack),)),
        ),
    )
    harmless = backlog(
        competition=Competition(
            competitors=Listing(items=(Competitor(name="x", advantage=claim("x")),)),
            positioning=claim("x"),
            positioning_note="",
        ),
        security=SecurityReview(
            listed=Listing(items=(vulnerability(title="x", package="x", fixed_in="x"),)),
        ),
    )
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    shapes = [
        [token.type for token in parser.parse(render_markdown(each)) if token.type != "inline"]
        for each in (harmless, changed)
    ]
    assert shapes[0] == shapes[1]
    assert "<script>x" not in render_html(changed)
