"""What an experiment shows, and the decision that follows by rule.

The decision is one of: ship · rollback · keep_running (with the users needed) · review · invalid (the split
is not the intended one) · undecidable (the number of users is missing). `docs/definitions.md` has the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from postlaunch.settings_analytics import Experiment, Guardrail, Metric
from postlaunch.tools.experiment_cuped import Adjustment, adjusted
from postlaunch.tools.experiment_statistics import (
    Difference,
    DifferenceTest,
    Interval,
    Sample,
    bonferroni,
    sample_ratio_p,
    users_for_power,
)

Verdict = Literal["ship", "rollback", "keep_running", "review", "invalid", "undecidable"]

SPLIT_ALPHA = 0.001
"""p below which the users per arm are not those of the intended split: a sample-ratio mismatch."""

MIXED_SHARE = 0.01
"""Share of exposed users in more than one arm above which a person must look at the assignment."""

EARLY_SHARE = 0.2
"""Share of alpha spent on the looks before the planned end by "sequential_then_fixed"."""


@dataclass(frozen=True)
class ArmData:
    """One arm as observed.

    Attributes:
        users: exposed to it alone; None where it is not known.
        samples: by the metric's name; a metric without a value is left out.
    """

    users: int | None
    samples: Mapping[str, Sample]


@dataclass(frozen=True)
class Observed:
    """An experiment's data at one look.

    Attributes:
        arms: by name.
        mixed_users: exposed to more than one arm, and counted in none.
        ended: whether the planned end has been reached.
        looks: how often the data have been looked at, this time included.
    """

    arms: Mapping[str, ArmData]
    mixed_users: int = 0
    ended: bool = False
    looks: int = 1


@dataclass(frozen=True)
class Comparison:
    """One metric of one treatment beside the control.

    Attributes:
        adjustment: the difference as counted, and as adjusted by the days before exposure where it was.
        p: times the tests of its family (primary, secondary; Bonferroni); of a guardrail, as is.
        outcome: which of the two is better by this metric; "open" while that is not shown.
        sequential: whether interval and p are valid at every look, or only at the planned end.
    """

    metric: Metric
    arm: str
    adjustment: Adjustment
    interval: Interval
    relative_interval: Interval | None
    p: float
    outcome: Literal["better", "worse", "open"]
    sequential: bool

    @property
    def difference(self) -> Difference:
        """The difference that interval, p and outcome are of."""
        return self.adjustment.difference

    @property
    def enough(self) -> bool:
        """Whether the users counted in both arms allow a decision."""
        return _enough(self.adjustment.raw)


@dataclass(frozen=True)
class Decision:
    """What follows.

    Attributes:
        arm: the arm to ship; empty otherwise.
        users_needed: how many more users, over all arms, with "keep_running"; None where that is not known.
        reasons: what decided it, most important first.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    arm: str = ""
    users_needed: int | None = None

    @property
    def text(self) -> str:
        """As a report prints it: "keep_running (1,200 more users needed)"."""
        if self.verdict == "ship":
            return f"ship {self.arm}"
        if self.verdict == "keep_running" and self.users_needed is not None:
            return f"keep_running ({self.users_needed:,} more users needed)"
        cause = {"invalid": " (SRM)", "undecidable": " (missing n)"}
        return self.verdict + cause.get(self.verdict, "")


@dataclass(frozen=True)
class Analysis:
    """Everything an experiment's section of a report states.

    Attributes:
        split_p: of the users per arm against the intended split; None where there are too few for a test.
        power: probability that the test which decides (with a planned end, the one there) finds the MDE with
            the present users; the least over the treatments.
        breached: the guardrail comparisons that show more harm than the margin.
    """

    observed: Observed
    split_p: float | None = None
    primary: tuple[Comparison, ...] = ()
    secondary: tuple[Comparison, ...] = ()
    guardrails: tuple[Comparison, ...] = ()
    breached: tuple[Comparison, ...] = ()
    power: float | None = None
    decision: Decision = Decision("undecidable", ("nothing was observed",))


def analyse(plan: Experiment, observed: Observed) -> Analysis:
    """Compare every treatment with the control and decide."""
    missing = [arm for arm in (plan.control, *plan.treatments) if _users(observed, arm) is None]
    if missing or not any(_users(observed, arm) for arm in plan.arms):
        what = f"of {', '.join(missing)}" if missing else "in any arm"
        reason = f"the number of users {what} is not known" if missing else f"no user was seen {what}"
        return Analysis(observed, decision=Decision("undecidable", (reason,)))
    test = _test(plan, observed)
    users = {arm: _users(observed, arm) or 0 for arm in plan.arms}
    split_p = sample_ratio_p(users, plan.arms)
    primary = _family((plan.primary,), plan, observed, test)
    secondary = _family(plan.secondary, plan, observed, test)
    guardrails = _guardrails(plan, observed, test)
    breached = tuple(comparison for comparison in guardrails if _breached(comparison))
    power = min((_deciding(plan).power(item.difference, plan.mde) for item in primary), default=None)
    analysis = Analysis(observed, split_p, primary, secondary, guardrails, breached, power)
    return replace(analysis, decision=_decision(plan, analysis))


def _users(observed: Observed, arm: str) -> int | None:
    data = observed.arms.get(arm)
    return data.users if data else None


def _test(plan: Experiment, observed: Observed) -> DifferenceTest:
    """How this look tests: by the plan's kind of analysis, and whether the planned end is reached."""
    if plan.analysis == "sequential_then_fixed":
        if observed.ended:
            return DifferenceTest(sequential=False, alpha=(1 - EARLY_SHARE) * plan.alpha)
        return DifferenceTest(sequential=True, alpha=EARLY_SHARE * plan.alpha)
    return DifferenceTest(sequential=plan.analysis == "sequential" or not observed.ended, alpha=plan.alpha)


def _deciding(plan: Experiment) -> DifferenceTest:
    """The test from which the plan's power comes: with a planned end, the one made there."""
    alpha = plan.alpha / len(plan.treatments)
    if plan.analysis == "sequential_then_fixed":
        return DifferenceTest(sequential=False, alpha=(1 - EARLY_SHARE) * alpha)
    return DifferenceTest(sequential=plan.analysis == "sequential", alpha=alpha)


def _may_decide(plan: Experiment, observed: Observed) -> bool:
    return observed.ended or plan.analysis != "fixed"


# --- comparisons --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Pair:
    """One metric of one treatment beside the control, before it is tested."""

    metric: Metric
    arm: str
    adjustment: Adjustment

    def tested(self, test: DifferenceTest, p: float, *, shown: bool) -> Comparison:
        """As a comparison: intervals by `test`, and which is better where a difference is `shown`.

        A difference whose interval holds zero is open: the p of two proportions is of their pooled variance,
        the interval is not, so that near the border one may say what the other does not.
        """
        difference, interval = self.adjustment.difference, test.interval(self.adjustment.difference)
        outcome: Literal["better", "worse", "open"] = "open"
        if shown and _enough(self.adjustment.raw) and not interval.low <= 0 <= interval.high:
            outcome = "better" if (difference.estimate > 0) == (self.metric.better == "higher") else "worse"
        return Comparison(
            self.metric,
            self.arm,
            self.adjustment,
            interval,
            test.relative_interval(difference),
            p,
            outcome,
            test.sequential,
        )


def _pairs(metrics: Sequence[Metric], plan: Experiment, observed: Observed) -> list[_Pair]:
    """Every treatment with every metric that both it and the control have values of."""
    control = observed.arms[plan.control].samples
    return [
        _Pair(
            metric,
            arm,
            adjusted(Difference(control[metric.name], observed.arms[arm].samples[metric.name])),
        )
        for metric in metrics
        for arm in plan.treatments
        if metric.name in control and metric.name in observed.arms[arm].samples
    ]


def _family(
    metrics: Sequence[Metric], plan: Experiment, observed: Observed, test: DifferenceTest
) -> tuple[Comparison, ...]:
    """Comparisons tested together (Bonferroni): p × tests, and intervals at alpha ÷ tests, of one test."""
    pairs = _pairs(metrics, plan, observed)
    shared = DifferenceTest(test.sequential, test.alpha / max(len(pairs), 1))
    p_values = bonferroni([shared.p(pair.adjustment.difference) for pair in pairs])
    decides = _may_decide(plan, observed)
    return tuple(
        pair.tested(shared, p, shown=decides and p <= test.alpha)
        for pair, p in zip(pairs, p_values, strict=True)
    )


def _guardrails(plan: Experiment, observed: Observed, test: DifferenceTest) -> tuple[Comparison, ...]:
    """Each guardrail on its own, at the full alpha: harm is to be seen early, not proven beyond doubt."""
    return tuple(
        pair.tested(test, p, shown=p <= test.alpha)
        for pair in _pairs(plan.guardrails, plan, observed)
        for p in (test.p(pair.adjustment.difference),)
    )


def _enough(difference: Difference) -> bool:
    return difference.control.enough and difference.treatment.enough


def _breached(comparison: Comparison) -> bool:
    """Whether the whole interval lies beyond the harm that is tolerated."""
    if not isinstance(comparison.metric, Guardrail) or not comparison.enough:
        return False
    margin, interval = comparison.metric.margin, comparison.interval
    return interval.high < -margin if comparison.metric.better == "higher" else interval.low > margin


# --- the decision -------------------------------------------------------------------------------------


def _decision(plan: Experiment, analysis: Analysis) -> Decision:
    observed = analysis.observed
    if analysis.split_p is not None and analysis.split_p < SPLIT_ALPHA:
        return Decision("invalid", ("the users per arm are not those of the intended split",))
    exposed = sum(arm.users or 0 for arm in observed.arms.values()) + observed.mixed_users
    if observed.mixed_users > MIXED_SHARE * exposed:
        reason = f"{observed.mixed_users:,} of {exposed:,} users were in more than one arm"
        return Decision("review", (reason,))
    harmed = {comparison.arm for comparison in analysis.breached}
    better = [item for item in analysis.primary if item.outcome == "better"]
    clean = [item for item in better if item.arm not in harmed]
    if clean:
        best = max(clean, key=lambda item: abs(item.difference.estimate))
        return Decision("ship", (f"{plan.primary.name} is better in {best.arm}",), arm=best.arm)
    harms = tuple(f"{item.metric.name} is harmed in {item.arm}" for item in analysis.breached)
    if better:
        return Decision("review", (f"{plan.primary.name} is better in {better[0].arm}", *harms))
    worse = tuple(item.arm for item in analysis.primary if item.outcome == "worse")
    if all(arm in harmed or arm in worse for arm in plan.treatments):
        losing = tuple(f"{plan.primary.name} is worse in {arm}" for arm in worse)
        return Decision("rollback", losing + harms)
    return _undecided(plan, analysis)


def _undecided(plan: Experiment, analysis: Analysis) -> Decision:
    """No difference shown yet, or none at the planned end."""
    if analysis.observed.ended:
        return Decision("review", ("no difference was shown by the planned end",))
    return Decision(
        "keep_running", (_open_reason(plan, analysis),), users_needed=_users_needed(plan, analysis)
    )


def _open_reason(plan: Experiment, analysis: Analysis) -> str:
    if not analysis.primary:
        return f"no arm and control both have values of {plan.primary.name}"
    if not all(item.enough for item in analysis.primary):
        return "too few users for a decision"
    if plan.analysis == "fixed":
        return "a fixed-sample test decides once, at the planned end"
    return "the interval holds no difference"


def _users_needed(plan: Experiment, analysis: Analysis) -> int | None:
    """More users over all arms: for the power wanted at the MDE, and at least for the planned n."""
    arms = (plan.control, *plan.treatments)
    there = sum(_users(analysis.observed, arm) or 0 for arm in arms)
    whole = sum(plan.arms[arm] for arm in arms)
    needed = [plan.planned_n * len(arms)]
    for item in analysis.primary:
        pair = plan.arms[plan.control] + plan.arms[item.arm]
        users = users_for_power(
            item.difference, _deciding(plan), plan.mde, plan.power, plan.arms[plan.control] / pair
        )
        if users is None:
            return None
        needed.append(round(users * whole / pair))
    return max(0, max(needed) - there)
