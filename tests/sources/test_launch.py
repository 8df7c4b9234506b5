"""The launch record: every part optional, a wrong part named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from postlaunch.errors import SourceError
from postlaunch.sources.launch import LaunchRecord

WHOLE: dict[str, Any] = {
    "version": "v1.0.0",
    "launched_at": "2025-09-08 10:00",
    "deployment": {"duration_minutes": 42, "strategy": "rolling", "rollback": "within 15 minutes"},
    "baseline": {
        "pods": 3,
        "mean_ms": 98,
        "p95_ms": 178,
        "error_rate": 0,
        "requests_per_second": 45,
        "memory_mb_per_pod": 187,
        "cpu_share_per_pod": 0.12,
    },
    "alert_rules": [
        {
            "name": "HighErrorRate",
            "condition": "5xx",
            "severity": "critical",
            "threshold": 0.05,
            "for_minutes": 2,
        }
    ],
    "runbooks": [{"alert": "HighErrorRate", "steps": ["look", "act"], "escalation": ["5 min: page"]}],
    "sla": {"uptime": 0.999, "p95_ms": 500, "error_rate": 0.01},
    "load_profile": {"concurrent_users": 1000, "concurrent_database_operations": 8, "tool": "k6"},
    "capacity_forecast": {"users_year_1": 100000, "basis": "plan"},
    "known_issues": [{"title": "Safari", "planned_for": "v1.0.1"}],
    "feature_flags": {"oauth_google": False, "two_factor_auth": False},
    "deferred_findings": [{"title": "Headers", "severity": "medium"}],
    "business_metrics": [{"name": "Adoption", "target": 0.6}],
    "pool": {"size": 10},
}


@pytest.mark.parametrize("name", ["launch.json", "launch.yaml"])
def test_a_whole_record_is_read_from_either_format(open_table, name: str) -> None:
    source = open_table("launch", WHOLE, name=name, zone="America/Los_Angeles")
    record = source.record
    assert record.launched_at == datetime(2025, 9, 8, 17, tzinfo=UTC)
    assert (record.baseline.pods, record.baseline.cpu_share_per_pod) == (3, 0.12)
    assert (record.alert_rules[0].name, record.alert_rules[0].for_minutes) == ("HighErrorRate", 2)
    assert record.runbooks[0].steps == ("look", "act")
    assert (record.load_profile.phase, record.load_profile.tool) == (4, "k6")
    assert record.feature_flags == {"oauth_google": False, "two_factor_auth": False}
    assert record.business_metrics[0].target == "0.6"
    assert record.pool.size == 10
    assert set(record.model_fields_set) == set(LaunchRecord.model_fields)
    assert (source.name, source.notes, source.zone) == ("launch", (), "America/Los_Angeles")


@pytest.mark.parametrize("part", list(WHOLE))
def test_every_part_is_optional(open_table, part: str) -> None:
    alone = open_table("launch", {part: WHOLE[part]}).record
    assert alone.model_fields_set == {part}
    without = open_table(
        "launch", {name: value for name, value in WHOLE.items() if name != part} | {"pool": {}}
    )
    assert getattr(without.record, part) == getattr(LaunchRecord(), part) or part == "pool"


def test_a_part_that_is_null_is_a_part_that_is_not_there(open_table) -> None:
    assert open_table("launch", "version: v1\nsla:\nrunbooks:\n", name="l.yaml").record == LaunchRecord(
        version="v1"
    )


def test_a_version_that_yaml_takes_for_a_number_is_text(open_table) -> None:
    assert open_table("launch", "version: 2\n", name="l.yaml").record.version == "2"


def test_parts_have_our_names_by_the_settings(open_table) -> None:
    record = open_table(
        "launch", {"release": "v2", "SLA": {"uptime": 0.99}}, fields={"version": "release", "sla": "SLA"}
    )
    assert (record.record.version, record.record.sla.uptime) == ("v2", 0.99)


def test_what_is_not_read_is_said(open_table) -> None:
    assert open_table("launch", {"version": "v1", "weather": "fine"}).notes == ("t.json: not read: weather",)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([1], "one object is wanted"),
        ({"weather": "fine"}, "no part of it is one of a launch record; it has: weather"),
        ({"launched_at": "soon"}, 'launched_at: "soon" is not a date'),
        ({"baseline": {"error_rate": 5}}, "baseline.error_rate: Input should be less than or equal to 1"),
        ({"alert_rules": [{"condition": "x"}]}, "alert_rules.0.name: Field required"),
        ({"pool": {"size": -1}}, "pool.size"),
        ({"feature_flags": {"a": "perhaps"}}, "feature_flags.a"),
    ],
)
def test_a_wrong_record_is_an_error_that_names_the_part(open_table, document: object, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        open_table("launch", json.dumps(document), name="launch.json")
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("", "l.yaml", "is empty"),
        ("version: [", "l.yaml", "not YAML"),
        ("version: 1\nversion: 2\n", "l.yaml", "given twice"),
        ("{", "l.json", "not JSON"),
        ("version;x\n", "l.csv", 'the ending ".csv" is none'),
    ],
)
def test_a_broken_file_is_an_error_with_a_remedy(open_table, text: str, name: str, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        open_table("launch", text, name=name)
    assert caught.value.remedy


@pytest.mark.parametrize("fields", [{"colour": "version"}, {"version": "release"}])
def test_a_wrong_mapping_is_named(open_table, fields: dict[str, str]) -> None:
    with pytest.raises(SourceError, match="fits nothing") as caught:
        open_table("launch", {"version": "v1"}, fields=fields)
    assert "version" in caught.value.remedy


def test_the_fingerprint_is_of_content_and_reading(open_table) -> None:
    first = open_table("launch", {"version": "v1"}).fingerprint
    assert open_table("launch", {"version": "v1"}, name="other.json").fingerprint == first
    assert open_table("launch", {"version": "v2"}).fingerprint != first
    assert open_table("launch", {"version": "v1"}, zone="Asia/Kolkata").fingerprint != first
