"""Resources used up, and pods that went away: what the samples say for and against each as a cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from postlaunch.facts import Fact
from postlaunch.printing import value_text
from postlaunch.reports.judged import Sentence, said
from postlaunch.tools.definitions_incidents import RESOURCE_FIGURES
from postlaunch.tools.incident_case import MINUTE, Case
from postlaunch.tools.incident_evidence import (
    Candidate,
    Support,
    ending_changes,
    gateway_statuses,
    joined,
    logged,
    noted,
    telling_lines,
)
from postlaunch.tools.incident_resources import RESOURCES
from postlaunch.tools.incident_signatures import RESOURCE_NAMES, names_resource, title_of

AT_LIMIT_BEFORE = 0.1
AS_MUCH_BEFORE = 0.5
FEW_SAMPLES = 3
LESS_ELSEWHERE = 0.1
RESTART_LEAD = timedelta(minutes=6)

FULL: Mapping[str, float] = {"disk": 0.99}
"""Share of its limit from which a resource is used up, where that is not the settings' own: a disk that is
95 % full can still be written to.
"""

RESTARTING = frozenset({"restart", "deployment", "rollback", "configuration", "maintenance"})
"""Kinds of changes in which pods restart."""


def full_share(case: Case, resource: str) -> float:
    """Share of its limit from which a resource counts as used up."""
    return FULL.get(resource, case.settings.incidents.saturated)


@dataclass(frozen=True)
class ResourceSeen:
    """What the samples say of one resource.

    Attributes:
        shares: peak share of the limit in each pod, the highest first.
        full: those of pods in which it was used up during the incident, and not as much before.
        already: share of samples at the limit in pods that were at it as much before.
    """

    resource: str
    shares: tuple[Fact, ...]
    full: tuple[Fact, ...]
    already: tuple[Fact, ...]


def resource_seen(case: Case, resource: str) -> ResourceSeen | None:
    """What the samples of the incident say of a resource; None where there are none against a limit."""
    figures = RESOURCE_FIGURES[resource]
    shares = sorted(
        case.facts(resource, figures.peak_share.name), key=lambda fact: (-fact.value, fact.entity)
    )
    if not shares:
        return None
    full, already = [], []
    for share in shares:
        at_limit = case.fact(resource, figures.at_limit.name, share.entity)
        if share.value < full_share(case, resource) or at_limit is None:
            continue
        samples = round(at_limit.value * at_limit.n)
        if samples < 2 and at_limit.n > FEW_SAMPLES:
            continue
        if _as_much_before(at_limit) and not (resource == "memory" and restarted(case, share.entity)):
            already.append(at_limit)
        else:
            full.append(share)
    return ResourceSeen(resource, tuple(shares), tuple(full), tuple(already))


def _as_much_before(at_limit: Fact) -> bool:
    before = at_limit.baseline
    return before is not None and before >= max(AT_LIMIT_BEFORE, AS_MUCH_BEFORE * at_limit.value)


def used_up(case: Case, resource: str) -> bool:
    """Whether samples show that a resource was used up in the incident, and not as much before."""
    seen = resource_seen(case, resource)
    return seen is not None and bool(seen.full)


# --- each resource as a cause -----------------------------------------------------------------------------


def resource_candidates(case: Case) -> list[Candidate]:
    """Each resource as a cause, with what samples, log and changes say of it."""
    return [_resource(case, resource) for resource in RESOURCES]


def _resource(case: Case, resource: str) -> Candidate:
    seen = resource_seen(case, resource)
    looked = seen is not None or case.looked("logs")
    candidate = Candidate(resource, title_of(resource), "mechanism", weight=3, looked=looked)
    if seen is not None:
        candidate = _by_samples(case, candidate, seen)
    return candidate.with_support(
        *logged(case, resource, used_up=bool(seen and seen.full)),
        *_mended(case, resource),
        *noted(case, resource),
    )


def _by_samples(case: Case, candidate: Candidate, seen: ResourceSeen) -> Candidate:
    name = RESOURCE_NAMES[seen.resource]
    named = bool(telling_lines(case).get(seen.resource))
    if seen.full:
        candidate = candidate.with_support(
            Support("resources", _full(case, seen)), *_pods_that_failed_with_it(case, seen)
        )
        return replace(candidate, against=_pods_that_failed_without(case, seen))
    if seen.already:
        sentence = said(
            "{name} of {at.entity} was at its limit just as much before: in {at.before} of the samples",
            name=name,
            at=seen.already[0],
        )
        return replace(candidate, against=(sentence,), ruled_out=not named)
    highest = seen.shares[0]
    calm = highest.value < case.settings.incidents.calm
    sentence = said(
        "at most {share} of {name} was used in any pod ({share.entity})", share=highest, name=name
    )
    return replace(candidate, against=(sentence,), ruled_out=calm and not named)


def _full(case: Case, seen: ResourceSeen) -> Sentence:
    """That a resource was used up in some pods, of what limit, and how it was before."""
    figures = RESOURCE_FIGURES[seen.resource]
    at_limits = {
        share.entity: case.fact(seen.resource, figures.at_limit.name, share.entity) for share in seen.full
    }
    worst = max(seen.full, key=lambda share: getattr(at_limits[share.entity], "value", 0.0))
    at_limit, limit = at_limits[worst.entity], case.fact(seen.resource, figures.limit.name, worst.entity)
    name = RESOURCE_NAMES[seen.resource]
    parts = [said("{name} was used up to {share} in {share.entity}", name=name, share=worst)]
    if limit is not None:
        there_were = limit.value if limit.baseline is None else limit.baseline
        parts.append(Sentence(text=f" (limit {value_text(there_were, limit.unit)})", facts=(limit.id,)))
    if at_limit is not None:
        parts.append(said(", in {at} of the samples", at=at_limit))
    if worst.baseline is not None:
        parts.append(said("; before, at most {share.before}", share=worst))
    others = [share.entity.removeprefix("pod ") for share in seen.full if share is not worst]
    if others:
        parts.append(Sentence(text=f"; also in {', '.join(others)}"))
    if seen.resource == "memory" and restarted(case, worst.entity):
        parts.append(Sentence(text="; and that pod restarted"))
    return joined(parts)


def _pods_that_failed_with_it(case: Case, seen: ResourceSeen) -> list[Support]:
    """That only those pods failed in which the resource ran out, and others did not."""
    rates = {fact.entity: fact for fact in case.facts("pods", "pod_error_rate")}
    both = {share.entity for share in seen.full} & set(rates)
    others = {share.entity for share in seen.shares} & set(rates) - both
    if not both or not others:
        return []
    least, most = min(rates[pod].value for pod in both), max(rates[pod].value for pod in others)
    if least <= 0 or most > least * LESS_ELSEWHERE:
        return []
    worst = max((rates[pod] for pod in both), key=lambda rate: rate.value)
    fine = max((rates[pod] for pod in others), key=lambda rate: rate.value)
    sentence = said(
        "{names} failed, {worst} of the requests in {worst.entity}; where it did not run out, at most {fine}",
        names=", ".join(sorted(both)),
        worst=worst,
        fine=fine,
    )
    return [Support("requests", sentence)]


def _pods_that_failed_without(case: Case, seen: ResourceSeen) -> tuple[Sentence, ...]:
    """Pods that failed although the resource was not used up in them."""
    rates = {fact.entity: fact for fact in case.facts("pods", "pod_error_rate")}
    both = {share.entity for share in seen.full} & set(rates)
    if not both:
        return ()  # the samples are not of the pods that answer requests
    sampled = {share.entity for share in seen.shares}
    mean = sum(rates[pod].value for pod in both) / len(both)
    without = [rate for pod, rate in rates.items() if pod in sampled - both and rate.value > mean / 2 > 0]
    return tuple(
        said("{rate.entity} failed as well ({rate}) and did not run out of it", rate=rate) for rate in without
    )


def _mended(case: Case, resource: str) -> list[Support]:
    """That a change of this very resource was made, and the failures ended."""
    if not case.ended:
        return []
    return [
        Support("changes", said("“{title}” at {at}, and the failures ended", title=seen.title, at=seen.fact))
        for seen in ending_changes(case)
        if seen.change.kind in ("configuration", "deployment", "other")
        and names_resource(resource, seen.change.title, seen.change.component, seen.change.notes)
    ]


# --- pods that went away ----------------------------------------------------------------------------------


def restarted(case: Case, pod: str) -> bool:
    """Whether samples show a restart of a pod that nothing recorded explains."""
    restarts = case.fact("pool", "incident_pod_restarts", pod)
    return restarts is not None and restarts.value > 0 and not restarts_recorded(case)


def restarts_recorded(case: Case) -> bool:
    """Whether somebody restarted or deployed around it, which shows in the samples, too."""
    span = case.span
    if span is None:
        return False
    begin, end = span.start - RESTART_LEAD, span.end + MINUTE
    changed = any(seen.change.kind in RESTARTING and begin <= seen.at <= end for seen in case.changes)
    return changed or any(
        seen.record.milestone in ("restarted", "fix_applied") and begin <= seen.at <= end
        for seen in case.alerts
    )


def instances_candidate(case: Case) -> Candidate:
    """Pods that went away or restarted by themselves."""
    candidate = Candidate("instances", "Pods went away or restarted", "mechanism", weight=1)
    pods = case.fact("pool", "incident_pods", "application")
    if pods is None:
        return replace(candidate, looked=False)
    supports = []
    if pods.baseline is not None and pods.value < pods.baseline:
        supports.append(Support("resources", said("{pods} pods reported, {pods.before} before", pods=pods)))
    memory = resource_seen(case, "memory")
    explained = {share.entity for share in memory.full} if memory else set()
    supports += [
        Support("resources", said("{it} restart seen in {it.entity}", it=fact))
        for fact in case.facts("pool", "incident_pod_restarts")
        if restarted(case, fact.entity) and fact.entity not in explained
    ]
    if supports:
        return candidate.with_support(*supports, *gateway_statuses(case))
    if restarts_recorded(case):
        return candidate
    steady = said("all {pods} pods reported throughout, and none restarted", pods=pods)
    return replace(candidate, against=(steady,), ruled_out=True)
