"""The verdict tables that concern health (`docs/definitions.md`, "Verdict tables"): pure functions.

Every threshold comes from the settings. A verdict never rests on the absence of data: what could not be
measured is "not available", and a grade says which objectives it could not see.

Targets are strict, as they are written: "< 200 ms" is missed at 200 ms, "> 99.9 %" at 99.9 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from postlaunch.facts import Fact, Frozen
from postlaunch.printing import change_text, rounded, value_text
from postlaunch.reports.health import (
    EndpointRating,
    ErrorBudget,
    Grade,
    Incident,
    MetricRow,
    RowStatus,
    Severity,
)
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.targets import Target
from postlaunch.settings import Verdicts
from postlaunch.windows import Window

AVAILABILITY = frozenset({"uptime", "availability"})
"""Indicators whose complement is what is spent: 99.95 % of a 99.9 % target uses half of it."""


class RowVerdict(Frozen):
    """The status of one row, and why."""

    status: RowStatus
    because: Sentence


class GradeVerdict(Frozen):
    """The grade, and the rows, budgets and incidents that decided it."""

    grade: Grade
    because: tuple[Sentence, ...]
    unmeasured: tuple[str, ...] = ()


class EndpointVerdict(Frozen):
    """What is to be done about a slow endpoint."""

    rating: EndpointRating
    because: Sentence


def met(value: float, target: Target) -> bool:
    """Whether a value is on the right side of its target; the target itself is not."""
    return value > target.value if target.direction == "above" else value < target.value


def target_used(metric: str, value: float, target: Target) -> float:
    """Share of the target that a value uses; above 1 it is missed.

    A ceiling is used by its value; a floor of an availability by the failure it allows; any other floor by
    how close the value has come down to it.
    """
    if target.direction == "below":
        return value / target.value if target.value else math.inf
    if metric in AVAILABILITY:
        allowed = 1 - target.value
        return (1 - value) / allowed if allowed > 0 else math.inf
    return target.value / value if value > 0 else math.inf


def near_told(metric: str, value: float, target: Target, currency: str = "$") -> str:
    """How near its target a value is that meets it, as the words after the value: a share of what is allowed,
    or of a floor, which allows nothing, how little it is above.
    """
    goal = target.text(currency)
    if target.direction == "above" and metric not in AVAILABILITY:
        unit = "points" if target.unit == "ratio" else target.unit
        margin = value_text(value - target.value, unit, currency=currency)
        return f", only {margin} above the target of {goal}"
    used = rounded(target_used(metric, value, target) * 100, 1).normalize()
    return f" uses {used:f}% of what the target of {goal} allows"


def worse_by(fact: Fact) -> float:
    """How much worse than its baseline a fact is, relative; 0 when it is not, infinite from nothing.

    An availability is compared by its complement: 99.97 % → 99.95 % is two thirds more failure.
    """
    if fact.baseline is None or fact.definition.better is None:
        return 0.0
    now, before = fact.value, fact.baseline
    better = fact.definition.better
    if fact.name in AVAILABILITY:
        now, before, better = 1 - now, 1 - before, "lower"
    worse = now - before if better == "lower" else before - now
    if worse <= 0:
        return 0.0
    return worse / abs(before) if before else math.inf


def _warns_of_change(fact: Fact, verdicts: Verdicts) -> bool:
    if worse_by(fact) <= verdicts.worse_relative or fact.baseline is None:
        return False
    # Differences of ratios carry binary noise: 0.9997 − 0.9995 is a hair above 0.0002.
    difference = round(abs(fact.value - fact.baseline), 12)
    return fact.unit != "ratio" or difference > verdicts.worse_points


def row_status(
    fact: Fact | None, target: Target | None, verdicts: Verdicts, *, reason: str = ""
) -> RowVerdict:
    """Table "Row status": missed, warning (near the target, or worse than before), ok, not available.

    `reason` says why there is no fact.
    """
    if fact is None:
        return RowVerdict(status="not available", because=Sentence(text=reason or "not measured"))
    if target is not None and not met(fact.value, target):
        because = said("{it} misses the target of {goal}", it=fact, goal=target.text())
        return RowVerdict(status="missed", because=because)
    if _warns_of_change(fact, verdicts):
        return RowVerdict(
            status="warning", because=said(f"{_worsened(fact)}, from {{it.before}} to {{it}}", it=fact)
        )
    if target is None:
        if fact.baseline is None:
            return RowVerdict(
                status="not available", because=Sentence(text="no target, nothing to compare with")
            )
        return RowVerdict(status="ok", because=said("no target; {it.change}", it=fact))
    used = target_used(fact.name, fact.value, target)
    if used > verdicts.near_target:
        because = said(f"{{it}}{near_told(fact.name, fact.value, target)}", it=fact)
        return RowVerdict(status="warning", because=because)
    return RowVerdict(
        status="ok", because=said("{it} meets the target of {goal}", it=fact, goal=target.text())
    )


def _worsened(fact: Fact) -> str:
    worse = worse_by(fact)
    if math.isinf(worse) and fact.unit == "ratio" and fact.baseline is not None:
        return f"worse by {value_text(abs(fact.value - fact.baseline), 'points')}"
    if math.isinf(worse):
        return "new"
    if worse < 1:
        return f"worse by {rounded(worse * 100, 0)}%"
    what = "the failure it had" if fact.name in AVAILABILITY else "what it was"
    return f"{rounded(worse + 1, 1).normalize():f} times {what}"


def objective_days(window: str) -> float | None:
    """The length of an objective's window in days: "7d" → 7; None for one of another kind ("sprint")."""
    number = window.removesuffix("d")
    return float(number) if window.endswith("d") and number.isdigit() else None


def window_days(window: Window) -> float:
    """Calendar days of what was observed; a week over a change of the clocks has 7, too."""
    begin = window.local(window.start).replace(tzinfo=None)
    end = window.local(window.observed_end).replace(tzinfo=None)
    return (end - begin).total_seconds() / 86_400


def covers(window: Window, target: Target) -> bool:
    """Whether what was observed is at least the objective's own window."""
    days = objective_days(target.window)
    return days is not None and window_days(window) >= days


def health_grade(
    rows: Sequence[MetricRow],
    budgets: Sequence[ErrorBudget],
    incidents: Sequence[Incident],
    window: Window,
    verdicts: Verdicts,
) -> GradeVerdict:
    """Table "Health grade"; names the rows, budgets and incidents that decided it.

    POOR: an objective was missed over its own window, or an error budget is spent. NEEDS ATTENTION: a target
    is missed in a span shorter than the objective's window, a SEV-1 or SEV-2 is open, or more than
    half of an error budget is spent. GOOD: a row warns, or there was an incident. EXCELLENT: none of these,
    with every objective measured; with some unmeasured it is GOOD, because nobody saw the rest. NOT GRADED:
    nothing bad was seen, but too few of the objectives could be measured (settings: `least_measured`).
    """
    aimed = [row for row in rows if row.target is not None]
    unmeasured = tuple(row.title for row in aimed if row.status == "not available")
    poor = [
        _row_because(row)
        for row in aimed
        if row.status == "missed" and row.target and covers(window, row.target)
    ]
    poor += [_budget_because(budget) for budget in budgets if _spent(budget) >= 1]
    attention = [_row_because(row) for row in aimed if row.status == "missed"]
    attention += [
        Sentence(text=f"Incident #{incident.number} ({incident.severity}) is open")
        for incident in incidents
        if incident.status == "Open" and incident.severity in ("SEV-1", "SEV-2")
    ]
    attention += [
        _budget_because(budget) for budget in budgets if _spent(budget) > verdicts.budget_spent_attention
    ]
    good = [_row_because(row) for row in rows if row.status == "warning"]
    if incidents:
        good.append(Sentence(text=_counted(len(incidents), "incident") + " in the window"))
    for grade, because in (("POOR", poor), ("NEEDS ATTENTION", attention)):
        if because:
            return GradeVerdict.model_validate(
                {"grade": grade, "because": tuple(because), "unmeasured": unmeasured}
            )
    measured = len(aimed) - len(unmeasured)
    if not measured or measured < verdicts.least_measured * len(aimed):
        return GradeVerdict(grade="NOT GRADED", because=(_too_little(aimed), *good), unmeasured=unmeasured)
    if unmeasured:
        good.append(Sentence(text=f"not EXCELLENT because not measured: {', '.join(unmeasured)}"))
    if good:
        return GradeVerdict(grade="GOOD", because=tuple(good), unmeasured=unmeasured)
    return GradeVerdict(
        grade="EXCELLENT", because=(Sentence(text="every objective met, no row warns, no incident"),)
    )


def _too_little(aimed: Sequence[MetricRow]) -> Sentence:
    """How many objectives were measured, and how they stand."""
    if not aimed:
        return Sentence(text="no objective is set")
    seen = [row for row in aimed if row.status != "not available"]
    if not seen:
        return Sentence(text="no objective could be measured")
    stand = "; ".join(_row_because(row).text for row in seen)
    cited = tuple(fact for row in seen for fact in row.because.facts)
    return Sentence(
        text=f"only {len(seen)} of {_counted(len(aimed), 'objective')} could be measured ({stand})",
        facts=cited,
    )


def _row_because(row: MetricRow) -> Sentence:
    return Sentence(text=f"{row.title}: {row.because.text}", facts=row.because.facts)


def _spent(budget: ErrorBudget) -> float:
    return 0.0 if budget.spent.kind == "unavailable" else budget.spent.value


def _budget_because(budget: ErrorBudget) -> Sentence:
    bound = "" if budget.complete else "at least "
    spent = value_text(_spent(budget), "ratio")
    return Sentence(
        text=f"{bound}{spent} of the {budget.target.span} error budget of {budget.target.title} is spent"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def severity(failing: float, verdicts: Verdicts) -> Severity:
    """Table "Severity", by the share of requests that failed during the spell.

    The table's other inputs (data loss, burn rate over an alert's windows, a broken feature) are known to an
    incident's own workflow, not to a week's request log.
    """
    if failing >= verdicts.severity_1:
        return "SEV-1"
    if failing >= verdicts.severity_2:
        return "SEV-2"
    if failing >= verdicts.severity_3:
        return "SEV-3"
    return "SEV-4"


def endpoint_verdict(
    mean: Fact, p95: Fact | None, mean_target: Target | None, p95_target: Target | None, verdicts: Verdicts
) -> EndpointVerdict:
    """The verdict on a slow endpoint: investigate over the target for the mean, watch when near it, slower
    than before or with a slow tail, else acceptable.
    """
    if mean_target is None:
        return EndpointVerdict(
            rating="not rated", because=Sentence(text="no target for response time is set")
        )
    goal = mean_target.text()
    if mean.value >= mean_target.value * verdicts.slow_band:
        because = said("its mean of {it} is over the target of {goal}", it=mean, goal=goal)
        return EndpointVerdict(rating="investigate", because=because)
    if mean.value > mean_target.value * verdicts.near_target:
        because = said("its mean of {it} is near the target of {goal}", it=mean, goal=goal)
        return EndpointVerdict(rating="watch", because=because)
    if worse_by(mean) > verdicts.worse_relative:
        because = said("its mean rose from {it.before} to {it}", it=mean)
        return EndpointVerdict(rating="watch", because=because)
    if p95 is not None and p95_target is not None and not met(p95.value, p95_target):
        because = said("its 95th percentile of {it} is over {goal}", it=p95, goal=p95_target.text())
        return EndpointVerdict(rating="watch", because=because)
    return EndpointVerdict(rating="acceptable", because=said("{it} is within {goal}", it=mean, goal=goal))


def pace_verdict(fact: Fact | None, verdicts: Verdicts, *, reason: str = "") -> Sentence:
    """Verdict on the response time against the window before: slower, faster or steady. Two windows make
    no trend, and the sentence says what they make.
    """
    if fact is None:
        return Sentence(text=f"not available: {reason or 'no response times are measured'}")
    change = fact.change
    if change is None:
        return said("{it} on average; nothing to compare with yet", it=fact)
    if worse_by(fact) > verdicts.worse_relative:
        return said("⚠️ slower: {it} on average, {it.before} before ({it.change})", it=fact)
    if change.value < -verdicts.worse_relative:
        return said("faster: {it} on average, {it.before} before ({it.change})", it=fact)
    return said(
        "steady (within {band}): {it} on average, {it.before} before ({moved})",
        it=fact,
        band=value_text(verdicts.worse_relative, "ratio"),
        moved=change_text(change),
    )
