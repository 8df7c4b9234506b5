"""Every measurement of requests against the sample's truth, which was counted by other code."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from postlaunch.sample.truth import LatencyTruth
from postlaunch.tools.measurement import REGISTRY, run_measurement

if TYPE_CHECKING:
    from conftest import Known

importlib.import_module("postlaunch.tools.requests")

RESOLUTION_MINUTES = 5
"""At the sample's mean traffic errors are judged in spans of five minutes."""


def test_the_log_is_read_whole_and_its_newer_week_is_the_one_to_report(known: Known) -> None:
    coverage, truth = known.requests.coverage, known.truth
    assert coverage.lines_read == coverage.lines_parsed == sum(week.requests for week in truth.weeks)
    assert not coverage.sampled
    assert known.requests.last_complete_week(truth.zone, truth.as_of) == known.week(truth.this_week.label)


def test_the_summary_is_the_truth_of_both_weeks(known: Known) -> None:
    for week in known.truth.weeks:
        result = known.measure("request_summary", week)
        figures = {fact.name: fact.value for fact in result.facts}
        expected = {
            "total_requests": week.requests,
            "error_rate": week.error_rate,
            "client_error_rate": week.client_error_rate,
            "availability": 1 - week.error_rate,
            "bot_share": week.bots / week.requests,
            "active_users": week.active_users,
            "mean_response_time": week.latency.mean,
            "p50_response_time": week.latency.p50,
            "p95_response_time": week.latency.p95,
            "p99_response_time": week.latency.p99,
            "peak_requests_per_second": week.peak_per_second,
            "minutes_covered": week.minutes_covered,
            "requests_per_second": week.requests / (known.week(week.label).hours * 3600),
        }
        assert figures == pytest.approx(expected)


def test_the_baseline_of_this_week_is_last_week(known: Known) -> None:
    last = known.week(known.truth.last_week.label)
    fact = known.measure("request_summary", baseline=last).fact("total_requests")
    assert fact is not None
    assert (fact.value, fact.baseline) == (known.truth.this_week.requests, known.truth.last_week.requests)


def test_registrations_are_the_truth(known: Known) -> None:
    for week in known.truth.weeks:
        assert known.value("registrations", "new_registrations", week) == week.registrations


def test_uptime_and_down_minutes_are_the_truth(known: Known) -> None:
    for week in known.truth.weeks:
        assert known.value("uptime", "uptime", week) == pytest.approx(week.uptime)
        assert known.value("uptime", "down_minutes", week) == week.down_minutes


def test_the_outage_lies_inside_the_incident(known: Known) -> None:
    incident = known.truth.incident
    spells = known.measure("downtime")
    assert sum(fact.value for fact in spells.named("outage_minutes")) == incident.down_minutes
    for start in spells.named("outage_start"):
        assert incident.start.timestamp() <= start.value < incident.end.timestamp()


def test_the_incident_is_found_once_where_it_was(known: Known) -> None:
    incident, found = known.truth.incident, known.measure("incidents_seen")
    figures = {fact.name: fact.value for fact in found.facts if fact.entity == "incident 1"}
    assert len(found.named("incident_start")) == 1
    start = figures["incident_start"]
    assert 0 <= incident.start.timestamp() - start <= RESOLUTION_MINUTES * 60
    end = start + figures["incident_minutes"] * 60
    assert 0 <= end - incident.end.timestamp() <= RESOLUTION_MINUTES * 60
    assert figures["incident_failed_requests"] == pytest.approx(incident.server_errors, rel=0.02)
    assert figures["incident_users"] == pytest.approx(incident.users, rel=0.02)
    assert incident.requests <= figures["incident_requests"]


def test_the_week_before_had_no_incident(known: Known) -> None:
    result = run_measurement(
        "incidents_seen", {"window": known.week(known.truth.last_week.label)}, known.sources
    )
    assert result.named("incident_start") == ()


def test_every_endpoint_has_its_requests_and_share(known: Known) -> None:
    for week in known.truth.weeks:
        result = known.measure("top_endpoints", week, limit=50)
        requests = {fact.entity: fact.value for fact in result.named("endpoint_requests")}
        shares = {fact.entity: fact.value for fact in result.named("endpoint_share")}
        assert requests == {name: endpoint.requests for name, endpoint in week.endpoints.items()}
        assert shares == pytest.approx({name: endpoint.share for name, endpoint in week.endpoints.items()})


def test_endpoints_stand_in_the_order_of_their_traffic(known: Known) -> None:
    for week in known.truth.weeks:
        listed = known.measure("top_endpoints", week).named("endpoint_requests")
        assert [fact.value for fact in listed] == [
            week.endpoints[name].requests for name in week.busiest[: len(listed)]
        ]


def test_every_status_is_counted(known: Known) -> None:
    for week in known.truth.weeks:
        result = known.measure("errors_by_type", week)
        counts = {fact.entity.split()[0]: fact.value for fact in result.named("status_count")}
        assert counts == week.errors


def test_server_errors_are_counted_by_endpoint(known: Known) -> None:
    week = known.truth.this_week
    result = known.measure("error_endpoints", status="5xx")
    counts = {fact.entity: fact.value for fact in result.named("endpoint_errors")}
    assert counts.items() <= {name: truth.server_errors for name, truth in week.endpoints.items()}.items()
    assert max(counts.values()) == max(truth.server_errors for truth in week.endpoints.values())


def test_the_slowest_endpoints_are_those_of_the_truth(known: Known) -> None:
    for week in known.truth.weeks:
        result = known.measure("slowest_endpoints", week)
        means = result.named("endpoint_mean_response_time")
        assert [fact.entity for fact in means] == list(week.slowest[:3])
        for fact in means:
            assert fact.value == pytest.approx(week.endpoints[fact.entity].latency.mean)


def test_one_endpoint_is_measured_in_detail(known: Known) -> None:
    week = known.truth.this_week
    expected = week.endpoints["PUT /users/:id"]
    result = known.measure("endpoint_detail", endpoint="PUT /users/:id")
    figures = {fact.name.removeprefix("endpoint_"): fact.value for fact in result.facts}
    assert figures["requests"] == expected.requests
    assert _latency_of(figures) == pytest.approx(expected.latency.model_dump())
    assert figures["error_rate"] == pytest.approx(expected.server_errors / expected.requests)


def _latency_of(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: figures[f"{name}_response_time"] for name in LatencyTruth.model_fields}


def test_pods_are_told_apart(known: Known) -> None:
    for week in known.truth.weeks:
        result = known.measure("pod_comparison", week)
        for name, pod in week.pods.items():
            figures = {fact.name: fact.value for fact in result.facts if fact.entity.endswith(name)}
            assert figures["pod_requests"] == pod.requests
            assert figures["pod_error_rate"] == pytest.approx(pod.server_errors / pod.requests)
            assert figures["pod_mean_response_time"] == pytest.approx(pod.mean_ms)


@pytest.mark.parametrize("name", ["requests_by_day", "requests_by_hour"])
def test_a_series_adds_up_to_the_week(known: Known, name: str) -> None:
    counts = [fact for fact in known.measure(name).facts if fact.name.endswith("_requests")]
    assert sum(fact.value for fact in counts) == known.truth.this_week.requests


def test_tickets_are_counted_by_week(known: Known) -> None:
    for label, tickets in known.truth.tickets_by_week.items():
        result = run_measurement("ticket_volume", {"window": known.week(label)}, known.sources)
        fact = result.fact("support_tickets")
        assert fact is not None
        assert fact.value == tickets


def test_the_measurements_of_requests_are_all_held_against_the_truth() -> None:
    tested = Path(__file__).read_text(encoding="utf-8")
    of_requests = {
        name
        for name, entry in REGISTRY.entries.items()
        if entry.code.__module__.startswith("postlaunch.tools.request")
    }
    untested = {name for name in of_requests if f'"{name}"' not in tested}
    assert untested <= {"log_quality", "mix_shift", "request_anomalies", "uptime_unplanned"}, (
        "their truth is tested on inputs made for them"
    )
