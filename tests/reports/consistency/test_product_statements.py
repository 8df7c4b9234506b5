"""A backlog's figures on security, features and competitors: consistent as made, found when changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from postlaunch.facts import Evidence, Fact, Measured, Measurement, Unavailable
from postlaunch.reports.backlog import BacklogReport, Tier
from postlaunch.reports.competition import Competition
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.judged import Sentence
from postlaunch.reports.report import Listing
from postlaunch.reports.scope import Scope
from postlaunch.reports.security import SecurityReview
from postlaunch.settings import Settings
from postlaunch.settings_analytics import Analytics, FeatureSettings
from postlaunch.sources.vulnerabilities import Finding, ScanTable
from postlaunch.tools import definitions_analytics as definitions
from postlaunch.tools import security_scans
from postlaunch.tools.feature_review import feature_review
from postlaunch.tools.measurement import run_measurement
from postlaunch.tools.security_review import security_review
from postlaunch.windows import parse_week

assert security_scans

WEEK = parse_week("2025-W47", "UTC")
HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
MEDIUM = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N"
SETTINGS = Settings(analytics=Analytics(features=(FeatureSettings(title="Log-in", event="login"),)))


def usage() -> tuple[Fact, ...]:
    figures = (
        (definitions.ADOPTERS, 300.0),
        (definitions.AUDIENCE, 1000.0),
        (definitions.FEATURE_ADOPTION, 0.3),
    )
    return tuple(
        Fact(
            name=definition.name,
            value=value,
            unit=definition.unit,
            entity="login",
            window=WEEK,
            definition=definition,
            measurement=Measurement(name="feature_adoption", source="events", fingerprint="f"),
            n=1000,
        )
        for definition, value in figures
    )


def scans() -> tuple[SecurityReview, tuple[Fact, ...]]:
    rows = [("CVE-1", HIGH), ("CVE-2", MEDIUM), ("CVE-3", HIGH)]
    table = ScanTable(
        fingerprint="s",
        findings=tuple(
            Finding(id=name, package=name, vector=vector, scanned_at=WEEK.start) for name, vector in rows
        ),
        scans=(WEEK.start,),
    )
    result = run_measurement("vulnerabilities", {"window": WEEK}, {"vulnerabilities": table})
    return security_review(result), result.facts


def backlog(**changes: Any) -> BacklogReport:
    review, facts = scans()
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
        "security": review,
        "feature_review": feature_review(usage(), SETTINGS, basis="product events"),
        "evidence": Evidence.of(*facts, *usage()),
    }
    return BacklogReport(**{**body, **changes})


def rules(report: BacklogReport) -> set[str]:
    return {found.rule.split()[0] for found in check(report)}


def test_a_backlog_as_it_is_made_contradicts_nothing() -> None:
    assert check(backlog()) == ()


def test_a_vulnerability_that_is_left_out_of_the_lines_is_found() -> None:
    report = backlog()
    fewer = report.security.model_copy(update={"counts": report.security.counts[:1]})
    assert rules(report.model_copy(update={"security": fewer})) == {"C1"}


def test_a_severity_that_the_count_does_not_hold_is_found() -> None:
    report = backlog()
    first, *others = report.security.listed.items
    wrong = Listing(items=(first.model_copy(update={"severity": "medium"}), *others))
    changed = report.security.model_copy(update={"listed": wrong})
    assert "C1" in rules(report.model_copy(update={"security": changed}))


def test_lines_out_of_the_order_of_their_scores_are_found() -> None:
    report = backlog()
    one, *others = report.security.listed.items
    assert isinstance(one.score, Measured)
    lower = one.model_copy(update={"score": one.score.model_copy(update={"value": 7.1})})
    changed = report.security.model_copy(update={"listed": Listing(items=(lower, *others))})
    assert "C4" in rules(report.model_copy(update={"security": changed}))


def test_a_feature_called_underperforming_that_meets_its_objective_is_found() -> None:
    report = backlog()
    target = report.feature_review.adoption
    assert target is not None
    assert target.target is not None
    low = target.model_copy(update={"target": target.target.model_copy(update={"value": 0.2})})
    changed = report.feature_review.model_copy(update={"adoption": low})
    assert "C15" in rules(report.model_copy(update={"feature_review": changed}))


def test_more_stale_claims_than_claims_are_found() -> None:
    few, many = (Measured(fact="F1", value=value, unit="count") for value in (2.0, 3.0))
    wrong = Competition(claims=few, stale=many, months=6)
    assert "C1" in rules(backlog().model_copy(update={"competition": wrong}))


@pytest.mark.parametrize("field", ["security", "feature_review", "competition"])
def test_a_section_without_a_source_states_nothing(field: str) -> None:
    empty = {"security": SecurityReview(), "feature_review": feature_review((), SETTINGS)}
    empty["competition"] = Competition()
    assert check(backlog(**{field: empty[field]})) == ()
