"""When do errors rise beyond chance? The rule behind "incident", apart from where the counts come from.

Requests are counted in spans of 1, 5, 15 or 60 minutes: the shortest in which the log has 20 requests on
average. The usual error rate is estimated from the spans that are not elevated (starting from the better half
of the requests), so that an incident does not raise the bar it is measured by. A span is elevated when it
has at least 5 failures, a rate above max(5 × usual, 0.1 %) (never more than 50 %), and so many failures would
come up by chance in fewer than one of a thousand whole windows (Poisson tail, Bonferroni over the spans).
Elevated spans at most 5 minutes (or one span) apart are one spell, together with the spans that touch it and
are above the rate; it needs 10 failures. It is then narrowed to the minute: from the first to the last minute
in it whose failures chance would bring up less than once in a hundred such minutes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LENGTHS = (1, 5, 15, 60)
REQUESTS_PER_SPAN = 20
LEAST_IN_SPAN = 5
LEAST_IN_SPELL = 10
TIMES_USUAL = 5
LEAST_RATE = 0.001
DOWN_RATE = 0.5
FALSE_ALARMS = 0.001
MINUTE_ALARMS = 0.01
GAP_MINUTES = 5
ROUNDS = 20


@dataclass(frozen=True)
class Span:
    """Requests and failures of one span; `minute` counts from 1970."""

    minute: int
    requests: int
    failed: int

    @property
    def rate(self) -> float:
        """Failures ÷ requests."""
        return self.failed / self.requests


@dataclass(frozen=True)
class Spell:
    """From the start of the first elevated span to the end of the last, in minutes from 1970."""

    start: int
    end: int


def span_minutes(requests: int, minutes: float) -> int:
    """The shortest span in which so many requests in so many minutes give enough on average."""
    per_minute = requests / minutes
    return next((n for n in LENGTHS if per_minute * n >= REQUESTS_PER_SPAN), LENGTHS[-1])


def poisson_tail(at_least: int, expected: float) -> float:
    """P(X ≥ at_least) of a Poisson variable; summed until the terms no longer count."""
    if at_least <= expected:
        return 1.0
    term = math.exp(at_least * math.log(expected) - expected - math.lgamma(at_least + 1))
    total = 0.0
    place = at_least
    while term > total * 1e-12:
        total += term
        place += 1
        term *= expected / place
    return min(total, 1.0)


def error_spells(
    failing: Sequence[Span], minutes: Sequence[Span], requests: int, length: int, spans: int
) -> tuple[Spell, ...]:
    """The spells of elevated errors, oldest first.

    Args:
        failing: every span with a failure, in order of time.
        minutes: every minute with a failure, in order of time.
        requests: of the whole window.
        length: of a span, in minutes.
        spans: how many spans the window has.
    """
    elevated, usual = _elevated_spans(failing, requests, spans)
    touching = {span.minute for span in failing if span.rate > _bar(usual)}
    spells = _merged(sorted(_grown(elevated, touching, length)), length)
    narrow = (_narrowed([minute for minute in minutes if _inside(minute, spell)], usual) for spell in spells)
    return tuple(
        spell
        for spell in narrow
        if sum(minute.failed for minute in minutes if _inside(minute, spell)) >= LEAST_IN_SPELL
    )


def _elevated_spans(failing: Sequence[Span], requests: int, spans: int) -> tuple[set[int], float]:
    """The starts of the elevated spans, and the usual error rate of the others."""
    usual = _rate_of_better_half(failing, requests)
    elevated: set[int] = set()
    for _ in range(ROUNDS):
        again = {span.minute for span in failing if _elevated(span, usual, spans)}
        if again == elevated:
            break
        elevated = again
        usual = _rate(
            sum(span.failed for span in failing if span.minute not in elevated),
            requests - sum(span.requests for span in failing if span.minute in elevated),
        )
    return elevated, usual


def _inside(span: Span, spell: Spell) -> bool:
    return spell.start <= span.minute < spell.end


def _narrowed(minutes: Sequence[Span], usual: float) -> Spell:
    """From the first to the last of these minutes that chance does not explain; all of them if it does."""
    telling = [
        minute
        for minute in minutes
        if minute.rate > _bar(usual) and poisson_tail(minute.failed, minute.requests * usual) <= MINUTE_ALARMS
    ]
    first, last = (telling or minutes)[0], (telling or minutes)[-1]
    return Spell(first.minute, last.minute + 1)


def _rate(failed: int, requests: int) -> float:
    """Failures ÷ requests with one more of each: never zero, and cautious when there are few."""
    return (failed + 1) / (requests + 1)


def _bar(usual: float) -> float:
    """The rate above which a span may be elevated."""
    return min(max(TIMES_USUAL * usual, LEAST_RATE), DOWN_RATE)


def _elevated(span: Span, usual: float, spans: int) -> bool:
    if span.failed < LEAST_IN_SPAN or span.rate <= _bar(usual):
        return False
    return poisson_tail(span.failed, span.requests * usual) <= FALSE_ALARMS / spans


def _rate_of_better_half(failing: Sequence[Span], requests: int) -> float:
    """The error rate of the half of the requests that fell into the spans with the lowest rates."""
    counted = requests - sum(span.requests for span in failing)
    failed = 0
    for span in sorted(failing, key=lambda item: item.rate):
        if counted * 2 >= requests:
            break
        counted += span.requests
        failed += span.failed
    return _rate(failed, counted)


def _grown(elevated: set[int], touching: set[int], length: int) -> set[int]:
    """The elevated spans and the unbroken rows of spans above the rate on either side of them."""
    grown = set(elevated)
    for step in (-length, length):
        for minute in elevated:
            neighbour = minute + step
            while neighbour in touching and neighbour not in grown:
                grown.add(neighbour)
                neighbour += step
    return grown


def _merged(minutes: Sequence[int], length: int) -> list[Spell]:
    spells: list[Spell] = []
    for minute in minutes:
        if spells and minute - spells[-1].end <= max(GAP_MINUTES, length):
            spells[-1] = Spell(spells[-1].start, minute + length)
        else:
            spells.append(Spell(minute, minute + length))
    return spells
