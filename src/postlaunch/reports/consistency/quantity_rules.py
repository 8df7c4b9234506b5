"""Rules on one quantity stated more than once: C2, C6, C7, C13, C14."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import combinations, product

from postlaunch.reports.consistency.contradictions import Found
from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.intervals import Interval
from postlaunch.reports.consistency.plan_statements import Attempts
from postlaunch.reports.consistency.statements import (
    Observation,
    Statement,
    overlap,
    same_span,
    those,
    within,
)
from postlaunch.reports.consistency.wording import about, by
from postlaunch.windows import Window

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PEAK_SECONDS = 60
"""A peak rate is that of the busiest minute: requests of that minute ÷ 60."""


def totals_under_peaks(statements: Sequence[Statement]) -> Iterator[Found]:
    """C2. A peak rate is the busiest minute's. So a span holds at most peak × 60 for each minute it
    touches, and no mean rate is above the peak.

    Tolerance: the rounding of both; a span that begins or ends inside a minute touches that minute.
    """
    seen = those(statements, Observation)
    peaks = [figure for figure in seen if figure.statistic == "peak" and figure.per == "second"]
    for peak, figure in product(peaks, seen):
        if not _counted_in(figure, peak):
            continue
        if figure.statistic == "mean" and figure.value.interval.above(peak.value.interval):
            yield Found(
                f"{by(figure)} has {figure.value} {about(figure)}, above the peak of {peak.value} "
                f"of {by(peak)}",
                (figure.value, peak.value),
                (figure, peak),
            )
        if figure.statistic == "total" and figure.window is not None:
            minutes = _minutes_touched(figure.window)
            most = peak.value.interval * Interval.exactly(minutes * PEAK_SECONDS)
            if figure.value.interval.above(most):
                rate = float(figure.value.value) / (minutes * PEAK_SECONDS)
                yield Found(
                    f"{by(figure)} has {figure.value} {about(figure)}, {rate:,.1f} a second over {minutes} "
                    f"minutes, above the peak of {peak.value} in {by(peak)}",
                    (figure.value, peak.value),
                    (figure, peak),
                )


def _counted_in(figure: Observation, peak: Observation) -> bool:
    """Whether what is counted is all among what the peak is of."""
    if figure.metric != peak.metric or not peak.of.items() <= figure.of.items():
        return False
    if figure.statistic == "mean" and figure.per != "second":
        return False
    return peak.window is None or figure.window is None or within(figure.window, peak.window)


def _minutes_touched(window: Window) -> int:
    begin = (window.start - EPOCH).total_seconds() // PEAK_SECONDS
    end = -(-(window.observed_end - EPOCH).total_seconds() // PEAK_SECONDS)
    return int(end - begin)


def one_quantity_one_value(statements: Sequence[Statement]) -> Iterator[Found]:
    """C6. The same metric of the same population over the same span has one value, however often it is
    stated. Counted from other data, or as people decided since, it is another quantity.

    Tolerance: the rounding of both: "12.8K" and "12,847" agree.
    """
    for one, other in combinations(those(statements, Observation), 2):
        if _same_quantity(one, other) and not one.value.interval.meets(other.value.interval):
            yield Found(
                f"{by(one)} has {one.value} {about(one)}, {by(other)} {other.value}",
                (one.value, other.value),
                (one, other),
            )


def _same_quantity(one: Observation, other: Observation) -> bool:
    names = [
        (seen.metric, seen.of, seen.statistic, seen.per, seen.trailing_days, seen.value.unit)
        for seen in (one, other)
    ]
    bases = {seen.counted_from for seen in (one, other)} - {""}
    return names[0] == names[1] and len(bases) < 2 and same_span(one.window, other.window)


def rates_and_totals(statements: Sequence[Statement]) -> Iterator[Found]:
    """C7. A mean rate × the length of its span is the total of that span; no part of the span has more than
    all of it. A rate stated of the present, without a span, holds for every span compared.

    Tolerance: the rounding of both. A day is one of the calendar, a second a real one.
    """
    seen = those(statements, Observation)
    means = [figure for figure in seen if figure.statistic == "mean" and figure.per]
    totals = [figure for figure in seen if figure.statistic == "total" and figure.window is not None]
    for mean, whole in product(means, totals):
        if (mean.metric, mean.of, mean.trailing_days) != (whole.metric, whole.of, whole.trailing_days):
            continue
        assert whole.window is not None
        if same_span(mean.window, whole.window):
            expected = mean.value.interval * _length(whole.window, mean)
            if not expected.meets(whole.value.interval):
                rate = float(whole.value.value / _length(whole.window, mean).low)
                yield Found(
                    f"{by(mean)} has {mean.value} a {mean.per} of {about(whole)}, but the {whole.value} of "
                    f"{by(whole)} are {rate:,.1f} a {mean.per}",
                    (mean.value, whole.value),
                    (mean, whole),
                )
        elif mean.window is not None and within(whole.window, mean.window):
            most = mean.value.interval * _length(mean.window, mean)
            if whole.value.interval.above(most):
                yield Found(
                    f"{by(whole)} has {whole.value} {about(whole)}, more than {mean.value} a {mean.per} "
                    f"({by(mean)}) make in the whole span",
                    (mean.value, whole.value),
                    (mean, whole),
                )


def _length(window: Window, mean: Observation) -> Interval:
    """How many of the rate's periods the window has."""
    if mean.per == "second":
        span = window.observed_end - window.start
        return Interval.exactly(Fraction(span.total_seconds()))
    begin = window.local(window.start).replace(tzinfo=None)
    end = window.local(window.observed_end).replace(tzinfo=None)
    return Interval.exactly(Fraction((end - begin).total_seconds()) / 86_400)


def one_name_one_population(statements: Sequence[Statement]) -> Iterator[Found]:
    """C13. Figures of one title have one definition. Those active within a day are at most those active
    within a week or a month around it, and not as many: that would be all of them on every day, which a
    stickiness of 100 % would say, or two facts that were each measured. A few who come every day are no
    contradiction; one number written under two names is.

    Tolerance: the rounding of both.
    """
    seen = those(statements, Observation)
    for one, other in combinations(seen, 2):
        if _named_alike(one, other):
            yield Found(
                f'"{one.title}" is {one.value} in {by(one)} ({one.definition}), and {other.value} '
                f"in {by(other)} ({other.definition}): one name for two populations",
                (one.value, other.value),
                (one, other),
            )
    always = any(s.metric == "stickiness" and s.value.interval.holds(Fraction(1)) for s in seen)
    people = [figure for figure in seen if figure.trailing_days is not None]
    for shorter, longer in product(people, people):
        if not _nested_people(shorter, longer):
            continue
        as_many = (
            shorter.value.value == longer.value.value != 0
            and not always
            and not _each_measured(shorter.value, longer.value)
        )
        covered = shorter.window is None or longer.window is None or within(shorter.window, longer.window)
        if as_many or (covered and shorter.value.interval.above(longer.value.interval)):
            yield Found(
                f"{by(shorter)} has {shorter.value} {about(shorter)}, {by(longer)} {longer.value} "
                f"{about(longer)}: "
                f"{'the same number for two populations' if as_many else 'the longer time has fewer'}",
                (shorter.value, longer.value),
                (shorter, longer),
            )


def _named_alike(one: Observation, other: Observation) -> bool:
    if not one.title or one.title != other.title or not one.definition or not other.definition:
        return False
    return one.definition != other.definition


def _nested_people(shorter: Observation, longer: Observation) -> bool:
    """Whether both count the same people as active, one within a shorter time, over spans that overlap."""
    if shorter.trailing_days is None or longer.trailing_days is None:
        return False
    if (shorter.metric, shorter.of) != (
        longer.metric,
        longer.of,
    ) or shorter.trailing_days >= longer.trailing_days:
        return False
    if "peak" in (shorter.statistic, longer.statistic):
        return False
    return overlap(shorter.window, longer.window)


def _each_measured(one: Figure, other: Figure) -> bool:
    """Whether two figures are facts of their own, so that neither is the other one copied."""
    return bool(one.fact and other.fact) and one.fact != other.fact


def attempts_accounted_for(statements: Sequence[Statement]) -> Iterator[Found]:
    """C14. Every try succeeded or failed: tries − successes are no more than all failures that could be
    theirs; and no more succeed than try.

    Tolerance: the rounding of the three.
    """
    for attempts in those(statements, Attempts):
        tries, successes = attempts.tries.interval, attempts.successes.interval
        figures = (attempts.tries, attempts.successes, attempts.failures)
        if successes.above(tries):
            yield Found(
                f"{by(attempts)}: {attempts.what}: {attempts.successes} successes of {attempts.tries} tries",
                figures[:2],
                (attempts,),
            )
        elif (tries - successes).above(attempts.failures.interval):
            left = float(attempts.tries.value - attempts.successes.value - attempts.failures.value)
            yield Found(
                f"{by(attempts)}: {attempts.what}: of {attempts.tries} tries {attempts.successes} succeeded "
                f"and at most {attempts.failures} failed: {left:,.0f} are unexplained",
                figures,
                (attempts,),
            )
