"""What a log covers decides what may be said of which week."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from postlaunch.sources.coverage import MinutesOfHours
from postlaunch.sources.requests import coverage_text
from postlaunch.windows import iso_week_of

MONDAY = datetime(2025, 11, 10, tzinfo=UTC)


def every(step: timedelta, first: datetime, last: datetime) -> list[str]:
    """A line every `step`, from `first` until before `last`."""
    count = int((last - first) / step)
    return [
        json.dumps({"time": (first + step * place).timestamp(), "status": 200, "path": "/"})
        for place in range(count)
    ]


def hourly(first: datetime, last: datetime) -> list[str]:
    return every(timedelta(hours=1), first, last)


def days(number: float) -> timedelta:
    return timedelta(days=number)


def test_the_last_complete_week_is_the_newest_one_wholly_covered(open_log) -> None:
    log = open_log(hourly(MONDAY - days(2), MONDAY + days(16)))
    assert [week.label for week in log.weeks("UTC")] == ["2025-W45", "2025-W46", "2025-W47", "2025-W48"]
    week = log.last_complete_week("UTC")
    assert (week.label, week.partial) == ("2025-W47", False)
    assert log.window_for("UTC") == week


def test_a_first_request_just_after_midnight_leaves_the_week_complete(open_log) -> None:
    log = open_log(every(timedelta(minutes=1), MONDAY + timedelta(minutes=4), MONDAY + days(7)))
    assert log.last_complete_week("UTC").label == "2025-W46"


def test_a_log_that_begins_in_the_morning_does_not_cover_its_week(open_log) -> None:
    log = open_log(every(timedelta(minutes=1), MONDAY + timedelta(hours=2), MONDAY + days(7)))
    assert log.last_complete_week("UTC") is None


def test_as_of_leaves_out_weeks_that_had_not_ended(open_log) -> None:
    log = open_log(hourly(MONDAY, MONDAY + days(14)))
    assert log.window_for("UTC", MONDAY + days(10)).label == "2025-W46"
    assert log.window_for("UTC", MONDAY + days(14)).label == "2025-W47"


def test_without_a_complete_week_the_newest_is_cut_where_the_data_end(open_log) -> None:
    window = open_log(hourly(MONDAY + days(5), MONDAY + days(9))).window_for("UTC")
    assert (window.label, window.partial) == ("2025-W47", True)
    assert window.observed_end == MONDAY + days(9) - timedelta(hours=1) + timedelta(seconds=1)


def test_as_of_cuts_an_incomplete_week(open_log) -> None:
    log = open_log(hourly(MONDAY, MONDAY + days(3)))
    assert log.window_for("UTC", MONDAY + days(2)).observed_end == MONDAY + days(2)


def test_the_week_is_the_one_of_the_applications_zone(open_log) -> None:
    log = open_log(hourly(MONDAY, MONDAY + days(7.1)), zone="America/Los_Angeles")
    assert log.last_complete_week("UTC").label == "2025-W46"
    assert log.last_complete_week("America/Los_Angeles") is None


@pytest.mark.parametrize(
    ("day", "hours"), [((2025, 10, 27), 169), ((2026, 3, 2), 167), ((2025, 11, 10), 168)]
)
def test_a_week_in_which_the_clocks_change_has_169_or_167_hours(open_log, day, hours: int) -> None:
    week = iso_week_of(datetime(*day, tzinfo=UTC).date(), "America/Los_Angeles")
    log = open_log(every(timedelta(minutes=30), week.start, week.end), clock=lambda: week.end)
    assert log.last_complete_week("America/Los_Angeles") == week
    assert week.hours == hours
    assert log.coverage.lines_parsed == 2 * hours


def test_a_log_with_lines_in_one_minute_of_each_hour_is_a_sample(open_log) -> None:
    starts = [MONDAY + timedelta(hours=hour, minutes=5) for hour in range(5)]
    burst = [start + timedelta(seconds=second) for start in starts for second in range(30)]
    random.Random(7).shuffle(burst)
    coverage = open_log([json.dumps({"time": at.isoformat(), "status": 200}) for at in burst]).coverage
    assert coverage.sampled
    assert coverage.sampled_reason == (
        "all requests fall into minute :05 of their hour (5 busy hours): the log is a sample"
    )


def test_a_quiet_log_spread_over_the_hour_is_no_sample(open_log) -> None:
    coverage = open_log(every(timedelta(minutes=2, seconds=50), MONDAY, MONDAY + days(1))).coverage
    assert not coverage.sampled


@pytest.mark.parametrize(
    ("spread", "sampled"),
    [
        (MinutesOfHours(hours=2, most=1, first=5, last=5), False),
        (MinutesOfHours(hours=3, most=1, first=5, last=5), True),
        (MinutesOfHours(hours=3, most=6, first=0, last=59), True),
        (MinutesOfHours(hours=3, most=7, first=0, last=59), False),
        (MinutesOfHours(), False),
    ],
)
def test_a_sample_is_three_busy_hours_of_six_minutes_at_most(spread: MinutesOfHours, sampled: bool) -> None:
    assert bool(spread.sampled_reason) is sampled


def test_what_the_log_covers_is_said_in_two_lines(open_log) -> None:
    first, second = coverage_text(
        open_log([*hourly(MONDAY, MONDAY + days(1)), "broken"]).coverage, "Europe/Berlin"
    ).splitlines()
    assert first == (
        "24 requests from 2025-11-10 01:00 to 2025-11-11 00:00 Europe/Berlin "
        "(access.log, 1.2 KB, json); 1 of 25 lines could not be read"
    )
    assert second == "No response times, no users, no pods in the log."
