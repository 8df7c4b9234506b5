"""The verdict tables that concern use (`docs/definitions.md`, "Verdicts on use"): pure functions.

Every threshold comes from the settings. What could not be measured is "not available", and what an experiment
did not show is nobody's win.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from postlaunch.reports.analytics import Standing
from postlaunch.reports.analytics_figures import BenchmarkVerdict
from postlaunch.reports.health import MetricRow, RowStatus
from postlaunch.reports.judged import Sentence
from postlaunch.reports.targets import Target
from postlaunch.settings import Verdicts
from postlaunch.settings_analytics import Experiment
from postlaunch.tools.experiment_analysis import Analysis, Comparison
from postlaunch.tools.verdicts import RowVerdict, met, near_told, target_used

DECIDED = ("ship", "rollback")
"""Decisions after which an experiment is over."""


def benchmark_verdict(
    value: float | None, benchmark: float, better: Literal["higher", "lower"] | None
) -> BenchmarkVerdict:
    """A figure against that of others: on which side of it, in the direction that is good for the figure."""
    if value is None or better is None:
        return "not available"
    if value == benchmark:
        return "equal"
    return "better" if (value > benchmark) == (better == "higher") else "worse"


def standing_of(rows: Sequence[MetricRow]) -> Standing:
    """The worst status of the rows that have a target; what could not be measured decides nothing."""
    statuses = {row.status for row in rows if row.target is not None}
    order: tuple[tuple[RowStatus, Standing], ...] = (
        ("missed", "missed"),
        ("warning", "warning"),
        ("ok", "met"),
    )
    return next((standing for status, standing in order if status in statuses), "not rated")


def computed_status(
    value: float, target: Target | None, verdicts: Verdicts, printed: str, *, currency: str = "$"
) -> RowVerdict:
    """Table "Row status" for a figure that was computed from others: missed, near its target, or ok."""
    if target is None:
        return RowVerdict(status="not available", because=Sentence(text="no target"))
    goal = target.text(currency)
    if not met(value, target):
        return RowVerdict(status="missed", because=Sentence(text=f"{printed} misses the target of {goal}"))
    used = target_used(target.objective, value, target)
    if used > verdicts.near_target:
        because = printed + near_told(target.objective, value, target, currency)
        return RowVerdict(status="warning", because=Sentence(text=because))
    return RowVerdict(status="ok", because=Sentence(text=f"{printed} meets the target of {goal}"))


# --- experiments ------------------------------------------------------------------------------------------


def winner_of(plan: Experiment, analysis: Analysis, comparisons: Sequence[Comparison]) -> str:
    """The arm that one metric shows to be best, or nothing.

    A treatment wins that is better than the control, and at least as good as every other arm; the control
    wins where every treatment is worse. Nobody wins an experiment that cannot be decided.
    """
    if analysis.decision.verdict in ("invalid", "undecidable") or not comparisons:
        return ""
    if len(comparisons) == len(plan.treatments) and all(item.outcome == "worse" for item in comparisons):
        return plan.control
    higher = comparisons[0].metric.better == "higher"
    lifts = {item.arm: item.difference.estimate for item in comparisons}
    best = max(lifts.values()) if higher else min(lifts.values())
    return next(
        (item.arm for item in comparisons if item.outcome == "better" and lifts[item.arm] == best), ""
    )


def meaning_of(plan: Experiment, analysis: Analysis) -> str:
    """What to do after a decision, in one line."""
    decision, control = analysis.decision, named_arm(plan, plan.control)
    match decision.verdict:
        case "ship":
            return f"Give everybody {named_arm(plan, decision.arm)}{_ending(plan, analysis)}"
        case "rollback":
            return f"Keep {control}{_ending(plan, analysis)}"
        case "keep_running":
            more = decision.users_needed
            until = f"until {more:,} more users have met it" if more else f"until {plan.end}, its planned end"
            return f"Change nothing: keep the test running {until}"
        case "review":
            return f"Have a person look at it before anything is changed; until then keep {control}"
        case "invalid":
            return f"Throw the figures away, find out why the split is off, and start again; keep {control}"
        case "undecidable":
            return f"Decide nothing before the number of users of every arm is known; keep {control}"


def _ending(plan: Experiment, analysis: Analysis) -> str:
    """That a test is to be ended; past its planned end, when it ended and which arms fell short."""
    if not analysis.observed.ended:
        return " and end the test"
    users = {arm: data.users for arm, data in analysis.observed.arms.items() if data.users is not None}
    short = [f"{arm} {met:,}" for arm, met in users.items() if met < plan.planned_n]
    ended = f"; the test ended {plan.end:%b} {plan.end.day}"
    return (
        f"{ended} with fewer {plan.unit}s than the {plan.planned_n:,} planned: {', '.join(short)}"
        if short
        else ended
    )


def named_arm(plan: Experiment, arm: str) -> str:
    """An arm with what it is: "A (standard vertical layout)"."""
    description = plan.descriptions.get(arm, "")
    return f"{arm} ({description})" if description else arm


def shares_of(weights: Mapping[str, float]) -> dict[str, float]:
    """Intended shares as parts of one."""
    whole = sum(weights.values())
    return {arm: weight / whole for arm, weight in weights.items()}
