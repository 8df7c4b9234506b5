"""The performance-monitor: how response times develop and why, what is worth doing, how long capacity lasts.

An existing performance-optimizer may play this role: the roster knows it as an alias.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from postlaunch.agents.bench import JSON_OBJECT, Assignment, Bench, Findings, Specialist
from postlaunch.agents.judgement import Judgement, Verdict, VerifiedJudgement
from postlaunch.agents.performance_advice import Decided, headline, recommendation, recommendations
from postlaunch.agents.performance_conclusion import conclusion
from postlaunch.agents.performance_costs import cost_impact
from postlaunch.agents.performance_factors import factors
from postlaunch.agents.performance_judgement import SECTIONS, with_judgement
from postlaunch.agents.performance_measured import NAME, measured
from postlaunch.agents.performance_notes import coverage, notes
from postlaunch.agents.performance_opportunities import opportunities
from postlaunch.agents.performance_scaling import capacity_plan
from postlaunch.agents.performance_span import Span
from postlaunch.agents.performance_weeks import series, standings, trend, week_rows
from postlaunch.facts import Evidence, Fact, measured_in
from postlaunch.reports.performance import PerformanceReport
from postlaunch.reports.report import cited_in

TOOLS = (
    "response_times_by_week",
    "response_times_by_day",
    "response_time_trend",
    "mix_shift",
    "endpoint_load",
    "endpoint_changes",
    "endpoint_detail",
    "load_by_hour_of_day",
    "traffic_growth",
    "pod_comparison",
    "pods_running",
    "resource_summary",
    "use_by_hour_of_day",
    "costs_by_service",
    "changes_recorded",
    "slow_queries",
    "candidate_effort",
    "request_summary",
)

SHOWN = (
    ("trend", ()),
    ("mix", ()),
    (
        "load",
        (
            "load_share",
            "load_share_of_requests",
            "load_requests_per_day",
            "load_mean_response_time",
            "load_p95_response_time",
        ),
    ),
    ("effort", ("effort_days",)),
    ("endpoint_changes", ()),
    (
        "growth",
        ("traffic_growth", "traffic_growth_monthly", "growth_fit", "peak_level", "weekly_user_growth"),
    ),
    ("pods", ()),
    ("costs", ()),
    ("weeks", ("week_mean_response_time", "week_requests")),
    ("summary", ("mean_response_time", "p95_response_time", "total_requests", "peak_requests_per_second")),
    ("changes", ()),
    ("slow_queries", ()),
    ("data", ()),
    ("users", ()),
    ("trend_speed", ()),
)
"""The facts that a model sees, in order: measured as, and which of its figures; all where none is named."""


def measure(bench: Bench, assignment: Assignment) -> Findings:
    """Measure the span, apply the rules, draft the report."""
    span = measured(bench, assignment)
    draft = _draft(bench, span)
    return Findings(
        facts=tuple({fact.id: fact for fact in _shown(span)}.values()),
        verdicts=tuple(_verdicts(draft)),
        draft=JSON_OBJECT.validate_python(draft.model_dump(mode="json")),
        texts=span.results["changes"].texts,
        names=tuple(dict.fromkeys(name for item in span.items for name in (item.id, item.title))),
        problems=span.problems,
    )


def _shown(span: Span) -> Iterator[Fact]:
    for asked, names in SHOWN:
        result = span.results.get(asked)
        for fact in result.facts if result else ():
            if not names or fact.name in names:
                yield fact
    for fact in span.results["resources"].facts:
        if fact.entity == "application":
            yield fact


def _draft(bench: Bench, span: Span) -> PerformanceReport:
    """The report by rules alone."""
    verdict, standing, weeks = trend(span), standings(span), week_rows(span)
    checked, found = factors(span, verdict), opportunities(span)
    plan = capacity_plan(span, found.items)
    cost = cost_impact(span, plan)
    decided = Decided(span, verdict, standing, checked, found.items, plan, cost)
    advice = recommendations(decided)
    application = span.settings.application
    body = {
        "application": application.name,
        "version": application.version,
        "currency": application.currency,
        "window": span.window,
        "generated_at": bench.clock(),
        "coverage": coverage(span),
        "headline": headline(decided, advice),
        "weeks": weeks,
        "standing": standing,
        "trend": verdict,
        "factors": checked,
        "conclusion": conclusion(span, verdict, checked, standing),
        "opportunities": found,
        "capacity": plan,
        "cost": cost,
        "recommendation": recommendation(decided),
        "recommendations": advice,
        "series": series(span, weeks, plan),
        "notes": notes(span),
        "problems": span.problems,
    }
    return PerformanceReport.model_validate({**body, "evidence": _evidence(span, body)})


def _evidence(span: Span, body: dict[str, object]) -> Evidence:
    """The facts that the report prints or cites, in the order in which they were measured."""
    bare = PerformanceReport.model_construct(**body, evidence=Evidence())  # type: ignore[arg-type]
    used = {quantity.fact for quantity in measured_in(bare)} | set(cited_in(bare))
    return Evidence.of(*(fact for fact in span.every_fact() if fact.id in used))


def _verdicts(report: PerformanceReport) -> Iterator[Verdict]:
    """What the rules decided, by subject, for a model to see and dispute."""
    trend_ = report.trend
    yield Verdict(
        rule="trend",
        subject="response time",
        value=trend_.shape if not trend_.direction else f"{trend_.shape}, {trend_.direction}",
        because=trend_.because.text,
        facts=trend_.because.facts,
    )
    for factor in report.factors:
        yield Verdict(
            rule="factor",
            subject=factor.name,
            value=factor.verdict,
            because=factor.because.text,
            facts=factor.because.facts,
        )
    for item in report.opportunities.items:
        yield Verdict(
            rule="opportunity",
            subject=item.endpoint,
            value=item.priority,
            because=item.because.text,
            facts=item.because.facts,
        )
    for projection in report.capacity.projections:
        when = f"capacity in {projection.months} months" if projection.months else "capacity now"
        yield Verdict(
            rule="scaling", subject=when, value=_scaling(projection.add), because=projection.advice.text
        )


def _scaling(add: int | None) -> str:
    if add is None:
        return "not available"
    return "add pods" if add else "no action"


def compose(
    bench: Bench, assignment: Assignment, findings: Findings, judgement: VerifiedJudgement
) -> dict[str, JsonValue]:
    """The final report: the draft, with what stood of the judgement beside what the rules said."""
    draft = PerformanceReport.model_validate(findings.draft)
    return JSON_OBJECT.validate_python(with_judgement(draft, findings, judgement).model_dump(mode="json"))


PERFORMANCE_MONITOR = Specialist(
    name=NAME,
    role="Continuous performance tracking and optimization",
    status="existing",
    priority="MEDIUM",
    tools=TOOLS,
    consults=("monitoring-specialist", "analytics-specialist"),
    judgement=Judgement,
    sections=SECTIONS,
    prompt=f"{NAME}.md",
    measure=measure,
    compose=compose,
)
"""The specification lets an existing performance-optimizer play it."""
