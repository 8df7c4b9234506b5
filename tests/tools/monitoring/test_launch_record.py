"""What the launch record states, as figures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

import postlaunch.tools.launch_record  # registers the measurement  # noqa: F401
from postlaunch.printing import fact_text
from postlaunch.sources.launch import LaunchRecord, LaunchSource
from postlaunch.tools.measurement import MeasurementResult, run_measurement
from postlaunch.windows import parse_week

WEEK = parse_week("2025-W47", "UTC")
LAUNCHED = datetime(2025, 9, 8, 6, tzinfo=UTC)


def measured(**record: Any) -> MeasurementResult:
    source = LaunchSource(record=LaunchRecord.model_validate(record), fingerprint="l")
    return run_measurement("launch_baseline", {"window": WEEK}, {"launch": source})


def test_every_figure_is_that_of_the_record_and_says_so() -> None:
    result = measured(
        launched_at=LAUNCHED,
        baseline={"pods": 3, "mean_ms": 98, "memory_mb_per_pod": 187, "error_rate": 0},
        alert_rules=[{"name": "PodDown"}],
        pool={"size": 10},
        load_profile={"requests_per_second": 45},
    )
    found = {fact.name: fact.value for fact in result.facts}
    assert found == {
        "launched_at": LAUNCHED.timestamp(),
        "launch_pods": 3,
        "launch_mean_response_time": 98,
        "launch_error_rate": 0,
        "launch_memory_used": 187_000_000,
        "launch_pool_limit": 10,
        "launch_load_requests_per_second": 45,
        "launch_alert_rules": 1,
    }
    assert [fact_text(fact) for fact in result.facts if fact.name == "launch_memory_used"] == ["187 MB"]
    assert {fact.note for fact in result.facts} == {"stated by the launch record, not measured here"}
    assert result.facts[0].window.start == LAUNCHED
    assert [text["name"] for text in result.texts] == ["PodDown"]


@pytest.mark.parametrize("record", [{}, {"version": "1.0.0"}])
def test_a_record_without_figures_is_no_data(record: dict[str, Any]) -> None:
    result = measured(**record)
    assert result.status == "no_data"
    assert result.reason == "the launch record states neither a date nor a figure"
