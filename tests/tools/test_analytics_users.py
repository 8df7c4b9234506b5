"""Growth, active users, retention and adoption, on logs whose answers can be counted by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest

import postlaunch.tools.analytics  # registers the measurements  # noqa: F401
from postlaunch.errors import UsageError
from postlaunch.sources.events import EventLog
from postlaunch.tools.measurement import MeasurementResult, run_measurement
from postlaunch.windows import Window, iso_week_of

Happened = tuple[str, str, str]
"""Moment, user, event."""


def events(happened: Iterable[Happened]) -> list[dict[str, object]]:
    return [
        {"id": place, "time": at, "user": user, "event": name}
        for place, (at, user, name) in enumerate(happened)
    ]


def days(first: str, last: str, zone: str = "UTC") -> Window:
    """From one day to another, the last not included."""
    start, end = (
        datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) for day in (first, last)
    )
    return Window(start=start, end=end, zone=zone)


def daily(user: str, first: str, number: int, hour: int = 12) -> list[Happened]:
    """A visit a day."""
    start = datetime.fromisoformat(f"{first}T{hour:02d}:00:00+00:00")
    return [((start + timedelta(days=day)).isoformat(), user, "visit") for day in range(number)]


def run(log: EventLog, name: str, window: Window, **parameters: object) -> MeasurementResult:
    return run_measurement(name, {"window": window, **parameters}, {"events": log})


def values(result: MeasurementResult) -> dict[str, float]:
    return {fact.name: fact.value for fact in result.facts}


# --- growth ---------------------------------------------------------------------------------------------


def test_growth_is_of_the_total_and_new_users_stand_apart(open_event_log) -> None:
    log = open_event_log(
        events(
            [
                *daily("old", "2025-09-01", 62),
                *daily("gone", "2025-09-01", 3),
                *daily("new", "2025-10-05", 5),
                *daily("later", "2025-11-01", 1),
            ]
        )
    )
    result = run(log, "user_growth", days("2025-10-01", "2025-11-01"))
    assert values(result) == {"total_users": 3, "new_users": 1, "user_growth": 0.5}


def test_with_a_sign_up_event_visitors_are_no_users(open_event_log) -> None:
    log = open_event_log(
        events(
            [
                ("2025-10-02T08:00:00Z", "ada", "signup"),
                ("2025-11-03T08:00:00Z", "bob", "visit"),
                ("2025-11-04T08:00:00Z", "bob", "signup"),
                ("2025-11-05T08:00:00Z", "eve", "visit"),
                ("2025-11-30T23:59:00Z", "eve", "visit"),
            ]
        )
    )
    result = run(log, "user_growth", days("2025-11-01", "2025-12-01"), signup_event="signup")
    assert values(result) == {"total_users": 2, "new_users": 1, "user_growth": 1.0}


def test_in_a_first_month_who_is_new_is_not_known(open_event_log) -> None:
    log = open_event_log(events(daily("ada", "2025-11-01", 30, hour=0)))
    result = run(log, "user_growth", days("2025-11-01", "2025-12-01"))
    assert values(result) == {"total_users": 1}
    assert "who is new is not known; name the sign-up event" in result.notes[-1]


def test_a_first_month_with_sign_ups_has_new_users_and_no_growth(open_event_log) -> None:
    log = open_event_log(events([("2025-11-01T00:01:00Z", "ada", "signup"), *daily("ada", "2025-11-02", 29)]))
    result = run(log, "user_growth", days("2025-11-01", "2025-12-01"), signup_event="signup")
    assert values(result) == {"total_users": 1, "new_users": 1}
    assert "growth is not available: no user is known from before the window" in result.notes


def test_an_empty_month_is_no_data(open_event_log) -> None:
    log = open_event_log(events([*daily("ada", "2025-09-01", 3), *daily("ada", "2025-11-01", 3)]))
    for name in ("user_growth", "active_users_daily", "retention", "time_on_platform", "flows"):
        result = run(log, name, days("2025-10-01", "2025-11-01"))
        assert (result.status, result.facts) == ("no_data", ())
        assert result.reason.startswith("no event in Oct 1–31, 2025: the events cover 2025-09-01 12:00 to")


def test_a_baseline_that_is_not_covered_is_not_compared_with(open_event_log) -> None:
    log = open_event_log(events(daily("ada", "2025-10-01", 62)))
    window = days("2025-11-01", "2025-12-01")
    result = run(log, "user_growth", window, baseline=days("2025-09-01", "2025-10-01"))
    assert result.fact("total_users").baseline is None
    assert "not compared with Sep 1–30, 2025: the events do not cover all of it" in result.notes


# --- active users ---------------------------------------------------------------------------------------


def test_dau_is_a_mean_over_complete_days_and_wau_and_mau_trail(open_event_log) -> None:
    log = open_event_log(
        events(
            [
                *daily("ada", "2025-10-01", 61, hour=0),
                *daily("bob", "2025-11-10", 3),
                *daily("eve", "2025-11-28", 2),
                *daily("old", "2025-10-20", 1),
                ("2025-11-30T23:59:00Z", "ada", "visit"),
            ]
        )
    )
    result = run(log, "active_users_daily", days("2025-11-01", "2025-12-01"))
    assert values(result) == pytest.approx(
        {
            "daily_active_users": (30 + 3 + 2) / 30,
            "weekly_active_users": 2,
            "monthly_active_users": 3,
            "stickiness": (30 + 3 + 2) / 30 / 3,
        }
    )
    assert result.fact("daily_active_users").n == 30


def test_a_day_that_is_not_over_is_not_in_the_mean(open_event_log) -> None:
    log = open_event_log(events([*daily("ada", "2025-11-01", 3, hour=0), *daily("bob", "2025-11-03", 1, 1)]))
    result = run(log, "active_users_daily", days("2025-11-01", "2025-11-08"))
    assert values(result) == {"daily_active_users": 1}
    assert result.fact("daily_active_users").n == 2
    assert "partial: observed until 2025-11-03 01:00 UTC" in result.notes
    assert any("monthly active users and stickiness: not available" in note for note in result.notes)


def test_a_complete_day_without_users_counts_as_zero(open_event_log) -> None:
    log = open_event_log(
        events([*daily("ada", "2025-11-03", 1, 0), ("2025-11-05T23:59:59Z", "ada", "visit")])
    )
    window = days("2025-11-03", "2025-11-06")
    assert values(run(log, "active_users_daily", window))["daily_active_users"] == pytest.approx(2 / 3)
    by_day = run(log, "active_users_by_day", window)
    assert [(fact.entity, fact.value) for fact in by_day.facts] == [
        ("2025-11-03", 1),
        ("2025-11-04", 0),
        ("2025-11-05", 1),
    ]


def test_events_of_nobody_are_in_no_figure_about_users(open_event_log) -> None:
    log = open_event_log(
        [
            {"time": "2025-11-03T00:00:00Z", "event": "visit", "user": None},
            {"time": "2025-11-03T12:00:00Z", "event": "visit", "user": "ada"},
            {"time": "2025-11-03T23:59:00Z", "event": "visit", "user": ""},
        ]
    )
    result = run(log, "active_users_daily", days("2025-11-03", "2025-11-04"))
    assert result.fact("daily_active_users").value == 1
    assert "events without a user, in no figure about users: 2" in result.notes


@pytest.mark.parametrize(("day", "number"), [(date(2025, 10, 27), 7), (date(2026, 3, 2), 7)])
def test_a_week_in_which_the_clocks_change_has_seven_days(open_event_log, day: date, number: int) -> None:
    zone = "America/Los_Angeles"
    week = iso_week_of(day, zone)
    hourly = [
        ((week.start + timedelta(hours=hour)).isoformat(), f"u{hour % 5}", "visit")
        for hour in range(round(week.hours))
    ]
    log = open_event_log(events(hourly), zone=zone, clock=lambda: week.end)
    result = run_measurement("active_users_by_day", {"window": week}, {"events": log})
    assert [fact.value for fact in result.facts] == [5] * number
    mean = run_measurement("active_users_daily", {"window": week}, {"events": log})
    assert (mean.fact("daily_active_users").value, mean.fact("daily_active_users").n) == (5, 7)


def test_a_window_of_another_zone_is_refused(open_event_log) -> None:
    log = open_event_log(events(daily("ada", "2025-11-01", 3)))
    with pytest.raises(UsageError, match="counted by days of UTC, the window is of Asia/Kolkata"):
        run(log, "user_growth", days("2025-11-01", "2025-11-02", "Asia/Kolkata"))


# --- retention ------------------------------------------------------------------------------------------

JOINED = [
    ("2025-11-01T10:00:00Z", "ada", "signup"),
    ("2025-11-02T23:00:00Z", "ada", "visit"),
    ("2025-11-01T20:00:00Z", "bob", "signup"),
    ("2025-11-04T10:00:00Z", "bob", "visit"),
    ("2025-11-02T10:00:00Z", "eve", "signup"),
    ("2025-11-08T10:00:00Z", "eve", "visit"),
    ("2025-11-08T23:59:00Z", "ada", "visit"),
]


def test_retention_is_on_the_calendar_day_and_unbounded_named_apart(open_event_log) -> None:
    log = open_event_log(events(JOINED))
    result = run(
        log,
        "retention",
        days("2025-11-01", "2025-11-09"),
        cohort=days("2025-11-01", "2025-11-03"),
        days=[1, 6, 7, 30],
        signup_event="signup",
    )
    assert values(result) == pytest.approx(
        {
            "day_1_retention": 1 / 3,
            "day_1_retention_unbounded": 1,
            "day_6_retention": 1 / 3,
            "day_6_retention_unbounded": 2 / 3,
            "day_7_retention": 1 / 2,
            "day_7_retention_unbounded": 1 / 2,
        }
    )
    assert result.fact("day_7_retention").n == 2
    assert result.fact("day_7_retention").note == (
        "joined 2025-11-01 to 2025-11-02; 1 of 3 are too young and not counted"
    )
    assert (
        "day 30: not yet observable: none of the 3 users who joined 2025-11-01 to 2025-11-02 has 30 complete "
        "days behind them"
    ) in result.notes


def test_a_cohort_that_is_too_young_for_everything_is_no_data(open_event_log) -> None:
    log = open_event_log(events(JOINED))
    window = days("2025-11-01", "2025-11-09")
    result = run(log, "retention", window, cohort=window, days=[30], signup_event="signup")
    assert result.status == "no_data"
    assert result.reason.startswith("day 30: not yet observable: none of the 3 users who joined")


def test_by_default_the_cohort_is_of_those_whose_day_lies_in_the_window(open_event_log) -> None:
    log = open_event_log(events(JOINED))
    result = run(log, "retention", days("2025-11-08", "2025-11-09"), days=[7, 6], signup_event="signup")
    assert values(result)["day_7_retention"] == 1 / 2
    assert values(result)["day_6_retention"] == 1
    assert result.fact("day_6_retention").note == "joined 2025-11-02"


def test_the_zone_decides_which_day_it_is(open_event_log) -> None:
    happened = [("2025-11-03T23:00:00Z", "ada", "visit"), ("2025-11-04T01:00:00Z", "ada", "visit")]
    rest = [("2025-11-01T00:00:00Z", "bob", "visit"), ("2025-11-06T07:59:00Z", "bob", "visit")]
    found = []
    for zone in ("UTC", "America/Los_Angeles"):
        log = open_event_log(events([*happened, *rest]), zone=zone)
        cohort = Window(
            start=datetime(2025, 11, 3, 8, tzinfo=UTC), end=datetime(2025, 11, 4, tzinfo=UTC), zone=zone
        )
        window = Window(start=cohort.start, end=datetime(2025, 11, 6, 8, tzinfo=UTC), zone=zone)
        result = run_measurement(
            "retention", {"window": window, "cohort": cohort, "days": [1]}, {"events": log}
        )
        found.append(values(result)["day_1_retention"])
    assert found == [1, 0]


def test_who_joined_before_the_events_begin_is_warned_of(open_event_log) -> None:
    log = open_event_log(events(daily("ada", "2025-11-01", 5)))
    window = days("2025-11-01", "2025-11-06")
    assert any("some joined earlier" in note for note in run(log, "retention", window, days=[1]).notes)


# --- adoption -------------------------------------------------------------------------------------------


def in_roles(open_event_log) -> EventLog:
    def event(at: str, user: str, name: str, role: str | None) -> dict[str, object]:
        return {"time": f"2025-11-{at}T12:00:00Z", "user": user, "event": name, "role": role}

    return open_event_log(
        [
            event("01", "ada", "login", "admin"),
            event("02", "ada", "assign_role", None),
            event("03", "bob", "login", "user"),
            event("04", "bob", "login", "admin"),
            event("05", "eve", "login", "admin"),
            event("06", "eve", "assign_role", "user"),
            event("07", "joe", "visit", None),
            event("29", "joe", "assign_role", "admin"),
        ]
    )


def test_adoption_is_a_share_of_all_users_or_of_a_role(open_event_log) -> None:
    log = in_roles(open_event_log)
    window = days("2025-11-01", "2025-11-08")
    of_all = run(log, "feature_adoption", window, features=["login", "assign_role"])
    assert [(fact.entity, fact.value) for fact in of_all.named("feature_adoption")] == [
        ("login", 3 / 4),
        ("assign_role", 2 / 4),
    ]
    of_admins = run(log, "feature_adoption", window, features=["assign_role"], role="admin")
    assert values(of_admins) == {"feature_users": 1, "feature_audience": 2, "feature_adoption": 1 / 2}
    assert of_admins.facts[0].note == 'audience: in the role "admin"'


def test_an_event_that_never_occurs_has_no_adoption_rather_than_none_of_the_users(open_event_log) -> None:
    result = run(
        in_roles(open_event_log),
        "feature_adoption",
        days("2025-11-01", "2025-11-08"),
        features=["login", "log_in"],
    )
    assert [fact.entity for fact in result.named("feature_adoption")] == ["login"]
    assert "log_in: not available: no event has this name" in result.notes


def test_a_role_that_nobody_has_is_no_audience(open_event_log) -> None:
    log = in_roles(open_event_log)
    window = days("2025-11-01", "2025-11-08")
    result = run(log, "feature_adoption", window, features=["login"], role="owner")
    assert (result.status, result.reason.split(" in Nov")[0]) == (
        "no_data",
        'no user is in the role "owner"',
    )
    nobody = run(log, "feature_adoption", window, features=["login"], signup_event="joined")
    assert nobody.reason.startswith('no user with the event "joined" in Nov')
