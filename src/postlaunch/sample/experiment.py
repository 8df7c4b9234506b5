"""The experiment on the sign-in form: who comes in its two weeks meets one of two layouts, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from postlaunch.sample.columns import (
    FORM_RATED,
    FORM_SHOWN,
    FORM_SUBMITTED,
    SECOND,
    Codes,
    Events,
    Flags,
    Floats,
    Ids,
    Moments,
    Places,
    Visits,
    even,
    stream,
)
from postlaunch.sample.people import People
from postlaunch.sample.rhythm import Calendar

NAME = "login-form"
ARMS = ("A", "B")
STARTS_BEFORE, ENDS_BEFORE = 16, 2
"""First and last day, in days before the Monday of the newest week."""

LEAVES = (0.13, 0.18)
"""Share of each arm's users who leave without sending the form."""
SECONDS = (45.0, 52.0)
"""Mean time to send it."""
RATES = 0.22
"""Share of those who sent it who rate it."""
RATINGS = ((0.02, 0.05, 0.13, 0.32, 0.48), (0.04, 0.10, 0.20, 0.34, 0.32))
"""Shares of the ratings 1 to 5."""

SPREAD = 0.5


@dataclass(frozen=True)
class Trial:
    """When the experiment ran; both days are included."""

    start: date
    end: date

    @classmethod
    def of(cls, calendar: Calendar) -> Trial:
        """In the weeks before the newest one."""
        monday = calendar.weeks[-1].local(calendar.weeks[-1].start).date()
        return cls(monday - timedelta(days=STARTS_BEFORE), monday - timedelta(days=ENDS_BEFORE))


@dataclass(frozen=True)
class Shown:
    """The visits in which a layout was shown.

    Attributes:
        visits: their places; in the order of time.
        arm: 0 or 1.
        leaves: nothing was sent, and the visit ends there.
        seconds: from seeing the form to sending it.
    """

    visits: Places
    arm: Codes
    leaves: Flags
    seconds: Floats


def shown_in(calendar: Calendar, seed: int, visits: Visits, people: People, trial: Trial) -> Shown:
    """The first visit of each user in the experiment; who signed up in its time is not in it."""
    rng = stream(seed, NAME)
    first, after = calendar.at(trial.start), calendar.at(trial.end + timedelta(days=1))
    room = 10 * 60 * SECOND
    inside = (visits.start >= first) & (visits.start < after - room) & (people.joined_at[visits.user] < first)
    places = np.flatnonzero(inside)
    _, one = np.unique(visits.user[places], return_index=True)
    places = np.sort(places[one])
    number = len(places)
    arm = (even(rng, number) * 2).astype(np.int16)
    leaves = np.zeros(number, dtype=np.bool_)
    for which, share in enumerate(LEAVES):
        leaves[arm == which] = even(rng, int((arm == which).sum())) < share
    mean = np.array(SECONDS)[arm]
    seconds = mean * rng.lognormal(-SPREAD * SPREAD / 2, SPREAD, number)
    return Shown(places, arm, leaves, np.asarray(np.round(np.minimum(seconds, 400), 1), dtype=np.float64))


def with_form(visits: Visits, shown: Shown) -> Visits:
    """The visits with the time that the form took; those in which it was sent sign in without fail."""
    start, sure = visits.start.copy(), visits.sure.copy()
    start[shown.visits] += (shown.seconds * SECOND).astype(np.int64)
    sure[shown.visits] = True
    return Visits(start, visits.user, visits.actions, visits.pause_ms, visits.training, sure)


def experiment_events(seed: int, shown: Shown, visits: Visits, tried: Moments, signed_in: Moments) -> Events:
    """What the client records of the form.

    Args:
        visits: with the time that the form took.
        tried: for each visit, when the form was first sent and refused; a moment before the visit: never.
        signed_in: for each visit, when the form was sent and taken; a moment before it: never.
    """
    rng = stream(seed, f"{NAME} ratings")
    user, arm = visits.user[shown.visits], (shown.arm + 1).astype(np.int16)
    sent_at, begun = visits.start[shown.visits], visits.start[shown.visits]
    seen = begun - (shown.seconds * SECOND).astype(np.int64)
    refused = ~shown.leaves & (tried[shown.visits] >= begun)
    taken = ~shown.leaves & (signed_in[shown.visits] >= begun)
    at = signed_in[shown.visits]
    rates = taken & (rng.random(len(at)) < RATES)
    return Events.joined(
        (
            Events.of(seen, user, FORM_SHOWN, arm=arm),
            Events.of(
                sent_at[refused],
                user[refused],
                FORM_SUBMITTED,
                arm=arm[refused],
                seconds=shown.seconds[refused],
                success=0,
            ),
            Events.of(
                at[taken],
                user[taken],
                FORM_SUBMITTED,
                arm=arm[taken],
                seconds=np.round(shown.seconds[taken] + (at[taken] - begun[taken]) / SECOND, 1),
                success=1,
            ),
            _ratings(rng, at[rates] + 25 * SECOND, user[rates], arm[rates]),
        )
    )


def _ratings(rng: np.random.Generator, at: Moments, user: Ids, arm: Codes) -> Events:
    below = np.cumsum(np.array(RATINGS), axis=1)[arm - 1]
    rating = 1 + (rng.random(len(at))[:, None] >= below[:, :-1]).sum(axis=1).astype(np.int16)
    return Events.of(at, user, FORM_RATED, arm=arm, rating=rating)
