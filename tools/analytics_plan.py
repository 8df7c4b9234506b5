"""Making a tracking plan: the one that the recorded events follow.

Only what the settings keep of an event is known of it (`[sources.events.properties]`, and role, variant and
experiment).
"""

from __future__ import annotations

from postlaunch.errors import UsageError
from postlaunch.sources.events import EventLog
from postlaunch.sources.tracking_plan import MOST_EVENTS, TrackingPlan
from postlaunch.tools.measurement import Limits
from postlaunch.tools.tracking_recorded import event_as_recorded, last_days, recorded


def plan_of(log: EventLog, limits: Limits, owner: str = "") -> TrackingPlan:
    """The plan that the data follow: what every event of the whole days has, and how often it comes.

    Raises:
        SourceError: the events cannot be read.
        UsageError: there is no whole day, or there are more names than a plan can have.
    """
    found = recorded(log, *last_days(log), limits)
    if len(found.a_day) > MOST_EVENTS:
        raise UsageError(
            f"the events have {len(found.a_day):,} names, and a plan has {MOST_EVENTS:,} at most",
            "name an event by what happened, and send what differs from one to the next as a property",
        )
    return TrackingPlan(events=tuple(event_as_recorded(found, event, owner) for event in found.a_day))
