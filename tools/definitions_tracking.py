"""Definitions of the figures that hold the recorded events against the tracking plan."""

from __future__ import annotations

from collections.abc import Mapping

from postlaunch.facts import Definition
from postlaunch.tools.tracking_findings import Kind

PLANNED_EVENTS = Definition(
    name="planned_events",
    title="Planned events",
    statement="names of events that the tracking plan holds",
    unit="count",
)
PLAN_DIFFERENCES = Definition(
    name="plan_differences",
    title="Differences from the plan",
    statement="places where the whole days of the window differ from the tracking plan, each counted once",
    unit="count",
    better="lower",
)
PLAN_UNKNOWN_EVENTS = Definition(
    name="plan_unknown_events",
    title="Events not in the plan",
    statement="events of a name that the tracking plan does not hold",
    unit="count",
    better="lower",
)
PLAN_DAYS_WITHOUT = Definition(
    name="plan_days_without",
    title="Days without the event",
    statement="whole days of the window, none of which has an event of the planned name",
    unit="count",
    better="lower",
)
PLAN_UNKNOWN_PROPERTIES = Definition(
    name="plan_unknown_properties",
    title="Events with a property not in the plan",
    statement="events of the name that have a property which the tracking plan does not hold",
    unit="count",
    better="lower",
)
PLAN_MISSING_PROPERTIES = Definition(
    name="plan_missing_properties",
    title="Events without a required property",
    statement="events of the name that lack a property which the tracking plan requires",
    unit="count",
    better="lower",
)
PLAN_OTHER_TYPES = Definition(
    name="plan_other_types",
    title="Values of another type",
    statement="values of the property that are not of the type which the tracking plan names",
    unit="count",
    better="lower",
)
PLAN_UNUSUAL_DAYS = Definition(
    name="plan_unusual_days",
    title="Unusual days",
    statement="whole days with less than half of the plan's fewest events a day, or more than twice its most",
    unit="count",
    better="lower",
)
PLAN_PERSONAL_VALUES = Definition(
    name="plan_personal_values",
    title="Values that look personal",
    statement="values of the property that look like e-mail addresses, telephone numbers or tokens",
    unit="count",
    better="lower",
)
PLAN_STILL_SENT = Definition(
    name="plan_still_sent",
    title="Events with a stopped property",
    statement="events of the name that have a property which the tracking plan says is to be sent no more",
    unit="count",
    better="lower",
)
PLAN_ALWAYS_THERE = Definition(
    name="plan_always_there",
    title="Events that all have an optional property",
    statement="events of the name, at least 100 on at least 7 days, each of which has the optional property",
    unit="count",
)

DEFINITION_OF: Mapping[Kind, Definition] = {
    "unknown event": PLAN_UNKNOWN_EVENTS,
    "event not seen": PLAN_DAYS_WITHOUT,
    "unknown property": PLAN_UNKNOWN_PROPERTIES,
    "missing property": PLAN_MISSING_PROPERTIES,
    "other type": PLAN_OTHER_TYPES,
    "volume": PLAN_UNUSUAL_DAYS,
    "personal data": PLAN_PERSONAL_VALUES,
    "still sent": PLAN_STILL_SENT,
}
"""What is counted of each kind of difference."""
