"""Findings of dependency scans, flat and as scanners nest them, and which of them still stand."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from postlaunch.errors import SourceError
from postlaunch.settings import Settings
from postlaunch.settings_sources import Sources, TableSource
from postlaunch.sources.vulnerabilities import open_vulnerabilities

MONDAY = "2025-11-17T06:00:00Z"
VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"


def finding(**other: Any) -> dict[str, Any]:
    return {"id": "CVE-2025-1", "package": "django", "installed": "4.2.0", "scanned_at": MONDAY, **other}


def test_a_finding_has_what_its_row_says(open_table) -> None:
    row = finding(
        fixed_in="4.2.1", severity="HIGH", vector=VECTOR, title="Injection", reachable="yes", exploited="no"
    )
    table = open_table("vulnerabilities", [row])
    at = datetime(2025, 11, 17, 6, tzinfo=UTC)
    assert table.findings[0].model_dump() == {
        **row,
        "severity": "high",
        "scanned_at": at,
        "reachable": True,
        "exploited": False,
    }
    assert table.scans == (at,)


@pytest.mark.parametrize(("written", "reachable"), [(None, None), ("", None), (True, True), ("no", False)])
def test_whether_it_is_reachable_may_be_unknown(open_table, written: object, reachable: bool | None) -> None:
    assert open_table("vulnerabilities", [finding(reachable=written)]).findings[0].reachable is reachable


def test_a_score_is_no_vector(open_table) -> None:
    assert open_table("vulnerabilities", [finding(cvss="7.5")]).findings[0].vector == ""
    assert open_table("vulnerabilities", [finding(cvss=VECTOR)]).findings[0].vector == VECTOR


@pytest.mark.parametrize(
    "row",
    [
        {
            "VulnerabilityID": "CVE-2025-1",
            "PkgName": "django",
            "InstalledVersion": "4.2.0",
            "FixedVersion": "4.2.1",
            "Severity": "HIGH",
            "CreatedAt": MONDAY,
        },
        {
            "id": "CVE-2025-1",
            "package": {"name": "django", "version": "4.2.0"},
            "fix_versions": ["4.2.1"],
            "database_specific": {"severity": "HIGH"},
            "timestamp": MONDAY,
        },
        {
            "vulnerability": {"id": "CVE-2025-1", "severity": "High", "fix": {"versions": ["4.2.1"]}},
            "artifact": {"name": "django", "version": "4.2.0"},
            "date": MONDAY,
        },
    ],
)
def test_fields_are_found_under_the_names_of_scanners(open_table, row: dict[str, Any]) -> None:
    (found,) = open_table("vulnerabilities", [row]).findings
    assert (found.id, found.package, found.installed, found.fixed_in, found.severity) == (
        "CVE-2025-1",
        "django",
        "4.2.0",
        "4.2.1",
        "high",
    )


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"package": ""}, "package: it is not named"),
        ({"scanned_at": ""}, "scanned_at: no date"),
        ({"exploited": "perhaps"}, 'exploited: "perhaps" is neither yes nor no'),
    ],
)
def test_a_row_that_is_no_finding_says_why(open_table, other: dict[str, Any], reason: str) -> None:
    table = open_table("vulnerabilities", [finding(), finding(**other)])
    assert len(table.findings) == 1
    assert table.rejected[0].reason == reason


def test_what_is_still_listed_is_what_each_packages_newest_scan_found(open_table) -> None:
    later = "2025-11-24T06:00:00Z"
    table = open_table(
        "vulnerabilities",
        [
            finding(),
            finding(id="CVE-2025-2"),
            finding(id="CVE-2025-9", package="requests"),
            finding(id="CVE-2025-7", package="zipp"),
            finding(scanned_at=later),
            finding(id="", package="zipp", scanned_at=later),
        ],
    )
    assert [(found.id, found.package) for found in table.listed()] == [
        ("CVE-2025-9", "requests"),
        ("CVE-2025-1", "django"),
    ]
    before = {found.id for found in table.listed(datetime(2025, 11, 24, 6, tzinfo=UTC))}
    assert before == {"CVE-2025-1", "CVE-2025-2", "CVE-2025-9", "CVE-2025-7"}
    assert [clean.package for clean in table.clean] == ["zipp"]
    assert len(table.scans) == 2


PIP_AUDIT: dict[str, Any] = {
    "dependencies": [
        {
            "name": "django",
            "version": "4.2.0",
            "vulns": [
                {
                    "id": "PYSEC-2025-1",
                    "fix_versions": ["4.2.1", "5.0.1"],
                    "aliases": ["GHSA-aaaa-bbbb-cccc", "CVE-2025-1"],
                    "description": "Injection",
                },
                {"id": "GHSA-dddd-eeee-ffff", "fix_versions": [], "aliases": [], "description": "Leak"},
            ],
        },
        {"name": "six", "version": "1.17.0", "vulns": []},
        {"name": "inhouse", "skip_reason": "not on the index"},
    ],
    "fixes": [],
}


def test_the_report_of_pip_audit_is_read_as_it_is(open_table) -> None:
    table = open_table("vulnerabilities", {**PIP_AUDIT, "scanned_at": MONDAY})
    assert [(f.id, f.package, f.installed, f.fixed_in, f.title) for f in table.findings] == [
        ("CVE-2025-1", "django", "4.2.0", "4.2.1, 5.0.1", "Injection"),
        ("GHSA-dddd-eeee-ffff", "django", "4.2.0", "", "Leak"),
    ]
    assert [clean.package for clean in table.clean] == ["six"]
    assert table.scans == (datetime(2025, 11, 17, 6, tzinfo=UTC),)


def test_a_scan_that_says_no_date_has_that_of_its_file_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "scan.json"
    path.write_text(json.dumps(PIP_AUDIT), encoding="utf-8")
    settings = Settings(folder=tmp_path, sources=Sources(vulnerabilities=TableSource(path="scan.json")))
    first = open_vulnerabilities(settings)
    at = datetime(2025, 11, 20, 6, tzinfo=UTC)
    os.utime(path, (at.timestamp(), at.timestamp()))
    dated = open_vulnerabilities(settings)
    assert dated.scans == (at,)
    assert dated.notes == (
        "scan.json does not say when the scan was; the file is dated 2025-11-20 06:00 UTC",
    )
    assert dated.fingerprint != first.fingerprint


def test_a_scan_that_found_nothing_is_a_scan(open_table) -> None:
    clean = {"dependencies": [{"name": "six", "version": "1.17.0", "vulns": []}], "scanned_at": MONDAY}
    table = open_table("vulnerabilities", clean)
    assert (table.findings, len(table.clean), len(table.scans)) == ((), 1, 1)


def test_the_report_of_trivy_is_read_as_it_is(open_table) -> None:
    table = open_table(
        "vulnerabilities",
        {
            "SchemaVersion": 2,
            "CreatedAt": "2025-11-17T07:00:00.123456789+01:00",
            "Results": [
                {
                    "Target": "requirements.txt",
                    "Packages": [
                        {"Name": "django", "Version": "4.2.0"},
                        {"Name": "six", "Version": "1.17.0"},
                    ],
                    "Vulnerabilities": [
                        {
                            "VulnerabilityID": "CVE-2025-1",
                            "PkgName": "django",
                            "InstalledVersion": "4.2.0",
                            "FixedVersion": "4.2.1",
                            "Severity": "HIGH",
                            "Title": "Injection",
                            "CVSS": {"nvd": {"V3Vector": VECTOR, "V3Score": 7.5}},
                        }
                    ],
                },
                {"Target": "Dockerfile"},
            ],
        },
    )
    (found,) = table.findings
    assert (found.id, found.fixed_in, found.severity, found.vector) == ("CVE-2025-1", "4.2.1", "high", VECTOR)
    assert found.scanned_at.hour == 6
    assert [clean.package for clean in table.clean] == ["six"]


def test_an_object_that_is_no_report_is_an_error(open_table) -> None:
    with pytest.raises(SourceError, match="an object with 0 lists"):
        open_table("vulnerabilities", {"vulnerable": True})
