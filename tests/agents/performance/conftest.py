"""A small application made by hand, for tests of the performance-monitor: requests, pods, costs, changes."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from postlaunch.agents.bench import Assignment, Bench, Findings
from postlaunch.agents.judgement import Provenance, VerifiedJudgement
from postlaunch.agents.performance_monitor import PERFORMANCE_MONITOR
from postlaunch.reports.performance import PerformanceReport
from postlaunch.settings import Settings
from postlaunch.sources.opening import open_sources
from postlaunch.testing import MemoryRecorder
from postlaunch.windows import Window, iso_week_of

CANDIDATES = """
- id: cache-users
  title: Cache the first page of the user list
  effort: {performance-optimizer: 0.25}
  success_measure: mean response time of GET /users
  success_target: below 80 ms
"""

FIRST = date(2025, 9, 29)
"""A Monday."""

WEEKS = 8
NO_MODEL = VerifiedJudgement(provenance=Provenance(reason="no model is configured"))

DAY = tuple(0.25 + 0.75 * max(0.0, math.sin((hour - 5) / 15 * math.pi)) for hour in range(24))
"""Traffic by the hour, the busiest being 1."""


@dataclass(frozen=True)
class Endpoint:
    """An endpoint: its part of the traffic and its response time, in ms, over the weeks."""

    method: str
    path: str
    part: float
    ms: Callable[[float], float]


QUIET = {"time": "2025-09-30T02:00:00Z", "kind": "configuration", "title": "A new logo"}
"""A change that changes nothing."""


def steady(ms: float) -> Callable[[float], float]:
    """The same response time in every week."""
    return lambda week: ms


USERS = Endpoint("GET", "/users", 0.30, steady(150))
LOGIN = Endpoint("POST", "/auth/login", 0.40, steady(80))
UPLOAD = Endpoint("PUT", "/users/{n}", 0.06, steady(260))
PERMISSIONS = Endpoint("GET", "/users/{n}/permissions", 0.24, steady(30))


@dataclass
class Application:
    """What the application does, week by week; `write` makes the files that a real one would leave.

    Attributes:
        slower: response time × this, by the week (0 at the beginning, fractions within it).
        growth: compound growth of the traffic a week.
        busy: requests of the busiest hour of an ordinary day in the first week.
        weekend: traffic of Saturdays and Sundays against other days.
        cpu_idle, cpu_each: cores of a pod at rest, and for each request per second of it.
        pool_each, memory_each: connections and bytes for each request per second of a pod.
        timed: the log has response times.
        burst: from when on so many further requests come within ten minutes.
    """

    endpoints: tuple[Endpoint, ...] = (USERS, LOGIN, UPLOAD, PERMISSIONS)
    slower: Callable[[float], float] = lambda week: 1.0
    growth: float = 0.02
    busy: float = 36.0
    weekend: float = 0.6
    weeks: int = WEEKS
    pods: int = 3
    cpu_idle: float = 0.02
    cpu_each: float = 18.0
    pool_each: float = 300.0
    memory_each: float = 0.0
    timed: bool = True
    burst: tuple[datetime, int] | None = None
    users: int = 50
    changes: tuple[dict[str, Any], ...] = (QUIET,)
    candidates: str = ""
    sources: tuple[str, ...] = ("requests", "resources", "costs", "changes")
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = 7

    def write(self, folder: Path) -> Settings:
        """Every file of the sources, and the settings that name them."""
        dice = random.Random(self.seed)
        requests = [] if "requests" not in self.sources else list(self._requests(dice))
        _lines(folder / "requests.jsonl", requests)
        _lines(folder / "resources.jsonl", self._resources(dice))
        _lines(folder / "changes.jsonl", self.changes)
        (folder / "costs.csv").write_text(self._costs(), encoding="utf-8")
        files: dict[str, Any] = {
            "requests": {"paths": ["requests.jsonl"], "format": "json"},
            "resources": {"paths": ["resources.jsonl"]},
            "changes": {"path": "changes.jsonl"},
            "costs": {"path": "costs.csv"},
        }
        named = {name: files[name] for name in self.sources}
        if self.candidates:
            (folder / "candidates.yaml").write_text(self.candidates, encoding="utf-8")
            named["candidates"] = {"path": "candidates.yaml"}
        return Settings.model_validate(
            {
                "folder": folder,
                "application": {"name": "Shop", "version": "2.1"},
                "sources": named,
                **self.settings,
            }
        )

    def _hours(self) -> Iterator[tuple[datetime, float, float]]:
        """Each hour, with its week as a number and its requests."""
        start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
        for hour in range(self.weeks * 7 * 24):
            at = start + timedelta(hours=hour)
            week = hour / (7 * 24)
            part = self.weekend if at.weekday() >= 5 else 1.0
            yield at, week, self.busy * part * DAY[at.hour] * (1 + self.growth) ** int(week)

    def _requests(self, dice: random.Random) -> Iterator[dict[str, Any]]:
        parts = [endpoint.part for endpoint in self.endpoints]
        for at, week, wanted in self._hours():
            for place in range(int(wanted) + (dice.random() < wanted % 1)):
                endpoint = dice.choices(self.endpoints, parts)[0]
                ms = endpoint.ms(week) * self.slower(week) * dice.lognormvariate(-0.02, 0.2)
                yield {
                    "time": (at + timedelta(seconds=3600 * dice.random())).isoformat(),
                    "method": endpoint.method,
                    "path": endpoint.path.replace("{n}", str(place)),
                    "status": 200,
                    **({"latency_ms": round(ms, 3)} if self.timed else {}),
                    "user": f"u{dice.randrange(self.users)}",
                    "pod": f"web-{place % self.pods}",
                }

        for place in range(self.burst[1] if self.burst else 0):
            assert self.burst is not None
            at = self.burst[0] + timedelta(minutes=10) * dice.random()
            ms = USERS.ms(0) * dice.lognormvariate(-0.02, 0.2)
            body = {
                "time": at.isoformat(),
                "method": "GET",
                "path": "/users",
                "status": 200,
                "latency_ms": ms,
            }
            yield {**body, "user": f"u{place % self.users}", "pod": "web-0"}

    def _resources(self, dice: random.Random) -> Iterator[dict[str, Any]]:
        for at, _, wanted in self._hours():
            rate = wanted / 3600 / self.pods
            if self.burst is not None and self.burst[0] == at:
                rate += self.burst[1] / 600 / self.pods
            for pod in range(self.pods):
                yield {
                    "time": at.isoformat(),
                    "pod": f"web-{pod}",
                    "memory_bytes": 200e6 + self.memory_each * rate + dice.uniform(-2e6, 2e6),
                    "memory_limit_bytes": 512_000_000,
                    "cpu_cores": self.cpu_idle + self.cpu_each * rate + dice.uniform(-0.001, 0.001),
                    "cpu_limit_cores": 0.5,
                    "pool_in_use": min(1 + self.pool_each * rate + dice.uniform(-0.05, 0.05), 20),
                    "pool_size": 20,
                }

    def _costs(self) -> str:
        lines = ["day,service,amount,quantity,unit"]
        for day in range(self.weeks * 7):
            at = FIRST + timedelta(days=day)
            lines += [f"{at},compute,{self.pods * 1.25},{self.pods},pod", f"{at},database,2.00,1,database"]
        return "\n".join(lines) + "\n"


def _lines(path: Path, rows: Any) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def weeks(number: int = WEEKS, first: date = FIRST) -> Window:
    """So many whole ISO weeks as one window."""
    last = first + timedelta(days=7 * (number - 1))
    return Window(start=iso_week_of(first, "UTC").start, end=iso_week_of(last, "UTC").end)


def assigned(window: Window | None = None, **parameters: Any) -> Assignment:
    """What the weekly workflow asks."""
    return Assignment(
        workflow="weekly_report",
        question="How does performance develop, and what is worth doing?",
        window=window or weeks(),
        parameters=parameters,
    )


class Desk:
    """Makes benches over an application's files, findings and reports."""

    application = Application
    assigned = staticmethod(assigned)
    weeks = staticmethod(weeks)

    def __init__(self, make_folder: Callable[[], Path], closing: ExitStack) -> None:
        self._make_folder, self._closing = make_folder, closing

    def bench(self, application: Application | None = None, **changes: Any) -> Bench:
        """A bench over the files that the application wrote."""
        settings = (application or Application()).write(self._make_folder())
        sources = open_sources(settings, lambda: datetime(2025, 11, 25, tzinfo=UTC))
        for source in sources.values():
            close = getattr(source, "close", None)
            if close is not None:
                self._closing.callback(close)
        body: dict[str, Any] = {
            "settings": settings,
            "sources": sources,
            "recorder": MemoryRecorder(),
            "clock": lambda: datetime(2025, 11, 24, 8, tzinfo=UTC),
        }
        return Bench(**{**body, **changes})

    def findings(self, bench: Bench, assignment: Assignment | None = None) -> Findings:
        """Step 1."""
        return PERFORMANCE_MONITOR.measure(bench, assignment or assigned())

    def report(
        self,
        application: Application | None = None,
        assignment: Assignment | None = None,
        judged: VerifiedJudgement = NO_MODEL,
    ) -> PerformanceReport:
        """The report as the loop would make it."""
        return self.composed(self.bench(application), assignment or assigned(), judged)

    def composed(
        self, bench: Bench, assignment: Assignment, judged: VerifiedJudgement = NO_MODEL
    ) -> PerformanceReport:
        """Step 1 and the last one, on a bench that is there."""
        found = self.findings(bench, assignment)
        return PerformanceReport.model_validate(PERFORMANCE_MONITOR.compose(bench, assignment, found, judged))


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Where spans are reported on."""
    with ExitStack() as closing:
        yield Desk(lambda: tmp_path_factory.mktemp("application"), closing)


@pytest.fixture(scope="session")
def candidates() -> str:
    """A file of candidate items with one in it, which makes the most frequent read faster."""
    return CANDIDATES
