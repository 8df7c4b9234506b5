"""Rules on verdicts and plans: C11, C15, C16, C17, C18, C19."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product

from postlaunch.reports.consistency.contradictions import Found
from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.intervals import Interval, total
from postlaunch.reports.consistency.plan_statements import (
    Allowance,
    Arm,
    CostLine,
    Experiment,
    Graded,
    Row,
    Scaling,
    SprintAssignment,
    SprintPlan,
    Target,
)
from postlaunch.reports.consistency.statements import Statement, those
from postlaunch.reports.consistency.wording import by

ONE = Interval.exactly(1)


def plans_fit(statements: Sequence[Statement]) -> Iterator[Found]:
    """C11. A plan's items add up to its total, and so do its parties' loads. What "fits" is at most the
    days of one party × parties, and no party has more than its own; with a buffer it is less.

    Tolerance: none: days of work are declared, not rounded.
    """
    for plan in those(statements, SprintPlan):
        for message, figures in _plan(plan):
            yield Found(f"{by(plan)}: {plan.what}: {message}", figures, (plan,))


def _plan(plan: SprintPlan) -> Iterator[tuple[str, tuple[Figure, ...]]]:
    days = tuple(item.value for item in plan.items)
    if not total(day.interval for day in days).meets(plan.total.interval):
        yield f"{' + '.join(map(str, days)) or 'nothing'} is not {plan.total}", (*days, plan.total)
    loads = tuple(load.days for load in plan.loads)
    if loads and not total(load.interval for load in loads).meets(plan.total.interval):
        yield f"the parties' {' + '.join(map(str, loads))} is not {plan.total}", (*loads, plan.total)
    if not plan.fits:
        return
    for load in plan.loads:
        if load.days.interval.above(load.capacity.interval):
            yield (
                f"{load.owner} has {load.days} of {load.capacity}, which does not fit",
                (load.days, load.capacity),
            )
    if plan.capacity is None:
        return
    capacity = plan.capacity.interval * Interval.exactly(plan.parties)
    full = plan.buffer and not capacity.above(plan.total.interval)
    if plan.total.interval.above(capacity) or full:
        parties = "one party" if plan.parties == 1 else f"{plan.parties} parties"
        yield (
            f"{plan.total} do not fit {plan.capacity} of {parties}{' with a buffer' if plan.buffer else ''}",
            (plan.total, plan.capacity),
        )


# --- verdicts ---------------------------------------------------------------------------------------------


def grades_follow_their_rows(statements: Sequence[Statement]) -> Iterator[Found]:
    """C15. A row that misses its target is "missed", and one that meets it is not. EXCELLENT has no row
    that warns or misses and no incident, GOOD none that misses; NEEDS ATTENTION and POOR name what they are
    for.

    Tolerance: the rounding of figure and target; targets are strict.
    """
    for row in those(statements, Row):
        yield from _row(row)
    for graded in those(statements, Graded):
        bad = _against(graded)
        if bad:
            yield Found(f"{by(graded)}: graded {graded.grade}, but {bad}", (), (graded,))


def _row(row: Row) -> Iterator[Found]:
    if row.value is None or row.target is None or row.status == "not available":
        return
    value, target = row.value.interval, row.target.interval
    beyond, inside = (value, target) if row.direction == "below" else (target, value)
    misses = beyond.above(inside) or (value == target and value.low == value.high)
    if misses and row.status != "missed":
        yield Found(
            f"{by(row)}: {row.title} of {row.value} misses the target ({row.direction} {row.target}), but is "
            f'"{row.status}"',
            (row.value, row.target),
            (row,),
        )
    if inside.above(beyond) and row.status == "missed":
        yield Found(
            f"{by(row)}: {row.title} of {row.value} meets the target ({row.direction} {row.target}), but is "
            '"missed"',
            (row.value, row.target),
            (row,),
        )


def _against(graded: Graded) -> str:
    """What speaks against a grade, in words; empty when nothing does."""
    missed = [title for title, status in graded.rows.items() if status == "missed"]
    warned = [title for title, status in graded.rows.items() if status == "warning"]
    against = [f"{title} is missed" for title in missed]
    if graded.grade == "EXCELLENT":
        against += [f"{title} warns" for title in warned]
        against += [f"{graded.incidents} incident{'' if graded.incidents == 1 else 's'}"] * bool(
            graded.incidents
        )
    if graded.grade in ("EXCELLENT", "GOOD", "NOT GRADED"):
        return ", ".join([*against, *graded.concerns])
    explained = missed or graded.concerns or graded.grounds
    return "" if explained else "no row is missed and nothing else is of concern"


def one_target_a_metric(statements: Sequence[Statement]) -> Iterator[Found]:
    """C16. A metric has one target, in whichever report, alert or gate; and where the table of objectives
    is stated, every target is in it.

    Tolerance: the rounding of both targets as printed.
    """
    targets = those(statements, Target)
    for one, other in combinations(targets, 2):
        if one.metric != other.metric:
            continue
        if one.direction != other.direction or not one.value.interval.meets(other.value.interval):
            yield Found(
                f"{by(one)} sets {_spoken(one.metric)} the target {one.direction} {one.value}, "
                f"{by(other)} {other.direction} {other.value}",
                (one.value, other.value),
                (one, other),
            )
    table = {target.metric for target in targets if target.table}
    for target in targets:
        if table and target.metric not in table:
            yield Found(
                f"{by(target)} sets {_spoken(target.metric)} the target {target.direction} {target.value}, "
                "which the table of objectives does not have",
                (target.value,),
                (target,),
            )


def _spoken(metric: str) -> str:
    return metric.replace("_", " ")


def winners_are_decidable(statements: Sequence[Statement]) -> Iterator[Found]:
    """C17. A winner has the best rate; it is declared only with the size of every arm, and an interval of the
    difference that leaves out zero or a p below alpha. A rate is conversions ÷ n.

    Tolerance: the rounding of the rates.
    """
    for experiment in those(statements, Experiment):
        for arm in experiment.arms:
            if _miscounted(arm):
                counted = f"{arm.conversions} of {arm.n} in {arm.name} is not {arm.rate}"
                yield Found(
                    f"{by(experiment)}: {experiment.what}: {counted}",
                    (arm.conversions, arm.n, arm.rate),
                    (experiment,),
                )
        if experiment.winner:
            for reason in _undecided(experiment):
                declared = f"{experiment.winner} is declared the winner"
                yield Found(
                    f"{by(experiment)}: {experiment.what}: {declared}, but {reason}",
                    tuple(arm.rate for arm in experiment.arms),
                    (experiment,),
                )


def _miscounted(arm: Arm) -> bool:
    if arm.n is None or arm.conversions is None or arm.n.interval.low <= 0:
        return False
    return not arm.rate.interval.meets(arm.conversions.interval / arm.n.interval)


def _undecided(experiment: Experiment) -> Iterator[str]:
    unsized = [arm.name for arm in experiment.arms if arm.n is None]
    if unsized:
        yield f"the size of {', '.join(unsized)} is not stated"
    if experiment.interval is None and experiment.p is None:
        yield "neither an interval of the difference nor a p is stated"
    if experiment.interval is not None:
        low, high = experiment.interval
        if low.value <= 0 <= high.value:
            yield f"the interval of the difference ({low} to {high}) holds zero"
    if experiment.p is not None and experiment.p.interval.low >= experiment.alpha:
        yield f"p = {experiment.p} is not below {experiment.alpha:g}"
    winner = next((arm for arm in experiment.arms if arm.name == experiment.winner), None)
    if winner is None:
        yield "it is no arm of the experiment"
        return
    for arm in experiment.arms:
        ahead, behind = (arm, winner) if experiment.better == "higher" else (winner, arm)
        if ahead.rate.interval.above(behind.rate.interval):
            yield f"{arm.name} has {arm.rate} against its {winner.rate}"


# --- sprints and costs ------------------------------------------------------------------------------------


def one_sprint_an_item(statements: Sequence[Statement]) -> Iterator[Found]:
    """C18. An item is put into one sprint; one that is put off "to N or later" is in none before N.

    Tolerance: none.
    """
    for one, other in combinations(those(statements, SprintAssignment), 2):
        if one.item == other.item and _sprints_differ(one, other):
            yield Found(
                f"{by(one)} has {one.item} in {_sprint(one)}, {by(other)} in {_sprint(other)}",
                (_sprint(one), _sprint(other)),
                (one, other),
            )


def _sprints_differ(one: SprintAssignment, other: SprintAssignment) -> bool:
    if one.or_later and other.or_later:
        return False
    if one.or_later or other.or_later:
        fixed, later = (other, one) if one.or_later else (one, other)
        return fixed.sprint < later.sprint
    return one.sprint != other.sprint


def _sprint(assigned: SprintAssignment) -> str:
    return f"Sprint {assigned.sprint}{'+' if assigned.or_later else ''}"


def costs_follow_instances(statements: Sequence[Statement]) -> Iterator[Found]:
    """C19. The instances paid for in a scenario are the current ones and those that the advice adds; one
    resource has one price each. A budget allows its failing share × the whole; spent is bad ÷ allowed, left
    is 1 − spent.

    Tolerance: the rounding of the amounts; instances are whole.
    """
    costs = those(statements, CostLine)
    for advice, line in product(those(statements, Scaling), costs):
        least, most = advice.current + advice.least_added, advice.current + advice.most_added
        if advice.scenario == line.scenario and not least <= line.instances <= most:
            needed = f"{least}" if least == most else f"{least} to {most}"
            yield Found(
                f"{by(advice)}: {advice.scenario}: {advice.current} instances and those advised make "
                f"{needed}; {by(line)} pays for {line.instances} ({line.cost})",
                (line.cost,),
                (advice, line),
            )
    for one, other in combinations(costs, 2):
        if one.resource == other.resource and not _price(one).meets(_price(other)):
            yield Found(
                f"{by(one)} has {one.cost} for {one.instances} of {one.resource}, {by(other)} {other.cost} "
                f"for {other.instances}: not one price each",
                (one.cost, other.cost),
                (one, other),
            )
    for allowance in those(statements, Allowance):
        for message, figures in _allowance(allowance):
            yield Found(f"{by(allowance)}: {allowance.what}: {message}", figures, (allowance,))


def _price(line: CostLine) -> Interval:
    return line.cost.interval / Interval.exactly(line.instances)


def _allowance(budget: Allowance) -> Iterator[tuple[str, tuple[Figure, ...]]]:
    if not (budget.failing.interval * budget.whole.interval).meets(budget.allowed.interval):
        yield (
            f"{budget.failing} of {budget.whole} is not the {budget.allowed} allowed",
            (budget.failing, budget.whole, budget.allowed),
        )
    if budget.bad and budget.spent and _misspent(budget.bad, budget.allowed, budget.spent):
        yield (
            f"{budget.bad} of {budget.allowed} allowed is not {budget.spent} spent",
            (budget.bad, budget.allowed, budget.spent),
        )
    if budget.spent and budget.left and not (ONE - budget.spent.interval).meets(budget.left.interval):
        yield f"{budget.spent} spent does not leave {budget.left}", (budget.spent, budget.left)


def _misspent(bad: Figure, allowed: Figure, spent: Figure) -> bool:
    return allowed.interval.low > 0 and not (bad.interval / allowed.interval).meets(spent.interval)
