"""Feature adoption: who of an audience has tried a feature."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from postlaunch.sources.events import EventLog
from postlaunch.tools import definitions_analytics as definitions
from postlaunch.tools.embedded_query import Row, Run
from postlaunch.tools.event_query import (
    EventSpans,
    UserParameters,
    event_spans,
    figure,
    naive,
    no_events,
    querying,
    ratio,
)
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings
from postlaunch.windows import Window


class AdoptionParameters(UserParameters):
    """Which features, of whom."""

    features: tuple[str, ...] = Field(
        min_length=1, max_length=50, description="Names of the events that are the features' use"
    )
    role: str | None = Field(
        default=None, description="Only users of this role are the audience, e.g. admin; else all users are"
    )


@REGISTRY.measurement("feature_adoption", source="events", parameters=AdoptionParameters)
def feature_adoption(log: EventLog, parameters: AdoptionParameters, limits: Limits) -> Readings:
    """For each feature the users who tried it up to the window's end, and their share of the audience: all
    users, or those of a role.
    """
    spans = event_spans(log, parameters, limits)
    if not spans.events:
        return no_events(log, spans)
    if parameters.role is not None and "role" not in log.coverage.properties:
        return Readings(
            reason="the events have no roles: map one, [sources.events.properties] role = ...",
            notes=spans.notes,
        )
    with querying(log, limits) as run:
        now = _rows(run, spans.window, parameters)
        before = _rows(run, spans.baseline, parameters) if spans.baseline else None
    if not now[0]["audience"]:
        return no_events(log, spans, _nobody(parameters))
    unknown = tuple(
        f"{row['feature']}: not available: no event has this name" for row in now if not row["known"]
    )
    old: list[Row | None] = [*before] if before else [None] * len(now)
    return Readings(
        readings=tuple(
            reading
            for row, earlier in zip(now, old, strict=True)
            if row["known"]
            for reading in _figures(spans, row, earlier, f"audience: {_audience(parameters)}")
        ),
        reason="; ".join(unknown),
        notes=spans.notes + unknown,
    )


def _rows(run: Run, window: Window, parameters: AdoptionParameters) -> list[Row]:
    return run(
        "adoption",
        {
            "end": naive(window.observed_end),
            "features": list(dict.fromkeys(parameters.features)),
            "role": parameters.role,
            "signup_event": parameters.signup_event,
            "visitor_events": list(parameters.visitor_events),
        },
    )


def _figures(spans: EventSpans, row: Row, before: Row | None, note: str) -> Iterator[Reading]:
    entity = row["feature"]
    old = (before["users"], before["users"]) if before else None
    yield from figure(
        definitions.ADOPTERS, (row["users"], row["users"]), spans, old, entity=entity, note=note
    )
    old = (before["audience"], before["audience"]) if before else None
    yield from figure(
        definitions.AUDIENCE, (row["audience"], row["audience"]), spans, old, entity=entity, note=note
    )
    yield from figure(
        definitions.FEATURE_ADOPTION,
        ratio(row["users"], row["audience"]),
        spans,
        ratio(before["users"], before["audience"]) if before else None,
        entity=entity,
        note=note,
    )


def _nobody(parameters: AdoptionParameters) -> str:
    """That there is no audience, in words."""
    if parameters.role is not None:
        return f"no user is {_audience(parameters)}"
    if parameters.signup_event and not parameters.visitor_events:
        return f"no user {_audience(parameters)}"
    return "no user is known"


def _audience(parameters: AdoptionParameters) -> str:
    """Who the features are for."""
    if parameters.role is not None:
        return f'in the role "{parameters.role}"'
    if parameters.signup_event and not parameters.visitor_events:
        return f'with the event "{parameters.signup_event}"'
    return "all users known"
