"""Optimisation opportunities by rule: which endpoints are worth it, what it would bring, what it would take.

What an optimisation reaches and costs is declared by the candidate item that addresses the endpoint, where
there is one, else assumed by the settings; what it brings follows from the measured load.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from postlaunch.agents.performance_span import NO_LATENCY, Span
from postlaunch.facts import Assumed, Derived, Fact, Measured, Quantity, Unavailable
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.performance import Opportunity, OpportunityKind, Priority
from postlaunch.reports.report import Listing
from postlaunch.settings_performance import Remedy
from postlaunch.sources.candidates import CandidateItem
from postlaunch.tools.addressing import addressing
from postlaunch.tools.performance_verdicts import kind_of, priority_of
from postlaunch.tools.verdicts import met

SETTINGS = "the settings"
CANDIDATES = "the candidates file"
MILLISECONDS = re.compile(r"(\d+(?:[.,]\d+)?)\s*(ms|milliseconds?|s|seconds?)\b", re.IGNORECASE)
TAIL = re.compile(r"\bp\s?\d\d|percentile|median|maximum|slowest", re.IGNORECASE)
RESPONSE = re.compile(r"response|latency|duration|answer", re.IGNORECASE)
PRIORITIES: tuple[Priority, ...] = ("HIGH", "MEDIUM", "LOW")

TITLES: dict[OpportunityKind, str] = {
    "hot read": "Cache {endpoint}",
    "slow write": "Process {endpoint} in the background",
    "repeated small read": "Cache the answers of {endpoint}",
    "slow endpoint": "Speed up {endpoint}",
}


@dataclass(frozen=True)
class _Endpoint:
    """One endpoint's load, as measured in the newest week."""

    name: str
    mean: Fact
    p95: Fact | None
    per_day: Fact
    share_of_requests: Fact
    share_of_load: Fact

    @property
    def method(self) -> str:
        return self.name.split(" ", 1)[0]


def opportunities(span: Span) -> Listing[Opportunity]:
    """What is worth doing, by priority, then by the load it saves."""
    found = [item for endpoint in _endpoints(span) if (item := _opportunity(span, endpoint))]
    found.sort(key=lambda item: (PRIORITIES.index(item.priority), -_value(item.load_saved), item.endpoint))
    kept = found[: span.rules.opportunities]
    due = [item.endpoint for item in planned(kept)]
    items = tuple(
        item.model_copy(update={"number": number, "sprint": span.sprint if item.endpoint in due else None})
        for number, item in enumerate(kept, 1)
    )
    if items:
        return Listing[Opportunity](items=items)
    if not span.facts("load", "load_share"):
        return Listing[Opportunity](reason=f"not available: {span.reason('load', NO_LATENCY)}")
    return Listing[Opportunity](reason="None: no endpoint is a large share of the load, or over its target")


def planned(items: Sequence[Opportunity]) -> tuple[Opportunity, ...]:
    """Those that the next sprint should take: of HIGH priority, or of MEDIUM where none is HIGH."""
    for priority in ("HIGH", "MEDIUM"):
        if due := tuple(item for item in items if item.priority == priority):
            return due
    return ()


def _value(quantity: Quantity) -> float:
    return 0.0 if isinstance(quantity, Unavailable) else quantity.value


def _endpoints(span: Span) -> Iterator[_Endpoint]:
    for share in span.facts("load", "load_share"):

        def of(name: str, entity: str = share.entity) -> Fact | None:
            return span.fact("load", name, entity)

        mean, per_day = of("load_mean_response_time"), of("load_requests_per_day")
        requests = of("load_share_of_requests")
        if mean is not None and per_day is not None and requests is not None:
            yield _Endpoint(share.entity, mean, of("load_p95_response_time"), per_day, requests, share)


def _opportunity(span: Span, endpoint: _Endpoint) -> Opportunity | None:
    kind = _kind(span, endpoint)
    if kind is None:
        return None
    item = _candidate(span, endpoint.name)
    current = Measured.of(endpoint.mean)
    optimised = _optimised(span, endpoint, kind, item)
    if isinstance(optimised, Unavailable) or optimised.value >= current.value:
        return None
    saved = Derived.of("difference", current, optimised, unit="ms", statement="current − optimised mean")
    part = Derived.of("ratio", saved, current, unit="ratio", statement="saved ÷ current mean")
    load_saved = Derived.of(
        "product",
        Measured.of(endpoint.share_of_load),
        part,
        unit="ratio",
        statement="share of load × share of the endpoint's time saved",
    )
    if load_saved.value < span.rules.least_saved:
        return None
    effort = _effort(span, kind, item)
    verdict = priority_of(endpoint.share_of_requests, endpoint.share_of_load, effort, span.rules)
    return Opportunity(
        number=1,
        title=item.title if item else TITLES[kind].format(endpoint=endpoint.name),
        kind=kind,
        endpoint=endpoint.name,
        impact=_impact(endpoint),
        requests_a_day=Measured.of(endpoint.per_day),
        share_of_requests=Measured.of(endpoint.share_of_requests),
        share_of_load=Measured.of(endpoint.share_of_load),
        current=current,
        current_p95=Unavailable(reason=NO_LATENCY) if endpoint.p95 is None else Measured.of(endpoint.p95),
        optimised=optimised,
        saved=saved,
        load_saved=load_saved,
        mean_saved=Derived.of(
            "product",
            Measured.of(endpoint.share_of_requests),
            saved,
            unit="ms",
            statement="share of requests × saved",
        ),
        effort=effort,
        priority=verdict.priority,
        because=verdict.because,
        candidate=item.id if item else "",
        declared=_declared(item),
    )


def _kind(span: Span, endpoint: _Endpoint) -> OpportunityKind | None:
    usual = span.fact("typical", "mean_response_time") or span.fact("summary", "mean_response_time")
    mean, tail = span.target("mean_response_time"), span.target("p95_response_time")
    return kind_of(
        endpoint.method,
        share_of_requests=endpoint.share_of_requests.value,
        share_of_load=endpoint.share_of_load.value,
        mean=endpoint.mean.value,
        usual=usual.value if usual is not None else endpoint.mean.value,
        over=mean is not None and not met(endpoint.mean.value, mean),
        tail_over=tail is not None and endpoint.p95 is not None and not met(endpoint.p95.value, tail),
        rules=span.rules,
    )


def _impact(endpoint: _Endpoint) -> Sentence:
    return said(
        "{endpoint} receives {day} requests a day, {requests} of all requests and {load} of the load",
        endpoint=endpoint.name,
        day=endpoint.per_day,
        requests=endpoint.share_of_requests,
        load=endpoint.share_of_load,
    )


# --- what is declared, or assumed -------------------------------------------------------------------------


def _candidate(span: Span, endpoint: str) -> CandidateItem | None:
    """The first item that addresses the endpoint and that no earlier sprint took."""
    ids = addressing(span.items, (endpoint,))
    return next((item for item in span.items if item.id in ids and item.id not in span.committed), None)


def _declared(item: CandidateItem | None) -> str:
    if item is None or not item.success_target:
        return ""
    return f"{item.success_measure}: {item.success_target}" if item.success_measure else item.success_target


def _who(item: CandidateItem) -> str:
    return item.declared_by or CANDIDATES


def _optimised(
    span: Span, endpoint: _Endpoint, kind: OpportunityKind, item: CandidateItem | None
) -> Assumed | Derived | Unavailable:
    """The mean that is expected: as the item declares it, else as the settings assume it of the kind."""
    if item is not None and (declared := declared_mean(item)) is not None:
        basis = f'{item.id} declares as its success "{_declared(item)}"'
        return Assumed(value=declared, unit="ms", who=_who(item), basis=basis)
    if kind == "slow endpoint":
        goal = span.target("mean_response_time")
        if goal is None:
            return Unavailable(reason="no target for the mean response time is set")
        basis = "it is brought to the objective's target; nothing says that more is possible"
        return Assumed(value=goal.value, unit="ms", who=SETTINGS, basis=basis)
    remedy = _remedy(span, kind)
    served = Assumed(value=remedy.milliseconds, unit="ms", who=SETTINGS, basis=remedy.basis)
    if remedy.share >= 1:
        return served
    return _mixed(Measured.of(endpoint.mean), served, remedy)


def _mixed(current: Measured, served: Assumed, remedy: Remedy) -> Derived:
    """The mean where only a share of the requests is served by the remedy."""
    share = Assumed(value=remedy.share, unit="ratio", who=SETTINGS, basis=remedy.basis)
    whole = Assumed(value=1, unit="ratio", who="arithmetic", basis="all of the requests")
    rest = Derived.of("difference", whole, share, unit="ratio")
    return Derived.of(
        "sum",
        Derived.of("product", share, served, unit="ms"),
        Derived.of("product", rest, current, unit="ms"),
        unit="ms",
        statement=f"share served × {remedy.milliseconds:g} ms + the rest × current mean; {remedy.basis}",
    )


def _remedy(span: Span, kind: OpportunityKind) -> Remedy:
    return span.rules.background_write if kind == "slow write" else span.rules.cached_read


def declared_mean(item: CandidateItem) -> float | None:
    """The mean response time in ms that an item declares as its success; None where it measures another."""
    told = f"{item.success_measure} {item.success_target}"
    if TAIL.search(told) or (item.success_measure and not RESPONSE.search(item.success_measure)):
        return None
    found = MILLISECONDS.search(item.success_target)
    if found is None:
        return None
    number = float(found[1].replace(",", "."))
    return number if found[2].casefold().startswith("m") else number * 1000


def _effort(span: Span, kind: OpportunityKind, item: CandidateItem | None) -> Quantity:
    """Hours of work: as the item declares its days, else as the settings assume it of the kind."""
    if item is not None:
        effort = span.fact("effort", "effort_days", item.id)
        hours = Assumed(
            value=span.rules.hours_a_day,
            unit="number",
            who=SETTINGS,
            basis="working hours of a day of effort",
        )
        days: Measured | Assumed
        if effort is not None:
            days = Measured.of(effort)
        else:
            days = Assumed(value=item.effort_days, unit="days", who=_who(item), basis=f"effort of {item.id}")
        return Derived.of(
            "product", days, hours, unit="hours", statement=f"days that {item.id} declares × hours of a day"
        )
    if kind == "slow endpoint":
        basis = "work to bring a slow endpoint to its target"
        return Assumed(value=span.rules.tuned_hours, unit="hours", who=SETTINGS, basis=basis)
    remedy = _remedy(span, kind)
    return Assumed(value=remedy.hours, unit="hours", who=SETTINGS, basis=remedy.basis)
