"""The monitoring-specialist's daily check: what was unusual on a day, and what of it somebody should know."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pydantic import JsonValue

from postlaunch.agents.bench import JSON_OBJECT, Assignment, Bench, Findings
from postlaunch.agents.daily_anomalies import anomalies, judged_hours, unusual_runs
from postlaunch.agents.daily_findings import findings
from postlaunch.agents.daily_measured import FOR_CHARTS, measured
from postlaunch.agents.daily_sections import alert_lines, log_kinds, log_levels, metric_rows, series
from postlaunch.agents.health_headline import who_decides
from postlaunch.agents.health_judgement import with_causes
from postlaunch.agents.health_notes import coverage, notes
from postlaunch.agents.health_records import recorded_incidents
from postlaunch.agents.health_resources import limits_reached, resources
from postlaunch.agents.health_sections import incidents
from postlaunch.agents.health_week import Week
from postlaunch.agents.judged_parts import (
    dispute_of,
    evidence_with_cited,
    hypothesis_of,
    provenance_of,
    recommendation_of,
    sentences_of,
)
from postlaunch.agents.judgement import Verdict, VerifiedJudgement
from postlaunch.agents.monitoring_specialist import MONITORING_SPECIALIST
from postlaunch.errors import UsageError
from postlaunch.facts import Evidence
from postlaunch.reports.daily import DailyHeadline, DailyReport, Finding
from postlaunch.reports.health import Incident
from postlaunch.reports.judged import Recommendation, Sentence
from postlaunch.reports.report import Listing

SECTIONS = ("headline", "incidents", "anomalies", "logs", "resources")

TOLD_TO_A_MODEL = ("incidents_seen", "log_templates", "changes", "alerts")
"""Measurements whose text from outside a model is shown."""


def measure(bench: Bench, assignment: Assignment) -> Findings:
    """Measure the day, apply the rules, draft the check."""
    if assignment.window is None:
        raise UsageError("a daily check needs a day", "give the assignment a window")
    now = _now(bench, assignment)
    week = measured(bench, assignment.window, assignment.baseline, now)
    draft = _draft(bench, assignment, week)
    texts = (text for asked in TOLD_TO_A_MODEL if asked in week.results for text in week.results[asked].texts)
    facts = (
        fact for asked, result in week.results.items() if asked not in FOR_CHARTS for fact in result.facts
    )
    return Findings(
        facts=tuple(sorted(facts, key=lambda fact: fact.entity.startswith("pod "))),
        verdicts=_verdicts(draft),
        draft=JSON_OBJECT.validate_python(draft.model_dump(mode="json")),
        texts=tuple(texts),
        problems=week.problems,
    )


def _now(bench: Bench, assignment: Assignment) -> datetime:
    """The moment whose knowledge the check has."""
    as_of = assignment.parameters.get("as_of")
    return datetime.fromisoformat(as_of) if isinstance(as_of, str) else bench.clock()


def _draft(bench: Bench, assignment: Assignment, week: Week) -> DailyReport:
    """The check by rules alone."""
    spells = incidents(week, recorded_incidents(assignment.parameters.get("incidents")))
    runs, kinds, used = unusual_runs(week), log_kinds(week), resources(week)
    found = findings(week, spells.items, runs, kinds.items, used)
    application = bench.settings.application
    return DailyReport(
        application=application.name,
        version=application.version,
        currency=application.currency,
        window=week.window,
        generated_at=bench.clock(),
        coverage=coverage(week),
        headline=_headline(week, found),
        metrics=metric_rows(week),
        findings=found,
        spells=spells,
        anomalies=anomalies(week, runs, spells.items),
        judged=judged_hours(week),
        levels=log_levels(week),
        kinds=kinds,
        resources=used,
        resource_remarks=limits_reached(week),
        alerts=alert_lines(week),
        recommendations=tuple(map(_advice, found.items)),
        series=series(week),
        notes=notes(week, DAILY_SOURCES),
        problems=week.problems,
        evidence=Evidence.of(*week.every_fact()),
    )


DAILY_SOURCES = ("requests", "resources", "logs", "changes", "alerts", "launch")
"""Sources that a daily check reads."""


def _headline(week: Week, found: Listing[Finding]) -> DailyHeadline:
    """How many findings, the gravest, and what to do about it."""
    decides = who_decides(week.settings)
    if not found.items:
        nothing = Sentence(text="nothing now")
        quiet = f"Quiet{_until(week)}: nothing crossed a threshold"
        state = quiet if found.reason.startswith("None") else f"Not checked: {found.reason}"
        return DailyHeadline(state=Sentence(text=state), do=nothing, decides=decides)
    first, number = found.items[0], len(found.items)
    counted = "1 finding" if number == 1 else f"{number} findings, the gravest"
    state = f"{counted}: {first.title} ({first.severity}): {first.text}"
    return DailyHeadline(
        state=Sentence(text=state, facts=first.facts), do=Sentence(text=first.do), decides=decides
    )


def _until(week: Week) -> str:
    """Until when a day was looked at that is not observed to its end."""
    window = week.window
    return f" until {window.local(window.observed_end):%H:%M}" if window.partial else ""


def _advice(finding: Finding) -> Recommendation:
    return Recommendation(
        target=finding.title if finding.subject == "application" else finding.subject,
        action=Sentence(text=finding.do),
        rationale=Sentence(text=finding.text, facts=finding.facts),
    )


def _verdicts(draft: DailyReport) -> tuple[Verdict, ...]:
    """What the rules decided, by subject."""
    return (
        *(
            Verdict(
                rule="finding",
                subject=finding.title,
                value=finding.severity,
                because=finding.text,
                facts=finding.facts,
            )
            for finding in draft.findings.items
        ),
        *(
            Verdict(
                rule="row_status",
                subject=row.metric,
                value=row.status,
                because=row.because.text,
                facts=row.because.facts,
            )
            for row in draft.metrics
        ),
    )


def compose(
    bench: Bench, assignment: Assignment, findings: Findings, judgement: VerifiedJudgement
) -> dict[str, JsonValue]:
    """The final check: the draft, with what stood of the judgement beside what the rules said."""
    draft = DailyReport.model_validate(findings.draft)
    known = {fact.id: fact for fact in findings.facts} | draft.evidence.facts
    spells, elsewhere = with_causes(draft.spells.items, sentences_of(judgement, "incidents"), known)
    remarks = (*sentences_of(judgement, "headline"), *elsewhere)
    report = draft.model_copy(
        update={
            "headline": draft.headline.model_copy(update={"remarks": remarks}),
            "spells": Listing[Incident](items=spells, reason=draft.spells.reason),
            "anomaly_remarks": sentences_of(judgement, "anomalies"),
            "log_remarks": sentences_of(judgement, "logs"),
            "resource_remarks": (*draft.resource_remarks, *sentences_of(judgement, "resources")),
            "recommendations": (
                *draft.recommendations,
                *map(recommendation_of, judgement.recommendations),
            ),
            "hypotheses": tuple(map(hypothesis_of, judgement.hypotheses)),
            "disputes": tuple(dispute_of(item, findings.verdicts) for item in judgement.disputes),
            "provenance": provenance_of(judgement),
        }
    )
    evidence = evidence_with_cited(report, known)
    final = DailyReport.model_validate(report.model_copy(update={"evidence": evidence}).model_dump())
    return JSON_OBJECT.validate_python(final.model_dump(mode="json"))


DAILY_MONITOR = replace(MONITORING_SPECIALIST, sections=SECTIONS, measure=measure, compose=compose)
"""The monitoring-specialist, as it checks each day."""
