"""The span of an incident: which failures are meant, and what is measured of them."""

from __future__ import annotations

from typing import Any

import pytest

import postlaunch.tools.incident_spans  # noqa: F401  (registers what is measured)
from postlaunch.tools.error_spells import Spell
from postlaunch.tools.incident_spans import meant_by


def failing(helpers: Any, first: int, last: int, failed: int = 15, **fields: Any) -> list[Any]:
    return [helpers.Minute(place, failed=failed, **fields) for place in range(first, last)]


def facts(result: Any) -> dict[str, float]:
    return {fact.name: fact.value for fact in result.facts if fact.name != "incidents"}


def test_the_span_is_found_to_the_minute_with_what_failed_in_it(world: Any, helpers: Any) -> None:
    log = world.requests(helpers.quiet(-300, 0), failing(helpers, 0, 8, failed=6), helpers.quiet(8, 200))
    found = facts(world.measure("incident_span", log, window=helpers.span(-300, 200), start=helpers.at(0)))
    start = helpers.at(0).timestamp()
    assert found["incident_start"] == start
    assert found["incident_end"] == start + 8 * 60
    assert found["incident_minutes"] == 8
    assert (found["incident_failed_requests"], found["incident_requests"]) == (48, 240)
    assert found["incident_error_rate"] == 0.2
    assert found["incident_users"] == 6
    assert found["incident_down_minutes"] == 0


def test_the_worst_minute_and_minutes_down_are_told_apart(world: Any, helpers: Any) -> None:
    bad = [*failing(helpers, 0, 2, failed=3), *failing(helpers, 2, 4, failed=18), *failing(helpers, 4, 5)]
    log = world.requests(helpers.quiet(-200, 0), bad, helpers.quiet(5, 60))
    found = facts(world.measure("incident_span", log, window=helpers.span(-200, 60)))
    assert found["incident_peak_error_rate"] == 0.6
    assert found["incident_worst_minute"] == helpers.at(2).timestamp()
    assert found["incident_down_minutes"] == 3


def test_without_users_in_the_log_there_is_no_number_of_users(world: Any, helpers: Any) -> None:
    log = world.requests(
        helpers.quiet(-200, 0, users=0), failing(helpers, 0, 5, users=0), helpers.quiet(5, 60, users=0)
    )
    assert "incident_users" not in facts(world.measure("incident_span", log, window=helpers.span(-200, 60)))


@pytest.mark.parametrize("failed", [0, 1])
def test_no_failures_beyond_the_usual_is_none_and_not_an_error(world: Any, helpers: Any, failed: int) -> None:
    log = world.requests(helpers.quiet(-200, 0), failing(helpers, 0, 5, failed), helpers.quiet(5, 60))
    result = world.measure("incident_span", log, window=helpers.span(-200, 60), start=helpers.at(0))
    assert (result.status, result.fact("incidents").value) == ("ok", 0)
    assert facts(result) == {}


def test_failures_at_another_time_are_not_the_ones_meant(world: Any, helpers: Any) -> None:
    log = world.requests(helpers.quiet(-300, -200), failing(helpers, -200, -190), helpers.quiet(-190, 60))
    result = world.measure("incident_span", log, window=helpers.span(-300, 60), start=helpers.at(0))
    assert result.fact("incidents").value == 1
    assert facts(result) == {}


def test_what_comes_and_goes_within_minutes_is_one_incident(world: Any, helpers: Any) -> None:
    log = world.requests(
        helpers.quiet(-300, 0),
        failing(helpers, 0, 4),
        helpers.quiet(4, 14),
        failing(helpers, 14, 18),
        helpers.quiet(18, 100),
    )
    result = world.measure("incident_span", log, window=helpers.span(-300, 100), start=helpers.at(2))
    assert facts(result)["incident_minutes"] == 18
    assert "2 spells" in result.notes[-1]


def test_an_empty_window_is_no_data(world: Any, helpers: Any) -> None:
    log = world.requests(helpers.quiet(-10, 0))
    assert world.measure("incident_span", log, window=helpers.span(100, 200)).status == "no_data"


# --- which spells are meant, without a log ----------------------------------------------------------------


def minute(helpers: Any, place: float) -> int:
    return int(helpers.at(place).timestamp() // 60)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, None, [1]),  # inside
        (12, None, [1]),  # just after: a page comes late
        (-29, None, [1]),  # half an hour before
        (-31, None, []),  # too long before
        (5, 120, [1, 2]),  # what was said to last covers both
        (104, None, [2]),
        (60, None, []),  # in between, near neither
        (None, None, [2]),  # nothing stated: the longest
    ],
)
def test_the_spells_meant_overlap_or_are_near(
    helpers: Any, start: float | None, end: float | None, expected: list[int]
) -> None:
    spells = {
        1: Spell(minute(helpers, 0), minute(helpers, 8)),
        2: Spell(minute(helpers, 100), minute(helpers, 120)),
    }
    moment = None if start is None else helpers.at(start)
    until = None if end is None else helpers.at(end)
    assert meant_by(tuple(spells.values()), moment, until) == tuple(spells[one] for one in expected)


def test_no_spell_is_none(helpers: Any) -> None:
    assert meant_by((), helpers.at(0), None) == ()


# --- minute by minute -------------------------------------------------------------------------------------


def test_minutes_are_named_by_the_clock_and_counted_together(world: Any, helpers: Any) -> None:
    log = world.requests(helpers.quiet(-10, 0), failing(helpers, 0, 5, failed=3), helpers.quiet(5, 10))
    one = world.measure("requests_by_minute", log, window=helpers.span(-2, 2))
    assert [fact.entity for fact in one.named("minute_requests")] == ["14:13", "14:14", "14:15", "14:16"]
    assert [fact.value for fact in one.named("minute_error_rate")] == [0, 0, 0.1, 0.1]
    five = world.measure("requests_by_minute", log, window=helpers.span(-5, 5), minutes=5)
    assert [(fact.entity, fact.value) for fact in five.named("minute_requests")] == [
        ("14:10", 150),
        ("14:15", 150),
    ]


def test_an_hour_that_the_clock_repeats_is_told_apart(helpers: Any) -> None:
    from datetime import UTC, datetime, timedelta

    from postlaunch.tools.incident_spans import clock_name
    from postlaunch.windows import Window

    start = datetime(2025, 11, 2, 8, 30, tzinfo=UTC)  # 01:30 PDT; an hour later it is 01:30 PST
    window = Window(start=start, end=start + timedelta(hours=2), zone=helpers.ZONE)
    names = [clock_name(window, int(start.timestamp() // 60) + minutes) for minutes in (0, 60)]
    assert names == ["01:30 PDT", "01:30 PST"]
