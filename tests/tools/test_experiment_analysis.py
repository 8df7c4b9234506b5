"""What an experiment shows, and the decision that follows by rule."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from postlaunch.settings_analytics import Experiment, Guardrail, Metric
from postlaunch.tools.distributions import student_two_sided
from postlaunch.tools.experiment_analysis import Analysis, ArmData, Observed, _Pair, analyse
from postlaunch.tools.experiment_cuped import adjusted
from postlaunch.tools.experiment_statistics import (
    Difference,
    DifferenceTest,
    Sample,
    bonferroni,
    sample_ratio_p,
    sequential_p,
    users_for_power,
    welch_degrees,
)

CONVERSION = Metric(name="conversion", event="login")
ERRORS = Guardrail(name="errors", event="error", better="lower", margin=0.01)


def plan(**other: Any) -> Experiment:
    """The login form's experiment of the phase-7 specification."""
    return Experiment(
        **{
            "name": "Login form layout",
            "hypothesis": "a horizontal form with an image is submitted more often",
            "arms": {"A": 0.5, "B": 0.5},
            "control": "A",
            "start": date(2025, 11, 1),
            "end": date(2025, 11, 15),
            "planned_n": 2_000,
            "primary": CONVERSION,
            "guardrails": (),
            "mde": 0.05,
            **other,
        }
    )


def arm(users: int | None, **shares: float) -> ArmData:
    """An arm's users and the shares of them that converted, by metric."""
    if not users:
        return ArmData(users, {})
    return ArmData(
        users, {name: Sample.proportion(round(share * users), users) for name, share in shares.items()}
    )


def seen(users: int | None, control: float = 0.87, treatment: float = 0.82, **other: Any) -> Observed:
    arms = {"A": arm(users, conversion=control), "B": arm(users, conversion=treatment)}
    return Observed(**{"arms": arms, **other})


def decided(observed: Observed, **other: Any) -> str:
    return analyse(plan(**other), observed).decision.text


# --- the specification's own test ---------------------------------------------------------------------------


def test_87_against_82_percent_without_n_is_undecidable() -> None:
    decision = analyse(plan(), seen(None)).decision
    assert decision.text == "undecidable (missing n)"
    assert decision.reasons == ("the number of users of A, B is not known",)


@pytest.mark.parametrize(
    ("users", "p", "interval", "verdict"),
    [
        (100, 0.33, None, "keep_running"),
        (500, 0.029, (-2.7, 12.7), "keep_running"),
        (2_000, 0.0000125, (1.5, 8.5), "rollback"),
    ],
)
def test_with_n_it_follows_the_always_valid_interval(users, p, interval, verdict) -> None:
    analysis = analyse(plan(), seen(users))
    (comparison,) = analysis.primary
    fixed = DifferenceTest(sequential=False, alpha=0.05).p(comparison.difference)
    assert fixed == pytest.approx(p, rel=0.02)
    if interval:
        found = (-comparison.interval.high * 100, -comparison.interval.low * 100)
        assert tuple(round(end, 1) for end in found) == interval
    assert analysis.decision.verdict == verdict


# --- the split ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("users", "shares", "p"),
    [
        ({"A": 600, "B": 400}, {"A": 1, "B": 1}, 2.54e-10),
        ({"A": 44_000, "B": 45_000}, {"A": 0.5, "B": 0.5}, 8.0e-4),
        ({"A": 44_000, "B": 45_000, "C": 7}, {"A": 1, "B": 1, "C": 0}, 8.0e-4),
        ({"A": 200, "B": 100}, {"A": 2, "B": 1}, 1),
    ],
)
def test_the_split_is_tested_against_the_intended_one(users, shares, p) -> None:
    assert sample_ratio_p(users, shares) == pytest.approx(p, rel=0.005)


def test_too_few_users_are_no_test_of_the_split() -> None:
    assert sample_ratio_p({"A": 6, "B": 0}, {"A": 1, "B": 1}) is None


def test_a_mismatch_makes_the_experiment_invalid_whoever_leads() -> None:
    arms = {"A": arm(6_000, conversion=0.5), "B": arm(4_000, conversion=0.9)}
    assert decided(Observed(arms)) == "invalid (SRM)"


def test_users_in_several_arms_need_a_person() -> None:
    assert decided(seen(2_000, mixed_users=30)) == "rollback"
    assert decided(seen(2_000, mixed_users=50)) == "review"


# --- decisions ----------------------------------------------------------------------------------------------


def test_a_better_treatment_ships() -> None:
    assert decided(seen(2_000, 0.82, 0.87)) == "ship B"


def test_lower_may_be_the_better_direction() -> None:
    lower = Metric(name="conversion", event="error", better="lower")
    assert decided(seen(2_000), primary=lower) == "ship B"


def test_a_harmed_guardrail_beside_a_better_metric_needs_a_person() -> None:
    arms = {"A": arm(2_000, conversion=0.8, errors=0.02), "B": arm(2_000, conversion=0.87, errors=0.09)}
    decision = analyse(plan(guardrails=(ERRORS,)), Observed(arms)).decision
    assert (decision.verdict, decision.reasons[1]) == ("review", "errors is harmed in B")


def test_a_harmed_guardrail_alone_rolls_back() -> None:
    arms = {"A": arm(2_000, conversion=0.8, errors=0.02), "B": arm(2_000, conversion=0.81, errors=0.09)}
    assert decided(Observed(arms), guardrails=(ERRORS,)) == "rollback"


def test_harm_within_the_margin_is_tolerated() -> None:
    arms = {"A": arm(2_000, conversion=0.8, errors=0.02), "B": arm(2_000, conversion=0.87, errors=0.03)}
    assert decided(Observed(arms), guardrails=(ERRORS,)) == "ship B"


def test_no_difference_by_the_planned_end_needs_a_person() -> None:
    assert decided(seen(500, ended=True)) == "review"


def test_a_fixed_sample_test_decides_once_at_the_planned_end() -> None:
    assert decided(seen(2_000), analysis="fixed").startswith("keep_running")
    assert decided(seen(500), analysis="fixed").startswith("keep_running")
    assert decided(seen(500, ended=True), analysis="fixed") == "rollback"


def test_looks_before_a_planned_end_spend_a_fifth_of_alpha() -> None:
    early = analyse(plan(analysis="sequential_then_fixed"), seen(2_000))
    late = analyse(plan(analysis="sequential_then_fixed"), seen(500, ended=True))
    assert (early.primary[0].sequential, early.primary[0].interval.level) == (True, 0.99)
    assert (late.primary[0].sequential, late.primary[0].interval.level) == (False, 0.96)
    assert (early.decision.text, late.decision.text) == ("rollback", "rollback")


def test_a_handful_of_conversions_decides_nothing() -> None:
    arms = {"A": arm(100_000, conversion=0.0), "B": arm(100_000, conversion=0.0005)}
    decision = analyse(plan(mde=0.001), Observed(arms)).decision
    assert (decision.verdict, decision.reasons) == ("keep_running", ("too few users for a decision",))


def test_arms_where_nobody_or_everybody_converts_have_an_interval_all_the_same() -> None:
    (comparison,) = analyse(plan(), seen(200, 0.0, 0.0)).primary
    assert comparison.interval.low < 0 < comparison.interval.high


def test_nobody_seen_is_undecidable() -> None:
    observed = Observed({"A": ArmData(0, {}), "B": ArmData(0, {})})
    assert analyse(plan(), observed).decision.reasons == ("no user was seen in any arm",)


def test_keep_running_says_for_how_many_users() -> None:
    decision = analyse(plan(mde=0.05, planned_n=5_000), seen(500)).decision
    assert decision.users_needed == 9_000
    strict = analyse(plan(mde=0.02, planned_n=500), seen(500))
    needed = (strict.decision.users_needed or 0) // 2 + 500
    grown = analyse(plan(mde=0.02), seen(needed, 0.87, 0.82))
    assert strict.power < 0.8 <= (grown.power or 0) + 1e-3


# --- several arms, several metrics --------------------------------------------------------------------------


def three(b: float, c: float, users: int = 3_000) -> Analysis:
    arms = {"A": arm(users, conversion=0.5), "B": arm(users, conversion=b), "C": arm(users, conversion=c)}
    return analyse(plan(arms={"A": 1, "B": 1, "C": 1}), Observed(arms))


def test_of_two_better_arms_the_better_one_ships() -> None:
    assert three(0.57, 0.6).decision.text == "ship C"


def test_one_worse_arm_does_not_end_the_other() -> None:
    assert three(0.4, 0.51).decision.verdict == "keep_running"
    assert three(0.4, 0.42).decision.verdict == "rollback"


def test_with_more_arms_intervals_are_wider_and_p_larger() -> None:
    alone = analyse(plan(), Observed({"A": arm(3_000, conversion=0.5), "B": arm(3_000, conversion=0.54)}))
    among = three(0.54, 0.5)
    assert among.primary[0].interval.low < alone.primary[0].interval.low
    assert among.primary[0].p > alone.primary[0].p
    of_the_interval = DifferenceTest(sequential=True, alpha=0.05 / 2)
    assert among.primary[0].p == pytest.approx(2 * of_the_interval.p(among.primary[0].difference))


@example(272, 507, 0.484375, 0.34375, True, 3)
@example(330, 639, 0.1015625, 0.0625, False, 2)
@given(
    st.integers(20, 3_000),
    st.integers(20, 3_000),
    st.floats(0, 1),
    st.floats(0, 1),
    st.booleans(),
    st.integers(1, 6),
)
def test_a_winner_among_several_tests_and_its_interval_agree(
    control: int, treatment: int, one: float, other: float, sequential: bool, tests: int
) -> None:
    difference = Difference(
        Sample.proportion(round(control * one), control),
        Sample.proportion(round(treatment * other), treatment),
    )
    assume(difference.control.enough and difference.treatment.enough)  # else nothing is decided
    shared = DifferenceTest(sequential=sequential, alpha=0.05 / tests)
    interval = shared.interval(difference)
    p = bonferroni([shared.p(difference)] * tests)[0]
    leaves_zero_out = not interval.low <= 0 <= interval.high
    if sequential:
        assert (p <= 0.05) == leaves_zero_out
    compared = _Pair(CONVERSION, "B", adjusted(difference)).tested(shared, p, shown=p <= 0.05)
    assert (compared.outcome != "open") == (p <= 0.05 and leaves_zero_out)


# --- means, and arithmetic ----------------------------------------------------------------------------------


def test_means_are_compared_by_welchs_test() -> None:
    # by hand: t = 1.7 ÷ √(2.9² ÷ 17 + 5.1² ÷ 11) = 1.00536 with 14.232 degrees of freedom
    difference = Difference(Sample(17, 20.4, 2.9**2), Sample(11, 22.1, 5.1**2))
    test = DifferenceTest(sequential=False, alpha=0.05)
    assert difference.estimate / difference.standard_error == pytest.approx(1.00536, abs=1e-5)
    assert welch_degrees(difference) == pytest.approx(14.232, abs=1e-3)
    assert test.p(difference) == pytest.approx(student_two_sided(1.00536, 14.232), abs=1e-5)


def test_a_negative_baseline_keeps_the_lifts_sign() -> None:
    better = Difference(Sample(1_000, -10.0, 4.0), Sample(1_000, -8.0, 4.0))
    assert better.relative == pytest.approx(0.2)
    interval = DifferenceTest(sequential=True, alpha=0.05).relative_interval(better)
    assert interval is not None
    assert interval.low > 0


def test_a_baseline_near_zero_has_no_relative_interval() -> None:
    near = Difference(Sample(100, 0.01, 4.0), Sample(100, 0.5, 4.0))
    assert DifferenceTest(sequential=True, alpha=0.05).relative_interval(near) is None


@given(st.floats(0, 12), st.integers(20, 10**7), st.sampled_from([0.01, 0.05, 0.1]))
def test_p_and_interval_agree_on_whether_there_is_a_difference(z: float, users: int, alpha: float) -> None:
    variance = users / 4
    difference = Difference(Sample(users // 2, 0.0, variance), Sample(users - users // 2, z, variance))
    test = DifferenceTest(sequential=True, alpha=alpha)
    margin = difference.estimate / difference.standard_error - test.multiplier(difference)
    if abs(margin) > 1e-6:
        assert (test.interval(difference).low > 0) == (test.p(difference) < alpha)


@given(st.floats(0, 30), st.integers(2, 10**8))
def test_an_always_valid_p_is_a_probability(z: float, users: int) -> None:
    assert 0 <= sequential_p(z, users, 0.05) <= 1


def test_more_users_are_needed_for_a_smaller_difference() -> None:
    difference = Difference(Sample.proportion(500, 1_000), Sample.proportion(500, 1_000))
    fixed = DifferenceTest(sequential=False, alpha=0.05)
    needed = users_for_power(difference, fixed, 0.05, 0.8, 0.5)
    # 2 × (1.95996 + 0.84162)² × 2 × 0.25 ÷ 0.05², the usual formula for two proportions
    assert needed == pytest.approx(3_140, abs=4)
    assert users_for_power(difference, DifferenceTest(True, 0.05), 0.05, 0.8, 0.5) > needed


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"control": "Z"}, 'the control "Z" is no arm'),
        ({"arms": {"A": 1, "B": 0}}, "no arm but the control"),
        ({"end": date(2025, 10, 1)}, "ends after it starts"),
        ({"secondary": (CONVERSION,)}, "the same name"),
        ({"primary": {"name": "time", "kind": "mean", "event": "x"}}, "names no property"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        plan(**wrong)
