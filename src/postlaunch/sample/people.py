"""Who uses the sample application: its users, their habits and browsers, and the machines that come by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from postlaunch.sample.columns import (
    MINUTE,
    NOBODY,
    Codes,
    Columns,
    Flags,
    Floats,
    Ids,
    Moments,
    Places,
    even,
    stream,
)
from postlaunch.sample.registrations import Registrations
from postlaunch.sample.rhythm import Calendar

FIRST_USERS = 4800
"""Users imported in the week of the launch, at scale 1."""

FIRST_ID = 1001
"""Ids count up from here, in the order of signing up."""

ADMINS = 0.06
FADING, NEW_FADING = 0.35, 0.27
"""Shares of the users who stop coming: of the imported before the sample begins, of the others days later."""
FADING_ADMINS = 0.15
DAYS_BEFORE_FADING = 6.0
FADED = 0.002
"""How likely somebody who has stopped comes on a day after all."""

HABIT = (3.4, 1.85)
"""Beta distribution of how likely a user comes on a day."""
EAGERNESS, EAGER_DAYS = 0.45, 3.5
"""New users come more often at first: by this share more, and for about so many days."""
SURELY = 0.97

VISITS_MORE = 0.25
"""Visits beyond the first on a day with one."""

NEVER_UPDATE = 0.07
"""Share of the users who never change their profile."""

BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.6 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.6 Mobile/15E148 Safari/604.1",
)
BROWSER_SHARES = (0.52, 0.20, 0.09, 0.19)

BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
)

GUESSER = "Mozilla/5.0 (compatible; loginbot/2.0)"
"""Tries passwords, and looks for pages that are not there."""

AGENTS = (*BROWSERS, *BOTS, GUESSER)
"""Every user agent; rows name them by their place here."""

CLIENTS = 4 * 254
"""Network addresses that people share, 198.51.100.1 and on; those of bots (203.0.113.1 and on) follow."""
BOT_CLIENTS = 254


@dataclass(frozen=True)
class People(Columns):
    """Every user there ever was, in the order of signing up.

    Attributes:
        joined_at: when they signed up.
        fades: the day (by place) from which they hardly come any more.
        habit: how likely they come on a day.
        updates: whether they ever change their profile.
    """

    joined_at: Moments
    fades: Places
    habit: Floats
    admin: Flags
    updates: Flags
    agent: Codes
    client: Ids


def people_of(calendar: Calendar, seed: int, imported: Moments, registrations: Registrations) -> People:
    """The users imported at the launch, then those who registered."""
    rng = stream(seed, "people")
    joined = np.concatenate([imported, registrations.signed_up[registrations.accounts]])
    number, old = len(joined), len(imported)
    admin = even(rng, number) < ADMINS
    is_old = np.arange(number) < old
    fading = even(rng, number) < np.where(admin, FADING_ADMINS, np.where(is_old, FADING, NEW_FADING))
    day = np.concatenate([np.zeros(old, dtype=np.int64), calendar.day_of(joined[old:])])
    staying = np.where(is_old, 0, 1 + rng.exponential(DAYS_BEFORE_FADING, number))
    fades = np.where(fading, day + staying.astype(np.int64), len(calendar.days))
    never_back = np.zeros(number, dtype=np.bool_)
    never_back[old:] = registrations.first_visit[registrations.accounts] == NOBODY
    return People(
        joined_at=joined,
        fades=np.where(never_back, day, fades),
        habit=rng.beta(*HABIT, number),
        admin=admin,
        updates=even(rng, number) >= NEVER_UPDATE,
        agent=rng.choice(len(BROWSERS), number, p=BROWSER_SHARES).astype(np.int16),
        client=rng.integers(0, CLIENTS, number, dtype=np.int32),
    )


def imported_at_launch(calendar: Calendar, seed: int, scale: float) -> Moments:
    """When the accounts that customers brought with them were made: in batches, in the week of the launch."""
    rng = stream(seed, "imported")
    number = max(round(FIRST_USERS * scale), 20)
    batches = max(number // 40, 1)
    monday = calendar.days[0] - timedelta(days=7)
    starts = np.array(
        [
            calendar.at(monday + timedelta(days=int(day)), int(hour), int(minute))
            for day, hour, minute in zip(
                rng.integers(0, 5, batches),
                rng.integers(9, 17, batches),
                rng.integers(0, 60, batches),
                strict=True,
            )
        ],
        dtype=np.int64,
    )
    batch = rng.integers(0, batches, number)
    return np.sort(starts[batch] + rng.integers(0, MINUTE, number))


def days_with_a_visit(people: People, calendar: Calendar, rng: np.random.Generator) -> tuple[Ids, Places]:
    """Who comes on which day: positions of users, and of days; the day of signing up is not among them."""
    days = np.arange(len(calendar.days))
    joined = np.where(people.joined_at < calendar.start, -10_000, calendar.day_of(people.joined_at))
    age = days[None, :] - joined[:, None]
    eager = 1 + EAGERNESS * np.exp(-np.maximum(age - 1, 0) / EAGER_DAYS)
    usual = people.habit[:, None] * eager * calendar.day_weights[None, :]
    likely = np.where(days[None, :] < people.fades[:, None], np.minimum(usual, SURELY), FADED)
    comes = (rng.random(likely.shape) < likely) & (age >= 1)
    users, visited = np.nonzero(comes)
    return users.astype(np.int32), visited.astype(np.int64)
