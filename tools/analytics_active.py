"""How many users were active in any span of time, a minute or a year: what an incident's reach is of."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from postlaunch.sources.events import EventLog
from postlaunch.tools import definitions_analytics as definitions
from postlaunch.tools.embedded_query import Row, Run
from postlaunch.tools.event_query import (
    NO_USERS,
    ActivityParameters,
    event_spans,
    figure,
    no_events,
    querying,
    span_of,
)
from postlaunch.tools.measurement import REGISTRY, Limits, Readings
from postlaunch.windows import Window


class SpanParameters(ActivityParameters):
    """Which part of the window, and doing what."""

    since: datetime | None = Field(
        default=None,
        description='Only from this moment of the window on, by the application\'s clock: "2025-11-18T14:15"',
    )
    until: datetime | None = Field(
        default=None, description='Only before this moment of the window: "2025-11-18T14:23"'
    )
    event: str | None = Field(default=None, description="Only users with this event; else any event counts")

    @model_validator(mode="after")
    def _inside(self) -> SpanParameters:
        start, end = self._ends
        if start >= end:
            raise ValueError("`since` and `until` leave nothing of the window")
        return self

    @property
    def narrowed(self) -> bool:
        """Whether only a part of the window is asked for."""
        return self.since is not None or self.until is not None

    @property
    def span(self) -> Window:
        """The part of the window that is asked for."""
        if not self.narrowed:
            return self.window
        start, end = self._ends
        return Window(start=start, end=end, zone=self.window.zone)

    @property
    def _ends(self) -> tuple[datetime, datetime]:
        window = self.window
        start = max(window.start, _moment(self.since, window) or window.start)
        return start, min(window.observed_end, _moment(self.until, window) or window.observed_end)


def _moment(told: datetime | None, window: Window) -> datetime | None:
    """A moment by the application's clock, unless it names a zone of its own."""
    if told is None or told.tzinfo is not None:
        return told
    return told.replace(tzinfo=ZoneInfo(window.zone))


@REGISTRY.measurement("users_active_in", source="events", parameters=SpanParameters)
def users_active_in(log: EventLog, parameters: SpanParameters, limits: Limits) -> Readings:
    """Distinct users who were active in any span: the window, or the part of it from `since` to `until`."""
    asked = parameters
    if parameters.narrowed:
        asked = parameters.model_copy(update={"window": parameters.span, "baseline": None})
    spans = event_spans(log, asked, limits)
    if not (spans.events and log.coverage.users):
        return no_events(log, spans, NO_USERS if spans.events else "no event")
    with querying(log, limits) as run:
        now = _users(run, spans.window, parameters)
        before = _users(run, spans.baseline, parameters) if spans.baseline else None
    users = definitions.USERS_OF_KIND if parameters.event else definitions.USERS_IN_SPAN
    return Readings(
        readings=tuple(
            figure(
                users,
                (now["users"], now["events"]),
                spans,
                (before["users"], before["events"]) if before else None,
                entity=parameters.event or "application",
            )
        ),
        notes=spans.notes,
    )


def _users(run: Run, window: Window, parameters: SpanParameters) -> Row:
    about = {"visitor_events": list(parameters.visitor_events), "event": parameters.event}
    return run("moment_users", {**span_of(window), **about})[0]
