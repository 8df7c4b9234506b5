"""Made incidents, told as files that real systems write: requests, samples, lines, changes, alerts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import JsonValue

from postlaunch.agents.bench import Assignment, Bench, Findings
from postlaunch.agents.incident_responder import INCIDENT_RESPONDER
from postlaunch.agents.judgement import Provenance, VerifiedJudgement
from postlaunch.reports.incident import IncidentReport
from postlaunch.settings import Application, Settings
from postlaunch.settings_sources import (
    EventSource,
    FilesSource,
    RequestSource,
    Sources,
    TableSource,
)
from postlaunch.sources.opening import close_sources, open_sources
from postlaunch.testing import MemoryRecorder
from postlaunch.windows import Window

ZONE = "America/Los_Angeles"
START = datetime(2025, 11, 18, 22, 15, tzinfo=UTC)
"""14:15 on a Tuesday, on the clock of the application; minutes of a story count from here."""

PODS = ("web-1", "web-2", "web-3")
PATHS = ("/users", "/profile", "/roles")
FIRST, LAST = -130, 75
"""Minutes that a story tells, before and after the start."""

NO_MODEL = VerifiedJudgement(provenance=Provenance(reason="no model is configured"))


def at(minutes: float) -> datetime:
    """So many minutes after the incident began."""
    return START + timedelta(minutes=minutes)


def _line(minute: float, level: str, text: str, pod: str) -> dict[str, Any]:
    return {"ts": at(minute).isoformat(), "level": level, "message": text, "pod": pod, "logger": "app"}


@dataclass
class Failing:
    """Some minutes in which requests fail: on these pods and paths, this share of them."""

    first: int
    last: int
    share: float = 0.5
    pods: tuple[str, ...] = PODS
    paths: tuple[str, ...] = PATHS
    status: int = 500

    def hits(self, place: int, number: int, pod: str, path: str) -> bool:
        """Whether a request fails: evenly spread, not by chance."""
        if not self.first <= place < self.last or pod not in self.pods or path not in self.paths:
            return False
        turn = number * 7 + place * 3
        return (turn % 100) < self.share * 100


@dataclass
class Story:
    """One made incident. Every part is optional: a source that a story does not tell is not configured.

    Attributes:
        per_minute: requests of a minute, or a function of the minute.
        users: people who take turns; 0: the log names none.
        latency: milliseconds, by the minute.
        every: minutes from one sample to the next.
        samples: figure → function of pod and minute.
    """

    folder: Path
    failing: list[Failing] = field(default_factory=list)
    per_minute: int | Callable[[int], int] = 36
    users: int = 40
    last: int = LAST
    every: int = 1
    latency: Callable[[int], int] = field(default=lambda place: 120)
    requests: bool = True
    samples: dict[str, Callable[[str, int], float | None]] = field(default_factory=dict)
    lines: list[tuple[float, str, str, str]] | None = None
    changes: list[dict[str, Any]] | None = None
    alerts: list[dict[str, Any]] | None = None
    events: list[dict[str, Any]] | None = None
    launch: dict[str, Any] | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    def fails(self, first: int, last: int, share: float = 0.5, **where: Any) -> Story:
        """Requests fail from one minute to another."""
        self.failing.append(Failing(first, last, share, **where))
        return self

    def sampled(self, **figures: Callable[[str, int], float | None]) -> Story:
        """Samples a minute of each pod."""
        self.samples |= figures
        return self

    def logged(self, minutes: Iterable[float], text: str, level: str = "error", pod: str = "web-1") -> Story:
        """A line of the application's log at each of these minutes."""
        self.lines = [*(self.lines or []), *((minute, level, text, pod) for minute in minutes)]
        return self

    def changed(self, minute: float, kind: str, title: str, **fields: Any) -> Story:
        """A recorded change; `ended` is a minute, too."""
        row = {"id": f"C-{len(self.changes or []) + 1}", "at": at(minute).isoformat(), "kind": kind}
        if "ended" in fields:
            fields["ended_at"] = at(fields.pop("ended")).isoformat()
        self.changes = [*(self.changes or []), {**row, "title": title, **fields}]
        return self

    def told(self, minute: float, kind: str, text: str = "", **fields: Any) -> Story:
        """A record of an alert."""
        row = {"at": at(minute).isoformat(), "kind": kind, "alert": "A-1", "text": text}
        self.alerts = [*(self.alerts or []), {**row, **fields}]
        return self

    # --- files and settings ---------------------------------------------------------------------------

    def _written(self) -> Settings:
        sources: dict[str, Any] = {}
        if self.requests:
            self._write("requests.jsonl", self._requests())
            sources["requests"] = RequestSource(paths=("requests.jsonl",), format="json")
        if self.samples:
            self._write("resources.jsonl", self._samples())
            sources["resources"] = FilesSource(paths=("resources.jsonl",))
        if self.lines is not None:
            rows = [
                (-170.0, "info", "started", "web-1"),
                *self.lines,
                (self.last - 1, "info", "alive", "web-1"),
            ]
            self._write(
                "app.jsonl",
                [
                    {
                        "ts": at(minute).isoformat(),
                        "level": level,
                        "message": text,
                        "pod": pod,
                        "logger": "app",
                    }
                    for minute, level, text, pod in rows
                ],
            )
            sources["logs"] = FilesSource(paths=("app.jsonl",))
        for name in ("changes", "alerts"):
            rows_of = getattr(self, name)
            if rows_of is not None:
                (self.folder / f"{name}.json").write_text(json.dumps(rows_of), encoding="utf-8")
                sources[name] = TableSource(path=f"{name}.json")
        if self.events is not None:
            self._write("events.jsonl", self.events)
            sources["events"] = EventSource(paths=("events.jsonl",))
        if self.launch is not None:
            (self.folder / "launch.yaml").write_text(yaml.safe_dump(self.launch), encoding="utf-8")
            sources["launch"] = TableSource(path="launch.yaml")
        return Settings(
            folder=self.folder,
            application=Application(name="Shop", version="2.1", timezone=ZONE),
            sources=Sources(**sources),
            **self.settings,
        )

    def _write(self, name: str, rows: list[dict[str, Any]]) -> None:
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        (self.folder / name).write_text(text, encoding="utf-8")

    def _requests(self) -> list[dict[str, Any]]:
        rows = []
        for place in range(FIRST, self.last):
            number_of = self.per_minute(place) if callable(self.per_minute) else self.per_minute
            for number in range(number_of):
                pod, path = PODS[number % 3], PATHS[(number // 3) % 3]
                status = next((one.status for one in self.failing if one.hits(place, number, pod, path)), 200)
                row = {
                    "time": (at(place) + timedelta(seconds=number * 60 / number_of)).isoformat(),
                    "method": "GET",
                    "path": path,
                    "status": status,
                    "latency": self.latency(place),
                    "pod": pod,
                }
                if self.users:
                    row["user"] = f"u{(number * 11 + place) % self.users}"
                rows.append(row)
        return rows

    def _samples(self) -> list[dict[str, Any]]:
        limits = {"memory_limit_bytes": 512e6, "cpu_limit_cores": 1.0, "disk_limit_bytes": 10e9}
        usual = {
            "memory_bytes": 200e6,
            "cpu_cores": 0.3,
            "disk_bytes": 2e9,
            "pool_in_use": 3,
            "pool_size": 10,
        }
        rows = []
        for place in range(FIRST, self.last, self.every):
            for pod in PODS:
                told = {name: figure(pod, place) for name, figure in self.samples.items()}
                if told.get("pod") == 0:
                    continue
                figures = {
                    "pool_size": 10,
                    **usual,
                    **{name: value for name, value in told.items() if value is not None},
                }
                figures.pop("pod", None)
                rows.append({"ts": at(place).isoformat(), "pod": pod, **limits, **figures})
        return rows

    def now(self) -> datetime:
        """When the report is made: half an hour after the data ends."""
        return at(self.last + 30)

    def assignment(self, window: Window | None = None, **parameters: Any) -> Assignment:
        """What a workflow asks: about an alert two minutes after the start, unless told otherwise."""
        stated: dict[str, JsonValue] = {"start": at(2).isoformat(), "trigger": "alert", "text": "5xx"}
        given = {"incident": stated, **parameters}
        return Assignment(
            workflow="incident",
            question="What happened?",
            window=window or Window(start=at(FIRST), end=at(self.last), zone=ZONE),
            parameters={name: value for name, value in given.items() if value is not None},
        )

    # --- the report -----------------------------------------------------------------------------------

    def found(self, window: Window | None = None, **parameters: Any) -> tuple[Bench, Assignment, Findings]:
        """What the incident-responder measures and drafts."""
        settings = self._written()
        sources = open_sources(settings, self.now)
        bench = Bench(settings=settings, sources=sources, recorder=MemoryRecorder(), clock=self.now)
        assignment = self.assignment(window, **parameters)
        try:
            return bench, assignment, INCIDENT_RESPONDER.measure(bench, assignment)
        finally:
            close_sources(sources)

    def report(self, window: Window | None = None, **parameters: Any) -> IncidentReport:
        """The report by rules alone."""
        bench, assignment, found = self.found(window, **parameters)
        return IncidentReport.model_validate(INCIDENT_RESPONDER.compose(bench, assignment, found, NO_MODEL))


LAUNCH: dict[str, Any] = {
    "version": "2.0",
    "alert_rules": [
        {"name": "HighErrorRate", "condition": "5xx > 5 % for 2 m", "threshold": 0.05, "for_minutes": 2},
        {"name": "HighMemoryUsage", "condition": "memory > 85 %", "threshold": 0.85, "for_minutes": 5},
    ],
    "runbooks": [{"alert": "HighErrorRate", "steps": ["Look"], "escalation": ["5 minutes, page on-call"]}],
    "load_profile": {"concurrent_users": 1000, "concurrent_database_operations": 8, "phase": 4},
    "known_issues": [{"title": "Safari", "planned_for": "v2.2"}],
}


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


@pytest.fixture
def exhausted(story: Story) -> Story:
    """A pool of ten connections that runs dry for eight minutes, until somebody doubles it."""
    return run_dry(story)


@pytest.fixture(scope="session")
def exhausted_report(tmp_path_factory: pytest.TempPathFactory) -> IncidentReport:
    """The report of that incident."""
    return run_dry(Story(tmp_path_factory.mktemp("exhausted"))).report()


def run_dry(story: Story) -> Story:
    """Let a story's pool run dry."""
    story.launch = LAUNCH
    return (
        story.fails(0, 8, 0.2)
        .sampled(
            pool_in_use=lambda pod, place: 10 if -2 <= place < 7 else (14 if 7 <= place < 20 else 4),
            pool_size=lambda pod, place: 20 if place >= 7 else 10,
        )
        .logged((minute + part / 10 for minute in range(8) for part in range(8)), "connection pool exhausted")
        .logged((-100, -50, 3), "mail bounced")
        .changed(6, "configuration", "Connection pool", before="10", after="20", by="Jane Doe")
        .changed(7, "restart", "Pods restarted")
        .told(
            2, "fired", "5xx above 5 %", rule="HighErrorRate", severity="critical", value=0.2, threshold=0.05
        )
        .told(3, "paged", by="Jane Doe")
        .told(4, "acknowledged", by="Jane Doe")
        .told(
            5, "note", "Jane Doe (jane@example.com) sees a pool of 10", milestone="root_cause", by="Jane Doe"
        )
        .told(9, "resolved", rule="HighErrorRate")
    )


@pytest.fixture
def launch() -> dict[str, Any]:
    """A launch record."""
    return LAUNCH


@pytest.fixture(scope="session")
def moment() -> Callable[[float], datetime]:
    """So many minutes after the incident began."""
    return at
