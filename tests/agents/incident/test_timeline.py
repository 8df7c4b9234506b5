"""The timeline of an incident: steps from evidence, in order, with who took them."""

from __future__ import annotations

from typing import Any

import pytest

from postlaunch.facts import Unavailable
from postlaunch.printing import quantity_text
from postlaunch.reports.incident import IncidentReport
from postlaunch.reports.markdown import render_markdown


def shown(quantity: Any) -> str:
    return quantity_text(quantity, zone="America/Los_Angeles")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("to the on-call engineer", "Paged to the on-call engineer"),
        ("by telephone", "The on-call engineer is paged: by telephone"),
        ("", "The on-call engineer is paged"),
    ],
)
def test_who_is_paged_is_named_once(story: Any, words: str, told: str) -> None:
    report = story.fails(0, 8, 0.3).told(2, "fired", rule="X").told(3, "paged", words).report()
    assert told in [entry.event.text for entry in report.timeline.items]


def test_a_step_that_somebody_recorded_is_the_milestone_before_what_a_change_lets_infer(story: Any) -> None:
    story.fails(0, 8, 0.3).changed(6, "restart", "Pods restarted").told(2, "fired", rule="X")
    assert story.report().milestones[7].at == report_step(story.report(), "Restart: Pods restarted")
    report = story.told(7, "note", "All pods are up", milestone="restarted").report()
    assert report.milestones[7].at == report_step(report, "Restarted: All pods are up")


def report_step(report: IncidentReport, told: str) -> Any:
    return next(entry.at for entry in report.timeline.items if entry.event.text == told)


def test_the_timeline_stands_in_order_and_every_entry_has_its_source_and_fact(exhausted: Any) -> None:
    report = exhausted.report()
    moments = [entry.at.value for entry in report.timeline.items]
    assert moments == sorted(moments)
    assert {entry.source for entry in report.timeline.items} == {"requests", "alerts", "changes", "logs"}
    assert all(entry.event.facts[0] in report.evidence.facts for entry in report.timeline.items)


def test_milestones_are_there_or_not_recorded(exhausted: Any) -> None:
    report = exhausted.report()
    steps = {step.name: step for step in report.milestones}
    assert list(steps) == [
        "alert", "paged", "acknowledged", "investigation", "root_cause", "decision", "fix_applied",
        "restarted", "recovered", "closed",
    ]  # fmt: skip
    assert shown(steps["fix_applied"].at) == "2025-11-18 14:21 PST"
    assert (steps["fix_applied"].source, steps["recovered"].source) == ("changes", "requests")
    missing = [name for name, step in steps.items() if isinstance(step.at, Unavailable)]
    assert missing == ["investigation", "decision", "closed"]
    assert "Fix decided not recorded" in render_markdown(report)


def test_people_are_named_by_their_roles(exhausted: Any) -> None:
    page = render_markdown(exhausted.report())
    assert "Jane" not in page
    assert "Doe" not in page
    assert "example.com" not in page
    assert "Acknowledged by the on-call engineer" in page
    assert "sees a pool of 10" in page


def test_an_alert_long_before_is_told_and_is_not_the_detection(exhausted: Any) -> None:
    exhausted.told(-20, "fired", rule="LowDiskSpace", severity="warning", alert="A-0")
    exhausted.told(8.5, "resolved", alert="A-0")
    report = exhausted.report()
    assert shown(report.detected) == "2025-11-18 14:17 PST"
    assert shown(report.resolved) == "2025-11-18 14:24 PST"
    assert any("LowDiskSpace fired" in entry.event.text for entry in report.timeline.items)


def test_an_alert_just_before_the_failures_is_the_detection(exhausted: Any) -> None:
    exhausted.told(-3, "fired", rule="PoolUse", alert="A-0")
    report = exhausted.report()
    assert shown(report.detected) == "2025-11-18 14:12 PST"
    detect = next(clock for clock in report.clocks if clock.name == "detect")
    assert (detect.verdict, detect.because.text) == ("kept", "Detected before requests failed")


def test_slower_responses_without_failures_are_told(story: Any) -> None:
    story.latency = lambda place: 900 if 0 <= place < 30 else 120
    report = story.report()
    assert report.status == "Not confirmed"
    assert "responses were slower, though: 95 % within 900 ms, 120 ms before" in report.summary[0].text
