"""How often nightly looks call a winner that is none, and how often they find one that is there.

`python -m postlaunch.evals.experiments_aa` runs 400 experiments of equal arms (A/A), 20 nightly looks each,
by every kind of analysis and by the habit to avoid, a fixed-sample test at every look; then 400 in which a
fixed-sample test once at the end would have a power of 80 %. Both once more with a mean whose users are known
from before (a correlation of 0.7), with and without the days before taken out of its noise (CUPED). Bars: at
most 5 % false winners by the analyses that may decide at a look; at least 70 % found by
"sequential_then_fixed".
"""

from __future__ import annotations

import argparse
import math
import random
from dataclasses import replace
from datetime import date
from typing import get_args

import numpy as np

from postlaunch.settings_analytics import AnalysisKind, Experiment, Metric
from postlaunch.tools.experiment_analysis import ArmData, Observed, analyse
from postlaunch.tools.experiment_statistics import Before, Difference, DifferenceTest, Sample

RATE = 0.2
USERS = 4_000
"""Per arm, at the end."""

LOOKS = 20
POWERED = (1.959964 + 0.841621) * math.sqrt(2 * RATE * (1 - RATE) / USERS)
"""The difference that a fixed-sample test once at the end finds with a power of 80 %."""

HABIT = "fixed test at every look"

CORRELATION = 0.7
"""Of a user's value since exposure with the one before it, where the metric is a mean."""

MEAN_POWERED = (1.959964 + 0.841621) * math.sqrt(2 / USERS)
"""The same difference of means whose values have a deviation of one."""


def plan(analysis: AnalysisKind) -> Experiment:
    """The experiment simulated."""
    return Experiment(
        name=analysis,
        hypothesis="simulated",
        arms={"A": 1, "B": 1},
        control="A",
        start=date(2025, 1, 1),
        end=date(2025, 1, LOOKS),
        planned_n=USERS,
        primary=Metric(name="conversion", event="conversion"),
        guardrails=(),
        mde=POWERED,
        analysis=analysis,
    )


def simulate(runs: int, difference: float, seed: int) -> dict[str, float]:
    """Share of experiments in which a winner or a loser was called at any look, by kind of analysis."""
    chance = random.Random(seed)
    called = dict.fromkeys((*get_args(AnalysisKind), HABIT), 0)
    for _ in range(runs):
        looks = _looks(chance, difference)
        for kind in get_args(AnalysisKind):
            called[kind] += _decided(plan(kind), looks)
        called[HABIT] += any(
            DifferenceTest(sequential=False, alpha=0.05).p(Difference(control, treatment)) <= 0.05
            for control, treatment in looks
        )
    return {kind: number / runs for kind, number in called.items()}


def _looks(chance: random.Random, difference: float) -> list[tuple[Sample, Sample]]:
    """What each night shows of the two arms."""
    step = USERS // LOOKS
    conversions, looks = [0, 0], []
    for night in range(1, LOOKS + 1):
        for arm, rate in enumerate((RATE, RATE + difference)):
            conversions[arm] += sum(chance.random() < rate for _ in range(step))
        control, treatment = (Sample.proportion(number, night * step) for number in conversions)
        looks.append((control, treatment))
    return looks


def simulate_means(runs: int, difference: float, seed: int) -> dict[str, float]:
    """The same of a mean by "sequential_then_fixed", as counted and with CUPED."""
    chance = np.random.default_rng(seed)
    called = {"as counted": 0, "CUPED": 0}
    experiment = plan("sequential_then_fixed")
    for _ in range(runs):
        looks = _looks_at_means(chance, difference)
        called["CUPED"] += _decided(experiment, looks)
        plain = [(replace(a, before=None), replace(b, before=None)) for a, b in looks]
        called["as counted"] += _decided(experiment, plain)
    return {kind: number / runs for kind, number in called.items()}


def _looks_at_means(chance: np.random.Generator, difference: float) -> list[tuple[Sample, Sample]]:
    """What each night shows of a mean of the two arms."""
    before = chance.standard_normal((2, USERS))
    rest = math.sqrt(1 - CORRELATION**2) * chance.standard_normal((2, USERS))
    since = CORRELATION * before + rest + np.array([[0.0], [difference]])
    step = USERS // LOOKS
    return [
        (_mean_of(before[0, :seen], since[0, :seen]), _mean_of(before[1, :seen], since[1, :seen]))
        for seen in range(step, USERS + 1, step)
    ]


def _mean_of(before: np.ndarray, since: np.ndarray) -> Sample:
    (own, both), (_, past) = np.cov(since, before)
    return Sample(len(since), float(since.mean()), own, before=Before(float(before.mean()), past, both))


def _decided(experiment: Experiment, looks: list[tuple[Sample, Sample]]) -> bool:
    """Whether any look ships or rolls back."""
    for night, (control, treatment) in enumerate(looks, 1):
        arms = {
            "A": ArmData(control.n, {"conversion": control}),
            "B": ArmData(treatment.n, {"conversion": treatment}),
        }
        decision = analyse(experiment, Observed(arms, ended=night == LOOKS, looks=night)).decision
        if decision.verdict in ("ship", "rollback"):
            return True
    return False


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    for title, share in (("equal arms", 0.0), ("a difference that one fixed test finds in 80 %", 1.0)):
        print(f"{title}, {arguments.runs} runs of {LOOKS} looks: a winner or loser was called in")
        shares = simulate(arguments.runs, share * POWERED, arguments.seed)
        means = simulate_means(arguments.runs, share * MEAN_POWERED, arguments.seed)
        for kind, called in (shares | {f"means, {kind}": called for kind, called in means.items()}).items():
            print(f"  {kind:26} {called:6.1%}", flush=True)


if __name__ == "__main__":
    main()
