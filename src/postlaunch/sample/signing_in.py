"""How visits begin: the sign-in form is sent, refused, sent again; the incident answers with errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from postlaunch.sample import endpoints
from postlaunch.sample.columns import LOGIN, NOBODY, SECOND, Asked, Flags, Ids, Moments, Places, Visits, even
from postlaunch.sample.incident import KEPT_OUT, PODS, Incident

PATTERNS: tuple[tuple[float, tuple[int, ...]], ...] = (
    (0.915, (200,)),
    (0.055, (401, 200)),
    (0.008, (401, 401, 200)),
    (0.010, (401,)),
    (0.009, (401, 202)),
    (0.003, (401, 401, 429)),
)
"""How sign-ins go, and how often; 202 is the answer to "I forgot my password". The first three end well."""

GOOD = 3
BETWEEN_TRIES = 8 * SECOND
MOST_ERRORS = 3
BETWEEN_ERRORS = 3_500


@dataclass(frozen=True)
class SignedIn:
    """How each visit began.

    Attributes:
        asked: the requests of signing in.
        tried: when a first try was refused; `NOBODY` where none was.
        at: when the visit was signed in; `NOBODY` where it never was.
    """

    asked: Asked
    tried: Moments
    at: Moments


def signed_in(visits: Visits, leaves: Places, incident: Incident, rng: np.random.Generator) -> SignedIn:
    """Sign in everybody who does not leave before.

    Args:
        leaves: places of the visits that end before the form is sent.
    """
    number = len(visits)
    start = _kept_out(visits.start, incident, rng)
    pattern = _patterns(visits, rng)
    failures = _failures(start, incident, rng)
    sends = np.ones(number, dtype=np.bool_)
    sends[leaves] = False
    gives_up = failures == MOST_ERRORS
    parts = []
    for place in range(MOST_ERRORS):
        which = np.flatnonzero(sends & (failures > place))
        parts.append(_errors(visits, which, start[which] + place * BETWEEN_ERRORS, rng))
    at = np.full(number, NOBODY, dtype=np.int64)
    tried = np.full(number, NOBODY, dtype=np.int64)
    for place, (_, answers) in enumerate(PATTERNS):
        which = np.flatnonzero(sends & ~gives_up & (pattern == place))
        sent = start[which] + failures[which] * BETWEEN_ERRORS
        if answers[0] == 401:
            tried[which] = sent
        for status in answers:
            parts.append(_answered(visits, which, sent, status))
            if status == 200:
                at[which] = sent
            sent = sent + BETWEEN_TRIES + rng.integers(0, BETWEEN_TRIES, len(which))
    return SignedIn(Asked.joined(parts), tried, at)


def _patterns(visits: Visits, rng: np.random.Generator) -> Ids:
    shares = np.cumsum([share for share, _ in PATTERNS])
    drawn = even(rng, len(visits)) * np.where(visits.sure, shares[GOOD - 1], shares[-1])
    return np.asarray(np.searchsorted(shares, drawn, side="right"), dtype=np.int32)


def _kept_out(start: Moments, incident: Incident, rng: np.random.Generator) -> Moments:
    """Visits that would begin while the pods restart begin a minute later, most of them."""
    late = incident.restarting(start) & (rng.random(len(start)) < KEPT_OUT)
    return np.where(late, start + 62 * SECOND, start)


def _failures(start: Moments, incident: Incident, rng: np.random.Generator) -> Ids:
    """How many times in a row the form is answered with an error before it is taken."""
    failures = np.zeros(len(start), dtype=np.int32)
    going = np.flatnonzero(incident.covers(start))
    for place in range(MOST_ERRORS):
        pod = rng.integers(0, len(PODS), len(going)).astype(np.int16)
        likely = incident.failing(start[going] + place * BETWEEN_ERRORS, pod)
        going = going[rng.random(len(going)) < likely]
        failures[going] += 1
    return failures


def _errors(visits: Visits, which: Places, at: Moments, rng: np.random.Generator) -> Asked:
    status = np.where(rng.random(len(which)) < 0.65, 500, 503).astype(np.int16)
    return Asked.of(
        at,
        endpoints.LOGIN,
        visit=which.astype(np.int32),
        status=status,
        actor=visits.user[which],
        settled=True,
        incident=True,
    )


def _answered(visits: Visits, which: Places, at: Moments, status: int) -> Asked:
    people = visits.user[which]
    taken: Flags = np.full(len(which), status == 200)
    return Asked.of(
        at,
        endpoints.RESET if status == 202 else endpoints.LOGIN,
        visit=which.astype(np.int32),
        status=status,
        user=np.where(taken, people, NOBODY).astype(np.int32),
        actor=people,
        event=LOGIN if status == 200 else NOBODY,
        settled=True,
    )
