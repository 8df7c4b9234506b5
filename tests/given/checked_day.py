"""A day of the daily check whose measurements a test answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import ConfigDict

from postlaunch.agents.bench import Assignment
from postlaunch.agents.daily_monitor import DAILY_MONITOR
from postlaunch.agents.judgement import (
    Provenance,
    VerifiedJudgement,
)
from postlaunch.facts import Definition
from postlaunch.reports.daily import DailyReport, Finding
from postlaunch.settings import Application, Settings
from postlaunch.settings_sources import FilesSource, RequestSource, Sources, TableSource
from postlaunch.sources.alerts import AlertRecord, AlertTable
from postlaunch.tools import definitions_anomalies as unusual
from postlaunch.tools.measurement import REGISTRY, Reading, WindowParameters
from postlaunch.windows import Window, parse_day

DAY = parse_day("2025-11-18", "UTC")
SETTINGS = Settings(
    application=Application(name="Shop", version="2.1"),
    sources=Sources(
        requests=RequestSource(paths=("access.log",)),
        resources=FilesSource(paths=("resources.csv",)),
        logs=FilesSource(paths=("app.log",)),
        changes=TableSource(path="changes.csv"),
        alerts=TableSource(path="alerts.csv"),
        launch=TableSource(path="launch.yaml"),
    ),
)


class AnyWindows(WindowParameters):
    """Takes what any measurement takes."""

    model_config = ConfigDict(frozen=True, extra="allow")


NO_MODEL = VerifiedJudgement(provenance=Provenance(reason="no model is configured"))
Answers = tuple[Reading, ...]


def at(hour: float) -> datetime:
    return DAY.start + timedelta(hours=hour)


def of(
    definition: Definition, value: float, entity: str = "application", start: float = 0, hours: float = 24
) -> Reading:
    """One reading of some hours of the day."""
    window = Window(start=at(start), end=at(start + hours), zone="UTC")
    return Reading(definition=definition, value=value, n=100, window=window, entity=entity)


def check_of(
    desk: Any,
    window: Window = DAY,
    records: Sequence[AlertRecord] = (),
    judged: VerifiedJudgement = NO_MODEL,
    settings: Settings = SETTINGS,
    incidents: Sequence[Any] = (),
    **answers: Any,
) -> DailyReport:
    """The check as the loop would make it."""
    bench = desk.bench_of(answers, settings)
    bench.registry.entries["incident_alerts"] = REGISTRY.entries["incident_alerts"]
    bench.sources["alerts"] = AlertTable(fingerprint="a", records=tuple(records))  # type: ignore[index]
    assignment = Assignment(
        workflow="daily_check",
        question="?",
        window=window,
        baseline=window.before(),
        parameters={"incidents": list(incidents)},
    )
    findings = DAILY_MONITOR.measure(bench, assignment)
    return DailyReport.model_validate(DAILY_MONITOR.compose(bench, assignment, findings, judged))


def found(report: DailyReport) -> list[tuple[str, str]]:
    return [(finding.kind, finding.severity) for finding in report.findings.items]


def only(report: DailyReport) -> Finding:
    (finding,) = report.findings.items
    return finding


def slow_hour(hour: int, value: float, day: int = 18) -> Answers:
    entity, start = f"2025-11-{day} {hour:02d}:00", hour + 24 * (day - 18)
    figures = (
        (unusual.UNUSUAL_RESPONSE_TIME, value),
        (unusual.EXPECTED_RESPONSE_TIME, 120),
        (unusual.EXPECTED_RESPONSE_TIME_HIGH, 150),
    )
    return tuple(of(definition, figure, entity, start, 1) for definition, figure in figures)
