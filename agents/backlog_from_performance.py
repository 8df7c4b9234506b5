"""What a performance report says of the product: opportunities, a trend, capacity and cost to come."""

from __future__ import annotations

from collections.abc import Iterator

from postlaunch.agents.backlog_advised import advised
from postlaunch.agents.backlog_from_health import AT_RISK, CAPACITY, WATCHED
from postlaunch.facts import Quantity, Unavailable, measured_in
from postlaunch.printing import quantity_text
from postlaunch.reports.colleagues import ColleagueFinding
from postlaunch.reports.judged import Sentence
from postlaunch.reports.performance import Opportunity, PerformanceReport

PODS = "pods to add when it comes to it, unless an item saves them"
COST = "cost"
"""What an item declares to address that saves money."""


def findings_of_performance(report: PerformanceReport) -> tuple[ColleagueFinding, ...]:
    """The findings that a candidate item may address, opportunities in the report's order."""
    return (
        *(_opportunity(report, one) for one in report.opportunities.items),
        *_cost(report),
        *_capacity(report),
        *_trend(report),
        *advised(report.recommendations),
    )


def _opportunity(report: PerformanceReport, one: Opportunity) -> ColleagueFinding:
    now, expected = _text(report, one.current), _text(report, one.optimised)
    gain = f"{one.endpoint} takes {now}, expected {expected}"
    return ColleagueFinding(
        title=one.title,
        finding=Sentence(
            text=f"{one.title}: {gain}; {one.priority}, {one.because.text}",
            facts=_cited(one.because, one.current, one.optimised),
        ),
        figure=one.current,
        subjects=(one.endpoint,),
        named=(one.candidate,) if one.candidate else (),
    )


def _cost(report: PerformanceReport) -> Iterator[ColleagueFinding]:
    cost = report.cost
    if cost.per_user_status == "missed":
        target = cost.per_user_target.text(report.currency) if cost.per_user_target else "none"
        yield ColleagueFinding(
            title="Cost per user misses its objective",
            finding=cost.per_user_because.model_copy(
                update={"text": f"Cost per user: {cost.per_user_because.text}"}
            ),
            figure=cost.per_user,
            subjects=(COST,),
            requires=f"{AT_RISK}: cost per user, {_text(report, cost.per_user)} with a target of {target}",
        )
    if not isinstance(cost.avoided, Unavailable) and cost.avoided.value > 0:
        avoided = _text(report, cost.avoided)
        yield ColleagueFinding(
            title="Cost of growth",
            finding=Sentence(
                text=f"{avoided} a month avoided in six months where the opportunities are taken",
                facts=_cited(None, cost.avoided),
            ),
            figure=cost.avoided,
            subjects=(COST,),
            otherwise=PODS,
        )


def _capacity(report: PerformanceReport) -> Iterator[ColleagueFinding]:
    for projection in report.capacity.projections:
        if projection.months and projection.add:
            yield ColleagueFinding(
                title=f"Capacity in {projection.months} months",
                finding=projection.advice.model_copy(
                    update={"text": f"In {projection.months} months: {projection.advice.text}"}
                ),
                figure=projection.peak,
                subjects=(CAPACITY,),
                otherwise=PODS,
            )


def _trend(report: PerformanceReport) -> Iterator[ColleagueFinding]:
    trend = report.trend
    if trend.direction == "slower":
        yield ColleagueFinding(
            title="Response times rise",
            finding=trend.because.model_copy(update={"text": f"{trend.verdict}: {trend.because.text}"}),
            words=report.conclusion.text,
            otherwise=WATCHED,
        )


def _text(report: PerformanceReport, quantity: Quantity) -> str:
    return quantity_text(quantity, zone=report.window.zone, currency=report.currency)


def _cited(said: Sentence | None, *quantities: Quantity) -> tuple[str, ...]:
    """The facts of a sentence and those behind some quantities."""
    behind = (one.fact for quantity in quantities for one in measured_in(quantity))
    return tuple(dict.fromkeys((*(said.facts if said else ()), *behind)))
