"""The verdicts on trends of resources and on scaling, each with the figure that decided it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from postlaunch.facts import Definition, Fact, Forecast, Measurement, Unavailable, Unit
from postlaunch.settings_monitoring import Monitoring
from postlaunch.tools.resources_verdicts import (
    Movement,
    MovementVerdict,
    Rise,
    movement_verdict,
    overall_trend,
    scaling_verdict,
)
from postlaunch.windows import Window

END = datetime(2025, 11, 24, tzinfo=UTC)
SPAN = Window(start=END - timedelta(weeks=6), end=END)
SETTINGS = Monitoring()
MEASUREMENT = Measurement(name="resource_trend", source="resources", fingerprint="f")


def fact(name: str, value: float, unit: Unit = "points") -> Fact:
    definition = Definition(name=name, title=name, statement=name, unit=unit)
    return Fact(
        name=name, value=value, unit=unit, window=SPAN, definition=definition, measurement=MEASUREMENT, n=42
    )


def moving(
    slope: float, low: float, high: float, recent: float | None = None, level: float = 0.4
) -> Movement:
    return Movement(
        level=fact("level", level, "ratio"),
        slope=fact("slope", slope),
        low=fact("low", low),
        high=fact("high", high),
        recent=fact("recent", slope if recent is None else recent),
    )


def verdict(moved: Movement) -> MovementVerdict:
    return movement_verdict("Memory", moved, END, SETTINGS)


@pytest.mark.parametrize(
    ("moved", "expected"),
    [
        (moving(0.02, 0.01, 0.03), "rising"),
        (moving(0.005, 0.001, 0.01), "rising"),
        (moving(0.0049, 0.001, 0.01), "stable"),
        (moving(0.02, -0.001, 0.05), "stable"),
        (moving(0.02, 0.01, 0.03, recent=0.009), "stable"),
        (moving(-0.02, -0.03, -0.01), "falling"),
        (moving(-0.02, -0.03, 0.001), "stable"),
    ],
    ids=["rising", "at the drift", "below it", "perhaps not", "levelled off", "falling", "perhaps falling"],
)
def test_a_trend_needs_an_interval_on_one_side_a_size_and_to_go_on(moved: Movement, expected: str) -> None:
    assert verdict(moved).verdict == expected


def test_a_rise_names_its_figures_and_when_it_meets_the_limit() -> None:
    found = verdict(moving(0.02, 0.01, 0.03, level=0.5))
    assert found.because.text == "Memory: 2 pp a week (1 pp to 3 pp), at 50% of its limit"
    assert isinstance(found.reaches, Forecast)
    # The level is that of the middle of the last week: 25 weeks less half of one, in whole days.
    assert found.reaches.value == 172
    assert (found.reaches.low, found.reaches.high) == (113, 347)
    assert found.reaches.at == END + timedelta(days=172)


def test_a_level_beyond_the_limit_meets_it_now_and_a_distant_one_is_not_foretold() -> None:
    now = verdict(moving(0.02, 0.01, 0.03, level=1.1)).reaches
    assert isinstance(now, Forecast)
    assert now.value == 0
    late = verdict(moving(0.005, 0.001, 0.01, level=0.1)).reaches
    assert isinstance(late, Unavailable)
    assert "not within 182 days" in late.reason


def test_what_has_levelled_off_says_so() -> None:
    assert verdict(moving(0.02, 0.01, 0.03, recent=0.0)).because.text.endswith(
        "but 0 pp lately: it has levelled off"
    )


def together(*movements: Movement) -> str:
    told = [("Memory", moved, verdict(moved)) for moved in movements]
    return overall_trend(told, "no samples").text


def test_the_trend_of_all_names_what_decided_it() -> None:
    still = moving(0.001, -0.001, 0.002)
    assert together(still, moving(0.02, 0.01, 0.03)).startswith("⚠️ Rising: Memory: 2 pp a week")
    assert together(still, moving(-0.02, -0.03, -0.01)).startswith("Falling; the greatest change is that of")
    calm = together(still, moving(0, 0, 0))
    assert calm.startswith("Stable; the greatest change is that of Memory: 0.1 pp a week")
    assert calm.endswith(", below 0.5 pp a week")
    unsure = together(moving(0.02, -0.001, 0.05))
    assert unsure.endswith(", not told apart from standing still")
    assert together() == "not available: no samples"


def rise(days: float) -> Rise:
    reaches = Forecast(value=days, low=days, high=days, level=0.95, unit="days", at=END, method="m")
    return Rise("Disk", fact("disk_slope", 0.02), reaches)


@pytest.mark.parametrize(
    ("p95", "rises", "advice", "told"),
    [
        (0.81, (), "scale now", "Memory uses 81% of its limit at the 95th percentile, above 80%"),
        (0.80, (), "plan", "Memory uses 80% of its limit at the 95th percentile, above 60%"),
        (0.60, (), "not yet", "no scaling needed yet: Memory uses 60% of its limit"),
        (0.30, (rise(56),), "plan", "Disk rises by 2 pp a week and meets its limit in 56 days (forecast)"),
        (0.30, (rise(57),), "not yet", "no scaling needed yet"),
        (0.81, (rise(3),), "scale now", "Memory uses 81%"),
    ],
)
def test_scaling_follows_the_highest_95th_percentile_and_the_nearest_limit(
    p95: float, rises: tuple[Rise, ...], advice: str, told: str
) -> None:
    uses: list[tuple[str, Any]] = [
        ("CPU", fact("cpu", 0.1, "ratio")),
        ("Memory", fact("memory", p95, "ratio")),
    ]
    found = scaling_verdict(uses, rises, SETTINGS, "")
    assert found.advice == advice
    assert told in found.because.text
    assert found.because.facts


def test_without_samples_nothing_is_advised() -> None:
    found = scaling_verdict([], (), SETTINGS, "no samples")
    assert (found.advice, found.because.text) == ("not available", "not available: no samples")
