"""Errors that rise beyond chance are incidents; errors that do not are not."""

from __future__ import annotations

import json
import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import postlaunch.tools.requests  # registers the measurements  # noqa: F401
from postlaunch.tools.error_spells import Span, Spell, error_spells, poisson_tail, span_minutes
from postlaunch.tools.measurement import run_measurement
from postlaunch.windows import Window

START = datetime(2025, 11, 17, tzinfo=UTC)
WEEK = 7 * 24 * 60


def spells(failed: dict[int, int], per_minute: int, minutes: int = WEEK) -> tuple[Spell, ...]:
    """The spells of a window with so many requests in every minute and these failures."""
    failing = [Span(minute, per_minute, count) for minute, count in sorted(failed.items())]
    return error_spells(failing, failing, per_minute * minutes, 1, minutes)


def test_a_few_failures_over_a_week_are_no_incident() -> None:
    assert spells({100: 1, 2_000: 1, 9_000: 1}, per_minute=60) == ()


def test_a_burst_is_one_incident_from_its_first_to_its_last_minute() -> None:
    assert spells(dict.fromkeys(range(500, 508), 30), per_minute=60) == (Spell(500, 508),)


def test_bursts_five_minutes_apart_are_one_and_six_minutes_apart_are_two() -> None:
    assert spells({500: 30, 506: 30}, per_minute=60) == (Spell(500, 507),)
    assert spells({500: 30, 507: 30}, per_minute=60) == (Spell(500, 501), Spell(507, 508))


def test_nine_failed_requests_are_no_incident_and_ten_are() -> None:
    assert spells({500: 9}, per_minute=60) == ()
    assert spells({500: 10}, per_minute=60) == (Spell(500, 501),)


def test_a_small_share_of_much_traffic_is_an_incident() -> None:
    usual = dict.fromkeys(range(0, WEEK, 2), 1)
    assert spells(usual | dict.fromkeys(range(500, 508), 47), per_minute=10_000) == (Spell(500, 508),)


def test_an_outage_of_a_third_of_the_window_is_found() -> None:
    assert spells(dict.fromkeys(range(1000, 4360), 60), per_minute=60) == (Spell(1_000, 4_360),)


@pytest.mark.parametrize("rate", [0.001, 0.02, 0.2])
def test_a_steady_error_rate_is_no_incident(rate: float) -> None:
    chance = random.Random(7)
    failed = {minute: sum(chance.random() < rate for _ in range(60)) for minute in range(2_000)}
    assert spells({minute: n for minute, n in failed.items() if n}, per_minute=60, minutes=2_000) == ()


def test_one_bad_minute_of_a_week_must_be_beyond_the_chance_of_a_whole_week() -> None:
    steady = dict.fromkeys(range(WEEK), 2)
    assert spells(steady | {500: 11}, per_minute=200) == ()
    assert spells(steady | {500: 16}, per_minute=200) == (Spell(500, 501),)


def test_the_span_grows_until_it_holds_enough_requests() -> None:
    assert [span_minutes(requests, 60) for requests in (1_200, 1_199, 240, 80, 79, 1)] == [
        1,
        5,
        5,
        15,
        60,
        60,
    ]


@given(st.integers(1, 60), st.floats(0.001, 50))
def test_the_tail_is_what_is_left_of_the_whole(at_least: int, expected: float) -> None:
    below = math.fsum(
        math.exp(-expected + n * math.log(expected) - math.lgamma(n + 1)) for n in range(at_least)
    )
    tail = poisson_tail(at_least, expected)
    assert tail == 1 if at_least <= expected else tail == pytest.approx(1 - below, abs=1e-9)


def test_an_incident_in_a_log_tells_start_length_requests_and_users(open_log) -> None:
    def line(second: int, status: int, user: str) -> str:
        return json.dumps(
            {
                "time": (START + timedelta(seconds=second)).timestamp(),
                "status": status,
                "method": "GET",
                "path": "/users",
                "user": user,
                "pod": "web-2",
            }
        )

    quiet = [line(second, 200, f"u{second}") for second in range(0, 7_200, 10)]
    burst = [line(3_600 + n, 503 if n % 2 else 200, f"u{n % 20}") for n in range(240)]
    window = Window(start=START, end=START + timedelta(hours=2))
    result = run_measurement("incidents_seen", {"window": window}, {"requests": open_log(quiet + burst)})
    assert result.fact("incidents").value == 1
    found = {fact.name: fact.value for fact in result.facts if fact.entity == "incident 1"}
    assert found == {
        "incident_start": (START + timedelta(hours=1)).timestamp(),
        "incident_minutes": 4,
        "incident_failed_requests": 120,
        "incident_requests": 264,
        "incident_error_rate": 120 / 264,
        "incident_share_of_window": 120 / 960,
        "incident_users": 10,
    }
    (text,) = result.texts
    assert text == {
        "entity": "incident 1",
        "endpoints": {"GET /users": 120},
        "statuses": {"503": 120},
        "pods": {"web-2": 120},
    }


def test_a_sparse_log_shows_an_hour_in_which_all_failed(open_log) -> None:
    lines = [
        json.dumps({"time": (START + timedelta(minutes=minute)).timestamp(), "status": status})
        for minute in range(0, 24 * 60, 2)
        for status in [500 if 600 <= minute < 660 else 200]
    ]
    window = Window(start=START, end=START + timedelta(days=1))
    result = run_measurement("incidents_seen", {"window": window}, {"requests": open_log(lines)})
    assert result.fact("incident_start", "incident 1").value == (START + timedelta(hours=10)).timestamp()
    assert result.fact("incident_minutes", "incident 1").value == 59
    assert result.fact("incident_users", "incident 1") is None
