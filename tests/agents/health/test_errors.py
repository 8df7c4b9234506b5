"""What a health report says of server errors, where incidents explain some of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from postlaunch.agents.backlog_from_health import findings_of_health
from postlaunch.reports.health import HealthReport
from postlaunch.settings import Settings
from postlaunch.tools import definitions_request_groups as definitions
from postlaunch.windows import parse_week

WEEK = parse_week("2025-W47", "UTC")
START = WEEK.start + timedelta(days=1)
READ, WRITE, OTHER = "GET /users", "PUT /users/:id", "GET /roles"
KINDS = "(500 Internal Server Error)"

Reported = Callable[..., HealthReport]


@pytest.fixture
def reported(desk: Any) -> Reported:
    """A week with one incident of 374 failures, and failures by endpoint in it and in the whole week."""

    def report(inside: dict[str, int], whole: dict[str, int]) -> HealthReport:
        def endpoints(parameters: Any) -> tuple[Any, ...]:
            counts = whole if parameters.window.start == WEEK.start else inside
            return tuple(
                reading
                for entity, count in counts.items()
                for reading in (
                    desk.read(definitions.ENDPOINT_ERRORS, count, entity=entity),
                    desk.read(definitions.ENDPOINT_ERROR_RATE, 0.02, entity=entity),
                )
            )

        total = sum(whole.values())
        kinds = (desk.read(definitions.STATUS_COUNT, total, entity="500 Internal Server Error"),)
        made: HealthReport = desk.healthy(
            incidents_seen=desk.spell(START), error_endpoints=endpoints, errors_by_type=kinds
        )
        return made

    return report


def test_the_errors_of_an_incident_are_taken_out_and_the_others_are_named(reported: Reported) -> None:
    report = reported({READ: 300, OTHER: 74}, {READ: 300, OTHER: 74, WRITE: 26})
    assert [said.text for said in report.action] == [
        f"Investigate the server errors {KINDS}: 374 of 400 belong to Incident #1; "
        f"the other 26: 26 of {WRITE}",
        f"2% of the requests of {WRITE} fail",
        "trigger: not written: needs a model",
    ]


def test_what_clusters_outside_the_incidents_is_to_be_fixed(desk: Any, reported: Reported) -> None:
    report = reported({READ: 300, OTHER: 74}, {READ: 300, OTHER: 74, WRITE: 26})
    assert f"Fix the server errors for {WRITE}" in desk.actions(report)
    (fix,) = [item for item in report.recommendations if item.target == WRITE]
    assert fix.rationale.text == ("26 of the week's 26 server errors outside Incident #1 (100%) come from it")
    assert {report.fact(fact).value for fact in fix.rationale.facts} == {26, 374, 400}


def test_an_endpoint_that_failed_in_the_incident_alone_is_not_to_be_fixed(
    desk: Any, reported: Reported
) -> None:
    report = reported({READ: 374}, {READ: 374})
    assert not [action for action in desk.actions(report) if "Fix the server errors" in action]
    assert [said.text for said in report.action] == [
        f"None beside Incident #1: all 374 server errors {KINDS} belong to it"
    ]


def test_an_endpoint_that_failed_in_the_incident_and_outside_counts_with_what_is_outside(
    reported: Reported,
) -> None:
    report = reported({READ: 374}, {READ: 378, WRITE: 9})
    assert report.action[0].text.endswith(f"the other 13: 9 of {WRITE}, 4 of {READ}")


def test_errors_that_cannot_be_told_apart_are_not_given_to_an_endpoint(reported: Reported) -> None:
    report = reported({READ: 100}, {READ: 374, WRITE: 26})
    assert report.action[0].text.endswith("the other 26: not told apart by endpoint")


def test_the_planning_hears_of_failures_outside_the_incidents_alone(reported: Reported) -> None:
    report = reported({READ: 300, OTHER: 74}, {READ: 310, OTHER: 74, WRITE: 26})
    [found] = [one for one in findings_of_health(report, Settings()) if one.title.endswith("fails")]
    assert found.finding.text == f"26 of 36 server errors outside Incident #1 come from {WRITE}"
    assert {report.fact(fact).value for fact in found.finding.facts} == {26, 374, 410}


def test_an_endpoint_that_fails_in_an_incident_and_beside_it_is_told_with_the_rest(
    reported: Reported,
) -> None:
    report = reported({READ: 300, OTHER: 74}, {READ: 320, OTHER: 74, WRITE: 6})
    [found] = [one for one in findings_of_health(report, Settings()) if one.title.endswith("fails")]
    assert found.finding.text == f"20 of 26 server errors outside Incident #1 come from {READ}"


def test_an_incident_that_explains_every_failure_leaves_no_endpoint_that_fails(reported: Reported) -> None:
    report = reported({READ: 374}, {READ: 374})
    assert not [one for one in findings_of_health(report, Settings()) if one.title.endswith("fails")]
