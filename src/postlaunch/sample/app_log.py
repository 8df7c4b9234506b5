"""What the application logged: errors of the incident and of uploads, slow queries, and the everyday."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from postlaunch.sample import endpoints
from postlaunch.sample.application import Application
from postlaunch.sample.changes import releases_of, restarted_at, restarts_of
from postlaunch.sample.columns import HOUR, NOBODY, SECOND, Places, stream
from postlaunch.sample.incident import LARGER_POOL, PODS, POOL
from postlaunch.sample.people import CLIENTS, FIRST_ID
from postlaunch.sample.resources import Samples
from postlaunch.sample.rhythm import milliseconds

SLOW_QUERY_MS = 250
PAGE_LENGTH = 50
LISTED = "SELECT id, name, role, last_login FROM users ORDER BY last_name"
POOL_WARNING = 8
"""Connections in use, of the smaller pool, from which the application warns."""
RATE_LIMIT_LOGGED = 5
"""One of so many refusals of the rate limit is logged."""

DATABASE, UPLOADS, SECURITY, JOBS, LIFE, MAIL = (
    "app.database",
    "app.uploads",
    "app.security",
    "app.jobs",
    "app.lifecycle",
    "app.mail",
)


class LogLine(NamedTuple):
    """One line; `at` in milliseconds."""

    at: int
    pod: str
    level: str
    logger: str
    message: str


@dataclass(frozen=True)
class _Log:
    """Writes the log of one application."""

    application: Application
    samples: Samples

    def _where(self, which: object) -> Places:
        return np.flatnonzero(np.asarray(which))

    def incident(self) -> Iterator[LogLine]:
        """Every request that found no connection."""
        requests = self.application.requests
        for place in self._where(requests.incident):
            endpoint = endpoints.ENDPOINTS[requests.endpoint[place]]
            yield self._line(
                place,
                "ERROR",
                DATABASE,
                f"connection pool exhausted: no connection within 1.00 s, {POOL} of {POOL} in use, "
                f'for "{endpoint.name}"',
            )

    def uploads(self) -> Iterator[LogLine]:
        """Every image whose upload timed out."""
        requests = self.application.requests
        timed_out = (requests.endpoint == endpoints.UPLOAD_IMAGE) & (requests.status == 500)
        for place in self._where(timed_out & ~requests.incident):
            user = FIRST_ID + int(requests.user[place])
            yield self._line(
                place,
                "ERROR",
                UPLOADS,
                f"image upload timed out after {requests.latency_ms[place]:.0f} ms: "
                f"{requests.size[place]} bytes, user {user}",
            )

    def slow_queries(self) -> Iterator[LogLine]:
        """Every look at the user list that took long: more each week, as the data grows."""
        requests = self.application.requests
        slow = (requests.endpoint == endpoints.LIST_USERS) & (requests.latency_ms > SLOW_QUERY_MS)
        for place in self._where(slow & ~requests.incident):
            offset = (int(requests.page[place]) - 1) * PAGE_LENGTH
            query = f"LIMIT {PAGE_LENGTH} OFFSET {offset}"
            took = f"slow query, {requests.latency_ms[place]:.0f} ms"
            yield self._line(place, "WARNING", DATABASE, f"{took}: {LISTED} {query}")

    def limits(self) -> Iterator[LogLine]:
        """Some of the refusals of the rate limit."""
        requests = self.application.requests
        for place in self._where(requests.status == 429)[::RATE_LIMIT_LOGGED]:
            yield self._line(
                place, "WARNING", SECURITY, f"too many sign-ins from {address(int(requests.client[place]))}"
            )

    def pool(self) -> Iterator[LogLine]:
        """Samples in which the smaller pool was nearly used up."""
        samples = self.samples
        near = (samples.pool_size == POOL) & (samples.pool_in_use >= POOL_WARNING)
        for place in self._where(near):
            yield LogLine(
                int(samples.at[place]) + 1,
                PODS[samples.pod[place]],
                "WARNING",
                DATABASE,
                f"{samples.pool_in_use[place]} of {POOL} database connections in use",
            )

    def hours(self) -> Iterator[LogLine]:
        """What each pod served in each hour."""
        requests, calendar = self.application.requests, self.application.calendar
        hour = (requests.at - calendar.start) // HOUR
        length = (calendar.end - calendar.start) // HOUR * len(PODS)
        counted = np.bincount(hour * len(PODS) + requests.pod, minlength=length).reshape(-1, len(PODS))
        for place, row in enumerate(counted):
            for pod, served in zip(PODS, row, strict=True):
                at = calendar.start + (place + 1) * HOUR - SECOND
                yield LogLine(at, pod, "INFO", LIFE, f"{served} requests served in the last hour")

    def jobs(self) -> Iterator[LogLine]:
        """What runs each night, and the mails that other servers put off."""
        application, rng = self.application, stream(self.application.seed, "log")
        for day in application.calendar.days:
            night = application.calendar.at(day, 2, 30)
            removed = int(rng.integers(150, 400) * application.scale) + 1
            seconds = f"{rng.normal(8, 0.8):.1f}"
            text = f"expired sessions removed: {removed} in {seconds} s"
            yield LogLine(night, PODS[int(rng.integers(len(PODS)))], "INFO", JOBS, text)
            for at in sorted(rng.integers(0, 24 * HOUR, rng.poisson(1.3))):
                text = (
                    f"mail to a user put off by mx{rng.integers(1, 5)}.example.net: 451 4.7.1 try again later"
                )
                moment = application.calendar.at(day) + int(at)
                if moment < application.calendar.end:
                    yield LogLine(moment, PODS[int(rng.integers(len(PODS)))], "WARNING", MAIL, text)

    def starts(self) -> Iterator[LogLine]:
        """The pods' restarts."""
        calendar, incident = self.application.calendar, self.application.incident
        versions = [version for _, version in releases_of(calendar)[1:]]
        versions.append(versions[-1])
        for begun, version in zip(restarts_of(calendar, incident), versions, strict=True):
            size = LARGER_POOL if begun >= incident.start else POOL
            for pod, name in enumerate(PODS):
                back = restarted_at(begun, pod)
                stopped = milliseconds(back - timedelta(seconds=14))
                text = f"started v{version}, pool of {size} database connections"
                yield LogLine(stopped, name, "INFO", LIFE, "stopping: SIGTERM, requests finished")
                yield LogLine(milliseconds(back), name, "INFO", LIFE, text)

    def _line(self, place: int, level: str, logger: str, message: str) -> LogLine:
        requests = self.application.requests
        at = int(requests.at[place]) + int(requests.latency_ms[place])
        return LogLine(at, PODS[requests.pod[place]], level, logger, message)


def log_lines_of(application: Application, samples: Samples) -> list[LogLine]:
    """Every line, in the order of time."""
    log = _Log(application, samples)
    parts = (
        log.incident(),
        log.uploads(),
        log.slow_queries(),
        log.limits(),
        log.pool(),
        log.hours(),
        log.jobs(),
        log.starts(),
    )
    lines = [line for part in parts for line in part if line.at < application.calendar.end]
    lines.sort()
    return lines


def address(client: int) -> str:
    """The network address behind a client's number."""
    if client == NOBODY:
        return ""
    if client >= CLIENTS:
        return f"203.0.113.{client - CLIENTS + 1}"
    return f"198.51.{100 + client // 254}.{1 + client % 254}"
