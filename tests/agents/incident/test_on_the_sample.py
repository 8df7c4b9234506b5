"""The sample application's incident: every figure is the truth, and so is the cause."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from postlaunch.agents.bench import Assignment, Bench
from postlaunch.agents.incident_responder import INCIDENT_RESPONDER
from postlaunch.agents.judgement import VerifiedJudgement
from postlaunch.facts import Measured
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.incident import IncidentReport
from postlaunch.sample.generate import Sample
from postlaunch.settings_file import load_settings
from postlaunch.sources.opening import close_sources, open_sources
from postlaunch.testing import MemoryRecorder
from postlaunch.tools.verifying import verify_evidence
from postlaunch.windows import Window, parse_week

if TYPE_CHECKING:
    from conftest import Samples

SCALE = 0.05


@dataclass(frozen=True)
class Looked:
    """The sample, opened, and reports on it."""

    sample: Sample
    bench: Bench

    @property
    def truth(self) -> Any:
        return self.sample.read_truth().incident

    def report(self, window: Window | None = None, **parameters: Any) -> IncidentReport:
        """The report by rules on the incident as its alert tells of it, or on a window."""
        zone = self.bench.settings.application.timezone
        hours = timedelta(hours=6)
        around = Window(start=self.truth.start - hours, end=self.truth.end + hours, zone=zone)
        assignment = Assignment(
            workflow="incident", question="What happened?", window=window or around, parameters=parameters
        )
        found = INCIDENT_RESPONDER.measure(self.bench, assignment)
        body = INCIDENT_RESPONDER.compose(self.bench, assignment, found, VerifiedJudgement())
        return IncidentReport.model_validate(body)


@pytest.fixture(scope="module")
def looked(samples: Samples) -> Iterator[Looked]:
    sample = samples.of(SCALE)
    settings = load_settings(sample.settings, environment={})
    clock: Callable[[], datetime] = lambda: sample.as_of  # noqa: E731
    sources = open_sources(settings, clock)
    yield Looked(sample, Bench(settings=settings, sources=sources, recorder=MemoryRecorder(), clock=clock))
    close_sources(sources)


@pytest.fixture(scope="module")
def report(looked: Looked) -> IncidentReport:
    alert = {"start": looked.truth.fired.isoformat(), "end": None, "trigger": "alert", "text": "5xx"}
    return looked.report(incident=alert)


def value(quantity: Any) -> float:
    assert isinstance(quantity, Measured)
    return quantity.value


def test_its_figures_are_the_truth(looked: Looked, report: IncidentReport) -> None:
    truth = looked.truth
    assert value(report.began) == truth.start.timestamp()
    assert value(report.ended) == truth.end.timestamp()
    assert value(report.impact_duration) == truth.minutes
    assert (value(report.failed), value(report.requests)) == (truth.server_errors, truth.requests)
    assert value(report.error_rate) == truth.server_errors / truth.requests
    assert value(report.users.count) == truth.users
    assert value(report.down) == truth.down_minutes
    assert value(report.peak_load) == pytest.approx(truth.peak_per_second)
    assert value(report.peak_error_rate) == pytest.approx(max(truth.error_rate_by_minute))


def test_detection_resolution_and_milestones_are_as_recorded(looked: Looked, report: IncidentReport) -> None:
    truth = looked.truth
    assert value(report.detected) == truth.fired.timestamp()
    assert value(report.resolved) == truth.resolved.timestamp()
    assert report.duration.value == (truth.resolved - truth.fired).total_seconds() / 60
    assert all(step.at.kind == "measured" for step in report.milestones)
    applied = next(step for step in report.milestones if step.name == "fix_applied")
    assert value(applied.at) == truth.fixed.timestamp()


def test_the_cause_is_the_pool_with_high_confidence_from_three_sources(
    looked: Looked, report: IncidentReport
) -> None:
    truth = looked.truth
    assert (report.root_cause.name, report.root_cause.confidence) == ("pool", "high")
    assert "pool" in truth.cause
    pool = next(one for one in report.considered if one.name == "pool")
    assert pool.sources == ("resources", "logs", "changes")
    chain = " ".join(step.text for step in report.root_cause.chain)
    assert f"(limit {truth.pool_before})" in chain
    assert f"was used up to {truth.most_in_use_after}" in chain
    assert {"memory", "cpu", "disk", "pod", "endpoint"} <= {one.name for one in report.ruled_out}


def test_why_missed_is_connections_and_not_requests(looked: Looked, report: IncidentReport) -> None:
    found = re.match(r"Database connections: up to (\d+) in pod web-\d, more than", report.why_missed[0].text)
    assert found
    assert looked.truth.most_in_use_after <= int(found[1]) <= looked.truth.pool_after
    assert all("within what the load test" in said.text for said in report.why_missed[1:3])


def test_failures_fell_where_the_truth_says(looked: Looked, report: IncidentReport) -> None:
    endpoints = {
        fact.entity: fact.value for fact in report.evidence.facts.values() if fact.name == "endpoint_errors"
    }
    assert endpoints == looked.truth.by_endpoint


def test_every_figure_can_be_measured_again(looked: Looked, report: IncidentReport) -> None:
    checked = verify_evidence(report.evidence, looked.bench.sources)
    assert checked.checked > 150
    assert checked.holds


def test_the_report_does_not_contradict_itself(report: IncidentReport) -> None:
    assert check(report) == ()


def test_a_week_finds_the_same_incident(looked: Looked, report: IncidentReport) -> None:
    zone = looked.bench.settings.application.timezone
    week = parse_week(f"{looked.truth.start:%Y-%m-%d}", zone)
    found = looked.report(window=week)
    assert (found.began.value, found.failed.value) == (report.began.value, report.failed.value)
    assert found.root_cause.name == "pool"


def test_a_quiet_hour_is_not_confirmed(looked: Looked) -> None:
    start = looked.truth.start - timedelta(hours=30)
    quiet = Window(start=start - timedelta(hours=6), end=start + timedelta(hours=7), zone="UTC")
    said = {"start": start.isoformat(), "end": None, "trigger": "user_report", "text": "slow"}
    assert looked.report(window=quiet, incident=said).status == "Not confirmed"


def test_only_the_present_hour_of_the_incident_is_known_while_it_goes_on(looked: Looked) -> None:
    now = looked.truth.start + timedelta(minutes=5)
    zone = looked.bench.settings.application.timezone
    window = Window(start=looked.truth.start - timedelta(hours=6), end=now, zone=zone)
    alert = {"start": looked.truth.fired.isoformat(), "end": None, "trigger": "alert", "text": "5xx"}
    report = looked.report(window=window, incident=alert, as_of=now.astimezone(UTC).isoformat())
    assert report.status == "Identified"
    assert report.ended.kind == "unavailable"
    assert "restore service" in report.headline.do.text


def test_the_sample_is_read_without_its_truth(looked: Looked, tmp_path: Path) -> None:
    assert looked.sample.truth.exists()
    settings = looked.bench.settings
    paths = str(settings.sources.model_dump())
    assert "truth" not in paths
