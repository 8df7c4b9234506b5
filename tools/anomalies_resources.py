"""Hours in which a pod used unusually much of what it may use, against the same hour of the weeks before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from postlaunch.sources.resources import ResourceLog
from postlaunch.tools.anomalies import Expected, expected_hours
from postlaunch.tools.anomalies_hours import AnomalyParameters, Hour, by_day, judged, reading, whole_hours
from postlaunch.tools.definitions_resources import RESOURCES, ResourceDefinitions
from postlaunch.tools.embedded_query import Row
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings
from postlaunch.tools.observed_spans import nothing_observed, observed, span_of
from postlaunch.tools.resources_query import SAMPLES, pod_entity, querying, samples_in

SHARE_NOISE = 0.03
"""Relative spread that the highest share of an hour has at the least."""

SHARE_OFFSET = 0.01
"""Added to shares before logarithms are taken: from one to two percent of a limit is no doubling."""

DIGITS = 9
"""To which shares are told apart."""

Shares = Mapping[datetime, float]
"""The highest share of a limit by the hour of the clock, of one pod and resource."""


@REGISTRY.measurement("resource_anomalies", source="resources", parameters=AnomalyParameters, compares=False)
def resource_anomalies(log: ResourceLog, parameters: AnomalyParameters, limits: Limits) -> Readings:
    """Hours of the window in which a pod's highest sample of memory, CPU, disk or database connections is
    unusually high against the same weekday and hour of the weeks before.
    """
    alone = parameters.model_copy(update={"baseline": None})
    with querying(log, limits) as run:
        spans = observed(log, alone, lambda window: samples_in(run, window), SAMPLES)
        if not spans.rows:
            return nothing_observed(log, spans, SAMPLES)
        history = parameters.history(spans.window)
        found = _by_pod(run("resource_hours", {**span_of(history), "zone": history.zone}))
    hours = whole_hours(spans.window, log.coverage)
    if not hours:
        return Readings(reason="no whole hour of the window was observed", notes=spans.notes)
    readings: list[Reading] = []
    for resource in RESOURCES:
        pods = {pod: shares[resource.name] for pod, shares in found.items() if shares[resource.name]}
        if not pods:
            continue
        unusual, known = _unusual(pods, hours, parameters)
        readings += judged(spans.window, resource.title, known, len(unusual), len(hours) * len(pods))
        for pod, hour, range_ in unusual:
            readings += _hour(resource, pod, hour, range_, pods[pod])
    return Readings(readings=tuple(readings[: limits.rows]), notes=spans.notes)


def _by_pod(rows: Sequence[Row]) -> dict[str, dict[str, dict[datetime, float]]]:
    """By pod and resource; of an hour that the clock repeats, both together."""
    found: dict[str, dict[str, dict[datetime, float]]] = {}
    for row in rows:
        of_pod = found.setdefault(row["pod"], {resource.name: {} for resource in RESOURCES})
        for resource in RESOURCES:
            if row[resource.name] is not None:
                of_pod[resource.name][row["local"]] = row[resource.name]
    return found


def _unusual(
    pods: Mapping[str, Shares], hours: Sequence[Hour], parameters: AnomalyParameters
) -> tuple[list[tuple[str, Hour, Expected]], int]:
    """The unusual hours of each pod, and how many hours could be judged."""
    unusual, known = [], 0
    for pod, shares in pods.items():
        method = parameters.method(offset=SHARE_OFFSET, noise=SHARE_NOISE, step=_step(shares))
        for day in by_day(hours):
            seen = [hour for hour in day if hour.local in shares]
            expected = expected_hours(shares, [hour.local for hour in seen], method, together=len(pods))
            known += len(expected)
            for hour in seen:
                range_ = expected.get(hour.local)
                if range_ is not None and range_.unusual(shares[hour.local]):
                    unusual.append((pod, hour, range_))
    return unusual, known


def _step(shares: Shares) -> float:
    """The least difference between two values: of a pool of ten, a tenth."""
    values = sorted({round(value, DIGITS) for value in shares.values()})
    return min((after - before for before, after in pairwise(values)), default=0.0)


def _hour(
    resource: ResourceDefinitions, pod: str, hour: Hour, range_: Expected, shares: Shares
) -> Iterator[Reading]:
    entity = f"{pod_entity(pod)}, {hour.name}"
    yield reading(resource.hour, (shares[hour.local], 1), hour.window, entity)
    yield reading(resource.hour_high, (range_.high, range_.weeks), hour.window, entity)
