"""Alerts as the launch record's rules fire them on what was served."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from postlaunch.sample.application import Application
from postlaunch.sample.columns import MINUTE, Flags, Floats, Requests
from postlaunch.sample.incident import PODS
from postlaunch.sample.resources import DISK_LIMIT, MEMORY_LIMIT, Samples
from postlaunch.sample.rhythm import moment
from postlaunch.sample.rules import LEAST_REQUESTS, Rule

COMPONENT = "auth-api"


@dataclass(frozen=True)
class AlertRow:
    """One line of the file; empty fields are left out of it."""

    at: datetime
    kind: str
    alert: str
    rule: str = ""
    severity: str = ""
    component: str = ""
    value: float | None = None
    threshold: float | None = None
    by: str = ""
    milestone: str = ""
    text: str = ""


@dataclass(frozen=True)
class Minutes:
    """What the rules look at, minute by minute.

    Attributes:
        slow: whether the 95th percentile (nearest rank) is above the bound.
        memory, disk_free: shares of the limit, of the pod that is worst off.
    """

    start: int
    error_rate: Floats
    slow: Flags
    memory: Floats
    disk_free: Floats


def fired(application: Application, samples: Samples, rules: tuple[Rule, ...]) -> tuple[AlertRow, ...]:
    """Every alert that a rule fires, and when it goes, oldest first."""
    bound = next(rule.threshold for rule in rules if rule.name == "HighResponseTime")
    minutes = _minutes(application, samples, bound)
    rows = [row for rule in rules for row in _of_rule(rule, minutes, application)]
    return tuple(sorted(rows, key=lambda row: (row.at, row.alert)))


def _minutes(application: Application, samples: Samples, bound: float) -> Minutes:
    requests, start = application.requests, application.calendar.start
    number = (application.calendar.end - start) // MINUTE
    minute = (requests.at - start) // MINUTE
    total = np.bincount(minute, minlength=number)
    enough = total >= LEAST_REQUESTS
    failed = np.bincount(minute[requests.status >= 500], minlength=number)
    above = np.bincount(minute[requests.latency_ms > bound], minlength=number)
    at_most = -(-total * 95 // 100)
    shape = (-1, len(PODS))
    return Minutes(
        start=start,
        error_rate=np.where(enough, failed / np.maximum(total, 1), 0.0),
        slow=enough & (above > total - at_most),
        memory=samples.memory_bytes.reshape(shape).max(axis=1) / MEMORY_LIMIT,
        disk_free=1 - samples.disk_bytes.reshape(shape).max(axis=1) / DISK_LIMIT,
    )


def _of_rule(rule: Rule, minutes: Minutes, application: Application) -> Iterator[AlertRow]:
    """An alert comes once its rule has held for its minutes, and goes after the first minute without."""
    holds = _holds(rule, minutes).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], holds, [0]]))).reshape(-1, 2)
    spells = [(int(first), int(after)) for first, after in edges if after - first >= rule.for_minutes]
    zone = application.calendar.zone
    for number, (first, after) in enumerate(spells, 1):
        known = first + rule.for_minutes
        alert = AlertRow(
            at=moment(minutes.start + known * MINUTE, zone),
            kind="fired",
            alert=f"{rule.name}-{number}",
            rule=rule.name,
            severity=rule.severity,
            component=COMPONENT,
            value=round(_value(rule, minutes, known - 1, application.requests), 4),
            threshold=rule.threshold,
            text=rule.condition,
        )
        yield alert
        yield AlertRow(
            at=moment(minutes.start + (after + 1) * MINUTE, zone),
            kind="resolved",
            alert=alert.alert,
            rule=rule.name,
            severity=rule.severity,
            component=COMPONENT,
        )


def _holds(rule: Rule, minutes: Minutes) -> Flags:
    match rule.name:
        case "HighErrorRate":
            held = minutes.error_rate > rule.threshold
        case "HighResponseTime":
            held = minutes.slow
        case "HighMemoryUsage":
            held = minutes.memory > rule.threshold
        case "LowDiskSpace":
            held = minutes.disk_free < rule.threshold
        case _:  # the pods restart one after another: two of three are always there
            held = np.zeros(len(minutes.memory), dtype=np.bool_)
    return np.asarray(held, dtype=np.bool_)


def _value(rule: Rule, minutes: Minutes, place: int, requests: Requests) -> float:
    """What the rule saw in one minute."""
    match rule.name:
        case "HighErrorRate":
            return float(minutes.error_rate[place])
        case "HighResponseTime":
            first = minutes.start + place * MINUTE
            low, high = np.searchsorted(requests.at, [first, first + MINUTE])
            ordered = np.sort(requests.latency_ms[low:high])
            return float(ordered[-(-len(ordered) * 95 // 100) - 1])
        case "HighMemoryUsage":
            return float(minutes.memory[place])
        case _:
            return float(minutes.disk_free[place])
