"""Who uses the sample application: its users, their browsers, and the machines that come by."""

from __future__ import annotations

import random
from typing import NamedTuple

FIRST_USERS = 5200
"""Users at the start of the sample; ids count up from `FIRST_ID`."""

FIRST_ID = 1001

LOYALTY = 3.0
"""How unevenly users come back: higher means that fewer of them make most of the sessions."""

BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.6 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.6 Mobile/15E148 Safari/604.1",
)

BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
)

GUESSER = "Mozilla/5.0 (compatible; loginbot/2.0)"
"""Tries passwords, and looks for pages that are not there."""


class User(NamedTuple):
    """One user of the sample application."""

    id: str
    agent: str
    client: str
    admin: bool


class Population:
    """The users who exist at a moment. Registered users join a minute after they signed up."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._next_id = FIRST_ID
        self._waiting: list[tuple[int, User]] = []
        self.users = [self.newcomer() for _ in range(FIRST_USERS)]

    def newcomer(self) -> User:
        """The next user; not yet one of those who come back."""
        rng, number = self._rng, self._next_id
        self._next_id += 1
        return User(
            id=str(number),
            agent=rng.choices(BROWSERS, (52, 20, 9, 19))[0],
            client=f"198.51.{rng.randrange(100, 104)}.{rng.randrange(1, 255)}",
            admin=rng.random() < 0.06,
        )

    def registered(self, user: User, at: int) -> None:
        """Let a new user come back from a minute after `at` (milliseconds) on."""
        self._waiting.append((at + 60_000, user))

    def someone(self, at: int) -> User:
        """Who comes back now; early users come more often."""
        while self._waiting and self._waiting[0][0] <= at:
            self.users.append(self._waiting.pop(0)[1])
        return self.users[int(len(self.users) * self._rng.random() ** LOYALTY)]

    def known_id(self) -> str:
        """The id of any user, for a look at somebody's profile."""
        return self._rng.choice(self.users).id
