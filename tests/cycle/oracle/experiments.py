"""The experiment's figures from the truth's counts, by the formulas of `docs/definitions.md`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from oracle.regression import critical, two_sided
from oracle.requests import Figures
from oracle.world import Asked, World

AT_THE_END = 0.8
"""Share of alpha that the test at the planned end has; the rest is spent on looks before it."""
NORMAL = NormalDist()


@dataclass(frozen=True)
class Arm:
    """One metric of one arm; the variance is that of one user."""

    n: int
    mean: float
    variance: float
    is_share: bool

    @property
    def squared_error(self) -> float:
        """Of the mean."""
        return self.variance / self.n


class OfExperiments:
    """What the experiment's arms show."""

    def __init__(self, world: World) -> None:
        self.truth = world.truth.experiment

    def figures(self) -> Figures:
        """By name."""
        found: Figures = {
            "experiment_users": lambda asked: self.truth.arms[_arm(asked)].users,
            "experiment_conversions": self._conversions,
            "experiment_conversion_rate": lambda asked: self._metric(asked).mean,
            "experiment_mean": lambda asked: self._metric(asked).mean,
            "experiment_deviation": lambda asked: math.sqrt(self._metric(asked).variance),
            "experiment_mixed_users": lambda asked: 0,
            "experiment_looks": lambda asked: asked.parameters["looks"],
            "experiment_split_p": lambda asked: self._split(),
            "experiment_power": self._power,
            "experiment_p": self._p,
            "experiment_lift": lambda asked: self._lift(asked)[0],
            "experiment_lift_points": lambda asked: self._lift(asked)[0],
            "experiment_relative_lift": lambda asked: self._relative(asked)[0],
        }
        ends: dict[str, Any] = {}
        for name, of in (
            ("experiment_lift", self._lift),
            ("experiment_lift_points", self._lift),
            ("experiment_relative_lift", self._relative),
        ):
            ends[f"{name}_low"] = lambda asked, of=of: of(asked)[0] - of(asked)[1]
            ends[f"{name}_high"] = lambda asked, of=of: of(asked)[0] + of(asked)[1]
        return {**found, **ends}

    # --- the metrics --------------------------------------------------------------------------------------

    def _conversions(self, asked: Asked) -> int:
        arm = self.truth.arms[_arm(asked)]
        return {"Conversion": arm.conversions, "Profile updates": arm.profile_updates}[_metric(asked)]

    def _metric(self, asked: Asked, arm: str = "") -> Arm:
        of = self.truth.arms[arm or _arm(asked)]
        metric = _metric(asked)
        if metric in ("Time to submit", "User feedback"):
            n, mean, deviation = {
                "Time to submit": (of.conversions, of.seconds, of.seconds_deviation),
                "User feedback": (of.rated, of.rating, of.rating_deviation),
            }[metric]
            assert mean is not None
            assert deviation is not None
            return Arm(n, mean, deviation**2, is_share=False)
        share = {"Conversion": of.conversions, "Profile updates": of.profile_updates}[metric] / of.users
        return Arm(of.users, share, share * (1 - share), is_share=True)

    def _pair(self, asked: Asked) -> tuple[Arm, Arm]:
        control = asked.parameters["plan"]["control"]
        return self._metric(asked, control), self._metric(asked)

    # --- the statistics -----------------------------------------------------------------------------------

    def _tests(self, asked: Asked) -> int:
        """Metrics that are tested together; a guardrail is tested alone."""
        plan = asked.parameters["plan"]
        secondary = [metric["name"] for metric in plan["secondary"]]
        return len(secondary) if _metric(asked) in secondary else 1

    def _alpha(self, asked: Asked) -> float:
        plan = asked.parameters["plan"]
        assert plan["analysis"] == "sequential_then_fixed"
        return float(AT_THE_END * plan["alpha"])

    def _degrees(self, control: Arm, treatment: Arm) -> float:
        """Of Welch's test."""
        both = (control, treatment)
        below = sum(arm.squared_error**2 / (arm.n - 1) for arm in both)
        return sum(arm.squared_error for arm in both) ** 2 / below

    def _reach(self, asked: Asked, alpha: float) -> float:
        """Half an interval's width in standard errors."""
        control, treatment = self._pair(asked)
        if control.is_share:
            return NORMAL.inv_cdf(1 - alpha / 2)
        return critical(alpha, self._degrees(control, treatment))

    def _error(self, control: Arm, treatment: Arm) -> float:
        return math.sqrt(control.squared_error + treatment.squared_error)

    def _lift(self, asked: Asked) -> tuple[float, float]:
        """The difference, and half its interval's width."""
        control, treatment = self._pair(asked)
        reach = self._reach(asked, self._alpha(asked) / self._tests(asked))
        return treatment.mean - control.mean, reach * self._error(control, treatment)

    def _relative(self, asked: Asked) -> tuple[float, float]:
        """The difference ÷ the control's figure, with its error by the delta method."""
        control, treatment = self._pair(asked)
        ratio = treatment.mean / control.mean
        error = math.sqrt(treatment.squared_error + ratio**2 * control.squared_error) / abs(control.mean)
        reach = self._reach(asked, self._alpha(asked) / self._tests(asked))
        return (treatment.mean - control.mean) / abs(control.mean), reach * error

    def _p(self, asked: Asked) -> float:
        control, treatment = self._pair(asked)
        away = treatment.mean - control.mean
        if control.is_share:
            share = (control.n * control.mean + treatment.n * treatment.mean) / (control.n + treatment.n)
            error = math.sqrt(share * (1 - share) * (1 / control.n + 1 / treatment.n))
            p = math.erfc(abs(away) / error / math.sqrt(2))
        else:
            p = two_sided(away / self._error(control, treatment), self._degrees(control, treatment))
        return min(1.0, self._tests(asked) * p)

    def _split(self) -> float:
        """Chi-square of one degree: both arms are meant to be as large."""
        users = [arm.users for arm in self.truth.arms.values()]
        assert len(users) == 2
        half = sum(users) / 2
        return math.erfc(math.sqrt(sum((one - half) ** 2 / half for one in users) / 2))

    def _power(self, asked: Asked) -> float:
        """Of the deciding metric, to find the least difference worth finding."""
        plan = asked.parameters["plan"]
        [other] = [arm for arm in self.truth.arms if arm != plan["control"]]
        entity = f"{plan['name']}: {other}, {plan['primary']['name']}"
        primary = asked.of(entity)
        error = self._error(*self._pair(primary))
        return NORMAL.cdf(plan["mde"] / error - self._reach(primary, self._alpha(asked)))


def _arm(asked: Asked) -> str:
    return asked.entity.rpartition(": ")[2].partition(",")[0]


def _metric(asked: Asked) -> str:
    return asked.entity.rpartition(", ")[2]
