"""How many of those who begin a funnel end it: one figure for a way of counting, to set ways side by side."""

from __future__ import annotations

from postlaunch.sources.events import EventLog
from postlaunch.tools import definitions_analytics as definitions
from postlaunch.tools.analytics_funnel import FunnelParameters, counted, semantics
from postlaunch.tools.event_query import event_spans, figure, no_events, querying, ratio
from postlaunch.tools.measurement import REGISTRY, Limits, Readings


@REGISTRY.measurement(
    "funnel_completed", source="events", parameters=FunnelParameters, for_model=False, compares=False
)
def funnel_completed(log: EventLog, parameters: FunnelParameters, limits: Limits) -> Readings:
    """Users who reached the last step of a funnel as a share of those who reached the first, in one mode."""
    spans = event_spans(log, parameters.model_copy(update={"baseline": None}), limits)
    if not spans.events:
        return no_events(log, spans)
    with querying(log, limits) as run:
        reached = counted(run, spans.window, parameters).reached
    if not reached[0]:
        return no_events(log, spans, f'no user with the event "{parameters.steps[0]}"')
    share, entity = ratio(reached[-1], reached[0]), f"{parameters.steps[0]} → {parameters.steps[-1]}"
    return Readings(
        readings=tuple(
            figure(
                definitions.FUNNEL_COMPLETED,
                share,
                spans,
                entity=f"{entity}, {parameters.mode}",
                note=semantics(parameters),
            )
        ),
        notes=spans.notes,
    )
