"""The span of one incident in the requests: when it began and ended, what failed in it, minute by minute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic import Field

from postlaunch.sources.requests import RequestLog
from postlaunch.tools import definitions_incidents as definitions
from postlaunch.tools import definitions_requests
from postlaunch.tools.error_spells import Span, Spell, error_spells, span_minutes
from postlaunch.tools.measurement import REGISTRY, Limits, Parameters, Reading, Readings, WindowParameters
from postlaunch.tools.request_availability import LEAST_COVERAGE, RULE
from postlaunch.tools.request_query import (
    Figure,
    Row,
    amount,
    count,
    kept,
    measured,
    minutes_in,
    nothing,
    rows,
    share,
    spans_of,
)
from postlaunch.windows import Moment, Window

ENTITY = "application"
"""What the figures of the span are of: the whole application, which a sentence need not name."""

NEAR = timedelta(minutes=30)
"""How far from the moment stated a spell may be and still be the one that is meant."""

FLAPPING = timedelta(minutes=15)
"""Spells at most so far apart are one incident that came and went."""

SPAN = (
    Figure(definitions_requests.INCIDENT_START, amount("began", of="requests")),
    Figure(definitions.INCIDENT_END, amount("ended", of="requests")),
    Figure(definitions_requests.INCIDENT_MINUTES, amount("minutes", of="requests")),
    Figure(definitions_requests.INCIDENT_FAILED_REQUESTS, count("failed")),
    Figure(definitions_requests.INCIDENT_REQUESTS, count("requests")),
    Figure(definitions_requests.INCIDENT_ERROR_RATE, share("failed", "requests")),
    Figure(definitions.INCIDENT_PEAK_ERROR_RATE, share("worst_failed", "worst_requests")),
    Figure(definitions.INCIDENT_WORST_MINUTE, amount("worst", of="worst_requests")),
    Figure(definitions.INCIDENT_DOWN_MINUTES, amount("down", of="minutes")),
    Figure(definitions_requests.INCIDENT_USERS, amount("users", of="with_user")),
)


class IncidentSpanParameters(Parameters):
    """Where to look, and for what."""

    window: Window = Field(description="The span searched, with ordinary hours in it to compare with")
    start: Moment | None = Field(default=None, description="When it is said to have begun; empty: the worst")
    end: Moment | None = Field(default=None, description="When it is said to have ended")


@REGISTRY.measurement("incident_span", source="requests", parameters=IncidentSpanParameters, for_model=False)
def incident_span(log: RequestLog, parameters: IncidentSpanParameters, limits: Limits) -> Readings:
    """The span in which requests failed far more often than usual, at or near the moment stated.

    `incidents` counts such spells in the window searched; without the others it says that none is the one.
    """
    spans = spans_of(log, WindowParameters(window=parameters.window), limits)
    if not spans.requests:
        return nothing(log, spans)
    found = spells_in(log, spans.window, spans.requests, limits)
    number = Reading(
        definition=definitions_requests.INCIDENTS, value=len(found), n=spans.requests, window=spans.window
    )
    meant = meant_by(found, parameters.start, parameters.end)
    if not meant:
        return Readings(readings=(number,), notes=spans.notes)
    whole = Spell(meant[0].start, meant[-1].end)
    row = _row(log, part_of(spans.window, whole), whole, limits)
    notes = spans.notes
    if len(meant) > 1:
        notes += (f"it came and went: {len(meant)} spells of failures, counted as one incident",)
    return Readings(readings=(number, *measured(SPAN, spans, row, entity=ENTITY)), notes=notes)


def spells_in(log: RequestLog, window: Window, requests: int, limits: Limits) -> tuple[Spell, ...]:
    """The spells of elevated errors in a window with so many requests, by the rule of `error_spells`."""
    length = span_minutes(requests, minutes_in(window))
    minutes = [Span(**row) for row in rows(log, "failing_spans", window, limits, minutes=1)]
    failing = minutes
    if length > 1:
        failing = [Span(**row) for row in rows(log, "failing_spans", window, limits, minutes=length)]
    return error_spells(failing, minutes, requests, length, -(-minutes_in(window) // length))


def meant_by(spells: Sequence[Spell], start: datetime | None, end: datetime | None) -> tuple[Spell, ...]:
    """The spells that are the incident stated: those that overlap it, with those close by; without a
    statement the longest. None where the nearest is more than half an hour away.
    """
    if not spells:
        return ()
    if start is None:
        return _with_neighbours(spells, max(spells, key=lambda spell: spell.end - spell.start))
    first, last = _minute(start), max(_minute(end or start), _minute(start))
    inside = [spell for spell in spells if spell.start <= last and spell.end > first]
    if inside:
        return tuple(
            dict.fromkeys(
                sorted(
                    (near for spell in inside for near in _with_neighbours(spells, spell)),
                    key=lambda spell: spell.start,
                )
            )
        )
    nearest = min(spells, key=lambda spell: _distance(spell, first, last))
    if _distance(nearest, first, last) > NEAR.total_seconds() / 60:
        return ()
    return _with_neighbours(spells, nearest)


def _with_neighbours(spells: Sequence[Spell], chosen: Spell) -> tuple[Spell, ...]:
    """A spell with those before and after it that follow one another within minutes."""
    place = spells.index(chosen)
    first = last = place
    gap = FLAPPING.total_seconds() / 60
    while first > 0 and spells[first].start - spells[first - 1].end <= gap:
        first -= 1
    while last + 1 < len(spells) and spells[last + 1].start - spells[last].end <= gap:
        last += 1
    return tuple(spells[first : last + 1])


def _distance(spell: Spell, first: float, last: float) -> float:
    return max(spell.start - last, first - spell.end, 0.0)


def _minute(moment: datetime) -> float:
    return moment.timestamp() / 60


def part_of(window: Window, spell: Spell) -> Window:
    """A spell as a window, inside the one that was searched."""
    epoch = datetime.fromtimestamp(0, UTC)
    start = max(epoch + timedelta(minutes=spell.start), window.start)
    end = min(epoch + timedelta(minutes=spell.end), window.observed_end)
    return Window(start=start, end=end, zone=window.zone)


def _row(log: RequestLog, part: Window, spell: Spell, limits: Limits) -> Row:
    """Everything that `SPAN` prints of a spell."""
    minutes = rows(log, "request_spans", part, limits, minutes=1)
    busy = [row for row in minutes if row["requests"] >= RULE["least"]]
    told = len(minutes) >= LEAST_COVERAGE * (spell.end - spell.start)
    worst = max(busy, key=lambda row: row["failed"] / row["requests"], default=None)
    return {
        **rows(log, "incident", part, limits)[0],
        "began": spell.start * 60,
        "ended": spell.end * 60,
        "minutes": spell.end - spell.start,
        "down": sum(row["failed"] >= RULE["share"] * row["requests"] for row in busy) if told else None,
        "worst": worst["minute"] * 60 if worst else None,
        "worst_failed": worst["failed"] if worst else 0,
        "worst_requests": worst["requests"] if worst else 0,
    }


# --- minute by minute -------------------------------------------------------------------------------------

MINUTE = (
    Figure(definitions.MINUTE_REQUESTS, count("requests")),
    Figure(definitions.MINUTE_ERROR_RATE, share("failed", "requests")),
)


class RequestsByMinuteParameters(Parameters):
    """Which minutes, and how many of them to a point."""

    window: Window = Field(description="The span measured")
    minutes: int = Field(default=1, ge=1, le=60, description="Minutes counted together")


@REGISTRY.measurement("requests_by_minute", source="requests", parameters=RequestsByMinuteParameters)
def requests_by_minute(log: RequestLog, parameters: RequestsByMinuteParameters, limits: Limits) -> Readings:
    """Requests and error rate from minute to minute, or in spans of so many minutes."""
    spans = spans_of(log, WindowParameters(window=parameters.window), limits)
    if not spans.requests:
        return nothing(log, spans)
    found = rows(log, "request_spans", spans.window, limits, minutes=parameters.minutes)
    listed, cut = kept(found, limits.rows, "times")
    return Readings(
        readings=tuple(
            reading
            for row in listed
            for reading in measured(MINUTE, spans, row, entity=clock_name(spans.window, row["minute"]))
        ),
        notes=spans.notes + cut,
    )


def clock_name(window: Window, minute: int) -> str:
    """A minute on the clock of the window's zone, with the day where the window has several, and with the
    zone where the clock is put back in it: "14:15", "2025-11-18 14:15", "01:15 PDT".
    """
    local = window.local(datetime.fromtimestamp(minute * 60, UTC))
    first, last = window.local(window.start), window.local(window.observed_end - timedelta(microseconds=1))
    day = "" if first.date() == last.date() else f"{local:%Y-%m-%d} "
    zone = "" if first.utcoffset() == last.utcoffset() else f" {local:%Z}"
    return f"{day}{local:%H:%M}{zone}"
