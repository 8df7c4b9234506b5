"""Rules on time: growth (C5), dates (C8), uptime (C9), alerts (C10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise, product

from postlaunch.reports.consistency.contradictions import Found
from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.intervals import Interval, total
from postlaunch.reports.consistency.plan_statements import Experiment
from postlaunch.reports.consistency.statements import Change, Observation, Statement, those, within
from postlaunch.reports.consistency.time_statements import (
    AlertRule,
    Downtime,
    Firing,
    Growth,
    Lifetime,
    Observed,
    Projection,
    Retention,
    Span,
    Uptime,
)
from postlaunch.reports.consistency.wording import by, when
from postlaunch.windows import Window

ONE = Interval.exactly(1)
SECONDS = {
    "ms": Fraction(1, 1000),
    "minutes": Fraction(60),
    "hours": Fraction(3600),
    "days": Fraction(86_400),
}
LEAP_CYCLE_MONTHS = 48


def growth_carries_projections(statements: Sequence[Statement]) -> Iterator[Found]:
    """C5. A change is the difference of its two figures (÷ the size of the first, where relative); a
    projection is start × (1 + rate) ^ periods, with the rate of growth that it is based on.

    Tolerance: the rounding of all figures. Months are turned into weeks, and back, by the fewest and the most
    days that so many months in a row can have.
    """
    for change in those(statements, Change):
        yield from _change(change)
    for growth, projection in product(those(statements, Growth), those(statements, Projection)):
        if growth.metric != projection.basis:
            continue
        expected = projection.start.interval * _grown(growth, projection)
        if not expected.meets(projection.end.interval):
            horizon = f"{projection.horizon} {projection.unit}{'' if projection.horizon == 1 else 's'}"
            yield Found(
                f"{by(projection)}: {projection.what}: {projection.start} growing {growth.rate} "
                f"a {growth.per} ({by(growth)}) is {_range(expected)} in {horizon}, not {projection.end}",
                (projection.start, growth.rate, projection.end),
                (projection, growth),
            )


def _change(change: Change) -> Iterator[Found]:
    before, after, stated = change.before.interval, change.after.interval, change.change
    moved = after - before
    if stated.unit == "ratio":
        if before.low <= 0 <= before.high:
            return
        sign = Interval.exactly(-1 if before.high < 0 else 1)
        moved = moved / (before * sign)
    if not moved.meets(stated.interval):
        kind = "relative change" if stated.unit == "ratio" else "difference"
        yield Found(
            f"{by(change)}: {change.what}: {stated} is not the {kind} from {change.before} to {change.after}",
            (change.before, change.after, stated),
            (change,),
        )


def _grown(growth: Growth, projection: Projection) -> Interval:
    """What the projection's start is multiplied by."""
    factor = ONE + growth.rate.interval
    low, high = _periods(projection.horizon, projection.unit, growth.per)
    ends = [float(end) ** periods for end in (factor.low, factor.high) for periods in (low, high)]
    return Interval(Fraction(min(ends)), Fraction(max(ends)))


def _periods(number: int, unit: str, per: str) -> tuple[float, float]:
    """So many weeks or months in the periods of the growth: the fewest and the most."""
    if unit == per:
        return number, number
    if unit == "month":
        least, most = days_of_months(number)
        return least / 7, most / 7
    days, months = number * 7, 1
    while days_of_months(months)[1] < days:
        months += 1
    least, most = days_of_months(months)
    return months * days / most, months * days / least


def days_of_months(number: int) -> tuple[int, int]:
    """The fewest and the most days that so many months in a row have: 3 → (89, 92)."""
    firsts = [date(2000 + month // 12, month % 12 + 1, 1) for month in range(LEAP_CYCLE_MONTHS + number)]
    spans = [(last - first).days for first, last in zip(firsts, firsts[number:], strict=False)]
    return min(spans), max(spans)


def _range(values: Interval) -> str:
    return f"{float(values.low):,.0f} to {float(values.high):,.0f}"


# --- dates ------------------------------------------------------------------------------------------------


def dates_in_order(statements: Sequence[Statement]) -> Iterator[Found]:
    """C8. Nothing was observed before the application was live, and nobody came back N days later until N
    days after that. What began ends later, lasts as long as lies between, passes its steps in order, and
    begins in the window that it is reported for.

    Tolerance: none on dates; a length may be off by its rounding and by that of the two moments.
    """
    for lifetime, statement in product(those(statements, Lifetime), statements):
        yield from _before_life(lifetime, statement)
    for span in those(statements, Span):
        for message in _span(span):
            yield Found(f"{by(span)}: {span.what} {message}", (span.length,) if span.length else (), (span,))


def _before_life(lifetime: Lifetime, statement: Statement) -> Iterator[Found]:
    live = lifetime.live_since
    message = ""
    if isinstance(statement, Retention):
        if statement.known_at - live < timedelta(days=statement.day):
            message = (
                f"day-{statement.day} retention of {statement.value} was known on "
                f"{statement.known_at:%Y-%m-%d}, {(statement.known_at - live).days} days after"
            )
    elif statement.window is not None and not isinstance(statement, Lifetime):
        whole_run = isinstance(statement, (Observed, Experiment))
        if statement.window.observed_end <= live or (whole_run and statement.window.start < live):
            message = f"{_subject(statement)} is stated for {when(statement)}, before"
    if message:
        yield Found(
            f"{by(statement)}: {message} the application was live ({live:%Y-%m-%d}, {by(lifetime)})",
            (),
            (statement, lifetime),
        )


def _subject(statement: Statement) -> str:
    """What a statement is about, in a few words."""
    match statement:
        case Observed() | Experiment() | Change():
            return statement.what
        case Observation():
            return f"{statement.value} {statement.metric.replace('_', ' ')}"
        case _:
            return f"a {type(statement).__name__.lower()}"


def _span(span: Span) -> Iterator[str]:
    if span.end < span.start:
        yield f"ends at {_clock(span.end)}, before it starts at {_clock(span.start)}"
        return
    if span.length is not None:
        elapsed = Fraction((span.end - span.start).total_seconds())
        slack = Fraction(span.resolution)
        possible = Interval(elapsed - slack, elapsed + slack, low_open=slack > 0, high_open=slack > 0)
        stated = span.length.interval * Interval.exactly(SECONDS[span.length.unit])
        if not stated.meets(possible):
            yield (
                f"from {_clock(span.start)} to {_clock(span.end)} is {float(elapsed) / 60:,.1f} min, "
                f"not {span.length}"
            )
    for earlier, later in pairwise((span.start, *span.steps, span.end)):
        if later < earlier:
            yield f"has {_clock(later)} after {_clock(earlier)}"
    if span.window is not None and not _begins_in(span, span.window):
        yield f"starts at {_clock(span.start)}, outside {when(span)}"


def _begins_in(span: Span, window: Window) -> bool:
    return window.start <= span.start < window.observed_end


def _clock(moment: object) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


# --- uptime and alerts ------------------------------------------------------------------------------------


def uptime_is_what_downtime_leaves(statements: Sequence[Statement]) -> Iterator[Found]:
    """C9. The minutes that an uptime leaves down, (1 − uptime) × minutes, are those listed as downtime; no
    downtime counted within the window, in any report, is longer.

    Tolerance: the rounding of uptime and of every length.
    """
    uptimes = those(statements, Uptime)
    for uptime in uptimes:
        down = _down(uptime)
        if uptime.down is None or total(part.interval for part in uptime.down).meets(down):
            continue
        listed = " + ".join(map(str, uptime.down)) or "none"
        yield Found(
            f"{by(uptime)}: an uptime of {uptime.value} of {uptime.minutes} leaves {_minutes(down)} down, "
            f"listed: {listed}",
            (uptime.value, *uptime.down),
            (uptime,),
        )
    for uptime, spell in product(uptimes, those(statements, Downtime)):
        inside = uptime.window is None or spell.window is None or within(spell.window, uptime.window)
        if inside and spell.minutes.interval.above(_down(uptime)):
            yield Found(
                f"{by(spell)} counts {spell.what} as {spell.minutes} down, but the uptime of {uptime.value} "
                f"in {by(uptime)} leaves {_minutes(_down(uptime))}",
                (spell.minutes, uptime.value),
                (spell, uptime),
            )


def _down(uptime: Uptime) -> Interval:
    return (ONE - uptime.value.interval) * uptime.minutes.interval


def _minutes(down: Interval) -> str:
    low, high = f"{max(0.0, float(down.low)):,.1f}", f"{float(down.high):,.1f}"
    return f"{low} min" if low == high else f"{low} to {high} min"


def alerts_can_have_fired(statements: Sequence[Statement]) -> Iterator[Found]:
    """C10. An alert fires only when the figure was beyond its threshold, and not before it was so for as
    long as the rule says.

    Tolerance: the rounding of threshold, figure and minutes.
    """
    for rule, firing in product(those(statements, AlertRule), those(statements, Firing)):
        if rule.name != firing.alert:
            continue
        if _never_beyond(rule, firing.extreme):
            yield Found(
                f"{by(firing)}: {rule.name} fired, but the figure was at most {firing.extreme} and the rule "
                f"({by(rule)}) needs {rule.fires} {rule.threshold}",
                (firing.extreme, rule.threshold),
                (firing, rule),
            )
        if rule.lasting.interval.above(firing.after.interval):
            yield Found(
                f"{by(firing)}: {rule.name} fired after {firing.after}, but the rule ({by(rule)}) needs "
                f"{rule.lasting}",
                (firing.after, rule.lasting),
                (firing, rule),
            )


def _never_beyond(rule: AlertRule, extreme: Figure) -> bool:
    if rule.fires == "above":
        return rule.threshold.interval.above(extreme.interval)
    return extreme.interval.above(rule.threshold.interval)
