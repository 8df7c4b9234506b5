"""The verdict tables of health, row by row, with their boundaries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.facts import Definition, Fact, Measurement, Unavailable, Unit
from postlaunch.reports.health import ErrorBudget, Incident, MetricRow
from postlaunch.reports.judged import Sentence
from postlaunch.reports.targets import Target
from postlaunch.settings import Verdicts
from postlaunch.settings_objectives import DEFAULT_OBJECTIVES
from postlaunch.tools.error_budget import time_budget
from postlaunch.tools.verdicts import (
    covers,
    endpoint_verdict,
    health_grade,
    met,
    pace_verdict,
    row_status,
    severity,
    target_used,
    window_days,
    worse_by,
)
from postlaunch.windows import Window, iso_week_of

WEEK = iso_week_of(datetime(2025, 11, 18, tzinfo=UTC).date(), "UTC")
RULES = Verdicts()
MEASUREMENT = Measurement(name="request_summary", source="requests", fingerprint="f")
UPTIME = Target.of("uptime", DEFAULT_OBJECTIVES["uptime"])
P95 = Target.of("p95_response_time", DEFAULT_OBJECTIVES["p95_response_time"])
MEAN = Target.of("mean_response_time", DEFAULT_OBJECTIVES["mean_response_time"])
ERRORS = Target.of("error_rate", DEFAULT_OBJECTIVES["error_rate"])


def fact(
    name: str,
    value: float,
    unit: Unit,
    better: Any = "lower",
    before: float | None = None,
    window: Window = WEEK,
) -> Fact:
    return Fact(
        name=name,
        value=value,
        unit=unit,
        window=window,
        definition=Definition(name=name, title=name, statement=name, unit=unit, better=better),
        measurement=MEASUREMENT,
        n=1000,
        baseline=before,
    )


def errors(value: float, before: float | None = None) -> Fact:
    return fact("error_rate", value, "ratio", before=before)


def uptime(value: float, before: float | None = None) -> Fact:
    return fact("uptime", value, "ratio", "higher", before)


def users(value: float, before: float | None = None) -> Fact:
    return fact("active_users", value, "count", "higher", before)


def milliseconds(value: float, before: float | None = None) -> Fact:
    return fact("p95_response_time", value, "ms", before=before)


@pytest.mark.parametrize(
    ("measured", "target", "status"),
    [
        # the specification's own table
        (uptime(0.9997, 0.9995), UPTIME, "ok"),
        (milliseconds(102, 98), P95, "ok"),
        (errors(0.0008, 0.0005), ERRORS, "warning"),
        (users(4523, 3891), None, "ok"),
        # a target itself is not met
        (milliseconds(199.9), P95, "warning"),
        (milliseconds(200), P95, "missed"),
        (uptime(0.999), UPTIME, "missed"),
        (uptime(0.99901), UPTIME, "warning"),
        (errors(0.01), ERRORS, "missed"),
        # more than 80 % of the target used
        (milliseconds(160), P95, "ok"),
        (milliseconds(160.1), P95, "warning"),
        (uptime(0.9993), UPTIME, "ok"),
        (uptime(0.99915), UPTIME, "warning"),
        # worse by more than 20 %, and for rates by more than 0.02 pp
        (milliseconds(120, 100), P95, "ok"),
        (milliseconds(121, 100), P95, "warning"),
        (milliseconds(79, 100), P95, "ok"),
        (errors(0.0003, 0.0001), ERRORS, "ok"),
        (errors(0.00031, 0.0001), ERRORS, "warning"),
        (uptime(0.9995, 0.9997), UPTIME, "ok"),
        (uptime(0.99949, 0.9997), UPTIME, "warning"),
        (users(79, 100), None, "warning"),
        (users(80, 100), None, "ok"),
        # new from nothing
        (errors(0.005, 0.0), ERRORS, "warning"),
        (errors(0.0001, 0.0), ERRORS, "ok"),
        (errors(0.0, 0.0), ERRORS, "ok"),
        # nothing to judge by
        (users(80), None, "not available"),
        (None, P95, "not available"),
    ],
)
def test_row_status(measured: Fact | None, target: Target | None, status: str) -> None:
    assert row_status(measured, target, RULES).status == status


def test_a_missed_target_is_not_softened_by_an_improvement() -> None:
    assert row_status(milliseconds(250, 400), P95, RULES).status == "missed"


def test_a_row_without_a_fact_says_why() -> None:
    assert row_status(None, UPTIME, RULES, reason="no probe").because.text == "no probe"


def test_the_reason_prints_the_figures_and_cites_the_fact() -> None:
    measured = milliseconds(312)
    because = row_status(measured, P95, RULES).because
    assert because.text == "312 ms misses the target of < 200 ms"
    assert because.facts == (measured.id,)


@pytest.mark.parametrize(
    ("measured", "because"),
    [
        (milliseconds(178), "178 ms uses 89% of what the target of < 200 ms allows"),
        (uptime(0.9991), "99.91% uses 90% of what the target of 99.9% allows"),
        (uptime(0.9992, 1.0), "worse by 0.08 pp, from 100% to 99.92%"),
        (errors(0.005, 0.0), "worse by 0.5 pp, from 0% to 0.5%"),
        (fact("tickets", 5, "count", before=0), "new, from 0 to 5"),
    ],
    ids=["a ceiling", "an allowance", "failures after none", "errors after none", "a count after none"],
)
def test_a_warning_says_how_near_or_how_much_worse(measured: Fact, because: str) -> None:
    target = {"uptime": UPTIME, "error_rate": ERRORS, "p95_response_time": P95}.get(measured.name)
    assert row_status(measured, target, RULES).because.text == because


def test_a_floor_says_by_how_little_it_is_met() -> None:
    floor = UPTIME.model_copy(update={"objective": "day_30_retention", "value": 0.4})
    kept = row_status(fact("day_30_retention", 0.4273, "ratio", "higher"), floor, RULES)
    assert (kept.status, kept.because.text) == (
        "warning",
        "42.73%, only 2.73 pp above the target of 40%",
    )


def test_thresholds_come_from_the_settings() -> None:
    strict = Verdicts(near_target=0.5)
    assert row_status(milliseconds(120), P95, strict).status == "warning"


def test_an_allowance_is_what_an_availability_uses() -> None:
    assert target_used("uptime", 0.9995, UPTIME) == pytest.approx(0.5)
    growth = Target.of("user_growth", DEFAULT_OBJECTIVES["user_growth"])
    assert target_used("user_growth", 0.2, growth) == pytest.approx(0.5)


@given(value=st.floats(0.0001, 10_000), goal=st.floats(0.0001, 10_000))
def test_a_ceiling_is_missed_exactly_when_all_of_it_is_used(value: float, goal: float) -> None:
    target = P95.model_copy(update={"value": goal})
    assert met(value, target) == (value < goal)
    assert (target_used("p95_response_time", value, target) < 1) == (value / goal < 1)


@given(now=st.floats(0, 1e6), before=st.floats(0, 1e6))
def test_only_one_of_two_directions_is_worse(now: float, before: float) -> None:
    assert worse_by(milliseconds(now, before)) == 0 or worse_by(milliseconds(before, now)) == 0


# --- grade --------------------------------------------------------------------------------------------


def row(title: str, status: Any, target: Target | None = None) -> MetricRow:
    measured = Unavailable(reason="no data")
    return MetricRow(
        metric=title,
        title=title,
        this=measured,
        last=measured,
        target=target,
        status=status,
        because=Sentence(text=f"{title} is {status}"),
    )


def incident(severity: Any = "SEV-3", status: Any = "Resolved") -> Incident:
    nothing = Unavailable(reason="not measured")
    return Incident(
        number=1,
        title="Elevated error rate",
        severity=severity,
        status=status,
        start=nothing,
        duration=nothing,
        failed=nothing,
        requests=nothing,
        error_rate=nothing,
        window_share=nothing,
        users=nothing,
    )


def budget(minutes: float, window: Window = WEEK) -> ErrorBudget:
    made = time_budget(UPTIME, fact("down_minutes", minutes, "minutes", window=window))
    assert made is not None
    return made


ALL_OK = [row("Uptime", "ok", UPTIME), row("95th Percentile", "ok", P95), row("Error Rate", "ok", ERRORS)]
PARTIAL = WEEK.cut(datetime(2025, 11, 20, tzinfo=UTC))


def grade(rows: list[MetricRow], *budgets: ErrorBudget, spells: Any = (), window: Window = WEEK) -> str:
    return health_grade(rows, budgets, spells, window, RULES).grade


def test_excellent_is_every_objective_met_and_nothing_else() -> None:
    assert grade(ALL_OK) == "EXCELLENT"


def test_an_objective_missed_over_its_own_window_is_poor() -> None:
    assert grade([*ALL_OK[:1], row("95th Percentile", "missed", P95)]) == "POOR"


def test_an_objective_missed_in_part_of_its_window_needs_attention() -> None:
    assert grade([row("Uptime", "missed", UPTIME)]) == "NEEDS ATTENTION"
    assert grade([row("95th Percentile", "missed", P95)], window=PARTIAL) == "NEEDS ATTENTION"


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(21.6, "EXCELLENT"), (21.7, "NEEDS ATTENTION"), (43.1, "NEEDS ATTENTION"), (43.3, "POOR")],
)
def test_the_error_budget_decides_at_half_and_at_all_of_it(minutes: float, expected: str) -> None:
    assert grade(ALL_OK, budget(minutes)) == expected


def test_a_budget_is_named_by_its_window_and_by_how_much_of_it_is_spent() -> None:
    spent = health_grade(ALL_OK, (budget(30),), (), WEEK, RULES).because[0].text
    assert spent == "at least 69.44% of the 30-day error budget of Uptime is spent"


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("SEV-1", "Open", "NEEDS ATTENTION"),
        ("SEV-2", "Open", "NEEDS ATTENTION"),
        ("SEV-3", "Open", "GOOD"),
        ("SEV-1", "Resolved", "GOOD"),
    ],
)
def test_an_open_serious_incident_needs_attention_and_any_other_spoils_excellent(
    kind: str, status: str, expected: str
) -> None:
    assert grade(ALL_OK, spells=[incident(kind, status)]) == expected


def test_a_warning_row_is_good_and_is_named() -> None:
    verdict = health_grade([*ALL_OK, row("Active Users", "warning")], (), (), WEEK, RULES)
    assert verdict.grade == "GOOD"
    assert [reason.text for reason in verdict.because] == ["Active Users: Active Users is warning"]


def test_what_nobody_measured_is_never_excellent() -> None:
    verdict = health_grade([*ALL_OK, row("Avg Response Time", "not available", MEAN)], (), (), WEEK, RULES)
    assert verdict.grade == "GOOD"
    assert verdict.unmeasured == ("Avg Response Time",)
    assert "not EXCELLENT because not measured: Avg Response Time" in verdict.because[-1].text


def test_no_objective_measured_is_not_graded() -> None:
    verdict = health_grade([row("Uptime", "not available", UPTIME)], (), (), WEEK, RULES)
    assert verdict.grade == "NOT GRADED"
    assert verdict.because[0].text == "no objective could be measured"


@pytest.mark.parametrize(("measured", "expected"), [(1, "NOT GRADED"), (2, "GOOD"), (4, "EXCELLENT")])
def test_a_good_grade_needs_half_of_the_objectives_measured(measured: int, expected: str) -> None:
    targets = [ERRORS, UPTIME, P95, MEAN]
    rows = [
        row(target.title, "ok" if place < measured else "not available", target)
        for place, target in enumerate(targets)
    ]
    assert grade(rows) == expected


def test_no_objective_at_all_is_not_graded() -> None:
    assert grade([row("Active Users", "ok")]) == "NOT GRADED"


def test_bad_news_is_graded_even_where_most_is_unmeasured() -> None:
    rows = [row("Uptime", "not available", UPTIME), row("Error Rate", "missed", ERRORS)]
    assert grade(rows) == "POOR"


# --- severity, endpoints, pace, windows ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("failing", "expected"),
    [
        (0.25, "SEV-1"),
        (0.2499, "SEV-2"),
        (0.05, "SEV-2"),
        (0.0499, "SEV-3"),
        (0.001, "SEV-3"),
        (0.0009, "SEV-4"),
    ],
)
def test_severity_by_the_share_of_requests_failing(failing: float, expected: str) -> None:
    assert severity(failing, RULES) == expected


@pytest.mark.parametrize(
    ("mean", "before", "p95", "rating"),
    [
        (200, None, 150, "investigate"),
        (199, None, 150, "watch"),
        (160, None, 150, "acceptable"),
        (121, 100, 150, "watch"),
        (120, 100, 150, "acceptable"),
        (100, None, 200, "watch"),
        (100, None, 199, "acceptable"),
    ],
)
def test_the_verdict_on_a_slow_endpoint(mean: float, before: float | None, p95: float, rating: str) -> None:
    verdict = endpoint_verdict(
        fact("endpoint_mean_response_time", mean, "ms", before=before),
        fact("endpoint_p95_response_time", p95, "ms"),
        MEAN,
        P95,
        RULES,
    )
    assert verdict.rating == rating


def test_a_slow_endpoint_without_a_target_is_not_rated() -> None:
    assert endpoint_verdict(fact("m", 900, "ms"), None, None, None, RULES).rating == "not rated"


@pytest.mark.parametrize(
    ("now", "before", "word"),
    [
        (121, 100, "slower"),
        (120, 100, "steady"),
        (80, 100, "steady"),
        (79, 100, "faster"),
        (100, 100, "steady"),
    ],
)
def test_the_pace_against_the_week_before(now: float, before: float, word: str) -> None:
    assert word in pace_verdict(milliseconds(now, before), RULES).text


def test_the_pace_without_response_times_says_so() -> None:
    assert pace_verdict(None, RULES).text == "not available: no response times are measured"


def test_a_week_over_a_change_of_the_clocks_covers_seven_days() -> None:
    week = iso_week_of(datetime(2026, 3, 8, tzinfo=UTC).date(), "America/Los_Angeles")
    assert week.hours == 167
    assert window_days(week) == 7
    assert covers(week, P95)


def test_a_sprint_is_no_length_in_days() -> None:
    assert not covers(WEEK, P95.model_copy(update={"window": "sprint"}))
