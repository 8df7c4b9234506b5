"""The first lines of the analytics report: how the objectives stand, what changed, what is to be decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from postlaunch.agents.analytics_results import Results
from postlaunch.facts import Fact
from postlaunch.reports.analytics import AnalyticsHeadline
from postlaunch.reports.analytics_experiments import ExperimentResult
from postlaunch.reports.analytics_figures import Funnel, FunnelStep
from postlaunch.reports.health import MetricRow
from postlaunch.reports.judged import Recommendation, Sentence, said
from postlaunch.settings import Settings
from postlaunch.tools.analytics_verdicts import standing_of

PRODUCT_MANAGER = "the product manager"
NOTHING_EARLIER = "cannot be told: the events do not cover the span before"
MOST_DECISIONS = 3
MOVED = (
    ("active_users_daily", "monthly_active_users"),
    ("user_growth", "new_users"),
    ("active_users_daily", "daily_active_users"),
    ("retention", "day_30_retention"),
    ("users_active_in", "users_in_span"),
)
"""What is told of the span before, where it was measured."""

MOST_CHANGES = 3


def headline(
    span: Results,
    rows: Sequence[MetricRow],
    experiments: Sequence[ExperimentResult],
    funnels: Sequence[Funnel],
    advice: Sequence[Recommendation],
) -> AnalyticsHeadline:
    """The headline by rules alone; what a model has to say is added to it, never put in its place."""
    before = next((fact.baseline_window for fact in span.every_fact() if fact.baseline_window), None)
    return AnalyticsHeadline(
        standing=standing_of(rows),
        know=(_objectives(rows), *map(_experiment, experiments), *_worst_steps(span, funnels)),
        since="the span before" if before is None else before.label or before.days(),
        changed=tuple(_changes(span))[:MOST_CHANGES] or (Sentence(text=NOTHING_EARLIER),),
        decide=tuple(map(_decision, advice[:MOST_DECISIONS]))
        or (Sentence(text="nothing now: no threshold was crossed"),),
        decides=who_decides(span.settings),
    )


def who_decides(settings: Settings) -> str:
    """Those whom the settings name as approvers, or the product manager."""
    return ", ".join(settings.approvers) or PRODUCT_MANAGER


def _objectives(rows: Sequence[MetricRow]) -> Sentence:
    """Which objectives are missed, or that none is; what could not be measured is said."""
    aimed = [row for row in rows if row.target is not None]
    seen = [row for row in aimed if row.status != "not available"]
    missed = [row for row in seen if row.status == "missed"]
    if not seen:
        return Sentence(text="no objective that concerns users could be measured")
    unknown = len(aimed) - len(seen)
    rest = f"; {unknown} could not be measured" if unknown else ""
    if not missed:
        of = "the objective" if len(seen) == 1 else f"all {len(seen)} objectives"
        return Sentence(text=f"{of} measured {'is' if len(seen) == 1 else 'are'} met{rest}")
    told = "; ".join(f"{row.title}: {row.because.text}" for row in missed)
    return Sentence(
        text=f"{len(missed)} of {len(seen)} objectives missed ({told}){rest}",
        facts=tuple(dict.fromkeys(fact for row in missed for fact in row.because.facts)),
    )


def _experiment(experiment: ExperimentResult) -> Sentence:
    return Sentence(text=f"{experiment.name}: {experiment.decision_text} ({'; '.join(experiment.because)})")


def worst_step(funnel: Funnel) -> FunnelStep | None:
    """The step before which a funnel loses most; None where it loses nobody."""
    lost = [
        (step.dropped.value, step)
        for step in funnel.steps.items
        if step.dropped is not None and step.dropped.kind == "measured"
    ]
    if not lost:
        return None
    most, step = max(lost, key=lambda pair: pair[0])
    return step if most else None


def _worst_steps(span: Results, funnels: Sequence[Funnel]) -> Iterator[Sentence]:
    for funnel in funnels:
        step = worst_step(funnel)
        if step is None:
            continue
        asked = f"funnel {funnel.title}"
        dropped, points = (
            span.fact(asked, name, step.event) for name in ("funnel_dropped", "funnel_drop_points")
        )
        if dropped and points:
            yield said(
                "funnel {title} loses most before {step}: {dropped} users, {points}",
                title=funnel.title,
                step=step.label,
                dropped=dropped,
                points=points,
            )


def _changes(span: Results) -> Iterator[Sentence]:
    for asked, name in MOVED:
        fact = span.fact(asked, name)
        if fact is not None and fact.change is not None:
            yield _moved(fact)


def _moved(fact: Fact) -> Sentence:
    title = fact.definition.title
    if fact.change is None or fact.change.kind == "none":
        return said("{title} unchanged at {it}", title=title, it=fact)
    return said("{title} {it.before} → {it} ({it.change})", title=title, it=fact)


def _decision(advice: Recommendation) -> Sentence:
    return Sentence(text=f"{advice.target}: {advice.action.text}", facts=advice.action.facts)
