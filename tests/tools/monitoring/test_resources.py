"""What pods use of their limits: means, shares, highest samples, restarts; and how that moves."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

import postlaunch.tools.resources  # registers the measurements  # noqa: F401
from postlaunch.errors import UsageError
from postlaunch.sources.resources import ResourceLog
from postlaunch.tools.measurement import MeasurementResult, run_measurement
from postlaunch.tools.resources_slope import weekly_slope
from postlaunch.windows import Window, calendar_day, iso_week_of, parse_week

OpenResources = Callable[..., ResourceLog]

MB = 1_000_000
DAY = datetime(2025, 11, 18, tzinfo=UTC)
TODAY = calendar_day(DAY.date(), "UTC")


def sample(hour: float, pod: str = "web-1", **figures: float) -> dict[str, Any]:
    return {"ts": DAY + timedelta(hours=hour), "pod": pod, **figures}


def memory(hour: float, used: float, pod: str = "web-1", limit: float = 512) -> dict[str, Any]:
    return sample(hour, pod, memory_bytes=used * MB, memory_limit_bytes=limit * MB)


def measured(log: ResourceLog, name: str = "resource_summary", **parameters: Any) -> MeasurementResult:
    return run_measurement(name, {"window": TODAY, **parameters}, {"resources": log})


def value(result: MeasurementResult, name: str, entity: str = "application") -> float:
    fact = result.fact(name, entity)
    assert fact is not None
    return fact.value


def test_the_average_of_a_pod_is_the_mean_of_its_samples_and_its_share_that_of_the_means(
    open_resources: OpenResources,
) -> None:
    result = measured(open_resources([memory(1, 100), memory(2, 200), memory(1, 300, "web-2")]))
    assert value(result, "memory_used") == 200 * MB
    assert value(result, "memory_limit") == 512 * MB
    assert value(result, "memory_share") == 200 / 512
    assert value(result, "memory_share_peak") == 300 / 512
    assert value(result, "memory_used", "pod web-1") == 150 * MB
    assert value(result, "memory_share", "pod web-2") == 300 / 512
    assert value(result, "pods_seen") == 2
    assert value(result, "resource_samples") == 3


def test_the_share_is_of_the_samples_that_have_a_limit_too(open_resources: OpenResources) -> None:
    rows = [memory(1, 100), sample(2, memory_bytes=400 * MB)]
    result = measured(open_resources(rows))
    assert value(result, "memory_used") == 100 * MB
    fact = result.fact("memory_share")
    assert fact is not None
    assert (fact.value, fact.n) == (100 / 512, 1)


def test_without_any_limit_there_is_use_and_no_share(open_resources: OpenResources) -> None:
    result = measured(open_resources([sample(1, disk_bytes=2e9)]))
    assert value(result, "disk_used") == 2e9
    assert result.fact("disk_share") is None
    assert "not in the samples of resources: memory, cpu, connection pool" in result.notes


def test_the_95th_percentile_is_a_sample_by_nearest_rank(open_resources: OpenResources) -> None:
    rows = [sample(place / 10, cpu_cores=place / 100, cpu_limit_cores=0.5) for place in range(1, 101)]
    result = measured(open_resources(rows))
    assert value(result, "cpu_share_p95") == pytest.approx(0.95 / 0.5)
    assert value(result, "cpu_used") == pytest.approx(0.505)


def test_a_full_pool_shows_in_its_highest_sample(open_resources: OpenResources) -> None:
    rows = [sample(1, pool_in_use=3, pool_size=10), sample(2, pool_in_use=10, pool_size=10)]
    result = measured(open_resources(rows))
    assert (value(result, "pool_used"), value(result, "pool_limit")) == (6.5, 10)
    assert value(result, "pool_share_peak") == 1


def pool(hour: float, used: float, size: float, pod: str = "web-1") -> dict[str, Any]:
    return sample(hour, pod, pool_in_use=used, pool_size=size)


def test_a_limit_set_anew_is_what_use_is_judged_by_from_then_on(open_resources: OpenResources) -> None:
    rows = [pool(1, 9, 10), pool(2, 10, 10), pool(3, 4, 20), pool(4, 5, 20)]
    result = measured(open_resources(rows))
    assert (value(result, "pool_used"), value(result, "pool_limit")) == (7, 20)
    assert value(result, "pool_share") == 7 / 20
    assert value(result, "pool_share_p95") == 5 / 20
    assert value(result, "pool_share_peak") == 1
    assert any(
        "the limit of Connection pool changed, last at 2025-11-18 03:00 UTC" in n for n in result.notes
    )


def test_pods_with_limits_of_their_own_have_not_changed_them(open_resources: OpenResources) -> None:
    rows = [pool(hour, 5, size, pod) for hour in (1, 2) for pod, size in (("web-1", 10), ("web-2", 20))]
    result = measured(open_resources(rows))
    assert value(result, "pool_limit") == 15
    assert not any("changed" in note for note in result.notes)


def test_a_limit_that_goes_to_and_fro_is_averaged(open_resources: OpenResources) -> None:
    result = measured(open_resources([pool(hour, 5, 10 + 10 * (hour % 2)) for hour in range(1, 11)]))
    assert value(result, "pool_limit") == 15


def test_figures_are_compared_with_those_of_the_baseline(open_resources: OpenResources) -> None:
    log = open_resources([memory(-24, 100), memory(-1, 100), memory(1, 150), memory(23.9, 150)])
    fact = measured(log, baseline=TODAY.before()).fact("memory_share")
    assert fact is not None
    assert (fact.value, fact.baseline, fact.baseline_n) == (150 / 512, 100 / 512, 2)


def test_a_sharp_fall_of_a_pods_memory_is_counted(open_resources: OpenResources) -> None:
    rows = [memory(1, 300), memory(2, 255), memory(3, 216), memory(1, 120, "web-2"), memory(2, 119, "web-2")]
    result = measured(open_resources(rows))
    assert value(result, "memory_falls") == 1
    assert value(result, "memory_falls", "pod web-1") == 1
    assert value(result, "memory_falls", "pod web-2") == 0


def test_a_span_without_samples_is_no_data_with_what_they_cover(open_resources: OpenResources) -> None:
    result = measured(open_resources([memory(-30, 100), memory(-26, 100)]))
    assert result.status == "no_data"
    assert "they cover 2025-11-16 18:00 UTC to 2025-11-16 22:00 UTC" in result.reason


# --- trend --------------------------------------------------------------------------------------------------

MONDAY = date(2025, 9, 1)


def days_of(weeks: int, figure: Callable[[int], float]) -> dict[date, float]:
    return {MONDAY + timedelta(days=day): figure(day) for day in range(7 * weeks)}


def test_a_straight_rise_is_its_slope_whatever_the_weekdays_do() -> None:
    slope = weekly_slope(days_of(6, lambda day: 0.01 * day / 7 + (0.2 if day % 7 > 4 else 0)), 6)
    assert slope is not None
    assert (slope.value, slope.low, slope.high, slope.recent) == pytest.approx((0.01,) * 4)
    assert slope.rises
    assert (slope.pairs, slope.days) == (7 * 15, 42)


def test_days_missing_and_days_of_disaster_do_not_move_it() -> None:
    days = days_of(6, lambda day: 0.01 * day / 7)
    for gone in (3, 17, 30):
        del days[MONDAY + timedelta(days=gone)]
    days[MONDAY + timedelta(days=12)] = 0.99
    slope = weekly_slope(days, 6)
    assert slope is not None
    assert slope.value == pytest.approx(0.01)
    assert slope.rises


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_days_without_a_trend_are_seldom_called_rising_or_falling(correlation: float) -> None:
    wrong = 0
    for seed in range(200):
        rng = random.Random(seed)
        level = [0.0]
        for _ in range(42):
            level.append(correlation * level[-1] + rng.gauss(0, 1))
        figures = [figure + 5 * (day % 7 > 4) for day, figure in enumerate(level)]
        slope = weekly_slope(days_of(6, figures.__getitem__), 6)
        assert slope is not None
        wrong += slope.rises or slope.falls
    assert wrong / 200 <= 0.05


def test_days_of_a_week_that_move_together_count_once() -> None:
    """Six weekly levels in order are a trend; four are not yet one, however many days they have."""
    assert weekly_slope(days_of(6, lambda day: float(day // 7)), 6).rises  # type: ignore[union-attr]
    levels = (0, 2, 1, 3)
    assert not weekly_slope(days_of(4, lambda day: levels[day // 7]), 4).rises  # type: ignore[union-attr]


def test_a_step_that_is_over_has_no_recent_slope() -> None:
    slope = weekly_slope(days_of(6, lambda day: 0.2 if day < 14 else 0.4), 6)
    assert slope is not None
    assert slope.value > 0
    assert slope.recent == 0


def test_three_weeks_make_no_trend() -> None:
    assert weekly_slope(days_of(3, float), 6) is None


def filling(weeks: int, a_week: float) -> list[dict[str, Any]]:
    """Two pods; the second one fills up."""
    start = datetime(2025, 9, 1, tzinfo=UTC)
    rows = []
    for hour in range(weeks * 7 * 24):
        moment = start + timedelta(hours=hour)
        for pod, share in (("web-1", 0.3), ("web-2", 0.3 + a_week * hour / 168)):
            used = {"memory_bytes": share * 512 * MB, "memory_limit_bytes": 512 * MB}
            rows.append({"ts": moment, "pod": pod, **used})
    return rows


def test_a_new_limit_is_no_trend(open_resources: OpenResources) -> None:
    rows = [
        {
            **row,
            "pool_in_use": 6.0,
            "pool_size": 10.0 if row["ts"] < datetime(2025, 10, 21, tzinfo=UTC) else 20.0,
        }
        for row in filling(8, 0.02)
    ]
    window = iso_week_of(date(2025, 10, 20), "UTC")
    result = run_measurement("resource_trend", {"window": window}, {"resources": open_resources(rows)})
    assert result.fact("pool_slope") is None
    assert result.fact("memory_slope") is not None


def test_the_trend_is_measured_in_all_pods_and_in_each_over_the_weeks_before_the_windows_end(
    open_resources: OpenResources,
) -> None:
    log = open_resources(filling(8, 0.02))
    result = run_measurement(
        "resource_trend", {"window": iso_week_of(date(2025, 10, 20), "UTC")}, {"resources": log}
    )
    assert value(result, "memory_slope", "pod web-2") == pytest.approx(0.02)
    assert value(result, "memory_slope", "pod web-1") == 0
    assert value(result, "memory_slope") == pytest.approx(0.01)
    assert value(result, "memory_slope_low", "pod web-2") == pytest.approx(0.02)
    assert value(result, "memory_level", "pod web-2") == pytest.approx(0.45, abs=0.002)
    fact = result.fact("memory_slope")
    assert fact is not None
    assert fact.window == Window(
        start=datetime(2025, 9, 15, tzinfo=UTC), end=datetime(2025, 10, 27, tzinfo=UTC), zone="UTC"
    )
    assert fact.n == 42


def test_samples_of_three_weeks_give_no_trend(open_resources: OpenResources) -> None:
    log = open_resources(filling(3, 0.02))
    result = run_measurement("resource_trend", {"window": parse_week("2025-W38", "UTC")}, {"resources": log})
    assert result.status == "no_data"
    assert "fewer than 4 of the 6 weeks" in result.reason


def test_a_window_of_another_zone_is_refused(open_resources: OpenResources) -> None:
    log = open_resources(filling(5, 0.02))
    window = parse_week("2025-W39", "America/Los_Angeles")
    with pytest.raises(UsageError, match="counted by days of UTC"):
        run_measurement("resource_trend", {"window": window}, {"resources": log})


# --- unusual hours ------------------------------------------------------------------------------------------


def test_an_hour_in_which_one_pods_pool_is_full_is_unusual(open_resources: OpenResources) -> None:
    rng = random.Random(5)
    rows = [
        {
            "ts": DAY - timedelta(weeks=9) + timedelta(minutes=30 * half),
            "pod": pod,
            "pool_in_use": float(rng.choice((3, 4))),
            "pool_size": 10.0,
        }
        for half in range(48 * (63 + 1))
        for pod in ("web-1", "web-2")
    ]
    for row in rows:
        if row["ts"] == DAY + timedelta(hours=14) and row["pod"] == "web-2":
            row["pool_in_use"] = 10.0
    result = measured(open_resources(rows), "resource_anomalies")
    found = {fact.entity: fact.value for fact in result.named("pool_hour_peak")}
    assert found == {"pod web-2, 2025-11-18 14:00": 1.0}
    expected = result.fact("pool_hour_expected_high", "pod web-2, 2025-11-18 14:00")
    assert expected is not None
    assert 0.4 < expected.value < 1
    assert expected.window.start == DAY + timedelta(hours=14)
    assert value(result, "hours_judged", "Connection pool") == 48
    assert value(result, "unusual_hours", "Connection pool") == 1
    assert result.fact("hours_judged", "Memory") is None
