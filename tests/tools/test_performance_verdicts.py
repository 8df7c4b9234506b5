"""Verdicts on trends and opportunities, and the changes that may explain a step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import postlaunch.tools.performance  # registers the measurements  # noqa: F401
from postlaunch.facts import Assumed, Definition, Fact, Measurement, Quantity, Unavailable
from postlaunch.settings_performance import Performance
from postlaunch.sources.changes import Change, ChangeTable
from postlaunch.tools import definitions_performance as definitions
from postlaunch.tools.measurement import MeasurementResult, run_measurement
from postlaunch.tools.performance_verdicts import kind_of, priority_of, trend_verdict
from postlaunch.windows import Window

SPAN = Window(
    start=datetime(2025, 9, 29, tzinfo=UTC),
    end=datetime(2025, 11, 24, tzinfo=UTC),
    zone="America/Los_Angeles",
)
MEASURED = Measurement(name="made", source="requests", fingerprint="f")
RULES = Performance()


def fact(
    definition: Definition, value: float, before: float | None = None, entity: str = "application"
) -> Fact:
    return Fact(
        name=definition.name,
        value=value,
        unit=definition.unit,
        entity=entity,
        window=SPAN,
        definition=definition,
        measurement=MEASURED,
        n=56,
        baseline=before,
    )


# --- trends -----------------------------------------------------------------------------------------------


def trend(
    *more: Fact, p: float = 1e-5, gap: float = 20, set_aside: list[str] | None = None
) -> MeasurementResult:
    facts = (
        fact(definitions.TREND_DAYS, 56),
        fact(definitions.TREND_P, p),
        fact(definitions.TREND_CORRELATION, 0.3),
        fact(definitions.TREND_PREFERENCE, gap),
        *more,
    )
    texts: Any = ({"set_aside": set_aside or []},)
    return MeasurementResult(measurement=MEASURED, status="ok", facts=facts, texts=texts)


def ramp(before: float = 98, after: float = 115, slope: float = 2.1) -> tuple[Fact, ...]:
    return (
        fact(definitions.TREND_LEVEL, after, before),
        fact(definitions.TREND_SLOPE, slope),
        fact(definitions.TREND_SLOPE_SHARE, slope / before),
    )


def test_a_ramp_that_slows_requests_is_a_gradual_degradation_with_its_slope_n_and_p() -> None:
    verdict = trend_verdict(trend(*ramp()), "")
    assert (verdict.shape, verdict.direction) == ("ramp", "slower")
    assert verdict.verdict == "⚠️ Gradual performance degradation"
    assert verdict.because.text == "98 ms → 115 ms within 56 days, 2.1 ms (2.14%) a week"
    assert verdict.tested is not None
    assert verdict.tested.text == (
        "p 1.0e-05 over 56 days, autocorrelation 0.3; a step fits worse (BIC difference 20)"
    )


def test_a_step_has_its_date_on_the_applications_clock() -> None:
    at = datetime(2025, 11, 4, 8, tzinfo=UTC)
    step = (fact(definitions.TREND_LEVEL, 150, 100), fact(definitions.TREND_STEP_ON, at.timestamp()))
    verdict = trend_verdict(trend(*step), "")
    assert (verdict.shape, verdict.direction) == ("step", "slower")
    assert verdict.because.text.startswith("a step on Nov 4, 2025: 100 ms → 150 ms (+50%)")
    assert verdict.verdict == "⚠️ Slower from one day to the next"


def test_getting_faster_is_no_warning() -> None:
    assert trend_verdict(trend(*ramp(115, 98, -2.1)), "").verdict == "✅ Gradually faster"


@pytest.mark.parametrize(
    ("gap", "said"),
    [(0.5, "a step fits nearly as well (BIC"), (-9, "a step fits better, by a few days alone (BIC")],
)
def test_how_the_other_shape_fits_is_said(gap: float, said: str) -> None:
    tested = trend_verdict(trend(*ramp(), gap=gap), "").tested
    assert tested is not None
    assert said in tested.text


def test_no_trend_still_says_how_it_was_tested() -> None:
    verdict = trend_verdict(trend(p=0.4), "")
    assert (verdict.shape, verdict.direction, verdict.verdict) == ("none", "", "✅ No trend")
    assert verdict.tested is not None
    assert "p 0.4 over 56 days" in verdict.tested.text


def test_too_few_days_are_told_from_a_source_that_is_not_there() -> None:
    assert trend_verdict(None, "not enough data: 14 whole days").shape == "not enough data"
    absent = trend_verdict(None, "no source of requests is configured")
    assert (absent.shape, absent.verdict) == ("not available", "– Not available")


def test_days_set_aside_are_named() -> None:
    days = [f"2025-11-{day:02d}" for day in range(1, 8)]
    assert trend_verdict(trend(set_aside=days), "").remarks[0].text == (
        "set aside as far outside every pattern: 2025-11-01, 2025-11-02, 2025-11-03, 2025-11-04, 2025-11-05 "
        "and 2 more"
    )


# --- opportunities ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "requests", "load", "mean", "over", "tail", "kind"),
    [
        ("GET", 0.18, 0.27, 156, False, False, "hot read"),
        ("GET", 0.30, 0.08, 30, False, False, "repeated small read"),
        ("GET", 0.10, 0.03, 30, False, False, None),
        ("GET", 0.01, 0.03, 400, True, True, "slow endpoint"),
        ("PUT", 0.05, 0.12, 245, True, True, "slow write"),
        ("POST", 0.05, 0.01, 245, True, True, "slow write"),
        ("POST", 0.27, 0.25, 100, False, True, "slow write"),
        ("POST", 0.27, 0.25, 100, False, False, None),
        ("POST", 0.01, 0.01, 100, False, True, None),
    ],
)
def test_what_an_endpoints_figures_are_a_sign_of(
    method: str, requests: float, load: float, mean: float, over: bool, tail: bool, kind: str | None
) -> None:
    found = kind_of(
        method,
        share_of_requests=requests,
        share_of_load=load,
        mean=mean,
        usual=104,
        over=over,
        tail_over=tail,
        rules=RULES,
    )
    assert found == kind


def hours(number: float) -> Quantity:
    return Assumed(value=number, unit="hours", who="somebody", basis="a guess")


@pytest.mark.parametrize(
    ("requests", "load", "effort", "priority"),
    [
        (0.20, 0.01, hours(8), "HIGH"),
        (0.01, 0.20, hours(2), "HIGH"),
        (0.30, 0.30, hours(8.1), "MEDIUM"),
        (0.30, 0.30, Unavailable(reason="nobody said"), "MEDIUM"),
        (0.199, 0.19, hours(1), "MEDIUM"),
        (0.05, 0.01, hours(40), "MEDIUM"),
        (0.049, 0.049, hours(1), "LOW"),
    ],
)
def test_priority_by_share_and_effort(requests: float, load: float, effort: Quantity, priority: str) -> None:
    of_requests = fact(definitions.LOAD_SHARE_OF_REQUESTS, requests)
    of_load = fact(definitions.LOAD_SHARE, load)
    verdict = priority_of(of_requests, of_load, effort, RULES)
    assert verdict.priority == priority
    greater = of_load if load >= requests else of_requests
    assert verdict.because.facts == (greater.id,)


def test_a_priority_names_its_row_of_the_table() -> None:
    of_requests, of_load = fact(definitions.LOAD_SHARE_OF_REQUESTS, 0.1), fact(definitions.LOAD_SHARE, 0.27)
    assert priority_of(of_requests, of_load, hours(2), RULES).because.text == (
        "27% of the load: at least 20%, for at most 1 day of work"
    )
    assert priority_of(of_requests, None, hours(2), RULES).because.text == (
        "10% of the requests: at least 5%, less than 20%"
    )


# --- changes ----------------------------------------------------------------------------------------------


def changes(*moments: datetime) -> ChangeTable:
    rows = tuple(
        Change(id=f"c{place}", at=at, kind="deployment", version=f"1.{place}", title=f"Release 1.{place}")
        for place, at in enumerate(moments)
    )
    return ChangeTable(fingerprint="f", changes=rows)


def test_changes_of_a_window_are_counted_by_kind_and_dated() -> None:
    table = changes(SPAN.start - timedelta(days=1), SPAN.start, SPAN.end - timedelta(days=2), SPAN.end)
    result = run_measurement("changes_recorded", {"window": SPAN}, {"changes": table})
    assert result.fact("changes").value == 2  # type: ignore[union-attr]
    assert result.fact("changes_of_kind", "deployment").value == 2  # type: ignore[union-attr]
    assert [(one.entity, one.value) for one in result.named("change_at")] == [
        ("deployment 1.1 (c1)", SPAN.start.timestamp()),
        ("deployment 1.2 (c2)", (SPAN.end - timedelta(days=2)).timestamp()),
    ]
    assert [text["title"] for text in result.texts] == ["Release 1.1", "Release 1.2"]


def test_a_window_without_changes_had_none() -> None:
    result = run_measurement("changes_recorded", {"window": SPAN}, {"changes": changes()})
    assert (result.status, result.fact("changes").value) == ("ok", 0)  # type: ignore[union-attr]


def test_only_the_last_changes_are_listed_and_all_are_counted() -> None:
    table = changes(*(SPAN.start + timedelta(hours=hour) for hour in range(30)))
    result = run_measurement("changes_recorded", {"window": SPAN}, {"changes": table})
    assert result.fact("changes").value == 30  # type: ignore[union-attr]
    assert len(result.named("change_at")) == 20
    assert result.notes == ("only the last 20 of 30 changes are listed",)
