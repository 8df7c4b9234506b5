"""The monitoring-specialist: is the application healthy, what changed, what stands out, what to do."""

from __future__ import annotations

from dataclasses import replace

from pydantic import JsonValue

from postlaunch.agents.bench import JSON_OBJECT, Assignment, Bench, Findings, Specialist
from postlaunch.agents.daily_measured import what_is_unusual
from postlaunch.agents.health_actions import action_items, handed_items
from postlaunch.agents.health_advice import Basis, recommendations
from postlaunch.agents.health_errors import error_action
from postlaunch.agents.health_headline import headline
from postlaunch.agents.health_judgement import with_judgement
from postlaunch.agents.health_launch import since_launch
from postlaunch.agents.health_measured import NAME, measured, shown_facts
from postlaunch.agents.health_metrics import (
    SUMMARY,
    error_budgets,
    metric_rows,
    series,
    trend,
    trend_parts,
    uptime_by_requests,
)
from postlaunch.agents.health_notes import coverage, notes
from postlaunch.agents.health_records import maintenance, recorded_incidents
from postlaunch.agents.health_resources import limits_reached, resources
from postlaunch.agents.health_sections import (
    downtime,
    errors_by_type,
    incidents,
    slowest_endpoints,
    top_endpoints,
    uptime_unplanned,
)
from postlaunch.agents.health_told import deployments_told
from postlaunch.agents.health_week import Week
from postlaunch.agents.judgement import Judgement, Verdict, VerifiedJudgement
from postlaunch.errors import UsageError
from postlaunch.facts import Evidence
from postlaunch.reports.health import HealthReport
from postlaunch.reports.report import period_name
from postlaunch.reports.standing import standing_of
from postlaunch.tools.verdicts import GradeVerdict, health_grade

TOOLS = (
    "request_summary",
    "endpoint_detail",
    "error_endpoints",
    "errors_by_type",
    "incidents_seen",
    "log_levels",
    "log_templates",
    "mix_shift",
    "pod_comparison",
    "request_anomalies",
    "requests_by_day",
    "requests_by_hour",
    "resource_anomalies",
    "resource_summary",
    "slowest_endpoints",
    "tickets_about",
    "top_endpoints",
)

SECTIONS = ("headline", "incidents", "errors", "slowest_endpoints", "trends", "resources")

TITLES = {
    "week": "Weekly Health Report",
    "month": "Monthly Health Report",
    "day": "Daily Health Report",
    "span": "Health Report",
}
"""What the report is called, by what its window is."""


def measure(bench: Bench, assignment: Assignment) -> Findings:
    """Measure the window, apply the rules, draft the report."""
    if assignment.window is None:
        raise UsageError("a week's health needs a week", "give the assignment a window")
    week = measured(bench, assignment.window, assignment.baseline)
    week = replace(week, results={**week.results, **handed_items(NAME, bench, assignment)})
    draft, verdicts = _draft(bench, assignment, week)
    return Findings(
        facts=shown_facts(week),
        verdicts=verdicts,
        draft=JSON_OBJECT.validate_python(draft.model_dump(mode="json")),
        texts=_texts(week),
        problems=week.problems,
    )


def _draft(bench: Bench, assignment: Assignment, week: Week) -> tuple[HealthReport, tuple[Verdict, ...]]:
    """The report by rules alone, and the verdicts in it for a model to see and dispute."""
    recorded = recorded_incidents(assignment.parameters.get("incidents"))
    rows, budgets, spells = metric_rows(week), error_budgets(week), incidents(week, recorded)
    grade = health_grade(rows, budgets.items, spells.items, week.window, bench.settings.verdicts)
    slowest, used = slowest_endpoints(week), resources(week)
    advice = recommendations(Basis(week, rows, spells.items, slowest.items, used))
    previous = standing_of(assignment.parameters.get("previous"))
    application = bench.settings.application
    report = HealthReport(
        title=TITLES[period_name(week.window)],
        application=application.name,
        version=application.version,
        currency=application.currency,
        window=week.window,
        generated_at=bench.clock(),
        coverage=coverage(week),
        headline=headline(week, grade, rows, spells.items, advice, previous),
        summary=tuple(row for row in rows if row.metric in SUMMARY),
        total_requests=week.quantity("request_summary", "total_requests"),
        unmeasured=grade.unmeasured,
        metrics=rows,
        budgets=budgets,
        uptime_by_requests=uptime_by_requests(week),
        incidents=spells,
        actions=action_items(week),
        downtime=downtime(week, spells.items),
        uptime_unplanned=uptime_unplanned(week),
        maintenance=maintenance(week),
        top_endpoints=top_endpoints(week),
        errors=errors_by_type(week),
        action=error_action(week, spells.items),
        slowest=slowest,
        trend=trend(week),
        trend_remarks=trend_parts(week),
        resources=used,
        resource_remarks=limits_reached(week),
        launch=since_launch(week),
        recommendations=advice,
        series=series(week),
        notes=(*notes(week), *deployments_told(assignment, week.window.zone)),
        problems=week.problems,
        evidence=Evidence.of(*week.every_fact()),
    )
    return report, _verdicts(grade, report)


def _verdicts(grade: GradeVerdict, report: HealthReport) -> tuple[Verdict, ...]:
    """What the rules decided, by subject."""
    why = "; ".join(reason.text for reason in grade.because)
    facts = tuple(dict.fromkeys(fact for reason in grade.because for fact in reason.facts))
    return (
        Verdict(rule="health_grade", subject="application", value=grade.grade, because=why, facts=facts),
        *(
            Verdict(
                rule="row_status",
                subject=row.metric,
                value=row.status,
                because=row.because.text,
                facts=row.because.facts,
            )
            for row in report.metrics
        ),
        *(
            Verdict(
                rule="severity",
                subject=f"incident {incident.number}",
                value=incident.severity,
                because=incident.title,
            )
            for incident in report.incidents.items
        ),
        *(
            Verdict(
                rule="endpoint",
                subject=slow.endpoint,
                value=slow.rating,
                because=slow.because.text,
                facts=slow.because.facts,
            )
            for slow in report.slowest.items
        ),
        *(
            Verdict(
                rule="resource_trend",
                subject=trend.title if trend.entity == "application" else f"{trend.title} of {trend.entity}",
                value=trend.verdict,
                because=trend.because.text,
                facts=trend.because.facts,
            )
            for trend in report.resources.trends
        ),
    )


def _texts(week: Week) -> tuple[dict[str, JsonValue], ...]:
    """Text from outside that belongs to what stands out: what was seen in incidents, what was recorded around
    them, what is still to be done after them, lines not understood.
    """
    return tuple(
        text
        for asked in ("incidents_seen", "changes", "alerts", "action_items", "log_quality")
        if (result := week.results.get(asked))
        for text in result.texts
    )


def compose(
    bench: Bench, assignment: Assignment, findings: Findings, judgement: VerifiedJudgement
) -> dict[str, JsonValue]:
    """The final report: the draft, with what stood of the judgement beside what the rules said."""
    draft = HealthReport.model_validate(findings.draft)
    return JSON_OBJECT.validate_python(with_judgement(draft, findings, judgement).model_dump(mode="json"))


MONITORING_SPECIALIST = Specialist(
    name=NAME,
    role="Continuous monitoring and health tracking",
    status="new",
    priority="CRITICAL",
    tools=TOOLS,
    consults=("incident-responder", "product-analyst"),
    judgement=Judgement,
    sections=SECTIONS,
    prompt=f"{NAME}.md",
    measure=measure,
    compose=compose,
    usual=what_is_unusual,
)
"""Configured in phase 6, at work in phase 7."""
