"""The large files of the sample, written as Parquet: requests, events, samples of resources."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from postlaunch.sample.columns import EVENTS, Events, Places, Requests
from postlaunch.sample.endpoints import ENDPOINTS
from postlaunch.sample.experiment import ARMS, NAME
from postlaunch.sample.incident import PODS
from postlaunch.sample.people import AGENTS, CLIENTS, FIRST_ID, People
from postlaunch.sample.resources import CPU_LIMIT, DISK_LIMIT, MEMORY_LIMIT, Samples

FLUSH_MS = 5_000
"""Each pod hands its lines over this often: in order within a pod, in blocks between pods."""

Given = dict[str, NDArray[np.generic]]
Parameters = dict[str, object]


def write_requests(path: Path, requests: Requests) -> None:
    """The log as the pods hand it over."""
    logged = requests.rows(_as_logged(requests))
    _write(
        "write_requests",
        path,
        {
            "at_ms": logged.at,
            "endpoint": logged.endpoint,
            "subject": logged.subject,
            "page": logged.page,
            "status": logged.status,
            "latency_ms": logged.latency_ms,
            "user_place": logged.user,
            "pod": logged.pod,
            "size": logged.size,
            "client": logged.client,
            "agent": logged.agent,
        },
        {
            "methods": [endpoint.method for endpoint in ENDPOINTS],
            "routes": [endpoint.route for endpoint in ENDPOINTS],
            "pods": list(PODS),
            "agents": list(AGENTS),
            "first_id": FIRST_ID,
            "clients": CLIENTS,
        },
    )


def write_events(path: Path, events: Events, people: People) -> None:
    """The events in their order."""
    _write(
        "write_events",
        path,
        {
            "at_ms": events.at,
            "person": events.person,
            "name": events.name,
            "number": np.arange(1, len(events) + 1),
            "admin": people.admin[np.maximum(events.person, 0)],
            "arm": events.arm,
            "seconds": events.seconds,
            "success": events.success,
            "rating": events.rating,
        },
        {"names": list(EVENTS), "experiment": NAME, "arms": list(ARMS), "first_id": FIRST_ID},
    )


def write_resources(path: Path, samples: Samples) -> None:
    """The samples in their order."""
    _write(
        "write_resources",
        path,
        {
            "at_ms": samples.at,
            "pod": samples.pod,
            "memory_bytes": samples.memory_bytes,
            "cpu_cores": samples.cpu_cores,
            "disk_bytes": samples.disk_bytes,
            "pool_in_use": samples.pool_in_use,
            "pool_size": samples.pool_size,
        },
        {
            "pods": list(PODS),
            "memory_limit": MEMORY_LIMIT,
            "cpu_limit": CPU_LIMIT,
            "disk_limit": DISK_LIMIT,
        },
    )


def _as_logged(requests: Requests) -> Places:
    shift = requests.pod.astype(np.int64) * FLUSH_MS // len(PODS)
    handed_over = (requests.at + shift) // FLUSH_MS * FLUSH_MS - shift
    return np.argsort(handed_over, kind="stable")


def _write(query: str, path: Path, given: Given, parameters: Parameters) -> None:
    sql = files("postlaunch.sample").joinpath(f"{query}.sql").read_text(encoding="utf-8")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        connection.register("given", given)
        connection.execute(sql, {**parameters, "path": str(path)})
