"""The figures of a request log, and the traps that make them wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import postlaunch.graphs.colleagues  # registers every measurement  # noqa: F401
from postlaunch.facts import change_between
from postlaunch.printing import change_text
from postlaunch.tools import embedded_query, request_query
from postlaunch.tools.measurement import REGISTRY, Limits, MeasurementResult, run_measurement
from postlaunch.windows import Window, iso_week_of

START = datetime(2025, 11, 17, tzinfo=UTC)
"""A Monday."""

NAMES = sorted(name for name, entry in REGISTRY.entries.items() if entry.source == "requests")


def line(at: datetime, status: int = 200, path: str = "/", method: str = "GET", **more: Any) -> str:
    return json.dumps({"time": at.isoformat(), "status": status, "path": path, "method": method, **more})


def lines(count: int, start: datetime, step: timedelta = timedelta(0), **more: Any) -> list[str]:
    return [line(start + step * place, **more) for place in range(count)]


def window(hours: float = 1, start: datetime = START, zone: str = "UTC") -> Window:
    return Window(start=start, end=start + timedelta(hours=hours), zone=zone)


def measure(log, name: str, span: Window, **parameters: Any) -> MeasurementResult:
    return run_measurement(name, {"window": span, **parameters}, {"requests": log})


def values(result: MeasurementResult, name: str) -> dict[str, float]:
    """The figures of one name, by entity."""
    return {fact.entity: fact.value for fact in result.named(name)}


# --- no data, errors, limits -------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in NAMES if name != "log_quality"])
def test_a_window_without_requests_is_no_data_never_zero(open_log, name: str) -> None:
    log = open_log(
        lines(30, START, timedelta(minutes=2), method="POST", path="/users", latency=5, pod="web-1")
    )
    empty = window(start=START + timedelta(days=30))
    more = {"baseline": window()} if name == "mix_shift" else {}
    more |= {"endpoint": "POST /users"} if name == "endpoint_detail" else {}
    more |= {"planned": [window()]} if name == "uptime_unplanned" else {}
    more |= {"allowed": 0.001} if name == "incident_burn_rate" else {}
    result = measure(log, name, empty, **more)
    assert (result.status, result.facts) == ("no_data", ())
    assert "the log covers 2025-11-17 00:00 UTC to 2025-11-17 00:58 UTC" in result.reason


def test_no_5xx_is_zero_where_there_was_traffic(open_log) -> None:
    fact = measure(open_log(lines(5, START)), "request_summary", window()).fact("error_rate")
    assert (fact.value, fact.n) == (0, 5)


def test_a_query_beyond_its_time_is_an_error_not_no_data(open_log, monkeypatch) -> None:
    endless = "SELECT sum(a.range * b.range), $start, $end FROM range(1000000) a, range(1000000) b"
    monkeypatch.setattr(embedded_query, "sql", lambda name: endless)
    limits = Limits(seconds=0.2)
    result = run_measurement("uptime", {"window": window()}, {"requests": open_log(lines(5, START))}, limits)
    assert result.status == "error"
    assert result.reason == "the query over the request log took longer than 0.2 seconds"
    assert "query_seconds" in result.remedy


def test_a_staged_file_that_vanished_is_an_error_not_no_data(open_log, tmp_path) -> None:
    log = open_log(lines(5, START))
    for file in tmp_path.rglob("requests.parquet"):
        file.unlink()
    result = measure(log, "request_summary", window())
    assert (result.status, bool(result.remedy)) == ("error", True)


def test_rows_beyond_the_limit_are_cut_and_said(open_log) -> None:
    log = open_log([line(START, path=f"/{name}") for name in "abcde"])
    result = run_measurement("top_endpoints", {"window": window()}, {"requests": log}, Limits(rows=2))
    assert len(values(result, "endpoint_requests")) == 2
    assert "only 2 of 5 endpoints are listed" in result.notes


def test_a_window_is_half_open(open_log) -> None:
    log = open_log([line(START), line(START + timedelta(hours=1))])
    assert measure(log, "request_summary", window()).fact("total_requests").value == 1


# --- the application ---------------------------------------------------------------------------------


def test_rates_are_weighted_by_requests(open_log) -> None:
    day, night = START, START + timedelta(hours=12)
    log = open_log(
        lines(9_990, day) + lines(10, day, status=500) + lines(5, night) + lines(5, night, status=503)
    )
    fact = measure(log, "request_summary", window(24)).fact("error_rate")
    assert (fact.value, fact.n) == (15 / 10_010, 10_010)


def test_client_errors_stand_apart_from_errors(open_log) -> None:
    log = open_log(lines(6, START) + lines(3, START, status=404) + lines(1, START, status=500))
    result = measure(log, "request_summary", window())
    assert [result.fact(name).value for name in ("error_rate", "client_error_rate", "availability")] == [
        0.1, 0.3, 0.9,
    ]  # fmt: skip


def test_percentiles_are_of_requests_not_of_pods(open_log) -> None:
    log = open_log(lines(990, START, latency=100, pod="web-1") + lines(10, START, latency=2000, pod="web-2"))
    result = measure(log, "request_summary", window())
    assert result.fact("p95_response_time").value == 100
    assert result.fact("mean_response_time").value == 119
    pods = measure(log, "pod_comparison", window())
    assert values(pods, "pod_p95_response_time") == {"pod web-1": 100, "pod web-2": 2000}


def test_what_the_log_lacks_is_said_and_not_measured(open_log) -> None:
    result = measure(open_log(lines(5, START)), "request_summary", window())
    assert {"p95_response_time", "active_users", "bot_share"}.isdisjoint(fact.name for fact in result.facts)
    assert any("client addresses are not users" in note for note in result.notes)
    assert any("response times" in note for note in result.notes)


def test_active_users_are_distinct_users_and_the_note_says_of_how_many_requests(open_log) -> None:
    log = open_log([line(START, user=user) for user in ("ada", "ada", "bob", None)])
    fact = measure(log, "request_summary", window()).fact("active_users")
    assert (fact.value, fact.n, fact.note) == (2, 3, "from the 3 of 4 requests with a user")


def test_headlines_include_bots_and_their_share_is_given(open_log) -> None:
    log = open_log(lines(4, START, agent="Mozilla/5.0") + lines(1, START, agent="Googlebot/2.1"))
    result = measure(log, "request_summary", window())
    assert (result.fact("total_requests").value, result.fact("bot_share").value) == (5, 0.2)


def test_request_rates_are_of_the_observed_time_and_of_the_busiest_minute(open_log) -> None:
    log = open_log(lines(120, START) + lines(240, START + timedelta(minutes=59)))
    result = measure(log, "request_summary", window())
    assert result.fact("requests_per_second").value == 0.1
    assert result.fact("peak_requests_per_second").value == 4
    assert result.fact("minutes_covered").value == 2 / 60


def test_registrations_are_the_ones_that_succeeded(open_log) -> None:
    log = open_log(
        [line(START, status, "/auth/register", "POST") for status in (201, 201, 200, 422, 500)]
        + lines(1, START, path="/auth/register")
    )
    fact = measure(log, "registrations", window()).fact("new_registrations")
    assert (fact.value, fact.n) == (3, 5)


def test_a_log_without_a_registration_endpoint_has_no_registrations_figure(open_log) -> None:
    result = measure(open_log(lines(5, START)), "registrations", window())
    assert result.status == "no_data"
    assert result.reason.startswith("the log has no request to a registration endpoint (POST /auth/register")


def test_a_week_without_registrations_is_zero_where_the_log_has_the_endpoint(open_log) -> None:
    log = open_log([line(START, 201, "/signup", "POST"), line(START + timedelta(hours=2))])
    result = measure(log, "registrations", window(start=START + timedelta(hours=2)))
    assert result.fact("new_registrations").value == 0


# --- compared ----------------------------------------------------------------------------------------


def two_weeks(rate: int, until: timedelta = timedelta(days=14)) -> tuple[list[str], Window]:
    """`rate` requests an hour for two weeks (or until then), and the second week."""
    first = iso_week_of(START.date() - timedelta(days=7), "UTC").start
    step = timedelta(hours=1) / rate
    return lines(int(until / step), first, step), iso_week_of(START.date(), "UTC")


def test_a_running_week_is_compared_with_the_same_part_of_the_week_before(open_log) -> None:
    content, week = two_weeks(2, until=timedelta(days=10))
    log = open_log(content)
    fact = measure(log, "request_summary", week, baseline=week.before()).fact("total_requests")
    assert (fact.value, fact.baseline) == (144, 144)
    assert fact.window.partial
    assert fact.baseline_window.observed_end == fact.window.observed_end - timedelta(days=7)


def test_a_week_the_log_covers_only_in_part_is_not_compared_with(open_log) -> None:
    content, week = two_weeks(2)
    result = measure(open_log(content[100:]), "request_summary", week, baseline=week.before())
    assert result.fact("total_requests").baseline is None
    assert any(note.startswith("not compared with 2025-W46: the log covers") for note in result.notes)


def test_the_same_part_is_counted_on_the_wall_clock_over_a_change_of_clocks() -> None:
    zone = "America/Los_Angeles"
    week = iso_week_of(datetime(2025, 11, 3, tzinfo=UTC).date(), zone)
    wednesday = week.cut(datetime(2025, 11, 5, 20, tzinfo=UTC))
    before = request_query.same_part(iso_week_of(datetime(2025, 10, 27, tzinfo=UTC).date(), zone), wednesday)
    assert before.local(before.observed_end).isoformat() == "2025-10-29T12:00:00-07:00"


def test_changes_are_points_for_rates_and_new_from_nothing() -> None:
    assert change_text(change_between(0.9995, 0.9997, "ratio")) == "+0.02 pp"
    assert change_text(change_between(0.0005, 0.0008, "ratio")) == "+0.03 pp"
    assert change_text(change_between(0, 5, "count")) == "new"


def test_an_error_that_did_not_occur_before_is_new(open_log) -> None:
    content, week = two_weeks(1)
    log = open_log([*content, *lines(2, week.start, status=500)])
    fact = measure(log, "errors_by_type", week, baseline=week.before()).fact(
        "status_count", "500 Internal Server Error"
    )
    assert (fact.value, fact.baseline, fact.change.kind) == (2, 0, "new")


# --- endpoints, errors, pods -------------------------------------------------------------------------


def test_the_busiest_endpoints_come_first_with_their_share(open_log) -> None:
    log = open_log(lines(3, START, path="/users/1") + lines(1, START, path="/a") + lines(6, START, path="/b"))
    result = measure(log, "top_endpoints", window(), limit=2)
    assert values(result, "endpoint_share") == {"GET /b": 0.6, "GET /users/:id": 0.3}


def test_errors_are_named_and_shared_out(open_log) -> None:
    log = open_log(
        lines(5, START)
        + lines(3, START, status=401)
        + lines(1, START, status=499)
        + lines(1, START, status=599)
    )
    result = measure(log, "errors_by_type", window())
    assert values(result, "status_share") == {
        "401 Unauthorized": 0.6, "499 Client Closed Request": 0.2, "599": 0.2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "errors"), [("5xx", {"GET /a": 2}), (404, {"GET /b": 3}), ("4xx", {"GET /b": 3, "GET /a": 1})]
)
def test_errors_are_traced_to_endpoints_by_status_or_class(open_log, status, errors) -> None:
    log = open_log(
        lines(2, START, path="/a", status=500)
        + lines(1, START, path="/a", status=403)
        + lines(3, START, path="/b", status=404)
        + lines(1, START, path="/b")
    )
    assert values(measure(log, "error_endpoints", window(), status=status), "endpoint_errors") == errors


def test_slow_endpoints_need_enough_requests_to_be_listed(open_log) -> None:
    log = open_log(
        lines(30, START, path="/slow", latency=200)
        + lines(40, START, path="/fast", latency=20)
        + lines(29, START, path="/rare", latency=9000)
    )
    result = measure(log, "slowest_endpoints", window())
    assert values(result, "endpoint_mean_response_time") == {"GET /slow": 200, "GET /fast": 20}


def test_one_endpoint_can_be_looked_at_alone(open_log) -> None:
    log = open_log(
        lines(9, START, path="/a", latency=10, user="ada")
        + lines(1, START, path="/a", latency=110, status=500, user="bob")
        + lines(5, START)
    )
    result = measure(log, "endpoint_detail", window(), endpoint="GET /a")
    found = {fact.name: fact.value for fact in result.facts}
    assert found == {
        "endpoint_requests": 10,
        "endpoint_error_rate": 0.1,
        "endpoint_mean_response_time": 20,
        "endpoint_p50_response_time": 10,
        "endpoint_p95_response_time": 110,
        "endpoint_p99_response_time": 110,
        "endpoint_users": 2,
    }


def test_a_faster_application_with_more_slow_requests_shows_the_mix_shift(open_log) -> None:
    before, now = START, START + timedelta(hours=1)
    log = open_log(
        lines(90, before, path="/a", latency=50)
        + lines(10, before, path="/a", method="PUT", latency=250)
        + lines(80, now, path="/a", latency=48)
        + lines(20, now, path="/a", method="PUT", latency=240)
        + [line(now + timedelta(minutes=59))]
    )
    result = measure(log, "mix_shift", window(start=now), baseline=window())
    mean = result.fact("mean_response_time")
    assert change_text(mean.change) == "+23%"
    assert result.fact("rate_effect").value == pytest.approx(-3.2)
    assert result.fact("mix_effect").value == pytest.approx(19.6)
    assert result.fact("rate_effect").value + result.fact("mix_effect").value == pytest.approx(
        mean.value - mean.baseline
    )
    assert (result.fact("endpoints_faster").value, result.fact("endpoints_slower").value) == (2, 0)


# --- over time, the log itself -----------------------------------------------------------------------


def test_hours_and_days_are_those_of_the_applications_clock(open_log) -> None:
    log = open_log([line(START), line(START + timedelta(hours=8))])
    span = window(9, zone="America/Los_Angeles")
    assert values(measure(log, "requests_by_day", span), "day_requests") == {
        "2025-11-16": 1, "2025-11-17": 1,
    }  # fmt: skip
    assert values(measure(log, "requests_by_hour", span), "hour_requests") == {
        "2025-11-16 16:00": 1, "2025-11-17 00:00": 1,
    }  # fmt: skip


def test_an_hour_that_the_clock_repeats_is_two_hours(open_log) -> None:
    midnight = datetime(2025, 11, 2, 7, tzinfo=UTC)
    log = open_log(lines(4, midnight, timedelta(hours=1)))
    span = window(4, midnight, "America/Los_Angeles")
    assert list(values(measure(log, "requests_by_hour", span), "hour_requests")) == [
        "2025-11-02 00:00", "2025-11-02 01:00-0700", "2025-11-02 01:00-0800", "2025-11-02 02:00",
    ]  # fmt: skip


def test_the_quality_of_the_log_is_measured_with_samples_of_what_was_rejected(open_log) -> None:
    result = measure(open_log([*lines(5, START), "broken"]), "log_quality", window())
    assert (result.fact("lines_read").value, result.fact("lines_rejected").value) == (6, 1)
    assert [(text["line"], text["text"]) for text in result.texts] == [(6, "broken")]


@pytest.mark.parametrize("name", NAMES)
def test_what_a_model_reads_of_a_measurement_is_one_paragraph(name: str) -> None:
    title = REGISTRY.named(name).title
    assert 20 < len(title) < 250
