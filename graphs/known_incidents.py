"""Whether a signal is about an incident that the ledger has already."""

from __future__ import annotations

from datetime import timedelta

from postlaunch.graphs.session import Services
from postlaunch.ledger.incidents import SAME_SPELL
from postlaunch.ledger.records import IncidentRecord, Signal
from postlaunch.windows import Moment


def known_incident(services: Services, signal: Signal) -> IncidentRecord | None:
    """The incident of this application during which, or within five minutes of which, the signal happened."""
    return incident_at(services, signal.at)


def incident_at(services: Services, moment: Moment, within: timedelta = SAME_SPELL) -> IncidentRecord | None:
    """The incident of this application that a moment lies in."""
    application = services.settings.application.name
    return next(
        (
            record
            for record in services.ledger.incidents()
            if record.application == application
            and record.started_at - within <= moment <= record.ended_at + within
        ),
        None,
    )
