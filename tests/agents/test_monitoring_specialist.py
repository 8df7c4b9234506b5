"""The monitoring-specialist: from measurements to the report, by rules and with a judgement."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ConfigDict

from postlaunch.agents.bench import Assignment, Bench, Findings
from postlaunch.agents.judgement import (
    Provenance,
    Refusal,
    Sentence,
    VerifiedClaim,
    VerifiedDispute,
    VerifiedHypothesis,
    VerifiedJudgement,
    VerifiedRecommendation,
)
from postlaunch.agents.monitoring_specialist import MEASURED, MONITORING_SPECIALIST, TOOLS
from postlaunch.errors import SourceError, UsageError
from postlaunch.facts import Definition, Fact, measured_in
from postlaunch.reports.health import HealthReport
from postlaunch.reports.html import render_html
from postlaunch.reports.markdown import render_markdown
from postlaunch.sample.generate import generate
from postlaunch.settings import Application, Gate, Party, RequestSource, Settings, Sources
from postlaunch.settings_file import load_settings
from postlaunch.sources.requests import open_requests
from postlaunch.testing import MemoryRecorder
from postlaunch.tools import definitions_request_groups as group_definitions
from postlaunch.tools import definitions_requests as definitions
from postlaunch.tools.measurement import REGISTRY, Reading, Readings, Registry, WindowParameters
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


def spell(
    start: datetime, minutes: float = 8, rate: float = 0.1, entity: str = "incident 1"
) -> tuple[Reading, ...]:
    """One incident as the log shows it."""
    return (
        read(definitions.INCIDENT_START, start.timestamp(), entity=entity),
        read(definitions.INCIDENT_MINUTES, minutes, entity=entity),
        read(definitions.INCIDENT_FAILED_REQUESTS, 374, entity=entity),
        read(definitions.INCIDENT_REQUESTS, 3740, entity=entity),
        read(definitions.INCIDENT_ERROR_RATE, rate, entity=entity),
        read(definitions.INCIDENT_SHARE_OF_WINDOW, 0.003, entity=entity),
    )


def bench_of(
    answers: Mapping[str, Readings | tuple[Reading, ...]], settings: Settings = SETTINGS, **changes: Any
) -> Bench:
    """A bench whose measurements answer as given; those not named have no data."""
    registry = Registry()
    for name in {name for _, name, _ in MEASURED}:
        answer = answers.get(name, Readings(reason=f"no {name} here"))
        _register(registry, name, answer if isinstance(answer, Readings) else Readings(readings=answer))
    given: dict[str, Any] = {"sources": {"requests": Log()}, "registry": registry} | changes
    return Bench(settings=settings, recorder=MemoryRecorder(), clock=lambda: NOW, **given)


def _register(registry: Registry, name: str, answer: Readings) -> None:
    @registry.measurement(name, source="requests", parameters=AnyParameters)
    def code(source: Log, parameters: AnyParameters, limits: object) -> Readings:
        """Answers as the test says."""
        return answer


def assigned(window: Window = WEEK, **parameters: Any) -> Assignment:
    return Assignment(
        workflow="weekly_report",
        question="How healthy?",
        window=window,
        baseline=window.before(),
        parameters=parameters,
    )


def composed(
    bench: Bench, assignment: Assignment | None = None, judged: VerifiedJudgement = NO_MODEL
) -> HealthReport:
    """The report as the loop would make it."""
    assignment = assignment or assigned()
    findings = MONITORING_SPECIALIST.measure(bench, assignment)
    return HealthReport.model_validate(MONITORING_SPECIALIST.compose(bench, assignment, findings, judged))


def healthy(**changes: Any) -> HealthReport:
    """A healthy week, with some measurements answering otherwise."""
    return composed(bench_of({**HEALTHY, **changes}))


def summary_with(*readings: Reading, without: tuple[str, ...] = ()) -> tuple[Reading, ...]:
    """The healthy summary with some figures replaced or left out."""
    names = {reading.definition.name for reading in readings} | set(without)
    kept = tuple(item for item in HEALTHY["request_summary"] if item.definition.name not in names)
    return (*kept, *readings)


def actions(report: HealthReport) -> list[str]:
    return [f"{item.action.text} for {item.target}" for item in report.recommendations]


# --- by rules -----------------------------------------------------------------------------------------


def test_a_week_with_every_objective_met_is_excellent_and_asks_for_nothing() -> None:
    report = healthy()
    assert report.headline.grade == "EXCELLENT"
    assert report.headline.do.text == "nothing now: no threshold was crossed"
    assert report.recommendations == ()
    assert report.provenance.reason == "no model is configured"


def test_rows_stand_in_the_specifications_order_before_ours() -> None:
    assert [row.title for row in healthy().metrics][:6] == [
        "Uptime",
        "Avg Response Time",
        "95th Percentile",
        "Error Rate",
        "Active Users",
        "New Registrations",
    ]


def test_what_is_compared_in_the_first_report_is_last_week() -> None:
    headline = healthy().headline
    assert headline.since == "last week (the first report)"
    assert headline.changed[0].text == "Error Rate 0.04% → 0.05% (+0.01 pp)"


def test_a_partial_week_is_compared_with_the_same_part_of_last_week() -> None:
    part = WEEK.cut(WEEK.start + timedelta(days=3))
    report = composed(bench_of(HEALTHY), assigned(part))
    assert report.headline.since == "the same part of last week (the first report)"


def test_the_last_report_is_what_the_next_is_compared_with() -> None:
    before = healthy().model_copy(update={"window": WEEK.before()})
    worse = summary_with(read(definitions.P95_RESPONSE_TIME, 312, 148))
    bench = bench_of({**HEALTHY, "request_summary": worse})
    headline = composed(bench, assigned(previous=before.model_dump(mode="json"))).headline
    assert headline.since == "the last report (2025-W46)"
    assert [line.text for line in headline.changed] == [
        "grade EXCELLENT → POOR",
        "95th Percentile 150 ms → 312 ms (ok → missed)",
    ]


def test_a_last_report_that_cannot_be_read_counts_as_none() -> None:
    report = composed(bench_of(HEALTHY), assigned(previous="run-17"))
    assert "first report" in report.headline.since


@pytest.mark.parametrize(
    ("changes", "who"),
    [
        ({}, "the on-call engineer"),
        ({"roster": (Party(name="Ada", kind="person", approver=True), Party(name="Bob"))}, "Ada"),
        ({"gate": Gate(approvers=("Cid", "Dee"))}, "Cid, Dee"),
    ],
)
def test_who_decides_is_who_the_settings_name(changes: dict[str, Any], who: str) -> None:
    report = composed(bench_of(HEALTHY, SETTINGS.model_copy(update=changes)))
    assert report.headline.decides == who


def test_without_any_source_every_section_says_so_and_nothing_is_graded() -> None:
    report = composed(bench_of(HEALTHY, sources={}))
    assert report.headline.grade == "NOT GRADED"
    assert all(row.status == "not available" for row in report.metrics)
    for listing in (report.incidents, report.downtime, report.top_endpoints, report.errors, report.slowest):
        assert "no source of requests is configured" in listing.reason
    assert report.problems == ()
    assert "NOT GRADED" in render_markdown(report)
    assert "NOT GRADED" in render_html(report)


def test_a_source_that_fails_is_a_problem_and_not_good_news() -> None:
    registry = Registry()
    for name in {name for _, name, _ in MEASURED}:
        _failing(registry, name)
    report = composed(bench_of({}, registry=registry))
    assert report.problems == ("requests: the disk is gone",)
    assert report.incidents.reason == "not available: the source requests failed: the disk is gone"
    assert report.headline.grade == "NOT GRADED"


def _failing(registry: Registry, name: str) -> None:
    @registry.measurement(name, source="requests", parameters=AnyParameters)
    def code(source: Log, parameters: AnyParameters, limits: object) -> Readings:
        """Fails."""
        raise SourceError("the disk is gone")


def test_a_log_without_a_probe_gives_availability_and_no_uptime() -> None:
    report = healthy(uptime=Readings(reason="no probe: the log is a sample"))
    rows = {row.title: row for row in report.metrics}
    assert rows["Uptime"].because.text == "no probe: the log is a sample"
    assert rows["Availability (by requests)"].status == "not available"
    assert report.downtime.reason == "not available: no probe: the log is a sample"
    assert report.unmeasured == ("Uptime",)
    assert report.headline.grade == "GOOD"


def test_availability_is_not_printed_beside_uptime() -> None:
    assert "availability" not in {row.metric for row in healthy().metrics}


def test_a_log_without_response_times_asks_for_them_with_the_lines_to_paste() -> None:
    summary = summary_with(without=("mean_response_time", "p95_response_time"))
    report = healthy(request_summary=summary)
    item = next(item for item in report.recommendations if "request time" in item.action.text)
    assert "$request_time" in item.snippet
    assert "%D" in item.snippet
    assert report.headline.grade == "GOOD"


@pytest.mark.parametrize(("rejected", "asked"), [(1_200, False), (1_201, True)])
def test_lines_that_do_not_parse_are_to_be_mended_above_one_percent(rejected: int, asked: bool) -> None:
    quality = (read(definitions.LINES_READ, 120_000), read(definitions.LINES_REJECTED, rejected))
    found = "Correct the format or the field mapping for the request log" in actions(
        healthy(log_quality=quality)
    )
    assert found is asked


@pytest.mark.parametrize(("failures", "asked"), [(29, False), (30, True)])
def test_server_errors_of_one_endpoint_are_to_be_fixed_from_half_of_them(failures: int, asked: bool) -> None:
    places = (
        read(group_definitions.ENDPOINT_ERRORS, failures, entity="PUT /users/:id"),
        read(group_definitions.ENDPOINT_ERROR_RATE, 0.01, entity="PUT /users/:id"),
    )
    report = healthy(error_endpoints=places)
    assert ("Fix the server errors for PUT /users/:id" in actions(report)) is asked


def test_three_server_errors_are_no_cluster() -> None:
    statuses = (read(group_definitions.STATUS_COUNT, 3, entity="500 Internal Server Error"),)
    places = (read(group_definitions.ENDPOINT_ERRORS, 3, entity="GET /x"),)
    assert actions(healthy(errors_by_type=statuses, error_endpoints=places)) == []


def test_the_action_line_names_statuses_endpoint_and_share_and_leaves_the_trigger_to_a_model() -> None:
    texts = [said.text for said in healthy().action]
    assert texts[0] == (
        "Investigate the server errors (500 Internal Server Error, 503 Service Unavailable): "
        "they are spread, 20 of 60 (33.33%) at most on one endpoint, PUT /users/:id"
    )
    assert texts[-1] == "trigger: not written: needs a model"


def test_an_endpoint_over_the_target_is_to_be_optimised() -> None:
    slow = (
        read(group_definitions.ENDPOINT_MEAN_RESPONSE_TIME, 245, entity="PUT /users/:id"),
        read(group_definitions.ENDPOINT_REQUESTS, 5_000, entity="PUT /users/:id"),
    )
    assert actions(healthy(slowest_endpoints=slow)) == ["Optimise the response time for PUT /users/:id"]


def test_a_missed_target_names_the_slowest_endpoint_and_warnings_are_one_item() -> None:
    summary = summary_with(
        read(definitions.P95_RESPONSE_TIME, 312, 148), read(definitions.ERROR_RATE, 0.0041, 0.0005)
    )
    assert actions(healthy(request_summary=summary)) == [
        "Get back to the target of < 200 ms, beginning with PUT /users/:id for 95th Percentile",
        "Monitor for Error Rate",
    ]


# --- incidents and downtime ---------------------------------------------------------------------------


def test_an_incident_is_titled_timed_and_graded_by_its_figures() -> None:
    report = healthy(incidents_seen=spell(WEEK.start + timedelta(days=1)))
    (incident,) = report.incidents.items
    assert (incident.title, incident.severity, incident.status) == (
        "Brief elevated error rate",
        "SEV-2",
        "Resolved",
    )
    assert incident.root_cause[0].text == "not written: needs a model"
    assert report.headline.grade == "GOOD"
    assert report.headline.do.text.startswith("Find the cause and write the post-mortem for Incident #1 (374")


def test_a_spell_that_reaches_the_end_of_the_data_is_open_and_comes_first() -> None:
    report = healthy(incidents_seen=spell(WEEK.end - timedelta(minutes=8)))
    assert report.incidents.items[0].status == "Open"
    assert report.headline.grade == "NEEDS ATTENTION"
    assert report.headline.do.text.startswith("Restore service for Incident #1")


def test_incidents_are_numbered_by_their_start() -> None:
    late, early = WEEK.start + timedelta(days=3), WEEK.start + timedelta(days=1)
    report = healthy(incidents_seen=(*spell(late), *spell(early, minutes=20, rate=0.6, entity="incident 2")))
    assert [item.title for item in report.incidents.items] == ["Outage", "Brief elevated error rate"]
    assert [item.number for item in report.incidents.items] == [1, 2]


def test_an_incident_says_which_endpoints_failed_in_its_own_span() -> None:
    seen = Readings(
        readings=spell(WEEK.start + timedelta(days=1)),
        texts=({"entity": "incident 1", "endpoints": {}, "statuses": {"500": 374}, "pods": {}},),
    )
    (incident,) = healthy(incidents_seen=seen).incidents.items
    assert [line.text for line in incident.where] == [
        "20 of them on PUT /users/:id, 1% of its requests",
        "statuses: 500",
    ]


def test_downtime_lists_the_outages_or_says_that_there_was_none() -> None:
    assert healthy().downtime.reason == "None: no minute was down"
    start = read(definitions.OUTAGE_START, WEEK.start.timestamp(), entity="outage 1")
    (outage,) = healthy(downtime=(start,)).downtime.items
    assert outage.planned == "not known: no maintenance calendar is configured"


# --- with a judgement ---------------------------------------------------------------------------------


def judged(*claims: tuple[str, Sentence], **parts: Any) -> VerifiedJudgement:
    return VerifiedJudgement(
        findings=tuple(VerifiedClaim(section=section, sentence=said) for section, said in claims),
        provenance=Provenance(analysis="model", model="small-model"),
        **parts,
    )


def with_judgement(
    answers: Mapping[str, Any], make: Callable[[Findings], VerifiedJudgement], *brought: Fact
) -> HealthReport:
    """The report after a judgement that may cite the findings' facts and those brought later."""
    bench = bench_of({**HEALTHY, **answers})
    found = MONITORING_SPECIALIST.measure(bench, assigned())
    found = found.model_copy(update={"facts": (*found.facts, *brought)})
    return HealthReport.model_validate(MONITORING_SPECIALIST.compose(bench, assigned(), found, make(found)))


def fact_of(findings: Findings, name: str, entity: str) -> str:
    return next(fact.id for fact in findings.facts if fact.key == (name, entity))


def test_a_cause_replaces_the_gap_of_the_incident_whose_facts_it_cites() -> None:
    seen = (
        *spell(WEEK.start + timedelta(days=1)),
        *spell(WEEK.start + timedelta(days=2), entity="incident 2"),
    )

    def judge(found: Findings) -> VerifiedJudgement:
        cited = fact_of(found, "incident_failed_requests", "incident 2")
        return judged(("incidents", Sentence(text="All of one kind", facts=(cited,))))

    first, second = with_judgement({"incidents_seen": seen}, judge).incidents.items
    assert first.root_cause[0].text == "not written: needs a model"
    assert [(said.text, said.by) for said in second.root_cause] == [("All of one kind", "model")]


def test_a_trigger_replaces_the_gap_and_keeps_what_the_rules_say() -> None:
    report = with_judgement({}, lambda found: judged(("errors", Sentence(text="Large uploads"))))
    assert report.action[0].text.startswith("Investigate the server errors")
    assert report.action[-1].text == "Large uploads"
    assert not any("needs a model" in said.text for said in report.action)


def test_a_comment_goes_to_the_endpoint_it_cites_and_others_to_the_trend() -> None:
    def judge(found: Findings) -> VerifiedJudgement:
        cited = fact_of(found, "endpoint_mean_response_time", "PUT /users/:id")
        return judged(
            ("slowest_endpoints", Sentence(text="It writes images", facts=(cited,))),
            ("slowest_endpoints", Sentence(text="About no endpoint")),
        )

    report = with_judgement({}, judge)
    assert [said.text for said in report.slowest.items[0].comments] == ["It writes images"]
    assert [said.text for said in report.trend_remarks] == ["About no endpoint"]


def test_rules_and_model_recommend_side_by_side_and_both_sides_of_a_dispute_are_shown() -> None:
    slow = (read(group_definitions.ENDPOINT_MEAN_RESPONSE_TIME, 245, entity="PUT /users/:id"),)
    said = Sentence(text="Look at the uploads")
    parts = {
        "recommendations": (VerifiedRecommendation(target="PUT /users/:id", action=said, rationale=said),),
        "disputes": (VerifiedDispute(verdict="p95_response_time", because=said),),
        "hypotheses": (VerifiedHypothesis(statement=said, state="open", because=said),),
        "refusals": (Refusal(template="30%", reasons=("a typed figure",)),),
    }
    report = with_judgement({"slowest_endpoints": slow}, lambda found: judged(**parts))
    assert [item.by for item in report.recommendations] == ["rules", "model"]
    assert (report.disputes[0].verdict, report.disputes[0].objection.text) == ("ok", "Look at the uploads")
    assert report.hypotheses[0].state == "open"
    assert report.provenance.refused == 1
    assert report.provenance.model == "small-model"


def test_facts_that_the_investigation_brought_come_into_evidence_when_cited() -> None:
    bench = bench_of(HEALTHY)
    brought = MONITORING_SPECIALIST.measure(bench, assigned()).facts[0].model_copy(update={"n": 7})

    def judge(found: Findings) -> VerifiedJudgement:
        return judged(("headline", Sentence(text="So it is", facts=(brought.id,))))

    report = with_judgement({}, judge, brought)
    assert report.headline.remarks[0].facts == (brought.id,)
    assert brought.id in report.evidence.facts


# --- what it declares, and real data ------------------------------------------------------------------


def test_its_tools_and_measurements_are_registered() -> None:
    names = set(TOOLS) | {name for _, name, _ in MEASURED} | {"ticket_volume"}
    assert names <= set(REGISTRY.entries)


def test_a_model_is_not_shown_the_charts_series() -> None:
    found = MONITORING_SPECIALIST.measure(bench_of(HEALTHY), assigned())
    assert not [fact for fact in found.facts if fact.name.startswith("day_")]
    assert HealthReport.model_validate(found.draft).series


def test_an_assignment_without_a_window_is_refused() -> None:
    with pytest.raises(UsageError, match="needs a week"):
        MONITORING_SPECIALIST.measure(bench_of(HEALTHY), assigned().model_copy(update={"window": None}))


def real_report(settings: Settings, week: str = "") -> HealthReport:
    log = open_requests(settings, lambda: NOW)
    try:
        zone = settings.application.timezone
        window = parse_week(week, zone) if week else log.window_for(zone)
        return composed(
            Bench(settings=settings, sources={"requests": log}, recorder=MemoryRecorder(), clock=lambda: NOW),
            assigned(window),
        )
    finally:
        log.close()


@pytest.fixture(scope="module")
def sampled_report(tmp_path_factory: pytest.TempPathFactory) -> HealthReport:
    """The embedded sample's newer week, on part of its traffic."""
    sample = generate(tmp_path_factory.mktemp("sample"), scale=0.4)
    return real_report(load_settings(sample.settings, environment={}), "2025-W47")


def test_the_samples_incident_is_found_and_every_figure_stands_in_evidence(
    sampled_report: HealthReport,
) -> None:
    assert [item.number for item in sampled_report.incidents.items] == [1]
    assert len(measured_in(sampled_report)) > 60
    assert HealthReport.model_validate_json(sampled_report.model_dump_json()) == sampled_report


def test_the_samples_slow_endpoint_is_to_be_optimised(sampled_report: HealthReport) -> None:
    assert sampled_report.slowest.items[0].endpoint == "PUT /users/:id"
    assert sampled_report.slowest.items[0].rating == "investigate"


def test_a_real_sampled_log_is_reported_honestly(shared_data: Path, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    shutil.copy(shared_data / "access" / "apache_combined.log", log)
    settings = Settings(folder=tmp_path, sources=Sources(requests=RequestSource(paths=("access.log",))))
    report = real_report(settings)
    assert report.window.label == "2015-W21"
    assert report.window.partial
    assert report.headline.grade == "NOT GRADED"
    assert "sample" in report.downtime.reason
    assert report.slowest.reason == "not available: the log has no response times"
    assert any("from bots" in note.text for note in report.notes)
    assert "Give postlaunch every line, not a sample for the request log" in actions(report)
    assert "$request_time" in render_markdown(report)
