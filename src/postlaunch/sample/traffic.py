"""Two weeks of requests: sessions of users, the surge, and bots, each reacting to what it gets back."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from postlaunch.sample import endpoints
from postlaunch.sample.endpoints import Endpoint
from postlaunch.sample.incident import CONNECTION_TIMEOUT_MS, Incident
from postlaunch.sample.people import BOTS, GUESSER, Population, User
from postlaunch.sample.records import Request
from postlaunch.sample.rhythm import arrivals
from postlaunch.windows import Window

SESSIONS_PER_HOUR = 98.0
VISITS_OF_BOTS_PER_HOUR = 12.0
NEW_VISITORS = 0.024
"""Share of sessions that start with a registration."""

WEEKLY_SLOWDOWN = 0.04
"""The data grows, and every query with it."""

PODS = ("web-1", "web-2", "web-3")

ACTIONS: tuple[tuple[Endpoint, int], ...] = (
    (endpoints.LIST_USERS, 31),
    (endpoints.READ_USER, 27),
    (endpoints.PERMISSIONS, 15),
    (endpoints.UPDATE_USER, 8),
    (endpoints.REFRESH, 12),
    (endpoints.ROLES, 5),
    (endpoints.GRANT_ROLE, 2),
)
"""What a user does between signing in and leaving, and how often."""

LARGE_IMAGE = 6_000_000
"""Bytes above which an upload may time out: the cause of the background's 500s."""


class Traffic:
    """Writes the requests of one sample; one instance, one pass."""

    def __init__(self, rng: random.Random, start: int, incident: Incident) -> None:
        self._rng = rng
        self._start = start
        self._incident = incident
        self._people = Population(rng)
        self._actions = [endpoint for endpoint, _ in ACTIONS]
        self._weights = [weight for _, weight in ACTIONS]
        self.requests: list[Request] = []

    def session(self, at: int, actions: float, pause_ms: float) -> None:
        """One visit: sign up or sign in, look around, leave.

        Args:
            actions: mean number of actions between signing in and leaving.
            pause_ms: mean pause between two requests.
        """
        rng = self._rng
        user: User | None
        if rng.random() < NEW_VISITORS:
            at, user = self._sign_up(at, pause_ms)
        else:
            user = self._people.someone(at)
        if user is None:
            return
        signed_in = self._sign_in(at, user, pause_ms)
        if signed_in is None:
            return
        at = self._call(signed_in, endpoints.PROFILE, user).answered
        while rng.random() < actions / (actions + 1):
            at = self._act(at + self._pause(pause_ms), user)
        if rng.random() < 0.55:
            self._call(at + self._pause(pause_ms), endpoints.LOGOUT, user)

    def bot(self, at: int) -> None:
        """A crawler reads a few pages; a guesser looks for what is not there and tries passwords."""
        rng = self._rng
        client = f"203.0.113.{rng.randrange(1, 255)}"
        if rng.random() < 0.8:
            agent = rng.choice(BOTS)
            visit = [(rng.choice(endpoints.PAGES), 200) for _ in range(rng.randrange(1, 4))]
        else:
            agent = GUESSER
            visit = [(rng.choice(endpoints.PROBED), 404), (endpoints.LOGIN, 401), (endpoints.LOGIN, 429)]
        for endpoint, status in visit:
            request = self._write(at, endpoint, status=status, agent=agent, client=client, bot=True)
            at = request.answered + self._pause(4_000)

    def _sign_up(self, at: int, pause_ms: float) -> tuple[int, User | None]:
        rng, user = self._rng, self._people.newcomer()
        for _ in range(3):
            refused = 422 if rng.random() < 0.14 else 0
            answer = self._call(at, endpoints.REGISTER, user, status=refused or 201, signed_in=False)
            at = answer.answered + self._pause(pause_ms)
            if answer.status == 201:
                self._people.registered(user, answer.answered)
                return at, user
        return at, None

    def _sign_in(self, at: int, user: User, pause_ms: float) -> int | None:
        rng = self._rng
        for attempt in range(4):
            wrong = rng.random() < 0.07
            limited = wrong and attempt == 2
            status = 429 if limited else 401 if wrong else 200
            answer = self._call(at, endpoints.LOGIN, user, status=status, signed_in=not wrong)
            at = answer.answered + self._pause(pause_ms)
            if answer.status == 200:
                return at
            if answer.status == 401 and rng.random() < 0.12:
                self._call(at, endpoints.RESET, user, status=202, signed_in=False)
                return None
            if rng.random() < 0.2:
                return None
        return None

    def _act(self, at: int, user: User) -> int:
        rng = self._rng
        endpoint = rng.choices(self._actions, self._weights)[0]
        if endpoint is endpoints.UPDATE_USER:
            return self._update(at, user)
        if endpoint is endpoints.GRANT_ROLE:
            return self._call(at, endpoint, user, status=201 if user.admin else 403).answered
        missing = endpoint is endpoints.READ_USER and rng.random() < 0.008
        return self._call(at, endpoint, user, status=404 if missing else 200).answered

    def _update(self, at: int, user: User) -> int:
        rng = self._rng
        if rng.random() >= endpoints.IMAGE_SHARE:
            return self._call(at, endpoints.UPDATE_USER, user).answered
        size = int(rng.lognormvariate(14.4, 0.7))
        if size > LARGE_IMAGE and rng.random() < 0.4:
            return self._call(at, endpoints.UPLOAD_IMAGE, user, status=500, size=size, slower=4.0).answered
        return self._call(at, endpoints.UPLOAD_IMAGE, user, size=size).answered

    def _call(
        self,
        at: int,
        endpoint: Endpoint,
        user: User,
        *,
        status: int = 200,
        signed_in: bool = True,
        size: int | None = None,
        slower: float = 1.0,
    ) -> Request:
        subject = user.id if endpoint.method == "PUT" else None
        return self._write(
            at,
            endpoint,
            status=status,
            agent=user.agent,
            client=user.client,
            user=user.id if signed_in else None,
            subject=subject,
            size=size,
            slower=slower,
        )

    def _write(
        self,
        at: int,
        endpoint: Endpoint,
        *,
        status: int,
        agent: str,
        client: str,
        user: str | None = None,
        subject: str | None = None,
        size: int | None = None,
        slower: float = 1.0,
        bot: bool = False,
    ) -> Request:
        rng = self._rng
        pod = rng.choice(PODS)
        weeks = (at - self._start) / 604_800_000
        latency = endpoint.latency(rng, slower * (1 + WEEKLY_SLOWDOWN * weeks))
        failing = self._incident.failing(at, pod) if endpoint.database else 0.0
        failed = failing > 0 and rng.random() < failing
        if failed:
            status = 500 if rng.random() < 0.65 else 503
            latency += CONNECTION_TIMEOUT_MS
            user = None if endpoint is endpoints.LOGIN else user
        path = endpoint.route
        if ":id" in path:
            path = path.replace(":id", subject or self._people.known_id())
        query = f"page={_page(rng)}&per_page=50" if endpoint is endpoints.LIST_USERS else ""
        request = Request(
            at=at,
            pod=pod,
            method=endpoint.method,
            path=path,
            query=query,
            route=endpoint.route,
            status=status,
            latency_ms=round(latency, 1),
            user=user,
            size=size if size is not None else int(endpoint.size * rng.uniform(0.8, 1.2)),
            agent=agent,
            client=client,
            bot=bot,
            incident=failed,
        )
        self.requests.append(request)
        return request

    def _pause(self, mean_ms: float) -> int:
        return int(self._rng.expovariate(1 / mean_ms)) + 1


def _page(rng: random.Random) -> int:
    return 1 if rng.random() < 0.5 else rng.randrange(2, 60)


def requests_of(
    rng: random.Random, weeks: tuple[Window, Window], incident: Incident, scale: float
) -> list[Request]:
    """Every request of both weeks, in the order in which the log holds them.

    Args:
        scale: multiplies ordinary traffic; the surge around the incident keeps its size.
    """
    first, last = weeks
    start, end = int(first.start.timestamp() * 1000), int(last.end.timestamp() * 1000)
    zone = ZoneInfo(last.zone)
    traffic = Traffic(rng, start, incident)
    streams: list[Iterator[tuple[int, str]]] = [
        _named(arrivals(rng, first.start, last.end, SESSIONS_PER_HOUR * scale, zone), "visit"),
        _named(incident.surge(rng), "surge"),
        _named(arrivals(rng, first.start, last.end, VISITS_OF_BOTS_PER_HOUR * scale, zone), "bot"),
    ]
    for at, kind in heapq.merge(*streams):
        if kind == "bot":
            traffic.bot(at)
        elif kind == "surge":
            traffic.session(at, actions=6.0, pause_ms=9_000)
        else:
            traffic.session(at, actions=3.2, pause_ms=26_000)
    return _as_logged(request for request in traffic.requests if start <= request.at < end)


def _named(moments: Iterator[int], kind: str) -> Iterator[tuple[int, str]]:
    return ((at, kind) for at in moments)


FLUSH_MS = 5_000
"""Each pod hands its lines over this often: in order within a pod, in blocks between pods."""


def _as_logged(requests: Iterator[Request]) -> list[Request]:
    offset = {pod: place * FLUSH_MS // len(PODS) for place, pod in enumerate(PODS)}

    def place(request: Request) -> tuple[int, str, int]:
        shift = offset[request.pod]
        return ((request.at + shift) // FLUSH_MS * FLUSH_MS - shift, request.pod, request.at)

    return sorted(requests, key=place)
