"""How grave a vulnerability is and where it goes; what scans still list, and what they no longer do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.facts import Measured, Unavailable
from postlaunch.reports.security import SecurityReview
from postlaunch.sources.vulnerabilities import CleanPackage, Finding, ScanTable
from postlaunch.tools import security_scans
from postlaunch.tools.measurement import MeasurementResult, run_measurement
from postlaunch.tools.security import cvss_of, rating_of, route_of_severity, severity_of_score
from postlaunch.tools.security_review import security_review
from postlaunch.windows import parse_week

assert security_scans

WEEK = parse_week("2025-W47", "UTC")
FIRST = WEEK.start - timedelta(days=6)
SECOND = WEEK.start + timedelta(days=1)

CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
MEDIUM = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N"
HIGH_IN_3_CRITICAL_IN_4 = (
    "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
)


def found(identity: str, at: datetime, package: str = "imaging", **fields: object) -> Finding:
    return Finding.model_validate({"id": identity, "package": package, "scanned_at": at, **fields})


def table(*findings: Finding, clean: tuple[CleanPackage, ...] = ()) -> ScanTable:
    rows = (*findings, *clean)
    return ScanTable(
        fingerprint="scans",
        findings=tuple(sorted(findings, key=lambda row: row.scanned_at)),
        clean=clean,
        scans=tuple(sorted({row.scanned_at for row in rows})),
    )


def measured(source: ScanTable) -> MeasurementResult:
    asked = {"window": WEEK, "baseline": WEEK.before()}
    return run_measurement("vulnerabilities", asked, {"vulnerabilities": source})


def review(source: ScanTable) -> SecurityReview:
    return security_review(measured(source))


def value(result: MeasurementResult, name: str, entity: str = "application") -> float:
    fact = result.fact(name, entity)
    assert fact is not None
    return fact.value


# --- rules ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "severity", "route"),
    [
        (10.0, "critical", "hotfix"),
        (9.0, "critical", "hotfix"),
        (8.9, "high", "next sprint"),
        (7.0, "high", "next sprint"),
        (6.9, "medium", "backlog"),
        (4.0, "medium", "backlog"),
        (3.9, "low", "backlog"),
        (0.1, "low", "backlog"),
        (0.0, "none", "nothing to do"),
    ],
)
def test_the_score_gives_the_severity_and_the_severity_the_route(
    score: float, severity: str, route: str
) -> None:
    assert severity_of_score(score) == severity
    assert route_of_severity(severity_of_score(score)) == route


@pytest.mark.parametrize(
    ("vector", "version", "score"),
    [
        (CRITICAL, "CVSS 3.1", 9.8),
        (CRITICAL.replace("3.1", "3.0"), "CVSS 3.0", 9.8),
        (HIGH, "CVSS 3.1", 7.5),
        (MEDIUM, "CVSS 3.1", 5.3),
        (HIGH_IN_3_CRITICAL_IN_4[1], "CVSS 4.0", 9.3),
    ],
)
def test_a_vector_is_scored_by_its_own_version(vector: str, version: str, score: float) -> None:
    assert cvss_of(vector) == (version, score)


def test_two_versions_of_cvss_differ_and_the_rating_names_the_one_it_rests_on() -> None:
    three, four = (rating_of(vector, "") for vector in HIGH_IN_3_CRITICAL_IN_4)
    assert (three.severity, three.by) == ("high", "CVSS 3.1")
    assert (four.severity, four.by) == ("critical", "CVSS 4.0")


@pytest.mark.parametrize(
    "vector", ["", "AV:N/AC:L/Au:N/C:P/I:P/A:P", "CVSS:3.1/AV:N", "CVSS:4.0/AV:X/", "9.8"]
)
def test_without_a_vector_that_can_be_scored_the_scanners_severity_stands_and_says_so(vector: str) -> None:
    rating = rating_of(vector, "Moderate")
    assert (rating.severity, rating.by, rating.score) == ("medium", "the scanner", None)


def test_what_nobody_rates_is_not_rated_and_not_called_harmless() -> None:
    rating = rating_of("", "bewildering")
    assert rating.severity == "not rated"
    assert 'the scanner says "bewildering"' in rating.by
    assert route_of_severity(rating.severity) == "to be rated"


@given(st.text(max_size=80), st.text(max_size=20))
def test_no_vector_breaks_the_rating(rest: str, scanner: str) -> None:
    for prefix in ("", "CVSS:3.1/", "CVSS:4.0/", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:"):
        rating_of(prefix + rest, scanner)


# --- scans ------------------------------------------------------------------------------------------------


def test_open_vulnerabilities_are_counted_by_severity_against_the_week_before() -> None:
    result = measured(
        table(
            found("CVE-1", FIRST, vector=HIGH),
            found("CVE-1", SECOND, vector=HIGH),
            found("CVE-2", SECOND, vector=MEDIUM),
        )
    )
    assert value(result, "open_vulnerabilities") == 2
    assert value(result, "vulnerabilities_of_severity", "high") == 1
    assert value(result, "vulnerabilities_of_severity", "critical") == 0
    total = result.fact("open_vulnerabilities")
    assert total is not None
    assert total.baseline == 1
    assert value(result, "vulnerability_score", "CVE-1 in imaging") == 7.5


def test_a_vulnerability_is_patched_only_when_a_rescan_of_its_package_no_longer_lists_it() -> None:
    other_package = found("CVE-9", SECOND, package="web", vector=MEDIUM)
    not_scanned_again = review(table(found("CVE-1", FIRST, vector=HIGH), other_package))
    assert [one.id for one in not_scanned_again.listed.items] == ["CVE-1", "CVE-9"]
    assert not_scanned_again.patched.items == ()

    clean = CleanPackage(package="imaging", installed="9.2", scanned_at=SECOND)
    rescanned = review(table(found("CVE-1", FIRST, vector=HIGH), clean=(clean,)))
    assert rescanned.listed.items == ()
    [gone] = rescanned.patched.items
    assert (gone.id, gone.becomes) == ("CVE-1", "patched: a re-scan no longer lists it")
    assert isinstance(gone.gone, Measured)
    assert gone.gone.value == SECOND.timestamp()


def test_another_finding_in_the_package_is_a_rescan_too() -> None:
    seen = review(table(found("CVE-1", FIRST, vector=HIGH), found("CVE-2", SECOND, vector=MEDIUM)))
    assert [one.id for one in seen.listed.items] == ["CVE-2"]
    assert [one.id for one in seen.patched.items] == ["CVE-1"]


def test_what_was_gone_and_came_back_is_listed_since_it_came_back() -> None:
    early = FIRST - timedelta(days=7)
    clean = CleanPackage(package="imaging", scanned_at=FIRST)
    result = measured(
        table(found("CVE-1", early, vector=HIGH), found("CVE-1", SECOND, vector=HIGH), clean=(clean,))
    )
    assert value(result, "vulnerability_listed_since", "CVE-1 in imaging") == SECOND.timestamp()


def test_scans_after_the_window_are_not_known_in_it() -> None:
    later = WEEK.end + timedelta(hours=1)
    seen = review(table(found("CVE-1", FIRST, vector=HIGH), found("CVE-2", later, vector=CRITICAL)))
    assert [one.id for one in seen.listed.items] == ["CVE-1"]


def test_before_the_first_scan_nothing_is_known_and_nothing_is_called_safe() -> None:
    later = WEEK.end + timedelta(hours=1)
    result = measured(table(found("CVE-1", later, vector=HIGH)))
    assert result.status == "no_data"
    assert isinstance(security_review(result).total, Unavailable)
    assert security_review(result).listed.reason.startswith("not available: no dependency was scanned")


def test_two_ratings_of_one_vulnerability_give_the_graver_and_name_the_other() -> None:
    three, four = HIGH_IN_3_CRITICAL_IN_4
    seen = review(table(found("CVE-1", SECOND, vector=three), found("CVE-1", SECOND, vector=four)))
    [one] = seen.listed.items
    assert (one.severity, one.rated_by, one.route) == ("critical", "CVSS 4.0", "hotfix")
    note = measured(table(found("CVE-1", SECOND, vector=three), found("CVE-1", SECOND, vector=four)))
    score = note.fact("vulnerability_score", "CVE-1 in imaging")
    assert score is not None
    assert "CVSS 3.1 says high (8.8)" in score.note


def test_the_gravest_stand_first() -> None:
    seen = review(
        table(
            found("CVE-1", SECOND, vector=MEDIUM),
            found("CVE-2", SECOND, package="b", severity="critical"),
            found("CVE-3", SECOND, package="c", vector=HIGH),
            found("CVE-4", SECOND, package="d", vector=CRITICAL),
        )
    )
    assert [one.id for one in seen.listed.items] == ["CVE-4", "CVE-2", "CVE-3", "CVE-1"]
    assert [one.id for one in seen.routed("hotfix")] == ["CVE-4", "CVE-2"]


def test_without_a_source_every_part_says_that_there_is_none() -> None:
    seen = security_review(None)
    assert seen.listed.reason == "not available: no source of vulnerabilities is configured"
    assert isinstance(seen.scanned, Unavailable)


def test_a_clean_scan_lists_none_and_counts_a_measured_zero() -> None:
    clean = CleanPackage(package="imaging", scanned_at=datetime(2025, 11, 18, tzinfo=UTC))
    seen = review(table(clean=(clean,)))
    assert seen.listed.reason == "None: the newest scans list no vulnerability"
    assert isinstance(seen.total, Measured)
    assert seen.total.value == 0
