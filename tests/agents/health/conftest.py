"""A week of measurements that a test can change, for tests of the monitoring-specialist."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ConfigDict

from postlaunch.agents.bench import Assignment, Bench
from postlaunch.agents.health_measured import OF_REQUESTS
from postlaunch.agents.judgement import (
    Provenance,
    VerifiedJudgement,
)
from postlaunch.agents.monitoring_specialist import MONITORING_SPECIALIST
from postlaunch.errors import SourceError
from postlaunch.facts import Definition
from postlaunch.reports.health import HealthReport
from postlaunch.settings import Application, Settings
from postlaunch.settings_sources import RequestSource, Sources
from postlaunch.testing import MemoryRecorder
from postlaunch.tools import definitions_request_groups as group_definitions
from postlaunch.tools import definitions_requests as definitions
from postlaunch.tools.measurement import Reading, Readings, Registry, WindowParameters
from postlaunch.windows import Window, parse_week

WEEK = parse_week("2025-W47", "UTC")
NOW = datetime(2025, 11, 24, 7, tzinfo=UTC)
SETTINGS = Settings(
    application=Application(name="Shop", version="2.1"),
    sources=Sources(requests=RequestSource(paths=("access.log",))),
)
NO_MODEL = VerifiedJudgement(provenance=Provenance(reason="no model is configured"))


class AnyParameters(WindowParameters):
    """Takes what any measurement takes."""

    model_config = ConfigDict(frozen=True, extra="allow")


@dataclass(frozen=True)
class Log:
    """A source that is never read: the registry answers for it."""

    name: str = "requests"
    fingerprint: str = "f"


def read(
    definition: Definition,
    value: float,
    before: float | None = None,
    entity: str = "application",
    n: int = 1000,
) -> Reading:
    """One reading of the week."""
    return Reading(definition=definition, value=value, n=n, window=WEEK, entity=entity, baseline=before)


HEALTHY: dict[str, tuple[Reading, ...]] = {
    "request_summary": (
        read(definitions.TOTAL_REQUESTS, 120_000, 100_000),
        read(definitions.ERROR_RATE, 0.0005, 0.0004),
        read(definitions.CLIENT_ERROR_RATE, 0.03, 0.03),
        read(definitions.AVAILABILITY, 0.9995, 0.9996),
        read(definitions.BOT_SHARE, 0.2, 0.2),
        read(definitions.ACTIVE_USERS, 4523, 3891),
        read(definitions.MEAN_RESPONSE_TIME, 102, 98),
        read(definitions.P95_RESPONSE_TIME, 150, 148),
        read(definitions.MINUTES_COVERED, 1.0, 1.0),
    ),
    "uptime": (read(definitions.UPTIME, 0.9997, 0.9995), read(definitions.DOWN_MINUTES, 3, 5)),
    "downtime": (read(definitions.OUTAGES, 0),),
    "incidents_seen": (read(definitions.INCIDENTS, 0),),
    "registrations": (read(definitions.NEW_REGISTRATIONS, 892, 743),),
    "top_endpoints": (
        read(group_definitions.ENDPOINT_REQUESTS, 40_000, entity="GET /users"),
        read(group_definitions.ENDPOINT_SHARE, 1 / 3, entity="GET /users"),
    ),
    "errors_by_type": (
        read(group_definitions.STATUS_COUNT, 30, entity="500 Internal Server Error"),
        read(group_definitions.STATUS_SHARE, 0.1, entity="500 Internal Server Error"),
        read(group_definitions.STATUS_COUNT, 30, entity="503 Service Unavailable"),
        read(group_definitions.STATUS_SHARE, 0.1, entity="503 Service Unavailable"),
    ),
    "error_endpoints": (
        read(group_definitions.ENDPOINT_ERRORS, 20, entity="PUT /users/:id"),
        read(group_definitions.ENDPOINT_ERROR_RATE, 0.01, entity="PUT /users/:id"),
    ),
    "slowest_endpoints": (
        read(group_definitions.ENDPOINT_MEAN_RESPONSE_TIME, 150, 149, entity="PUT /users/:id"),
        read(group_definitions.ENDPOINT_P95_RESPONSE_TIME, 190, 190, entity="PUT /users/:id"),
        read(group_definitions.ENDPOINT_REQUESTS, 5_000, 5_000, entity="PUT /users/:id"),
    ),
    "log_quality": (read(definitions.LINES_READ, 120_000), read(definitions.LINES_REJECTED, 0)),
    "requests_by_day": (
        read(group_definitions.DAY_REQUESTS, 17_000, entity="2025-11-17"),
        read(group_definitions.DAY_ERROR_RATE, 0.0005, entity="2025-11-17"),
        read(group_definitions.DAY_MEAN_RESPONSE_TIME, 100, entity="2025-11-17"),
    ),
}


OTHERS = {
    "users_active_in": "events",
    "user_growth": "events",
    "resource_summary": "resources",
    "resource_trend": "resources",
    "resource_anomalies": "resources",
    "incident_changes": "changes",
    "incident_alerts": "alerts",
    "launch_baseline": "launch",
    "log_levels": "logs",
    "log_templates": "logs",
    "support_ticket_rate": "tickets",
    "ticket_volume": "tickets",
    "uptime_unplanned": "requests",
    "request_anomalies": "requests",
    "requests_by_hour": "requests",
}
"""What is measured beside the requests' own figures, with the source that it reads."""


def _measured() -> dict[str, str]:
    """Every measurement by its name, with its source."""
    return {**{name: "requests" for _, name, _ in OF_REQUESTS}, **OTHERS}


Answering = Callable[[AnyParameters], tuple[Reading, ...]]
"""Answers by what is asked for."""


def _register(registry: Registry, name: str, source: str, answer: Readings | Answering) -> None:
    @registry.measurement(name, source=source, parameters=AnyParameters)
    def code(source: Log, parameters: AnyParameters, limits: object) -> Readings:
        """Answers as the test says."""
        return answer if isinstance(answer, Readings) else Readings(readings=answer(parameters))


class Desk:
    """Makes benches whose measurements answer as a test says, and reports from them."""

    read = staticmethod(read)

    def spell(
        self, start: datetime, minutes: float = 8, rate: float = 0.1, entity: str = "incident 1"
    ) -> tuple[Reading, ...]:
        """One incident as the log shows it."""
        return (
            read(definitions.INCIDENT_START, start.timestamp(), entity=entity),
            read(definitions.INCIDENT_MINUTES, minutes, entity=entity),
            read(definitions.INCIDENT_FAILED_REQUESTS, 374, entity=entity),
            read(definitions.INCIDENT_REQUESTS, 3740, entity=entity),
            read(definitions.INCIDENT_ERROR_RATE, rate, entity=entity),
            read(definitions.INCIDENT_SHARE_OF_WINDOW, 374 / 120_000, entity=entity),
        )

    def bench_of(
        self,
        answers: Mapping[str, Readings | tuple[Reading, ...] | Answering] | None = None,
        settings: Settings = SETTINGS,
        **changes: Any,
    ) -> Bench:
        """A bench whose measurements answer as in a healthy week, or as given; others have no data."""
        registry = Registry()
        known = {**HEALTHY, **(answers or {})}
        for name, source in _measured().items():
            answer = known.get(name, Readings(reason=f"no {name} here"))
            readings = Readings(readings=answer) if isinstance(answer, tuple) else answer
            _register(registry, name, source, readings)
        sources = {name: Log(name) for name in {"requests", *OTHERS.values()}}
        given: dict[str, Any] = {"sources": sources, "registry": registry} | changes
        return Bench(settings=settings, recorder=MemoryRecorder(), clock=lambda: NOW, **given)

    def assigned(self, window: Window = WEEK, **parameters: Any) -> Assignment:
        """The weekly assignment."""
        return Assignment(
            workflow="weekly_report",
            question="How healthy?",
            window=window,
            baseline=window.before(),
            parameters=parameters,
        )

    def composed(
        self, bench: Bench, assignment: Assignment | None = None, judged: VerifiedJudgement = NO_MODEL
    ) -> HealthReport:
        """The report as the loop would make it."""
        assignment = assignment or self.assigned()
        findings = MONITORING_SPECIALIST.measure(bench, assignment)
        return HealthReport.model_validate(MONITORING_SPECIALIST.compose(bench, assignment, findings, judged))

    def healthy(self, **changes: Any) -> HealthReport:
        """A healthy week, with some measurements answering otherwise."""
        return self.composed(self.bench_of(changes))

    def summary_with(self, *readings: Reading, without: tuple[str, ...] = ()) -> tuple[Reading, ...]:
        """The healthy summary with some figures replaced or left out."""
        names = {reading.definition.name for reading in readings} | set(without)
        kept = tuple(item for item in HEALTHY["request_summary"] if item.definition.name not in names)
        return (*kept, *readings)

    def failing(self, message: str) -> Bench:
        """A bench whose source fails."""
        registry = Registry()
        for name in _measured():
            _register_failing(registry, name, message)
        return self.bench_of(registry=registry)

    def actions(self, report: HealthReport) -> list[str]:
        """What is recommended, for what, in order."""
        return [f"{item.action.text} for {item.target}" for item in report.recommendations]


def _register_failing(registry: Registry, name: str, message: str) -> None:
    @registry.measurement(name, source="requests", parameters=AnyParameters)
    def code(source: Log, parameters: AnyParameters, limits: object) -> Readings:
        """Fails."""
        raise SourceError(message)


@pytest.fixture(scope="session")
def desk() -> Desk:
    """Where a week is reported on."""
    return Desk()
