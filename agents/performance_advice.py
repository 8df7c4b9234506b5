"""What the rules recommend of performance, the most urgent first; the report's first line and its last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from postlaunch.agents.health_headline import who_decides
from postlaunch.agents.performance_ahead import objectives_ahead
from postlaunch.agents.performance_costs import avoided_by
from postlaunch.agents.performance_factors import changes_near
from postlaunch.agents.performance_opportunities import planned
from postlaunch.agents.performance_scaling import counted, load_saved
from postlaunch.agents.performance_span import Span
from postlaunch.facts import Fact, Forecast, Measured, Quantity, Unavailable
from postlaunch.printing import quantity_text, value_text
from postlaunch.reports.judged import Recommendation, Sentence, said
from postlaunch.reports.performance import (
    Factor,
    Headline,
    Opportunity,
    Standing,
    TrendVerdict,
)
from postlaunch.reports.performance_capacity import CapacityPlan, CostImpact
from postlaunch.windows import MONTH

LATENCY_FORMAT = """\
# nginx: the request time at the end of the line
log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
                 '"$http_referer" "$http_user_agent" $request_time';"""


@dataclass(frozen=True)
class Decided:
    """What the rules have decided for the sections, which the advice rests on."""

    span: Span
    trend: TrendVerdict
    standing: Sequence[Standing]
    factors: Sequence[Factor]
    opportunities: Sequence[Opportunity]
    capacity: CapacityPlan
    cost: CostImpact


def recommendations(decided: Decided) -> tuple[Recommendation, ...]:
    """Every recommendation that a rule gives, the most urgent first."""
    rules = (
        _pods_now,
        _step_to_look_at,
        _targets_missed,
        _worth_taking,
        _full_resources,
        _cost_per_user,
        _pods_later,
        _response_times_not_logged,
    )
    return tuple(item for rule in rules for item in rule(decided))


def _pods_now(decided: Decided) -> Iterator[Recommendation]:
    now = decided.capacity.at(0)
    if now.add:
        month = MONTH.match(decided.span.window.label)
        yield Recommendation(
            target="the peak at the month's end" if month else "today's peak",
            action=Sentence(text=f"Add {counted(now.add)}" if month else f"Add {counted(now.add)} now"),
            rationale=_load(decided, now.advice),
        )


def _load(decided: Decided, advice: Sentence) -> Sentence:
    binding = decided.capacity.current.binding
    first = f"{binding} {'run' if binding.endswith('s') else 'runs'} out first"
    more = f"; {first}" if binding else ""
    told = advice.text.partition(": ")[2] or advice.text
    return Sentence(text=f"{told}{more}", facts=advice.facts)


def _step_to_look_at(decided: Decided) -> Iterator[Recommendation]:
    step = decided.span.fact("trend", "trend_step_on")
    if decided.trend.shape != "step" or decided.trend.direction != "slower" or step is None:
        return
    near = changes_near(decided.span, step)
    yield Recommendation(
        target=near[0].entity if near else "the day of the step",
        action=Sentence(text="Find what made requests slower, and mend it or take it back"),
        rationale=decided.trend.because,
    )


def _targets_missed(decided: Decided) -> Iterator[Recommendation]:
    for row in decided.standing:
        if row.status == "missed" and row.target:
            first = decided.opportunities[0].endpoint if decided.opportunities else ""
            beginning = f", beginning with {first}" if first else ""
            yield Recommendation(
                target=row.title,
                action=Sentence(text=f"Get back to the target of {row.target.text()}{beginning}"),
                rationale=row.because,
            )


def _worth_taking(decided: Decided) -> Iterator[Recommendation]:
    for item in decided.opportunities:
        if item.priority == "LOW":
            continue
        effort = quantity_text(item.effort, currency=decided.span.currency)
        due = planned(decided.opportunities)
        when = f", {decided.span.sprint_name}" if item in due else ""
        saved = quantity_text(item.load_saved, currency=decided.span.currency)
        yield Recommendation(
            target=item.endpoint,
            action=Sentence(text=f"{item.title} ({item.priority} priority{when})"),
            rationale=Sentence(
                text=f"{item.because.text}; saves {saved} of the load, effort {effort}",
                facts=item.because.facts,
            ),
        )


def _full_resources(decided: Decided) -> Iterator[Recommendation]:
    for item in decided.capacity.current.resources:
        fact = _fact(decided.span, item.p95)
        if fact is not None and fact.value >= decided.span.rules.saturated:
            yield Recommendation(
                target=item.name,
                action=Sentence(text="Raise the limit or spread the load"),
                rationale=said("{it} of the limit at the 95th percentile", it=fact),
            )


def _fact(span: Span, quantity: Quantity) -> Fact | None:
    return span.known().get(quantity.fact) if isinstance(quantity, Measured) else None


def _cost_per_user(decided: Decided) -> Iterator[Recommendation]:
    cost = decided.cost
    if cost.per_user_status == "missed" and cost.per_user_target is not None:
        goal = cost.per_user_target.text(decided.span.currency)
        yield Recommendation(
            target=cost.per_user_target.title,
            action=Sentence(text=f"Get back to the target of {goal}, beginning with the dearest service"),
            rationale=cost.per_user_because,
        )


def _pods_later(decided: Decided) -> Iterator[Recommendation]:
    for later in decided.capacity.projections:
        months = later.months
        if months and later.add and not decided.capacity.at(0).add:
            yield Recommendation(
                target=f"the load in {months} months",
                action=Sentence(text=f"Plan {counted(later.add)} more"),
                rationale=_load(decided, later.advice),
            )
            return


def _response_times_not_logged(decided: Decided) -> Iterator[Recommendation]:
    requests = decided.span.fact("summary", "total_requests")
    if requests is not None and decided.span.fact("summary", "mean_response_time") is None:
        yield Recommendation(
            target="the web server's log format",
            action=Sentence(text="Log the request time"),
            rationale=said("none of {requests} requests has a response time", requests=requests),
            snippet=LATENCY_FORMAT,
        )


# --- the first line, and the last -------------------------------------------------------------------------


def headline(decided: Decided, advice: Sequence[Recommendation]) -> Headline:
    """What to do now, why, and who decides."""
    ahead = objectives_ahead(decided.span, decided.trend, decided.standing)
    stands = (_stands(row) for row in decided.standing if _worth(row))
    return Headline(
        do=_first_thing(advice),
        why=(_trend_told(decided.trend), *ahead[:1], *stands),
        decides=who_decides(decided.span.settings),
    )


def _first_thing(advice: Sequence[Recommendation]) -> Sentence:
    if not advice:
        return Sentence(text="nothing now: no threshold was crossed")
    first = advice[0]
    return Sentence(
        text=f"{first.action.text} for {first.target} ({first.rationale.text})",
        facts=tuple(dict.fromkeys((*first.action.facts, *first.rationale.facts))),
    )


def _trend_told(trend: TrendVerdict) -> Sentence:
    return Sentence(text=f"{trend.verdict}: {trend.because.text}", facts=trend.because.facts)


def _worth(row: Standing) -> bool:
    return row.status != "not available"


def _stands(row: Standing) -> Sentence:
    return Sentence(text=f"{row.title}: {row.because.text}", facts=row.because.facts)


def recommendation(decided: Decided) -> Sentence:
    """The last line: what to implement in which sprint, and the cost that avoids."""
    worth = planned(decided.opportunities)
    sprint = decided.span.sprint_name
    if not worth:
        return _without_opportunity(decided)
    what = ", ".join(f'"{item.title}"' for item in worth)
    facts = tuple(dict.fromkeys(fact for item in worth for fact in item.because.facts))
    return Sentence(text=f"Implement {what} in {sprint}: {_brings(decided, worth)}", facts=facts)


def _brings(decided: Decided, worth: Sequence[Opportunity]) -> str:
    """What the opportunities named avoid by themselves, in money where that is known, else in load."""
    saved = load_saved(worth)
    avoided = avoided_by(decided.span, decided.capacity, decided.cost.pod, worth)
    if isinstance(avoided, Forecast) and avoided.value > 0:
        return f"avoids {_a_month(decided, avoided)}"
    load = "" if isinstance(saved, Unavailable) else value_text(saved.value, "ratio")
    together = decided.cost.avoided
    if isinstance(avoided, Unavailable):
        why = f"cost avoided not available: {avoided.reason}"
    elif isinstance(together, Forecast) and together.value > 0:
        why = (
            "it avoids no cost by itself within 6 months; together with every opportunity of HIGH and MEDIUM "
            f"priority {_a_month(decided, together)}"
        )
    else:
        why = "it avoids no cost within 6 months, the pods of now carry the growth; it makes requests faster"
    return f"saves {load} of the load (from assumptions); {why}" if load else why


def _a_month(decided: Decided, avoided: Forecast) -> str:
    return f"{quantity_text(avoided, currency=decided.span.currency)} a month in 6 months"


def _without_opportunity(decided: Decided) -> Sentence:
    far = decided.capacity.at(6)
    return Sentence(
        text=f"No optimisation is due; capacity in 6 months: {far.advice.text}", facts=far.advice.facts
    )
