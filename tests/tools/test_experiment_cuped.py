"""What users did before they met an arm, taken out of an experiment's noise."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.settings_analytics import Experiment, Metric
from postlaunch.tools.experiment_analysis import ArmData, Observed, analyse
from postlaunch.tools.experiment_cuped import adjusted
from postlaunch.tools.experiment_statistics import Before, Difference, Sample
from postlaunch.tools.experiments import NOT_ADJUSTED, analysis_of
from postlaunch.tools.measurement import MeasurementResult, run_measurement

Pairs = Sequence[tuple[float, float]]
"""Of each user, the value before exposure and the value since."""


def sample(users: Pairs) -> Sample:
    before, since = zip(*users, strict=True)
    return Sample(
        len(users),
        statistics.fmean(since),
        statistics.variance(since),
        before=Before(
            statistics.fmean(before), statistics.variance(before), statistics.covariance(before, since)
        ),
    )


def people(seed: int, number: int, lift: float, follows: float) -> list[tuple[float, float]]:
    """Users whose value since exposure follows the one before, to a degree."""
    chance = random.Random(seed)
    found = []
    for _ in range(number):
        before = chance.gauss(20, 5)
        found.append((before, 20 + lift + follows * (before - 20) + chance.gauss(0, 5)))
    return found


def test_the_adjusted_difference_is_that_of_each_users_adjusted_value() -> None:
    control, treatment = people(1, 300, 0, 0.8), people(2, 200, 1, 0.8)
    found = adjusted(Difference(sample(control), sample(treatment)))
    arms = (control, treatment)
    covariance = sum((len(arm) - 1) * statistics.covariance(*zip(*arm, strict=True)) for arm in arms)
    variance = sum((len(arm) - 1) * statistics.variance([before for before, _ in arm]) for arm in arms)
    theta = covariance / variance
    plain = [[since - theta * before for before, since in arm] for arm in arms]
    assert found.difference.estimate == pytest.approx(statistics.fmean(plain[1]) - statistics.fmean(plain[0]))
    assert found.difference.standard_error == pytest.approx(
        (statistics.variance(plain[0]) / 300 + statistics.variance(plain[1]) / 200) ** 0.5
    )


def test_the_more_the_two_values_follow_each_other_the_more_variance_goes() -> None:
    shares = []
    for follows in (0.0, 0.5, 1.0, 2.0):
        found = adjusted(
            Difference(sample(people(3, 4_000, 0, follows)), sample(people(4, 4_000, 0, follows)))
        )
        assert found.reduction is not None
        shares.append(found.reduction)
    assert shares == pytest.approx([0.0, 0.2, 0.5, 0.8], abs=0.03)


def test_without_a_value_before_nothing_is_adjusted_and_no_reason_is_owed() -> None:
    raw = Difference(Sample(50, 1.0, 2.0), Sample(50, 1.5, 2.0))
    found = adjusted(raw)
    assert (found.difference, found.reduction, found.reason) == (raw, None, "")


def test_users_who_were_all_alike_before_give_a_reason() -> None:
    new = Sample(50, 1.0, 2.0, before=Before(0, 0, 0))
    found = adjusted(Difference(new, new))
    assert found.reduction is None
    assert found.difference == found.raw
    assert "differs" in found.reason


def test_a_value_that_was_settled_before_leaves_nothing_to_test_with() -> None:
    settled = sample([(float(place), float(place)) for place in range(40)])
    found = adjusted(Difference(settled, settled))
    assert found.reduction is None
    assert "follows from the one before" in found.reason


@given(st.integers(1, 10_000), st.floats(-2, 2))
def test_the_adjusted_difference_never_varies_more_within_rounding(seed: int, follows: float) -> None:
    found = adjusted(
        Difference(sample(people(seed, 60, 0, follows)), sample(people(seed + 1, 60, 0, follows)))
    )
    assert found.reduction is not None
    assert found.reduction >= -1e-9


# --- what it decides ------------------------------------------------------------------------------------


def plan(**other: Any) -> Experiment:
    return Experiment(
        **{
            "name": "layout",
            "hypothesis": "B is used more",
            "arms": {"A": 1, "B": 1},
            "control": "A",
            "start": date(2025, 11, 1),
            "end": date(2025, 11, 15),
            "planned_n": 40,
            "primary": Metric(name="uses", kind="count", event="use"),
            "guardrails": (),
            "mde": 1.0,
            "analysis": "fixed",
            "pre_days": 7,
            **other,
        }
    )


def test_a_difference_lost_in_the_noise_is_found() -> None:
    arms = {"A": sample(people(5, 400, 0, 3)), "B": sample(people(8, 400, 1.5, 3))}
    known = {name: ArmData(400, {"uses": arm}) for name, arm in arms.items()}
    unknown = {
        name: ArmData(400, {"uses": Sample(arm.n, arm.mean, arm.variance)}) for name, arm in arms.items()
    }
    assert analyse(plan(), Observed(known, ended=True)).decision.text == "ship B"
    assert analyse(plan(), Observed(unknown, ended=True)).decision.text == "review"


def test_equal_arms_are_called_different_no_more_often_than_alpha() -> None:
    called = 0
    for seed in range(100):
        arms = {name: sample(people(seed * 2 + place, 100, 0, 1)) for place, name in enumerate("AB")}
        observed = Observed({name: ArmData(100, {"uses": arm}) for name, arm in arms.items()}, ended=True)
        called += analyse(plan(), observed).decision.verdict in ("ship", "rollback")
    assert called <= 100 * 0.05 + 3 * (100 * 0.05 * 0.95) ** 0.5


# --- from events ----------------------------------------------------------------------------------------

START = datetime(2025, 11, 1, tzinfo=UTC)


def used(user: str, hours: Sequence[float]) -> list[dict[str, object]]:
    return [
        {"time": (START + timedelta(hours=hour)).isoformat(), "user": user, "event": "use"} for hour in hours
    ]


def log_of(before: bool) -> list[dict[str, object]]:
    """40 users an arm, who use it since exposure as often as before, and once more every third one."""
    rows: list[dict[str, object]] = []
    for arm, more in (("A", 0), ("B", 1)):
        for number in range(40):
            user, habit = f"{arm}{number}", number % 5
            if before:
                rows += used(user, [-24 * 8])
                rows += used(user, [-24 - hour for hour in range(habit)])
            met = START + timedelta(hours=2)
            rows.append({"time": met.isoformat(), "user": user, "event": "form", "variant": arm})
            rows += used(user, [3 + hour for hour in range(habit + more + (number % 3 == 0))])
    return [*rows, {"time": (START + timedelta(days=20)).isoformat(), "user": "late", "event": "other"}]


def measured(log: Any, **other: Any) -> MeasurementResult:
    return run_measurement("experiment_results", {"plan": plan(**other)}, {"events": log})


def test_only_the_plans_days_before_each_exposure_are_taken(open_event_log) -> None:
    result = measured(open_event_log(log_of(before=True)))
    before = result.fact("experiment_before_mean", "layout: A, uses")
    assert before is not None
    assert before.value == statistics.fmean(number % 5 for number in range(40))
    lift = result.fact("experiment_lift", "layout: B, uses")
    assert lift is not None
    assert lift.value == pytest.approx(1.0)
    assert "adjusted by the 7 days before exposure (CUPED)" in lift.note
    reduction = result.fact("experiment_variance_reduction", "layout: B, uses")
    assert reduction is not None
    assert 0.8 < reduction.value < 1


def test_the_same_analysis_follows_from_the_facts(open_event_log) -> None:
    result = measured(open_event_log(log_of(before=True)))
    [item] = analysis_of(plan(), result).primary
    reduction = result.fact("experiment_variance_reduction", "layout: B, uses")
    p = result.fact("experiment_p", "layout: B, uses")
    assert reduction is not None
    assert p is not None
    assert item.adjustment.reduction == pytest.approx(reduction.value)
    assert item.p == pytest.approx(p.value)


def test_events_that_begin_with_the_experiment_give_no_adjustment_and_the_reason(open_event_log) -> None:
    result = measured(open_event_log(log_of(before=False)))
    assert result.fact("experiment_variance_reduction", "layout: B, uses") is None
    [note] = [note for note in result.notes if note.startswith(NOT_ADJUSTED)]
    assert "less than 7 days before the experiment" in note
    lift = result.fact("experiment_lift", "layout: B, uses")
    assert lift is not None
    assert lift.note == "against A"


def test_a_plan_without_such_days_is_measured_as_counted(open_event_log) -> None:
    result = measured(open_event_log(log_of(before=True)), pre_days=0)
    assert result.named("experiment_before_mean") == ()
    assert result.named("experiment_variance_reduction") == ()


def test_a_mean_takes_whom_it_did_not_find_before_to_be_like_the_others(open_event_log) -> None:
    rows = [
        {
            "time": (START + timedelta(hours=hour)).isoformat(),
            "user": f"{arm}{number}",
            "event": event,
            "seconds": seconds,
            **({"variant": arm} if event == "form" else {}),
        }
        for arm in "AB"
        for number in range(40)
        for hour, event, seconds in (
            *([(-200, "use", 9), (-10, "use", number % 4)] if number % 2 else []),
            (1, "form", 0),
            (2, "use", number % 4 + 5),
        )
    ]
    log = open_event_log([*rows, *used("late", [24 * 20])], properties={"seconds": "seconds"})
    seconds = Metric(name="seconds", kind="mean", event="use", property="seconds")
    result = measured(log, primary=seconds)
    before = result.fact("experiment_before_mean", "layout: A, seconds")
    assert before is not None
    assert before.n == 40
    assert before.value == 2.0
