"""Measurements of the source "resources" for planning capacity: pods now, and what a pod uses by the hour."""

from __future__ import annotations

from datetime import timedelta

from postlaunch.sources.resources import ResourceLog
from postlaunch.tools import definitions_capacity as definitions
from postlaunch.tools.embedded_query import Run
from postlaunch.tools.measurement import REGISTRY, Limits, Readings, WindowParameters
from postlaunch.tools.observed_spans import Observed, nothing_observed, observed, readings_of, span_of
from postlaunch.tools.performance_growth import hour_name
from postlaunch.tools.request_query import Figure, Row, amount
from postlaunch.tools.resources_query import SAMPLES, querying, samples_in
from postlaunch.windows import Window

LAST = timedelta(days=1)
"""Limits and pods are those of the window's last day: a pool enlarged in the week has its new size."""

NOW = (
    Figure(definitions.PODS_RUNNING, amount("pods", of="samples")),
    Figure(definitions.POD_MEMORY_LIMIT, amount("memory_limit", of="with_memory_limit")),
    Figure(definitions.POD_CPU_LIMIT, amount("cpu_limit", of="with_cpu_limit")),
    Figure(definitions.POD_POOL_SIZE, amount("pool_size", of="with_pool")),
    Figure(definitions.DISK_USED, amount("disk", of="with_disk")),
)

HOUR = (
    Figure(definitions.HOUR_PODS, amount("pods", of="slots")),
    Figure(definitions.HOUR_CPU, amount("cpu", of="cpu_samples")),
    Figure(definitions.HOUR_MEMORY, amount("memory", of="memory_samples")),
    Figure(definitions.HOUR_POOL, amount("pool", of="pool_samples")),
)


@REGISTRY.measurement("pods_running", source="resources", parameters=WindowParameters)
def pods_running(log: ResourceLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """How many pods run at once, what a pod may use (memory, CPU, database connections), and the disk they
    use together, on the last day of the window; compared with the last day of the baseline.
    """
    with querying(log, limits) as run:
        spans = _spans(log, parameters, run)
        if not spans.rows:
            return nothing_observed(log, spans, SAMPLES)
        now = _now(run, spans.window)
        before = _now(run, spans.baseline) if spans.baseline else None
    return Readings(readings=tuple(readings_of(NOW, spans, now, before)), notes=spans.notes)


def _spans(log: ResourceLog, parameters: WindowParameters, run: Run) -> Observed:
    return observed(log, parameters, lambda window: samples_in(run, window), SAMPLES)


def _now(run: Run, window: Window) -> Row:
    """The row of a window's last day; of all of it where that is shorter, or has no sample on that day."""
    last = window.model_copy(update={"start": max(window.start, window.observed_end - LAST)})
    span = span_of(last if samples_in(run, last) else window)
    row = run("pods_now", {**span, "interval": _interval(run, window)})[0]
    disk = row["disk_a_pod"]
    return {**row, "disk": None if disk is None else disk * row["pods"]}


def _interval(run: Run, window: Window) -> float:
    """Seconds from one sample of a pod to the next, as usual in a window."""
    found = run("sample_interval", span_of(window))
    return float(found[0]["seconds"])


@REGISTRY.measurement("use_by_hour_of_day", source="resources", parameters=WindowParameters, compares=False)
def use_by_hour_of_day(log: ResourceLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """What a pod uses of CPU, memory and database connections in each hour of the day, and how many pods run
    then, over all days of the window.
    """
    with querying(log, limits) as run:
        spans = _spans(log, parameters.model_copy(update={"baseline": None}), run)
        if not spans.rows:
            return nothing_observed(log, spans, SAMPLES)
        asked = {**span_of(spans.window), "zone": spans.window.zone, "interval": _interval(run, spans.window)}
        rows = run("use_by_hour_of_day", asked)
    readings = [
        reading for row in rows for reading in readings_of(HOUR, spans, row, entity=hour_name(row["hour"]))
    ]
    return Readings(readings=tuple(readings[: limits.rows]), notes=spans.notes)
