"""The verdicts on use: benchmarks, objectives, who wins an experiment, what a decision means."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from postlaunch.facts import Unavailable
from postlaunch.reports.health import MetricRow
from postlaunch.reports.judged import Sentence
from postlaunch.reports.targets import Target
from postlaunch.settings import Verdicts
from postlaunch.settings_analytics import Experiment, Metric
from postlaunch.settings_objectives import DEFAULT_OBJECTIVES
from postlaunch.tools.analytics_verdicts import (
    benchmark_verdict,
    computed_status,
    meaning_of,
    named_arm,
    shares_of,
    standing_of,
    winner_of,
)
from postlaunch.tools.experiment_analysis import Analysis, ArmData, Decision, Observed, analyse
from postlaunch.tools.experiment_statistics import Sample

CONVERSION = Metric(name="conversion", event="paid")
COST = Target.of("cost_per_user", DEFAULT_OBJECTIVES["cost_per_user"])


def plan(*treatments: str, better: Any = "higher") -> Experiment:
    return Experiment(
        name="layout",
        hypothesis="it helps",
        arms=dict.fromkeys(("control", *treatments), 1),
        descriptions={"control": "as it was"},
        control="control",
        start=date(2025, 11, 1),
        end=date(2025, 11, 15),
        planned_n=1000,
        primary=CONVERSION.model_copy(update={"better": better}),
        guardrails=(),
        mde=0.02,
        analysis="fixed",
    )


def analysed(given: Experiment, conversions: dict[str, int | None], n: int = 1000) -> Analysis:
    """An experiment at its end with so many conversions of n users in each arm; None: users not known."""
    arms = {
        arm: ArmData(None, {}) if count is None else ArmData(n, {"conversion": Sample.proportion(count, n)})
        for arm, count in conversions.items()
    }
    return analyse(given, Observed(arms=arms, ended=True))


@pytest.mark.parametrize(
    ("value", "benchmark", "better", "verdict"),
    [
        (0.5, 0.4, "higher", "better"),
        (0.3, 0.4, "higher", "worse"),
        (0.3, 0.4, "lower", "better"),
        (0.4, 0.4, "lower", "equal"),
        (None, 0.4, "higher", "not available"),
        (0.5, 0.4, None, "not available"),
    ],
)
def test_a_benchmark_is_beaten_in_the_direction_that_is_good(
    value: float | None, benchmark: float, better: Any, verdict: str
) -> None:
    assert benchmark_verdict(value, benchmark, better) == verdict


def row(status: Any, target: Target | None = COST) -> MetricRow:
    nothing = Unavailable(reason="x")
    return MetricRow(
        metric="m",
        title="M",
        this=nothing,
        last=nothing,
        target=target,
        status=status,
        because=Sentence(text=""),
    )


@pytest.mark.parametrize(
    ("statuses", "standing"),
    [
        (("ok", "missed", "warning"), "missed"),
        (("ok", "warning"), "warning"),
        (("ok", "not available"), "met"),
        (("not available",), "not rated"),
        ((), "not rated"),
    ],
)
def test_the_worst_objective_decides_how_they_stand(statuses: Any, standing: str) -> None:
    assert standing_of([row(status) for status in statuses]) == standing
    assert standing_of([row("missed", None)]) == "not rated"


@pytest.mark.parametrize(("value", "status"), [(0.5, "missed"), (0.45, "warning"), (0.1, "ok")])
def test_a_computed_figure_is_rated_against_its_ceiling(value: float, status: str) -> None:
    verdict = computed_status(value, COST, Verdicts(), f"€{value}", currency="€")
    assert verdict.status == status
    assert "€" in verdict.because.text
    assert "$" not in verdict.because.text


@pytest.mark.parametrize(
    ("conversions", "winner"),
    [
        ({"control": 500, "B": 600}, "B"),
        ({"control": 600, "B": 500}, "control"),
        ({"control": 500, "B": 505}, ""),
        ({"control": None, "B": 600}, ""),
    ],
)
def test_who_wins_is_who_is_shown_to_be_better(conversions: Any, winner: str) -> None:
    given = plan("B")
    analysis = analysed(given, conversions)
    assert winner_of(given, analysis, analysis.primary) == winner


def test_where_less_is_better_the_smaller_figure_wins() -> None:
    given = plan("B", better="lower")
    analysis = analysed(given, {"control": 600, "B": 500})
    assert winner_of(given, analysis, analysis.primary) == "B"


def test_of_several_that_beat_the_control_the_best_wins() -> None:
    given = plan("B", "C")
    analysis = analysed(given, {"control": 500, "B": 600, "C": 650})
    assert winner_of(given, analysis, analysis.primary) == "C"


def test_the_control_wins_only_where_every_treatment_is_worse() -> None:
    given = plan("B", "C")
    both = analysed(given, {"control": 600, "B": 500, "C": 480})
    one = analysed(given, {"control": 600, "B": 500, "C": 598})
    assert winner_of(given, both, both.primary) == "control"
    assert winner_of(given, one, one.primary) == ""


def test_an_invalid_experiment_has_no_winner() -> None:
    given = plan("B").model_copy(update={"arms": {"control": 9.0, "B": 1.0}})
    analysis = analysed(given, {"control": 500, "B": 600})
    assert analysis.decision.verdict == "invalid"
    assert winner_of(given, analysis, analysis.primary) == ""


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        (Decision("ship", (), arm="B"), "Give everybody B and end the test"),
        (Decision("rollback", ()), "Keep control (as it was) and end the test"),
        (Decision("keep_running", (), users_needed=1200), "until 1,200 more users have met it"),
        (Decision("keep_running", ()), "until 2025-11-15, its planned end"),
        (Decision("review", ()), "Have a person look at it before anything is changed"),
        (Decision("invalid", ()), "Throw the figures away"),
        (Decision("undecidable", ()), "Decide nothing before the number of users of every arm is known"),
    ],
)
def test_every_decision_says_what_to_do(decision: Decision, said: str) -> None:
    analysis = Analysis(Observed(arms={}), decision=decision)
    assert said in meaning_of(plan("B"), analysis)


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        (Decision("ship", (), arm="B"), "Give everybody B; the test ended Nov 15"),
        (Decision("rollback", ()), "Keep control (as it was); the test ended Nov 15"),
    ],
)
def test_a_test_whose_planned_end_has_passed_is_not_to_be_ended_again(decision: Decision, said: str) -> None:
    given = plan("B")
    short, enough = given.planned_n - 1, given.planned_n

    def meaning(of_b: int | None) -> str:
        arms = {"control": ArmData(users=enough, samples={}), "B": ArmData(users=of_b, samples={})}
        return meaning_of(given, Analysis(Observed(arms=arms, ended=True), decision=decision))

    assert meaning(enough) == said
    assert meaning(None) == said
    assert meaning(short) == f"{said} with fewer {given.unit}s than the {enough:,} planned: B {short:,}"


def test_an_arm_is_named_with_what_it_is_and_shares_are_parts_of_one() -> None:
    assert named_arm(plan("B"), "control") == "control (as it was)"
    assert named_arm(plan("B"), "B") == "B"
    assert shares_of({"A": 3, "B": 1, "closed": 0}) == {"A": 0.75, "B": 0.25, "closed": 0}
