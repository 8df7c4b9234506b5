"""The whole cycle on the sample: the day of the incident, its report, the week, the month, the planning."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from postlaunch.events import Event
from postlaunch.ledger.records import ReportRecord, RunRecord
from postlaunch.reports.backlog import BacklogReport
from postlaunch.reports.daily import DailyReport
from postlaunch.reports.health import HealthReport
from postlaunch.reports.incident import IncidentReport
from postlaunch.reports.reading import report_from
from postlaunch.reports.review import MonthlyReview
from postlaunch.sample.generate import DEFAULT_END, DEFAULT_SEED, Sample
from postlaunch.sync import PostLaunch
from postlaunch.testing import StillClock

PERSON = "User"
MONDAY = DEFAULT_END + timedelta(hours=2)
"""Two at night in Los Angeles, after the sample's last week."""


@dataclass(frozen=True)
class Played:
    """What the cycle left."""

    app: PostLaunch
    sample: Sample
    runs: dict[str, RunRecord]

    def report(self, kind: str, workflow: str) -> Any:
        """A typed report of one of the runs."""
        return report_from(self.record(kind, workflow).body)

    def record(self, kind: str, workflow: str) -> ReportRecord:
        [record] = [one for one in self.app.reports(self.runs[workflow].id) if one.kind == kind]
        return record

    def events(self, workflow: str) -> tuple[Event, ...]:
        return self.app.events(self.runs[workflow].id)


@pytest.fixture(scope="module")
def played(cycle_by_rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The sample's cycle, played once through the front."""
    folder = shutil.copytree(cycle_by_rules, tmp_path_factory.mktemp("cycle") / "sample")
    sample = Sample.at(folder, DEFAULT_SEED, DEFAULT_END)
    with PostLaunch(sample.settings, clock=StillClock(MONDAY), environment={}) as app:
        yield Played(app, sample, {run.workflow: run for run in app.runs()})


def test_every_workflow_came_to_its_end_and_the_planning_waits(played: Played) -> None:
    assert {name: run.state for name, run in played.runs.items()} == {
        "daily_check": "done",
        "incident": "done",
        "weekly_report": "done",
        "monthly_review": "done",
        "sprint_planning": "waiting",
    }
    assert [run.problems for run in played.runs.values() if run.degraded] == []


def test_every_figure_of_every_report_is_measured_again(played: Played) -> None:
    for record in played.app.reports():
        [path] = [path for path in record.paths if path.endswith(".json")]
        found = played.app.verify(path)
        assert (found.moved, found.unmeasured) == ((), ()), record.title


# --- the day ----------------------------------------------------------------------------------------------


def test_the_daily_check_finds_the_incident_and_calls_the_incident_responder(played: Played) -> None:
    report = played.report("daily_check", "daily_check")
    assert isinstance(report, DailyReport)
    assert report.findings.items[0].kind == "error_spell"
    verdicts = [event for event in played.events("daily_check") if event.data.get("rule") == "triage"]
    assert {event.agent for event in verdicts} == {"incident-responder"}
    assert any(str(event.data["verdict"]).startswith("incident") for event in verdicts)


def test_the_incidents_run_says_why_it_was_started(played: Played) -> None:
    first = played.events("incident")[0]
    assert str(first.data["because"]).startswith("the triage calls it an incident, SEV-")


def test_the_signal_of_the_incident_is_settled_with_its_run(played: Played) -> None:
    [signal] = [one for one in played.app.signals(pending=False) if one.kind == "incident"]
    assert signal.run == played.runs["daily_check"].id
    assert signal.handled_by == played.runs["incident"].id
    assert signal.outcome == "incident: done"


# --- the incident -----------------------------------------------------------------------------------------


def test_the_incident_is_in_the_ledger_under_the_minute_in_which_it_began(played: Played) -> None:
    [record] = played.app.incidents()
    truth = played.sample.read_truth().incident
    assert (record.id, record.status) == ("INC-2025-001", "resolved")
    assert record.started_at == truth.start.replace(second=0, microsecond=0)
    assert record.run == played.runs["incident"].id


def test_the_incidents_report_carries_its_number_and_its_items_their_ids(played: Played) -> None:
    report = played.report("incident", "incident")
    assert isinstance(report, IncidentReport)
    assert report.incident_id == "INC-2025-001"
    assert played.record("incident", "incident").title == "incident-INC-2025-001"
    items = played.app.action_items("open")
    assert items
    assert {line.id for line in report.actions} == {item.id for item in items}
    assert {line.state for line in report.actions} == {"open"}


def test_an_alert_about_a_known_incident_starts_no_second_one(played: Played) -> None:
    told = {
        "kind": "alert",
        "at": "2025-11-18T14:17:00-08:00",
        "body": {"rule": "HighErrorRate", "severity": "critical"},
    }
    signal = played.app.ingest(told)
    assert signal.outcome == "it is INC-2025-001, which is resolved"
    assert len(played.app.incidents()) == 1
    assert sum(run.workflow == "incident" for run in played.app.runs()) == 1


def test_looking_into_it_again_from_another_minute_is_the_same_incident(played: Played) -> None:
    from postlaunch.graphs.starting import IncidentAsked

    asked = IncidentAsked(
        start=datetime.fromisoformat("2025-11-18T14:30:00-08:00"), text="users could not log in"
    )
    run = played.app.advance(played.app.start("incident", incident=asked).id)
    assert run.state == "done"
    [record] = played.app.incidents()
    assert record.run == run.id
    [published] = played.app.reports(run.id)
    assert published.title == "incident-INC-2025-001"
    assert len(played.app.action_items()) == len(report_from(published.body).actions)  # type: ignore[union-attr]


# --- the week, the month, the planning --------------------------------------------------------------------


def test_the_week_tells_the_incident_with_its_record(played: Played) -> None:
    report = played.report("weekly_health", "weekly_report")
    assert isinstance(report, HealthReport)
    assert [incident.record for incident in report.incidents.items] == ["INC-2025-001"]


def test_the_week_publishes_three_reports_side_by_side(played: Played) -> None:
    kinds = {record.kind for record in played.app.reports(played.runs["weekly_report"].id)}
    assert kinds == {"weekly_health", "performance", "analytics"}
    asked = {event.agent for event in played.events("weekly_report") if event.kind == "question"}
    assert asked == {"monitoring-specialist", "performance-monitor", "analytics-specialist"}


def test_the_month_is_one_page_that_links_three_reports(played: Played) -> None:
    review = played.report("monthly_review", "monthly_review")
    assert isinstance(review, MonthlyReview)
    folder = Path(played.record("monthly_review", "monthly_review").paths[0]).parent
    for part in review.reports:
        assert part.reason == ""
        assert (folder / f"{part.file}.md").is_file()
    health = played.report("weekly_health", "monthly_review")
    assert review.grade == health.headline.grade
    assert review.metrics.items == health.metrics
    assert review.competition.competitors.items
    assert review.decide.items


def test_the_product_analyst_was_handed_what_the_others_found(played: Played) -> None:
    handed = played.app._inner.ledger.document(played.runs["sprint_planning"].id, "product-analyst/handed")
    assert handed is not None
    colleagues: Any = handed["colleagues"]
    assert {kind: body["kind"] for kind, body in colleagues.items() if kind != "incident"} == {
        "weekly_health": "weekly_health",
        "performance": "performance",
        "analytics": "analytics",
    }
    assert colleagues["weekly_health"]["window"]["label"] == "2025-W47"
    assert [body["incident_id"] for body in colleagues["incident"]] == ["INC-2025-001"]
    items: Any = handed["action_items"]
    assert items
    assert {item["incident"] for item in items} == {"INC-2025-001"}
    report = played.report("backlog", "sprint_planning")
    assert isinstance(report, BacklogReport)


def test_the_planning_took_up_the_reports_of_the_week(played: Played) -> None:
    taken = {event.agent for event in played.events("sprint_planning") if "taken_up" in event.data}
    assert taken == {"monitoring-specialist", "performance-monitor", "analytics-specialist"}


# --- the night after --------------------------------------------------------------------------------------


def test_the_night_after_makes_what_is_missing_and_nothing_again(played: Played) -> None:
    night = played.app.nightly()
    made = [(part.workflow, part.period) for part in night.made]
    assert made == [("daily_check", f"2025-11-{day}") for day in (19, 20, 21, 22, 23)]
    assert night.failed == ()
    assert [waiting.run for waiting in night.waiting] == [played.runs["sprint_planning"].id]
    assert night.exit_code == 4
    again = played.app.nightly()
    assert again.made == ()


def test_an_overdue_action_item_needs_a_person_until_it_is_closed(played: Played) -> None:
    item = min(played.app.action_items("open"), key=lambda one: one.due)
    late = datetime.combine(item.due, datetime.min.time(), UTC) + timedelta(days=2, hours=10)
    assert any(item.id in line for line in played.app.nightly(as_of=late).needs_a_person)
    played.app.close_action_item(item.id, by="ana", note="done")
    assert not any(item.id in line for line in played.app.nightly(as_of=late).needs_a_person)
