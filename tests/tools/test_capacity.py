"""What a pod carries, what the load will be, how many pods that needs, and what they cost."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import postlaunch.tools.performance  # registers the measurements  # noqa: F401
from postlaunch.facts import Assumed, Definition, Derived, Fact, Forecast, Measured, Measurement, Unavailable
from postlaunch.settings import Settings
from postlaunch.sources.costs import CostLine, CostTable
from postlaunch.sources.opening import open_sources
from postlaunch.tools.capacity import (
    GrowthFacts,
    Load,
    LoadPoint,
    carried,
    cost_avoided,
    cost_of,
    in_proportion,
    needed,
    peak_in,
    pods_for,
)
from postlaunch.tools.costs import DAYS_A_MONTH, instances
from postlaunch.tools.measurement import MeasurementResult, run_measurement
from postlaunch.windows import Window

START = datetime(2025, 11, 17, tzinfo=UTC)
WEEK = Window(start=START, end=START + timedelta(weeks=1))
END = WEEK.end
LEVEL = 0.9


def fact(name: str, value: float, entity: str = "application", n: int = 8, unit: Any = "number") -> Fact:
    return Fact(
        name=name,
        value=value,
        unit=unit,
        entity=entity,
        window=WEEK,
        definition=Definition(name=name, title=name, statement="as made up", unit=unit),
        measurement=Measurement(name="made", source="made", fingerprint="f"),
        n=n,
    )


HEADROOM = Assumed(value=0.3, unit="ratio", who="the settings", basis="headroom")


def point(rate: float, pods: float, use: float) -> LoadPoint:
    """Requests per second of the application, the pods that ran, and what each used."""
    return LoadPoint(fact("rate", rate, unit="per_second"), fact("pods", pods), fact("use", use))


# --- what a pod carries -----------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    idle=st.floats(0, 0.3),
    each=st.floats(0.01, 0.2),
    quiet=st.tuples(st.floats(0, 5), st.integers(1, 5)),
    busy=st.tuples(st.floats(30, 200), st.integers(1, 5)),
)
def test_a_pod_carries_what_takes_it_to_its_limit(
    idle: float, each: float, quiet: tuple[float, int], busy: tuple[float, int]
) -> None:
    """use = idle + each × requests per second of a pod, however many ran: full at (0.7 − idle) ÷ each."""
    points = [point(rate, pods, idle + each * rate / pods) for rate, pods in (quiet, busy)]
    capacity = carried(*points, fact("limit", 1.0), HEADROOM)
    low, high = points
    alike = high.each.value < 2 * low.each.value or high.use.value <= low.use.value * 1.05
    if alike or low.use.value >= 0.7:
        assert isinstance(capacity, Unavailable)
    else:
        assert isinstance(capacity, Derived)
        assert capacity.value == pytest.approx((0.7 - idle) / each, rel=1e-6, abs=1e-6)


def test_a_resource_that_does_not_follow_the_load_has_no_capacity() -> None:
    capacity = carried(point(1, 3, 200), point(180, 3, 204), fact("limit", 512), HEADROOM)
    assert isinstance(capacity, Unavailable)
    assert capacity.reason == "it does not follow the load"


def test_a_pod_that_is_full_without_load_carries_nothing() -> None:
    capacity = carried(point(1, 3, 0.75), point(180, 3, 0.9), fact("limit", 1.0), HEADROOM)
    assert isinstance(capacity, Unavailable)
    assert capacity.reason == "it is beyond its limit less the headroom without any load"


def test_a_load_that_hardly_varies_says_nothing() -> None:
    capacity = carried(point(100, 3, 0.4), point(180, 3, 0.6), fact("limit", 1.0), HEADROOM)
    assert isinstance(capacity, Unavailable)
    assert "hardly varies" in capacity.reason


def test_pods_that_come_with_the_load_make_it_no_greater_for_each() -> None:
    """An autoscaler keeps the load of each pod even: nothing follows from the busiest minutes."""
    capacity = carried(point(10, 1, 0.4), point(100, 10, 0.4), fact("limit", 1.0), HEADROOM)
    assert isinstance(capacity, Unavailable)


def test_in_proportion_use_grows_as_the_load_does() -> None:
    """180/s on 3 pods at 50 % with 30 % kept free: 60 × 0.7 ÷ 0.5 a pod."""
    assert in_proportion(point(180, 3, 0.25), fact("limit", 0.5), HEADROOM).value == pytest.approx(84)


# --- the load to come -------------------------------------------------------------------------------------


def growth(per_week: float, scatter: float = 0.02, peak: float = 180, weeks: int = 8) -> GrowthFacts:
    """Growth as measured over so many weeks without a gap."""
    spread = weeks * (weeks**2 - 1) / 12
    return GrowthFacts(
        growth=fact("traffic_growth", per_week, n=weeks, unit="ratio"),
        fit=fact("growth_fit", 0.9),
        scatter=fact("growth_scatter", scatter),
        error=fact("growth_error", scatter / math.sqrt(spread)),
        middle=fact("growth_middle", (weeks - 1) / 2),
        peak=fact("peak_level", peak, unit="per_second"),
        peak_scatter=fact("peak_scatter", 0.03),
    )


def test_growth_is_compound_and_its_unit_is_kept() -> None:
    """15 % a month makes of 180/s 273.8/s in three months and 416.4/s in six; 15 % a week over 1,100/s."""
    monthly = 1.15 ** (7 / DAYS_A_MONTH) - 1
    values = [peak_in(growth(monthly), months, level=LEVEL, end=END).value for months in (0, 3, 6)]
    assert values == [pytest.approx(180), pytest.approx(273.76, abs=0.01), pytest.approx(416.35, abs=0.01)]
    assert peak_in(growth(0.15), 3, level=LEVEL, end=END).value > 1100


def test_another_peak_grows_alike() -> None:
    burst = peak_in(growth(0.02), 3, level=LEVEL, end=END, peak=fact("burst", 1800, unit="per_second"))
    usual = peak_in(growth(0.02), 3, level=LEVEL, end=END)
    assert burst.value == pytest.approx(10 * usual.value)
    assert burst.high / burst.low == pytest.approx(usual.high / usual.low)


@settings(deadline=None)
@given(per_week=st.floats(-0.05, 0.2), scatter=st.floats(0, 0.2), weeks=st.integers(4, 26))
def test_a_forecast_is_wider_the_farther_ahead(per_week: float, scatter: float, weeks: int) -> None:
    near, far = (
        peak_in(growth(per_week, scatter, weeks=weeks), months, level=LEVEL, end=END) for months in (3, 6)
    )
    assert near.low <= near.value <= near.high
    assert math.log(far.high / far.low) >= math.log(near.high / near.low) - 1e-9
    assert far.at - END == pytest.approx(timedelta(days=6 * DAYS_A_MONTH), abs=timedelta(seconds=1))


def test_intervals_cover_what_comes_as_often_as_they_say() -> None:
    """Log-linear weeks with noise, forecast from eight, met 13 weeks later: about nine of ten are inside."""
    import random

    from postlaunch.tools.performance_lines import line_through, robust_deviation

    dice = random.Random(3)
    inside, runs = 0, 400
    for _ in range(runs):
        volume = [math.log(1000) + 0.01 * week + dice.gauss(0, 0.03) for week in range(22)]
        peaks = [value + math.log(0.004) + dice.gauss(0, 0.05) for value in volume]
        line = line_through(range(8), volume[:8])
        assert line is not None
        ratios = sorted(peak - value for peak, value in zip(peaks[:8], volume[:8], strict=True))
        facts = GrowthFacts(
            growth=fact("traffic_growth", math.expm1(line.slope), n=8, unit="ratio"),
            fit=fact("growth_fit", line.fit),
            scatter=fact("growth_scatter", line.scatter),
            error=fact("growth_error", line.slope_error),
            middle=fact("growth_middle", 7 - line.middle),
            peak=fact("peak_level", math.exp(line.at(7) + (ratios[3] + ratios[4]) / 2), unit="per_second"),
            peak_scatter=fact("peak_scatter", robust_deviation(ratios)),
        )
        ahead = peak_in(facts, 3, level=LEVEL, end=END)
        inside += ahead.low <= math.exp(peaks[20]) <= ahead.high
    assert 0.85 * runs <= inside <= 0.97 * runs


# --- pods and what they cost ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peak", "per_pod", "saved", "pods"),
    [
        (180, 60, 0, 3),
        (180.01, 60, 0, 4),
        (1, 60, 0, 1),
        (450, 84, 0, 6),
        (450, 84, 0.5, 3),
        (60 * 0.1 * 3, 6, 0, 3),
    ],
)
def test_pods_are_load_over_capacity_rounded_up(peak: float, per_pod: float, saved: float, pods: int) -> None:
    assert needed(peak, per_pod, saved) == pods


def capacity_of(value: float) -> Forecast:
    return Forecast(value=value, low=value, high=value, level=LEVEL, unit="per_second", at=END, method="made")


def test_pods_of_a_forecast_have_its_interval() -> None:
    load = Load(value=280, low=200, high=400, level=LEVEL, at=END)
    pods = pods_for(load, capacity_of(84))
    assert isinstance(pods, Forecast)
    assert (pods.low, pods.value, pods.high, pods.unit) == (3, 4, 5, "count")
    assert isinstance(pods_for(load, Unavailable(reason="no samples")), Unavailable)


def test_no_fewer_pods_are_paid_for_than_run_now() -> None:
    load = Load(value=100, low=80, high=400, level=LEVEL, at=END)
    cost = cost_of(pods_for(load, capacity_of(84)), Measured.of(fact("pod", 40, unit="money")), 3)
    assert isinstance(cost, Forecast)
    assert (cost.low, cost.value, cost.high) == (120, 120, 200)


@settings(deadline=None)
@given(
    value=st.floats(10, 2000),
    width=st.floats(1, 3),
    saved=st.floats(0, 0.9),
    current=st.integers(1, 12),
)
def test_what_is_avoided_is_the_difference_of_both_costs(
    value: float, width: float, saved: float, current: int
) -> None:
    load = Load(value=value, low=value / width, high=value * width, level=LEVEL, at=END)
    price = Measured.of(fact("pod", 40, unit="money"))
    avoided = cost_avoided(load, capacity_of(84), price, saved, current)
    without, with_ = (cost_of(pods_for(load, capacity_of(84), part), price, current) for part in (0.0, saved))
    assert isinstance(avoided, Forecast)
    assert avoided.value == pytest.approx(without.value - with_.value)  # type: ignore[union-attr]
    assert 0 <= avoided.low <= avoided.value <= avoided.high


# --- pods, measured ---------------------------------------------------------------------------------------


def samples(folder: Path, rows: list[dict[str, Any]]) -> Any:
    (folder / "resources.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    named = Settings.model_validate(
        {"folder": folder, "sources": {"resources": {"paths": ["resources.jsonl"]}}}
    )
    return open_sources(named, lambda: END)["resources"]


def sample(at: datetime, pod: str, **figures: float) -> dict[str, Any]:
    return {"time": at.isoformat(), "pod": pod, **figures}


def measure(source: Any, name: str, window: Window = WEEK, **more: Any) -> MeasurementResult:
    return run_measurement(name, {"window": window, **more}, {source.name: source})


def test_pods_are_those_that_run_at_once_on_the_last_day(tmp_path: Path) -> None:
    """Two pods until Saturday, then three; one is replaced by another on the way."""
    rows = []
    for minute in range(0, 7 * 24 * 60, 15):
        at = START + timedelta(minutes=minute, seconds=7)
        names = ["a", "b" if minute < 3000 else "c", *(["d"] if minute >= 6 * 24 * 60 else [])]
        size = 10 if minute < 2000 else 20
        for place, name in enumerate(names):
            rows.append(sample(at + timedelta(seconds=20 * place), name, pool_in_use=3, pool_size=size))
    source = samples(tmp_path, rows)
    result = measure(source, "pods_running")
    source.close()
    assert result.fact("pods_running").value == 3
    assert result.fact("pod_pool_size").value == 20
    assert result.fact("pod_memory_limit") is None


def test_use_by_the_hour_of_the_day_is_of_a_pod(tmp_path: Path) -> None:
    rows = [
        sample(
            START + timedelta(hours=hour), pod, cpu_cores=0.1 + 0.01 * (hour % 24) + extra, cpu_limit_cores=1
        )
        for hour in range(168)
        for pod, extra in (("a", 0.0), ("b", 0.02))
    ]
    source = samples(tmp_path, rows)
    result = measure(source, "use_by_hour_of_day")
    source.close()
    assert result.fact("day_hour_cpu", "12:00–13:00").value == pytest.approx(0.23)
    assert result.fact("day_hour_pods", "12:00–13:00").value == 2
    assert result.fact("day_hour_memory", "12:00–13:00") is None


def test_a_window_without_samples_is_no_data(tmp_path: Path) -> None:
    source = samples(tmp_path, [sample(START, "a", cpu_cores=0.1)])
    later = Window(start=END + timedelta(weeks=2), end=END + timedelta(weeks=3))
    for name in ("pods_running", "use_by_hour_of_day"):
        assert measure(source, name, later).status == "no_data"
    source.close()


# --- costs ------------------------------------------------------------------------------------------------


def costs(*lines: CostLine) -> CostTable:
    return CostTable(fingerprint="f", lines=lines)


def line(
    day: int, amount: float, quantity: float | None = None, unit: str = "", service: str = "compute"
) -> CostLine:
    return CostLine(
        day=date(2025, 11, 17 + day), service=service, amount=amount, quantity=quantity, unit=unit
    )


def test_a_month_costs_what_its_days_cost_on_average() -> None:
    table = costs(
        *(line(day, 4.0, 3, "pod") for day in range(7)), *(line(day, 2.0, service="db") for day in range(7))
    )
    result = measure(table, "costs_by_service")
    assert result.fact("cost_a_month").value == pytest.approx(6 * DAYS_A_MONTH)
    assert result.fact("service_cost_a_month", "compute").value == pytest.approx(4 * DAYS_A_MONTH)
    assert result.fact("pod_cost_a_month").value == pytest.approx(4 / 3 * DAYS_A_MONTH)
    assert result.fact("pods_paid").value == pytest.approx(3)
    assert [fact.entity for fact in result.named("service_cost_a_month")] == ["compute", "db"]


def test_a_pod_costs_the_same_whatever_number_of_them_ran() -> None:
    table = costs(line(0, 4.0, 2, "pod"), line(1, 8.0, 4, "pod"))
    assert measure(table, "costs_by_service").fact("pod_cost_a_month").value == pytest.approx(
        2 * DAYS_A_MONTH
    )


def test_days_without_a_line_are_told_and_do_not_make_a_month_cheaper() -> None:
    result = measure(costs(line(0, 4.0), line(3, 4.0)), "costs_by_service")
    assert result.fact("cost_a_month").value == pytest.approx(4 * DAYS_A_MONTH)
    assert "cost lines on 2 of the window's 7 days" in result.notes
    assert any("the cost of one is not known" in note for note in result.notes)


def test_costs_outside_the_window_are_no_data() -> None:
    later = Window(start=END, end=END + timedelta(days=7))
    result = measure(costs(line(0, 4.0)), "costs_by_service", later)
    assert (result.status, result.reason) == (
        "no_data",
        "no cost line in Nov 24–30, 2025: the file covers 2025-11-17 to 2025-11-17",
    )


def test_the_pace_is_compared_with_the_baselines() -> None:
    before = Window(start=START, end=START + timedelta(days=3))
    after = Window(start=START + timedelta(days=3), end=END)
    table = costs(*(line(day, 4.0 if day < 3 else 6.0) for day in range(7)))
    fact_ = measure(table, "costs_by_service", after, baseline=before).fact("cost_a_month")
    assert (fact_.value, fact_.baseline) == (pytest.approx(6 * DAYS_A_MONTH), pytest.approx(4 * DAYS_A_MONTH))


def test_a_database_of_its_own_is_no_pod() -> None:
    """The bill counts an instance of the database too; where it counts pods, they are the application."""
    database = [line(day, 3.0, 1, "instance", "managed Postgres") for day in range(7)]
    pods = [line(day, 4.0, 3, "pod") for day in range(7)]
    both = measure(costs(*pods, *database), "costs_by_service")
    assert both.fact("pod_cost_a_month").value == pytest.approx(4 / 3 * DAYS_A_MONTH)
    assert both.fact("pods_paid").value == 3
    alone = measure(costs(*database), "costs_by_service")
    assert alone.fact("pod_cost_a_month") is None
    machines = measure(
        costs(*database, *(line(day, 9.0, 2, "VM", "compute") for day in range(7))), "costs_by_service"
    )
    assert machines.fact("pod_cost_a_month").value == pytest.approx(4.5 * DAYS_A_MONTH)


@pytest.mark.parametrize(
    ("unit", "quantity", "pods"),
    [
        ("pod", 3, 3),
        ("Pods", 3, 3),
        ("instance-hours", 72, 3),
        ("Pod-Hours", 48, 2),
        ("NodeHours", 24, 1),
        ("container", 2, 2),
        ("GB", 3, None),
        ("request", 1000, None),
        ("hours", 72, None),
        ("", 3, None),
        ("pod", None, None),
    ],
)
def test_units_that_count_what_the_application_runs_in(
    unit: str, quantity: float | None, pods: float | None
) -> None:
    assert instances(line(0, 1.0, quantity, unit)) == pods
