"""Response times by week and day, the load of endpoints, growth, and the traps that make them wrong."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import postlaunch.tools.performance
import postlaunch.tools.requests  # both register the measurements  # noqa: F401
from postlaunch.tools.measurement import Limits, MeasurementResult, run_measurement
from postlaunch.windows import Window, iso_week_of, parse_week

START = datetime(2025, 9, 29, tzinfo=UTC)
"""A Monday, the first of 2025-W40."""

Rows = Iterable[dict[str, Any]]


def row(
    at: datetime, latency: float | None = 100, method: str = "GET", path: str = "/", **more: Any
) -> dict[str, Any]:
    body = {"time": at.isoformat(), "status": 200, "method": method, "path": path, **more}
    return body if latency is None else {**body, "latency_ms": latency}


def spread(
    weeks: int, each_hour: int = 2, latency: Any = 100, start: datetime = START, **more: Any
) -> Iterator[Any]:
    """So many requests in each hour of whole weeks; the latency may depend on the hour."""
    for hour in range(weeks * 7 * 24):
        for place in range(each_hour):
            at = start + timedelta(hours=hour, minutes=2 + place % 50, seconds=place // 50)
            yield row(at, latency(hour) if callable(latency) else latency, **more)


def whole(weeks: int, zone: str = "UTC") -> Window:
    return Window(start=START, end=START + timedelta(weeks=weeks), zone=zone)


def measure(
    log, name: str, span: Window, limits: Limits | None = None, **parameters: Any
) -> MeasurementResult:
    return run_measurement(name, {"window": span, **parameters}, {"requests": log}, limits)


@pytest.fixture
def log_of(open_log):
    def opened(rows: Rows, **more: Any):
        return open_log([json.dumps(one) for one in rows], **more)

    return opened


# --- weeks ------------------------------------------------------------------------------------------------


def test_each_whole_week_is_compared_with_the_week_before_it(log_of) -> None:
    log = log_of(spread(3, latency=lambda hour: 100 + 10 * (hour // 168)))
    result = measure(log, "response_times_by_week", whole(3))
    means = result.named("week_mean_response_time")
    assert [(fact.entity, fact.value, fact.baseline) for fact in means] == [
        ("2025-W40", 100, None),
        ("2025-W41", 110, 100),
        ("2025-W42", 120, 110),
    ]
    assert means[1].baseline_window == parse_week("2025-W40", "UTC")
    assert {fact.value for fact in result.named("week_requests")} == {336}


def test_the_week_before_the_window_is_looked_at_where_the_log_has_it(log_of) -> None:
    log = log_of(spread(3, latency=lambda hour: 100 + 10 * (hour // 168)))
    later = Window(start=START + timedelta(weeks=1), end=START + timedelta(weeks=3))
    first = measure(log, "response_times_by_week", later).named("week_mean_response_time")[0]
    assert (first.entity, first.value, first.baseline) == ("2025-W41", 110, 100)


def test_a_week_that_the_log_does_not_cover_is_no_week(log_of) -> None:
    log = log_of(spread(2, start=START + timedelta(days=3)))
    result = measure(log, "response_times_by_week", whole(3))
    assert [fact.entity for fact in result.named("week_requests")] == ["2025-W41"]
    short = measure(log, "response_times_by_week", Window(start=START, end=START + timedelta(days=6)))
    assert (short.status, short.facts) == ("no_data", ())
    assert short.reason == "the log covers no whole ISO week of Sep 29 – Oct 4, 2025"


def test_a_week_with_days_without_requests_says_so(log_of) -> None:
    gap = [one for one in spread(2) if not one["time"].startswith("2025-10-01")]
    result = measure(log_of(gap), "response_times_by_week", whole(2))
    assert "2025-W40: requests on only 6 of 7 days" in result.notes


def test_the_peak_of_a_week_is_its_busiest_minute(log_of) -> None:
    burst = [row(START + timedelta(days=8, seconds=second)) for second in range(30)]
    result = measure(log_of([*spread(2), *burst]), "response_times_by_week", whole(2))
    peaks = {fact.entity: fact.value for fact in result.named("week_peak_requests_per_second")}
    assert peaks["2025-W41"] == pytest.approx(30 / 60)
    assert peaks["2025-W40"] == pytest.approx(1 / 60)


def test_weeks_are_those_of_the_applications_clock_over_its_change(log_of) -> None:
    """In Los Angeles the week of 2025-11-02 has 169 hours."""
    zone = "America/Los_Angeles"
    first = iso_week_of(datetime(2025, 10, 21, tzinfo=UTC).date(), zone)
    second = iso_week_of(datetime(2025, 10, 28, tzinfo=UTC).date(), zone)
    hours = int((second.end - first.start) / timedelta(hours=1))
    log = log_of(row(first.start + timedelta(hours=hour, minutes=1)) for hour in range(hours))
    span = Window(start=first.start, end=second.end, zone=zone)
    counts = measure(log, "response_times_by_week", span).named("week_requests")
    assert [fact.value for fact in counts] == [168, 169]


def test_a_weeks_percentile_is_over_requests_not_over_pods(log_of) -> None:
    """Pod A answers 990 requests in 100 ms, pod B ten in two seconds: p95 is 100 ms, not the mean of both."""
    rows = [row(START + timedelta(minutes=10 * place), 100, pod="a") for place in range(990)]
    rows += [row(START + timedelta(hours=16 * place + 1), 2000, pod="b") for place in range(10)]
    rows.append(row(START + timedelta(days=7, minutes=-1), 100))
    result = measure(log_of(rows), "response_times_by_week", whole(1))
    assert result.fact("week_p95_response_time", "2025-W40").value == 100
    assert result.fact("week_mean_response_time", "2025-W40").value == pytest.approx(
        (991 * 100 + 20_000) / 1001
    )


def test_users_of_a_week_are_distinct_and_need_a_user_field(log_of) -> None:
    named = [{**one, "user": f"u{place % 5}"} for place, one in enumerate(spread(1))]
    assert (
        measure(log_of(named), "response_times_by_week", whole(1)).fact("week_users", "2025-W40").value == 5
    )
    without = measure(log_of(spread(1), name="other.log"), "response_times_by_week", whole(1))
    assert without.fact("week_users", "2025-W40") is None


def test_days_have_their_own_response_times_and_peaks(log_of) -> None:
    log = log_of(spread(1, latency=lambda hour: 100 + hour // 24))
    result = measure(log, "response_times_by_day", whole(1))
    assert [fact.value for fact in result.named("day_mean_response_time")] == [100 + day for day in range(7)]
    assert result.fact("day_peak_requests_per_second", "2025-09-29").value == pytest.approx(1 / 60)
    cut = measure(log, "response_times_by_day", whole(1), Limits(rows=8))
    assert [fact.entity for fact in cut.named("day_requests")] == ["2025-10-04", "2025-10-05"]
    assert cut.notes[-1] == "only the last 2 of 7 days are listed"
    one = measure(log, "response_times_by_day", whole(1), Limits(rows=8), figures=["mean"])
    assert [fact.name for fact in one.facts] == ["day_mean_response_time"] * 7


# --- the trend, measured ----------------------------------------------------------------------------------


def noisy(hour: int, level: float) -> float:
    """A response time that differs by the hour of the day, and a little by the day."""
    return level + 10 * math.sin(hour / 24 * 2 * math.pi) + (hour * 7919 % 13) / 10


def test_a_ramp_in_the_log_is_measured_with_its_slope(log_of) -> None:
    log = log_of(spread(5, latency=lambda hour: noisy(hour, 100 + 2 * hour / 168)))
    result = measure(log, "response_time_trend", whole(5))
    assert result.texts[0]["shape"] == "ramp"
    assert result.fact("trend_slope").value == pytest.approx(2, abs=0.2)
    level = result.fact("trend_level")
    assert level.value - level.baseline == pytest.approx(2 * 34 / 7, abs=0.5)
    assert result.fact("trend_step_on") is None
    assert result.fact("trend_days").value == 35
    assert result.fact("trend_p").n == 35


def test_a_step_in_the_log_has_the_start_of_its_day(log_of) -> None:
    """On the application's clock: midnight in Tokyo is 15:00 of the day before in UTC."""
    start = datetime(2025, 9, 28, 15, tzinfo=UTC)
    at = start + timedelta(days=17)

    def latency(hour: int) -> float:
        return noisy(hour, 150 if start + timedelta(hours=hour) >= at else 100)

    log = log_of(spread(5, latency=latency, start=start), zone="Asia/Tokyo")
    span = Window(start=start, end=start + timedelta(weeks=5), zone="Asia/Tokyo")
    result = measure(log, "response_time_trend", span)
    assert result.fact("trend_step_on").value == at.timestamp()
    assert result.fact("trend_slope") is None


def test_a_span_too_short_is_not_enough_data(log_of) -> None:
    result = measure(log_of(spread(2)), "response_time_trend", whole(2))
    assert result.status == "no_data"
    assert result.reason == "not enough data: 14 whole days with at least 30 timed requests, 21 needed"


def test_days_that_are_not_whole_or_hardly_used_are_left_out(log_of) -> None:
    hours = [
        one for one in spread(5, latency=lambda hour: noisy(hour, 100)) if one["time"] >= "2025-09-29T12"
    ]
    quiet = [one for one in hours if not one["time"].startswith("2025-10-05") or "T00" in one["time"]]
    assert measure(log_of(quiet), "response_time_trend", whole(5)).fact("trend_days").value == 33


def test_the_trend_at_an_unchanged_mix_does_not_see_the_mix(log_of) -> None:
    """Slow requests become more of the traffic; none of them becomes slower."""

    def mixed() -> Iterator[Any]:
        for hour in range(5 * 7 * 24):
            slow = 2 + 12 * hour // (5 * 168)
            for place in range(16):
                at = START + timedelta(hours=hour, minutes=place * 3)
                yield row(
                    at,
                    noisy(hour + place, 300 if place < slow else 50),
                    path="/slow" if place < slow else "/fast",
                )

    log = log_of(mixed())
    mean = measure(log, "response_time_trend", whole(5))
    speed = measure(log, "response_time_trend", whole(5), figure="speed")
    assert mean.texts[0]["shape"] == "ramp"
    assert speed.texts[0]["shape"] == "none"
    assert speed.fact("trend_p", "unchanged mix") is not None


def test_without_response_times_there_is_no_trend(log_of) -> None:
    result = measure(log_of(spread(4, latency=None)), "response_time_trend", whole(4))
    assert (result.status, result.reason) == ("no_data", "the log has no response times")


# --- endpoints --------------------------------------------------------------------------------------------


def endpoints(start: datetime, **latencies: float) -> Iterator[Any]:
    """Sixty requests in an hour to each endpoint."""
    for path, latency in latencies.items():
        for place in range(60):
            yield row(start + timedelta(minutes=place), latency, path=f"/{path}")


def hours(number: int, start: datetime = START) -> Window:
    return Window(start=start, end=start + timedelta(hours=number))


def test_load_is_requests_times_their_time(log_of) -> None:
    log = log_of([*endpoints(START, slow=300, fast=50), *endpoints(START, fast=50)])
    result = measure(log, "endpoint_load", hours(1))
    assert [fact.entity for fact in result.named("load_share")] == ["GET /slow", "GET /fast"]
    assert result.fact("load_share", "GET /slow").value == pytest.approx(300 / (300 + 2 * 50))
    assert result.fact("load_share_of_requests", "GET /fast").value == pytest.approx(2 / 3)
    assert result.fact("load_requests_per_day", "GET /slow").value == pytest.approx(60 * 24)
    assert result.fact("load_share", "GET /slow").n == 60


def test_load_is_compared_with_the_baseline(log_of) -> None:
    after = START + timedelta(hours=1)
    log = log_of([*endpoints(START, a=100, b=100), *endpoints(after, a=300, b=100)])
    result = measure(log, "endpoint_load", hours(1, after), baseline=hours(1))
    share = result.fact("load_share", "GET /a")
    assert (share.value, share.baseline) == (pytest.approx(0.75), pytest.approx(0.5))


def test_without_response_times_load_is_requests_alone(log_of) -> None:
    result = measure(log_of(spread(1, latency=None)), "endpoint_load", whole(1))
    assert result.named("load_share") == ()
    assert result.fact("load_share_of_requests", "GET /").value == 1


def test_an_endpoints_part_of_the_slowdown_adds_up_to_the_change_from_speed(log_of) -> None:
    after = START + timedelta(hours=1)
    log = log_of([*endpoints(START, a=100, b=200, c=10), *endpoints(after, a=150, b=190, c=12)])
    asked = {"span": hours(1, after), "baseline": hours(1)}
    result = measure(log, "endpoint_changes", **asked)
    effects = {fact.entity: fact.value for fact in result.named("endpoint_speed_effect")}
    assert effects == {
        "GET /a": pytest.approx(50 / 3),
        "GET /b": pytest.approx(-10 / 3),
        "GET /c": pytest.approx(2 / 3),
    }
    assert sum(effects.values()) == pytest.approx(
        measure(log, "mix_shift", **asked).fact("rate_effect").value
    )
    assert result.fact("usual_endpoint_change").value == pytest.approx(0.2)
    assert result.fact("endpoints_compared").value == 3


def test_new_endpoints_are_counted_with_their_load(log_of) -> None:
    after = START + timedelta(hours=1)
    log = log_of([*endpoints(START, a=100), *endpoints(after, a=100, new=300)])
    result = measure(log, "endpoint_changes", hours(1, after), baseline=hours(1))
    assert result.fact("endpoints_new").value == 1
    assert result.fact("new_endpoints_share_of_load").value == pytest.approx(0.75)
    alone = measure(log, "endpoint_changes", hours(1, after))
    assert (alone.status, alone.reason) == ("no_data", "nothing to compare with")


# --- growth and the hours of the day ----------------------------------------------------------------------


def growing(weeks: int, rate: float, burst_in: int | None = None) -> Iterator[Any]:
    """Traffic that grows from day to day, by so much a week; a burst of one minute in one of them."""
    for week in range(weeks):
        for hour in range(168):
            each = round(40 * (1 + rate) ** (week + hour // 24 / 7))
            at = START + timedelta(weeks=week, hours=hour)
            yield row(at + timedelta(minutes=58))
            for place in range(each if hour % 24 == 12 else each // 4):
                yield row(
                    at + timedelta(minutes=5, seconds=place),
                    user=f"u{(week * hour + place) % (20 + 2 * week)}",
                )
        if week == burst_in:
            for place in range(150):
                yield row(START + timedelta(weeks=week, hours=20, minutes=3, milliseconds=place * 300))


def test_growth_is_compound_and_by_the_week(log_of) -> None:
    result = measure(log_of(growing(6, 0.1)), "traffic_growth", whole(6))
    growth = result.fact("traffic_growth")
    assert (growth.n, growth.value) == (6, pytest.approx(0.1, abs=0.015))
    assert result.fact("traffic_growth_monthly").value == pytest.approx(
        (1 + growth.value) ** (30.436875 / 7) - 1
    )
    assert result.fact("growth_fit").value > 0.99
    assert result.fact("growth_middle").value == 2.5
    assert result.fact("weekly_user_growth").value > 0


def test_one_burst_does_not_move_the_usual_peak(log_of) -> None:
    calm = measure(log_of(growing(6, 0.1)), "traffic_growth", whole(6)).fact("peak_level").value
    struck = measure(log_of(growing(6, 0.1, burst_in=5), name="b.log"), "traffic_growth", whole(6))
    assert struck.fact("peak_level").value == pytest.approx(calm, rel=0.05)
    assert calm == pytest.approx(40 * 1.1 ** (5 + 6 / 7) / 60, rel=0.1)


def test_weeks_with_days_missing_do_not_count_for_growth(log_of) -> None:
    gap = [one for one in growing(6, 0.1) if not one["time"].startswith("2025-10-08")]
    result = measure(log_of(gap), "traffic_growth", whole(6))
    assert result.fact("traffic_growth").n == 5
    assert "2025-W41 is left out: days without requests" in result.notes


def test_a_week_with_a_surge_is_no_growth(log_of) -> None:
    """A day of many times the requests: the line goes through the other weeks, and reaches the last."""
    calm = measure(log_of(growing(6, 0.1)), "traffic_growth", whole(6))
    day = START + timedelta(weeks=5, days=2)
    surge = [row(day + timedelta(seconds=20 * place)) for place in range(3000)]
    struck = measure(log_of([*growing(6, 0.1), *surge], name="surge.log"), "traffic_growth", whole(6))
    assert struck.texts[0]["set_aside"] == ["2025-11-05"]
    assert struck.fact("traffic_growth").n == 5
    assert struck.fact("traffic_growth").value == pytest.approx(calm.fact("traffic_growth").value, abs=0.01)
    assert struck.fact("peak_level").value == pytest.approx(calm.fact("peak_level").value, rel=0.05)
    assert struck.fact("growth_middle").value == 3
    assert any("2025-W45 is left out, 2025-11-05 is far outside" in note for note in struck.notes)


def test_the_busiest_minutes_are_found_with_how_requests_fared(log_of) -> None:
    at = START + timedelta(days=3, hours=4, minutes=10)
    burst = [
        row(at + timedelta(seconds=place), 400, status=500 if place < 30 else 200) for place in range(240)
    ]
    log = log_of([*spread(1), *burst])
    result = measure(log, "busiest_minutes", whole(1))
    assert result.fact("busiest_start").value == at.timestamp()
    assert result.fact("busiest_requests_per_second").value == pytest.approx(240 / 300)
    assert result.fact("busiest_mean_response_time").value == 400
    assert result.fact("busiest_error_rate").value == pytest.approx(30 / 240)
    hour = measure(log, "busiest_minutes", whole(1), minutes=60)
    assert hour.fact("busiest_start").value == (START + timedelta(days=3, hours=4)).timestamp()


def test_too_few_weeks_are_not_enough_data_for_growth(log_of) -> None:
    result = measure(log_of(spread(3)), "traffic_growth", whole(3))
    assert result.status == "no_data"
    assert result.reason == "not enough data: 3 whole weeks with requests on every day, 4 needed"


def test_hours_of_the_day_tell_whether_busy_ones_are_slower(log_of) -> None:
    def busy(slower: float) -> Iterator[Any]:
        for hour in range(168):
            each = 4 + 2 * (hour % 24)
            for place in range(each):
                at = START + timedelta(hours=hour, seconds=place * 50)
                mix = place % 2
                yield row(at, (100 + slower * each) * (1 + 4 * mix), path=f"/{mix}")

    slow = measure(log_of(busy(2.0)), "load_by_hour_of_day", whole(1))
    assert slow.fact("pace_slope").value > 0
    assert slow.fact("pace_fit").value > 0.99
    assert slow.fact("day_hour_requests_per_second", "12:00–13:00").value == pytest.approx(28 / 3600)
    steady = measure(log_of(busy(0.0), name="steady.log"), "load_by_hour_of_day", whole(1))
    assert [fact.value for fact in steady.named("day_hour_pace")] == [pytest.approx(1)] * 24


def test_an_hour_that_the_clock_repeats_has_its_seconds_twice(log_of) -> None:
    zone = "America/Los_Angeles"
    day = Window(
        start=datetime(2025, 11, 2, 7, tzinfo=UTC), end=datetime(2025, 11, 3, 8, tzinfo=UTC), zone=zone
    )
    log = log_of(row(day.start + timedelta(minutes=minute)) for minute in range(25 * 60))
    result = measure(log, "load_by_hour_of_day", day)
    rates = {fact.entity: fact for fact in result.named("day_hour_requests_per_second")}
    assert rates["01:00–02:00"].n == 120
    assert [fact.value for fact in rates.values()] == [pytest.approx(1 / 60)] * 24
