"""The sample's requests measured give the figures that were counted while it was generated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import postlaunch.tools.requests  # registers the measurements  # noqa: F401
from postlaunch.sample.generate import Sample
from postlaunch.sample.truth import Truth
from postlaunch.settings_file import load_settings
from postlaunch.sources.requests import RequestLog, open_requests
from postlaunch.tools.measurement import MeasurementResult, run_measurement

if TYPE_CHECKING:
    from conftest import Samples


@pytest.fixture(scope="module")
def sample(samples: Samples) -> Sample:
    return samples.of(0.1)


@pytest.fixture(scope="module")
def truth(sample: Sample) -> Truth:
    return sample.read_truth()


@pytest.fixture(scope="module")
def log(sample: Sample, truth: Truth) -> RequestLog:
    return open_requests(load_settings(sample.settings, environment={}))


def measure(log: RequestLog, truth: Truth, name: str) -> MeasurementResult:
    week = log.window_for(truth.zone, truth.as_of)
    return run_measurement(name, {"window": week, "baseline": week.before()}, {"requests": log})


def test_the_week_reported_on_is_the_last_of_the_sample(log, truth) -> None:
    assert log.window_for(truth.zone, truth.as_of).label == truth.this_week.label


@pytest.mark.parametrize(("week", "side"), [(-1, "value"), (-2, "baseline")])
def test_the_summary_is_what_was_counted(log, truth, week: int, side: str) -> None:
    result = measure(log, truth, "request_summary")
    counted = truth.weeks[week]
    expected = {
        "total_requests": counted.requests,
        "error_rate": counted.error_rate,
        "client_error_rate": counted.client_error_rate,
        "bot_share": counted.bots / counted.requests,
        "active_users": counted.active_users,
        "mean_response_time": counted.latency.mean,
        "p50_response_time": counted.latency.p50,
        "p95_response_time": counted.latency.p95,
        "p99_response_time": counted.latency.p99,
        "peak_requests_per_second": counted.peak_per_second,
        "minutes_covered": counted.minutes_covered,
    }
    assert {name: getattr(result.fact(name), side) for name in expected} == pytest.approx(expected)


def test_endpoints_errors_and_registrations_are_what_was_counted(log, truth) -> None:
    counted = truth.this_week
    top = measure(log, truth, "top_endpoints").named("endpoint_requests")
    assert [(fact.entity, fact.value) for fact in top] == [
        (name, counted.endpoints[name].requests) for name in counted.busiest[:5]
    ]
    slow = measure(log, truth, "slowest_endpoints").named("endpoint_mean_response_time")
    assert tuple(fact.entity for fact in slow) == counted.slowest[:3]
    errors = measure(log, truth, "errors_by_type").named("status_count")
    assert {fact.entity[:3]: fact.value for fact in errors} == counted.errors
    registered = measure(log, truth, "registrations").fact("new_registrations")
    assert registered.value == counted.registrations


def test_the_incident_is_found_as_it_happened(log, truth) -> None:
    result = measure(log, truth, "incidents_seen")
    found = {fact.name: fact.value for fact in result.facts if fact.entity == "incident 1"}
    happened = truth.incident
    assert result.fact("incidents").value == 1
    assert (found["incident_start"], found["incident_minutes"]) == (
        happened.start.timestamp(),
        happened.minutes,
    )
    assert (found["incident_failed_requests"], found["incident_requests"], found["incident_users"]) == (
        happened.server_errors,
        happened.requests,
        happened.users,
    )
