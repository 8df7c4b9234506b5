"""Sessions end after half an hour of inactivity, and everything about them follows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import mean, median

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import postlaunch.tools.analytics  # registers the measurements  # noqa: F401
from postlaunch.sources.events import EventLog
from postlaunch.tools.event_query import calendar_weeks
from postlaunch.tools.measurement import MeasurementResult, run_measurement
from postlaunch.windows import Window, iso_week_of

START = datetime(2025, 11, 17, tzinfo=UTC)
WEEK = Window(start=START, end=START + timedelta(days=7))


def at(minute: float, user: str, event: str) -> dict[str, object]:
    return {"time": (START + timedelta(minutes=minute)).isoformat(), "user": user, "event": event}


EDGES = [at(-3_000, "edge", "x"), at(7 * 1_440, "edge", "x")]
"""Events around the week, so that all of it is covered."""


def run(log: EventLog, name: str, window: Window = WEEK, **parameters: object) -> MeasurementResult:
    return run_measurement(name, {"window": window, **parameters}, {"events": log})


def values(result: MeasurementResult) -> dict[str, float]:
    return {fact.name: fact.value for fact in result.facts}


def test_thirty_minutes_of_inactivity_end_a_session_and_not_one_less(open_event_log) -> None:
    log = open_event_log([*EDGES, at(0, "u", "a"), at(30, "u", "a"), at(60.1, "u", "a")])
    result = values(run(log, "time_on_platform"))
    assert (result["sessions"], result["mean_session"], result["median_session"]) == (2, 15, 15)


def test_a_session_under_way_when_the_window_begins_is_of_the_window_before(open_event_log) -> None:
    log = open_event_log([*EDGES, at(-20, "u", "a"), at(5, "u", "a"), at(100, "u", "a"), at(110, "u", "a")])
    result = values(run(log, "time_on_platform"))
    assert (result["sessions"], result["mean_session"]) == (1, 10)


def test_engaged_and_power_users_are_by_time_a_week(open_event_log) -> None:
    def stay(user: str, minutes: int) -> list[dict[str, object]]:
        return [at(minute, user, "a") for minute in (*range(0, minutes, 20), minutes)]

    log = open_event_log([*EDGES, *stay("power", 121), *stay("engaged", 120), *stay("guest", 30)])
    result = values(run(log, "time_on_platform"))
    assert (result["engaged_users"], result["power_users"]) == (2, 1)
    assert (result["engaged_share"], result["power_share"]) == pytest.approx((2 / 3, 1 / 3))


def test_who_only_visits_is_no_user_with_a_session(open_event_log) -> None:
    visits = [at(0, "guest", "view"), at(20, "guest", "view"), at(0, "ada", "view"), at(10, "ada", "login")]
    log = open_event_log([*EDGES, *visits, *(at(minute, "ada", "a") for minute in (200, 225, 250))])
    result = values(run(log, "time_on_platform", visitor_events=["view"]))
    assert (result["sessions"], result["mean_session"]) == (2, 30)
    assert (result["engaged_users"], result["engaged_share"]) == (1, 1)
    assert values(run(log, "time_on_platform"))["engaged_share"] == 1 / 2


def test_over_a_fortnight_being_engaged_takes_twice_the_time(open_event_log) -> None:
    log = open_event_log(
        [*EDGES, *(at(minute, "u", "a") for minute in (0, 20, 40)), at(14 * 1_440, "v", "a")]
    )
    fortnight = Window(start=START, end=START + timedelta(days=14))
    assert values(run(log, "time_on_platform", fortnight))["engaged_users"] == 0
    assert values(run(log, "time_on_platform"))["engaged_users"] == 1


@pytest.mark.parametrize("day", [date(2025, 10, 27), date(2026, 3, 2), date(2025, 11, 17)])
def test_a_week_is_one_week_when_the_clocks_change(day: date) -> None:
    assert calendar_weeks(iso_week_of(day, "America/Los_Angeles")) == 1


def test_flows_count_sessions_transitions_and_beginnings(open_event_log) -> None:
    first = [at(0, "u", "login"), at(1, "u", "view"), at(2, "u", "view"), at(3, "u", "edit")]
    second = [at(100, "u", "login"), at(101, "u", "view"), at(102, "u", "logout")]
    other = [at(0, "v", "login")]
    result = run(open_event_log([*EDGES, *first, *second, *other]), "flows", depth=2)
    shares = {fact.entity: fact.value for fact in result.named("sessions_with_event")}
    assert shares == pytest.approx({"login": 1, "view": 2 / 3, "edit": 1 / 3, "logout": 1 / 3})
    assert list(shares) == ["login", "view", "edit", "logout"]
    assert {fact.entity: fact.value for fact in result.named("transitions")} == {
        "login → view": 2,
        "view → edit": 1,
        "view → logout": 1,
    }
    assert {fact.entity: fact.value for fact in result.named("transition_share")}["view → edit"] == 1 / 2
    assert {fact.entity: fact.value for fact in result.named("path_sessions")} == {
        "login → view": 2,
        "login": 1,
    }
    assert "flows are of sessions and will not equal a funnel, which is of users" in result.notes


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(-90, 600), st.sampled_from("uvw")), min_size=1, max_size=40))
def test_sessions_against_a_plain_count(open_event_log, moments: list[tuple[int, str]]) -> None:
    log = open_event_log([*EDGES, *(at(minute, user, "a") for minute, user in moments)])
    lengths = []
    for user in "uvw":
        mine = sorted(minute for minute, other in moments if other == user)
        starts = [minute for before, minute in pairwise([-10_000, *mine]) if minute - before > 30]
        for start, following in pairwise([*starts, 10_000]):
            if start >= 0:
                lengths.append(max(minute for minute in mine if start <= minute < following) - start)
    result = values(run(log, "time_on_platform"))
    log.close()
    if lengths:
        wanted = (len(lengths), mean(lengths), median(lengths))
        found = tuple(result[name] for name in ("sessions", "mean_session", "median_session"))
        assert found == pytest.approx(wanted)
    else:
        assert not result


def test_events_are_listed_by_name_with_their_users(open_event_log) -> None:
    log = open_event_log([*EDGES, at(1, "u", "a"), at(2, "v", "a"), at(3, "u", "b"), at(4, None, "c")])
    result = run(log, "events_by_name")
    assert [(fact.name, fact.entity, fact.value) for fact in result.facts] == [
        ("events_of_kind", "a", 2),
        ("users_of_kind", "a", 2),
        ("events_of_kind", "b", 1),
        ("users_of_kind", "b", 1),
        ("events_of_kind", "c", 1),
    ]


def test_the_quality_of_the_events_is_measured_over_all_of_them(open_event_log) -> None:
    log = open_event_log([at(1, "u", "a"), {"event": "a", "time": "?"}, at(2, None, "a")])
    result = run(log, "event_quality")
    assert values(result) == {
        "rows_read": 3,
        "rows_rejected": 1,
        "rows_future": 0,
        "rows_repeated": 0,
        "events_without_user": 1,
    }
    assert result.texts[0]["text"] == '{"event": "a", "time": "?"}'
