"""Figures of the one incident: by the truth where it has them, else counted again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from oracle.requests import Counted, Figures, OfRequests
from oracle.world import MINUTE_MS, Asked, World, users_of
from postlaunch.sample.incident import PODS
from postlaunch.sample.resources import CPU_LIMIT, DISK_LIMIT, MEMORY_LIMIT
from postlaunch.sample.rhythm import milliseconds
from postlaunch.windows import Window

HOUR_MS = 60 * MINUTE_MS
RESTARTED = 0.6
"""A pod whose memory falls below this share of what it was has restarted."""


class OfIncidents:
    """What the incident was, and what was recorded around it."""

    def __init__(self, world: World, requests: OfRequests) -> None:
        self.world, self.of_requests, self.truth = world, requests, world.truth.incident

    def figures(self) -> Figures:
        """By name."""
        return {**self._span(), **self._load(), **self._records(), **self._resources(), **self._to_do()}

    def _to_do(self) -> Figures:
        """Of the items that a report lists; that they are those of the ledger is tested by itself."""

        def left(asked: Asked) -> list[int]:
            today = asked.window.local(datetime.fromisoformat(asked.parameters["at"])).date()
            items = asked.report.actions.listed.items
            return [(item.due - today).days for item in items if asked.entity in ("application", item.id)]

        return {
            "action_items_open": lambda asked: len(left(asked)),
            "action_items_overdue": lambda asked: sum(days < 0 for days in left(asked)),
            "action_item_days_left": lambda asked: left(asked)[0],
            "action_item_days_overdue": lambda asked: -left(asked)[0],
        }

    def _span(self) -> Figures:
        truth = self.truth
        rates = truth.error_rate_by_minute
        worst = max(range(len(rates)), key=rates.__getitem__)
        values = {
            "incident_start": truth.start.timestamp(),
            "incident_end": truth.end.timestamp(),
            "incident_minutes": truth.minutes,
            "incident_down_minutes": truth.down_minutes,
            "incident_requests": truth.requests,
            "incident_failed_requests": truth.server_errors,
            "incident_error_rate": truth.server_errors / truth.requests,
            "incident_peak_error_rate": rates[worst],
            "incident_worst_minute": (truth.start + timedelta(minutes=worst)).timestamp(),
            "incident_users": truth.users,
        }
        return {name: self._inside(value) for name, value in values.items()} | {
            "incidents": lambda asked: int(asked.window.contains(truth.start)),
            "incident_share_of_window": lambda asked: (
                truth.server_errors / self.of_requests.counted(asked.window).number
            ),
        }

    def _inside(self, value: float) -> Any:
        def found(asked: Asked) -> float:
            assert asked.window.contains(self.truth.start), f"{asked.fact.name} outside of the incident"
            return value

        return found

    # --- load and users -----------------------------------------------------------------------------------

    def _load(self) -> Figures:
        start, end = milliseconds(self.truth.start), milliseconds(self.truth.end)
        week = 7 * 24 * HOUR_MS

        def peak(low: int, high: int) -> float:
            return Counted(self.world.requests_between(low, high), 0).peak

        return {
            "incident_peak_requests_per_second": lambda asked: self.truth.peak_per_second,
            "hour_before_peak_requests_per_second": lambda asked: peak(start - HOUR_MS, start),
            "earlier_peak_requests_per_second": lambda asked: peak(start - week, start - HOUR_MS),
            "incident_peak_users": lambda asked: max(
                users_of(self.world.requests_between(at, at + MINUTE_MS))
                for at in range(start, end, MINUTE_MS)
            ),
            "incident_active_users": lambda asked: users_of(self.world.requests_between(start, end)),
            "incident_week_users": lambda asked: users_of(self.world.requests_between(end - week, end)),
            "allowance_requests": lambda asked: self.of_requests.counted(asked.window).number,
            "allowance_failed": lambda asked: self.of_requests.counted(asked.window).failed,
            "allowance_down_minutes": lambda asked: len(self.of_requests.counted(asked.window).down),
            "allowance_minutes_covered": lambda asked: self._covered(self.of_requests.counted(asked.window)),
            "burn_rate_hour": lambda asked: self._burn(asked, 60, 5),
            "burn_rate_six_hours": lambda asked: self._burn(asked, 360, 30),
        }

    @staticmethod
    def _covered(all_: Counted) -> float:
        return all_.minutes / (all_.seconds / 60)

    def _burn(self, asked: Asked, long: int, short: int) -> float:
        """The highest at any of its minutes of the lesser of two rates that end with the minute."""

        def rate(end: int, minutes: int) -> float:
            return Counted(self.world.requests_between(end - minutes * MINUTE_MS, end), 0).error_rate

        start = milliseconds(self.truth.start)
        ends = [start + (place + 1) * MINUTE_MS for place in range(self.truth.minutes)]
        return max(min(rate(end, long), rate(end, short)) for end in ends) / asked.parameters["allowed"]

    # --- what was recorded --------------------------------------------------------------------------------

    @cached_property
    def changes(self) -> list[Mapping[str, Any]]:
        """As the file has them."""
        return [json.loads(line) for line in self.world.sample.changes.read_text("utf-8").splitlines()]

    @cached_property
    def alerts(self) -> list[Mapping[str, Any]]:
        """As the file has them: alerts, pages, notes, reports."""
        return [json.loads(line) for line in self.world.sample.alerts.read_text("utf-8").splitlines()]

    def _records(self) -> Figures:
        return {
            "changes": lambda asked: len(_within(self.changes, asked.window)),
            "incident_changes": lambda asked: len(_within(self.changes, asked.window)),
            "change_moment": lambda asked: self._change(asked, "at"),
            "change_end": lambda asked: self._change(asked, "ended_at"),
            "incident_alerts": lambda asked: len(self._alerts(asked)),
            "alert_moment": self._alert,
        }

    def _change(self, asked: Asked, key: str) -> float:
        wanted = asked.entity.removeprefix("change ")
        return _moment(next(change for change in self.changes if change["id"] == wanted)[key])

    def _alerts(self, asked: Asked) -> list[Mapping[str, Any]]:
        """Records of the window, some minutes before it and some hours after it."""
        near = timedelta(minutes=asked.parameters["near_minutes"])
        after = timedelta(hours=asked.parameters["after_hours"])
        window = asked.window.model_copy(
            update={"start": asked.window.start - near, "end": asked.window.end + after}
        )
        return _within(self.alerts, window)

    def _alert(self, asked: Asked) -> float:
        return _moment(self._alerts(asked)[int(asked.entity.rpartition(" ")[2]) - 1]["at"])

    # --- resources in it ----------------------------------------------------------------------------------

    def _resources(self) -> Figures:
        found: dict[str, Any] = {
            "incident_pods": lambda asked: len(np.unique(self.world.samples_in(asked.window).pod)),
            "incident_pod_restarts": self._restarts,
            "incident_resource_share": self._worst_share,
        }
        for name in ("memory", "cpu", "disk", "pool"):
            found |= {
                f"incident_{name}_peak": self._of(name, lambda used, limit, full: used.max()),
                f"incident_{name}_limit": self._of(name, lambda used, limit, full: limit[-1]),
                f"incident_{name}_peak_share": self._of(name, lambda used, limit, full: (used / limit).max()),
                f"incident_{name}_mean_share": self._of(
                    name, lambda used, limit, full: (used / limit).mean()
                ),
                f"incident_{name}_at_limit": self._of(
                    name, lambda used, limit, full: (used / limit >= full).mean()
                ),
            }
        return found

    def _of(self, name: str, figure: Any) -> Any:
        def found(asked: Asked) -> float:
            used, limit = use(self.world, name, asked.window, asked.entity)
            return float(figure(used, limit, asked.parameters["full"]))

        return found

    def _restarts(self, asked: Asked) -> int:
        """Falls of its memory; a sample a minute is never missing."""
        samples = self.world.samples_in(asked.window, pod_of(asked.entity))
        assert (np.diff(samples.at) == MINUTE_MS).all()
        memory = samples.memory_bytes.astype(float)
        return int((memory[1:] < RESTARTED * memory[:-1]).sum())

    def _worst_share(self, asked: Asked) -> float:
        """Of the pod that uses most, in one minute."""
        window = self.world.minute(asked.entity, asked.window)
        used, limit = use(self.world, asked.parameters["resource"], window, "application")
        return float((used / limit).max())


def pod_of(entity: str) -> int | None:
    """A pod's place; None for all of them."""
    return None if entity == "application" else PODS.index(entity.removeprefix("pod "))


def use(world: World, name: str, window: Window, entity: str) -> tuple[Any, Any]:
    """What each sample uses of a resource, and its limit."""
    samples = world.samples_in(window, pod_of(entity))
    used = {
        "memory": samples.memory_bytes,
        "cpu": samples.cpu_cores,
        "disk": samples.disk_bytes,
        "pool": samples.pool_in_use,
    }[name].astype(float)
    limits = {"memory": MEMORY_LIMIT, "cpu": CPU_LIMIT, "disk": DISK_LIMIT}
    if name == "pool":
        return used, samples.pool_size.astype(float)
    return used, np.full(len(used), float(limits[name]))


def _within(records: list[Mapping[str, Any]], window: Window) -> list[Mapping[str, Any]]:
    return [record for record in records if window.contains(datetime.fromisoformat(record["at"]))]


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
