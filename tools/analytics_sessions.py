"""Sessions: how long users stay, what they do one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from postlaunch.printing import value_text
from postlaunch.sources.events import EventLog
from postlaunch.tools import definitions_analytics as definitions
from postlaunch.tools.embedded_query import Row, Run
from postlaunch.tools.event_query import (
    ActivityParameters,
    EventSpans,
    calendar_weeks,
    event_spans,
    figure,
    no_events,
    querying,
    ratio,
    span_of,
)
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.windows import Window


class SessionParameters(WindowParameters):
    """What a session is."""

    session_minutes: float = Field(
        default=30, gt=0, le=1440, description="Inactivity that ends a session, in minutes"
    )


class TimeParameters(SessionParameters, ActivityParameters):
    """Who is engaged."""

    engaged_minutes: float = Field(
        default=30, gt=0, description="Minutes a week above which a user is engaged"
    )
    power_minutes: float = Field(
        default=120, gt=0, description="Minutes a week above which a user is a power user"
    )


class FlowParameters(SessionParameters):
    """How much of the flows is wanted."""

    most: int = Field(default=10, ge=1, le=50, description="At most so many events, transitions and paths")
    depth: int = Field(default=5, ge=2, le=20, description="Steps of a path")


def _span(window: Window, parameters: SessionParameters) -> dict[str, object]:
    """Which sessions are asked for, and what ends one."""
    return {**span_of(window), "gap": parameters.session_minutes * 60}


@REGISTRY.measurement("time_on_platform", source="events", parameters=TimeParameters)
def time_on_platform(log: EventLog, parameters: TimeParameters, limits: Limits) -> Readings:
    """Sessions, their mean and median length, and the users with more than 30 minutes (engaged) and more
    than 2 hours (power) a week.
    """
    spans = event_spans(log, parameters, limits)
    if not spans.events:
        return no_events(log, spans)
    with querying(log, limits) as run:
        now = _times(run, spans.window, parameters)
        before = _times(run, spans.baseline, parameters) if spans.baseline else None
    if not now["sessions"]:
        return no_events(log, spans, "no session of a known user begins")
    return Readings(readings=tuple(_time_figures(spans, now, before, parameters)), notes=spans.notes)


def _times(run: Run, window: Window, parameters: TimeParameters) -> Row:
    weeks = calendar_weeks(window)
    limits = {"engaged": parameters.engaged_minutes * weeks, "power": parameters.power_minutes * weeks}
    asked = {**_span(window, parameters), **limits, "visitor_events": list(parameters.visitor_events)}
    return run("session_times", asked)[0]


def _time_figures(
    spans: EventSpans, now: Row, before: Row | None, parameters: TimeParameters
) -> Iterator[Reading]:
    ends = f"a session ends after {value_text(parameters.session_minutes, 'minutes')} of inactivity"
    engaged = f"more than {value_text(parameters.engaged_minutes, 'minutes')} a week"
    power = f"more than {value_text(parameters.power_minutes, 'minutes')} a week"
    for definition, column, of, note in (
        (definitions.SESSIONS, "sessions", "sessions", ends),
        (definitions.MEAN_SESSION, "mean", "sessions", ends),
        (definitions.MEDIAN_SESSION, "median", "sessions", ends),
        (definitions.ENGAGED_USERS, "engaged", "users", engaged),
        (definitions.POWER_USERS, "power", "users", power),
    ):
        old = (before[column], before[of]) if before and before["sessions"] else None
        yield from figure(definition, (now[column], now[of]), spans, old, note=note)
    for definition, column, note in (
        (definitions.ENGAGED_SHARE, "engaged", engaged),
        (definitions.POWER_SHARE, "power", power),
    ):
        old_share = ratio(before[column], before["users"]) if before else None
        yield from figure(definition, ratio(now[column], now["users"]), spans, old_share, note=note)


@REGISTRY.measurement("flows", source="events", parameters=FlowParameters, compares=False)
def flows(log: EventLog, parameters: FlowParameters, limits: Limits) -> Readings:
    """What users do in a session: events by their share of sessions, what follows what, and how sessions
    begin.
    """
    spans = event_spans(log, parameters.model_copy(update={"baseline": None}), limits)
    if not spans.events:
        return no_events(log, spans)
    most = {"most": min(parameters.most, limits.rows)}
    with querying(log, limits) as run:
        run("session_paths", _span(spans.window, parameters))
        events = run("flow_events", most)
        transitions = run("flow_transitions", most)
        paths = run("flow_paths", {**most, "depth": parameters.depth})
    if not events:
        return no_events(log, spans, "no session of a known user begins")
    events.sort(key=lambda row: (row["step"], row["event"]))
    figures = (*_events(spans, events), *_transitions(spans, transitions), *_paths(spans, paths))
    return Readings(readings=figures, notes=(*spans.notes, *_flow_notes(paths, parameters)))


def _events(spans: EventSpans, rows: list[Row]) -> Iterator[Reading]:
    """In the order in which they come in a session."""
    for row in rows:
        share = ratio(row["sessions"], row["all_sessions"])
        yield from figure(definitions.SESSIONS_WITH_EVENT, share, spans, entity=row["event"])
        place = (row["step"], row["sessions"])
        yield from figure(definitions.EVENT_POSITION, place, spans, entity=row["event"])


def _transitions(spans: EventSpans, rows: list[Row]) -> Iterator[Reading]:
    for row in rows:
        entity = f"{row['event']} → {row['next']}"
        yield from figure(definitions.TRANSITIONS, (row["times"], row["times"]), spans, entity=entity)
        share = ratio(row["times"], row["departures"])
        yield from figure(definitions.TRANSITION_SHARE, share, spans, entity=entity)


def _paths(spans: EventSpans, rows: list[Row]) -> Iterator[Reading]:
    for row in rows:
        sessions = (row["sessions"], row["sessions"])
        yield from figure(definitions.PATH_SESSIONS, sessions, spans, entity=row["path"])
        share = ratio(row["sessions"], row["all_sessions"])
        yield from figure(definitions.PATH_SHARE, share, spans, entity=row["path"])


def _flow_notes(paths: list[Row], parameters: FlowParameters) -> Iterator[str]:
    yield "flows are of sessions and will not equal a funnel, which is of users"
    if paths and paths[0]["paths"] > len(paths):
        yield f"only {len(paths)} of {paths[0]['paths']:,} paths (of {parameters.depth} steps) are listed"
