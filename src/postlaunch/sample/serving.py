"""How the application answers: which pod, how fast, and what the incident makes fail."""

from __future__ import annotations

import numpy as np

from postlaunch.sample.columns import NOBODY, Asked, Codes, Flags, Ids, Requests
from postlaunch.sample.endpoints import ENDPOINTS, WEEKLY_SLOWDOWN
from postlaunch.sample.incident import CONNECTION_TIMEOUT_MS, PODS, Incident
from postlaunch.sample.people import BROWSER_SHARES, CLIENTS, People
from postlaunch.sample.rhythm import Calendar

WEEK_MS = 604_800_000


def browsers_of(asked: Asked, people: People, rng: np.random.Generator) -> tuple[Codes, Ids]:
    """The user agent and the network address of each request that a person sends."""
    number = len(asked)
    known = asked.actor != NOBODY
    agent = rng.choice(len(BROWSER_SHARES), number, p=BROWSER_SHARES).astype(np.int16)
    client = rng.integers(0, CLIENTS, number, dtype=np.int32)
    agent[known] = people.agent[asked.actor[known]]
    client[known] = people.client[asked.actor[known]]
    return agent, client


def served(
    asked: Asked,
    agent: Codes,
    client: Ids,
    bot: bool,
    calendar: Calendar,
    incident: Incident,
    rng: np.random.Generator,
) -> Requests:
    """The requests with their answers."""
    number = len(asked)
    pod = rng.integers(0, len(PODS), number, dtype=np.int16)
    median = np.array([endpoint.median_ms for endpoint in ENDPOINTS])[asked.endpoint]
    spread = np.array([endpoint.spread for endpoint in ENDPOINTS])[asked.endpoint]
    weeks = (asked.at - calendar.start) / WEEK_MS
    latency = median * np.exp(spread * rng.standard_normal(number) + np.log1p(WEEKLY_SLOWDOWN) * weeks)
    latency *= asked.slower
    failed = asked.incident | _failed(asked, pod, incident, rng)
    status = asked.status.copy()
    newly = failed & ~asked.incident
    status[newly] = np.where(rng.random(int(newly.sum())) < 0.65, 500, 503)
    latency[failed] += CONNECTION_TIMEOUT_MS
    usual = np.array([endpoint.size for endpoint in ENDPOINTS])[asked.endpoint] * rng.uniform(
        0.8, 1.2, number
    )
    return Requests(
        at=asked.at,
        endpoint=asked.endpoint,
        status=status,
        user=asked.user,
        subject=asked.subject,
        page=asked.page,
        size=np.where(asked.size > 0, asked.size, usual).astype(np.int32),
        agent=agent,
        client=client,
        pod=pod,
        latency_ms=np.round(latency, 1),
        bot=np.full(number, bot),
        incident=failed,
        event=np.where(status < 400, asked.event, np.int16(NOBODY)),
    )


def _failed(asked: Asked, pod: Codes, incident: Incident, rng: np.random.Generator) -> Flags:
    """Which requests of the incident find no connection."""
    database = np.array([endpoint.database for endpoint in ENDPOINTS])
    failed = np.zeros(len(asked), dtype=np.bool_)
    touched = np.flatnonzero(incident.covers(asked.at) & ~asked.settled & database[asked.endpoint])
    likely = incident.failing(asked.at[touched], pod[touched])
    failed[touched] = rng.random(len(touched)) < likely
    return failed
