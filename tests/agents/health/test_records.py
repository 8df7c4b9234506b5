"""What is recorded of incidents and downtime: cause, resolution, status, and whether it was planned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from postlaunch.agents.health_records import recorded_incidents
from postlaunch.reports.health import HealthReport
from postlaunch.reports.html import render_html
from postlaunch.reports.markdown import render_markdown
from postlaunch.settings import Settings
from postlaunch.settings_sources import RequestSource, Sources, TableSource
from postlaunch.sources.alerts import AlertRecord, AlertTable
from postlaunch.sources.changes import Change, ChangeTable
from postlaunch.tools import definitions_requests as definitions
from postlaunch.tools.measurement import REGISTRY
from postlaunch.windows import parse_week

WEEK = parse_week("2025-W47", "UTC")
START = datetime(2025, 11, 18, 14, 15, tzinfo=UTC)
"""Of a spell of eight minutes."""

SETTINGS = Settings(
    sources=Sources(
        requests=RequestSource(paths=("access.log",)),
        changes=TableSource(path="changes.csv"),
        alerts=TableSource(path="alerts.csv"),
    )
)
FIX = Change(
    id="CHG-7",
    at=START + timedelta(minutes=5),
    kind="configuration",
    title="Database pool",
    before="10",
    after="20",
)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def noted(minute: float, milestone: str, text: str) -> AlertRecord:
    return AlertRecord.model_validate(
        {"at": at(minute), "kind": "note", "alert": "A", "by": "Ada", "milestone": milestone, "text": text}
    )


def reported(
    desk: Any,
    changes: Sequence[Change] = (),
    records: Sequence[AlertRecord] = (),
    incidents: list[Any] | None = None,
    settings: Settings = SETTINGS,
    **answers: Any,
) -> HealthReport:
    """A week with one spell, over these changes and records, as the measurements read them."""
    bench = desk.bench_of({"incidents_seen": desk.spell(START)} | answers, settings)
    for name in ("incident_changes", "incident_alerts"):
        bench.registry.entries[name] = REGISTRY.entries[name]
    bench.sources["changes"] = ChangeTable(fingerprint="c", changes=tuple(changes))  # type: ignore[index]
    bench.sources["alerts"] = AlertTable(fingerprint="a", records=tuple(records))  # type: ignore[index]
    return desk.composed(bench, desk.assigned(incidents=incidents or []))


def texts(sentences: Any) -> list[str]:
    return [said.text for said in sentences]


def test_a_change_during_or_after_the_spell_is_its_resolution_with_its_source(desk: Any) -> None:
    (incident,) = reported(desk, [FIX]).incidents.items
    assert texts(incident.resolution) == ["Database pool (10 → 20) at 2025-11-18 14:20 UTC (change CHG-7)"]
    assert incident.resolution[0].facts


@pytest.mark.parametrize(
    "change",
    [
        FIX.model_copy(update={"at": at(-1)}),
        FIX.model_copy(update={"at": at(8 + 61)}),
        FIX.model_copy(update={"planned": True}),
        FIX.model_copy(update={"kind": "maintenance"}),
    ],
    ids=["before it", "long after it", "planned before it", "maintenance"],
)
def test_other_changes_are_none(desk: Any, change: Change) -> None:
    (incident,) = reported(desk, [change]).incidents.items
    assert texts(incident.resolution) == [
        "not recorded: no change and no note of a fix during the spell or in the hour after it"
    ]


def test_what_people_noted_is_cause_and_resolution_where_nothing_else_is_recorded(desk: Any) -> None:
    records = (
        AlertRecord(at=at(1), kind="fired", alert="A", rule="HighErrorRate"),
        noted(3, "root_cause", "The pool of connections was exhausted."),
        noted(6, "restarted", "Pods restarted."),
    )
    (incident,) = reported(desk, records=records).incidents.items
    assert texts(incident.root_cause) == [
        "The pool of connections was exhausted (noted by Ada at 2025-11-18 14:18 UTC)"
    ]
    assert texts(incident.resolution) == ["Pods restarted (noted by Ada at 2025-11-18 14:21 UTC)"]


STORED = {
    "id": "INC-2025-001",
    "key": "incident/Shop/2025-11-18T14:15Z",
    "application": "Shop",
    "severity": "SEV-3",
    "status": "open",
    "started_at": at(1).isoformat(),
    "ended_at": at(8).isoformat(),
    "opened_at": at(60).isoformat(),
    "run": "r",
    "body": {"root_cause": [{"text": "The pool was too small"}], "resolution": "Pool raised to 20"},
}


def test_the_ledgers_incident_goes_before_notes_and_changes(desk: Any) -> None:
    report = reported(desk, [FIX], [noted(3, "root_cause", "A guess")], [STORED])
    (incident,) = report.incidents.items
    assert (incident.record, incident.severity, incident.status) == ("INC-2025-001", "SEV-3", "Open")
    assert texts(incident.root_cause) == ["The pool was too small (incident INC-2025-001)"]
    assert texts(incident.resolution) == ["Pool raised to 20 (incident INC-2025-001)"]
    assert "**Status**: Open (INC-2025-001)" in render_markdown(report)
    advice = next(one for one in report.recommendations if one.target == "Incident #1")
    assert advice.action.text == "Bring INC-2025-001 to its end"
    assert advice.rationale.text.startswith("its record is open, and 10% of requests failed until 2025-11-18")
    assert "INC-2025-001" in render_html(report)


def test_a_recorded_incident_of_another_time_is_not_this_one(desk: Any) -> None:
    other = {**STORED, "started_at": at(14).isoformat(), "ended_at": at(20).isoformat()}
    (incident,) = reported(desk, incidents=[other]).incidents.items
    assert incident.record == ""


def test_a_record_without_words_leaves_cause_and_resolution_to_the_others(desk: Any) -> None:
    (incident,) = reported(desk, [FIX], incidents=[{**STORED, "body": {}}]).incidents.items
    assert incident.record == "INC-2025-001"
    assert texts(incident.root_cause) == ["not written: needs a model"]
    assert "(change CHG-7)" in incident.resolution[0].text


def quantity(minute: float) -> dict[str, Any]:
    return {"kind": "measured", "fact": "F1", "value": at(minute).timestamp(), "unit": "moment"}


REPORT = {
    "kind": "incident",
    "incident_id": "INC-2025-001",
    "severity": {"level": "SEV-2", "because": []},
    "status": "Resolved",
    "began": quantity(0),
    "ended": quantity(8),
    "root_cause": {"title": "Connection pool exhausted", "confidence": "high", "chain": []},
    "immediate_fix": [{"text": "Pool raised from 10 to 20"}, {"text": "restart: not recorded"}],
}


def test_the_incidents_report_goes_before_its_record(desk: Any) -> None:
    (incident,) = reported(desk, incidents=[STORED, REPORT]).incidents.items
    assert (incident.record, incident.severity, incident.status) == ("INC-2025-001", "SEV-2", "Resolved")
    assert texts(incident.root_cause) == [
        "Connection pool exhausted, with high confidence (incident INC-2025-001)"
    ]
    assert texts(incident.resolution) == ["Pool raised from 10 to 20 (incident INC-2025-001)"]


def test_what_is_on_record_is_to_be_read_and_not_written_again(desk: Any) -> None:
    report = reported(desk, incidents=[STORED, REPORT])
    assert report.headline.do.text.startswith("Read INC-2025-001 for Incident #1 (")
    noted_only = reported(desk, records=[noted(3, "root_cause", "The pool was too small")])
    assert noted_only.headline.do.text.startswith("Write the post-mortem for Incident #1 (")
    open_question = {**REPORT, "root_cause": {"title": "inconclusive", "confidence": "inconclusive"}}
    unknown = reported(desk, incidents=[open_question])
    assert unknown.headline.do.text.startswith("Find the cause and complete INC-2025-001 for Incident #1 (")


def test_an_inconclusive_report_gives_no_cause(desk: Any) -> None:
    open_question = {**REPORT, "root_cause": {"title": "inconclusive", "confidence": "inconclusive"}}
    (incident,) = reported(desk, incidents=[open_question]).incidents.items
    assert texts(incident.root_cause) == ["not written: needs a model"]


@pytest.mark.parametrize("handed_in", [None, "INC-1", [3], [{"id": "INC-1"}], {}])
def test_what_is_no_record_counts_as_none(handed_in: Any) -> None:
    assert recorded_incidents(handed_in) == ()


# --- downtime ---------------------------------------------------------------------------------------------

MAINTENANCE = Change(
    id="CHG-3", at=at(0), ended_at=at(2), kind="maintenance", title="Node restart", planned=True
)


def outage(desk: Any) -> dict[str, Any]:
    """Two minutes down from the start of the spell."""
    read = desk.read
    return {
        "downtime": (
            read(definitions.OUTAGE_START, START.timestamp(), entity="outage 1"),
            read(definitions.OUTAGE_MINUTES, 2, entity="outage 1"),
            read(definitions.OUTAGE_ERROR_SHARE, 1.0, entity="outage 1"),
        ),
    }


def test_downtime_in_planned_maintenance_names_it(desk: Any) -> None:
    report = reported(desk, [MAINTENANCE], **outage(desk))
    (down,) = report.downtime.items
    assert (down.cause.text, down.planned) == ("Node restart (change CHG-3)", "yes")
    (planned,) = report.maintenance
    assert (planned.title, planned.change) == ("Node restart", "CHG-3")
    assert planned.duration.kind == "derived"
    text = render_markdown(report)
    assert "- Planned maintenance: 2025-11-18 14:15 UTC, 2 min: Node restart (change CHG-3)" in text


NO_SPELL: dict[str, Any] = {"incidents_seen": ()}


def test_downtime_with_another_change_is_not_planned(desk: Any) -> None:
    change = MAINTENANCE.model_copy(update={"kind": "deployment", "title": "Release 2.2"})
    (down,) = reported(desk, [change], **outage(desk), **NO_SPELL).downtime.items
    assert (down.cause.text, down.planned) == ("Release 2.2 (change CHG-3)", "no")


@pytest.mark.parametrize(
    "changes", [{"incident": "INC-1"}, {"at": at(1.5)}, {"at": at(-20), "ended_at": at(-15)}]
)
def test_a_change_that_answers_or_follows_the_downtime_did_not_cause_it(
    desk: Any, changes: dict[str, Any]
) -> None:
    change = MAINTENANCE.model_copy(update={"kind": "deployment", **changes})
    (down,) = reported(desk, [change], **outage(desk), **NO_SPELL).downtime.items
    assert down.cause.text == "not written: needs a model"


def test_downtime_in_a_spell_of_failures_is_the_spells(desk: Any) -> None:
    (down,) = reported(desk, [FIX], **outage(desk)).downtime.items
    assert (down.cause.text, down.planned) == ("Incident #1", "no")
    records = (noted(1, "root_cause", "The pool was exhausted."),)
    (down,) = reported(desk, [FIX], records, **outage(desk)).downtime.items
    assert down.cause.text.startswith("Incident #1: The pool was exhausted (noted by Ada at ")
    assert down.cause.facts


def test_downtime_without_any_record_needs_a_mind_and_was_not_planned(desk: Any) -> None:
    (down,) = reported(desk, **outage(desk), **NO_SPELL).downtime.items
    assert (down.cause.text, down.planned) == ("not written: needs a model", "no")


def unplanned(desk: Any, uptime: float) -> dict[str, Any]:
    return {**outage(desk), "uptime_unplanned": (desk.read(definitions.UPTIME_UNPLANNED, uptime),)}


def test_uptime_is_told_with_and_without_planned_maintenance_where_they_differ(desk: Any) -> None:
    report = reported(desk, [MAINTENANCE], **unplanned(desk, 0.9999))
    assert "- Uptime without planned maintenance: 99.99%" in render_markdown(report)
    assert "Uptime without planned maintenance" in render_html(report)
    same = reported(desk, [MAINTENANCE], **unplanned(desk, 0.9997))
    assert same.uptime_unplanned.kind == "unavailable"
    assert "- Uptime without planned maintenance" not in render_markdown(same)


def test_without_planned_maintenance_uptime_is_measured_once(desk: Any) -> None:
    report = reported(desk, [FIX], **unplanned(desk, 0.9999))
    assert report.maintenance == ()
    assert report.uptime_unplanned.kind == "unavailable"
