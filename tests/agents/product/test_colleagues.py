"""What the product-analyst takes up of the others' reports, and what it does without them."""

from __future__ import annotations

from typing import Any

import pytest

from postlaunch.agents.backlog_colleagues import NO_REPORT
from postlaunch.agents.backlog_signals import NOTED, SINCE
from postlaunch.facts import Evidence, Measured, measured_in
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.report import Listing
from postlaunch.tools.fates import NO_ITEM
from postlaunch.windows import parse_week

MONITORING = "monitoring-specialist"


def as_json(report: Any) -> dict[str, Any]:
    body: dict[str, Any] = report.model_dump(mode="json")
    return body


def test_a_report_of_the_same_run_is_taken_up_finding_by_finding(desk: Any) -> None:
    desk.documents[f"{MONITORING}/report"] = as_json(desk.health())
    report = desk.composed()
    assert desk.becomes(report, MONITORING) == {
        "95th Percentile misses its objective": "item async: in sprint 4",
        "PUT /users/:id fails": "item async: in sprint 4",
        "PUT /users/:id is slow": "item async: in sprint 4",
        "Incident #1": "the incident-responder's: its cause comes first",
        "Cache the first page for GET /users": NO_ITEM,
    }
    assert report.colleagues[0].report == "Weekly Health Report, 2025-W47"


def test_its_figures_stand_in_the_backlogs_own_evidence(desk: Any) -> None:
    desk.documents[f"{MONITORING}/report"] = as_json(desk.health())
    report = desk.composed()
    cited = {measured.fact for one in report.colleagues for measured in measured_in(one)}
    assert len(cited) == 4
    assert cited <= set(report.evidence.facts)


def test_an_objective_at_risk_makes_a_must_of_the_item_on_the_endpoint_that_carries_it(desk: Any) -> None:
    desk.documents[f"{MONITORING}/report"] = as_json(desk.health())
    item = desk.composed().item("async")
    assert (item.tier, item.because) == (
        "Must",
        "required by: an objective at risk: 95th Percentile, 312 ms with a target of < 200 ms",
    )


def test_before_its_report_is_composed_a_specialists_draft_is_read(desk: Any) -> None:
    desk.documents[f"{MONITORING}/findings"] = {"draft": as_json(desk.health()), "facts": []}
    assert "PUT /users/:id is slow" in desk.becomes(desk.composed(), MONITORING)


def test_outside_the_run_the_newest_published_report_is_read(desk: Any) -> None:
    report = desk.composed(colleagues={"weekly_health": as_json(desk.health()), "performance": None})
    assert "PUT /users/:id is slow" in desk.becomes(report, MONITORING)


def test_the_report_of_this_run_goes_before_a_published_one(desk: Any) -> None:
    desk.documents[f"{MONITORING}/report"] = as_json(desk.health())
    older = desk.health(window=parse_week("2025-W46", "UTC"))
    report = desk.composed(colleagues={"weekly_health": as_json(older)})
    assert report.colleagues[0].report == "Weekly Health Report, 2025-W47"


def test_a_report_on_what_came_later_is_not_read(desk: Any) -> None:
    later = desk.health(window=parse_week("2025-W48", "UTC"))
    report = desk.composed(colleagues={"weekly_health": as_json(later)})
    assert report.colleagues[0].reason == NO_REPORT


@pytest.mark.parametrize("body", [{}, {"kind": "weekly_health"}, {"kind": "surprise"}, "text", 3])
def test_what_is_no_report_is_as_good_as_none(desk: Any, body: Any) -> None:
    report = desk.composed(colleagues={"weekly_health": body, "incident": [body]})
    assert {one.reason for one in report.colleagues} == {NO_REPORT}


def test_a_report_that_was_changed_by_hand_is_not_read(desk: Any) -> None:
    body = as_json(desk.health())
    body["metrics"][0]["this"]["value"] = 99
    assert desk.composed(colleagues={"weekly_health": body}).colleagues[0].reason == NO_REPORT


def test_without_any_report_each_colleague_is_named_as_missing_and_nothing_is_concluded(desk: Any) -> None:
    report = desk.composed()
    assert [one.name for one in report.colleagues] == [
        "monitoring-specialist",
        "incident-responder",
        "performance-monitor",
        "analytics-specialist",
    ]
    assert {one.reason for one in report.colleagues} == {NO_REPORT}
    assert "no candidate item yet" not in report.headline[-1].text


def test_failures_that_fell_in_one_incident_are_carried_by_it_and_lead_to_the_item_on_its_cause(
    desk: Any,
) -> None:
    report = desk.health()
    rate = desk.fact("error_rate", 0.0155, "ratio")
    row = report.metrics[0].model_copy(
        update={
            "metric": "error_rate",
            "title": "Error Rate",
            "this": Measured.of(rate),
            "because": said("{it} misses the target of < 1%", it=rate),
        }
    )
    cause = Sentence(text="The database connection pool was exhausted")
    spell = report.incidents.items[0].model_copy(update={"root_cause": (cause,), "record": "INC-2025-001"})
    quiet = {
        identity: one for identity, one in report.evidence.facts.items() if one.name != "endpoint_errors"
    }
    changed = desk.health(
        metrics=(row,),
        incidents=Listing(items=(spell,)),
        evidence=Evidence(facts={**quiet, rate.id: rate}),
    )
    desk.documents[f"{MONITORING}/report"] = as_json(changed)
    planned = desk.composed()
    assert desk.becomes(planned, MONITORING)["Error Rate misses its objective"] == "item pool: in sprint 4"
    assert planned.item("pool").because == (
        "required by: an objective at risk: Error Rate, 1.55% with a target of < 200 ms"
    )


def test_an_open_action_item_requires_the_item_that_addresses_it(desk: Any) -> None:
    report = desk.composed(action_items=[desk.action()])
    assert report.item("pool").because == ("required by: an open action item: INC-2025-001-1, due 2025-11-28")
    assert list(desk.becomes(report, "incident-responder").values()) == ["item pool: in sprint 4"]


def test_an_action_item_without_an_item_stays_with_its_owner(desk: Any) -> None:
    report = desk.composed(action_items=[desk.action(action="Write the runbook")])
    assert list(desk.becomes(report, "incident-responder").values()) == [
        "with devops-cicd-expert, due 2025-11-28"
    ]


def test_a_closed_action_item_requires_nothing(desk: Any) -> None:
    report = desk.composed(action_items=[desk.action(status="closed"), {"broken": True}])
    assert report.item("pool").tier == "Could"
    assert report.colleagues[1].reason == NO_REPORT


def test_what_an_earlier_sprint_committed_is_under_way_and_no_candidate(desk: Any) -> None:
    desk.documents[f"{MONITORING}/report"] = as_json(desk.health())
    report = desk.composed(committed=["async"])
    assert report.item("async") is None
    assert desk.becomes(report, MONITORING)["PUT /users/:id is slow"] == (
        "item async: committed in an earlier sprint"
    )


def test_errors_that_are_spread_are_no_finding(desk: Any) -> None:
    few = desk.fact("endpoint_errors", 12, "count", "PUT /users/:id")
    report = desk.health()
    facts = {
        identity: one for identity, one in report.evidence.facts.items() if one.name != "endpoint_errors"
    }
    evidence = {"facts": {**facts, few.id: few}}
    desk.documents[f"{MONITORING}/report"] = {**as_json(report), "evidence": as_json_evidence(evidence)}
    assert "PUT /users/:id fails" not in desk.becomes(desk.composed(), MONITORING)


def as_json_evidence(evidence: dict[str, Any]) -> dict[str, Any]:
    return {"facts": {identity: one.model_dump(mode="json") for identity, one in evidence["facts"].items()}}


# --- what was kept since the last planning ------------------------------------------------------------------


def kept(kind: str, **body: Any) -> dict[str, Any]:
    """A signal as the planning is handed it."""
    moment = "2025-11-19T08:30:00Z"
    return {
        "application": "Shop", "key": f"{kind}/1", "kind": kind, "at": moment, "body": body,
        "id": "S1", "posted_at": moment, "to": "sprint_planning",
    }  # fmt: skip


def test_a_finding_kept_for_the_planning_leads_to_the_item_that_addresses_it(desk: Any) -> None:
    signal = kept("finding", title="Slow PUT /users/:id", subject="PUT /users/:id")
    report = desk.composed(signals=[signal])
    assert desk.becomes(report, SINCE) == {"Slow PUT /users/:id": "item async: in sprint 4"}
    (found,) = report.colleagues[-1].findings
    assert found.finding.text == "finding told of 2025-11-19 08:30 UTC: Slow PUT /users/:id"


def test_a_grave_vulnerability_that_was_told_is_a_reason_to_do_its_item_now(desk: Any) -> None:
    signal = kept("vulnerability", id="CVE-1", package="PUT /users/:id", severity="high", title="overflow")
    assert desk.composed(signals=[signal]).item("async").tier == "Must"


def test_a_deployment_is_noted_and_asks_for_no_item(desk: Any) -> None:
    report = desk.composed(signals=[kept("deployment", title="v1.0.3", version="1.0.3")])
    assert list(desk.becomes(report, SINCE).values()) == [NOTED]


def test_what_is_no_signal_is_passed_over_and_nothing_kept_prints_nothing(desk: Any) -> None:
    report = desk.composed(signals=[{"kind": "rumour"}, "text"])
    assert SINCE not in [one.name for one in report.colleagues]
