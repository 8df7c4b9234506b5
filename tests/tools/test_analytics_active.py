"""Users of any span, visitors who are none, and events against what the settings use."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

import postlaunch.tools.analytics  # registers the measurements  # noqa: F401
from postlaunch.errors import UsageError
from postlaunch.sources.events import EventLog
from postlaunch.tools.measurement import MeasurementResult, run_measurement
from postlaunch.windows import Window, calendar_day

ZONE = "America/Los_Angeles"
DAY = calendar_day(datetime(2025, 11, 18, tzinfo=UTC).date(), ZONE)
VISITS = ("view", "start")


def at(moment: str, user: str | None, event: str, **properties: str) -> dict[str, object]:
    """An event at a moment of Los Angeles in November."""
    return {"time": f"2025-11-{moment}:00-08:00", "user": user, "event": event, **properties}


def run(log: EventLog, name: str, window: Window = DAY, **parameters: Any) -> MeasurementResult:
    return run_measurement(name, {"window": window, **parameters}, {"events": log})


def values(result: MeasurementResult) -> dict[tuple[str, str], float]:
    return {fact.key: fact.value for fact in result.facts}


@pytest.fixture
def training_hour(open_event_log: Any) -> EventLog:
    """A day on which three of four users are there at a quarter past two."""
    return open_event_log(
        [
            at("18T00:00", "ada", "login"),
            at("18T14:15", "ada", "profile"),
            at("18T14:15", "ada", "profile"),
            at("18T14:20", "bob", "login"),
            at("18T14:22", "eve", "profile"),
            at("18T14:22", None, "profile"),
            at("18T14:23", "joe", "login"),
            at("18T23:59", "ada", "login"),
        ],
        zone=ZONE,
    )


# --- any span -------------------------------------------------------------------------------------------


def test_users_of_a_part_of_the_window_are_counted_by_the_applications_clock(training_hour) -> None:
    result = run(training_hour, "users_active_in", since="2025-11-18T14:15", until="2025-11-18 14:23")
    assert values(result) == {("users_in_span", "application"): 3}
    fact = result.facts[0]
    assert (fact.n, fact.window.hours) == (4, 8 / 60)
    assert fact.window.local(fact.window.start).hour == 14


def test_a_moment_with_a_zone_is_taken_as_it_is(training_hour) -> None:
    result = run(training_hour, "users_active_in", since="2025-11-18T22:23:00Z")
    assert values(result) == {("users_in_span", "application"): 2}


def test_without_a_part_it_is_the_window_against_the_one_before(open_event_log) -> None:
    log = open_event_log(
        [at("17T00:00", "ada", "x"), at("18T00:00", "ada", "x"), at("18T23:59", "bob", "x")], zone=ZONE
    )
    fact = run(log, "users_active_in", baseline=DAY.before()).facts[0]
    assert (fact.value, fact.baseline) == (2, 1)


def test_users_with_one_event_are_counted_under_its_name(training_hour) -> None:
    result = run(training_hour, "users_active_in", event="login", visitor_events=["login"])
    assert values(result) == {("users_of_kind", "login"): 3}


def test_a_span_without_an_event_is_unknown_and_not_zero(training_hour) -> None:
    result = run(training_hour, "users_active_in", since="2025-11-18T03:00", until="2025-11-18T04:00")
    assert result.status == "no_data"
    assert result.reason.startswith("no event in Nov 18, 2025: the events cover 2025-11-18 00:00 to")


@pytest.mark.parametrize(
    ("since", "until"),
    [("2025-11-18T14:15", "2025-11-18T14:15"), ("2025-11-19T00:00", None), (None, "2025-11-17T00:00")],
)
def test_moments_that_leave_nothing_of_the_window_are_refused(training_hour, since, until) -> None:
    with pytest.raises(UsageError, match="leave nothing of the window"):
        run(training_hour, "users_active_in", since=since, until=until)


# --- visitors -------------------------------------------------------------------------------------------


@pytest.fixture
def with_visitors(open_event_log: Any) -> EventLog:
    """Vic only looks, Ada joins, Old joined before the events begin."""
    return open_event_log(
        [
            at("01T00:00", "old", "login"),
            at("16T10:00", "vic", "view"),
            at("16T10:00", "ada", "view"),
            at("16T10:05", "ada", "start"),
            at("18T10:00", "ada", "view"),
            at("18T10:10", "ada", "signup"),
            at("18T11:00", "vic", "view"),
            at("18T11:01", "vic", "start"),
            at("18T23:59", "old", "login"),
        ],
        zone=ZONE,
    )


def test_who_only_does_what_visitors_do_is_no_user(with_visitors) -> None:
    found = values(run(with_visitors, "user_growth", visitor_events=VISITS))
    assert found["total_users", "application"] == 2


def test_with_sign_ups_and_visitors_known_the_others_joined_before(with_visitors) -> None:
    result = run(with_visitors, "user_growth", visitor_events=VISITS, signup_event="signup")
    assert values(result) == {
        ("total_users", "application"): 2,
        ("new_users", "application"): 1,
        ("user_growth", "application"): 1.0,
    }
    assert any(note.startswith("1 of the users never signed up in the events") for note in result.notes)


def test_with_sign_ups_alone_nobody_else_is_a_user(with_visitors) -> None:
    result = run(with_visitors, "user_growth", signup_event="signup")
    assert values(result)["total_users", "application"] == 1


def test_visitors_are_not_active(with_visitors) -> None:
    assert run(with_visitors, "active_users_daily", visitor_events=VISITS).facts[0].value == 2
    assert run(with_visitors, "active_users_daily").facts[0].value == 3
    by_day = run(with_visitors, "active_users_by_day", visitor_events=VISITS)
    assert [fact.value for fact in by_day.facts] == [2]
    span = {"since": "2025-11-18T10:00", "until": "2025-11-18T12:00"}
    assert run(with_visitors, "users_active_in", visitor_events=VISITS, **span).facts[0].value == 1


def test_the_audience_of_a_feature_is_the_total_of_users(with_visitors) -> None:
    asked = {"features": ["signup"], "visitor_events": VISITS}
    for signup in ("signup", None):
        result = run(with_visitors, "feature_adoption", signup_event=signup, **asked)
        assert values(result)["feature_audience", "signup"] == 2
    alone = run(with_visitors, "feature_adoption", signup_event="signup", features=["signup"])
    assert values(alone)["feature_audience", "signup"] == 1


def test_a_visit_is_no_return(open_event_log) -> None:
    log = open_event_log(
        [
            at("17T08:00", "ada", "view"),
            at("17T09:00", "ada", "signup"),
            at("18T09:00", "ada", "view"),
            at("18T23:59", "bob", "view"),
            at("17T00:00", "bob", "view"),
        ],
        zone=ZONE,
    )
    for signup in ("signup", None):
        result = run(log, "retention", days=[1], signup_event=signup, visitor_events=VISITS)
        assert values(result)["day_1_retention", "application"] == 0
        assert result.facts[0].n == 1


# --- tracking -------------------------------------------------------------------------------------------


def test_names_are_told_apart_as_seen_gone_never_seen_and_not_used(open_event_log) -> None:
    log = open_event_log(
        [
            at("10T08:00", "ada", "old_name"),
            at("18T00:00", "ada", "login", role="admin"),
            at("18T09:00", "bob", "login"),
            at("18T10:00", "bob", "dance"),
            at("18T23:59", "bob", "login"),
            at("18T11:00", "bob", "walk"),
            at("19T10:00", "bob", "logn"),
        ],
        zone=ZONE,
    )
    result = run(
        log,
        "tracking_check",
        expected=["login", "logn", "old_name", "login", "nobody"],
        otherwise=["walk", "run", "login"],
        properties=[{"event": "login", "property": "role"}, {"event": "logn", "property": "role"}],
    )
    assert values(result) == {
        ("names_tracked", "application"): 4,
        ("names_never_seen", "application"): 1,
        ("names_untracked", "application"): 1,
        ("tracked_events", "login"): 3,
        ("tracked_events", "logn"): 0,
        ("tracked_events", "old_name"): 0,
        ("tracked_events", "nobody"): 0,
        ("tracked_events", "walk"): 1,
        ("untracked_events", "dance"): 1,
        ("property_filled", "login, role"): 1 / 3,
    }
    notes = {fact.entity: fact.note for fact in result.named("tracked_events")}
    assert notes == {
        "login": "",
        "logn": "not seen up to the span's end, first seen 2025-11-19",
        "nobody": "never seen",
        "walk": "",
        "old_name": "last seen 2025-11-10 08:00",
    }


def test_a_window_without_events_says_nothing_of_what_is_tracked(open_event_log) -> None:
    log = open_event_log([at("10T08:00", "ada", "login")], zone=ZONE)
    assert run(log, "tracking_check", expected=["login"]).status == "no_data"
