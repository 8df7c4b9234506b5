"""Resources around an incident: memory, CPU, disk and database connections of each pod against the limits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import Field

from postlaunch.sources.resources import ResourceLog
from postlaunch.tools import definitions_incidents as definitions
from postlaunch.tools.embedded_query import Row, queries
from postlaunch.tools.incident_spans import clock_name
from postlaunch.tools.measurement import REGISTRY, Limits, Parameters, Reading, Readings, WindowParameters
from postlaunch.windows import Window

ResourceName = Literal["pool", "memory", "cpu", "disk"]
RESOURCES: tuple[ResourceName, ...] = ("pool", "memory", "cpu", "disk")

RESTART_FALL = 0.4
RESTART_GAPS = 3.0
PAST = timedelta(minutes=30)
"""How much of the time before a window is read to know a pod's usual gap between samples."""


class IncidentResourcesParameters(WindowParameters):
    """Which resources, and from what share of its limit one counts as used up."""

    resources: tuple[ResourceName, ...] = Field(default=RESOURCES, description="Which resources")
    full: float = Field(default=0.95, gt=0, le=1, description="Share of the limit that counts as used up")


@REGISTRY.measurement("incident_resources", source="resources", parameters=IncidentResourcesParameters)
def incident_resources(log: ResourceLog, parameters: IncidentResourcesParameters, limits: Limits) -> Readings:
    """Each pod's peak, limit and shares of database connections, memory, CPU and disk, and restarts seen."""
    window, before = log.coverage.observed(parameters.window), parameters.baseline
    if before is not None and not log.coverage.begins_by(before.start):
        before = None
    readings: list[Reading] = []
    with queries(log, "the resource samples", limits) as run:
        pods = run("incident_pods", _pods_asked(window))
        if not any(row["samples"] for row in pods):
            return Readings(reason=f"no sample of resources in {window.label or window.days()}")
        readings += _pods(pods, window)
        for resource in parameters.resources:
            asked = {"resource": resource, "full": parameters.full}
            now = run("incident_resources", {**asked, **bounds(window)})
            then = run("incident_resources", {**asked, **bounds(before)}) if before else None
            for row in now:
                old = next((other for other in then or () if other["pod"] == row["pod"]), None)
                readings += _resource(resource, row, old, window, before)
    cut = readings[: limits.rows]
    left = len(readings) - len(cut)
    return Readings(
        readings=tuple(cut), notes=(f"{left} more figures of resources are not listed",) if left else ()
    )


def _pods_asked(window: Window) -> dict[str, object]:
    return {
        **bounds(window),
        "from": _naive(window.start - PAST),
        "fall": RESTART_FALL,
        "gaps": RESTART_GAPS,
    }


def _pods(pods: list[Row], window: Window) -> list[Reading]:
    """How many pods reported until the window's end, and in which restarts were seen."""
    end = window.observed_end.timestamp()
    there = [row for row in pods if row["samples"] and not _silent(row, end)]
    return [
        Reading(
            definitions.INCIDENT_PODS,
            len(there),
            n=sum(row["samples"] for row in there),
            window=window,
            baseline=len(pods),
            note="" if len(there) == len(pods) else f"{len(pods)} reported in the half hour before",
        ),
        *(
            Reading(
                definitions.INCIDENT_POD_RESTARTS,
                row["restarts"],
                n=row["samples"],
                window=window,
                entity=pod_name(row["pod"]),
            )
            for row in pods
            if row["samples"]
        ),
    ]


def _silent(row: Row, end: float) -> bool:
    """Whether a pod has had no sample for several times its usual gap when the window ends."""
    gap = row["usual_gap"]
    return bool(gap) and end - row["last_sample"] > RESTART_GAPS * gap


def _resource(
    resource: str, row: Row, old: Row | None, window: Window, before: Window | None
) -> list[Reading]:
    """The figures of one resource in one pod, compared with those of the baseline."""
    figures = definitions.RESOURCE_FIGURES[resource]
    values = {
        figures.peak: _value(row, "peak", "samples"),
        figures.limit: _value(row, "limited", "shared"),
        figures.peak_share: _value(row, "peak_share", "shared"),
        figures.mean_share: _value(row, "mean_share", "shared"),
        figures.at_limit: _at_limit(row),
    }
    past: Mapping[str, float | None] = {}
    if old is not None:
        past = {
            figures.peak.name: _value(old, "peak", "samples"),
            figures.limit.name: _value(old, "limited", "shared"),
            figures.peak_share.name: _value(old, "peak_share", "shared"),
            figures.mean_share.name: _value(old, "mean_share", "shared"),
            figures.at_limit.name: _at_limit(old),
        }
    return [
        Reading(
            definition,
            value,
            n=row["samples"],
            window=window,
            entity=pod_name(row["pod"]),
            baseline=past.get(definition.name),
            baseline_window=before if past.get(definition.name) is not None else None,
            baseline_n=old["samples"] if old is not None and past.get(definition.name) is not None else None,
        )
        for definition, value in values.items()
        if value is not None
    ]


def _value(row: Row, name: str, of: str) -> float | None:
    return float(row[name]) if row[of] and row[name] is not None else None


def _at_limit(row: Row) -> float | None:
    return row["full_samples"] / row["shared"] if row["shared"] else None


def pod_name(pod: str) -> str:
    """A pod as figures name it, as those of the requests do: "pod web-1"; the application for none."""
    return f"pod {pod}" if pod else "application"


def bounds(window: Window) -> dict[str, object]:
    """The observed part of a window as parameters of a query; the column `ts` is in UTC, without its zone."""
    return {"start": _naive(window.start), "end": _naive(window.observed_end)}


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


class ResourceSharesParameters(Parameters):
    """Which resource, over which minutes."""

    window: Window = Field(description="The span measured")
    resource: ResourceName = Field(description="Which resource")
    minutes: int = Field(default=1, ge=1, le=60, description="Minutes taken together")


@REGISTRY.measurement("resource_shares", source="resources", parameters=ResourceSharesParameters)
def resource_shares(log: ResourceLog, parameters: ResourceSharesParameters, limits: Limits) -> Readings:
    """How much of one resource's limit was used from minute to minute, in the pod that used most of it."""
    window = log.coverage.observed(parameters.window)
    asked = {"resource": parameters.resource, "minutes": parameters.minutes, **bounds(window)}
    with queries(log, "the resource samples", limits) as run:
        found = run("resource_shares", asked)
    if not found:
        return Readings(reason=f"no sample of {parameters.resource} in {window.label or window.days()}")
    listed = found[: limits.rows]
    left = len(found) - len(listed)
    return Readings(
        readings=tuple(
            Reading(
                definitions.RESOURCE_SHARE_AT,
                row["share"],
                n=row["samples"],
                window=window,
                entity=clock_name(window, row["minute"]),
            )
            for row in listed
        ),
        notes=(f"{left} more times are not listed",) if left else (),
    )
