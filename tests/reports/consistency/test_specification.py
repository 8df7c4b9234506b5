"""The phase-7 specification's own sample reports contradict each other; every contradiction is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from postlaunch.errors import UsageError
from postlaunch.reports.consistency.checking import RULES, check
from postlaunch.reports.consistency.statements import Statement
from postlaunch.reports.consistency.written import read_statements

FILE = Path(__file__).with_name("specification.yaml")

CONTRADICTIONS = [
    ("C1", ("374", "34"), ("Incident Report", "Weekly Health Report")),
    ("C2", ("124,589", "180 req/s"), ("Incident Report", "Performance Trend Report")),
    ("C3", ("~150", "0.3%", "4,523", "8,234"), ("Incident Report", "Weekly Health Report")),
    ("C4", ("89,200", "156,332"), ("Weekly Health Report",)),
    ("C5", ("180 req/s", "15%", "280 req/s"), ("Performance Trend Report",)),
    ("C5", ("180 req/s", "15%", "450 req/s"), ("Performance Trend Report",)),
    ("C6", ("120K", "12,847"), ("Performance Trend Report", "Product Analytics Report")),
    ("C6", ("50%", "80%"), ("Weekly Health Report", "Performance Trend Report")),
    ("C7", ("50K", "218,445"), ("Performance Trend Report", "Weekly Health Report")),
    ("C8", (), ("Weekly Health Report", "Deployment Report")),
    ("C8", (), ("Performance Trend Report", "Deployment Report")),
    ("C8", (), ("Product Analytics Report", "Deployment Report")),
    ("C9", ("99.97%", "2 min"), ("Weekly Health Report",)),
    ("C9", ("8 min", "99.97%"), ("Incident Report", "Weekly Health Report")),
    ("C10", ("0.3%", "5%"), ("Incident Report", "Deployment Report")),
    ("C10", ("0 min", "2 min"), ("Incident Report", "Deployment Report")),
    ("C11", ("13 days", "10 days"), ("Product Enhancement Backlog",)),
    ("C12", ("4,123", "3,892", "5%"), ("Product Analytics Report",)),
    ("C13", ("4,523",), ("Product Analytics Report", "Weekly Health Report")),
    ("C14", ("89,200", "892"), ("Weekly Health Report",)),
    ("C15", (), ("Weekly Health Report",)),
    ("C16", ("500 ms", "200 ms"), ("Deployment Report", "Success Metrics")),
    ("C16", ("200 ms",), ("Weekly Health Report",)),
    ("C17", ("87%", "82%"), ("Product Analytics Report",)),
    ("C18", ("Sprint 3", "Sprint 4"), ("Performance Trend Report", "Product Enhancement Backlog")),
    ("C19", ("$240",), ("Performance Trend Report",)),
    ("C20", ("198MB", "512MB", "38%"), ("Weekly Health Report",)),
]


@pytest.fixture(scope="module")
def sample() -> tuple[Statement, ...]:
    return read_statements(FILE)


@pytest.mark.parametrize(("rule", "figures", "reports"), CONTRADICTIONS)
def test_each_contradiction_is_found_with_its_figures_and_its_reports(
    sample: tuple[Statement, ...], rule: str, figures: tuple[str, ...], reports: tuple[str, ...]
) -> None:
    found = [item for item in check(*sample) if item.rule.split()[0] == rule]
    assert any(set(figures) <= set(item.figures) and set(reports) <= set(item.reports) for item in found)


def test_every_rule_finds_something_in_it(sample: tuple[Statement, ...]) -> None:
    assert {item.rule for item in check(*sample)} == {f"{rule.id} {rule.name}" for rule in RULES}
    assert [rule.id for rule in RULES] == [f"C{number}" for number in range(1, 21)]


def test_what_agrees_in_it_is_not_flagged(sample: tuple[Statement, ...]) -> None:
    """Nearly all of its shares, changes and sums are right: 27 %, +16 %, 1,009 errors, 43 minutes."""
    flagged = " ".join(item.message for item in check(*sample))
    for right in ("27%", "+16%", "+6.5%", "43 min", "64%", "disk", "POST /auth/login", "INC-2025-001"):
        assert right not in flagged


def test_the_order_of_the_reports_does_not_matter(sample: tuple[Statement, ...]) -> None:
    def rules(statements: tuple[Statement, ...]) -> set[str]:
        return {item.rule for item in check(*statements)}

    assert rules(sample) == rules(sample[::-1])


def test_every_rule_says_its_arithmetic_and_its_tolerance() -> None:
    for rule in RULES:
        text = rule.check.__doc__ or ""
        assert text.startswith(f"{rule.id}. ")
        assert "Tolerance: " in text


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"reports": {"A": [{"kind": "share", "what": "x", "part": "some", "share": "1%"}]}}, "some"),
        ({"reports": {"A": [{"kind": "observation", "metric": "m", "value": 3, "window": "may"}]}}, "may"),
        ({"reports": {"A": [{"kind": "guess"}]}}, "guess"),
        ({"rapports": {}}, "rapports"),
    ],
)
def test_what_is_no_statement_is_refused_by_name(tmp_path: Path, body: dict[str, object], named: str) -> None:
    path = tmp_path / "statements.yaml"
    path.write_text(yaml.safe_dump(body), encoding="utf-8")
    with pytest.raises(UsageError, match=named):
        read_statements(path)


def test_a_statement_alone_contradicts_nothing(
    sample: tuple[Statement, ...], flagged: Callable[..., set[str]]
) -> None:
    """Those that contradict alone do so within themselves: an order, a sum, a share of a stated whole."""
    within = {"C4", "C9", "C11", "C12", "C14", "C15", "C17", "C20"}
    assert {rule for statement in sample for rule in flagged(statement)} == within
