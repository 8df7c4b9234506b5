"""What is due tonight: tables over the calendar, clock changes, year ends, first and missed nights."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from postlaunch.graphs.cadence import Calendar, Made, Recorded, due
from postlaunch.settings_cadence import Cadence
from postlaunch.windows import Window, parse_day, parse_month, parse_week

ANGELES = "America/Los_Angeles"


def recorded_from(first: datetime, reaches: datetime) -> Recorded:
    return Recorded(first=first, begins=first, ends=reaches, reaches=reaches)


ALWAYS = recorded_from(datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
PARSE = {"daily_check": parse_day, "weekly_report": parse_week, "monthly_review": parse_month}


def made(
    workflow: str, *periods: str, state: str = "done", zone: str = "UTC", **fields: object
) -> list[Made]:
    """Runs that looked at these periods."""
    return [
        Made.model_validate(
            {"workflow": workflow, "window": PARSE[workflow](period, zone), "state": state, **fields}
        )
        for period in periods
    ]


def planned(week: str, state: str = "done", sprint: int = 4, zone: str = "UTC") -> Made:
    """A planning that looked at a week."""
    return Made.model_validate(
        {"workflow": "sprint_planning", "window": parse_week(week, zone), "state": state, "sprint": sprint}
    )


def asked(
    now: str,
    before: list[Made] | None = None,
    *,
    zone: str = "UTC",
    cadence: Cadence | None = None,
    recorded: Recorded | None = ALWAYS,
    next_sprint: int | None = None,
) -> Calendar:
    return due(
        datetime.fromisoformat(now).replace(tzinfo=UTC) if "+" not in now else datetime.fromisoformat(now),
        zone,
        cadence or Cadence(),
        recorded=recorded,
        made=before or [],
        next_sprint=next_sprint,
    )


def periods(calendar: Calendar, workflow: str) -> list[str]:
    return [one.period for one in calendar.due if one.workflow == workflow]


def test_the_first_night_takes_the_newest_whole_period_of_each_and_plans() -> None:
    recorded = recorded_from(datetime(2025, 9, 15, tzinfo=UTC), ALWAYS.reaches)
    calendar = asked("2025-11-24T09:00", recorded=recorded, next_sprint=4)
    assert [(one.workflow, one.period) for one in calendar.due] == [
        ("daily_check", "2025-11-23"),
        ("weekly_report", "2025-W47"),
        ("monthly_review", "2025-10"),
        ("sprint_planning", "2025-11-24"),
    ]
    assert calendar.notes == ()


def test_once_everything_is_made_nothing_is_due() -> None:
    before = [
        *made("daily_check", "2025-11-23"),
        *made("weekly_report", "2025-W47"),
        *made("monthly_review", "2025-10"),
    ]
    assert asked("2025-11-24T09:00", before) == Calendar()


@pytest.mark.parametrize(
    ("now", "zone", "day"),
    [
        ("2025-11-24T07:59", ANGELES, "2025-11-22"),
        ("2025-11-24T08:00", ANGELES, "2025-11-23"),
        ("2025-11-24T00:00", "UTC", "2025-11-23"),
        ("2025-11-23T15:00", "Asia/Tokyo", "2025-11-23"),
        ("2026-01-01T00:00", "UTC", "2025-12-31"),
        ("2025-11-03T07:59", ANGELES, "2025-11-01"),
        ("2025-11-03T08:00", ANGELES, "2025-11-02"),
        ("2026-03-09T06:59", ANGELES, "2026-03-07"),
        ("2026-03-09T07:00", ANGELES, "2026-03-08"),
    ],
    ids=[
        "a minute before midnight in Los Angeles",
        "midnight in Los Angeles",
        "midnight in Greenwich",
        "midnight in Tokyo",
        "the last day of the year",
        "a day of 25 hours is not over",
        "a day of 25 hours is over",
        "a day of 23 hours is not over",
        "a day of 23 hours is over",
    ],
)
def test_a_day_is_due_when_it_is_over_on_the_applications_wall_clock(now: str, zone: str, day: str) -> None:
    assert periods(asked(now, zone=zone), "daily_check") == [day]


@pytest.mark.parametrize(
    ("now", "week"),
    [
        ("2025-12-28T23:59", "2025-W51"),
        ("2025-12-29T00:00", "2025-W52"),
        ("2026-01-04T12:00", "2025-W52"),
        ("2026-01-05T00:00", "2026-W01"),
        ("2021-01-04T00:00", "2020-W53"),
    ],
)
def test_weeks_follow_iso_over_the_turn_of_the_year(now: str, week: str) -> None:
    assert periods(asked(now), "weekly_report") == [week]


@pytest.mark.parametrize(
    ("now", "month"),
    [
        ("2026-01-01T00:00", "2025-12"),
        ("2024-02-29T23:59", "2024-01"),
        ("2024-03-01T00:00", "2024-02"),
    ],
)
def test_months_are_due_when_they_are_over(now: str, month: str) -> None:
    assert periods(asked(now), "monthly_review") == [month]


def test_missed_days_are_made_up_for_in_their_order_and_what_is_made_is_left() -> None:
    before = made("daily_check", "2025-11-19", "2025-11-21")
    calendar = asked("2025-11-24T09:00", before)
    assert periods(calendar, "daily_check") == ["2025-11-20", "2025-11-22", "2025-11-23"]
    assert [one.why for one in calendar.due if one.workflow == "daily_check"] == ["missed", "missed", "new"]


def test_no_more_is_made_up_for_than_the_settings_say_and_the_rest_is_told() -> None:
    calendar = asked("2025-11-24T09:00", made("daily_check", "2025-11-01"), cadence=Cadence(catch_up_days=3))
    assert periods(calendar, "daily_check") == ["2025-11-21", "2025-11-22", "2025-11-23"]
    [note] = calendar.notes
    assert "between 2025-11-01 and 2025-11-21 was missed too long ago" in note


def test_missed_weeks_and_months_are_made_up_for() -> None:
    before = [*made("weekly_report", "2025-W44"), *made("monthly_review", "2025-08")]
    calendar = asked("2025-11-24T09:00", before)
    assert periods(calendar, "weekly_report") == ["2025-W45", "2025-W46", "2025-W47"]
    assert periods(calendar, "monthly_review") == ["2025-09", "2025-10"]


def test_nothing_before_the_first_report_is_made_up_for() -> None:
    assert periods(asked("2025-11-24T09:00", made("daily_check", "2025-11-22")), "daily_check") == [
        "2025-11-23"
    ]


@pytest.mark.parametrize("state", ["created", "running", "failed"])
def test_what_was_begun_and_not_finished_is_due(state: str) -> None:
    calendar = asked("2025-11-24T09:00", made("daily_check", "2025-11-22", "2025-11-23", state=state))
    assert periods(calendar, "daily_check") == ["2025-11-22", "2025-11-23"]
    assert calendar.due[0].why == "begun and not finished"


def test_a_degraded_report_is_made_again_only_while_it_is_the_newest() -> None:
    calendar = asked("2025-11-24T09:00", made("daily_check", "2025-11-22", "2025-11-23", degraded=True))
    assert periods(calendar, "daily_check") == ["2025-11-23"]


def test_a_report_on_a_part_of_a_day_does_not_stand_for_the_day() -> None:
    [whole] = made("daily_check", "2025-11-23")
    part = whole.model_copy(update={"window": whole.window.cut(datetime(2025, 11, 23, 12, tzinfo=UTC))})
    assert periods(asked("2025-11-24T09:00", [part]), "daily_check") == ["2025-11-23"]
    assert periods(asked("2025-11-24T09:00", [part, whole]), "daily_check") == []


def test_a_report_that_a_newer_one_superseded_counts_through_the_newer_one() -> None:
    before = [*made("daily_check", "2025-11-23", state="superseded"), *made("daily_check", "2025-11-23")]
    assert periods(asked("2025-11-24T09:00", before), "daily_check") == []


def test_a_period_whose_data_is_not_there_yet_waits_and_is_told() -> None:
    recorded = recorded_from(ALWAYS.first, datetime(2025, 11, 23, 18, tzinfo=UTC))
    before = [*made("daily_check", "2025-11-21"), *made("weekly_report", "2025-W46")]
    calendar = asked("2025-11-25T02:00", before, recorded=recorded)
    assert periods(calendar, "daily_check") == ["2025-11-22"]
    assert periods(calendar, "weekly_report") == []
    assert calendar.notes == (
        "daily check of 2025-11-23, 2025-11-24 waits for its data, which ends at 2025-11-23 18:00 UTC",
        "weekly report of 2025-W47 waits for its data, which ends at 2025-11-23 18:00 UTC",
    )


OVERDUE = recorded_from(ALWAYS.first, datetime(2025, 11, 5, 11, tzinfo=UTC)).model_copy(
    update={"overdue": True}
)
"""Nothing came after eleven on November 5, and more should have come by now."""
UP_TO_NOW = [
    *made("daily_check", "2025-11-04"),
    *made("weekly_report", "2025-W44"),
    *made("monthly_review", "2025-10"),
]


def in_part(known_at: datetime, ends: datetime = OVERDUE.ends, **fields: object) -> list[Made]:
    """Runs that looked at November 5 as far as the data goes."""
    [whole] = made("daily_check", "2025-11-05", known_at=known_at, **fields)
    return [whole.model_copy(update={"window": whole.window.cut(ends)})]


MIDNIGHT = datetime(2025, 11, 6, tzinfo=UTC)


def test_the_day_in_which_overdue_data_ends_is_checked_from_what_there_is_and_told() -> None:
    calendar = asked("2025-11-06T02:00", UP_TO_NOW, recorded=OVERDUE)
    assert [(one.workflow, one.period) for one in calendar.due] == [("daily_check", "2025-11-05")]
    assert calendar.overdue == ("daily check of 2025-11-05 (made of what there is)",)
    assert calendar.notes == ()


def test_the_first_night_of_all_tells_of_overdue_data_too() -> None:
    calendar = asked("2025-11-06T02:00", [], recorded=OVERDUE)
    assert periods(calendar, "daily_check") == ["2025-11-04", "2025-11-05"]
    assert periods(calendar, "weekly_report") == ["2025-W44"]
    assert calendar.overdue == ("daily check of 2025-11-05 (made of what there is)",)


def test_a_day_in_part_is_checked_once_and_the_days_after_it_and_the_week_are_told_as_waiting() -> None:
    calendar = asked("2025-11-12T02:00", [*UP_TO_NOW, *in_part(MIDNIGHT)], recorded=OVERDUE)
    assert calendar.due == ()
    assert calendar.overdue == (
        "daily check of 2025-11-05 (made of what there is)",
        "daily check of 2025-11-06 to 2025-11-11",
        "weekly report of 2025-W45",
    )


@pytest.mark.parametrize(
    "before",
    [
        in_part(MIDNIGHT - timedelta(hours=1)),
        in_part(MIDNIGHT, ends=OVERDUE.ends - timedelta(hours=1)),
        in_part(MIDNIGHT, state="failed"),
        in_part(MIDNIGHT, degraded=True),
    ],
    ids=["before the day was over", "before the last data came", "and failed", "and without a source"],
)
def test_a_day_in_part_is_checked_again_where_not_all_there_is_was_looked_at(before: list[Made]) -> None:
    calendar = asked("2025-11-06T02:00", [*UP_TO_NOW, *before], recorded=OVERDUE)
    assert periods(calendar, "daily_check") == ["2025-11-05"]


def test_a_day_in_part_is_checked_anew_once_its_data_is_there() -> None:
    calendar = asked("2025-11-07T02:00", [*UP_TO_NOW, *in_part(MIDNIGHT)])
    assert periods(calendar, "daily_check") == ["2025-11-05", "2025-11-06"]
    assert calendar.overdue == ()


def test_the_first_night_over_old_data_takes_the_newest_period_that_the_data_covers() -> None:
    recorded = recorded_from(datetime(2025, 9, 15, tzinfo=UTC), datetime(2025, 11, 24, 0, 0, 30, tzinfo=UTC))
    calendar = asked("2026-06-01T02:00", recorded=recorded)
    assert [(one.workflow, one.period) for one in calendar.due] == [
        ("daily_check", "2025-11-23"),
        ("weekly_report", "2025-W47"),
        ("monthly_review", "2025-10"),
    ]


def test_a_period_that_the_data_only_begins_in_is_never_due() -> None:
    recorded = recorded_from(datetime(2025, 11, 19, 12, tzinfo=UTC), ALWAYS.reaches)
    calendar = asked("2025-11-24T09:00", recorded=recorded)
    assert [(one.workflow, one.period) for one in calendar.due] == [("daily_check", "2025-11-23")]


def test_without_a_log_nothing_periodic_is_due() -> None:
    assert asked("2025-11-24T09:00", recorded=None) == Calendar()


def test_a_clock_that_went_back_finds_nothing_to_do_again() -> None:
    days = [str(date(2025, 11, 1) + timedelta(days=n)) for n in range(23)]
    before = [*made("daily_check", *days), *made("weekly_report", "2025-W44", "2025-W45", "2025-W46")]
    before += made("monthly_review", "2025-10")
    assert asked("2025-11-10T00:00", before) == Calendar()


# --- planning ---------------------------------------------------------------------------------------------


FORTNIGHTS = Cadence(planning_from=date(2025, 9, 15))
"""Mondays: September 15 and 29, October 13 and 27, November 10 and 24."""


def planning(now: str, *before: Made, cadence: Cadence = FORTNIGHTS, zone: str = "UTC") -> list[str]:
    calendar = asked(now, list(before), cadence=cadence, zone=zone, recorded=None, next_sprint=4)
    return periods(calendar, "sprint_planning")


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2025-11-10T00:00", "2025-11-10"),
        ("2025-11-23T23:59", "2025-11-10"),
        ("2025-11-24T00:00", "2025-11-24"),
        ("2026-01-05T00:00", "2026-01-05"),
        ("2025-09-14T12:00", None),
    ],
)
def test_planning_is_due_every_two_weeks_from_its_first_day(now: str, day: str | None) -> None:
    assert planning(now) == ([day] if day else [])


def test_planning_is_due_on_the_applications_day() -> None:
    assert planning("2025-11-24T07:59", zone=ANGELES) == ["2025-11-10"]
    assert planning("2025-11-24T08:00", zone=ANGELES) == ["2025-11-24"]


def test_without_a_first_day_planning_counts_from_the_first_week_with_data() -> None:
    recorded = recorded_from(datetime(2025, 9, 17, tzinfo=UTC), ALWAYS.reaches)
    for day, cadence in (("2025-11-10", Cadence()), ("2025-11-12", Cadence(planning_day="wednesday"))):
        calendar = asked("2025-11-23T00:00", cadence=cadence, recorded=recorded, next_sprint=4)
        assert periods(calendar, "sprint_planning") == [day]


def test_the_first_week_with_data_is_that_of_the_first_thing_recorded() -> None:
    """The recording is taken to have begun a little before: on a Sunday, for what begins on a Monday."""
    monday = datetime(2025, 9, 15, tzinfo=UTC)
    recorded = recorded_from(monday, ALWAYS.reaches).model_copy(
        update={"begins": monday - timedelta(minutes=5)}
    )
    calendar = asked("2025-11-20T00:00", recorded=recorded, next_sprint=4)
    assert periods(calendar, "sprint_planning") == ["2025-11-10"]


def test_a_planning_nearer_to_this_day_than_to_the_one_before_stands_for_it() -> None:
    assert planning("2025-11-24T09:00", planned("2025-W45")) == ["2025-11-24"]
    assert planning("2025-11-24T09:00", planned("2025-W46")) == []
    assert planning("2025-11-24T09:00", planned("2025-W47")) == []
    assert planning("2025-12-08T09:00", planned("2025-W47")) == ["2025-12-08"]


def test_a_planning_that_failed_is_due_again() -> None:
    assert planning("2025-11-24T09:00", planned("2025-W47", "failed")) == ["2025-11-24"]


def test_while_a_gate_of_the_sprint_is_open_no_second_one_is_made() -> None:
    before = [planned("2025-W43", "waiting", sprint=4)]
    calendar = asked("2025-11-24T09:00", before, cadence=FORTNIGHTS, recorded=None, next_sprint=4)
    assert calendar.due == ()
    assert calendar.notes == ("sprint 4 waits for a decision: no second proposal is made",)
    after = asked("2025-11-24T09:00", before, cadence=FORTNIGHTS, recorded=None, next_sprint=5)
    assert periods(after, "sprint_planning") == ["2025-11-24"]


def test_with_nothing_to_plan_from_no_planning_is_due() -> None:
    assert asked("2025-11-24T09:00", recorded=None, cadence=FORTNIGHTS).due == ()


def test_half_a_year_of_nights_makes_every_period_once() -> None:
    """Played through, night by night, over both changes of the clock and the turn of the year."""
    runs: list[Made] = []
    now = datetime(2025, 10, 20, 10, tzinfo=UTC)
    while now < datetime(2026, 4, 20, tzinfo=UTC):
        sprint = 4 + sum(one.workflow == "sprint_planning" for one in runs)
        calendar = due(now, ANGELES, FORTNIGHTS, recorded=ALWAYS, made=runs, next_sprint=sprint)
        for part in calendar.due:
            window = (
                _last_week(now)
                if part.workflow == "sprint_planning"
                else PARSE[part.workflow](part.period, ANGELES)
            )
            runs.append(Made(workflow=part.workflow, window=window, state="done", sprint=sprint))
        now += timedelta(days=1)
    counts = {name: [one.window.label for one in runs if one.workflow == name] for name in PARSE}
    assert all(len(labels) == len(set(labels)) for labels in counts.values())
    assert len(counts["daily_check"]) == 182
    assert len(counts["weekly_report"]) == 26
    assert counts["monthly_review"] == [
        "2025-09",
        "2025-10",
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
        "2026-03",
    ]
    assert sum(one.workflow == "sprint_planning" for one in runs) == 13


def _last_week(now: datetime) -> Window:
    return parse_week(f"{now:%Y-%m-%d}", ANGELES).before()
