"""The performance report on the embedded sample, held against what the sample is known to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from postlaunch.agents.bench import Bench
from postlaunch.facts import Derived, Fact, Forecast, Unavailable
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.performance import PerformanceReport
from postlaunch.sample.truth import Truth
from postlaunch.settings_file import load_settings
from postlaunch.sources.opening import open_sources
from postlaunch.testing import MemoryRecorder
from postlaunch.tools.costs import DAYS_A_MONTH
from postlaunch.windows import Window, iso_week_of, month_of

if TYPE_CHECKING:
    from conftest import Samples

NEEDED = ("requests", "events", "resources", "costs", "changes", "candidates")


@pytest.fixture(scope="module")
def sample(samples: Samples) -> Iterator[tuple[Bench, Truth]]:
    made = samples.of(0.1)
    truth = made.read_truth()
    settings = load_settings(made.settings, environment={})
    kept = {name: getattr(settings.sources, name) for name in NEEDED}
    settings = settings.model_copy(update={"sources": type(settings.sources)(**kept)})
    sources = open_sources(settings, lambda: truth.as_of)
    yield (
        Bench(settings=settings, sources=sources, recorder=MemoryRecorder(), clock=lambda: truth.as_of),
        truth,
    )
    for source in sources.values():
        getattr(source, "close", lambda: None)()


@pytest.fixture(scope="module")
def truth(sample: tuple[Bench, Truth]) -> Truth:
    return sample[1]


@pytest.fixture(scope="module")
def report(desk: Any, sample: tuple[Bench, Truth]) -> PerformanceReport:
    """The last eight weeks."""
    bench, truth = sample
    span = Window(start=truth.weeks[-8].start, end=truth.weeks[-1].end, zone=truth.zone)
    return desk.composed(bench, desk.assigned(span))


def facts(report: PerformanceReport, name: str) -> dict[str, Fact]:
    return {fact.entity: fact for fact in report.evidence.facts.values() if fact.name == name}


def value(quantity: Any) -> float:
    assert not isinstance(quantity, Unavailable)
    return float(quantity.value)


def test_every_week_is_what_was_counted(report: PerformanceReport, truth: Truth) -> None:
    counted = truth.weeks[-8:]
    assert [week.label for week in report.weeks.items] == [week.label for week in counted]
    for week, known in zip(report.weeks.items, counted, strict=True):
        figures = {
            "mean": known.latency.mean,
            "p95": known.latency.p95,
            "requests": known.requests,
            "peak": known.peak_per_second,
        }
        assert {name: value(getattr(week, name)) for name in figures} == pytest.approx(figures)
    for week, before in zip(report.weeks.items, truth.weeks[-9:-1], strict=True):
        assert value(week.before) == pytest.approx(before.latency.mean)


def test_the_rise_with_the_data_is_a_ramp_and_no_step(report: PerformanceReport, truth: Truth) -> None:
    assert (report.trend.shape, report.trend.direction) == ("ramp", "slower")
    slope = facts(report, "trend_slope_share")["application"].value
    assert slope == pytest.approx(truth.growth.weekly_slowdown, abs=0.004)
    causes = [factor.name for factor in report.factors if factor.verdict == "explains"]
    assert causes == ["Data size"]
    assert "by elimination" in report.conclusion.text


def test_the_incidents_day_is_set_aside_and_told(report: PerformanceReport, truth: Truth) -> None:
    day = truth.incident.start.astimezone(report.window.local(truth.incident.start).tzinfo).date()
    assert any(str(day) in said.text for said in report.trend.remarks)
    assert any(
        f"{truth.weeks[-2].label}, the newest week without a day far outside" in note.text
        for note in report.notes
    )


def test_growth_is_the_generators_and_the_burst_is_none_of_it(
    report: PerformanceReport, truth: Truth
) -> None:
    growth = report.capacity.growth
    assert value(growth.per_week) == pytest.approx(truth.growth.weekly, abs=0.008)
    assert value(growth.users_per_week) == pytest.approx(truth.growth.weekly, abs=0.015)
    assert value(report.capacity.current.peak) == pytest.approx(truth.incident.peak_per_second)
    assert report.capacity.burst[0].text.startswith("a burst: ")


def test_the_forecasts_intervals_cover_what_the_generators_growth_gives(
    report: PerformanceReport, truth: Truth
) -> None:
    for months, known in zip((3, 6), truth.forecasts, strict=True):
        assert known.weeks == round(months * DAYS_A_MONTH / 7)
        peak = report.capacity.at(months).peak  # type: ignore[arg-type]
        assert isinstance(peak, Forecast)
        assert peak.low < known.peak_per_second < peak.high
        usual, now = report.capacity.at(months).usual, report.capacity.current.usual_peak  # type: ignore[arg-type]
        assert isinstance(usual, Forecast)
        assert usual.low < value(now) * known.factor < usual.high


def test_the_slow_hot_read_is_the_first_opportunity(report: PerformanceReport, truth: Truth) -> None:
    one = report.opportunities.items[0]
    assert (one.endpoint, one.kind, one.priority) == ("GET /users", "hot read", "HIGH")
    assert one.candidate == "cache-user-list"
    known = truth.weeks[-2].endpoints["GET /users"]
    assert value(one.current) == pytest.approx(known.latency.mean)
    assert value(one.share_of_requests) == pytest.approx(known.share)
    assert value(one.current_p95) == pytest.approx(known.latency.p95)
    upload = next(item for item in report.opportunities.items if item.endpoint == "PUT /users/:id")
    assert (upload.kind, upload.candidate) == ("slow write", "image-upload-async")


def test_load_is_requests_times_their_mean(report: PerformanceReport, truth: Truth) -> None:
    endpoints = truth.weeks[-2].endpoints
    everything = sum(one.requests * one.latency.mean for one in endpoints.values())
    for item in report.opportunities.items:
        known = endpoints[item.endpoint]
        assert value(item.share_of_load) == pytest.approx(known.requests * known.latency.mean / everything)


def test_pods_and_their_use_are_what_the_samples_say(report: PerformanceReport, truth: Truth) -> None:
    current = report.capacity.current
    pods = truth.resources[-1].pods.values()
    assert value(current.pods) == len(pods)
    use = {item.name: item.use for item in current.resources}
    assert value(use["memory"]) == pytest.approx(sum(pod.memory_share for pod in pods) / len(pods))
    assert value(use["CPU"]) == pytest.approx(sum(pod.cpu_share for pod in pods) / len(pods))
    limits = {item.name: item.limit for item in current.resources}
    assert value(limits["database connections"]) == truth.incident.pool_after


def test_the_pods_of_now_carry_the_peak_and_those_of_later_do_not(report: PerformanceReport) -> None:
    now, soon, far = report.capacity.projections
    assert (now.add, (soon.add or 0) > 0, (far.add or 0) > (soon.add or 0)) == (0, True, True)
    assert value(report.cost.avoided) > 0
    assert report.recommendation.text.startswith('Implement "Cache the first page of the user list"')
    assert f"in Sprint {report.opportunities.items[0].sprint}: avoids $" in report.recommendation.text


def test_a_month_costs_what_its_lines_add_up_to(desk: Any, sample: tuple[Bench, Truth]) -> None:
    bench, truth = sample
    known = next(cost for cost in truth.costs if cost.month == "2025-10")
    report = desk.composed(bench, desk.assigned(month_of(date(2025, 10, 1), truth.zone)))
    a_month = DAYS_A_MONTH / known.days
    assert value(report.cost.total) == pytest.approx(known.amount * a_month)
    assert value(report.cost.pod) == pytest.approx(known.services["pods"] / 3 * a_month)
    assert known.per_active_user is not None
    assert isinstance(report.cost.per_user, Derived)
    assert report.cost.per_user.value == pytest.approx(known.per_active_user * a_month)
    assert report.span_text == "October 2025"


def test_the_report_contradicts_nothing(report: PerformanceReport) -> None:
    assert check(report) == ()
    assert report.problems == ()


def test_a_consult_about_one_week_is_answered_from_it(desk: Any, sample: tuple[Bench, Truth]) -> None:
    bench, truth = sample
    week = iso_week_of(date(2025, 11, 12), truth.zone)
    found = desk.findings(bench, desk.assigned(week))
    load = {fact.entity: fact for fact in found.facts if fact.name == "load_share_of_requests"}
    assert load["GET /users"].value == pytest.approx(truth.weeks[-2].endpoints["GET /users"].share)
    effort = {fact.entity: fact.value for fact in found.facts if fact.name == "effort_days"}
    assert effort["cache-user-list"] == pytest.approx(0.25)
