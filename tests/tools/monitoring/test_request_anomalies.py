"""Hours of a request log that are unlike those of the weeks before."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

import postlaunch.tools.requests  # registers the measurements  # noqa: F401
from postlaunch.tools.measurement import MeasurementResult, run_measurement
from postlaunch.windows import Window, calendar_day, zone_named

DAY = date(2025, 11, 18)
ZONE = "America/Los_Angeles"
PLACE = zone_named(ZONE)
NOON = datetime(2025, 11, 18, 12, tzinfo=PLACE)
BUSY = range(8, 20)
OpenLog = Callable[..., Any]


def requests_of(hour: datetime, number: int, status: int = 200, slow: float = 100) -> Iterator[str]:
    rng = random.Random(int(hour.timestamp()))
    for place in range(number):
        at = hour + timedelta(seconds=place * 3600 / number)
        latency = rng.uniform(0.9, 1.1) * slow
        yield json.dumps({"time": at.timestamp(), "status": status, "latency_ms": latency, "path": "/"})


def weeks_of_requests(
    weeks: int, special: Mapping[datetime, list[str]] | None = None, grow: float = 1.02
) -> list[str]:
    """So many weeks up to the end of the day: 40 or 60 requests an hour, by night and by day."""
    lines: list[str] = []
    first = datetime(2025, 11, 19, tzinfo=PLACE).astimezone(UTC) - timedelta(weeks=weeks)
    for place in range(24 * 7 * weeks):
        hour = (first + timedelta(hours=place)).astimezone(PLACE)
        usual = (60 if hour.hour in BUSY else 40) * grow ** (place / 168)
        known = (special or {}).get(hour)
        lines += known if known is not None else requests_of(hour, round(usual))
    return lines


def measured(log: Any, window: Window | None = None) -> MeasurementResult:
    given = {"window": window or calendar_day(DAY, ZONE)}
    return run_measurement("request_anomalies", given, {"requests": log})


def opened(open_log: OpenLog, lines: list[str]) -> Any:
    return open_log(lines, name="requests.jsonl", zone=ZONE, format="json")


@pytest.fixture
def calm(open_log: OpenLog) -> Any:
    return opened(open_log, weeks_of_requests(10))


def test_on_an_ordinary_day_every_hour_is_judged_and_none_is_unusual(calm: Any) -> None:
    result = measured(calm)
    judged = {fact.entity: (fact.value, fact.n) for fact in result.named("hours_judged")}
    assert judged == {"requests": (24, 24), "error rate": (24, 24), "95th percentile": (24, 24)}
    assert [fact.value for fact in result.named("unusual_hours")] == [0, 0, 0]
    assert len(result.facts) == 6


def test_the_day_after_the_clocks_changed_is_compared_by_the_clock_on_the_wall(open_log: OpenLog) -> None:
    """Los Angeles left daylight saving time on 2 November: eight in the morning is another hour of UTC."""
    result = measured(opened(open_log, weeks_of_requests(10)), calendar_day(date(2025, 11, 4), ZONE))
    assert [fact.value for fact in result.named("unusual_hours")] == [0, 0, 0]


def test_an_hour_with_too_few_requests_is_named_with_what_was_expected(open_log: OpenLog) -> None:
    log = opened(open_log, weeks_of_requests(10, {NOON: list(requests_of(NOON, 9))}))
    result = measured(log)
    found = result.fact("unusual_requests", "2025-11-18 12:00")
    expected = result.fact("expected_requests", "2025-11-18 12:00")
    low = result.fact("expected_requests_low", "2025-11-18 12:00")
    assert found is not None
    assert expected is not None
    assert low is not None
    assert found.value == 9
    assert found.window.start == NOON
    assert found.window.hours == 1
    assert expected.value == pytest.approx(73, abs=2)
    assert 9 < low.value < expected.value


def test_an_hour_without_any_request_is_unusual_and_not_unknown(open_log: OpenLog) -> None:
    result = measured(opened(open_log, weeks_of_requests(10, {NOON: []})))
    found = result.fact("unusual_requests", "2025-11-18 12:00")
    assert found is not None
    assert found.value == 0


def test_failures_and_slow_requests_are_told_apart(open_log: OpenLog) -> None:
    later = NOON + timedelta(hours=2)
    failing = [*requests_of(NOON, 60), *requests_of(NOON, 12, status=500)]
    slow = list(requests_of(later, 72, slow=250))
    result = measured(opened(open_log, weeks_of_requests(10, {NOON: failing, later: slow})))
    rate = result.fact("unusual_error_rate", "2025-11-18 12:00")
    most = result.fact("expected_error_rate_high", "2025-11-18 12:00")
    time = result.fact("unusual_response_time", "2025-11-18 14:00")
    high = result.fact("expected_response_time_high", "2025-11-18 14:00")
    assert rate is not None
    assert most is not None
    assert time is not None
    assert high is not None
    assert rate.value == pytest.approx(12 / 72)
    assert most.value < rate.value
    assert high.value < time.value
    assert [fact.value for fact in result.named("unusual_hours")] == [0, 1, 1]


def test_three_weeks_of_requests_judge_no_hour_and_say_why(open_log: OpenLog) -> None:
    result = measured(opened(open_log, weeks_of_requests(3)))
    judged = {fact.entity: fact.value for fact in result.named("hours_judged")}
    assert (judged["requests"], judged["95th percentile"]) == (0, 0)
    assert any("anomalies need 5 weeks of requests before the window" in note for note in result.notes)


def test_only_whole_hours_are_judged(calm: Any) -> None:
    window = Window(start=NOON + timedelta(minutes=1), end=NOON + timedelta(hours=2, minutes=59), zone=ZONE)
    judged = measured(calm, window).fact("hours_judged", "requests")
    assert judged is not None
    assert (judged.value, judged.n) == (1, 1)
    short = Window(start=NOON + timedelta(minutes=1), end=NOON + timedelta(minutes=59), zone=ZONE)
    assert measured(calm, short).status == "no_data"
