"""The weekly report and the daily check on the embedded sample, made by each specialist alone: every measured
figure is the truth, as printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import oracle
import pytest

from postlaunch.agents.bench import Assignment, Bench, Specialist
from postlaunch.agents.daily_monitor import DAILY_MONITOR
from postlaunch.agents.judgement import Provenance, VerifiedJudgement
from postlaunch.agents.monitoring_specialist import MONITORING_SPECIALIST
from postlaunch.facts import measured_in
from postlaunch.ledger.incidents import incident_key
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.daily import DailyReport
from postlaunch.reports.health import HealthReport
from postlaunch.sample.truth import Truth
from postlaunch.settings import Settings
from postlaunch.settings_file import load_settings
from postlaunch.sources.opening import AnySource, close_sources, open_sources
from postlaunch.testing import MemoryRecorder
from postlaunch.tools.verifying import verify_evidence
from postlaunch.windows import Window, calendar_day, parse_week

if TYPE_CHECKING:
    from conftest import Samples

SCALE = 0.3
"""Of the sample's traffic: enough that nine in ten minutes have requests, and so uptime can be told."""


@dataclass(frozen=True)
class World:
    """The sample opened with its own settings, its truth, and what every figure of it must be."""

    truth: Truth
    expected: oracle.Expected
    settings: Settings
    sources: dict[str, AnySource]

    def bench(self) -> Bench:
        return Bench(
            settings=self.settings,
            sources=self.sources,
            recorder=MemoryRecorder(),
            clock=lambda: self.truth.as_of + timedelta(hours=1),
        )

    def made(self, specialist: Specialist, window: Window) -> dict[str, Any]:
        """A report by rules alone."""
        assignment = Assignment(
            workflow="weekly_report", question="?", window=window, baseline=window.before()
        )
        bench = self.bench()
        found = specialist.measure(bench, assignment)
        nobody = VerifiedJudgement(provenance=Provenance(reason="no model is configured"))
        return specialist.compose(bench, assignment, found, nobody)

    def day(self, text: str) -> Window:
        return calendar_day(date.fromisoformat(text), self.truth.zone)

    def check(self, text: str) -> DailyReport:
        return DailyReport.model_validate(self.made(DAILY_MONITOR, self.day(text)))


@pytest.fixture(scope="module")
def world(samples: Samples) -> Iterator[World]:
    sample = samples.of(SCALE)
    settings = load_settings(sample.settings, environment={})
    truth = sample.read_truth()
    opened = open_sources(settings, lambda: sample.as_of + timedelta(days=1))
    yield World(truth, oracle.Expected(oracle.World(sample)), settings, opened)
    close_sources(opened)


@pytest.fixture(scope="module")
def weekly(world: World) -> HealthReport:
    """On the newest week."""
    window = parse_week(world.truth.this_week.label, world.truth.zone)
    return HealthReport.model_validate(world.made(MONITORING_SPECIALIST, window))


@pytest.fixture(scope="module")
def bad_day(world: World) -> DailyReport:
    """On the day of the incident."""
    return world.check(f"{world.truth.incident.start.astimezone(ZoneInfo(world.truth.zone)):%Y-%m-%d}")


# --- the weekly report ----------------------------------------------------------------------------------


def test_every_measured_figure_of_the_weekly_report_is_the_truth(world: World, weekly: HealthReport) -> None:
    assert len(measured_in(weekly)) > 150
    assert oracle.wrong_in(weekly, world.expected) == []


def test_every_figure_of_the_weekly_report_can_be_measured_again(world: World, weekly: HealthReport) -> None:
    found = verify_evidence(weekly.evidence, world.sources)
    assert (found.moved, found.unmeasured) == ((), ())


def test_the_weekly_report_is_whole_and_contradicts_nothing(weekly: HealthReport) -> None:
    assert weekly.problems == ()
    assert weekly.unmeasured == ()
    assert all(row.this.kind == "measured" for row in weekly.metrics)
    assert len(weekly.resources.uses.items) == 4
    assert len(weekly.launch.rows.items) == 8
    assert check(weekly) == ()


def test_the_incident_has_the_cause_and_the_fix_that_were_recorded(
    world: World, weekly: HealthReport
) -> None:
    (incident,) = weekly.incidents.items
    assert "connections of each pod are in use" in incident.root_cause[0].text
    assert "noted by on-call engineer" in incident.root_cause[0].text
    pool = f"{world.truth.incident.pool_before} → {world.truth.incident.pool_after}"
    assert pool in incident.resolution[0].text
    assert "(change CHG-" in incident.resolution[0].text
    assert incident.status == "Resolved"


def test_maintenance_is_told_as_it_was_planned(weekly: HealthReport) -> None:
    (planned,) = weekly.maintenance
    assert "node restart" in planned.title
    assert planned.duration.value == 2  # type: ignore[union-attr]


def test_the_trend_of_the_resources_is_calm(weekly: HealthReport) -> None:
    verdicts = {trend.resource: trend.verdict for trend in weekly.resources.trends}
    assert verdicts["memory"] == verdicts["cpu"] == verdicts["disk"] == "stable"
    assert weekly.resources.advice in ("not yet", "plan")


# --- the daily check ------------------------------------------------------------------------------------


def test_every_measured_figure_of_the_bad_day_is_the_truth(world: World, bad_day: DailyReport) -> None:
    assert len(measured_in(bad_day)) > 100
    assert len(bad_day.kinds.items) > 5
    assert oracle.wrong_in(bad_day, world.expected) == []


def test_the_incident_is_a_finding_under_its_key_and_its_traces_are_no_others(
    world: World, bad_day: DailyReport
) -> None:
    first = bad_day.findings.items[0]
    assert first.key == incident_key(world.settings.application.name, world.truth.incident.start)
    assert [finding.kind for finding in bad_day.findings.items] == ["error_spell"]
    assert check(bad_day) == ()


def test_lines_of_a_kind_add_up_to_those_of_the_level(bad_day: DailyReport) -> None:
    lines = {line.level: line.lines.value for line in bad_day.levels.items}  # type: ignore[union-attr]
    errors = sum(kind.lines.value for kind in bad_day.kinds.items if kind.level == "error")  # type: ignore[union-attr]
    assert 0 < errors <= lines["error"]


def test_every_figure_of_a_daily_check_can_be_measured_again(world: World, bad_day: DailyReport) -> None:
    found = verify_evidence(bad_day.evidence, world.sources)
    assert (found.moved, found.unmeasured) == ((), ())


def test_ordinary_days_are_quiet_and_the_same_thing_has_the_same_key(world: World) -> None:
    """Days before and after the incident: no more false alarms than promised; what goes on is raised once."""
    days = [date(2025, 11, 12) + timedelta(days=place) for place in range(9)]
    bad = world.truth.incident.start.astimezone(ZoneInfo(world.truth.zone)).date()
    checks = {day: world.check(day.isoformat()) for day in days if day != bad}
    unexpected = [
        finding.title
        for report in checks.values()
        for finding in report.findings.items
        if finding.kind in ("anomaly", "error_spell", "alert")
    ]
    assert len(unexpected) <= 1
    keys = Counter(finding.key for report in checks.values() for finding in report.findings.items)
    kinds = {key.split("/")[2] for key in keys}
    assert len(keys) <= len(kinds) * 4
