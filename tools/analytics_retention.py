"""Retention: who is still there N calendar days after joining."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from postlaunch.sources.events import EventLog
from postlaunch.tools.definitions_analytics import on_day_retention, unbounded_retention
from postlaunch.tools.embedded_query import Row, Run
from postlaunch.tools.event_query import (
    EventSpans,
    UserParameters,
    complete_days,
    day_of,
    event_spans,
    figure,
    incomplete_from,
    no_events,
    of_this_zone,
    querying,
    ratio,
)
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings
from postlaunch.windows import Window


class RetentionParameters(UserParameters):
    """Whose retention, on which days."""

    days: tuple[Annotated[int, Field(ge=1, le=730)], ...] = Field(
        default=(1, 7, 30), min_length=1, max_length=12, description="Days after joining, e.g. [1, 7, 30]"
    )
    cohort: Window | None = Field(
        default=None,
        description=(
            "When the cohort joined; it is observed until the window's end. Default, for each N: users whose "
            "day N after joining lies in the window"
        ),
    )
    return_event: str | None = Field(
        default=None, description="Event that counts as being active; else any event does"
    )


@dataclass(frozen=True)
class _Cohort:
    """Users who joined from `first` to `last`, both included, asked about on day N."""

    n: int
    first: date
    last: date

    @property
    def joined(self) -> str:
        """When they joined, as a note says it."""
        return f"joined {self.first}" if self.first == self.last else f"joined {self.first} to {self.last}"


@REGISTRY.measurement("retention", source="events", parameters=RetentionParameters)
def retention(log: EventLog, parameters: RetentionParameters, limits: Limits) -> Readings:
    """Share of users who come back N calendar days after joining, on the very day and on any later one.

    A cohort too young for N is "not yet observable" in the notes, and has no figure.
    """
    spans = event_spans(log, parameters, limits)
    if parameters.cohort is not None:
        of_this_zone(log, parameters.cohort)
    if not spans.events:
        return no_events(log, spans)
    cohorts = _cohorts(log, spans.window, parameters)
    if not cohorts:
        return no_events(log, spans, "no complete day")
    earlier = _cohorts(log, spans.baseline, parameters) if spans.baseline and not parameters.cohort else ()
    with querying(log, limits) as run:
        now = _rows(run, cohorts, spans.window, parameters)
        before = _rows(run, earlier, spans.baseline, parameters) if earlier and spans.baseline else {}
    figures = tuple(
        reading
        for cohort in cohorts
        for reading in _figures(cohort, spans, now[cohort.n], before.get(cohort.n))
    )
    young = [why for cohort in cohorts if (why := _too_young(cohort, now[cohort.n]))]
    return Readings(
        readings=figures,
        reason="; ".join(young) if not figures else "",
        notes=(*spans.notes, *young, *_censored(log, cohorts, parameters)),
    )


def _cohorts(log: EventLog, window: Window, parameters: RetentionParameters) -> tuple[_Cohort, ...]:
    """Who is asked about, for each N."""
    numbers = sorted(set(parameters.days))
    if parameters.cohort is not None:
        zone = parameters.cohort.zone
        first = day_of(parameters.cohort.start, zone)
        last = day_of(parameters.cohort.observed_end - timedelta(microseconds=1), zone)
        return tuple(_Cohort(n, first, last) for n in numbers)
    days = complete_days(window, log.coverage)
    if days is None:
        return ()
    return tuple(_Cohort(n, days[0] - timedelta(days=n), days[1] - timedelta(days=n)) for n in numbers)


def _rows(
    run: Run, cohorts: tuple[_Cohort, ...], window: Window, parameters: RetentionParameters
) -> dict[int, Row]:
    """For each N how large the cohort is, how much of it is old enough, and who came back."""
    found = run(
        "retention",
        {
            "days": [cohort.n for cohort in cohorts],
            "firsts": [cohort.first for cohort in cohorts],
            "lasts": [cohort.last for cohort in cohorts],
            "earliest": min(cohort.first + timedelta(days=cohort.n) for cohort in cohorts),
            "incomplete": incomplete_from(window),
            "signup_event": parameters.signup_event,
            "visitor_events": list(parameters.visitor_events),
            "return_event": parameters.return_event,
        },
    )
    nobody: Row = {"cohort": 0, "mature": 0, "on_day": 0, "on_day_or_later": 0}
    return {cohort.n: nobody for cohort in cohorts} | {row["n"]: row for row in found}


def _figures(cohort: _Cohort, spans: EventSpans, now: Row, before: Row | None) -> Iterator[Reading]:
    note = cohort.joined
    if now["mature"] < now["cohort"]:
        note += f"; {now['cohort'] - now['mature']:,} of {now['cohort']:,} are too young and not counted"
    for definition, column in (
        (on_day_retention(cohort.n), "on_day"),
        (unbounded_retention(cohort.n), "on_day_or_later"),
    ):
        old = ratio(before[column], before["mature"]) if before else None
        yield from figure(definition, ratio(now[column], now["mature"]), spans, old, note=note)


def _too_young(cohort: _Cohort, now: Row) -> str:
    """Why there is no figure for a cohort, or nothing."""
    if now["mature"]:
        return ""
    if now["cohort"]:
        return (
            f"day {cohort.n}: not yet observable: none of the {now['cohort']:,} users who {cohort.joined} "
            f"has {cohort.n} complete days behind them"
        )
    return f"day {cohort.n}: not yet observable: nobody is known who {cohort.joined}"


def _censored(log: EventLog, cohorts: tuple[_Cohort, ...], parameters: RetentionParameters) -> Iterator[str]:
    """A user who was there before the events begin seems to join with them."""
    begun = day_of(log.coverage.first, log.zone)
    if not parameters.signup_event and any(cohort.first <= begun for cohort in cohorts):
        yield f"users join with their first event recorded, and the events begin {begun}: some joined earlier"
