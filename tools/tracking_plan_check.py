"""The measurement that holds the recorded events of a window against the tracking plan."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from postlaunch.sources.events import EventLog
from postlaunch.sources.tracking_plan import PlannedEvent, TrackingPlan
from postlaunch.tools import definitions_tracking as definitions
from postlaunch.tools.event_query import complete_days, days_window, of_this_zone
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.request_query import kept
from postlaunch.tools.tracking_changes import always_there
from postlaunch.tools.tracking_findings import PlanFinding, differences, place_of
from postlaunch.tools.tracking_recorded import Recorded, recorded
from postlaunch.windows import Window

NAME = "tracking_plan_check"


class PlanParameters(WindowParameters):
    """A window, and the plan."""

    events: tuple[PlannedEvent, ...] = Field(description="The tracking plan's events")


@REGISTRY.measurement(NAME, source="events", parameters=PlanParameters, for_model=False, compares=False)
def tracking_plan_check(log: EventLog, parameters: PlanParameters, limits: Limits) -> Readings:
    """Where the whole days of the window differ from the tracking plan: events, properties, types, days, and
    values that look personal.
    """
    whole = complete_days(of_this_zone(log, parameters.window), log.coverage)
    if whole is None:
        name = parameters.window.label or parameters.window.days()
        return Readings(reason=f"no day of {name} is recorded whole")
    found = recorded(log, *whole, limits)
    plan = TrackingPlan(events=parameters.events)
    span, differing = days_window(found.first, found.last, log.zone), differences(plan, found)
    listed, cut = kept(list(differing), limits.rows, "differences from the plan")
    events = sum(map(sum, found.a_day.values()))
    totals = (
        (definitions.PLANNED_EVENTS, len(plan.events)),
        (definitions.PLAN_DIFFERENCES, len(differing)),
    )
    return Readings(
        readings=(
            *(Reading(definition, value, events, span) for definition, value in totals),
            *(_difference(finding, span) for finding in listed),
            *_always(plan, found, span),
        ),
        notes=cut,
    )


def entity_of(finding: PlanFinding) -> str:
    """What a difference's figure is about: "login, note, e-mail addresses"."""
    place = place_of(finding.event, finding.property)
    return f"{place}, {finding.looks_like}" if finding.looks_like else place


def _difference(finding: PlanFinding, span: Window) -> Reading:
    definition = definitions.DEFINITION_OF[finding.kind]
    return Reading(definition, finding.found, finding.of, span, entity=entity_of(finding), note=finding.told)


def _always(plan: TrackingPlan, found: Recorded, span: Window) -> Iterator[Reading]:
    """Optional properties that could be required."""
    for event in plan.events:
        events, rows = sum(found.a_day.get(event.name, ())), found.properties.get(event.name, {})
        for known in event.properties:
            filled = int(rows[known.name]["text"]) if known.name in rows else 0
            if always_there(known, filled, events, found.days):
                entity = place_of(event.name, known.name)
                yield Reading(definitions.PLAN_ALWAYS_THERE, filled, events, span, entity=entity)
