"""Funnels: how many users get from step to step, under semantics that are named with every figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import Field, model_validator

from postlaunch.facts import Definition
from postlaunch.printing import value_text
from postlaunch.settings_analytics import FunnelMode
from postlaunch.sources.events import EventLog
from postlaunch.tools import definitions_analytics as definitions
from postlaunch.tools.embedded_query import Run
from postlaunch.tools.event_query import (
    EventSpans,
    event_spans,
    figure,
    naive,
    no_events,
    querying,
    ratio,
    span_of,
)
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.request_query import Value
from postlaunch.windows import Window

DAY = 86_400.0
SESSION_MINUTES = 30.0


class FunnelParameters(WindowParameters):
    """The steps and how they are counted."""

    steps: tuple[str, ...] = Field(
        min_length=2, max_length=20, description="Names of the events, in order, that are the funnel's steps"
    )
    mode: FunnelMode = Field(
        default="ordered",
        description=(
            "ordered: in order, other events between, every entry counts, within `days` of the first step; "
            "first_entry: only from a user's first entry; step_window: within `days` of the step before; "
            "same_session: in one session; strict_order: no other event between; any_order: any order"
        ),
    )
    days: float = Field(
        default=7, gt=0, le=366, description="Days allowed from the first step (or from the step before)"
    )
    session_minutes: float = Field(
        default=SESSION_MINUTES, gt=0, le=1440, description="Inactivity that ends a session, in minutes"
    )

    @model_validator(mode="after")
    def _any_order_has_no_repeats(self) -> FunnelParameters:
        if self.mode == "any_order" and len(set(self.steps)) < len(self.steps):
            raise ValueError("a funnel in any order has each step once")
        return self


@dataclass(frozen=True)
class Funnel:
    """How many users reached each step, and how many of those who stand at it may still go on."""

    reached: tuple[int, ...]
    in_progress: tuple[int, ...]

    def dropped(self, step: int) -> int:
        """Users who came to the step before this one (counted from 0) and cannot reach this one any more."""
        return self.reached[step - 1] - self.reached[step] - self.in_progress[step - 1]


@REGISTRY.measurement("funnel", source="events", parameters=FunnelParameters)
def funnel(log: EventLog, parameters: FunnelParameters, limits: Limits) -> Readings:
    """Users at each step of a funnel, conversion from the first step and from the one before, users dropped,
    and users still in progress. Only events within the window count.
    """
    spans = event_spans(log, parameters, limits)
    if not spans.events:
        return no_events(log, spans)
    with querying(log, limits) as run:
        now = counted(run, spans.window, parameters)
        before = counted(run, spans.baseline, parameters) if spans.baseline else None
    if not now.reached[0]:
        return no_events(log, spans, f'no user with the event "{parameters.steps[0]}"')
    return Readings(
        readings=tuple(
            reading
            for step in range(len(parameters.steps))
            for reading in _figures(spans, step, now, before, parameters)
        ),
        notes=(*spans.notes, semantics(parameters)),
    )


def counted(run: Run, window: Window, parameters: FunnelParameters) -> Funnel:
    """One window's users, step by step: the events, the first step, each later one from the one before."""
    _prepare(run, window, parameters)
    if parameters.mode == "any_order":
        run("funnel_any_order", {"window": _seconds(parameters)})
    else:
        _follow(run, parameters)
    stops = run(
        "funnel_users",
        {"end": naive(window.observed_end), "directly": parameters.mode == "strict_order"},
    )
    at = {row["step"]: row for row in stops}
    last = len(parameters.steps)
    standing = [at[step]["users"] if step in at else 0 for step in range(1, last + 1)]
    still_open = [at[step]["still_open"] if step in at else 0 for step in range(1, last)]
    return Funnel(
        reached=tuple(sum(standing[step:]) for step in range(last)),
        in_progress=(*still_open, 0),
    )


def _seconds(parameters: FunnelParameters) -> float:
    """The time allowed, to the microsecond that moments have."""
    return round(parameters.days * DAY, 6)


def _prepare(run: Run, window: Window, parameters: FunnelParameters) -> None:
    """The events of the funnel into a temporary table, in the order in which they count."""
    steps = list(parameters.steps)
    if parameters.mode == "same_session":
        gap = parameters.session_minutes * 60
        run("sessions", {**span_of(window), "gap": gap})
        run("funnel_session_events", {"steps": steps, "gap": gap})
    else:
        every = parameters.mode == "strict_order"
        run("funnel_events", {**span_of(window), "steps": steps, "every_event": every})


def _follow(run: Run, parameters: FunnelParameters) -> None:
    """Who reached the first step, and from it each later one, into a temporary table."""
    seconds = _seconds(parameters)
    only_first = parameters.mode == "first_entry"
    run("funnel_first", {"event": parameters.steps[0], "window": seconds, "first_entry": only_first})
    for step, event in enumerate(parameters.steps[1:], 2):
        if parameters.mode == "strict_order":
            run("funnel_next_strict", {"event": event, "step": step})
        else:
            each = parameters.mode == "step_window"
            run("funnel_next", {"event": event, "step": step, "window": seconds, "each_step": each})


def _figures(
    spans: EventSpans, step: int, now: Funnel, before: Funnel | None, parameters: FunnelParameters
) -> Iterator[Reading]:
    """The figures of one step (counted from 0)."""
    entity, note = entities(parameters)[step], semantics(parameters)
    for definition, value in FIGURES:
        old = value(before, step) if before else None
        yield from figure(definition, value(now, step), spans, old, entity=entity, note=note)


def _count(users: int) -> Value:
    return (users, users)


def _drop(funnel: Funnel, step: int, of: int) -> Value:
    """Users dropped before a step as a share of those who reached step `of`; none before the first."""
    return ratio(funnel.dropped(step), funnel.reached[of]) if step else (None, 0)


FIGURES: tuple[tuple[Definition, Callable[[Funnel, int], Value]], ...] = (
    (definitions.FUNNEL_USERS, lambda funnel, step: _count(funnel.reached[step])),
    (definitions.FUNNEL_FROM_FIRST, lambda funnel, step: ratio(funnel.reached[step], funnel.reached[0])),
    (
        definitions.FUNNEL_FROM_PREVIOUS,
        lambda funnel, step: ratio(funnel.reached[step], funnel.reached[step - 1]) if step else (None, 0),
    ),
    (
        definitions.FUNNEL_DROPPED,
        lambda funnel, step: _count(funnel.dropped(step)) if step else (None, 0),
    ),
    (definitions.FUNNEL_DROP_POINTS, lambda funnel, step: _drop(funnel, step, of=0)),
    (definitions.FUNNEL_DROP, lambda funnel, step: _drop(funnel, step, of=step - 1)),
    (definitions.FUNNEL_IN_PROGRESS, lambda funnel, step: _count(funnel.in_progress[step])),
)


def entities(parameters: FunnelParameters) -> tuple[str, ...]:
    """What each step is called: its event, with its place where the event is several steps."""
    if parameters.mode == "any_order":
        steps = len(parameters.steps)
        return tuple(f"any {made} of {steps}" for made in range(1, steps + 1))
    times = Counter(parameters.steps)
    return tuple(
        f"{event} (step {place})" if times[event] > 1 else event
        for place, event in enumerate(parameters.steps, 1)
    )


def semantics(parameters: FunnelParameters) -> str:
    """How the funnel counts: without it, its figures say nothing."""
    days = value_text(parameters.days, "days")
    return {
        "ordered": f"in order, from any entry, within {days} of the first step",
        "first_entry": f"in order, from a user's first entry only, within {days} of it",
        "step_window": f"in order, from any entry, each within {days} of the step before",
        "same_session": (
            f"in order, in one session (ends after {value_text(parameters.session_minutes, 'minutes')} "
            "of inactivity)"
        ),
        "strict_order": f"in order, no other event between, from any entry, within {days} of the first step",
        "any_order": f"in any order, within {days}",
    }[parameters.mode]
