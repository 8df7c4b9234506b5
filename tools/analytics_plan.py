"""Making a tracking plan: the one that the recorded events follow.

Only what the settings keep of an event is known of it (`[sources.events.properties]`, and role, variant and
experiment).
"""

from __future__ import annotations

from postlaunch.sources.events import EventLog
from postlaunch.sources.tracking_plan import TrackingPlan
from postlaunch.tools.measurement import Limits
from postlaunch.tools.tracking_recorded import event_as_recorded, last_days, recorded


def plan_of(log: EventLog, limits: Limits, owner: str = "") -> TrackingPlan:
    """The plan that the data follow: what every event of the whole days has, and how often it comes.

    Raises:
        SourceError: the events cannot be read.
        UsageError: there is no whole day.
    """
    found = recorded(log, *last_days(log), limits)
    return TrackingPlan(events=tuple(event_as_recorded(found, event, owner) for event in found.a_day))
