"""Rules on parts and wholes: C1, C3, C4, C12, C20."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, permutations

from postlaunch.reports.consistency.contradictions import Found
from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.intervals import Interval, total
from postlaunch.reports.consistency.plan_statements import Funnel, FunnelStep
from postlaunch.reports.consistency.statements import (
    Breakdown,
    Observation,
    Ranking,
    Share,
    Statement,
    overlap,
    same_span,
    those,
    within,
)
from postlaunch.reports.consistency.wording import about, by

ADDITIVE = ("count", "minutes")
"""Units of figures that a part of a population, or of a span, can only have less of."""


def parts_within_wholes(statements: Sequence[Statement]) -> Iterator[Found]:
    """C1. What is counted of part of a population, or in part of a span, is at most what is counted of all
    of it; the parts of a complete breakdown add up to the whole, those of another to at most the whole.

    Tolerance: none beyond rounding; whole counts have none.
    """
    for part, whole in permutations(those(statements, Observation), 2):
        if _part_of(part, whole) and part.value.interval.above(whole.value.interval):
            yield Found(
                f"{by(part)} has {part.value} {about(part)}; {by(whole)} has only {whole.value} "
                f"{about(whole)}, of which they are a part",
                (part.value, whole.value),
                (part, whole),
            )
    for breakdown in those(statements, Breakdown):
        yield from _breakdown(breakdown)


def _part_of(part: Observation, whole: Observation) -> bool:
    """Whether one counts the same as the other, in part of its population or of its span."""
    alike = part.metric == whole.metric and part.value.unit == whole.value.unit
    additive = part.value.unit in ADDITIVE and part.statistic == whole.statistic == "total"
    if not alike or not additive or part.trailing_days != whole.trailing_days:
        return False
    if not whole.of.items() <= part.of.items():
        return False
    if part.window is None or whole.window is None:
        return part.of != whole.of
    smaller = part.of != whole.of or not same_span(part.window, whole.window)
    return smaller and within(part.window, whole.window)


def _breakdown(breakdown: Breakdown) -> Iterator[Found]:
    parts = total(part.interval for part in breakdown.parts)
    whole = breakdown.whole.interval
    wrong = not parts.meets(whole) if breakdown.complete else parts.above(whole)
    if wrong:
        adds = " + ".join(map(str, breakdown.parts)) or "nothing"
        yield Found(
            f"{by(breakdown)}: {breakdown.what}: {adds} {'is not' if breakdown.complete else 'is more than'} "
            f"{breakdown.whole}",
            (*breakdown.parts, breakdown.whole),
            (breakdown,),
        )


# --- shares -----------------------------------------------------------------------------------------------


def shares_of_their_wholes(statements: Sequence[Statement]) -> Iterator[Found]:
    """C3. A share is its part ÷ its whole. Where the report does not state the whole, it is any figure of
    that metric that some report states for the span; the share is wrong when it fits none of them.

    Tolerance: the rounding of all three. What is off by less than the share's last digit is C20's.
    """
    for share in those(statements, Share):
        wholes = _wholes(share, statements)
        if wholes and all(_off(share, whole) == "wrong" for whole, _ in wholes):
            told = " or ".join(
                f"{_percent(share.part.interval / whole.interval)} of {whole} ({by(source)})"
                for whole, source in wholes
            )
            yield Found(
                f"{by(share)}: {share.what}: {share.part} is said to be {share.share}, but is {told}",
                (share.part, share.share, *(whole for whole, _ in wholes)),
                (share, *(source for _, source in wholes)),
            )


def shares_rounded_half_up(statements: Sequence[Statement]) -> Iterator[Found]:
    """C20. A share is printed as its part ÷ its whole rounded half up at the digits printed, neither cut
    off nor rounded otherwise.

    Tolerance: the rounding of part and whole.
    """
    for share in those(statements, Share):
        wholes = _wholes(share, statements)
        if wholes and all(_off(share, whole) != "" for whole, _ in wholes):
            for whole, source in wholes:
                if _off(share, whole) == "rounding":
                    exact = _percent(share.part.interval / whole.interval)
                    told = f"{share.part} of {whole} is {exact}, printed {share.share}"
                    yield Found(
                        f"{by(share)}: {share.what}: {told}",
                        (share.part, whole, share.share),
                        (share, source),
                    )


def _wholes(share: Share, statements: Sequence[Statement]) -> list[tuple[Figure, Statement]]:
    """What the share may be of, with who states it; nothing that may be zero, which has no shares."""
    if share.whole is not None:
        found: list[tuple[Figure, Statement]] = [(share.whole, share)]
    else:
        found = [
            (seen.value, seen)
            for seen in those(statements, Observation)
            if seen.metric == share.of and not seen.of and overlap(share.window, seen.window)
        ]
    return [(whole, source) for whole, source in found if whole.interval.low > 0]


def _off(share: Share, whole: Figure) -> str:
    """Whether a share is right (""), off by its last digit ("rounding"), or "wrong"."""
    exact = share.part.interval / whole.interval
    if share.share.interval.meets(exact):
        return ""
    return "rounding" if exact.gap(share.share.value) < share.share.step else "wrong"


def _percent(share: Interval) -> str:
    """A share for a person: one percentage, or the two that rounding leaves open."""
    low, high = f"{float(share.low):.2%}", f"{float(share.high):.2%}"
    return low if low == high else f"{low} to {high}"


# --- order ------------------------------------------------------------------------------------------------


def rankings_in_order(statements: Sequence[Statement]) -> Iterator[Found]:
    """C4. In a ranking every entry's figure is at most that of the entry before it (at least, if ascending).

    Tolerance: figures that round to the same print may stand in either order.
    """
    for ranking in those(statements, Ranking):
        for first, second in pairwise(ranking.entries):
            upper, lower = (first, second) if ranking.order == "descending" else (second, first)
            if lower.value.interval.above(upper.value.interval):
                yield Found(
                    f"{by(ranking)}: {ranking.what}: {first.name} with {first.value} stands before "
                    f"{second.name} with {second.value}, but the order is {ranking.order}",
                    (first.value, second.value),
                    (ranking,),
                )


# --- funnels ----------------------------------------------------------------------------------------------


def funnels_step_down(statements: Sequence[Statement]) -> Iterator[Found]:
    """C12. No step of a funnel has more users than the one before; a step's share is its users ÷ the first
    step's; a drop is (users before − users) ÷ the first step's users in points, ÷ users before where
    relative: of the counts, not of percentages already rounded. Users told to be in progress at the step
    before are not lost.

    Tolerance: the rounding of the share or drop as printed.
    """
    for funnel in those(statements, Funnel):
        for place, step in enumerate(funnel.steps):
            before = funnel.steps[place - 1] if place else None
            for message, figures in _step(funnel.steps[0], before, step):
                yield Found(f"{by(funnel)}: {funnel.what}: {step.name}: {message}", figures, (funnel,))


def _step(
    first: FunnelStep, before: FunnelStep | None, step: FunnelStep
) -> Iterable[tuple[str, tuple[Figure, ...]]]:
    users, whole = step.users.interval, first.users.interval
    if before is not None and users.above(before.users.interval):
        yield f"{step.users} users after {before.users}", (step.users, before.users)
    if whole.low <= 0:
        return
    if step.share is not None and not step.share.interval.meets(users / whole):
        yield (
            f"{step.users} of {first.users} is {_percent(users / whole)}, printed {step.share}",
            (step.users, first.users, step.share),
        )
    if step.drop is None or before is None or before.users.interval.low <= 0:
        return
    base = whole if step.drop_in == "points" else before.users.interval
    waiting = before.in_progress
    lost = (before.users.interval - users - (waiting.interval if waiting else Interval.exactly(0))) / base
    if not _size(step.drop).meets(lost):
        of = f"of {first.users}" if step.drop_in == "points" else f"of the {before.users} before"
        apart = f" without the {waiting} in progress" if waiting else ""
        yield (
            f"from {before.users} to {step.users}{apart} is a drop by {_percent(lost)} {of}, printed "
            f"{step.drop}",
            (before.users, step.users, step.drop),
        )


def _size(drop: Figure) -> Interval:
    """A drop's size: "−5%" and "5%" say the same of it."""
    return drop.model_copy(update={"value": abs(drop.value)}).interval
