"""Capacity by rule: what runs now, what it carries and which resource runs out first; how the load grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from postlaunch.agents.performance_span import Span
from postlaunch.facts import Assumed, Derived, Fact, Forecast, Measured, Quantity, Unavailable
from postlaunch.printing import value_text
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.performance_capacity import CurrentCapacity, Growth, ResourceCapacity
from postlaunch.tools.capacity import GrowthFacts, carried, follows, in_proportion

SETTINGS = "the settings"
GROWTH = (
    "traffic_growth",
    "growth_fit",
    "growth_scatter",
    "growth_error",
    "growth_middle",
    "peak_level",
    "peak_scatter",
)
"""In the order of the fields of `GrowthFacts`."""

BUSY_HOURS = 3
"""Busiest hours of the day whose pace tells how requests fare at peak."""


@dataclass(frozen=True)
class _Resource:
    """Where the figures of one resource are, and how it is spoken of."""

    name: str
    limit: str
    by_hour: str
    share: str
    p95: str
    unit: str = ""


RESOURCES = (
    _Resource("memory", "pod_memory_limit", "day_hour_memory", "memory_share", "memory_share_p95"),
    _Resource("CPU", "pod_cpu_limit", "day_hour_cpu", "cpu_share", "cpu_share_p95", " cores"),
    _Resource(
        "database connections",
        "pod_pool_size",
        "day_hour_pool",
        "pool_share",
        "pool_share_p95",
        " connections",
    ),
)


# --- now --------------------------------------------------------------------------------------------------


def pods_now(span: Span) -> Quantity:
    """How many pods run: as they are sampled, else as they are paid for."""
    sampled = span.fact("pods", "pods_running")
    paid = span.fact("costs", "pods_paid")
    if sampled is not None:
        return Measured.of(sampled)
    return span.unavailable("pods") if paid is None else Measured.of(paid)


def whole_pods(pods: Quantity) -> int | None:
    """Pods as a whole number."""
    return None if isinstance(pods, Unavailable) else max(round(pods.value), 1)


def current_capacity(span: Span) -> CurrentCapacity:
    """What runs now, and what it carries."""
    peak = span.quantity("summary", "peak_requests_per_second")
    usual = span.quantity("growth", "peak_level")
    resources = tuple(_resource(span, resource) for resource in RESOURCES)
    carrying = [item for item in resources if not isinstance(item.carries, Unavailable)]
    binding = min(carrying, key=lambda item: _value(item.carries), default=None)
    per_pod, name = _proportional(span, resources) if binding is None else (binding.carries, binding.name)
    resources = tuple(item.model_copy(update={"binds": item is binding}) for item in resources)
    pods = pods_now(span)
    return CurrentCapacity(
        pods=pods,
        memory_each=span.quantity("pods", "pod_memory_limit", reason="the samples have no memory limit"),
        peak=peak,
        usual_peak=usual,
        resources=resources,
        per_pod=per_pod,
        total=_total(span, per_pod, pods),
        binding=name,
        headroom=_headroom(span),
        at_peak=_at_peak(span),
    )


def _value(quantity: Quantity) -> float:
    return float("inf") if isinstance(quantity, Unavailable) else quantity.value


def _headroom(span: Span) -> Assumed:
    basis = "share of a pod's limits that is kept free for bursts and for a pod that fails"
    return Assumed(value=span.rules.headroom, unit="ratio", who=SETTINGS, basis=basis)


def _resource(span: Span, resource: _Resource) -> ResourceCapacity:
    limit = span.fact("pods", resource.limit)
    carries, because = _carries(span, resource, limit)
    absent = f"the samples have no {resource.name}"
    return ResourceCapacity.model_validate(
        {
            "name": resource.name,
            "use": span.quantity("resources", resource.share, reason=absent),
            "p95": span.quantity("resources", resource.p95, reason=absent),
            "limit": span.quantity(
                "pods", resource.limit, reason=f"the samples have no limit of {resource.name}"
            ),
            "carries": carries,
            "because": because,
        }
    )


def _carries(span: Span, resource: _Resource, limit: Fact | None) -> tuple[Quantity, Sentence]:
    """Requests per second of a pod at which the resource is full, less the headroom."""
    if limit is None:
        nothing = span.unavailable("pods", f"the samples have no limit of {resource.name}")
        return nothing, Sentence(text=nothing.reason)
    rates = span.by_entity("hours", "day_hour_requests_per_second")
    if not rates:
        nothing = span.unavailable("hours", "no requests were measured")
        return nothing, Sentence(text=nothing.reason)
    found = follows(rates, span.by_entity("use", "day_hour_pods"), span.by_entity("use", resource.by_hour))
    if found is None:
        nothing = Unavailable(reason="too few hours of the day were seen both in requests and in samples")
        return nothing, Sentence(text=nothing.reason)
    allowed = 1 - span.rules.headroom
    share = value_text(allowed, "ratio")
    capacity = carried(
        found,
        limit.value * allowed,
        level=span.rules.forecast_level,
        least_fit=span.rules.follows_load,
        at=span.newest.observed_end,
        to=f"{share} of its limit",
    )
    if isinstance(capacity, Unavailable):
        return capacity, Sentence(text=capacity.reason, facts=(limit.id,))
    because = said(
        "it follows the load: R² {fit} over {hours} hours of the day, full at {share} of {limit}"
        + resource.unit,
        fit=value_text(found.line.fit, "number"),
        hours=str(found.hours),
        share=share,
        limit=limit,
    )
    return capacity, because


def _proportional(span: Span, resources: Sequence[ResourceCapacity]) -> tuple[Quantity, str]:
    """What a pod carries if use grew in proportion to the load; where no resource was seen to follow it."""
    peak, pods = span.fact("summary", "peak_requests_per_second"), span.fact("pods", "pods_running")
    seen = [
        (fact, resource.name)
        for resource in RESOURCES
        if resource.name != "memory" and (fact := span.fact("resources", resource.p95)) and fact.value > 0
    ]
    if peak is None or pods is None or not seen:
        missing = span.results.get("pods")
        if missing is not None and missing.status != "ok":
            return span.unavailable("pods"), ""
        reasons = "; ".join(f"{item.name}: {item.because.text}" for item in resources)
        return Unavailable(reason=f"no resource is seen to follow the load ({reasons})"), ""
    use, name = max(seen, key=lambda pair: pair[0].value)
    carries = in_proportion(Measured.of(peak), Measured.of(pods), Measured.of(use), _headroom(span))
    return carries, f"{name}, in proportion"


def _total(span: Span, per_pod: Quantity, pods: Quantity) -> Quantity:
    if isinstance(per_pod, Unavailable):
        return per_pod
    number = whole_pods(pods)
    if number is None:
        return pods
    if not isinstance(per_pod, Forecast):
        assert not isinstance(pods, (Unavailable, Forecast))
        statement = "of a pod × pods"
        return Derived.of("product", per_pod, pods, unit="per_second", statement=statement)
    return per_pod.model_copy(
        update={
            "value": per_pod.value * number,
            "low": per_pod.low * number,
            "high": per_pod.high * number,
            "method": f"{per_pod.method}; times the pods that run",
        }
    )


def _at_peak(span: Span) -> Sentence:
    """How requests fare in the busiest hours of the day, whatever their mix."""
    rates = sorted(span.facts("hours", "day_hour_requests_per_second"), key=lambda fact: -fact.value)
    pace = span.by_entity("hours", "day_hour_pace")
    busy = [pace[rate.entity] for rate in rates[:BUSY_HOURS] if rate.entity in pace]
    if not busy:
        return Sentence(text="how requests fare at peak was not measured")
    slowest = max(busy, key=lambda fact: fact.value)
    return said(
        "in the busiest hours of the day ({pace.entity}) requests take {pace} times what they usually take",
        pace=slowest,
    )


# --- growth -----------------------------------------------------------------------------------------------


def growth_facts(span: Span) -> GrowthFacts | None:
    """The measured growth; None where too few weeks were measured."""
    found = [span.fact("growth", name) for name in GROWTH]
    known = [fact for fact in found if fact is not None]
    return GrowthFacts(*known) if len(known) == len(GROWTH) else None


def growth_of(span: Span, facts: GrowthFacts | None) -> Growth:
    """How fast the load grows, and from what that is known."""
    users = span.quantity("growth", "weekly_user_growth", reason="the request log has no user field")
    if facts is None:
        nothing = span.unavailable("growth")
        return Growth(
            per_week=nothing,
            per_month=nothing,
            users_per_week=users,
            fit=nothing,
            weeks=0,
            basis=Sentence(text=nothing.reason),
        )
    return Growth(
        per_week=Measured.of(facts.growth),
        per_month=span.quantity("growth", "traffic_growth_monthly"),
        users_per_week=users,
        fit=Measured.of(facts.fit),
        weeks=facts.weeks,
        basis=said(
            "compound growth of weekly requests over {weeks} whole weeks (log-linear, R² {fit}); the peak by "
            "what the busiest minute of a week usually is to its requests",
            weeks=str(facts.weeks),
            fit=facts.fit,
        ),
    )
