"""The backlog of the sample application, fed by the reports of the others, against the sample's truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from postlaunch.agents.analytics_specialist import ANALYTICS_SPECIALIST
from postlaunch.agents.backlog_from_analytics import findings_of_analytics
from postlaunch.agents.backlog_from_incident import findings_of_incident
from postlaunch.agents.backlog_from_performance import findings_of_performance
from postlaunch.agents.bench import Assignment, Bench, Specialist
from postlaunch.agents.incident_responder import INCIDENT_RESPONDER
from postlaunch.agents.judgement import Provenance, VerifiedJudgement
from postlaunch.agents.monitoring_specialist import MONITORING_SPECIALIST
from postlaunch.agents.performance_monitor import PERFORMANCE_MONITOR
from postlaunch.agents.product_analyst import PRODUCT_ANALYST
from postlaunch.facts import Fact, Measured
from postlaunch.reports.backlog import BacklogReport
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.html import render_html
from postlaunch.reports.markdown import render_markdown
from postlaunch.reports.reading import report_from
from postlaunch.reports.report import Listing, Report
from postlaunch.sample.truth import Truth
from postlaunch.settings_file import load_settings
from postlaunch.sources.opening import open_sources
from postlaunch.testing import MemoryRecorder
from postlaunch.tools.verifying import verify_evidence
from postlaunch.windows import Window, parse_week

if TYPE_CHECKING:
    from conftest import Samples

NOW = datetime(2025, 11, 24, 8, tzinfo=UTC)
NO_MODEL = VerifiedJudgement(provenance=Provenance(reason="no model is configured"))


@dataclass(frozen=True)
class Planned:
    """The sample's backlog, the reports it rests on, and what is true."""

    backlog: BacklogReport
    others: tuple[Report, ...]
    truth: Truth
    sources: Any


def span(week: Window, days: int) -> Window:
    """So many days up to the week's end, on the wall clock."""
    end = week.local(week.end)
    return Window(start=end - timedelta(days=days), end=end, zone=week.zone)


@pytest.fixture(scope="module")
def planned(samples: Samples) -> Planned:
    sample = samples.of(0.05)
    settings = load_settings(sample.settings, environment={})
    sources = open_sources(settings, lambda: NOW)
    documents: dict[str, Any] = {}
    bench = Bench(
        settings=settings,
        sources=sources,
        recorder=MemoryRecorder(),
        clock=lambda: NOW,
        document=documents.get,
        put_document=documents.__setitem__,
    )
    week = parse_week("2025-W47", settings.application.timezone)
    spans = (
        (MONITORING_SPECIALIST, week),
        (INCIDENT_RESPONDER, week),
        (PERFORMANCE_MONITOR, span(week, 56)),
        (ANALYTICS_SPECIALIST, span(week, 28)),
    )
    others = []
    for specialist, window in spans:
        documents[f"{specialist.name}/report"] = made(bench, specialist, window)
        others.append(report_from(documents[f"{specialist.name}/report"]))
    backlog = BacklogReport.model_validate(made(bench, PRODUCT_ANALYST, week))
    return Planned(backlog, tuple(others), sample.read_truth(), sources)


def made(bench: Bench, specialist: Specialist, window: Window) -> dict[str, Any]:
    """A report as the loop makes it without a model."""
    assignment = Assignment(
        workflow="sprint_planning",
        question="What now?",
        window=window,
        baseline=window.before(),
        parameters={"sprint": 4},
    )
    findings = specialist.measure(bench, assignment)
    return specialist.compose(bench, assignment, findings, NO_MODEL)


def named(planned: Planned, name: str, entity: str = "application") -> Fact:
    [fact] = [one for one in planned.backlog.evidence.facts.values() if one.key == (name, entity)]
    return fact


def test_nothing_is_missing_and_nothing_contradicts_anything(planned: Planned) -> None:
    assert planned.backlog.problems == ()
    assert check(planned.backlog, *planned.others) == ()


def test_every_figure_can_be_measured_again(planned: Planned) -> None:
    verification = verify_evidence(planned.backlog.evidence, planned.sources)
    assert verification.holds, (verification.moved, verification.unmeasured)


def test_vulnerabilities_are_those_that_are_true(planned: Planned) -> None:
    open_ones = [one for one in planned.truth.vulnerabilities if one.fixed is None]
    listed = {found.id: found for found in planned.backlog.security.listed.items}
    assert set(listed) == {one.id for one in open_ones}
    assert named(planned, "open_vulnerabilities").value == len(open_ones)
    for one in open_ones:
        found = listed[one.id]
        assert (found.package, found.severity, found.rated_by) == (one.package, one.severity, "CVSS 3.1")
        assert named(planned, "vulnerability_score", f"{one.id} in {one.package}").value == one.score
        since = named(planned, "vulnerability_listed_since", f"{one.id} in {one.package}")
        assert since.window.local(datetime.fromtimestamp(since.value, UTC)).date() == one.first_listed


def test_severities_lead_where_they_should(planned: Planned) -> None:
    routes = {found.severity: found.route for found in planned.backlog.security.listed.items}
    assert routes == {"high": "next sprint", "medium": "backlog"}


def test_the_step_that_loses_most_is_the_true_one(planned: Planned) -> None:
    funnel = planned.truth.spans["28 days"].funnel
    worst = max(funnel, key=lambda step: step.dropped)
    [step] = [one for one in planned.backlog.feature_review.underperforming.items if one.event == worst.event]
    assert isinstance(step.figure, Measured)
    assert step.figure.value == pytest.approx(worst.dropped / funnel[0].users)


def test_the_adoption_of_every_feature_is_the_true_one(planned: Planned) -> None:
    series = planned.backlog.feature_review.adoption
    assert series is not None
    shown = {point.label: point.value for point in series.points}
    for feature in planned.truth.spans["28 days"].adoption:
        quantity = shown[feature.feature]
        assert isinstance(quantity, Measured)
        assert quantity.value == pytest.approx(feature.users / feature.audience)


def test_the_slow_upload_leads_to_the_item_that_mends_it(planned: Planned) -> None:
    item = planned.backlog.item("image-upload-async")
    assert item is not None
    assert any("PUT /users/:id" in said.text for said in item.found)
    assert {said.text.partition(":")[0] for said in item.found} >= {
        "monitoring-specialist",
        "performance-monitor",
    }


def test_the_incidents_true_cause_leads_to_the_item_that_keeps_it_from_coming_back(planned: Planned) -> None:
    assert planned.truth.incident.cause == "database connection pool exhausted"
    item = planned.backlog.item("connection-pool-monitoring")
    assert item is not None
    assert item.tier == "Must"
    assert any(said.text.startswith("incident-responder: ") for said in item.found)
    assert any("Error Rate" in said.text for said in item.found)
    assert "Incident #1" not in {
        finding.title for one in planned.backlog.colleagues for finding in one.findings
    }


def test_the_hot_read_leads_to_the_item_that_caches_it(planned: Planned) -> None:
    item = planned.backlog.item("cache-user-list")
    assert item is not None
    assert any("GET /users" in said.text for said in item.found)


def test_all_that_was_found_has_a_figure_in_evidence_and_a_fate(planned: Planned) -> None:
    findings = [finding for one in planned.backlog.colleagues for finding in one.findings]
    assert len(findings) >= 5
    assert all(finding.becomes for finding in findings)
    assert {one.name for one in planned.backlog.colleagues if one.findings} >= {
        "monitoring-specialist",
        "incident-responder",
        "performance-monitor",
        "analytics-specialist",
    }


def test_competitors_are_printed_with_all_three_lines_and_a_positioning(planned: Planned) -> None:
    competition = planned.backlog.competition
    assert [one.name for one in competition.competitors.items] == ["Auth0", "Firebase Auth"]
    assert all(one.advantage and one.disadvantage and one.edge for one in competition.competitors.items)
    assert competition.positioning is not None


def test_it_prints_in_both_formats(planned: Planned) -> None:
    for printed in (render_markdown(planned.backlog), render_html(planned.backlog)):
        assert "What the Other Specialists Found" in printed
        assert "no source of" not in printed


# --- what else reports may say ----------------------------------------------------------------------------


def of_kind(planned: Planned, kind: str) -> Any:
    return next(report for report in planned.others if report.kind == kind)


def test_an_experiment_that_won_is_work_and_one_that_lost_is_none(planned: Planned) -> None:
    report = of_kind(planned, "analytics")
    [experiment] = report.experiments.items

    def fate(decision: str) -> str:
        decided = experiment.model_copy(update={"decision": decision})
        changed = report.model_copy(update={"experiments": Listing(items=(decided,))})
        [finding] = [one for one in findings_of_analytics(changed) if one.subjects == (experiment.name,)]
        return finding.otherwise

    assert fate("ship") == ""
    assert fate("rollback") == "nothing to build: the control stays"
    assert fate("undecidable") == "nothing to build: nothing can be decided"


def test_a_cause_that_is_not_known_leads_to_no_item_and_to_no_estimate(planned: Planned) -> None:
    report = of_kind(planned, "incident")
    unknown = report.root_cause.model_copy(update={"confidence": "inconclusive"})
    cause = findings_of_incident(report.model_copy(update={"root_cause": unknown}))[0]
    assert (cause.words, cause.otherwise) == ("", "no piece of work: its cause is not known")
    assert set(cause.subjects) <= {report.incident_id}


def test_an_incident_that_used_up_an_objective_requires_the_item_on_its_cause(planned: Planned) -> None:
    report = of_kind(planned, "incident")
    allowances = tuple(one.model_copy(update={"verdict": "exceeded"}) for one in report.allowances)
    used_up = findings_of_incident(report.model_copy(update={"allowances": allowances}))[0]
    assert used_up.requires.startswith(
        f"an objective at risk: {report.allowances[0].objective}, used up with"
    )
    within = tuple(one.model_copy(update={"verdict": "within"}) for one in report.allowances)
    assert findings_of_incident(report.model_copy(update={"allowances": within}))[0].requires == ""


def test_pods_to_add_are_a_finding_that_wants_no_item(planned: Planned) -> None:
    report = of_kind(planned, "performance")
    crowded = tuple(
        projection.model_copy(update={"add": 2 if projection.months == 6 else 0})
        for projection in report.capacity.projections
    )
    plan = report.capacity.model_copy(update={"projections": crowded})
    findings = findings_of_performance(report.model_copy(update={"capacity": plan}))
    [capacity] = [one for one in findings if "capacity" in one.subjects]
    assert capacity.title == "Capacity in 6 months"
    assert capacity.otherwise.startswith("pods to add")


def test_the_cost_of_a_user_within_its_objective_requires_nothing(planned: Planned) -> None:
    report = of_kind(planned, "performance")
    for status, required in (("ok", []), ("missed", ["Cost per user misses its objective"])):
        cost = report.cost.model_copy(update={"per_user_status": status})
        findings = findings_of_performance(report.model_copy(update={"cost": cost}))
        assert [one.title for one in findings if one.requires] == required
