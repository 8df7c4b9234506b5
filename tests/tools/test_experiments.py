"""An experiment measured from events: who is counted, since when, and the same decision from the facts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from postlaunch.evals import experiments_aa
from postlaunch.settings_analytics import Experiment, Metric
from postlaunch.sources.events import EventLog
from postlaunch.tools.experiments import ExperimentParameters, analysis_of, experiment_results
from postlaunch.tools.measurement import MeasurementResult, run_measurement

START = datetime(2025, 11, 1, tzinfo=UTC)
CONVERSION = Metric(name="conversion", event="login")
SECONDS = Metric(name="seconds", kind="mean", event="login", property="seconds", better="lower")


def plan(**other: Any) -> Experiment:
    return Experiment(
        **{
            "name": "layout",
            "hypothesis": "B is faster",
            "arms": {"A": 0.5, "B": 0.5},
            "control": "A",
            "start": date(2025, 11, 1),
            "end": date(2025, 11, 15),
            "planned_n": 100,
            "primary": CONVERSION,
            "guardrails": (),
            "mde": 0.05,
            **other,
        }
    )


def at(hour: float, user: object, event: str, **properties: object) -> dict[str, object]:
    return {"time": (START + timedelta(hours=hour)).isoformat(), "user": user, "event": event, **properties}


AFTER = at(30 * 24, "late", "other")
"""Long after the end, so that the experiment is covered."""


def measured(log: EventLog, parameters: dict[str, object]) -> MeasurementResult:
    return run_measurement("experiment_results", parameters, {"events": log})


def values(result: MeasurementResult, name: str) -> dict[str, float]:
    return {fact.entity: fact.value for fact in result.named(name)}


def test_a_user_counts_from_the_first_exposure_and_in_one_arm_only(open_event_log) -> None:
    log = open_event_log(
        [
            at(1, "before", "login"),
            at(2, "before", "form", variant="A"),
            at(1, "after", "form", variant="A"),
            at(2, "after", "login"),
            at(3, "after", "login"),
            at(1, "both", "form", variant="A"),
            at(2, "both", "form", variant="B"),
            at(3, "both", "login"),
            at(1, "none", "login"),
            at(1, "b", "form", variant="B"),
            at(1, "b", "login"),
            at(1, "strange", "form", variant="Z"),
            at(-5, "early", "form", variant="B"),
            at(15 * 24, "too late", "form", variant="B"),
            at(1, None, "form", variant="B"),
            AFTER,
        ]
    )
    result = measured(log, {"plan": plan()})
    assert values(result, "experiment_users") == {"layout: A": 2, "layout: B": 1}
    assert values(result, "experiment_conversions") == {
        "layout: A, conversion": 1,
        "layout: B, conversion": 1,
    }
    assert values(result, "experiment_mixed_users") == {"layout": 1}
    assert "arms that the plan does not name are left out: Z" in result.notes


def test_only_events_of_the_named_experiment_and_exposure_count(open_event_log) -> None:
    log = open_event_log(
        [
            at(1, "u", "form", variant="A", experiment="layout"),
            at(1, "v", "form", variant="B", experiment="colour"),
            at(1, "w", "page", variant="B", experiment="layout"),
            at(1, "x", "form", variant="B", experiment="layout"),
            AFTER,
        ]
    )
    named = plan(experiment="layout", exposure_event="form")
    result = measured(log, {"plan": named})
    assert values(result, "experiment_users") == {"layout: A": 1, "layout: B": 1}


def test_means_sums_and_counts_are_of_each_user(open_event_log) -> None:
    log = open_event_log(
        [
            at(1, "u", "form", variant="A"),
            at(2, "u", "login", seconds=10),
            at(3, "u", "login", seconds=20),
            at(1, "v", "form", variant="A"),
            at(2, "v", "login", seconds="not a number"),
            at(1, "w", "form", variant="A"),
            at(1, "x", "form", variant="B"),
            at(2, "x", "login", seconds=7),
            AFTER,
        ],
        properties={"seconds": "seconds"},
    )
    total = SECONDS.model_copy(update={"name": "total", "kind": "sum"})
    times = SECONDS.model_copy(update={"name": "times", "kind": "count"})
    result = measured(log, {"plan": plan(secondary=(SECONDS, total, times))})
    means = {fact.entity: (fact.value, fact.n) for fact in result.named("experiment_mean")}
    assert means == {
        "layout: A, seconds": (15, 1),
        "layout: A, total": (10, 3),
        "layout: A, times": (1, 3),
        "layout: B, seconds": (7, 1),
        "layout: B, total": (7, 1),
        "layout: B, times": (1, 1),
    }


def users(number: int, arm: str, converted: float, seconds: float) -> list[dict[str, object]]:
    """So many users of an arm, the first of whom convert."""
    found = []
    for place in range(number):
        found.append(at(place / number * 300, f"{arm}{place}", "form", variant=arm))
        if place < converted * number:
            spent = seconds + place % 7
            found.append(at(place / number * 300 + 0.1, f"{arm}{place}", "login", seconds=spent))
    return found


def test_the_decision_follows_from_the_facts_alone(open_event_log) -> None:
    log = open_event_log(
        [*users(2_000, "A", 0.87, 45), *users(2_000, "B", 0.82, 52), AFTER],
        properties={"seconds": "seconds"},
    )
    tested = plan(secondary=(SECONDS,))
    result = measured(log, {"plan": tested, "looks": 3})
    assert "decision: rollback: conversion is worse in B" in result.notes
    ends = [result.named(f"experiment_lift_points{end}")[0] for end in ("_low", "", "_high")]
    assert [round(fact.value * 100, 1) for fact in ends] == [-8.5, -5.0, -1.5]
    assert ends[0].note == "95% interval, always valid"
    again = analysis_of(tested, result)
    assert (again.decision.text, again.observed.looks, again.observed.ended) == ("rollback", 3, True)
    assert [item.outcome for item in (*again.primary, *again.secondary)] == ["worse", "worse"]
    assert again.primary[0].interval.low == pytest.approx(ends[0].value)
    assert again.secondary[0].p == pytest.approx(result.named("experiment_p")[1].value, rel=1e-6)


def test_until_when_is_looked_decides_what_is_seen(open_event_log) -> None:
    log = open_event_log([*users(400, "A", 0.9, 1), *users(400, "B", 0.9, 1), AFTER])
    early = measured(log, {"plan": plan(), "until": (START + timedelta(hours=150)).isoformat()})
    assert values(early, "experiment_users") == {"layout: A": 200, "layout: B": 200}
    assert early.fact("experiment_looks", "layout").window.partial
    assert not analysis_of(plan(), early).observed.ended


@pytest.mark.parametrize(
    ("other", "until", "reason"),
    [
        ({}, -1, "layout: it has not begun"),
        ({"start": date(2026, 3, 1), "end": date(2026, 3, 2)}, None, "layout: the events do not cover it"),
        ({"experiment": "layout"}, None, "layout: the events have no property experiment: map it"),
        ({"primary": SECONDS}, None, "layout: the events have no property seconds: map it"),
        ({"exposure_event": "page"}, None, "layout: undecidable (missing n): no user was seen in any arm"),
    ],
)
def test_what_cannot_be_seen_is_no_data_with_its_reason(open_event_log, other, until, reason) -> None:
    log = open_event_log([at(1, "u", "form", variant="A"), AFTER])
    given: dict[str, object] = {"plan": plan(**other)}
    if until is not None:
        given["until"] = START + timedelta(hours=until)
    result = measured(log, given)
    assert (result.status, result.reason[: len(reason)]) == ("no_data", reason)
    assert analysis_of(plan(**other), result).decision.text == "undecidable (missing n)"


def test_a_plan_survives_being_stored_and_measured_again(open_event_log) -> None:
    log = open_event_log([*users(50, "A", 0.5, 1), *users(50, "B", 0.5, 1), AFTER])
    result = measured(log, {"plan": plan()})
    stored = ExperimentParameters.model_validate(result.measurement.parameters)
    assert stored.plan == plan()
    again = run_measurement("experiment_results", result.measurement.parameters, {"events": log})
    assert again == result
    assert experiment_results.__doc__


def test_nightly_looks_at_equal_arms_rarely_call_a_winner() -> None:
    outcome = experiments_aa.simulate(runs=40, difference=0.0, seed=7)
    assert outcome["sequential"] <= 0.05
    assert outcome["sequential_then_fixed"] <= 0.05
    assert outcome["fixed test at every look"] > outcome["sequential"]


def test_nightly_looks_at_means_find_more_with_the_days_before_and_call_no_more_winners() -> None:
    equal = experiments_aa.simulate_means(runs=5, difference=0.0, seed=7)
    there = experiments_aa.simulate_means(runs=5, difference=experiments_aa.MEAN_POWERED, seed=7)
    assert equal["CUPED"] <= 0.1
    assert there["CUPED"] > there["as counted"]
