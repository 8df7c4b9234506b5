"""The incident report by rules: head, timeline, impact, resolution, post-mortem, and what it must not say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from postlaunch.errors import UsageError
from postlaunch.facts import Unavailable, measured_in
from postlaunch.printing import quantity_text
from postlaunch.reports.html import render_html
from postlaunch.reports.incident import IncidentReport
from postlaunch.reports.markdown import render_markdown
from postlaunch.settings_incidents import Incidents
from postlaunch.windows import Window

ZONE = "America/Los_Angeles"


def shown(quantity: Any) -> str:
    return quantity_text(quantity, zone=ZONE)


def text(sentences: Any) -> str:
    return " | ".join(sentence.text for sentence in sentences)


# --- head -------------------------------------------------------------------------------------------------


def test_duration_is_from_detection_to_resolution_and_impact_apart(exhausted: Any) -> None:
    report = exhausted.report()
    assert shown(report.detected) == "2025-11-18 14:17 PST"
    assert shown(report.resolved) == "2025-11-18 14:24 PST"
    assert shown(report.duration) == "7 min"
    assert (shown(report.began), shown(report.ended)) == ("2025-11-18 14:15 PST", "2025-11-18 14:23 PST")
    assert shown(report.impact_duration) == "8 min"
    assert report.status == "Resolved"
    assert report.lifecycle[0] == "Detected"
    assert report.lifecycle[-1] == "Resolved"


def test_the_first_line_says_what_it_is_and_what_is_due_first(exhausted: Any) -> None:
    report = exhausted.report()
    assert report.headline.state.text == (
        "The incident (SEV-2, resolved): Database connection pool exhausted, requests failed for 8 min; "
        f"{len(report.actions)} action items to do"
    )
    assert "20.83% of the requests" in report.summary[0].text
    assert "it ended after “Connection pool (10 → 20)” at 2025-11-18 14:21 PST" in text(report.summary)
    assert report.headline.do.text == (
        "Add an alert for the connection pool above 80% (monitoring-specialist, due 2025-11-20)"
    )


def test_what_nobody_did_by_its_day_is_overdue_by_the_moment_looked_back_to(exhausted: Any) -> None:
    kept = exhausted.report(as_of="2025-11-21T07:59:00+00:00")
    assert not kept.overdue, "it is the 20th on the application's clock"
    late = exhausted.report(as_of="2025-11-21T08:01:00+00:00")
    assert [line.key for line in late.overdue] == ["alert/pool"]
    assert late.headline.do.text.endswith("(monitoring-specialist, overdue since 2025-11-20)")
    assert late.headline.state.text.endswith("action items to do, 1 overdue")
    assert "(Due: 2025-11-20; proposed, **overdue**;" in render_markdown(late)
    assert 'class="hero tone-good"' in render_html(kept)
    assert 'class="hero tone-warn"' in render_html(late)


def test_the_ledgers_number_names_report_and_file(exhausted: Any, moment: Any) -> None:
    record = {
        "id": "INC-2025-007",
        "key": "incident/Shop/2025-11-18T22:15Z",
        "application": "Shop",
        "started_at": moment(0).isoformat(),
        "ended_at": moment(8).isoformat(),
        "opened_at": moment(10).isoformat(),
        "run": "R1",
    }
    report = exhausted.report(record=record)
    assert (report.incident_id, report.stem) == ("INC-2025-007", "incident-INC-2025-007")
    assert report.headline.state.text.startswith("INC-2025-007 (SEV-2, resolved)")
    assert exhausted.report(record={"id": "no record"}).incident_id == ""


def test_an_incident_that_goes_on_says_so_and_what_to_do(story: Any) -> None:
    story.last = 12
    story.fails(0, 12, 0.3).told(2, "fired", rule="HighErrorRate", severity="critical")
    report = story.changed(-3, "deployment", "Release", version="2.2").report()
    assert report.status == "Detected"
    assert report.lifecycle == ("Detected",)
    assert isinstance(report.resolved, Unavailable)
    assert isinstance(report.ended, Unavailable)
    assert report.headline.do.text.startswith("undo “Deployment: Release 2.2” and restore service")
    assert report.hotfix.needed
    assert report.communication.email.text
    assert "We are working on it" in report.communication.status_page.text
    assert "is over" in report.communication.meeting.text


@pytest.mark.parametrize(
    ("records", "status"),
    [
        ((), "Detected"),
        (((3, "acknowledged", ""),), "Investigating"),
        (((3, "acknowledged", ""), (4, "note", "investigation")), "Investigating"),
        (((4, "note", "root_cause"),), "Identified"),
        (((5, "note", "decision"),), "Identified"),
    ],
)
def test_the_status_follows_what_is_recorded_while_requests_fail(
    story: Any, records: Any, status: str
) -> None:
    story.last = 12
    story.fails(0, 12, 0.3).told(2, "fired", rule="HighErrorRate")
    for minute, kind, milestone in records:
        story.told(minute, kind, milestone=milestone)
    assert story.report().status == status


def test_a_moment_after_the_failures_it_is_watched(story: Any) -> None:
    story.last = 12
    assert story.fails(0, 8, 0.3).report().status == "Monitoring"


def test_an_alert_that_resolved_ends_the_watch(story: Any) -> None:
    story.last = 12
    story.fails(0, 8, 0.3).told(2, "fired", rule="X").told(9, "resolved", rule="X")
    assert story.report().status == "Resolved"


# --- not confirmed, sources missing -----------------------------------------------------------------------


def test_a_report_of_nothing_in_the_data_is_not_confirmed_and_says_what_was_looked_at(story: Any) -> None:
    story.sampled(pool_in_use=lambda pod, place: 4).logged((1, 2), "mail bounced").told(
        1, "user_report", "slow"
    )
    stated = {"start": "2025-11-18T22:17:00Z", "trigger": "user_report", "text": "it is slow"}
    report = story.report(incident=stated)
    assert report.status == "Not confirmed"
    assert report.summary[0].text.startswith("Not confirmed: 0% of")
    assert "errors logged: 2" in text(report.symptom)
    assert "database connections, peak share: 40%" in text(report.symptom)
    assert report.severity.level == ""
    assert report.considered == ()
    assert [line.key for line in report.actions] == ["confirm"]
    assert not report.communication.email.text
    assert "not confirmed" in render_markdown(report).casefold()


def test_a_few_failures_within_the_usual_are_not_confirmed(story: Any) -> None:
    report = story.fails(-120, 60, 0.03).report()
    assert report.status == "Not confirmed"
    assert "not beyond the usual" in report.summary[0].text


def test_without_a_request_log_the_alerts_tell_as_far_as_they_can(story: Any) -> None:
    story.requests = False
    story.told(0, "fired", rule="HighErrorRate", severity="critical").told(4, "acknowledged")
    story.told(20, "resolved").logged(range(15), "no space left on device")
    report = story.report()
    assert report.status == "Resolved"
    assert (shown(report.detected), shown(report.duration)) == ("2025-11-18 14:15 PST", "20 min")
    assert report.severity.level == "SEV-3"
    assert "no source of requests is configured" in shown(report.failed)
    assert report.root_cause.name == "disk"
    assert "request log" in text(report.notes)
    assert render_markdown(report)


def test_with_no_source_at_all_nothing_is_confirmed_and_nothing_breaks(story: Any) -> None:
    story.requests = False
    report = story.report()
    assert report.status == "Not confirmed"
    assert "no source of requests is configured" in report.summary[0].text
    assert render_markdown(report)


def test_a_source_that_failed_is_a_problem_of_the_report(exhausted: Any) -> None:
    settings = exhausted._written()
    (settings.folder / "launch.yaml").write_text("[1, 2]", encoding="utf-8")
    exhausted._written = lambda: settings
    report = exhausted.report()
    assert any(problem.startswith("launch:") for problem in report.problems)
    assert "no launch record" in text(report.why_missed)


def test_a_question_without_an_incident_looks_at_the_worst_of_its_window(exhausted: Any, moment: Any) -> None:
    day = Window(start=moment(-120), end=moment(70), zone=ZONE)
    report = exhausted.report(window=day, incident=None)
    assert report.trigger == "a question about the span"
    assert report.root_cause.name == "pool"
    quiet = Window(start=moment(-100), end=moment(-40), zone=ZONE)
    assert exhausted.report(window=quiet, incident=None).status == "Not confirmed"


def test_what_happened_after_the_moment_looked_back_to_is_not_known(exhausted: Any, moment: Any) -> None:
    window = Window(start=moment(-130), end=moment(5), zone=ZONE)
    report = exhausted.report(window=window, as_of=moment(5).isoformat())
    assert report.status in ("Investigating", "Identified")
    assert isinstance(report.ended, Unavailable)


def test_an_assignment_that_cannot_be_read_is_refused(exhausted: Any) -> None:
    with pytest.raises(UsageError, match="the incident of the assignment: start"):
        exhausted.report(incident={"start": "yesterday", "trigger": "alert"})


# --- why missed, resolution, post-mortem ------------------------------------------------------------------


def test_why_missed_is_the_dimension_that_the_load_test_did_not_reach(exhausted: Any) -> None:
    missed = text(exhausted.report().why_missed)
    assert (
        "Database connections: up to 14 in pod web-1, more than the load test of phase 4 had reached"
        in missed
    )
    assert "Users at once: up to " in missed
    assert "within what the load test" in missed
    assert "no alert rule of the launch record watches the connection pool" in missed


def test_why_missed_cannot_be_told_without_a_launch_record(exhausted: Any) -> None:
    exhausted.launch = None
    assert text(exhausted.report().why_missed) == (
        "Load test: cannot be told: no launch record is configured ([sources.launch])"
    )


def test_the_fix_is_what_changes_record_and_long_term_fixes_have_a_release(exhausted: Any) -> None:
    report = exhausted.report()
    assert text(report.immediate_fix) == (
        "Connection pool (10 → 20) (2025-11-18 14:21 PST) | Pods restarted (2025-11-18 14:22 PST)"
    )
    assert report.release == "v2.2"
    assert "Size the connection pool by the measured peak" in text(fix.action for fix in report.long_term)
    exhausted.settings = {"incidents": Incidents(next_release="v3.0")}
    assert exhausted.report().release == "v3.0"


def test_without_a_record_of_a_fix_none_is_invented(story: Any) -> None:
    assert "not recorded" in text(story.fails(0, 8, 0.3).report().immediate_fix)
    story.changes = []
    assert "it ended by itself" in text(story.report().immediate_fix)


def test_the_post_mortem_is_of_clocks_and_findings(exhausted: Any) -> None:
    post_mortem = exhausted.report().post_mortem
    assert "Detected after 2 min, 5 min allowed" in text(post_mortem.well)
    assert "Root cause identified after 3 min (15 min allowed)" in text(post_mortem.well)
    improve = text(post_mortem.improve)
    assert "No alert watches the connection pool" in improve
    assert "The load test did not reach the database connections that came" in improve
    assert "Not recorded: investigation started, fix decided, closed" in improve
    assert text(post_mortem.lessons) == "not written: needs a model"


def test_action_items_have_owners_of_the_roster_and_dates_from_detection(exhausted: Any, moment: Any) -> None:
    report = exhausted.report()
    items = {line.key: (line.owner, (line.due - moment(2).date()).days) for line in report.actions}
    assert items == {
        "alert/pool": ("monitoring-specialist", 2),
        "keep/pool": ("devops-cicd-expert", 4),
        "load-test": ("performance-optimizer", 7),
        "sizing/pool": ("database-architect", 11),
    }
    assert [line.due for line in report.actions] == sorted(line.due for line in report.actions)


def test_an_alert_that_watches_the_resource_is_not_asked_for_again(exhausted: Any, launch: Any) -> None:
    rule = {"name": "PoolUse", "condition": "database connections > 80 %", "threshold": 0.8}
    exhausted.launch = {**launch, "alert_rules": [*launch["alert_rules"], rule]}
    report = exhausted.report()
    assert "alert/pool" not in {line.key for line in report.actions}
    assert "watches" not in text(report.why_missed)


def test_items_of_the_ledger_keep_their_date_and_state(exhausted: Any, moment: Any) -> None:
    record = {
        "id": "INC-2025-001",
        "key": "k",
        "application": "Shop",
        "started_at": moment(0).isoformat(),
        "ended_at": moment(8).isoformat(),
        "opened_at": moment(9).isoformat(),
        "run": "R1",
    }

    def item(key: str, **fields: Any) -> dict[str, Any]:
        stated = {
            "key": key,
            "id": f"INC-2025-001-{key}",
            "owner": "team",
            "action": "As told",
            "due": "2025-12-01",
        }
        return {**stated, "application": "Shop", "incident": "INC-2025-001", **fields}

    items = [
        item("alert/pool", status="closed"),
        item("old"),
        item("load-test", incident="INC-2025-002"),
        {"x": 1},
    ]
    report = exhausted.report(record=record, action_items=items)
    lines = {line.key: line for line in report.actions}
    assert (lines["alert/pool"].state, lines["alert/pool"].action.text) == ("closed", "As told")
    assert lines["alert/pool"].due.isoformat() == "2025-12-01"
    assert lines["old"].state == "open"
    assert lines["load-test"].state == "proposed"
    assert "Carry" in report.headline.do.text


def test_nobody_who_was_alerted_asks_for_an_alert(story: Any) -> None:
    story.alerts = []
    found = {"start": "2025-11-18T22:15:00Z", "trigger": "finding", "text": "errors"}
    report = story.fails(0, 8, 0.3).report(incident=found)
    assert "alert/errors" in {line.key for line in report.actions}
    assert "No alert fired" in text(report.post_mortem.improve)
    assert "no alert and no user" in shown(report.detected)
    assert report.trigger == "a finding of the monitoring-specialist"


# --- messages ---------------------------------------------------------------------------------------------


def test_messages_are_drafted_and_none_is_said_to_be_sent(exhausted: Any) -> None:
    told = exhausted.report().communication
    assert told.internal.to == "#engineering"
    assert told.internal.because.text.startswith("drafted")
    assert told.status_page.text.startswith(
        "Brief service disruption resolved: on 2025-11-18 from 14:15 to 14:23"
    )
    assert "pool" not in told.status_page.text
    assert told.meeting.text == "Post-mortem meeting proposed for 2025-11-20 10:00 PST"


def test_no_mail_below_ten_minutes_and_one_percent_of_users(exhausted: Any) -> None:
    exhausted.settings = {"incidents": Incidents(email_users_share=1.0)}
    exhausted.users = 2000
    report = exhausted.report()
    assert report.communication.email.text == ""
    assert "No customer e-mails required (it lasted 8 min" in render_markdown(report)


# --- the whole --------------------------------------------------------------------------------------------


def test_every_figure_stands_in_evidence_and_the_report_reads_back(exhausted: Any) -> None:
    report = exhausted.report()
    assert len(measured_in(report)) > 60
    assert IncidentReport.model_validate_json(report.model_dump_json()) == report


def test_an_incident_over_midnight_and_over_weeks_is_one(story: Any, moment: Any) -> None:
    """The window is the workflow's; what is usual is taken from the week, or at least the day, before."""
    story.fails(0, 8, 0.2)
    later = Window(start=moment(-130), end=moment(70), zone=ZONE)
    stated = {"start": moment(3).isoformat(), "end": moment(6).isoformat(), "trigger": "finding", "text": "x"}
    report = story.report(window=later, incident=stated)
    assert shown(report.impact_duration) == "8 min"
    assert report.window.end - report.window.start == timedelta(minutes=200)
