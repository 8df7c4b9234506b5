"""Reports made here: those of the sample and of a real log are consistent; one that is changed is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from postlaunch.facts import Evidence, Measured, Quantity
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.backlog import BacklogReport, FeatureRequest
from postlaunch.reports.consistency.checking import check, contradictions_of
from postlaunch.reports.consistency.extraction import EXTRACTORS, statements_of
from postlaunch.reports.consistency.plan_statements import Allowance, Graded, SprintPlan
from postlaunch.reports.consistency.time_statements import Span, Uptime
from postlaunch.reports.health import HealthReport, Incident, TopEndpoint
from postlaunch.reports.reading import KINDS, report_from
from postlaunch.reports.report import Listing, Report
from postlaunch.settings import Application, Settings
from postlaunch.settings_sources import RequestSource, Sources
from postlaunch.sync import PostLaunch

if TYPE_CHECKING:
    from conftest import Samples

Reports = dict[str, Report]
SCALE = 0.3
"""Of the sample's traffic: enough that uptime and downtime can be told."""


def reports_of(settings: Settings | Path, workflow: Any) -> Reports:
    with PostLaunch(settings, environment={}) as postlaunch:
        postlaunch.advance(postlaunch.start(workflow).id)
        return {record.kind: report_from(record.body) for record in postlaunch.reports()}


@pytest.fixture(scope="module")
def sample(samples: Samples, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """The reports that the sample application's sprint planning makes."""
    return reports_of(samples.copied(tmp_path_factory.mktemp("sample"), SCALE).settings, "sprint_planning")


@pytest.fixture(scope="module")
def health(sample: Reports) -> HealthReport:
    report = sample["weekly_health"]
    assert isinstance(report, HealthReport)
    return report


@pytest.fixture(scope="module")
def backlog(sample: Reports) -> BacklogReport:
    report = sample["backlog"]
    assert isinstance(report, BacklogReport)
    return report


def rules(*reports: Report) -> set[str]:
    return {contradiction.rule.split()[0] for contradiction in check(*reports)}


def more(quantity: Quantity, factor: float) -> Quantity:
    """The quantity as another value; its evidence is no longer looked at."""
    assert isinstance(quantity, Measured)
    return quantity.model_copy(update={"value": quantity.value * factor})


# --- they are consistent ----------------------------------------------------------------------------------


def test_the_samples_reports_do_not_contradict_themselves_or_each_other(sample: Reports) -> None:
    assert set(sample) == {"weekly_health", "performance", "analytics", "backlog"}
    assert check(*sample.values()) == ()
    assert all(report.problems == () for report in sample.values())


def test_what_is_compared_in_them_is_there(health: HealthReport, backlog: BacklogReport) -> None:
    stated = {type(statement) for statement in (*statements_of(health), *statements_of(backlog))}
    assert {Uptime, Allowance, Graded, Span, SprintPlan} <= stated


def test_a_real_sampled_log_of_another_site_is_consistent(shared_data: Path, tmp_path: Path) -> None:
    log = str(shared_data / "access" / "apache_combined.log")
    settings = Settings(
        folder=tmp_path,
        application=Application(name="A site"),
        sources=Sources(requests=RequestSource(paths=(log,))),
    )
    report = reports_of(settings, "weekly_report")["weekly_health"]
    assert len(statements_of(report)) > 30
    assert check(report) == ()


def test_every_kind_of_report_has_its_extractor() -> None:
    assert set(EXTRACTORS) == set(KINDS.values())


# --- and where one is changed, it is found ----------------------------------------------------------------


def endpoints_reversed(report: HealthReport) -> HealthReport:
    items = report.top_endpoints.items[::-1]
    return report.model_copy(update={"top_endpoints": Listing[TopEndpoint](items=items)})


def incident_with(report: HealthReport, **changes: object) -> HealthReport:
    incident = report.incidents.items[0].model_copy(update=changes)
    items = (incident, *report.incidents.items[1:])
    return report.model_copy(update={"incidents": Listing[Incident](items=items)})


def row_with(report: HealthReport, metric: str, **changes: object) -> HealthReport:
    rows = tuple(row.model_copy(update=changes) if row.metric == metric else row for row in report.metrics)
    return report.model_copy(update={"metrics": rows})


def figure_of(report: HealthReport, metric: str) -> Quantity:
    return next(row.this for row in report.metrics if row.metric == metric)


HEALTH_CHANGES: dict[str, tuple[Callable[[HealthReport], HealthReport], str]] = {
    "endpoints in another order": (endpoints_reversed, "C4"),
    "a grade better than its rows": (
        lambda r: r.model_copy(update={"headline": r.headline.model_copy(update={"grade": "EXCELLENT"})}),
        "C15",
    ),
    "another total than the row has": (
        lambda r: r.model_copy(update={"total_requests": more(r.total_requests, 1.5)}),
        "C6",
    ),
    "shares of another total": (
        lambda r: r.model_copy(update={"total_requests": more(r.total_requests, 1.5)}),
        "C3",
    ),
    "days that do not add up": (
        lambda r: r.model_copy(update={"total_requests": more(r.total_requests, 1.5)}),
        "C1",
    ),
    "more failures in an incident than in the week": (
        lambda r: incident_with(r, failed=more(r.incidents.items[0].failed, 1000)),
        "C1",
    ),
    "an incident that began outside the week": (
        lambda r: incident_with(r, start=more(r.incidents.items[0].start, 0.9)),
        "C8",
    ),
    "an error rate that the errors are not": (
        lambda r: row_with(r, "error_rate", this=more(figure_of(r, "error_rate"), 2)),
        "C3",
    ),
    "a change that is another": (
        lambda r: row_with(r, "total_requests", last=more(figure_of(r, "total_requests"), 3)),
        "C5",
    ),
    "an uptime that leaves more downtime than is listed": (
        lambda r: row_with(r, "uptime", this=more(figure_of(r, "uptime"), 0.9)),
        "C9",
    ),
    "a budget that is spent otherwise": (
        lambda r: r.model_copy(
            update={
                "budgets": r.budgets.model_copy(
                    update={
                        "items": tuple(
                            budget.model_copy(update={"left": budget.burn_rate}) for budget in r.budgets.items
                        )
                    }
                )
            }
        ),
        "C19",
    ),
}


@pytest.mark.parametrize(("change", "rule"), HEALTH_CHANGES.values(), ids=HEALTH_CHANGES)
def test_a_changed_health_report_is_found(
    health: HealthReport, change: Callable[[HealthReport], HealthReport], rule: str
) -> None:
    assert rule in rules(change(health))


def scope_with(report: BacklogReport, **changes: object) -> BacklogReport:
    return report.model_copy(update={"scope": report.scope.model_copy(update=changes)})


def first_item_with(report: BacklogReport, **changes: object) -> BacklogReport:
    tier = next(tier for tier in report.tiers if any(item.in_scope for item in tier.items))
    chosen = next(item for item in tier.items if item.in_scope)
    items = tuple(item.model_copy(update=changes) if item == chosen else item for item in tier.items)
    tiers = tuple(each.model_copy(update={"items": items}) if each == tier else each for each in report.tiers)
    return report.model_copy(update={"tiers": tiers})


BACKLOG_CHANGES: dict[str, tuple[Callable[[BacklogReport], BacklogReport], str]] = {
    "a total that is not the sum": (lambda r: scope_with(r, total_days=r.scope.total_days + 1), "C11"),
    "a load beyond its capacity": (
        lambda r: scope_with(
            r, loads=tuple(load.model_copy(update={"capacity": 0.0}) for load in r.scope.loads)
        ),
        "C11",
    ),
    "an item in this sprint and put off": (lambda r: first_item_with(r, defer_to="Sprint 99"), "C18"),
    "an effort that its owners do not make": (
        lambda r: first_item_with(r, effort_by_owner={"security-expert": 77.0}),
        "C1",
    ),
    "requests in another order": (
        lambda r: r.model_copy(update={"feature_requests": r.feature_requests[::-1]}),
        "C4",
    ),
    "requesters that the list does not have": (
        lambda r: first_item_with(r, requests=more(r.feature_requests[0].requesters, 10)),
        "C6",
    ),
}


@pytest.mark.parametrize(("change", "rule"), BACKLOG_CHANGES.values(), ids=BACKLOG_CHANGES)
def test_a_changed_backlog_is_found(
    backlog: BacklogReport, change: Callable[[BacklogReport], BacklogReport], rule: str
) -> None:
    assert rule in rules(change(backlog))


def asked_by_one_more(report: AnalyticsReport, **measured: object) -> AnalyticsReport:
    """The report with one more person behind an item, by another measurement where one is given."""
    place, request = next((n, one) for n, one in enumerate(report.requests.items) if one.candidate)
    assert isinstance(request.requesters, Measured)
    fact = report.evidence.facts[request.requesters.fact]
    again = fact.model_copy(
        update={"value": fact.value + 1, "measurement": fact.measurement.model_copy(update=measured)}
    )
    items = list(report.requests.items)
    items[place] = request.model_copy(update={"requesters": Measured.of(again)})
    evidence = Evidence.of(*report.evidence.facts.values(), again)
    return report.model_copy(
        update={"requests": Listing[FeatureRequest](items=tuple(items)), "evidence": evidence}
    )


def test_requesters_contradict_those_that_were_counted_from_the_same_alone(
    sample: Reports, backlog: BacklogReport
) -> None:
    analytics = sample["analytics"]
    assert isinstance(analytics, AnalyticsReport)
    fact = next(fact for fact in analytics.evidence.facts.values() if fact.name == "group_requesters")
    decided = {**fact.measurement.parameters, "decisions": ["two groups ask for the same"]}
    reworded = {**fact.measurement.parameters, "anchors": []}
    assert "C6" in rules(asked_by_one_more(analytics), backlog)
    assert "C6" not in rules(asked_by_one_more(analytics, parameters=decided), backlog)
    assert "C6" not in rules(asked_by_one_more(analytics, parameters=reworded), backlog)
    assert "C6" not in rules(asked_by_one_more(analytics, fingerprint="corrected tickets"), backlog)


def test_what_others_have_among_themselves_is_not_held_against_a_report(
    health: HealthReport, backlog: BacklogReport
) -> None:
    wrong = endpoints_reversed(health)
    assert contradictions_of(backlog, (wrong,)) == ()
    assert {found.rule for found in contradictions_of(wrong, (backlog,))} == {"C4 ordering"}
