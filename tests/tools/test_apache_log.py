"""A real log: sampled, out of order, in part, without response times, and with a line cut short."""

from __future__ import annotations

from pathlib import Path

import pytest

import postlaunch.tools.requests  # registers the measurements  # noqa: F401
from postlaunch.settings import Reports, Settings
from postlaunch.settings_sources import RequestSource, Sources
from postlaunch.sources.requests import RequestLog, coverage_text, open_requests
from postlaunch.tools.measurement import MeasurementResult, run_measurement
from postlaunch.windows import Window


@pytest.fixture(scope="module")
def log(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> RequestLog:
    path = str(shared_data / "access" / "apache_combined.log")
    staging = str(tmp_path_factory.mktemp("staged"))
    return open_requests(
        Settings(sources=Sources(requests=RequestSource(paths=(path,))), reports=Reports(staging=staging))
    )


def measure(log: RequestLog, name: str, window: Window | None = None, **parameters) -> MeasurementResult:
    window = window or Window(start=log.coverage.first, end=log.coverage.end)
    return run_measurement(name, {"window": window, **parameters}, {"requests": log})


def test_all_lines_are_read_but_the_one_cut_short(log) -> None:
    assert (log.coverage.lines_read, log.coverage.lines_parsed) == (10_000, 9_999)
    (sample,) = log.coverage.rejected_samples
    assert (sample.line, sample.reason) == (8_899, "not a whole line of the format")


def test_what_other_tools_count_in_it_is_what_is_measured(log) -> None:
    (clients,) = log.cursor().execute("SELECT count(DISTINCT client) FROM requests").fetchall()
    assert clients == (1_753,)
    statuses = measure(log, "errors_by_type")
    assert statuses.fact("status_count", "404 Not Found").value == 213
    assert statuses.fact("status_count", "500 Internal Server Error").value == 3


def test_about_a_fifth_of_it_is_bots(log) -> None:
    assert 0.17 < measure(log, "request_summary").fact("bot_share").value < 0.23


def test_its_newest_week_is_partial_and_ends_where_the_log_does(log) -> None:
    window = log.window_for("UTC")
    assert (window.label, window.partial) == ("2015-W21", True)
    assert window.observed_end == log.coverage.end
    assert [week.label for week in log.weeks("UTC")] == ["2015-W20", "2015-W21"]


def test_uptime_is_not_available_and_says_why(log) -> None:
    for name in ("uptime", "downtime"):
        result = measure(log, name, log.window_for("UTC"))
        assert result.status == "no_data"
        assert result.reason == (
            "no probe: all requests fall into minute :05 of their hour (84 busy hours): the log is a sample"
        )


def test_it_has_no_response_times_and_no_users(log) -> None:
    result = measure(log, "request_summary")
    assert result.fact("p95_response_time") is None
    assert result.fact("active_users") is None
    assert measure(log, "slowest_endpoints").reason == "the log has no response times"
    assert coverage_text(log.coverage, "UTC").endswith("No response times, no users, no pods in the log.")


def test_three_failures_are_no_incident(log) -> None:
    assert measure(log, "incidents_seen").fact("incidents").value == 0


def test_the_days_of_the_week_before_are_not_compared_with(log) -> None:
    window = log.window_for("UTC")
    result = measure(log, "request_summary", window, baseline=window.before())
    assert result.fact("total_requests").baseline is None
    assert any(note.startswith("not compared with 2015-W20") for note in result.notes)
