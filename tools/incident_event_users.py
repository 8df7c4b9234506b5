"""How many users were active in an incident by their product events: for logs that do not name the user."""

from __future__ import annotations

from postlaunch.sources.events import EventLog
from postlaunch.tools import definitions_incidents as definitions
from postlaunch.tools.embedded_query import queries
from postlaunch.tools.incident_requests import WEEK, IncidentParameters
from postlaunch.tools.incident_resources import bounds
from postlaunch.tools.incident_spans import ENTITY
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings
from postlaunch.windows import Window

FIGURES = (definitions.INCIDENT_EVENT_USERS, definitions.INCIDENT_EVENT_WEEK_USERS)


@REGISTRY.measurement("incident_event_users", source="events", parameters=IncidentParameters, for_model=False)
def incident_event_users(log: EventLog, parameters: IncidentParameters, limits: Limits) -> Readings:
    """How many users had a product event in an incident, and in the seven days up to its end."""
    window = log.coverage.observed(parameters.window)
    end = window.observed_end
    whole = Window(start=end - WEEK, end=end, zone=window.zone)
    with queries(log, "the product events", limits) as run:
        during, week = (run("event_users_between", bounds(span))[0] for span in (window, whole))
    if not week["with_person"]:
        return Readings(reason="no product event names a user in the seven days up to the incident's end")
    return Readings(
        readings=tuple(
            Reading(
                definition=definition,
                value=row["people"],
                n=row["with_person"],
                window=window,
                entity=ENTITY,
                note="" if log.coverage.begins_by(span.start) else "the events do not reach back so far",
            )
            for definition, row, span in zip(FIGURES, (during, week), (window, whole), strict=True)
        )
    )
