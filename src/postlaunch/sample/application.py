"""The generated application: its people, what they sent, and what was answered and recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from postlaunch.sample.columns import NOBODY, SIGNED_UP, Asked, Codes, Events, Ids, Moments, Requests, stream
from postlaunch.sample.experiment import Trial, experiment_events, shown_in, with_form
from postlaunch.sample.incident import Incident
from postlaunch.sample.maintenance import Maintenance
from postlaunch.sample.people import People, imported_at_launch, people_of
from postlaunch.sample.registrations import (
    Registrations,
    known_by_account,
    registration_events,
    registration_requests,
    registrations_of,
)
from postlaunch.sample.rhythm import Calendar
from postlaunch.sample.serving import browsers_of, served
from postlaunch.sample.signing_in import signed_in
from postlaunch.sample.traffic import actions_asked, bots_asked
from postlaunch.sample.visits import visits_of


@dataclass(frozen=True)
class Application:
    """Everything that happened.

    Attributes:
        imported: how many of the people came with the launch.
        requests: in the order of time.
        events: in the order of the file, which is that of time.
    """

    seed: int
    scale: float
    calendar: Calendar
    incident: Incident
    maintenance: Maintenance
    trial: Trial
    people: People
    imported: int
    requests: Requests
    events: Events


def application_of(calendar: Calendar, seed: int, scale: float) -> Application:
    """Let the application run.

    Args:
        scale: multiplies users and bots; the training hour keeps its size.
    """
    incident, maintenance, trial = (
        Incident.in_week(calendar.weeks[-1]),
        Maintenance.of(calendar),
        Trial.of(calendar),
    )
    imported = imported_at_launch(calendar, seed, scale)
    registrations = registrations_of(calendar, seed, len(imported), incident, maintenance)
    people = people_of(calendar, seed, imported, registrations)

    visits = visits_of(calendar, seed, people, registrations, incident)
    shown = shown_in(calendar, seed, visits, people, trial)
    visits = with_form(visits, shown)
    sending = stream(seed, "requests")
    signing_in = signed_in(visits, shown.visits[shown.leaves], incident, sending)
    actions = actions_asked(visits, signing_in.at, people, calendar, incident, sending)
    asked = Asked.joined((signing_in.asked, actions, registration_requests(registrations)))
    bots = bots_asked(calendar, scale, stream(seed, "bots"))

    serving = stream(seed, "serving")

    def answered(asked: Asked, agent: Codes, client: Ids, *, bot: bool) -> Requests:
        inside = (asked.at >= calendar.start) & (asked.at < calendar.end)
        kept = inside & maintenance.spares(asked)
        return served(asked.rows(kept), agent[kept], client[kept], bot, calendar, incident, serving)

    requests = Requests.joined(
        (
            answered(asked, *browsers_of(asked, people, serving), bot=False),
            answered(bots.asked, bots.agent, bots.client, bot=True),
        )
    )
    requests = requests.rows(np.argsort(requests.at, kind="stable"))
    form = experiment_events(seed, shown, visits, signing_in.tried, signing_in.at)
    return Application(
        seed=seed,
        scale=scale,
        calendar=calendar,
        incident=incident,
        maintenance=maintenance,
        trial=trial,
        people=people,
        imported=len(imported),
        requests=requests,
        events=_events(requests, registrations, imported, form, calendar),
    )


def _events(
    requests: Requests, registrations: Registrations, imported: Moments, form: Events, calendar: Calendar
) -> Events:
    """What was recorded: what went well in the requests, the steps of registering, the experiment's form."""
    recorded = np.flatnonzero(requests.event != NOBODY)
    registering = registration_events(registrations)
    events = Events.joined(
        (
            Events.of(imported, np.arange(len(imported), dtype=np.int32), SIGNED_UP),
            Events.of(requests.at[recorded], requests.user[recorded], requests.event[recorded]),
            registering,
            form,
        )
    )
    person = known_by_account(events.person, registrations, len(imported))
    events = Events(events.at, person, events.name, events.arm, events.seconds, events.success, events.rating)
    events = events.rows(events.at < calendar.end)
    return events.rows(np.argsort(events.at, kind="stable"))
