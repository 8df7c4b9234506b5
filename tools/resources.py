"""Measurements of the source "resources": what pods use of what they may; importing this registers them all.

The others are in `resources_trend` and `anomalies_resources`; definitions are in `definitions_resources`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from postlaunch.printing import value_text
from postlaunch.sources.resources import ResourceLog
from postlaunch.tools import anomalies_resources, resources_trend  # noqa: F401  (registers the measurements)
from postlaunch.tools import definitions_resources as definitions
from postlaunch.tools.definitions_resources import RESOURCES, ResourceDefinitions
from postlaunch.tools.embedded_query import Row, Run
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.observed_spans import Observed, nothing_observed, observed, readings_of, span_of
from postlaunch.tools.request_query import Figure, amount, count, kept
from postlaunch.tools.resources_query import SAMPLES, pod_entity, querying, samples_in
from postlaunch.windows import Window

MEMORY_FALL = 0.15
"""By how much of itself a pod's memory falls when it is restarted."""

Rows = dict[tuple[str, str | None], Row]
"""A resource's row of one pod, or of all together (None)."""


@REGISTRY.measurement("resource_summary", source="resources", parameters=WindowParameters)
def resource_summary(log: ResourceLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """Memory, CPU, disk and database connections: mean used, limit, share of the limit, its 95th percentile
    and highest sample, over all pods together (the average of a pod) and for each pod; pods and restarts
    seen.
    """
    with querying(log, limits) as run:
        spans = observed(log, parameters, lambda window: samples_in(run, window), SAMPLES)
        if not spans.rows:
            return nothing_observed(log, spans, SAMPLES)
        now = _rows(run, spans.window)
        before = _rows(run, spans.baseline) if spans.baseline else None
        pods = _pods(run, spans.window)
        pods_before = _pods(run, spans.baseline) if spans.baseline else None
    listed, cut = kept([row for row in pods if not row["together"]], max(limits.rows // 24, 1), "pods")
    readings = list(_together(spans, now, before, pods[0], pods_before))
    for row in listed:
        readings += _of_pod(spans, row, now, before)
    return Readings(
        readings=tuple(readings), notes=spans.notes + cut + _missing(now) + _changed(now, spans.window)
    )


def _rows(run: Run, window: Window) -> Rows:
    rows = run("resource_summary", span_of(window))
    return {(row["resource"], None if row["together"] else row["pod"] or ""): _figures(row) for row in rows}


def _figures(row: Row) -> Row:
    """A row whose means are over the samples that have the limit too, where there are any."""
    if not row["limited"]:
        return {**row, "share": None}
    used = row["used_limited"]
    return {**row, "used": used, "share": used / row["most"], "samples": row["limited"]}


def _pods(run: Run, window: Window) -> list[Row]:
    """All pods together, then each."""
    return run("resource_pods", {**span_of(window), "fall": MEMORY_FALL})


def _together(
    spans: Observed, now: Rows, before: Rows | None, pods: Row, pods_before: list[Row] | None
) -> Iterator[Reading]:
    for resource in RESOURCES:
        row = now.get((resource.name, None))
        if row is not None:
            old = before.get((resource.name, None)) if before is not None else None
            yield from readings_of(_all(resource), spans, row, old)
    figures = (
        Figure(definitions.PODS_SEEN, lambda row: (row["pods"], row["samples"])),
        Figure(definitions.RESOURCE_SAMPLES, count("samples")),
        Figure(definitions.MEMORY_FALLS, amount("falls", of="with_memory")),
    )
    yield from readings_of(figures, spans, pods, pods_before[0] if pods_before else None)


def _of_pod(spans: Observed, pod: Row, now: Rows, before: Rows | None) -> list[Reading]:
    """The figures of one pod: mean, share and highest sample of each resource, and its sharp falls of
    memory.
    """
    name = pod["pod"] or ""
    readings = []
    for resource in RESOURCES:
        row = now.get((resource.name, name))
        if row is not None:
            old = before.get((resource.name, name)) if before is not None else None
            readings += readings_of(_all(resource), spans, row, old, entity=pod_entity(name))
    falls = Figure(definitions.MEMORY_FALLS, amount("falls", of="with_memory"))
    return [*readings, *readings_of([falls], spans, pod, entity=pod_entity(name))]


def _all(resource: ResourceDefinitions) -> tuple[Figure, ...]:
    return (
        Figure(resource.used, amount("used", of="samples")),
        Figure(resource.limit, amount("most", of="since")),
        Figure(resource.share, amount("share", of="limited")),
        Figure(resource.p95, amount("p95", of="since")),
        Figure(resource.peak, amount("peak", of="limited")),
    )


def _missing(now: Rows) -> tuple[str, ...]:
    """Which resources the samples do not have."""
    absent = [resource.title.lower() for resource in RESOURCES if (resource.name, None) not in now]
    return (f"not in the samples of resources: {', '.join(absent)}",) if absent else ()


def _changed(now: Rows, window: Window) -> tuple[str, ...]:
    """Which limits were set anew within the window, and when."""
    return tuple(
        f"the limit of {resource.title} changed, last at "
        f"{value_text(changed.replace(tzinfo=UTC).timestamp(), 'moment', zone=window.zone)}: "
        "the limit, and the 95th percentile of the share, are of the samples since then"
        for resource in RESOURCES
        if (row := now.get((resource.name, None))) is not None and (changed := row["changed"]) is not None
    )
