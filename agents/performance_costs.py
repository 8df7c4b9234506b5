"""Cost by rule: what the pods cost now, with the opportunities taken and without; and what a user costs."""

from __future__ import annotations

from collections.abc import Sequence

from postlaunch.agents.performance_capacity import whole_pods
from postlaunch.agents.performance_scaling import load_of, load_saved, saved_pods
from postlaunch.agents.performance_span import Span
from postlaunch.facts import Derived, Fact, Forecast, Measured, Quantity, Unavailable
from postlaunch.printing import value_text
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.performance import Opportunity
from postlaunch.reports.performance_capacity import (
    CapacityPlan,
    CostImpact,
    CostScenario,
    CostStatus,
    Horizon,
)
from postlaunch.tools.capacity import cost_avoided, cost_of
from postlaunch.tools.verdicts import met

FAR: Horizon = 6
"""Months ahead at which costs with and without optimisation are compared."""


def cost_impact(span: Span, plan: CapacityPlan) -> CostImpact:
    """What growth costs with the opportunities of HIGH and MEDIUM priority, and without."""
    price = span.quantity("costs", "pod_cost_a_month", reason="no cost line counts pods")
    per_user, status, because = _per_user(span)
    return CostImpact(
        total=span.quantity("costs", "cost_a_month"),
        pod=price,
        scenarios=(
            _now(span, plan, price),
            _later("with optimisation", plan, price),
            _later("without optimisation", plan, price),
        ),
        avoided=_avoided(span, plan, price),
        per_user=per_user,
        per_user_target=span.target("cost_per_user"),
        per_user_status=status,
        per_user_because=because,
    )


def _now(span: Span, plan: CapacityPlan, price: Quantity) -> CostScenario:
    """Pods that run × what a pod costs."""
    pods, number = plan.current.pods, whole_pods(plan.current.pods)
    cost: Quantity
    if isinstance(price, Measured) and isinstance(pods, Measured):
        cost = Derived.of("product", pods, price, unit="money", statement="pods × cost of a pod a month")
    else:
        cost = price if isinstance(price, Unavailable) else pods
    whole = isinstance(pods, Measured) and pods.value == number
    return CostScenario(name="current", months=0, pods=number if whole else None, cost=cost)


def _later(name: str, plan: CapacityPlan, price: Quantity) -> CostScenario:
    """The pods of 6 months × what a pod costs; never fewer than run now."""
    far, now = plan.at(FAR), whole_pods(plan.current.pods)
    pods = far.pods if name == "without optimisation" else far.pods_optimised
    if now is None:
        nothing = plan.current.pods
        reason = nothing.reason if isinstance(nothing, Unavailable) else "how many pods run is not known"
        cost: Quantity = Unavailable(reason=reason)
        number = None
    else:
        cost = cost_of(pods, price, now)
        number = max(int(pods.value), now) if isinstance(pods, Forecast) else None
    note = "fewer are needed, no fewer than now are planned" if _spare(pods, now) else ""
    return CostScenario.model_validate(
        {"name": name, "months": FAR, "pods": number, "cost": cost, "note": note}
    )


def _spare(pods: Quantity, now: int | None) -> bool:
    return now is not None and isinstance(pods, Forecast) and pods.value < now


def avoided_by(span: Span, plan: CapacityPlan, price: Quantity, items: Sequence[Opportunity]) -> Quantity:
    """A month, in 6 months, by some opportunities alone."""
    return _avoided(span, plan.model_copy(update={"saved": load_saved(items)}), price)


def _avoided(span: Span, plan: CapacityPlan, price: Quantity) -> Quantity:
    """A month, in 6 months, by the load that a plan saves."""
    load, now = load_of(span, plan.at(FAR).peak), whole_pods(plan.current.pods)
    if load is None:
        return plan.at(FAR).peak
    if now is None:
        return plan.current.pods
    lifted = saved_pods(plan.current, plan.saved)
    return cost_avoided(load, plan.current.per_pod, price, lifted, now)


# --- what a user costs ------------------------------------------------------------------------------------


def _per_user(span: Span) -> tuple[Quantity, CostStatus, Sentence]:
    """Cost of a month ÷ users active in 30 days, against its objective."""
    cost, users = span.fact("costs", "cost_a_month"), _active(span)
    if cost is None:
        nothing = span.unavailable("costs")
        return nothing, "not available", Sentence(text=nothing.reason)
    if users is None or not users.value:
        nothing = Unavailable(
            reason="how many users were active in the month is not known",
            remedy="add [sources.events], or a user field to the request log",
        )
        return nothing, "not available", Sentence(text=nothing.reason)
    each = Derived.of(
        "ratio",
        Measured.of(cost),
        Measured.of(users),
        unit="money",
        statement="cost a month ÷ users active in the month",
    )
    target = span.target("cost_per_user")
    basis = said("{cost} a month for {users} active users", currency=span.currency, cost=cost, users=users)
    if target is None:
        return each, "not available", basis
    reached = met(each.value, target)
    words = "meets" if reached else "misses"
    text = f"{basis.text}: {words} the target of {target.text(span.currency)}"
    return each, "ok" if reached else "missed", Sentence(text=text, facts=basis.facts)


def _active(span: Span) -> Fact | None:
    """Users active in 30 days: by product events, else by the log's user field."""
    return span.fact("users", "monthly_active_users") or span.fact("month", "active_users")


def money(amount: float, span: Span) -> str:
    """An amount in the settings' currency."""
    return value_text(amount, "money", currency=span.currency)
