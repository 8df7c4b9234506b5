"""Incidents and downtime of the weekly health report."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from postlaunch.printing import quantity_text
from postlaunch.tools import definitions_requests as definitions
from postlaunch.tools.measurement import Readings
from postlaunch.windows import parse_week

WEEK = parse_week("2025-W47", "UTC")


def test_an_incident_is_titled_timed_and_graded_by_its_figures(desk: Any) -> None:
    report = desk.healthy(incidents_seen=desk.spell(WEEK.start + timedelta(days=1)))
    (incident,) = report.incidents.items
    assert (incident.title, incident.severity, incident.status) == (
        "Brief elevated error rate",
        "SEV-2",
        "Resolved",
    )
    assert incident.root_cause[0].text == "not written: needs a model"
    assert report.headline.grade == "GOOD"
    assert report.headline.do.text.startswith("Find the cause and write the post-mortem for Incident #1 (374")


def test_a_spell_that_reaches_the_end_of_the_data_is_open_and_comes_first(desk: Any) -> None:
    report = desk.healthy(incidents_seen=desk.spell(WEEK.end - timedelta(minutes=8)))
    assert report.incidents.items[0].status == "Open"
    assert report.headline.grade == "NEEDS ATTENTION"
    assert report.headline.do.text.startswith("Restore service for Incident #1")


@pytest.mark.parametrize(("after", "status"), [(20, "Resolved"), (60, "Open")])
def test_a_spell_that_goes_on_past_the_week_is_open_only_if_it_reaches_the_logs_end(
    desk: Any, after: int, status: str
) -> None:
    log_end = WEEK.end + timedelta(minutes=60)

    def seen(asked: Any) -> Any:
        minutes = 8 + (after if asked.window.end == log_end else 0)
        spell = desk.spell(WEEK.end - timedelta(minutes=8), minutes)
        return tuple(replace(reading, window=asked.window) for reading in spell)

    ends = desk.read(definitions.LOG_END, log_end.timestamp())
    report = desk.healthy(incidents_seen=seen, log_quality=(ends,))
    assert report.incidents.items[0].status == status
    assert (report.headline.do.text.startswith("Restore service")) is (status == "Open")
    assert quantity_text(report.incidents.items[0].duration) == "8 min"
    told = f"it went on past the end of the week, for {8 + after} min in all"
    assert report.incidents.items[0].where[-1].text == told


def test_incidents_are_numbered_by_their_start(desk: Any) -> None:
    late, early = WEEK.start + timedelta(days=3), WEEK.start + timedelta(days=1)
    report = desk.healthy(
        incidents_seen=(*desk.spell(late), *desk.spell(early, minutes=20, rate=0.6, entity="incident 2"))
    )
    assert [item.title for item in report.incidents.items] == ["Outage", "Brief elevated error rate"]
    assert [item.number for item in report.incidents.items] == [1, 2]


def test_the_first_lines_tell_how_bad_the_incidents_were_and_whether_they_are_over(desk: Any) -> None:
    over, going = WEEK.start + timedelta(days=1), WEEK.end - timedelta(minutes=8)
    one = desk.healthy(incidents_seen=desk.spell(over)).headline.changed[-1].text
    assert one == "1 incident in the week (SEV-2, resolved)"
    open_one = desk.healthy(incidents_seen=desk.spell(going)).headline.changed[-1].text
    assert open_one == "1 incident in the week (SEV-2, still open)"
    two = (*desk.spell(over, rate=0.6), *desk.spell(going, entity="incident 2"))
    both = desk.healthy(incidents_seen=two).headline.changed[-1].text
    assert both == "2 incidents in the week (the worst SEV-1; 1 still open)"


def test_an_incident_says_which_endpoints_failed_in_its_own_span(desk: Any) -> None:
    seen = Readings(
        readings=desk.spell(WEEK.start + timedelta(days=1)),
        texts=({"entity": "incident 1", "endpoints": {}, "statuses": {"500": 374}, "pods": {}},),
    )
    (incident,) = desk.healthy(incidents_seen=seen).incidents.items
    assert [line.text for line in incident.where] == [
        "20 of them on PUT /users/:id, 1% of its requests",
        "statuses: 500",
    ]


def test_downtime_lists_the_outages_or_says_that_there_was_none(desk: Any) -> None:
    assert desk.healthy().downtime.reason == "None: no minute was down"
    start = desk.read(definitions.OUTAGE_START, WEEK.start.timestamp(), entity="outage 1")
    (outage,) = desk.healthy(downtime=(start,)).downtime.items
    assert outage.planned == "not known: no maintenance calendar is configured"


def test_no_downtime_beside_an_outage_says_that_few_requests_are_not_judged(desk: Any) -> None:
    outage = desk.healthy(incidents_seen=desk.spell(WEEK.start + timedelta(days=1), minutes=120, rate=1.0))
    assert outage.downtime.reason == "None: no minute of those with at least 10 requests was down"
