"""What people do once they are signed in, and what bots do: requests as they are sent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from postlaunch.sample import endpoints
from postlaunch.sample.columns import (
    DASHBOARD_VIEWED,
    HOUR,
    LOGOUT,
    NOBODY,
    PROFILE_UPDATED,
    PROFILE_VIEWED,
    ROLE_ASSIGNED,
    Asked,
    Codes,
    Flags,
    Ids,
    Moments,
    Places,
    Visits,
    even,
)
from postlaunch.sample.incident import KEPT_OUT, Incident
from postlaunch.sample.people import BOT_CLIENTS, BOTS, BROWSERS, CLIENTS, People
from postlaunch.sample.rhythm import Calendar
from postlaunch.sample.visits import pauses

DASHBOARD = 0.92
"""Share of the visits that open the dashboard first; it shows the first page of the user list."""
LOGS_OUT = 0.60
FIRST_PAGE = 0.14
"""Share of the looks at the list itself that are at its first page."""
LAST_PAGE = 60
NOT_FOUND = 0.008

BOT_VISITS_AN_HOUR = 14.0
CRAWLERS = 0.8

Action = tuple[int, int, int]
"""An endpoint, the event of it, and the page of the list: 1 the first, −1 any."""

ACTIONS: tuple[Action, ...] = (
    (endpoints.LIST_USERS, NOBODY, -1),
    (endpoints.LIST_USERS, DASHBOARD_VIEWED, 1),
    (endpoints.READ_USER, PROFILE_VIEWED, 0),
    (endpoints.PERMISSIONS, NOBODY, 0),
    (endpoints.UPDATE_USER, PROFILE_UPDATED, 0),
    (endpoints.REFRESH, NOBODY, 0),
    (endpoints.ROLES, NOBODY, 0),
    (endpoints.GRANT_ROLE, ROLE_ASSIGNED, 0),
)
DASHBOARD_ACTION, READ_ACTION, UPDATE_ACTION = 1, 2, 4

WEIGHTS = {
    (False, False): (25.0, 5.5, 24.5, 17.0, 5.2, 11.0, 4.0, 0.06),
    (True, False): (24.0, 5.5, 22.5, 15.0, 5.0, 9.0, 7.0, 4.0),
    (False, True): (20.0, 5.0, 26.0, 32.0, 2.0, 9.0, 6.0, 0.0),
    (True, True): (20.0, 5.0, 26.0, 32.0, 2.0, 9.0, 6.0, 0.0),
}
"""How often each action is taken, by (administrator, training hour)."""


def actions_asked(
    visits: Visits,
    signed_in: Moments,
    people: People,
    calendar: Calendar,
    incident: Incident,
    rng: np.random.Generator,
) -> Asked:
    """The requests of every visit from signing in to leaving."""
    which = np.flatnonzero(signed_in != NOBODY)
    dashboard = rng.random(len(which)) < DASHBOARD
    leaves = rng.random(len(which)) < LOGS_OUT
    lengths = 1 + dashboard + visits.actions[which] + leaves
    first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    visit = np.repeat(which, lengths)

    user = visits.user[visit]
    action = _actions(people.admin[user], visits.training[visit], people.updates[user], rng)
    endpoint = np.array([one for one, _, _ in ACTIONS], dtype=np.int16)[action]
    event = np.array([one for _, one, _ in ACTIONS], dtype=np.int16)[action]
    page = np.array([one for _, _, one in ACTIONS], dtype=np.int16)[action]
    gap = pauses(rng, visits.pause_ms[visit])
    for places, what, recorded, where, quickest, spread in (
        (first, endpoints.ME, NOBODY, 0, 120, 300),
        (first[dashboard] + 1, endpoints.LIST_USERS, DASHBOARD_VIEWED, 1, 300, 1_200),
    ):
        endpoint[places], event[places], page[places] = what, recorded, where
        gap[places] = quickest + rng.integers(0, spread, len(places))
    last = (first + lengths - 1)[leaves]
    endpoint[last], event[last], page[last] = endpoints.LOGOUT, LOGOUT, 0

    since = np.cumsum(gap)
    at = signed_in[visit] + since - np.repeat((since - gap)[first], lengths)
    kept = ~_kept_out(at, visit, len(visits), incident, rng) & (at < calendar.end)
    asked = _as_asked(at, visit, user, endpoint, event, _pages(page, rng), people, calendar, rng)
    return asked.rows(kept)


def _actions(admin: Flags, training: Flags, updates: Flags, rng: np.random.Generator) -> Places:
    drawn = rng.random(len(admin))
    action = np.zeros(len(admin), dtype=np.int64)
    for (is_admin, in_training), weights in WEIGHTS.items():
        which = np.flatnonzero((admin == is_admin) & (training == in_training))
        shares = np.cumsum(weights) / np.sum(weights)
        action[which] = np.searchsorted(shares, drawn[which], side="right")
    action[(action == UPDATE_ACTION) & ~updates] = READ_ACTION
    return action


def _pages(page: Codes, rng: np.random.Generator) -> Codes:
    number = len(page)
    later = rng.integers(2, LAST_PAGE, number, dtype=np.int16)
    anywhere = np.where(rng.random(number) < FIRST_PAGE, np.int16(1), later)
    return np.where(page < 0, anywhere, page)


def _kept_out(at: Moments, visit: Places, visits: int, incident: Incident, rng: np.random.Generator) -> Flags:
    """Requests that do not reach the application because its pods restart."""
    waits = rng.random(visits) < KEPT_OUT
    return np.asarray(incident.restarting(at) & waits[visit], dtype=np.bool_)


def _as_asked(
    at: Moments,
    visit: Places,
    user: Ids,
    endpoint: Codes,
    event: Codes,
    page: Codes,
    people: People,
    calendar: Calendar,
    rng: np.random.Generator,
) -> Asked:
    """The requests with whom they are about, how large they are, and what is answered."""
    number = len(at)
    known = np.searchsorted(people.joined_at, calendar.day_starts[calendar.day_of(at)])
    subject = (rng.random(number) * known).astype(np.int32)
    writes = endpoint == endpoints.UPDATE_USER
    subject = np.where(writes, user, subject)
    image = writes & (rng.random(number) < endpoints.IMAGE_SHARE)
    endpoint = np.where(image, np.int16(endpoints.UPLOAD_IMAGE), endpoint)
    size = np.where(image, rng.lognormal(14.4, 0.7, number), 0).astype(np.int32)
    too_large = (size > endpoints.LARGE_IMAGE) & (rng.random(number) < endpoints.TIMED_OUT_SHARE)
    grants = endpoint == endpoints.GRANT_ROLE
    missing = (endpoint == endpoints.READ_USER) & (rng.random(number) < NOT_FOUND)
    status = np.full(number, 200, dtype=np.int16)
    status[grants] = np.where(people.admin[user[grants]], 201, 403)
    status[missing] = 404
    status[too_large] = 500
    return Asked.of(
        at,
        endpoint,
        visit=visit.astype(np.int32),
        status=status,
        user=user,
        actor=user,
        subject=subject,
        page=page,
        size=size,
        slower=np.where(too_large, 4.0, 1.0),
        event=event,
    )


@dataclass(frozen=True)
class BotRequests:
    """What bots send; agent and client as `columns.Requests` has them."""

    asked: Asked
    agent: Codes
    client: Ids


def bots_asked(calendar: Calendar, scale: float, rng: np.random.Generator) -> BotRequests:
    """What crawlers and guessers send; a guesser probes a page, then tries passwords until it is stopped."""
    hours = (calendar.end - calendar.start) / HOUR
    number = rng.poisson(BOT_VISITS_AN_HOUR * scale * hours)
    start = np.sort(rng.integers(calendar.start, calendar.end, number))
    crawls = even(rng, number) < CRAWLERS
    length = np.where(crawls, rng.integers(1, 4, number), 3)
    visit = np.repeat(np.arange(number), length)
    step = np.arange(len(visit)) - np.repeat(np.cumsum(length) - length, length)
    at = start[visit] + step * (1_500 + rng.integers(0, 6_000, len(visit)))
    page = np.array(endpoints.PAGES, dtype=np.int16)[rng.integers(0, 3, len(visit))]
    probe = np.array(endpoints.PROBED, dtype=np.int16)[rng.integers(0, 3, len(visit))]
    guess = np.where(step == 0, probe, np.int16(endpoints.LOGIN))
    answer = np.array([404, 401, 429], dtype=np.int16)[np.minimum(step, 2)]
    asked = Asked.of(
        at,
        np.where(crawls[visit], page, guess),
        visit=visit.astype(np.int32),
        status=np.where(crawls[visit], np.int16(200), answer),
        settled=True,
    )
    agent = len(BROWSERS) + np.where(crawls, rng.integers(0, len(BOTS), number), len(BOTS))
    client = CLIENTS + rng.integers(0, BOT_CLIENTS, number)
    kept = at < calendar.end
    return BotRequests(
        asked=asked.rows(kept),
        agent=agent.astype(np.int16)[visit][kept],
        client=client.astype(np.int32)[visit][kept],
    )
