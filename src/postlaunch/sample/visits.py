"""Who visits when: ordinary days, new users' first visits, and the customer's training hour."""

from __future__ import annotations

import numpy as np

from postlaunch.sample.columns import HOUR, NOBODY, SECOND, Floats, Ids, Moments, Visits, stream
from postlaunch.sample.incident import TRAINEES, TRAINING_ACTIONS, TRAINING_PAUSE_MS, Incident
from postlaunch.sample.people import VISITS_MORE, People, days_with_a_visit
from postlaunch.sample.registrations import Registrations
from postlaunch.sample.rhythm import Calendar

ACTIONS, MOST_ACTIONS = 6.6, 60
PAUSE_MS = 58_000.0
"""Typical pause between two actions."""


def visits_of(
    calendar: Calendar, seed: int, people: People, registrations: Registrations, incident: Incident
) -> Visits:
    """Every visit in which somebody signs in, in the order of time."""
    rng = stream(seed, "visits")
    joined = [
        _ordinary(calendar, people, rng),
        _first(people, registrations, rng),
        _training(calendar, people, incident, stream(seed, "training")),
    ]
    visits = Visits.joined(joined)
    order = np.argsort(visits.start, kind="stable")
    return visits.rows(order)


def _ordinary(calendar: Calendar, people: People, rng: np.random.Generator) -> Visits:
    users, days = days_with_a_visit(people, calendar, rng)
    times = 1 + rng.poisson(VISITS_MORE, len(users))
    users, days = np.repeat(users, times), np.repeat(days, times)
    return _visits(calendar.moments_in(rng, days), users, _actions(rng, len(users)))


def _first(people: People, registrations: Registrations, rng: np.random.Generator) -> Visits:
    """The first visit of everyone who registered and signed in."""
    accounts = registrations.accounts
    start = registrations.first_visit[accounts]
    users = np.arange(len(people) - len(accounts), len(people), dtype=np.int32)
    came = start != NOBODY
    return _visits(start[came], users[came], _actions(rng, int(came.sum())), sure=True)


def _training(calendar: Calendar, people: People, incident: Incident, rng: np.random.Generator) -> Visits:
    """A customer's people learn the system together, and click faster than anybody else."""
    start = incident.surge(rng)
    long_before = people.joined_at < incident.start_ms - 24 * HOUR
    members = np.flatnonzero(long_before & ~people.admin & (people.fades >= len(calendar.days)))
    trainees = rng.choice(members, min(TRAINEES, len(members)), replace=False)
    actions = rng.poisson(TRAINING_ACTIONS, len(start)).astype(np.int32)
    users = rng.choice(trainees, len(start)).astype(np.int32)
    return _visits(start, users, actions, pause_ms=TRAINING_PAUSE_MS, training=True)


def _actions(rng: np.random.Generator, number: int) -> Ids:
    return np.minimum(rng.geometric(1 / (ACTIONS + 1), number) - 1, MOST_ACTIONS).astype(np.int32)


def _visits(
    start: Moments,
    users: Ids,
    actions: Ids,
    *,
    pause_ms: float = PAUSE_MS,
    training: bool = False,
    sure: bool = False,
) -> Visits:
    number = len(start)
    return Visits(
        start=start,
        user=users,
        actions=actions,
        pause_ms=np.full(number, pause_ms),
        training=np.full(number, training),
        sure=np.full(number, sure),
    )


def pauses(rng: np.random.Generator, typical_ms: Floats) -> Moments:
    """How long people wait before the next action: mostly briefly, at times for many minutes."""
    drawn = typical_ms * rng.lognormal(0, 1.05, len(typical_ms))
    return (np.minimum(drawn, 25 * 60 * SECOND) + 0.3 * SECOND).astype(np.int64)
