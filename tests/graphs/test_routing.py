"""Where signals go, and why; what a program may tell, and what makes two tellings one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import JsonValue

from postlaunch.errors import UsageError
from postlaunch.graphs.routing import route
from postlaunch.graphs.signals import draft_of, told
from postlaunch.ledger.records import SignalDraft

AT = "2025-11-18T14:15:00-08:00"


def signal(kind: str, **body: JsonValue) -> SignalDraft:
    return draft_of("Shop", told({"kind": kind, "at": AT, "body": body}))


@pytest.mark.parametrize(
    ("kind", "body", "to", "now", "because"),
    [
        ("tick", {"workflow": "weekly_report", "period": "2025-W47"}, "weekly_report", True, "2025-W47"),
        ("incident", {"text": "log-in fails"}, "incident", True, "somebody says"),
        ("alert", {"rule": "HighErrorRate", "severity": "SEV-1"}, "incident", True, "severity SEV-1"),
        ("alert", {"rule": "HighErrorRate", "severity": "sev-2"}, "incident", True, "severity sev-2"),
        ("alert", {"rule": "HighErrorRate", "severity": "critical"}, "incident", True, "HighErrorRate"),
        ("alert", {"rule": "HighMemory", "severity": "warning"}, "daily_check", False, "severity warning"),
        ("alert", {"rule": "HighMemory", "severity": "SEV-3"}, "daily_check", False, "severity SEV-3"),
        ("alert", {"rule": "HighMemory"}, "daily_check", False, "no stated severity"),
        ("user_report", {"text": "I cannot log in"}, "daily_check", False, "no stated severity"),
        ("user_report", {"text": "all is down", "severity": "SEV-1"}, "incident", True, "user report"),
        ("finding", {"title": "p95 doubled", "severity": "SEV-2"}, "incident", True, "finding of severity"),
        ("finding", {"title": "p95 rose", "severity": "SEV-4"}, "sprint_planning", False, "kept for the"),
        ("vulnerability", {"id": "CVE-1", "package": "p", "severity": "critical"}, "incident", True, "CVE-1"),
        ("vulnerability", {"id": "CVE-1", "package": "p", "severity": "High"}, "sprint_planning", False, "p"),
        ("vulnerability", {"id": "CVE-1", "package": "p", "severity": "low"}, "monthly_review", False, "low"),
        ("vulnerability", {"id": "CVE-1", "package": "p"}, "monthly_review", False, "no stated severity"),
        ("deployment", {"title": "v1.0.1", "version": "1.0.1"}, "weekly_report", False, "1.0.1"),
        ("decision", {"request": "R1"}, "advance", True, "decided on R1"),
    ],
)  # fmt: skip
def test_the_rules(kind: str, body: dict[str, JsonValue], to: str, now: bool, because: str) -> None:
    found = route(signal(kind, **body))
    assert (found.to, found.now) == (to, now)
    assert because in found.reason


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"kind": "alarm", "at": AT}, "kind"),
        ({"kind": "alert", "at": "2025-11-18T14:15:00"}, "time zone"),
        ({"kind": "alert", "at": AT, "body": {"severty": "SEV-1"}}, "severty"),
        ({"kind": "user_report", "at": AT, "body": {"text": ""}}, "text"),
        ({"kind": "tick", "at": AT, "body": {"workflow": "tea"}}, "workflow"),
        ({"at": AT}, "kind"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(event: dict[str, JsonValue], said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        told(event)
    assert "vulnerability" in refused.value.remedy


def test_the_same_thing_told_twice_has_one_key() -> None:
    first = signal("alert", alert="A-17", severity="critical", value=0.2)
    assert signal("alert", alert="A-17", severity="critical", value=0.4).key == first.key
    assert signal("alert", alert="A-18", severity="critical").key != first.key
    assert signal("decision", request="R1").key != signal("decision", request="R2").key


def test_a_key_of_the_tellers_own_stands() -> None:
    event: dict[str, JsonValue] = {"kind": "deployment", "at": AT, "body": {"title": "v2"}, "key": "deploy-9"}
    assert draft_of("Shop", told(event)).key == "deploy-9"


def test_a_key_is_never_longer_than_the_ledger_keeps() -> None:
    assert len(signal("alert", alert="x" * 500).key) <= 200


def test_a_signal_keeps_the_moment_in_utc() -> None:
    assert signal("incident").at == datetime(2025, 11, 18, 22, 15, tzinfo=UTC)
