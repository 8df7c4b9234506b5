"""Alerts as monitoring, paging services and people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

AT = "2025-11-18T22:15:00Z"


def record(**other: Any) -> dict[str, Any]:
    return {"at": AT, "kind": "fired", "alert": "A-1", **other}


def test_a_record_has_what_its_row_says(open_table) -> None:
    row = record(
        rule="HighErrorRate",
        severity="critical",
        component="api",
        value=0.21,
        threshold=0.05,
        by="",
        text="5xx",
    )
    (found,) = open_table("alerts", [row]).records
    assert found.model_dump() == {**row, "at": datetime(2025, 11, 18, 22, 15, tzinfo=UTC), "milestone": ""}


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("firing", "fired"),
        ("TRIGGERED", "fired"),
        ("resolve", "resolved"),
        ("escalated", "paged"),
        ("ack", "acknowledged"),
        ("comment", "note"),
        ("user report", "user_report"),
    ],
)
def test_the_words_of_other_systems_are_our_kinds(open_table, written: str, kind: str) -> None:
    assert open_table("alerts", [record(kind=written)]).records[0].kind == kind


@pytest.mark.parametrize(
    ("written", "severity"),
    [
        ("P1", "critical"),
        ("High", "critical"),
        ("sev-1", "critical"),
        ("warn", "warning"),
        ("Info", "info"),
        ("", ""),
    ],
)
def test_severities_are_ours_or_the_files_own_word(open_table, written: str, severity: str) -> None:
    assert open_table("alerts", [record(severity=written)]).records[0].severity == severity


@pytest.mark.parametrize(
    ("written", "milestone"),
    [
        ("Investigating", "investigation"),
        ("root cause identified", "root_cause"),
        ("decided", "decision"),
        ("mitigated", "fix_applied"),
        ("pods restarted", "restarted"),
        ("monitoring", "recovered"),
        ("closed", "closed"),
        (None, ""),
    ],
)
def test_a_note_may_tell_of_a_step_of_the_handling(open_table, written: str | None, milestone: str) -> None:
    assert open_table("alerts", [record(kind="note", milestone=written)]).records[0].milestone == milestone


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"kind": "sang"}, 'kind: "sang" is none of fired, resolved, paged, acknowledged, note, user_report'),
        ({"kind": ""}, "kind: nothing says what happened"),
        ({"milestone": "lunch"}, 'milestone: "lunch" is none of investigation, root_cause'),
        ({"value": "much"}, 'value: "much" is not a number'),
        ({"at": None}, "at: no date"),
    ],
)
def test_a_row_that_is_no_record_says_why(open_table, other: dict[str, Any], reason: str) -> None:
    table = open_table("alerts", [record(), record(**other)])
    assert len(table.records) == 1
    assert table.rejected[0].reason.startswith(reason)


def test_records_of_one_moment_keep_the_files_order(open_table) -> None:
    kinds = ["fired", "paged", "note", "acknowledged"]
    table = open_table("alerts", [*(record(kind=kind) for kind in kinds), record(at="2025-11-18T22:00:00Z")])
    assert [found.kind for found in table.records] == ["fired", *kinds]


def test_the_log_of_a_paging_service_is_read_as_it_is(open_table) -> None:
    entry = {
        "created_at": AT,
        "agent": {"type": "user_reference", "summary": "Ana Lopez"},
        "incident": {"id": "PT4KHLK", "summary": "HighErrorRate"},
        "service": {"id": "PIJ90N7", "summary": "api"},
    }
    document = {
        "log_entries": [
            {
                "id": "R1",
                "type": "trigger_log_entry",
                "channel": {"type": "api", "summary": "5xx > 5 %"},
                **entry,
            },
            {"id": "R2", "type": "notify_log_entry", **entry},
            {"id": "R3", "type": "acknowledge_log_entry", **entry},
            {"id": "R4", "type": "annotate_log_entry", "channel": {"summary": "pool is full"}, **entry},
            {"id": "R5", "type": "resolve_log_entry", **entry},
            {"id": "R6", "type": "snooze_log_entry", **entry},
        ],
        "limit": 100,
    }
    table = open_table("alerts", document)
    assert [(found.kind, found.text) for found in table.records] == [
        ("fired", "5xx > 5 %"),
        ("paged", ""),
        ("acknowledged", ""),
        ("note", "pool is full"),
        ("resolved", ""),
    ]
    first = table.records[0]
    assert (first.alert, first.rule, first.component, first.by) == (
        "PT4KHLK",
        "HighErrorRate",
        "api",
        "Ana Lopez",
    )
    assert len(table.rejected) == 1


def test_a_row_that_is_a_whole_alert_is_all_that_happened(open_table) -> None:
    text = (
        "name,severity,fired_at,acknowledged_at,resolved_at,value\n"
        "HighErrorRate,critical,2025-11-18 22:15,2025-11-18 22:16,2025-11-18 22:23,0.21\n"
        "HighMemoryUsage,warning,2025-11-18 23:00,,,0.9\n"
    )
    records = open_table("alerts", text).records
    assert [(found.rule, found.kind, f"{found.at:%H:%M}", found.alert, found.value) for found in records] == [
        ("HighErrorRate", "fired", "22:15", "line 2", 0.21),
        ("HighErrorRate", "acknowledged", "22:16", "line 2", None),
        ("HighErrorRate", "resolved", "22:23", "line 2", None),
        ("HighMemoryUsage", "fired", "23:00", "line 3", 0.9),
    ]


def test_alertmanagers_alerts_are_read_as_they_are(open_table) -> None:
    alert = {
        "labels": {"alertname": "HighErrorRate", "severity": "critical", "job": "api"},
        "annotations": {"summary": "5xx above 5 %"},
        "status": {"state": "active"},
        "startsAt": AT,
        "endsAt": "0001-01-01T00:00:00Z",
        "fingerprint": "f1",
    }
    (found,) = open_table("alerts", [alert]).records
    assert (found.kind, found.rule, found.severity, found.component, found.alert, found.text) == (
        "fired",
        "HighErrorRate",
        "critical",
        "api",
        "f1",
        "5xx above 5 %",
    )
