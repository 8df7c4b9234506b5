"""How people sign up: they come to the page, fill in the form, verify their address, and sign in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from postlaunch.sample import endpoints
from postlaunch.sample.columns import (
    HOUR,
    MINUTE,
    NOBODY,
    PAGE_VIEW_REGISTER,
    REGISTER_STARTED,
    REGISTER_SUBMITTED,
    SECOND,
    SIGNED_UP,
    Asked,
    Columns,
    Events,
    Flags,
    Floats,
    Ids,
    Moments,
    Places,
    even,
    stream,
)
from postlaunch.sample.incident import Incident
from postlaunch.sample.maintenance import Maintenance
from postlaunch.sample.rhythm import WEEKLY_GROWTH, Calendar

STARTS, SUBMITS, VERIFIES, SIGNS_IN = 0.93, 0.76, 0.94, 0.93
"""Shares that go on to the next step: most are lost between starting the form and sending it."""

LOOKS_FIRST = 0.08
"""Share of the visitors who look at the page once before, some days earlier."""
REFUSED = 0.12
"""Share of the forms, and of the codes, that are refused once before they are taken."""
VERIFIES_LATER, SIGNS_IN_LATER = 0.18, 0.15
"""Shares that open the mail, or sign in, only hours later."""


@dataclass(frozen=True)
class Registrations(Columns):
    """Visits to the registration page; a moment that never comes is `NOBODY`.

    Attributes:
        looked_before: an earlier look at the page.
        viewed: when the page was opened.
        started, submitted: when the form was begun, and sent.
        signed_up: when the address was verified: the account exists from then on.
        first_visit: when the new user first signs in.
        refused_form, refused_code: whether the first try was refused.
    """

    looked_before: Moments
    viewed: Moments
    started: Moments
    submitted: Moments
    signed_up: Moments
    first_visit: Moments
    refused_form: Flags
    refused_code: Flags

    @property
    def accounts(self) -> Places:
        """The registrations that became accounts, in the order of signing up."""
        order = np.argsort(self.signed_up, kind="stable")
        return np.asarray(order[self.signed_up[order] != NOBODY], dtype=np.int64)


def registrations_of(
    calendar: Calendar, seed: int, users: int, incident: Incident, maintenance: Maintenance
) -> Registrations:
    """Every visit to the registration page.

    Args:
        users: there are at the start; the more there are, the more come.
    """
    rng = stream(seed, "registrations")
    daily = users * (1 + WEEKLY_GROWTH) ** (1 / 7) - users
    wanted = daily * calendar.growth * calendar.day_weights / (STARTS * SUBMITS * VERIFIES)
    arrived = np.diff(np.floor(np.concatenate([[0.0], np.cumsum(wanted)]) + rng.random()))
    viewed = np.sort(calendar.moments_in(rng, np.repeat(np.arange(len(arrived)), arrived.astype(np.int64))))
    number = len(viewed)

    started = _next(viewed, even(rng, number) < STARTS, rng.lognormal(np.log(14), 0.5, number) * SECOND)
    submitted = _next(started, even(rng, number) < SUBMITS, rng.lognormal(np.log(75), 0.5, number) * SECOND)
    submitted = maintenance.waited_out(incident.waited_out(submitted, rng), rng)
    signed_up = _next(submitted, even(rng, number) < VERIFIES, _mail(rng, number, VERIFIES_LATER, 150, 5))
    signed_up = maintenance.waited_out(incident.waited_out(signed_up, rng), rng)
    signed_up[signed_up >= calendar.end] = NOBODY
    first = _next(signed_up, even(rng, number) < SIGNS_IN, _mail(rng, number, SIGNS_IN_LATER, 25, 14))
    before = viewed - (rng.uniform(0.2, 3.0, number) * 24 * HOUR).astype(np.int64)
    looked = (even(rng, number) < LOOKS_FIRST) & (before >= calendar.start)
    return Registrations(
        looked_before=np.where(looked, before, NOBODY),
        viewed=viewed,
        started=started,
        submitted=submitted,
        signed_up=signed_up,
        first_visit=np.where(first < calendar.end, first, NOBODY),
        refused_form=even(rng, number) < REFUSED,
        refused_code=even(rng, number) < REFUSED,
    )


def registration_requests(registrations: Registrations) -> Asked:
    """What registering sends to the application: an account is made by the 201, and by nothing else."""
    parts = []
    for moments, refused, endpoint, done in (
        (registrations.submitted, registrations.refused_form, endpoints.VERIFICATION, 202),
        (registrations.signed_up, registrations.refused_code, endpoints.REGISTER, 201),
    ):
        sent = moments[moments != NOBODY]
        again = moments[(moments != NOBODY) & refused]
        parts.append(Asked.of(sent, endpoint, status=done, settled=True))
        parts.append(Asked.of(again - 9 * SECOND, endpoint, status=422, settled=True))
    return Asked.joined(parts)


def registration_events(registrations: Registrations) -> Events:
    """The steps of registering. A visitor who signs up is known by the new account from the first look on."""
    person = np.arange(-2, -2 - len(registrations), -1, dtype=np.int32)
    return Events.joined(
        Events.of(moments[moments != NOBODY], person[moments != NOBODY], name)
        for moments, name in (
            (registrations.looked_before, PAGE_VIEW_REGISTER),
            (registrations.viewed, PAGE_VIEW_REGISTER),
            (registrations.started, REGISTER_STARTED),
            (registrations.submitted, REGISTER_SUBMITTED),
            (registrations.signed_up, SIGNED_UP),
        )
    )


def known_by_account(person: Ids, registrations: Registrations, imported: int) -> Ids:
    """Visitors by the accounts they made, where they made one."""
    account = np.arange(-2, -2 - len(registrations), -1, dtype=np.int32)
    accounts = registrations.accounts
    account[accounts] = imported + np.arange(len(accounts), dtype=np.int32)
    known = person.copy()
    visitors = person < NOBODY
    known[visitors] = account[-2 - person[visitors]]
    return known


def _next(before: Moments, goes_on: Flags, later: Floats) -> Moments:
    """The moment of the next step, for those who took the one before and go on."""
    return np.where((before != NOBODY) & goes_on, before + SECOND + later.astype(np.int64), NOBODY)


def _mail(rng: np.random.Generator, number: int, share: float, seconds: float, hours: float) -> Floats:
    """How long a mail waits, in milliseconds: mostly for seconds, for a share of the people for hours."""
    soon = np.minimum(rng.lognormal(np.log(seconds), 0.6, number) * SECOND, 25 * MINUTE)
    late = rng.exponential(hours, number) * HOUR
    return np.asarray(np.where(even(rng, number) < share, late, soon), dtype=np.float64)
