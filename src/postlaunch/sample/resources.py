"""What each pod uses, minute by minute: memory, processor, disk, and connections to the database."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from postlaunch.sample.application import Application
from postlaunch.sample.changes import restarted_at, restarts_of
from postlaunch.sample.columns import HOUR, MINUTE, Codes, Columns, Floats, Moments, stream
from postlaunch.sample.incident import LARGER_POOL, PODS, POOL, RESTARTING
from postlaunch.sample.rhythm import milliseconds

MEGABYTE = 1_000_000
PAGE = 4096

MEMORY_LIMIT, MEMORY_AT_LAUNCH = 512 * MEGABYTE, 184 * MEGABYTE
MEMORY_WEEKLY, MEMORY_BUSY, MEMORY_SURGE = 0.9 * MEGABYTE, 7 * MEGABYTE, 2.2 * MEGABYTE
"""What a week adds, what the usual traffic adds at its mean, and what a request a second adds."""
MEMORY_RESTARTED = 158 * MEGABYTE
HOURS_TO_WARM_UP = 7.0

CPU_LIMIT = 0.5
CPU_IDLE, CPU_BUSY, CPU_SURGE = 0.05, 0.070, 0.042
"""Shares of the limit: at rest, for the usual traffic at its mean, for each request a second of a surge."""

DISK_LIMIT, DISK_AT_LAUNCH, DISK_WEEKLY = 10_000 * MEGABYTE, 1_580 * MEGABYTE, 44 * MEGABYTE

POOL_IDLE, POOL_BUSY, MOST_BEFORE = 2.2, 1.7, 8
"""Connections at rest, for the usual traffic at its mean, and the most there were before the incident."""
POOL_SURGE = 1.45
"""Connections that each request a second of a surge holds: the exercises run long transactions."""


@dataclass(frozen=True)
class Samples(Columns):
    """One sample a minute and pod, in the order of time, then of the pods."""

    at: Moments
    pod: Codes
    memory_bytes: Moments
    cpu_cores: Floats
    disk_bytes: Moments
    pool_in_use: Codes
    pool_size: Codes


@dataclass(frozen=True)
class Usage:
    """How the samples follow from what the application did."""

    application: Application

    @cached_property
    def minutes(self) -> Moments:
        """The start of every minute."""
        calendar = self.application.calendar
        return np.arange(calendar.start, calendar.end, MINUTE, dtype=np.int64)

    @cached_property
    def _busy(self) -> Floats:
        """The usual traffic of each minute, relative to the mean of the first day: visits and their work."""
        calendar = self.application.calendar
        busyness = calendar.busyness(self.minutes)
        return np.convolve(np.pad(busyness, 30, mode="edge"), np.full(61, 1 / 61), mode="valid")

    @cached_property
    def _surge(self) -> Floats:
        """Requests a second in each minute beyond the usual, by pod; nothing outside the training hour."""
        requests, start = self.application.requests, self.application.calendar.start
        places = (requests.at - start) // MINUTE * len(PODS) + requests.pod
        counted = np.bincount(places, minlength=len(self.minutes) * len(PODS)).reshape(-1, len(PODS)) / 60
        first = (self.application.incident.start_ms - start) // MINUTE
        near = np.zeros(len(self.minutes), dtype=np.bool_)
        near[first - 12 : first + 45] = True
        return np.where(near[:, None], counted, 0.0)

    def _warm(self, pod: int) -> Floats:
        """How far a pod's memory has filled again since it last restarted."""
        warm = np.ones(len(self.minutes))
        for begun in restarts_of(self.application.calendar, self.application.incident):
            since = (self.minutes - milliseconds(restarted_at(begun, pod))) / HOUR
            warm = np.where(since >= 0, 1 - np.exp(-np.maximum(since, 0) / HOURS_TO_WARM_UP), warm)
        return warm

    def samples(self) -> Samples:
        """All of them."""
        rng = stream(self.application.seed, "resources")
        pods = [self._pod(pod, rng) for pod in range(len(PODS))]
        joined = Samples.joined(pods)
        return joined.rows(np.arange(len(joined)).reshape(len(PODS), -1).T.ravel())

    def _pod(self, pod: int, rng: np.random.Generator) -> Samples:
        number = len(self.minutes)
        weeks = (self.minutes - self.application.calendar.start) / (7 * 24 * HOUR)
        busy, surge = self._busy * rng.normal(1.0, 0.06, number), self._surge[:, pod]
        memory = MEMORY_AT_LAUNCH + MEMORY_WEEKLY * weeks + MEMORY_BUSY * busy + MEMORY_SURGE * surge
        memory = MEMORY_RESTARTED + (memory - MEMORY_RESTARTED) * self._warm(pod)
        memory += rng.normal(0, MEGABYTE, number)
        share = CPU_IDLE + CPU_BUSY * busy + CPU_SURGE * surge + rng.normal(0, 0.006, number)
        disk = DISK_AT_LAUNCH + DISK_WEEKLY * weeks + rng.normal(0, 0.2 * MEGABYTE, number)
        larger = milliseconds(restarted_at(self.application.incident.after(RESTARTING), pod))
        size = np.where(self.minutes >= larger, LARGER_POOL, POOL).astype(np.int16)
        return Samples(
            at=self.minutes,
            pod=np.full(number, pod, dtype=np.int16),
            memory_bytes=(memory // PAGE * PAGE).astype(np.int64),
            cpu_cores=np.round(np.clip(share, 0.01, 1.0) * CPU_LIMIT, 4),
            disk_bytes=(disk // PAGE * PAGE).astype(np.int64),
            pool_in_use=self._pool(busy, surge, size, rng),
            pool_size=size,
        )

    def _pool(self, busy: Floats, surge: Floats, size: Codes, rng: np.random.Generator) -> Codes:
        wanted = POOL_IDLE + POOL_BUSY * busy + POOL_SURGE * surge + rng.normal(0, 0.5, len(busy))
        incident = self.application.incident
        before = self.minutes < incident.start_ms
        exhausted = incident.covers(self.minutes) & (size == POOL)
        wanted = np.where(before, np.minimum(wanted, MOST_BEFORE), wanted)
        wanted = np.where(exhausted, size, wanted)
        return np.clip(np.round(wanted), 1, size).astype(np.int16)
