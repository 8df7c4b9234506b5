"""Triage: incidents, noise, and what somebody must look at."""

from __future__ import annotations

from typing import Any

import pytest

from postlaunch.settings import Settings
from postlaunch.sources.alerts import AlertRecord
from postlaunch.sources.changes import Change
from postlaunch.tools import definitions_requests as requests
from postlaunch.tools.incident_triage import Triaged, triage
from postlaunch.tools.measurement import MeasurementResult


def spells(helpers: Any, *found: tuple[float, float, float]) -> MeasurementResult:
    """Failing spells: start, minutes, share of requests."""
    facts = [helpers.fact(requests.INCIDENTS, len(found), entity="application")]
    for place, (start, minutes, rate) in enumerate(found, 1):
        entity = f"incident {place}"
        facts += [
            helpers.fact(requests.INCIDENT_START, helpers.at(start).timestamp(), entity=entity),
            helpers.fact(requests.INCIDENT_MINUTES, minutes, entity=entity),
            helpers.fact(requests.INCIDENT_ERROR_RATE, rate, entity=entity),
            helpers.fact(requests.INCIDENT_FAILED_REQUESTS, 100, entity=entity),
        ]
    return MeasurementResult(measurement=facts[0].measurement, status="ok", facts=tuple(facts))


def triaged(
    world: Any,
    helpers: Any,
    *records: tuple[Any, ...],
    seen: Any = (),
    planned: tuple[float, float] | None = None,
) -> tuple[Triaged, ...]:
    """What records and spells are, on a day around the incident."""
    made = [
        AlertRecord(
            at=helpers.at(minute), kind=kind, alert=alert, rule=rule, severity=severity, text=f"{rule}!"
        )
        for minute, kind, alert, rule, severity in records
    ]
    day = helpers.span(-600, 600)
    measurements = {
        "incidents_seen": spells(helpers, *seen),
        "incident_alerts": world.measure("incident_alerts", world.alerts(*made), window=day),
    }
    if planned is not None:
        change = Change(
            id="C",
            at=helpers.at(planned[0]),
            ended_at=helpers.at(planned[1]),
            kind="maintenance",
            planned=True,
        )
        measurements["incident_changes"] = world.measure(
            "incident_changes", world.changes(change), window=day
        )
    return triage(Settings(), measurements)


CRITICAL = ("HighErrorRate", "critical")
WARNING = ("HighMemory", "warning")


def test_alerts_and_reports_near_a_spell_are_that_incident(world: Any, helpers: Any) -> None:
    found = triaged(
        world,
        helpers,
        (2, "fired", "A-1", *CRITICAL),
        (3, "user_report", "", "", ""),
        (5, "fired", "A-2", *WARNING),
        (9, "resolved", "A-1", *CRITICAL),
        seen=[(0, 8, 0.2)],
    )
    assert [(one.verdict, one.trigger, one.severity, one.alerts) for one in found] == [
        ("incident", "alert", "SEV-2", ("A-1", "A-2"))
    ]
    assert (found[0].start, found[0].end) == (helpers.at(0), helpers.at(8))
    assert "told of by HighErrorRate, a user's report, HighMemory" in found[0].because.text
    assert found[0].text == "HighErrorRate!"


def test_a_spell_that_nobody_told_of_is_an_incident(world: Any, helpers: Any) -> None:
    found = triaged(world, helpers, seen=[(0, 8, 0.3)])
    assert [(one.verdict, one.trigger, one.severity) for one in found] == [("incident", "finding", "SEV-1")]
    assert "no alert told of it" in found[0].because.text


def test_spells_apart_are_incidents_apart(world: Any, helpers: Any) -> None:
    found = triaged(
        world,
        helpers,
        (2, "fired", "A-1", *CRITICAL),
        (9, "resolved", "A-1", *CRITICAL),
        (302, "fired", "A-1", *CRITICAL),
        seen=[(0, 8, 0.2), (300, 8, 0.002)],
    )
    assert [(one.start, one.severity, one.alerts) for one in found] == [
        (helpers.at(0), "SEV-2", ("A-1",)),
        (helpers.at(300), "SEV-3", ("A-1",)),
    ]


@pytest.mark.parametrize(
    ("records", "verdict", "severity"),
    [
        ([(2, "fired", "A", *WARNING), (9, "resolved", "A", *WARNING)], "noise", ""),
        ([(2, "fired", "A", *WARNING)], "noise", ""),
        ([(2, "fired", "A", *CRITICAL), (9, "resolved", "A", *CRITICAL)], "look", ""),
        ([(2, "fired", "A", *CRITICAL)], "incident", "SEV-4"),
        ([(2, "user_report", "", "", "")], "look", ""),
        ([(minute, "user_report", "", "", "") for minute in (2, 20, 40)], "incident", "SEV-4"),
        ([(minute, "user_report", "", "", "") for minute in (2, 20)], "look", ""),
    ],
)
def test_what_the_requests_do_not_show(
    world: Any, helpers: Any, records: Any, verdict: str, severity: str
) -> None:
    found = triaged(world, helpers, *records)
    assert [(one.verdict, one.severity) for one in found] == [(verdict, severity)]


def test_reports_hours_apart_are_looked_at_one_by_one(world: Any, helpers: Any) -> None:
    found = triaged(world, helpers, *((minute, "user_report", "", "", "") for minute in (-300, 0, 300)))
    assert [one.verdict for one in found] == ["look"] * 3


@pytest.mark.parametrize("kind", ["fired", "user_report"])
def test_what_falls_into_planned_work_is_noise(world: Any, helpers: Any, kind: str) -> None:
    found = triaged(world, helpers, (2, kind, "A", *CRITICAL), planned=(0, 30))
    assert found[0].verdict == "noise"
    assert "planned work" in found[0].because.text
    assert triaged(world, helpers, (40, kind, "A", *CRITICAL), planned=(0, 30))[0].verdict != "noise"


def test_an_alert_that_fires_again_before_it_resolved_is_one(world: Any, helpers: Any) -> None:
    found = triaged(world, helpers, (2, "fired", "A", *WARNING), (4, "fired", "A", *WARNING))
    assert len(found) == 1


def test_without_requests_an_alert_is_looked_at_not_dismissed(world: Any, helpers: Any) -> None:
    table = world.alerts(
        AlertRecord(at=helpers.at(2), kind="fired", alert="A", rule="HighMemory", severity="warning")
    )
    alerts = world.measure("incident_alerts", table, window=helpers.span(-600, 600))
    found = triage(Settings(), {"incident_alerts": alerts})
    assert found[0].verdict == "look"
    assert "no requests could be looked at" in found[0].because.text


@pytest.mark.parametrize(("fired", "verdict"), [(10, "noise"), (30, "look")])
def test_an_alert_after_the_end_of_the_log_is_looked_at_not_dismissed(
    world: Any, helpers: Any, fired: float, verdict: str
) -> None:
    day = helpers.span(-600, 600)
    table = world.alerts(
        AlertRecord(at=helpers.at(fired), kind="fired", alert="A", rule="HighMemory", severity="warning")
    )
    seen = spells(helpers)
    seen = seen.model_copy(
        update={
            "facts": tuple(fact.model_copy(update={"window": day.cut(helpers.at(20))}) for fact in seen.facts)
        }
    )
    alerts = world.measure("incident_alerts", table, window=day)
    assert triage(Settings(), {"incidents_seen": seen, "incident_alerts": alerts})[0].verdict == verdict


def test_nothing_recorded_and_nothing_failing_is_nothing(world: Any, helpers: Any) -> None:
    assert triaged(world, helpers) == ()
    assert triage(Settings(), {}) == ()
