"""Facts by their content, documents by their name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from postlaunch.errors import PostLaunchError
from postlaunch.facts import Definition, Fact, Measurement
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import Lease, ReportRecord
from postlaunch.testing.clock import StillClock
from postlaunch.windows import parse_week


def fact(value: float) -> Fact:
    return Fact(
        name="total_requests",
        value=value,
        unit="count",
        window=parse_week("2026-W09", "Europe/Berlin"),
        definition=Definition(name="total_requests", title="Requests", statement="all", unit="count"),
        measurement=Measurement(name="request_summary", source="requests", fingerprint="abc"),
        n=int(value),
    )


def test_a_fact_comes_back_with_its_id(ledger: Ledger, lease: Lease) -> None:
    kept = fact(9999)
    ledger.keep_facts(lease, [kept])
    assert ledger.facts([kept.id]) == {kept.id: kept}


def test_keeping_a_fact_again_changes_nothing(ledger: Ledger, lease: Lease) -> None:
    ledger.keep_facts(lease, [fact(1), fact(1), fact(2)])
    ledger.keep_facts(lease, [fact(2), fact(3)])
    ids = [fact(value).id for value in (3, 1, 2)]
    assert list(ledger.facts(ids)) == ids


def test_an_unknown_fact_is_left_out(ledger: Ledger, lease: Lease) -> None:
    ledger.keep_facts(lease, [fact(1)])
    assert list(ledger.facts(["F0", fact(1).id, fact(1).id])) == [fact(1).id]
    assert ledger.facts([]) == {}


def test_thousands_of_facts_fit(ledger: Ledger, lease: Lease) -> None:
    many = [fact(value) for value in range(2500)]
    ledger.keep_facts(lease, many)
    assert len(ledger.facts([item.id for item in many])) == 2500


def test_a_document_is_replaced_under_its_name(ledger: Ledger, lease: Lease) -> None:
    first = ledger.put_document(lease, "analyst/draft", {"items": ["a"]})
    second = ledger.put_document(lease, "analyst/draft", {"items": ["a", "b"]})
    ledger.put_document(lease, "analyst/findings", {})
    assert ledger.document(lease.run, "analyst/draft") == {"items": ["a", "b"]}
    assert first != second
    assert ledger.document_names(lease.run) == ("analyst/draft", "analyst/findings")
    assert ledger.document(lease.run, "nothing") is None


def test_the_same_content_is_the_same_document(ledger: Ledger, lease: Lease) -> None:
    first = ledger.put_document(lease, "draft", {"a": 1, "b": [1.5, None, "ü"]})
    assert ledger.put_document(lease, "draft", {"b": [1.5, None, "ü"], "a": 1}) == first


def test_a_document_that_is_no_json_is_refused_in_words(ledger: Ledger, lease: Lease) -> None:
    with pytest.raises(PostLaunchError, match="draft is no JSON"):
        ledger.put_document(lease, "draft", {"value": float("nan")})


def test_a_run_has_one_report_of_a_kind(ledger: Ledger, lease: Lease, clock: StillClock) -> None:
    first = ReportRecord(run=lease.run, kind="weekly_health", title="Week 9", body={"a": 1}, at=clock())
    ledger.publish(lease, first)
    newer = first.model_copy(update={"paths": ("reports/w9.md",), "at": clock.forward(hours=1)})
    ledger.publish(lease, newer)
    assert ledger.reports() == (newer,)


def test_reports_are_found_by_run_kind_and_time(ledger: Ledger, lease: Lease, clock: StillClock) -> None:
    records = []
    for kind in ("weekly_health", "sprint_plan"):
        record = ReportRecord(run=lease.run, kind=kind, title=kind, body={}, at=clock.forward(hours=1))
        ledger.publish(lease, record)
        records.append(record)
    health, plan = records
    assert ledger.reports() == (plan, health)
    assert ledger.reports(kind="sprint_plan") == (plan,)
    assert ledger.reports(run="R0") == ()
    assert ledger.reports(limit=1) == (plan,)
    assert ledger.latest_report("weekly_health") == health
    assert ledger.latest_report("weekly_health", before=health.at) is None
    assert ledger.latest_report("weekly_health", before=health.at + timedelta(seconds=1)) == health
