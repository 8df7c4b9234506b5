"""How many users there are: in all, new, and active by day, week and month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from postlaunch.sources.events import EventLog
from postlaunch.tools import definitions_analytics as definitions
from postlaunch.tools.embedded_query import Row, Run
from postlaunch.tools.event_query import (
    NO_USERS,
    ActivityParameters,
    EventSpans,
    UserParameters,
    complete_days,
    day_of,
    event_spans,
    figure,
    no_events,
    querying,
    ratio,
    span_of,
    start_of,
)
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings
from postlaunch.tools.request_query import Value, kept
from postlaunch.windows import Window

HISTORY = timedelta(days=7)
"""How long before a window the events must begin for a user not seen in them to be taken for a new one."""

WEEK, MONTH = 7, 30


@REGISTRY.measurement("user_growth", source="events", parameters=UserParameters)
def user_growth(log: EventLog, parameters: UserParameters, limits: Limits) -> Readings:
    """Total users at the window's end, users who joined in it, and the growth of the total over it."""
    spans = event_spans(log, parameters, limits)
    if not spans.events:
        return no_events(log, spans)
    with querying(log, limits) as run:
        now = _growth(run, spans.window, parameters)
        before = _growth(run, spans.baseline, parameters) if spans.baseline else None
    if not now["total"]:
        event = parameters.signup_event
        return no_events(log, spans, f'no user with the event "{event}"' if event else NO_USERS)
    figures = list(_total(spans, now, before))
    why = "" if parameters.signup_event else _unknown(log, spans.window)
    if why:
        return Readings(readings=tuple(figures), notes=(*spans.notes, why))
    if before and not parameters.signup_event and spans.baseline and _unknown(log, spans.baseline):
        before = None
    figures += _joined(spans, now, before)
    return Readings(readings=tuple(figures), notes=(*spans.notes, *_growth_notes(log, parameters, now)))


def _growth(run: Run, window: Window, parameters: UserParameters) -> Row:
    people = {"signup_event": parameters.signup_event, "visitor_events": list(parameters.visitor_events)}
    return run("growth", {**span_of(window), **people})[0]


def _total(spans: EventSpans, now: Row, before: Row | None) -> Iterator[Reading]:
    old = (before["total"], before["total"]) if before else None
    yield from figure(definitions.TOTAL_USERS, (now["total"], now["total"]), spans, old)


def _joined(spans: EventSpans, now: Row, before: Row | None) -> Iterator[Reading]:
    old = (before["joined"], before["joined"]) if before else None
    yield from figure(definitions.NEW_USERS, (now["joined"], now["joined"]), spans, old)
    yield from figure(
        definitions.USER_GROWTH, _growth_value(now), spans, _growth_value(before) if before else None
    )


def _growth_value(row: Row) -> Value:
    """New users over those there were before; no value where there were none."""
    return ratio(row["joined"], row["total"] - row["joined"])


def _unknown(log: EventLog, window: Window) -> str:
    """Why it is not known who is new, or nothing."""
    if log.coverage.first <= window.start - HISTORY:
        return ""
    return (
        "new users and growth are not available: the events begin less than 7 days before the window, so who "
        "is new is not known; name the sign-up event"
    )


def _growth_notes(log: EventLog, parameters: UserParameters, now: Row) -> Iterator[str]:
    if now["total"] == now["joined"]:
        yield "growth is not available: no user is known from before the window"
    if not parameters.signup_event:
        yield f"a user is new at the first event recorded; the events begin {_begun(log)}"
    if now["earlier"]:
        yield (
            f"{now['earlier']:,} of the users never signed up in the events, which begin {_begun(log)}: they "
            "are taken to have joined before"
        )


def _begun(log: EventLog) -> date:
    return day_of(log.coverage.first, log.zone)


# --- active users -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Active:
    """What is known of active users up to a day; None where the events do not reach back far enough."""

    daily: Value
    weekly: Value
    monthly: Value
    stickiness: Value


@REGISTRY.measurement("active_users_daily", source="events", parameters=ActivityParameters)
def active_users_daily(log: EventLog, parameters: ActivityParameters, limits: Limits) -> Readings:
    """Mean daily active users over the window's complete days; weekly and monthly active users and stickiness
    over the 7 and the 30 days to its last complete day.
    """
    spans = event_spans(log, parameters, limits)
    if not spans.events:
        return no_events(log, spans)
    if not log.coverage.users:
        return no_events(log, spans, NO_USERS)
    if complete_days(spans.window, log.coverage) is None:
        return no_events(log, spans, "no complete day")
    with querying(log, limits) as run:
        now = _active(run, log, spans.window, parameters)
        before = _active(run, log, spans.baseline, parameters) if spans.baseline else None
    figures = (
        (definitions.DAILY_ACTIVE_USERS, now.daily, before.daily if before else None),
        (definitions.WEEKLY_ACTIVE_USERS, now.weekly, before.weekly if before else None),
        (definitions.MONTHLY_ACTIVE_USERS, now.monthly, before.monthly if before else None),
        (definitions.STICKINESS, now.stickiness, before.stickiness if before else None),
    )
    return Readings(
        readings=tuple(
            reading for definition, value, old in figures for reading in figure(definition, value, spans, old)
        ),
        notes=(*spans.notes, *_short(now)),
    )


def _active(run: Run, log: EventLog, window: Window, parameters: ActivityParameters) -> _Active:
    days = complete_days(window, log.coverage)
    if days is None:
        return _Active((None, 0), (None, 0), (None, 0), (None, 0))
    first, last = days
    reach = _Reach(log, window, last, parameters)
    month = reach.distinct(run, MONTH)
    stickiness: Value = (None, 0)
    if month:
        mean = _mean_daily(run, last - timedelta(days=MONTH - 1), last, parameters)
        stickiness = (mean / month, MONTH)
    week = reach.distinct(run, WEEK)
    return _Active(
        daily=(_mean_daily(run, first, last, parameters), (last - first).days + 1),
        weekly=(week, week or 0),
        monthly=(month, month or 0),
        stickiness=stickiness,
    )


def _days_of(first: date, last: date, parameters: ActivityParameters) -> dict[str, object]:
    return {"first": first, "last": last, "visitor_events": list(parameters.visitor_events)}


def _mean_daily(run: Run, first: date, last: date, parameters: ActivityParameters) -> float:
    """Mean over all days, those without a user included."""
    rows = run("day_users", _days_of(first, last, parameters))
    return float(sum(row["users"] for row in rows)) / ((last - first).days + 1)


@dataclass(frozen=True)
class _Reach:
    """Spans of days that end with `last`."""

    log: EventLog
    window: Window
    last: date
    parameters: ActivityParameters

    def distinct(self, run: Run, days: int) -> int | None:
        """Distinct users of so many days; None where the events begin later."""
        first = self.last - timedelta(days=days - 1)
        if not self.log.coverage.begins_by(start_of(first, self.window.zone)):
            return None
        return int(run("span_users", _days_of(first, self.last, self.parameters))[0]["users"])


def _short(now: _Active) -> Iterator[str]:
    for name, (value, _), days in (
        ("weekly active users", now.weekly, WEEK),
        ("monthly active users and stickiness", now.monthly, MONTH),
    ):
        if value is None:
            yield f"{name}: not available: the events begin less than {days} days before the last whole day"


@REGISTRY.measurement("active_users_by_day", source="events", parameters=ActivityParameters, compares=False)
def active_users_by_day(log: EventLog, parameters: ActivityParameters, limits: Limits) -> Readings:
    """Active users of each complete day of the window."""
    spans = event_spans(log, parameters.model_copy(update={"baseline": None}), limits)
    days = complete_days(spans.window, log.coverage)
    if not spans.events or days is None:
        return no_events(log, spans, "no event" if not spans.events else "no complete day")
    if not log.coverage.users:
        return no_events(log, spans, NO_USERS)
    first, last = days
    with querying(log, limits) as run:
        found = run("day_users", _days_of(first, last, parameters))
    users = {row["day"]: row["users"] for row in found}
    rows: list[Row] = [
        {"day": day, "users": users.get(day, 0)}
        for day in (first + timedelta(days=place) for place in range((last - first).days + 1))
    ]
    listed, cut = kept(rows, limits.rows, "days")
    return Readings(
        readings=tuple(
            reading
            for row in listed
            for reading in figure(
                definitions.DAY_ACTIVE_USERS, (row["users"], row["users"]), spans, entity=f"{row['day']}"
            )
        ),
        notes=spans.notes + cut,
    )
