"""What an incident did to requests and users: how much load, how many people, how much of what is allowed.

All measured over the source "requests"; the span itself is found by `incident_spans`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from pydantic import Field

from postlaunch.printing import value_text
from postlaunch.sources.requests import RequestLog
from postlaunch.tools import definitions_incidents as definitions
from postlaunch.tools.incident_spans import ENTITY
from postlaunch.tools.measurement import REGISTRY, Limits, Parameters, Reading, Readings, WindowParameters
from postlaunch.tools.request_availability import RULE
from postlaunch.tools.request_query import (
    Figure,
    Row,
    amount,
    count,
    measured,
    nothing,
    rows,
    share,
    spans_of,
)
from postlaunch.windows import Window

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
SIX_HOURS = timedelta(hours=6)

LOAD = (
    Figure(definitions.INCIDENT_PEAK_REQUESTS, amount("peak_per_second", of="requests")),
    Figure(definitions.INCIDENT_PEAK_USERS, amount("peak_users", of="with_user")),
    Figure(definitions.EARLIER_PEAK_REQUESTS, amount("earlier_per_second", of="earlier")),
    Figure(definitions.HOUR_BEFORE_PEAK_REQUESTS, amount("hour_before_per_second", of="hour_before")),
)
USERS = (
    Figure(definitions.INCIDENT_ACTIVE_USERS, amount("users", of="with_user")),
    Figure(definitions.INCIDENT_WEEK_USERS, amount("week_users", of="week_with_user")),
)
ALLOWANCE = (
    Figure(definitions.ALLOWANCE_REQUESTS, count("requests")),
    Figure(definitions.ALLOWANCE_FAILED, amount("failed", of="requests")),
    Figure(definitions.ALLOWANCE_DOWN, amount("down", of="minutes")),
    Figure(definitions.ALLOWANCE_COVERED, share("minutes", "recorded")),
)


class IncidentParameters(Parameters):
    """Which incident: its span."""

    window: Window = Field(description="The incident's span")


class AllowanceParameters(IncidentParameters):
    """Over how many days the objective holds."""

    days: float = Field(default=30, gt=0, le=366, description="Days of the objective's window")


class BurnRateParameters(IncidentParameters):
    """What the objective allows."""

    allowed: float = Field(gt=0, le=1, description="Share of requests that may fail: 0.001 for 99.9 %")


@REGISTRY.measurement("incident_load", source="requests", parameters=IncidentParameters, for_model=False)
def incident_load(log: RequestLog, parameters: IncidentParameters, limits: Limits) -> Readings:
    """The busiest minute of an incident, in requests and in users; the busiest of the days and of the hour
    before.
    """
    spans = spans_of(log, WindowParameters(window=parameters.window), limits)
    if not spans.requests:
        return nothing(log, spans)
    minutes = rows(log, "request_spans", spans.window, limits, minutes=1)
    before = _between(spans.window, WEEK, HOUR)
    earlier = rows(log, "busiest_minute", before, limits)[0]
    hour = rows(log, "busiest_minute", _between(spans.window, HOUR, timedelta(0)), limits)[0]
    row: Row = {
        "requests": spans.requests,
        "peak_per_second": max(minute["requests"] for minute in minutes) / 60,
        "with_user": sum(minute["users"] for minute in minutes),
        "peak_users": max(minute["users"] for minute in minutes),
        "earlier": earlier["requests"],
        "earlier_per_second": earlier["busiest"] / 60,
        "hour_before": hour["requests"],
        "hour_before_per_second": hour["busiest"] / 60,
    }
    reaches = "" if log.coverage.begins_by(before.start) else "the log does not reach back so far"
    notes = {definitions.EARLIER_PEAK_REQUESTS.name: reaches}
    return Readings(readings=tuple(measured(LOAD, spans, row, entity=ENTITY, notes=notes)), notes=spans.notes)


def _between(window: Window, earliest: timedelta, latest: timedelta) -> Window:
    """From so long before a window's start until so long before it."""
    return Window(start=window.start - earliest, end=window.start - latest, zone=window.zone)


@REGISTRY.measurement("incident_users", source="requests", parameters=IncidentParameters, for_model=False)
def incident_users(log: RequestLog, parameters: IncidentParameters, limits: Limits) -> Readings:
    """How many users were active in an incident, and in the seven days up to its end."""
    spans = spans_of(log, WindowParameters(window=parameters.window), limits)
    if not spans.requests:
        return nothing(log, spans)
    if not log.coverage.has_user:
        return Readings(
            reason="the log has no user field, and client addresses are not users", notes=spans.notes
        )
    end = spans.window.observed_end
    week = Window(start=end - WEEK, end=end, zone=spans.window.zone)
    inside, during = rows(log, "incident_users", week, limits)[0], _users(log, spans.window, limits)
    row: Row = {**during, "week_users": inside["users"], "week_with_user": inside["with_user"]}
    reaches = "" if log.coverage.begins_by(week.start) else "the log does not reach back so far"
    notes = {definitions.INCIDENT_WEEK_USERS.name: reaches}
    return Readings(
        readings=tuple(measured(USERS, spans, row, entity=ENTITY, notes=notes)), notes=spans.notes
    )


def _users(log: RequestLog, window: Window, limits: Limits) -> Row:
    return rows(log, "incident_users", window, limits)[0]


@REGISTRY.measurement(
    "incident_allowance", source="requests", parameters=AllowanceParameters, for_model=False
)
def incident_allowance(log: RequestLog, parameters: AllowanceParameters, limits: Limits) -> Readings:
    """What failed, and was down, over the objective's whole window up to the incident's end: an error budget
    is cumulative.
    """
    end = log.coverage.observed(parameters.window).observed_end
    whole = Window(start=end - timedelta(days=parameters.days), end=end, zone=parameters.window.zone)
    spans = spans_of(log, WindowParameters(window=whole), limits)
    if not spans.requests:
        return nothing(log, spans)
    totals = rows(log, "incident", spans.window, limits)[0]
    minutes = rows(log, "minutes", spans.window, limits, **RULE)[0]
    recorded = (end - max(log.coverage.first, whole.start)) / timedelta(minutes=1)
    row = {
        **minutes,
        "requests": totals["requests"],
        "failed": totals["failed"],
        "recorded": max(minutes["minutes"], round(recorded)),
    }
    note = ""
    if not log.coverage.begins_by(whole.start):
        days = (end - max(log.coverage.first, whole.start)).total_seconds() / 86_400
        note = f"lower bound: the log reaches back {value_text(days, 'days')} of {parameters.days:g}"
    notes = {figure.definition.name: note for figure in ALLOWANCE}
    return Readings(
        readings=tuple(measured(ALLOWANCE, spans, row, entity=ENTITY, notes=notes)), notes=spans.notes
    )


@REGISTRY.measurement("incident_burn_rate", source="requests", parameters=BurnRateParameters, for_model=False)
def incident_burn_rate(log: RequestLog, parameters: BurnRateParameters, limits: Limits) -> Readings:
    """How many times faster than allowed requests failed, at worst: over an hour and 5 minutes, and over 6
    hours and 30 minutes.
    """
    spans = spans_of(log, WindowParameters(window=parameters.window), limits)
    if not spans.requests:
        return nothing(log, spans)
    with_past = Window(
        start=spans.window.start - SIX_HOURS, end=spans.window.observed_end, zone=spans.window.zone
    )
    minutes = rows(log, "request_spans", with_past, limits, minutes=1)
    first = int(spans.window.start.timestamp() // 60)
    last = int(-(-spans.window.observed_end.timestamp() // 60))
    failing = _Failing(minutes, first - 6 * 60, last)
    readings = [
        Reading(
            definition=definition,
            value=max(
                min(failing.share(minute, long), failing.share(minute, short))
                for minute in range(first + 1, last + 1)
            )
            / parameters.allowed,
            n=spans.requests,
            window=spans.window,
            entity=ENTITY,
        )
        for definition, long, short in (
            (definitions.BURN_RATE_HOUR, 60, 5),
            (definitions.BURN_RATE_SIX_HOURS, 360, 30),
        )
    ]
    return Readings(readings=tuple(readings), notes=spans.notes)


class _Failing:
    """Running totals of requests and failures, from minute to minute."""

    def __init__(self, minutes: Sequence[Row], first: int, last: int) -> None:
        counts = {row["minute"]: (row["requests"], row["failed"]) for row in minutes}
        self._first = first
        self._totals = [(0, 0)]
        for minute in range(first, last):
            requests, failed = counts.get(minute, (0, 0))
            known = self._totals[-1]
            self._totals.append((known[0] + requests, known[1] + failed))

    def share(self, until: int, minutes: int) -> float:
        """Failed ÷ all requests of the minutes before `until`; 0 where there are none."""
        begin, end = max(until - minutes - self._first, 0), until - self._first
        requests = self._totals[end][0] - self._totals[begin][0]
        failed = self._totals[end][1] - self._totals[begin][1]
        return failed / requests if requests else 0.0
