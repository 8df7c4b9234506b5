"""The analytics-specialist: how the application is used, where users are lost, what an experiment shows."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from postlaunch.agents.analytics_advice import Basis, recommendations
from postlaunch.agents.analytics_business import business, request_advice, request_span, requests
from postlaunch.agents.analytics_experiments import experiments
from postlaunch.agents.analytics_funnels import flow, funnels
from postlaunch.agents.analytics_headline import headline
from postlaunch.agents.analytics_judgement import with_judgement
from postlaunch.agents.analytics_measured import NAME, measured, usual
from postlaunch.agents.analytics_notes import coverage, notes
from postlaunch.agents.analytics_otherwise import otherwise
from postlaunch.agents.analytics_plan_check import plan_check
from postlaunch.agents.analytics_results import OTHERWISE, Results
from postlaunch.agents.analytics_series import series
from postlaunch.agents.analytics_tracking import tracking
from postlaunch.agents.analytics_users import adoption, benchmarks, growth, retention, time_on_platform
from postlaunch.agents.bench import JSON_OBJECT, Assignment, Bench, Findings, Specialist
from postlaunch.agents.judgement import Judgement, Verdict, VerifiedJudgement
from postlaunch.agents.realised import realised
from postlaunch.facts import Evidence
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.judged import Sentence
from postlaunch.sources.launch import LaunchSource
from postlaunch.sources.tracking_plan import SOURCE as TRACKING_PLAN
from postlaunch.sources.tracking_plan import TrackingPlanSource
from postlaunch.windows import Moment

FOR_CHARTS = frozenset({"active_users_by_day"})
"""Measured for the report's charts alone; a model asks for a series when it wants one."""

TOOLS = (
    "active_users_by_day",
    "active_users_daily",
    "events_by_name",
    "feature_adoption",
    "flows",
    "funnel",
    "query_events",
    "retention",
    "support_ticket_rate",
    "tickets_about",
    "time_on_platform",
    "user_growth",
    "users_active_in",
)

SECTIONS = ("headline", "growth", "benchmarks", "adoption", "funnels", "flow", "requests", "experiments")


def measure(bench: Bench, assignment: Assignment) -> Findings:
    """Measure the span, apply the rules, draft the report."""
    span = measured(bench, assignment)
    draft = _draft(bench, assignment, span)
    shown = (
        result
        for asked, result in span.results.items()
        if asked not in FOR_CHARTS and not asked.startswith(OTHERWISE)
    )
    facts = [fact for result in shown for fact in result.facts]
    return Findings(
        facts=tuple({fact.id: fact for fact in facts}.values()),
        verdicts=tuple(_verdicts(draft)),
        draft=JSON_OBJECT.validate_python(draft.model_dump(mode="json")),
        texts=_texts(span),
        names=_names(span, draft),
        problems=span.problems,
    )


def _draft(bench: Bench, assignment: Assignment, span: Results) -> AnalyticsReport:
    """The report by rules alone."""
    sprint = sprint_name(bench, assignment)
    live = realised(bench, NAME, span.window.observed_end)
    rows = business(span)
    days, features, ways = retention(span), adoption(span), funnels(span)
    tests, left_out = experiments(span)
    plan = bench.sources.get(TRACKING_PLAN)
    planned = plan.plan.by_name if isinstance(plan, TrackingPlanSource) else {}
    asked, tracked = request_advice(span, sprint), tracking(span, plan_check(span, planned))
    advice = recommendations(Basis(span, rows, tests.items, ways.items, asked, tracked))
    application = bench.settings.application
    return AnalyticsReport(
        application=application.name,
        version=application.version,
        currency=application.currency,
        window=span.window,
        generated_at=bench.clock(),
        coverage=coverage(span),
        live_since=_live_since(bench),
        headline=headline(span, rows, tests.items, ways.items, advice),
        growth=growth(span),
        retention=days,
        benchmarks=benchmarks(span, rows),
        adoption=features,
        funnels=ways,
        flow=flow(span),
        time=time_on_platform(span),
        requests=requests(span),
        request_span=request_span(span),
        request_advice=asked,
        sprint=sprint,
        experiments=tests,
        left_out=left_out,
        business=rows,
        declared=_declared(bench),
        realised=live.items,
        tracking=tracked,
        otherwise=otherwise(span),
        recommendations=advice,
        series=series(span, ways.items, days, tests.items),
        notes=notes(span),
        problems=span.problems,
        evidence=Evidence.of(*span.every_fact(), *live.facts),
    )


def sprint_name(bench: Bench, assignment: Assignment) -> str:
    """The sprint whose backlog is meant: as assigned, else the first one of the settings, else the next."""
    assigned = assignment.parameters.get("sprint")
    number = assigned if isinstance(assigned, int) else bench.settings.capacity.next_sprint
    return f"Sprint {number}" if number else "the next sprint"


def _live_since(bench: Bench) -> Moment | None:
    source = bench.sources.get("launch")
    return source.record.launched_at if isinstance(source, LaunchSource) else None


def _declared(bench: Bench) -> tuple[Sentence, ...]:
    source = bench.sources.get("launch")
    metrics = source.record.business_metrics if isinstance(source, LaunchSource) else ()
    return tuple(
        Sentence(text=f"{metric.name}{f': {metric.target}' if metric.target else ''}") for metric in metrics
    )


def _verdicts(report: AnalyticsReport) -> Iterator[Verdict]:
    """What the rules decided, by subject."""
    for row in report.business:
        yield Verdict(
            rule="row_status",
            subject=row.title,
            value=row.status,
            because=row.because.text,
            facts=row.because.facts,
        )
    for experiment in report.experiments.items:
        yield Verdict(
            rule="experiment",
            subject=experiment.name,
            value=experiment.decision_text,
            because="; ".join(experiment.because),
        )
    for compared in report.benchmarks.rows:
        yield Verdict(
            rule="benchmark",
            subject=compared.title,
            value=compared.verdict,
            because=f"declared by {compared.source}",
        )


def _texts(span: Results) -> tuple[dict[str, JsonValue], ...]:
    """Text from outside that belongs to what stands out: what people ask for, in their words."""
    result = span.results.get("request_groups")
    return result.texts if result else ()


def _names(span: Results, report: AnalyticsReport) -> tuple[str, ...]:
    """What a sentence may name beside the facts' entities."""
    known = span.analytics
    plans = (experiment for experiment in report.experiments.items)
    named = [
        *known.labels.values(),
        *(funnel.title for funnel in known.funnels),
        *(feature.title for feature in known.features),
        *(name for plan in plans for name in (plan.name, *(arm.name for arm in plan.arms))),
        *(item.label for item in report.requests.items),
        report.sprint,
    ]
    return tuple(dict.fromkeys(filter(None, named)))


def compose(
    bench: Bench, assignment: Assignment, findings: Findings, judgement: VerifiedJudgement
) -> dict[str, JsonValue]:
    """The final report: the draft, with what stood of the judgement beside what the rules said."""
    draft = AnalyticsReport.model_validate(findings.draft)
    return JSON_OBJECT.validate_python(with_judgement(draft, findings, judgement).model_dump(mode="json"))


ANALYTICS_SPECIALIST = Specialist(
    name=NAME,
    role="Usage analytics and insights",
    status="new",
    priority="MEDIUM",
    tools=TOOLS,
    consults=("monitoring-specialist",),
    judgement=Judgement,
    sections=SECTIONS,
    prompt=f"{NAME}.md",
    measure=measure,
    compose=compose,
    usual=usual,
)
"""New in phase 7; what it finds goes to the product-analyst."""
