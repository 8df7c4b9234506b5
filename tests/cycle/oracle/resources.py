"""Figures of what the pods use, and of the application's log, counted again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import combinations
from statistics import median
from typing import Any

import numpy as np

from oracle.between import Between
from oracle.incidents import pod_of, use
from oracle.requests import Figures
from oracle.world import MINUTE_MS, Asked, World, bounds
from postlaunch.sample.incident import PODS
from postlaunch.windows import Window

RESOURCES = ("memory", "cpu", "disk", "pool")
FELL = 0.85
"""A sample below this share of the one before is a fall."""


class OfResources:
    """What the samples of resources tell."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._known: dict[tuple[str, str, Window], dict[date, float]] = {}

    def figures(self) -> Figures:
        """By name."""
        found: dict[str, Callable[[Asked], Any]] = {
            "pods_seen": lambda asked: len(np.unique(self.world.samples_in(asked.window).pod)),
            "resource_samples": lambda asked: len(self.world.samples_in(asked.window)),
            "memory_falls": self._falls,
        }
        for name in RESOURCES:
            found |= self._summary(name) | self._trend(name)
        return found | self._now() | self._by_hour()

    # --- a window as a whole ------------------------------------------------------------------------------

    def _summary(self, name: str) -> Figures:
        def of(figure: Callable[[Any, Any, Any], float]) -> Callable[[Asked], float]:
            def found(asked: Asked) -> float:
                used, limit = use(self.world, name, asked.window, asked.entity)
                return float(figure(used, limit, limit == limit[-1]))

            return found

        def rank(used: Any, limit: Any, now: Any) -> float:
            shares = np.sort(used[now] / limit[now])
            return float(shares[-(-len(shares) * 95 // 100) - 1])

        return {
            f"{name}_used": of(lambda used, limit, now: used.mean()),
            f"{name}_limit": of(lambda used, limit, now: limit[now].mean()),
            f"{name}_share": of(lambda used, limit, now: used.mean() / limit[now].mean()),
            f"{name}_share_peak": of(lambda used, limit, now: (used / limit).max()),
            f"{name}_share_p95": of(rank),
        }

    def _falls(self, asked: Asked) -> int:
        """Of one pod, or of all of them."""
        pods = range(len(PODS)) if asked.entity == "application" else [pod_of(asked.entity)]
        falls = 0
        for pod in pods:
            memory = self.world.samples_in(asked.window, pod).memory_bytes.astype(float)
            falls += int((memory[1:] < FELL * memory[:-1]).sum())
        return falls

    # --- weeks --------------------------------------------------------------------------------------------

    def _trend(self, name: str) -> Figures:
        def slope(asked: Asked, weeks: int) -> float:
            return median(self._pairs(asked, name, weeks))

        def low(asked: Asked) -> Between:
            pairs = self._pairs(asked, name, asked.parameters["weeks"])
            return Between(min(pairs), median(pairs))

        def high(asked: Asked) -> Between:
            pairs = self._pairs(asked, name, asked.parameters["weeks"])
            return Between(median(pairs), max(pairs))

        return {
            f"{name}_level": lambda asked: sum(list(self._days(asked, name).values())[:7]) / 7,
            f"{name}_slope": lambda asked: slope(asked, asked.parameters["weeks"]),
            f"{name}_slope_recent": lambda asked: slope(asked, asked.parameters["weeks"] // 2),
            f"{name}_slope_low": low,
            f"{name}_slope_high": high,
        }

    def _days(self, asked: Asked, name: str) -> dict[date, float]:
        """The mean share of each day, the newest first."""
        key = name, asked.entity, asked.window
        if key not in self._known:
            self._known[key] = days = {}
            for day in reversed(self.world.days(asked.window)):
                used, limit = use(self.world, name, day, asked.entity)
                days[day.local(day.start).date()] = float((used / limit).mean())
        return self._known[key]

    def _pairs(self, asked: Asked, name: str, weeks: int) -> list[float]:
        """The changes per week between days of the same weekday, over the newest weeks."""
        days = dict(list(self._days(asked, name).items())[: 7 * weeks])
        return [
            (days[later] - days[earlier]) / ((later - earlier).days // 7)
            for earlier, later in combinations(sorted(days), 2)
            if (later - earlier).days % 7 == 0
        ]

    # --- for planning capacity ----------------------------------------------------------------------------

    def _now(self) -> Figures:
        def last_day(name: str, asked: Asked) -> tuple[Any, Any]:
            day = asked.window.model_copy(update={"start": asked.window.observed_end - timedelta(days=1)})
            return use(self.world, name, day, "application")

        return {
            "pods_running": lambda asked: len(PODS),
            "pod_memory_limit": lambda asked: float(np.median(last_day("memory", asked)[1])),
            "pod_cpu_limit": lambda asked: float(np.median(last_day("cpu", asked)[1])),
            "pod_pool_size": lambda asked: float(np.median(last_day("pool", asked)[1])),
            "pods_disk_used": lambda asked: float(last_day("disk", asked)[0].mean()) * len(PODS),
        }

    def _by_hour(self) -> Figures:
        def mean(name: str) -> Callable[[Asked], float]:
            def found(asked: Asked) -> float:
                samples = self.world.samples_in(asked.window)
                used, _ = use(self.world, name, asked.window, "application")
                return float(used[of_hour(samples.at, asked.entity, asked.window)].mean())

            return found

        return {
            "day_hour_cpu": mean("cpu"),
            "day_hour_memory": mean("memory"),
            "day_hour_pool": mean("pool"),
            "day_hour_pods": lambda asked: len(PODS),
        }


def of_hour(at: Any, entity: str, window: Window) -> Any:
    """Which moments lie in an hour of the day, "14:00–15:00"; no clock changes inside the window."""
    shift = window.local(window.start).utcoffset()
    assert shift is not None
    assert shift == window.local(window.end).utcoffset(), "the clocks change in the window"
    local = at // MINUTE_MS + int(shift.total_seconds() // 60)
    return local // 60 % 24 == int(entity[:2])


class OfTheLog:
    """What the application's log tells."""

    def __init__(self, world: World) -> None:
        self.world = world

    def figures(self) -> Figures:
        """By name."""
        return {
            "log_lines": lambda asked: len(self._inside(asked.window)),
            "level_lines": self._of_level,
            "level_share": lambda asked: self._of_level(asked) / len(self._inside(asked.window)),
            "templates_seen": lambda asked: len(self._kinds(asked, asked.window)),
            "templates_new": self._new_kinds,
            "template_lines": lambda asked: self._of_kind(asked, asked.window),
            "template_usual_lines": lambda asked: self._of_kind(asked, _week_before(asked.window)) / 7,
            "template_first_seen": lambda asked: min(self._moments(asked, asked.entity)) / 1000,
            "slow_queries": lambda asked: len(self._slow(asked.window)),
            "slow_queries_new": lambda asked: len(
                self._slow_kinds(asked.window)
                - self._slow_kinds(Window.model_validate(asked.parameters["baseline"]))
            ),
            "incident_log_errors": lambda asked: sum(
                line.level == "ERROR" for line in self._inside(asked.window)
            ),
            "incident_log_lines": lambda asked: len(self._error_lines(asked)),
            "incident_log_first": lambda asked: min(self._error_lines(asked)) / 1000,
        }

    def _inside(self, window: Window) -> list[Any]:
        start, end = bounds(window)
        return [line for line in self.world.lines if start <= line.at < end]

    def _of_level(self, asked: Asked) -> int:
        return sum(line.level.lower() == asked.entity for line in self._inside(asked.window))

    def _kinds(self, asked: Asked, window: Window) -> set[tuple[str, str]]:
        """What the application says at these levels, whatever the values: its loggers' first words."""
        levels = {level.upper() for level in asked.parameters["levels"]}
        return {_kind(line) for line in self._inside(window) if line.level in levels}

    def _new_kinds(self, asked: Asked) -> int:
        before = asked.window.model_copy(
            update={"start": self.world.truth.weeks[0].start, "end": asked.window.start}
        )
        return len(self._kinds(asked, asked.window) - self._kinds(asked, before))

    def _slow(self, window: Window) -> list[Any]:
        return [line for line in self._inside(window) if line.message.startswith("slow query")]

    def _slow_kinds(self, window: Window) -> set[str]:
        return {re.sub(r"\d+", "", line.message) for line in self._slow(window)}

    def _moments(self, asked: Asked, entity: str) -> list[int]:
        """When lines were logged that read as a kind's template does, whatever stands at its gaps."""
        template = next(kind.template for kind in asked.report.kinds.items if kind.entity == entity)
        level = entity.partition(" ")[0]
        return [
            line.at
            for line in self.world.lines
            if line.level.lower() == level and _reads_as(line.message, template)
        ]

    def _of_kind(self, asked: Asked, window: Window) -> int:
        start, end = bounds(window)
        return sum(start <= at < end for at in self._moments(asked, asked.entity))

    def _error_lines(self, asked: Asked) -> list[int]:
        return [
            line.at
            for line in self._inside(asked.window)
            if line.level == "ERROR" and _reads_as(line.message, asked.entity)
        ]


def _kind(line: Any) -> tuple[str, str]:
    return line.logger, re.sub(r"[\d\"].*", "", line.message) or "a number first"


def _reads_as(message: str, template: str) -> bool:
    return re.fullmatch(re.escape(template).replace(re.escape("<*>"), ".+?"), message) is not None


def _week_before(window: Window) -> Window:
    return Window(start=window.start - timedelta(days=7), end=window.start, zone=window.zone)
