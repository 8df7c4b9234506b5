"""Scaling by rule: the peaks of now, 3 and 6 months, the pods they need, with and without optimisation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from postlaunch.agents.performance_capacity import (
    current_capacity,
    growth_facts,
    growth_of,
    room_measured,
    whole_pods,
)
from postlaunch.agents.performance_span import Span
from postlaunch.facts import Derived, Forecast, Quantity, Unavailable
from postlaunch.printing import value_text
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.performance import Opportunity
from postlaunch.reports.performance_capacity import CapacityPlan, CurrentCapacity, Horizon, Projection
from postlaunch.tools.capacity import GrowthFacts, Load, peak_in, pods_for

HORIZONS: tuple[Horizon, ...] = (0, 3, 6)
LIFTED_BY_SPEED = ("CPU", "database connections")
"""Resources that a request holds while it is worked on: what saves its time saves them too."""


def capacity_plan(span: Span, found: Sequence[Opportunity]) -> CapacityPlan:
    """Capacity now, growth, and the horizons; with the opportunities of HIGH and MEDIUM priority taken."""
    saved, current, usual = load_saved(found), current_capacity(span), growth_facts(span)
    lifted = saved_pods(current, saved)
    return CapacityPlan(
        current=current,
        growth=growth_of(span, usual),
        projections=tuple(_projection(span, months, current, usual, lifted) for months in HORIZONS),
        saved=saved,
        burst=tuple(_burst(span, usual)),
    )


def load_saved(found: Sequence[Opportunity]) -> Quantity:
    """Share of the time spent on all requests that the opportunities worth taking would save."""
    parts = [item.load_saved for item in found if item.priority != "LOW"]
    known = [part for part in parts if isinstance(part, Derived)]
    if not known:
        return Unavailable(reason="no opportunity of HIGH or MEDIUM priority")
    return Derived.of("sum", *known, unit="ratio", statement="load saved by each opportunity, added up")


def saved_pods(current: CurrentCapacity, saved: Quantity) -> float:
    """Share of the pods that a saving of load makes superfluous: none where memory is what runs out first."""
    if isinstance(saved, Unavailable) or not current.binding.startswith(LIFTED_BY_SPEED):
        return 0.0
    return min(saved.value, 0.95)


def peak_at(span: Span, months: Horizon, usual: GrowthFacts | None) -> Quantity:
    """The busiest minute of the last 28 days, grown to a horizon; as measured for now."""
    peak = span.fact("lately", "peak_requests_per_second")
    if peak is None or months == 0:
        return span.quantity("lately", "peak_requests_per_second")
    if usual is None:
        return span.unavailable("growth")
    level, end = span.rules.forecast_level, span.now.observed_end
    return peak_in(usual, months, level=level, end=end, peak=peak)


def usual_at(span: Span, months: Horizon, usual: GrowthFacts | None) -> Quantity:
    """The busiest minute of a usual week at a horizon."""
    if usual is None:
        return span.unavailable("growth")
    return peak_in(usual, months, level=span.rules.forecast_level, end=span.now.observed_end)


def load_of(span: Span, peak: Quantity) -> Load | None:
    """A peak as pods are counted for it."""
    return Load.of(peak, level=span.rules.forecast_level, at=span.now.observed_end)


def _projection(
    span: Span, months: Horizon, current: CurrentCapacity, usual: GrowthFacts | None, lifted: float
) -> Projection:
    peak, ordinary = peak_at(span, months, usual), usual_at(span, months, usual)
    pods, optimised = (_pods(span, peak, current, part) for part in (0.0, lifted))
    calm = _pods(span, ordinary, current, 0.0)
    now = whole_pods(current.pods)
    add, less = _added(pods, now), _added(optimised, now)
    room = room_measured(span) if add and not months else None
    if room is not None:
        add, less = 0, 0
    return Projection(
        months=months,
        peak=peak,
        usual=ordinary,
        pods=pods,
        pods_optimised=optimised,
        pods_usual=calm,
        current=now,
        add=add,
        add_optimised=less,
        room=room,
        advice=_advice(pods, optimised, calm, now) if room is None else _carried_anyhow(room, pods),
    )


def _pods(span: Span, peak: Quantity, current: CurrentCapacity, saved: float) -> Quantity:
    load = load_of(span, peak)
    return peak if load is None else pods_for(load, current.per_pod, saved)


def _added(pods: Quantity, now: int | None) -> int | None:
    if now is None or not isinstance(pods, Forecast):
        return None
    return max(int(pods.value) - now, 0)


def _advice(pods: Quantity, optimised: Quantity, calm: Quantity, now: int | None) -> Sentence:
    """What to do for a horizon: pods to add are beside those of now, pods in all are the total."""
    if now is None or not isinstance(pods, Forecast) or not isinstance(optimised, Forecast):
        reason = pods.reason if isinstance(pods, Unavailable) else "how many pods run is not known"
        return Sentence(text=f"cannot be told: {reason}")
    needed_, least = int(pods.value), int(optimised.value)
    if needed_ <= now:
        carry = f"{counted(needed_)} {'carries' if needed_ == 1 else 'carry'} the peak, {now} run"
        perhaps = f"; at the upper end of the forecast {int(pods.high)} in all" if pods.high > now else ""
        return Sentence(text=f"no action needed: {carry}{perhaps}")
    text = f"add {counted(needed_ - now)}: {needed_} in all instead of {now}"
    if isinstance(calm, Forecast) and calm.value < needed_:
        text += f" (a usual week without bursts needs {int(calm.value)})"
    if least < needed_:
        rest = f"{least - now} to add, {least} in all" if least > now else f"none to add, {now} in all"
        text += f"; or implement the opportunities of HIGH and MEDIUM priority: {rest}"
    return Sentence(text=text)


def _carried_anyhow(room: Sentence, pods: Quantity) -> Sentence:
    """What was measured goes before what a line beyond it says."""
    asked = "" if isinstance(pods, Unavailable) else f"{int(pods.value)} in all"
    beyond = f"; the line through quietest and busiest hours alone would ask for {asked}" if asked else ""
    return Sentence(text=f"no action needed: {room.text}{beyond}", facts=room.facts)


def counted(number: int) -> str:
    """Pods with their number."""
    return f"{number} pod" if number == 1 else f"{number} pods"


def _burst(span: Span, usual: GrowthFacts | None) -> Iterator[Sentence]:
    """The busiest minute of the last 28 days, where it was beyond what its traffic usually brings."""
    peak, expected = span.fact("lately", "peak_requests_per_second"), usual_at(span, 0, usual)
    if peak is None or not isinstance(expected, Forecast) or peak.value <= expected.high:
        return
    yield said(
        "a burst: the busiest minute had {peak}, where at most {upto} was to be expected of the traffic; the "
        "peaks to come are those of such a burst",
        peak=peak,
        upto=value_text(expected.high, "per_second"),
    )
