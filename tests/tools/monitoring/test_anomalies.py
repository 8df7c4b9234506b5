"""When an hour is unlike the same hour of the weeks before; how often an ordinary day is called unusual."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from postlaunch.tools.anomalies import HOUR, Method, expected_hours, runs
from postlaunch.tools.anomalies_failures import Counted, negative_binomial_tail, usual_failures

START = datetime(2025, 9, 1)  # noqa: DTZ001 # an hour of the application's clock
HISTORY = 24 * 7 * 10
ALARMS = 0.01
COUNTS = Method(weeks=8, least=4, alarms=ALARMS, sides="both", offset=0.5, counted=True)
SHARES = Method(weeks=8, least=4, alarms=ALARMS, offset=0.01, noise=0.03)

Noise = Callable[[random.Random, float, int], float]


def usual(hour: datetime, weekly_growth: float = 0.03, busy: float = 300) -> float:
    """Traffic with nights, weekends and growth."""
    day = 1 + 0.8 * math.sin((hour.hour - 9) / 24 * 2 * math.pi)
    weekend = 0.5 if hour.weekday() >= 5 else 1
    return busy * day * weekend * (1 + weekly_growth) ** ((hour - START) / timedelta(days=7))


def chance(rng: random.Random, mean: float, place: int) -> float:
    """Requests that come by chance alone."""
    return max(0, round(rng.gauss(mean, math.sqrt(mean))))


def bursts(rng: random.Random, mean: float, place: int) -> float:
    """Requests whose rate itself varies by a seventh from hour to hour."""
    return chance(rng, mean * rng.gammavariate(50, 1 / 50), place)


def heavy_tails(rng: random.Random, mean: float, place: int) -> float:
    """Student's t with five degrees of freedom, in logarithms."""
    return mean * math.exp(0.06 * rng.gauss(0, 1) / math.sqrt(rng.gammavariate(2.5, 1 / 2.5)))


def sawtooth(rng: random.Random, mean: float, place: int) -> float:
    """Memory that fills for 200 hours and is freed: of no weekly rhythm at all."""
    return 0.3 + 0.002 * (place % 200) + rng.gauss(0, 0.004)


def simulated(noise: Noise, seed: int, days: int = 0) -> dict[datetime, float]:
    rng = random.Random(seed)
    return {
        START + HOUR * place: noise(rng, usual(START + HOUR * place), place)
        for place in range(HISTORY + 24 * days)
    }


def day_after(days: int = 0) -> list[datetime]:
    return [START + HOUR * (HISTORY + 24 * days + hour) for hour in range(24)]


@pytest.mark.parametrize(
    ("noise", "method", "most"),
    [
        (chance, COUNTS, 0.02),
        (bursts, COUNTS, 0.02),
        (heavy_tails, SHARES, 0.05),
        (sawtooth, SHARES, 0.02),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_ordinary_day_is_seldom_called_unusual(noise: Noise, method: Method, most: float) -> None:
    days = 200
    figures = simulated(noise, seed=7, days=days)
    alarms = 0
    for day in range(days):
        hours = day_after(day)
        expected = expected_hours(figures, hours, method)
        assert len(expected) == 24
        alarms += any(range_.unusual(figures[hour]) for hour, range_ in expected.items())
    assert alarms / days <= most


@pytest.mark.parametrize("factor", [0.4, 2.0])
def test_less_than_half_or_twice_the_requests_of_a_busy_hour_are_unusual(factor: float) -> None:
    figures = simulated(chance, seed=3, days=1)
    hour = day_after()[14]
    expected = expected_hours(figures, day_after(), COUNTS)[hour]
    assert not expected.unusual(figures[hour])
    assert expected.unusual(figures[hour] * factor)
    assert expected.value == pytest.approx(usual(hour), rel=0.1)


def test_growth_is_expected_and_not_unusual() -> None:
    figures = {hour: usual(hour, weekly_growth=0.15) for hour in map(hour_at, range(HISTORY + 24))}
    for hour, expected in expected_hours(figures, day_after(), COUNTS).items():
        assert expected.value == pytest.approx(figures[hour], rel=0.02)


def test_a_bad_week_among_those_before_hides_nothing() -> None:
    figures = simulated(chance, seed=3, days=1)
    hours = day_after()
    for hour in hours[12:16]:
        figures[hour - timedelta(days=7)] *= 5
    expected = expected_hours(figures, hours, COUNTS)
    assert expected[hours[14]].value == pytest.approx(usual(hours[14]), rel=0.1)
    assert expected[hours[14]].unusual(figures[hours[14]] * 2.5)


@pytest.mark.parametrize(("weeks", "judged"), [(4, 0), (5, 24)])
def test_an_hour_is_judged_by_four_weeks_and_the_one_before_them(weeks: int, judged: int) -> None:
    first = day_after()[0] - timedelta(days=7 * weeks)
    figures = {hour: figure for hour, figure in simulated(chance, 1, 1).items() if hour >= first}
    assert len(expected_hours(figures, day_after(), COUNTS)) == judged


def test_only_too_much_of_a_resource_is_unusual() -> None:
    rng = random.Random(1)
    steady = {hour_at(place): 0.3 + rng.gauss(0, 0.004) for place in range(HISTORY)}
    expected = expected_hours(steady, day_after(), SHARES)[day_after()[0]]
    assert not expected.unusual(0.0)
    assert not expected.unusual(0.32)
    assert expected.unusual(0.5)


def test_a_figure_that_moves_by_steps_is_not_unusual_one_step_up() -> None:
    rng = random.Random(1)
    steps = {hour_at(place): 0.3 if rng.random() < 0.03 else 0.4 for place in range(HISTORY)}
    in_steps = Method(weeks=8, least=4, alarms=ALARMS, offset=0.01, noise=0.03, step=0.1)
    for method, unusual in ((SHARES, True), (in_steps, False)):
        expected = expected_hours(steps, day_after(), method)
        assert any(range_.unusual(0.5) for range_ in expected.values()) is unusual
    assert all(range_.unusual(1.0) for range_ in expected.values())


def test_hours_in_a_row_are_one_run() -> None:
    hours = [hour_at(place) for place in (5, 3, 4, 9)]
    assert runs(hours) == [[hour_at(3), hour_at(4), hour_at(5)], [hour_at(9)]]


def hour_at(place: int) -> datetime:
    return START + HOUR * place


# --- failures -----------------------------------------------------------------------------------------------


def poisson(rng: random.Random, mean: float) -> int:
    if mean > 30:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    total, least = rng.random(), math.exp(-mean)
    number = 0
    while total > least:
        total *= rng.random()
        number += 1
    return number


def failing(rng: random.Random, rate: float, dispersion: float) -> Counted:
    """An hour whose failures vary so many times as much as chance explains."""
    requests = poisson(rng, 800)
    mean = requests * rate
    if dispersion > 1:
        mean = rng.gammavariate(mean / (dispersion - 1), dispersion - 1)
    return Counted(requests, min(requests, poisson(rng, mean)))


@pytest.mark.parametrize("dispersion", [1, 2, 5])
@pytest.mark.parametrize("rate", [0.0005, 0.003, 0.02])
def test_an_ordinary_days_failures_are_seldom_called_unusual(rate: float, dispersion: float) -> None:
    rng = random.Random(11)
    days, before = 150, 28
    hours = [failing(rng, rate, dispersion) for _ in range(24 * (before + days))]
    alarms = 0
    for day in range(days):
        usual_rate = usual_failures(hours[24 * day : 24 * (day + before)])
        assert usual_rate is not None
        today = hours[24 * (day + before) : 24 * (day + before + 1)]
        alarms += any(usual_rate.unusual(hour, ALARMS, 24) for hour in today)
    assert alarms / days <= 0.04


def test_a_cluster_of_failures_is_unusual_and_the_most_that_is_not_is_known() -> None:
    rng = random.Random(1)
    usual_rate = usual_failures([failing(rng, 0.001, 1) for _ in range(24 * 28)])
    assert usual_rate is not None
    assert usual_rate.unusual(Counted(800, 40), ALARMS, 24)
    most = usual_rate.most(800, ALARMS, 24)
    assert not usual_rate.unusual(Counted(800, most), ALARMS, 24)
    assert usual_rate.unusual(Counted(800, most + 1), ALARMS, 24)


def test_an_incident_of_the_weeks_before_does_not_raise_the_usual_rate() -> None:
    rng = random.Random(1)
    hours = [failing(rng, 0.001, 1) for _ in range(24 * 28)]
    calm = usual_failures(hours)
    stormy = usual_failures([*hours[:-3], Counted(900, 300), Counted(900, 500), Counted(900, 200)])
    assert calm is not None
    assert stormy is not None
    assert stormy.rate == pytest.approx(calm.rate, rel=0.05)
    assert stormy.dispersion == pytest.approx(calm.dispersion, rel=0.05)


def test_four_failures_are_never_unusual_and_few_hours_tell_nothing() -> None:
    hours = [Counted(800, 0)] * 95
    assert usual_failures(hours) is None
    usual_rate = usual_failures([*hours, Counted(800, 0)])
    assert usual_rate is not None
    assert not usual_rate.unusual(Counted(20, 4), ALARMS, 24)
    assert usual_rate.unusual(Counted(20, 5), ALARMS, 24)


def test_the_tail_of_a_negative_binomial_is_that_of_its_terms() -> None:
    # Mean 3 and dispersion 2: size 3, P(0) = (1/2)³ and P(1) = 3 × (1/2)⁴.
    assert negative_binomial_tail(1, 3, 2) == pytest.approx(1 - 1 / 8)
    assert negative_binomial_tail(2, 3, 2) == pytest.approx(1 - 1 / 8 - 3 / 16)
