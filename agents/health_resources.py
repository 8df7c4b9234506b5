"""The resource section of a health report: average per pod, each pod, trends, and what follows for
scaling.
"""

from __future__ import annotations

from collections.abc import Iterator

from postlaunch.agents.health_week import Week
from postlaunch.facts import Fact, Forecast, Measured, Unavailable
from postlaunch.reports.health import PodUse, Resources, ResourceTrend, ResourceUse
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.report import Listing
from postlaunch.tools.definitions_resources import RESOURCES, ResourceDefinitions
from postlaunch.tools.resources_verdicts import (
    Movement,
    MovementVerdict,
    Rise,
    movement_verdict,
    overall_trend,
    scaling_verdict,
)

SUMMARY, TREND = "resource_summary", "resource_trend"
NO_SOURCE = "no resource source is configured"
WHOLE = "application"

Moving = tuple[ResourceDefinitions, str, Movement, MovementVerdict]
"""A resource, on what it was measured, its facts and its verdict."""


def resources(week: Week) -> Resources:
    """What was used of memory, CPU, disk and database connections, how that moves, and whether to scale."""
    uses = tuple(use for resource in RESOURCES if (use := _use(week, resource, WHOLE)) is not None)
    moving = tuple(_movements(week))
    whole = [
        (resource.title, facts, verdict) for resource, entity, facts, verdict in moving if entity == WHOLE
    ]
    no_samples = week.reason(SUMMARY) if SUMMARY in week.results else NO_SOURCE
    no_trend = week.reason(TREND) if TREND in week.results else NO_SOURCE
    shares = [(resource.title, week.fact(SUMMARY, resource.p95.name)) for resource in RESOURCES]
    scaling = scaling_verdict(
        [(title, fact) for title, fact in shares if fact is not None],
        tuple(_rises(moving)),
        week.settings.monitoring,
        no_samples,
    )
    return Resources(
        uses=Listing[ResourceUse](items=uses, reason="" if uses else f"not available: {no_samples}"),
        pods=tuple(_pod(week, pod) for pod in _pods(week)),
        trends=tuple(_trend(*each) for each in _told(moving)),
        trend=overall_trend(whole, no_trend),
        scaling=scaling.because,
        advice=scaling.advice,
    )


def _use(week: Week, resource: ResourceDefinitions, entity: str) -> ResourceUse | None:
    """One line of the section; None for a resource that the samples do not have."""
    used = week.fact(SUMMARY, resource.used.name, entity)
    if used is None:
        return None
    no_limit = Unavailable(reason="the samples have no limit of it")

    def of(name: str) -> Measured | Unavailable:
        fact = week.fact(SUMMARY, name, entity)
        return no_limit if fact is None else Measured.of(fact)

    return ResourceUse(
        resource=resource.name,
        title=resource.title,
        used=Measured.of(used),
        limit=of(resource.limit.name),
        share=of(resource.share.name),
        p95=of(resource.p95.name),
        peak=of(resource.peak.name),
    )


def _pods(week: Week) -> tuple[str, ...]:
    """In the order measured."""
    used = (fact for resource in RESOURCES for fact in week.facts(SUMMARY, resource.used.name))
    return tuple(dict.fromkeys(fact.entity for fact in used if fact.entity != WHOLE))


def _pod(week: Week, pod: str) -> PodUse:
    uses = (_use(week, resource, pod) for resource in RESOURCES)
    return PodUse(
        pod=pod.removeprefix("pod "),
        uses=tuple(use for use in uses if use is not None),
        falls=week.quantity(SUMMARY, "memory_falls", pod, reason="the samples have no memory"),
    )


def _movements(week: Week) -> Iterator[Moving]:
    """Every trend measured: of all pods together first, then of each."""
    entities = dict.fromkeys(
        fact.entity for resource in RESOURCES for fact in week.facts(TREND, resource.slope.name)
    )
    for entity in sorted(entities, key=lambda entity: entity != WHOLE):
        for resource in RESOURCES:
            facts = _movement(week, resource, entity)
            if facts is None:
                continue
            title, end = titled(resource, entity), facts.slope.window.end
            yield resource, entity, facts, movement_verdict(title, facts, end, week.settings.monitoring)


def _movement(week: Week, resource: ResourceDefinitions, entity: str) -> Movement | None:
    names = (resource.level, resource.slope, resource.low, resource.high, resource.recent)
    facts = [fact for name in names if (fact := week.fact(TREND, name.name, entity)) is not None]
    if len(facts) < len(names):
        return None
    level, slope, low, high, recent = facts
    return Movement(level=level, slope=slope, low=low, high=high, recent=recent)


def _told(moving: tuple[Moving, ...]) -> Iterator[Moving]:
    """The trends of all pods together, and those of single pods that move otherwise."""
    of_all = {resource.name: verdict.verdict for resource, entity, _, verdict in moving if entity == WHOLE}
    for each in moving:
        resource, entity, _, verdict = each
        if entity == WHOLE or verdict.verdict not in ("stable", of_all.get(resource.name)):
            yield each


def _trend(
    resource: ResourceDefinitions, entity: str, facts: Movement, verdict: MovementVerdict
) -> ResourceTrend:
    return ResourceTrend(
        resource=resource.name,
        title=resource.title,
        entity=entity,
        slope=Measured.of(facts.slope),
        low=Measured.of(facts.low),
        high=Measured.of(facts.high),
        verdict=verdict.verdict,
        because=verdict.because,
        reaches=verdict.reaches,
    )


def _rises(moving: tuple[Moving, ...]) -> Iterator[Rise]:
    """What rises towards its limit, in all pods or in one."""
    for resource, entity, facts, verdict in moving:
        if isinstance(verdict.reaches, Forecast):
            yield Rise(titled(resource, entity), facts.slope, verdict.reaches)


def titled(resource: ResourceDefinitions, entity: str) -> str:
    """ "Memory", or "Memory of pod web-1"."""
    return resource.title if entity == WHOLE else f"{resource.title} of {entity}"


def at_the_limit(week: Week, resource: ResourceDefinitions) -> tuple[Fact, ...]:
    """The highest samples of the pods that had all of a resource in use at least once."""
    peaks = week.facts(SUMMARY, resource.peak.name)
    return tuple(fact for fact in peaks if fact.entity != WHOLE and fact.value >= 1)


def limits_reached(week: Week) -> tuple[Sentence, ...]:
    """The same of every resource, in words."""
    return tuple(
        said("{title}: {it} of the limit in its highest sample", title=titled(resource, fact.entity), it=fact)
        for resource in RESOURCES
        for fact in at_the_limit(week, resource)
    )
