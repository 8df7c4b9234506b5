"""Spans of time: weeks on the wall clock, partial weeks, and what they are compared with."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.errors import UsageError
from postlaunch.windows import (
    Window,
    calendar_day,
    iso_week_of,
    month_of,
    parse_day,
    parse_month,
    parse_week,
    weeks_covering,
    weeks_of,
    zone_named,
)

LOS_ANGELES = "America/Los_Angeles"


@pytest.mark.parametrize(("day", "hours"), [(date(2025, 11, 2), 169), (date(2026, 3, 8), 167)])
def test_a_week_over_a_clock_change_has_an_hour_more_or_less(day: date, hours: int) -> None:
    assert iso_week_of(day, LOS_ANGELES).hours == hours


def test_a_week_is_half_open() -> None:
    week = parse_week("2025-W47", "UTC")
    assert week.contains(datetime(2025, 11, 17, tzinfo=UTC))
    assert not week.contains(datetime(2025, 11, 24, tzinfo=UTC))


def test_a_day_names_its_week() -> None:
    assert parse_week("2025-11-19", "UTC") == parse_week("2025-W47", "UTC")


@pytest.mark.parametrize("text", ["2025-W54", "last week", "2025-13-01", ""])
def test_what_is_no_week_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="not a week") as caught:
        parse_week(text, "UTC")
    assert "2026-W07" in caught.value.remedy


def test_an_unknown_zone_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="Mars/Olympus"):
        zone_named("Mars/Olympus")


def test_a_partial_week_is_compared_with_the_same_elapsed_part() -> None:
    wednesday_noon = datetime(2025, 11, 19, 12, tzinfo=UTC)
    week = parse_week("2025-W47", "UTC").cut(wednesday_noon)
    before = week.before()
    assert week.partial
    assert before.partial
    assert before.observed_end == wednesday_noon - timedelta(days=7)


def test_the_same_elapsed_part_is_counted_on_the_wall_clock_over_a_clock_change() -> None:
    zone = ZoneInfo(LOS_ANGELES)
    wednesday_noon = datetime(2025, 11, 5, 12, tzinfo=zone)
    before = parse_week("2025-W45", LOS_ANGELES).cut(wednesday_noon).before()
    assert before.local(before.observed_end).strftime("%A %H:%M") == "Wednesday 12:00"


def test_the_week_before_the_first_of_a_year_is_of_the_year_before() -> None:
    assert parse_week("2026-W01", "UTC").before().label == "2025-W52"


@given(st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)), st.integers(0, 60 * 24))  # noqa: DTZ001
def test_weeks_cover_a_span_without_gap_or_overlap(start: datetime, hours: int) -> None:
    first = start.replace(tzinfo=UTC)
    last = first + timedelta(hours=hours)
    weeks = weeks_covering(first, last, "Europe/Berlin")
    assert weeks[0].contains(first)
    assert weeks[-1].contains(last)
    assert all(a.end == b.start for a, b in itertools.pairwise(weeks))


def test_a_window_needs_zoned_moments_in_order() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Window(start=datetime(2025, 1, 1), end=datetime(2025, 1, 2))  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="ends after"):
        Window(start=datetime(2025, 1, 2, tzinfo=UTC), end=datetime(2025, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("week", "days"),
    [
        ("2025-W47", "Nov 17–23, 2025"),
        ("2025-W48", "Nov 24–30, 2025"),
        ("2025-W49", "Dec 1–7, 2025"),
        ("2026-W01", "Dec 29, 2025 – Jan 4, 2026"),
        ("2025-W40", "Sep 29 – Oct 5, 2025"),
    ],
)
def test_a_week_prints_its_first_and_last_day(week: str, days: str) -> None:
    assert parse_week(week, "UTC").days() == days


def test_a_month_is_of_the_calendar_and_follows_the_month_before() -> None:
    november = month_of(date(2025, 11, 18), "America/Los_Angeles")
    assert (november.label, november.hours) == ("2025-11", 30 * 24 + 1)  # the clocks go back on November 2
    assert november.before().label == "2025-10"
    assert month_of(date(2025, 1, 31), "UTC").before().label == "2024-12"
    assert parse_month("2025-11", "UTC") == parse_month("2025-11-30", "UTC")


def test_a_day_is_of_the_calendar_and_follows_the_day_before() -> None:
    changed = calendar_day(date(2025, 11, 2), "America/Los_Angeles")
    assert (changed.label, changed.hours) == ("2025-11-02", 25)
    assert changed.before() == parse_day("2025-11-01", "America/Los_Angeles")


def test_days_without_a_label_follow_as_many_days_over_a_change_of_the_clocks() -> None:
    end = parse_day("2025-11-24", LOS_ANGELES).start
    days = Window(start=parse_day("2025-10-27", LOS_ANGELES).start, end=end, zone=LOS_ANGELES)
    assert days.hours == 28 * 24 + 1
    assert days.before().start == parse_day("2025-09-29", LOS_ANGELES).start
    assert days.before().end == days.start


@pytest.mark.parametrize("text", ["2025-13", "November", "2025-11-31", ""])
def test_what_is_no_month_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(UsageError, match="is not a month"):
        parse_month(text, "UTC")


def test_the_whole_weeks_of_a_month_leave_out_what_reaches_over_its_ends() -> None:
    october = month_of(date(2025, 10, 1), "UTC")
    assert [week.label for week in weeks_of(october)] == ["2025-W41", "2025-W42", "2025-W43"]
    assert [week.label for week in weeks_of(october.cut(datetime(2025, 10, 20, tzinfo=UTC)))] == [
        "2025-W41",
        "2025-W42",
    ]
