"""The monitoring-specialist: is the application healthy, what changed, what stands out, what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from postlaunch.agents.bench import JSON_OBJECT, Assignment, Bench, Findings, Specialist
from postlaunch.agents.health_advice import Basis, recommendations
from postlaunch.agents.health_headline import headline
from postlaunch.agents.health_judgement import with_judgement
from postlaunch.agents.health_metrics import SUMMARY, error_budgets, metric_rows, series, trend, trend_parts
from postlaunch.agents.health_notes import coverage, notes
from postlaunch.agents.health_sections import (
    downtime,
    during,
    error_action,
    errors_by_type,
    incidents,
    slowest_endpoints,
    top_endpoints,
)
from postlaunch.agents.health_week import Week
from postlaunch.agents.judgement import Judgement, Verdict, VerifiedJudgement
from postlaunch.errors import UsageError
from postlaunch.facts import Evidence
from postlaunch.reports.health import HealthReport, Resources
from postlaunch.reports.standing import standing_of
from postlaunch.sources.requests import RequestLog
from postlaunch.tools import feedback_measurements, requests  # noqa: F401  (registers what is measured)
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.tools.verdicts import GradeVerdict, health_grade, objective_days, resource_verdict
from postlaunch.windows import Window

NAME = "monitoring-specialist"

MEASURED: tuple[tuple[str, str, dict[str, JsonValue]], ...] = (
    ("request_summary", "request_summary", {}),
    ("uptime", "uptime", {}),
    ("incidents_seen", "incidents_seen", {}),
    ("server_errors", "error_endpoints", {"status": "5xx"}),
    ("errors_by_type", "errors_by_type", {}),
    ("slowest_endpoints", "slowest_endpoints", {"limit": 3}),
    ("top_endpoints", "top_endpoints", {"limit": 5}),
    ("downtime", "downtime", {}),
    ("registrations", "registrations", {}),
    ("pod_comparison", "pod_comparison", {}),
    ("mix_shift", "mix_shift", {}),
    ("log_quality", "log_quality", {}),
    ("requests_by_day", "requests_by_day", {}),
)
"""What is measured every week: asked as, measurement, parameters beside the window. A model sees the facts in
this order."""

FOR_CHARTS = frozenset({"requests_by_day"})
"""Measured for the report's charts alone; a model asks for a series when it wants one."""

INCIDENTS_LOOKED_INTO = 5
"""Incidents of the week whose endpoints are measured too."""

TOOLS = (
    "request_summary",
    "endpoint_detail",
    "error_endpoints",
    "errors_by_type",
    "incidents_seen",
    "mix_shift",
    "pod_comparison",
    "requests_by_day",
    "requests_by_hour",
    "slowest_endpoints",
    "tickets_about",
    "top_endpoints",
)

SECTIONS = ("headline", "incidents", "errors", "slowest_endpoints", "trends")


def measure(bench: Bench, assignment: Assignment) -> Findings:
    """Measure the week, apply the rules, draft the report."""
    week = _measured(bench, assignment)
    draft, verdicts = _draft(bench, assignment, week)
    facts = [
        fact for asked, result in week.results.items() if asked not in FOR_CHARTS for fact in result.facts
    ]
    return Findings(
        facts=tuple(facts),
        verdicts=verdicts,
        draft=JSON_OBJECT.validate_python(draft.model_dump(mode="json")),
        texts=_texts(week),
        problems=week.problems,
    )


def _measured(bench: Bench, assignment: Assignment) -> Week:
    """Run every measurement of the report over the assignment's window."""
    if assignment.window is None:
        raise UsageError("a week's health needs a week", "give the assignment a window")
    window = assignment.window
    spans = {"window": window, "baseline": assignment.baseline or window.before()}
    results = {
        asked: bench.measure(NAME, name, {**spans, **parameters}) for asked, name, parameters in MEASURED
    }
    if bench.settings.sources.tickets is not None:
        results["ticket_volume"] = bench.measure(NAME, "ticket_volume", spans)
    if longer := _objective_window(bench, window):
        results["uptime_of_objective"] = bench.measure(NAME, "uptime", {"window": longer})
    results |= _during_incidents(bench, window, results["incidents_seen"])
    log = bench.sources.get("requests")
    sampled = log.coverage.sampled_reason if isinstance(log, RequestLog) else ""
    return Week(settings=bench.settings, window=window, results=results, sampled=sampled)


def _during_incidents(bench: Bench, window: Window, seen: MeasurementResult) -> dict[str, MeasurementResult]:
    """The endpoints that failed in each of the first incidents, over its own span."""
    results: dict[str, MeasurementResult] = {}
    for start in seen.named("incident_start")[:INCIDENTS_LOOKED_INTO]:
        minutes = seen.fact("incident_minutes", start.entity)
        if minutes is None:
            continue
        begin = datetime.fromtimestamp(start.value, UTC)
        span = Window(start=begin, end=begin + timedelta(minutes=minutes.value), zone=window.zone)
        results[during(start.entity)] = bench.measure(
            NAME, "error_endpoints", {"window": span, "status": "5xx", "limit": 3}
        )
    return results


def _objective_window(bench: Bench, window: Window) -> Window | None:
    """The whole window of the uptime objective up to now, where it is longer than the week: its budget is
    cumulative. None where it is not, or has no length in days.
    """
    objective = bench.settings.objectives.get("uptime")
    days = objective_days(objective.window) if objective else None
    end = window.observed_end
    if days is None or timedelta(days=days) <= end - window.start:
        return None
    return Window(start=end - timedelta(days=days), end=end, zone=window.zone)


def _draft(bench: Bench, assignment: Assignment, week: Week) -> tuple[HealthReport, tuple[Verdict, ...]]:
    """The report by rules alone, and the verdicts in it for a model to see and dispute."""
    rows, budgets, spells = metric_rows(week), error_budgets(week), incidents(week)
    grade = health_grade(rows, budgets.items, spells.items, week.window, bench.settings.verdicts)
    slowest = slowest_endpoints(week)
    advice = recommendations(Basis(week, rows, spells.items, slowest.items))
    previous = standing_of(assignment.parameters.get("previous"))
    usage, scaling = resource_verdict()
    application = bench.settings.application
    report = HealthReport(
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
        incidents=spells,
        downtime=downtime(week),
        top_endpoints=top_endpoints(week),
        errors=errors_by_type(week),
        action=error_action(week),
        slowest=slowest,
        trend=trend(week),
        trend_remarks=trend_parts(week),
        resources=Resources(trend=usage, scaling=scaling),
        recommendations=advice,
        series=series(week),
        notes=notes(week),
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
    )


def _texts(week: Week) -> tuple[dict[str, JsonValue], ...]:
    """Text from outside that belongs to what stands out: what was seen in incidents, lines not understood."""
    return tuple(
        text
        for asked in ("incidents_seen", "log_quality")
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
    consults=("product-analyst",),
    judgement=Judgement,
    sections=SECTIONS,
    prompt=f"{NAME}.md",
    measure=measure,
    compose=compose,
)
"""Configured in phase 6, at work in phase 7."""
