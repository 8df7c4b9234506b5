"""What the sample application does and hears, before it is written to files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Request(NamedTuple):
    """One request that the sample application served.

    Attributes:
        at: when it came in, in milliseconds since 1970-01-01 UTC.
        path: with concrete ids and without the query, e.g. "/users/1423".
        route: the template behind it, e.g. "/users/:id"; kept for the truth, never written to the log.
        user: the id of the user who was signed in, or None.
        size: bytes of the larger body, sent or received.
        bot: kept for the truth; the log shows only the agent.
        incident: whether the incident made it fail; kept for the truth.
    """

    at: int
    pod: str
    method: str
    path: str
    query: str
    route: str
    status: int
    latency_ms: float
    user: str | None
    size: int
    agent: str
    client: str
    bot: bool
    incident: bool

    @property
    def answered(self) -> int:
        """When the answer left, in milliseconds since 1970-01-01 UTC."""
        return self.at + int(self.latency_ms)

    @property
    def endpoint(self) -> str:
        """The endpoint as reports name it: "GET /users/:id"."""
        return f"{self.method} {self.route}"


@dataclass(frozen=True)
class WrittenTicket:
    """One support ticket, and the theme it was written from.

    Attributes:
        at: when it arrived, in milliseconds since 1970-01-01 UTC.
        person: who wrote it; one person may spell the address in two ways.
        kind: as the sender filed it: often empty, sometimes wrong.
        theme: kept for the truth, never written to the file.
    """

    id: str
    at: int
    person: str
    requester: str
    subject: str
    body: str
    kind: str
    theme: str
