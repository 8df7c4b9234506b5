"""Capacity by rule: what runs now, what it carries and which resource runs out first; how the load grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from postlaunch.agents.performance_span import Span
from postlaunch.facts import Assumed, Derived, Fact, Measured, Quantity, Unavailable
from postlaunch.printing import value_text
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.performance_capacity import CurrentCapacity, Growth, ResourceCapacity
from postlaunch.tools.capacity import GrowthFacts, LoadPoint, carried, in_proportion
from postlaunch.tools.verdicts import met

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

FULL = 0.99
"""Share of its limit from which a resource was full."""


@dataclass(frozen=True)
class _Resource:
    """Where the figures of one resource are, and how it is spoken of."""

    name: str
    limit: str
    by_hour: str
    share: str
    p95: str
    peak: str
    unit: str


RESOURCES = tuple(
    _Resource(name, limit, by_hour, f"{key}_share", f"{key}_share_p95", f"{key}_share_peak", unit)
    for name, key, limit, by_hour, unit in (
        ("memory", "memory", "pod_memory_limit", "day_hour_memory", ""),
        ("CPU", "cpu", "pod_cpu_limit", "day_hour_cpu", " cores"),
        ("database connections", "pool", "pod_pool_size", "day_hour_pool", " connections"),
    )
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
    resources = tuple(_resource(span, resource) for resource in RESOURCES)
    carrying = [item for item in resources if not isinstance(item.carries, Unavailable)]
    binding = min(carrying, key=lambda item: _value(item.carries), default=None)
    per_pod, name = _proportional(span, resources) if binding is None else (binding.carries, binding.name)
    pods = pods_now(span)
    return CurrentCapacity(
        pods=pods,
        memory_each=span.quantity("pods", "pod_memory_limit", reason="the samples have no memory limit"),
        peak=span.quantity("lately", "peak_requests_per_second"),
        usual_peak=span.quantity("growth", "peak_level"),
        resources=tuple(item.model_copy(update={"binds": item is binding}) for item in resources),
        per_pod=per_pod,
        total=_total(per_pod, pods),
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
    carries, because = _carries(span, resource)
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


def _carries(span: Span, resource: _Resource) -> tuple[Quantity, Sentence]:
    """Requests per second of a pod at which the resource is full, less the headroom."""
    limit, quiet, busy = span.fact("pods", resource.limit), _quiet(span, resource), _busy(span, resource)
    if limit is None or quiet is None or busy is None:
        nothing = _missing(span, resource, limit)
        return nothing, Sentence(text=nothing.reason)
    capacity = carried(quiet, busy, limit, _headroom(span))
    told = said(
        f"a pod used {{before}}{resource.unit} from {{before.entity}} at {{few}} of all pods, {{now}} in the "
        "busiest minutes at {many}",
        before=quiet.use,
        few=quiet.requests,
        now=busy.use,
        many=busy.requests,
    )
    why = f"{capacity.reason}: " if isinstance(capacity, Unavailable) else ""
    return capacity, Sentence(text=f"{why}{told.text}{_was_full(span, resource)}", facts=told.facts)


def _missing(span: Span, resource: _Resource, limit: Fact | None) -> Unavailable:
    """Which measurement a capacity lacks."""
    if span.fact("busiest", "busiest_requests_per_second") is None:
        return span.unavailable("busiest", "no requests were measured")
    if limit is None:
        return span.unavailable("pods", f"the samples have no limit of {resource.name}")
    return span.unavailable("busy_use", f"the samples have no {resource.name}")


def _quiet(span: Span, resource: _Resource) -> LoadPoint | None:
    """The hour of the day with the fewest requests in a typical week."""
    pods, use = span.by_entity("use", "day_hour_pods"), span.by_entity("use", resource.by_hour)
    rates = [
        fact
        for fact in span.facts("hours", "day_hour_requests_per_second")
        if fact.entity in use and fact.entity in pods
    ]
    quietest = min(rates, key=lambda fact: fact.value, default=None)
    return None if quietest is None else LoadPoint(quietest, pods[quietest.entity], use[quietest.entity])


def _busy(span: Span, resource: _Resource) -> LoadPoint | None:
    """The busiest minutes of the last 28 days."""
    rate = span.fact("busiest", "busiest_requests_per_second")
    pods, use = span.facts("busy_use", "day_hour_pods"), span.facts("busy_use", resource.by_hour)
    return LoadPoint(rate, pods[0], use[0]) if rate and pods and use else None


def _was_full(span: Span, resource: _Resource) -> str:
    """A resource that was at its limit in the busiest minutes may have wanted more."""
    peak = span.fact("busy_share", resource.peak)
    full = peak is not None and peak.value >= FULL
    return "; it was full then and may have wanted more: at most so much" if full else ""


def _proportional(span: Span, resources: Sequence[ResourceCapacity]) -> tuple[Quantity, str]:
    """What a pod carries if use grew in proportion to the load; where no resource is seen to follow it."""
    seen = [
        (busy, limit, resource.name)
        for resource in RESOURCES
        if resource.name != "memory"
        and (busy := _busy(span, resource))
        and (limit := span.fact("pods", resource.limit))
        and busy.use.value > 0
    ]
    if not seen:
        for asked in ("busiest", "pods"):
            result = span.results.get(asked)
            if result is None or result.status != "ok":
                return span.unavailable(asked), ""
        reasons = "; ".join(f"{item.name}: {item.because.text}" for item in resources)
        return Unavailable(reason=f"no resource is seen to follow the load ({reasons})"), ""
    busy, limit, name = max(seen, key=lambda one: one[0].use.value / one[1].value)
    return in_proportion(busy, limit, _headroom(span)), f"{name}, in proportion"


def _total(per_pod: Quantity, pods: Quantity) -> Quantity:
    if not isinstance(per_pod, Derived):
        return per_pod
    if not isinstance(pods, Measured):
        return pods
    return Derived.of("product", per_pod, pods, unit="per_second", statement="of a pod × pods")


def _at_peak(span: Span) -> Sentence:
    """How requests fared in the busiest minutes lately."""
    rate, start = span.fact("busiest", "busiest_requests_per_second"), span.fact("busiest", "busiest_start")
    if rate is None or start is None:
        return Sentence(
            text=f"how requests fared at peak: not available, {span.reason('busiest', 'no requests')}"
        )
    parts = [said("in the busiest minutes ({start}, {rate})", start=start, rate=rate)]
    for name, objective, words in (
        ("busiest_mean_response_time", "mean_response_time", "requests took {it} on average"),
        ("busiest_error_rate", "error_rate", "{it} of them failed"),
    ):
        fact, target = span.fact("busiest", name), span.target(objective)
        if fact is not None:
            goal = (
                ""
                if target is None
                else f" ({'within' if met(fact.value, target) else 'missing'} the target of {target.text()})"
            )
            parts.append(said(words + goal.replace("{", "{{"), it=fact))
    text = f"{parts[0].text} " + ", ".join(part.text for part in parts[1:])
    return Sentence(text=text.strip(), facts=tuple(fact for part in parts for fact in part.facts))


def room_measured(span: Span) -> Sentence | None:
    """That no resource was used beyond the share from which scaling is planned, neither in the busiest
    minutes lately nor at the 95th percentile of the newest week; None where one was, or where that is not
    known.
    """
    shares = [
        (resource, busy, p95)
        for resource in RESOURCES
        if (busy := span.fact("busy_share", resource.share)) and (p95 := span.fact("resources", resource.p95))
    ]
    limit = span.settings.monitoring.plan_at
    if not shares or any(max(busy.value, p95.value) > limit for _, busy, p95 in shares):
        return None
    resource, busy, p95 = max(shares, key=lambda one: max(one[1].value, one[2].value))
    return said(
        "the fullest resource, {name}, was used to {busy} in the busiest minutes and to {p95} at the 95th "
        "percentile, scaling is planned above {limit}",
        name=resource.name,
        busy=busy,
        p95=p95,
        limit=value_text(limit, "ratio"),
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
        basis=_basis(facts),
    )


def _basis(facts: GrowthFacts) -> Sentence:
    """From what growth is known; it cites everything that the forecasts are computed from."""
    told = said(
        "compound growth of weekly requests over {weeks} whole weeks (log-linear, R² {fit}); the peak by "
        "what the busiest minute of a week usually is to its requests",
        weeks=str(facts.weeks),
        fit=facts.fit,
    )
    behind = (facts.growth, facts.scatter, facts.error, facts.middle, facts.peak, facts.peak_scatter)
    return told.model_copy(update={"facts": (*told.facts, *(fact.id for fact in behind))})
