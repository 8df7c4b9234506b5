"""Uptime is told only from a log that can tell it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import postlaunch.tools.requests  # registers the measurements  # noqa: F401
from postlaunch.tools.measurement import MeasurementResult, run_measurement
from postlaunch.windows import Window

START = datetime(2025, 11, 17, tzinfo=UTC)
HOUR = Window(start=START, end=START + timedelta(hours=1))


def minute(place: int, ok: int, failed: int = 0) -> list[str]:
    """A minute of the hour with so many good and failed requests, spread over it."""
    statuses = [200] * ok + [500] * failed
    at = START + timedelta(minutes=place)
    return [
        json.dumps({"time": (at + timedelta(seconds=n * 60 / len(statuses))).timestamp(), "status": status})
        for n, status in enumerate(statuses)
    ]


def hour(**special: tuple[int, int]) -> list[str]:
    """Sixty minutes of two requests, but for those named: m7=(ok, failed)."""
    counts = {f"m{place}": (2, 0) for place in range(60)} | special
    return [
        text
        for name, (ok, failed) in counts.items()
        if ok + failed
        for text in minute(int(name[1:]), ok, failed)
    ]


def measure(log, name: str) -> MeasurementResult:
    return run_measurement(name, {"window": HOUR}, {"requests": log})


def test_a_minute_is_down_with_ten_requests_of_which_half_failed(open_log) -> None:
    log = open_log(hour(m10=(5, 5), m20=(6, 5), m30=(0, 9), m40=(0, 40)))
    result = measure(log, "uptime")
    assert (result.fact("down_minutes").value, result.fact("uptime").value) == (2, 58 / 60)


def test_empty_minutes_are_unknown_and_count_neither_way(open_log) -> None:
    empty = {f"m{place}": (0, 0) for place in range(6)}
    fact = measure(open_log(hour(m30=(0, 10), **empty)), "uptime").fact("uptime")
    assert (fact.value, fact.n) == (53 / 54, 54)
    assert fact.note == "from the request log, which covers 90% of the minutes"


def test_below_nine_tenths_of_the_minutes_there_is_no_uptime(open_log) -> None:
    log = open_log(hour(**{f"m{place}": (0, 0) for place in range(7)}))
    for name in ("uptime", "downtime"):
        result = measure(log, name)
        assert (result.status, result.reason) == (
            "no_data",
            "no probe: the log has requests in 88.33% of the window's minutes, and 90% are needed",
        )


def test_a_sampled_log_has_no_uptime_even_where_it_covers_the_window(open_log) -> None:
    bursts = [minute(60 * place, 30) for place in range(4)]
    log = open_log([text for burst in bursts for text in burst])
    one = Window(start=START, end=START + timedelta(minutes=1))
    result = run_measurement("uptime", {"window": one}, {"requests": log})
    assert result.status == "no_data"
    assert result.reason.startswith("no probe: all requests fall into minute :00 of their hour")


def test_down_minutes_in_a_row_are_one_outage(open_log) -> None:
    result = measure(open_log(hour(m10=(0, 10), m11=(0, 30), m13=(10, 10))), "downtime")
    assert result.fact("outages").value == 2
    first = {fact.name: fact.value for fact in result.facts if fact.entity == "outage 1"}
    assert first == {
        "outage_start": (START + timedelta(minutes=10)).timestamp(),
        "outage_minutes": 2,
        "outage_error_share": 1,
    }
    assert result.fact("outage_error_share", "outage 2").value == 0.5


def test_an_hour_without_outages_says_so_with_a_zero(open_log) -> None:
    result = measure(open_log(hour()), "downtime")
    assert (result.status, result.fact("outages").value) == ("ok", 0)


def planned(*spans: tuple[float, float]) -> dict[str, object]:
    """Parameters: the hour, with maintenance planned from one minute of it to another."""
    windows = [
        Window(start=START + timedelta(minutes=begin), end=START + timedelta(minutes=end))
        for begin, end in spans
    ]
    return {"window": HOUR, "planned": windows}


def test_planned_maintenance_is_left_out_of_down_minutes_and_of_those_observed(open_log) -> None:
    log = open_log(hour(m10=(0, 10), m11=(0, 10), m30=(0, 10)))
    result = run_measurement("uptime_unplanned", planned((10, 12)), {"requests": log})
    uptime = result.fact("uptime_unplanned")
    assert (uptime.value, uptime.n) == (57 / 58, 58)
    assert result.fact("planned_down_minutes").value == 2


def test_a_minute_that_maintenance_touches_is_planned(open_log) -> None:
    log = open_log(hour(m10=(0, 10), m12=(0, 10)))
    result = run_measurement("uptime_unplanned", planned((9.5, 10.5), (12.9, 20)), {"requests": log})
    assert result.fact("planned_down_minutes").value == 2
    assert result.fact("uptime_unplanned").value == 1


def test_where_uptime_cannot_be_told_neither_can_it_without_maintenance(open_log) -> None:
    log = open_log(hour(**{f"m{place}": (0, 0) for place in range(7)}))
    result = run_measurement("uptime_unplanned", planned((10, 12)), {"requests": log})
    assert result.status == "no_data"


def test_minutes_with_too_few_requests_to_be_down_are_told_of_where_there_are_many(open_log) -> None:
    said = "90% of the minutes with requests hold fewer than 10: uptime counts them as up, whatever failed"
    many = measure(open_log(hour(**{f"m{place}": (10, 0) for place in range(6)}), name="a.log"), "uptime")
    few = measure(open_log(hour(**{f"m{place}": (10, 0) for place in range(54)}), name="b.log"), "uptime")
    assert any(note.startswith(said) for note in many.notes)
    assert not any("fewer than 10" in note for note in few.notes)
