"""What the monitoring-specialist declares, and its report on whole logs."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from postlaunch.agents.bench import Bench
from postlaunch.agents.consult import Bounds
from postlaunch.agents.health_measured import OF_REQUESTS
from postlaunch.agents.monitoring_specialist import MONITORING_SPECIALIST, TOOLS
from postlaunch.agents.product_analyst import PRODUCT_ANALYST
from postlaunch.agents.transcript import Call
from postlaunch.errors import UsageError
from postlaunch.facts import measured_in
from postlaunch.reports.health import HealthReport
from postlaunch.reports.markdown import render_markdown
from postlaunch.settings import Settings
from postlaunch.settings_file import load_settings
from postlaunch.settings_sources import RequestSource, Sources
from postlaunch.sources.requests import open_requests
from postlaunch.sources.tickets import open_tickets
from postlaunch.testing import MemoryRecorder
from postlaunch.tools.measurement import REGISTRY
from postlaunch.windows import parse_week

if TYPE_CHECKING:
    from conftest import Samples

NOW = datetime(2025, 11, 24, 7, tzinfo=UTC)


def test_its_tools_and_measurements_are_registered() -> None:
    names = set(TOOLS) | {name for _, name, _ in OF_REQUESTS} | {"ticket_volume"}
    assert names <= set(REGISTRY.entries)


def test_a_model_is_not_shown_the_charts_series(desk: Any) -> None:
    found = MONITORING_SPECIALIST.measure(desk.bench_of(), desk.assigned())
    assert not [fact for fact in found.facts if fact.name.startswith("day_")]
    assert HealthReport.model_validate(found.draft).series


def test_an_assignment_without_a_window_is_refused(desk: Any) -> None:
    assignment = desk.assigned().model_copy(update={"window": None})
    with pytest.raises(UsageError, match="needs a week"):
        MONITORING_SPECIALIST.measure(desk.bench_of(), assignment)


def test_a_colleague_who_is_not_there_is_not_offered_and_breaks_nothing() -> None:
    assert MONITORING_SPECIALIST.consults == ("incident-responder", "product-analyst")
    bounds = Bounds(
        specialist=MONITORING_SPECIALIST,
        colleagues={"product-analyst": PRODUCT_ANALYST},
        depth=0,
        most_depth=2,
    )
    assert bounds.open_to == ("product-analyst",)
    absent = Call(id="1", name="consult", arguments={"to": "incident-responder", "question": "Why?"})
    with pytest.raises(UsageError, match="no colleague incident-responder"):
        bounds.question(absent)


def real_report(desk: Any, settings: Settings, week: str = "") -> HealthReport:
    log = open_requests(settings, lambda: NOW)
    tickets = {"tickets": open_tickets(settings)} if settings.sources.tickets else {}
    try:
        zone = settings.application.timezone
        window = parse_week(week, zone) if week else log.window_for(zone)
        return desk.composed(
            Bench(
                settings=settings,
                sources={"requests": log, **tickets},
                recorder=MemoryRecorder(),
                clock=lambda: NOW,
            ),
            desk.assigned(window),
        )
    finally:
        log.close()


@pytest.fixture(scope="module")
def sampled_report(desk: Any, samples: Samples) -> HealthReport:
    """The embedded sample's newer week, on part of its traffic."""
    settings = load_settings(samples.of(0.3).settings, environment={})
    return real_report(desk, settings, "2025-W47")


def test_the_samples_incident_is_found_and_every_figure_stands_in_evidence(
    sampled_report: HealthReport,
) -> None:
    assert [item.number for item in sampled_report.incidents.items] == [1]
    assert len(measured_in(sampled_report)) > 60
    assert HealthReport.model_validate_json(sampled_report.model_dump_json()) == sampled_report


def test_the_samples_slow_endpoint_is_to_be_optimised(sampled_report: HealthReport) -> None:
    assert sampled_report.slowest.items[0].endpoint == "PUT /users/:id"
    assert sampled_report.slowest.items[0].rating == "investigate"


def test_the_samples_tickets_stand_against_their_objective(sampled_report: HealthReport) -> None:
    row = next(row for row in sampled_report.metrics if row.metric == "support_tickets")
    assert row.target is not None
    assert (row.target.text(), row.target.window) == ("< 50", "7d")
    assert row.this.kind == "measured"
    assert row.status != "not available"


def test_a_real_sampled_log_is_reported_honestly(desk: Any, shared_data: Path, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    shutil.copy(shared_data / "access" / "apache_combined.log", log)
    settings = Settings(folder=tmp_path, sources=Sources(requests=RequestSource(paths=("access.log",))))
    report = real_report(desk, settings)
    assert report.window.label == "2015-W21"
    assert report.window.partial
    assert report.headline.grade == "NOT GRADED"
    assert "sample" in report.downtime.reason
    assert report.slowest.reason == "not available: the log has no response times"
    assert any("from bots" in note.text for note in report.notes)
    assert "Turn sampling off for the request log" in desk.actions(report)
    assert "$request_time" in render_markdown(report)
