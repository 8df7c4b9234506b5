"""Whether what pods use of their limits rises from week to week, in all together and in each pod."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, timedelta

from pydantic import Field

from postlaunch.errors import UsageError
from postlaunch.sources.resources import ResourceLog
from postlaunch.tools.definitions_resources import RESOURCES, ResourceDefinitions
from postlaunch.tools.embedded_query import Row
from postlaunch.tools.event_query import day_of, start_of
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.observed_spans import span_of
from postlaunch.tools.request_query import kept
from postlaunch.tools.resources_query import pod_entity, querying
from postlaunch.tools.resources_slope import LEAST_WEEKS, WEEKDAYS, weekly_slope
from postlaunch.windows import Window

TREND_WEEKS = 6


class ResourceTrendParameters(WindowParameters):
    """Over how many weeks."""

    weeks: int = Field(
        default=TREND_WEEKS,
        ge=LEAST_WEEKS,
        le=26,
        description="Weeks up to the window's end that are looked at",
    )


@REGISTRY.measurement(
    "resource_trend", source="resources", parameters=ResourceTrendParameters, compares=False
)
def resource_trend(log: ResourceLog, parameters: ResourceTrendParameters, limits: Limits) -> Readings:
    """How fast the share of its limit that each resource uses rises or falls per week, over the weeks up to
    the window's end, with a 95 % interval; in all pods together and in each.
    """
    span = _days(log, parameters)
    if span is None:
        return Readings(reason=_too_short(parameters.weeks))
    first, last = span
    window = Window(
        start=start_of(first, log.zone), end=start_of(last + timedelta(days=1), log.zone), zone=log.zone
    )
    with querying(log, limits) as run:
        rows = run("resource_days", {"first": first, "last": last})
        summed = run("resource_summary", span_of(window))
    series = _since_changes(_series(rows), summed, log.zone)
    listed, cut = kept([{"pod": pod} for pod in series], max(limits.rows // 20, 1), "pods")
    readings = [
        reading
        for row in listed
        for resource in RESOURCES
        for reading in _slope(series[row["pod"]], row["pod"], resource, window, parameters.weeks)
    ]
    return Readings(
        readings=tuple(readings), reason="" if readings else _too_short(parameters.weeks), notes=cut
    )


def _days(log: ResourceLog, parameters: ResourceTrendParameters) -> tuple[date, date] | None:
    """The whole days looked at, first and last; None where there are fewer than four weeks of them.

    Raises:
        UsageError: the window is of another zone than the days of the staged samples.
    """
    window, coverage = log.coverage.observed(parameters.window), log.coverage
    if window.zone != log.zone:
        raise UsageError(
            f"the samples are counted by days of {log.zone}, the window is of {window.zone}",
            "use the application's zone: [application] timezone",
        )
    last = day_of(window.observed_end, log.zone) - timedelta(days=1)
    first = last - timedelta(days=WEEKDAYS * parameters.weeks - 1)
    begun = day_of(coverage.first, log.zone)
    if not coverage.begins_by(start_of(begun, log.zone)):
        begun += timedelta(days=1)
    first = max(first, begun)
    return (first, last) if (last - first).days + 1 >= WEEKDAYS * LEAST_WEEKS else None


def _too_short(weeks: int) -> str:
    return f"no trend: the samples cover fewer than {LEAST_WEEKS} of the {weeks} weeks up to the window's end"


Series = Mapping[str, Mapping[date, float]]
"""Of one pod: a resource's daily mean share by the day."""


def _series(rows: list[Row]) -> dict[str | None, Series]:
    """By pod, all together (None) first."""
    found: dict[str | None, dict[str, dict[date, float]]] = {}
    for row in rows:
        pod = None if row["together"] else row["pod"] or ""
        of_pod = found.setdefault(pod, {resource.name: {} for resource in RESOURCES})
        for resource in RESOURCES:
            if row[resource.name] is not None:
                of_pod[resource.name][row["day"]] = row[resource.name]
    return dict(found)


def _since_changes(
    series: Mapping[str | None, Series], summed: list[Row], zone: str
) -> dict[str | None, Series]:
    """Without the days up to the last change of a resource's limit: a new limit is no trend."""
    changed = {
        (None if row["together"] else row["pod"] or "", row["resource"]): day_of(
            row["changed"].replace(tzinfo=UTC), zone
        )
        for row in summed
        if row["changed"] is not None
    }
    return {
        pod: {
            name: {day: share for day, share in days.items() if day > changed.get((pod, name), date.min)}
            for name, days in of_pod.items()
        }
        for pod, of_pod in series.items()
    }


def _slope(
    series: Series, pod: str | None, resource: ResourceDefinitions, window: Window, weeks: int
) -> Iterator[Reading]:
    slope = weekly_slope(series[resource.name], weeks)
    if slope is None:
        return
    entity = "application" if pod is None else pod_entity(pod)
    figures = (
        (resource.level, slope.level, ""),
        (resource.slope, slope.value, f"{slope.pairs} pairs of days"),
        (resource.low, slope.low, ""),
        (resource.high, slope.high, ""),
        (resource.recent, slope.recent, ""),
    )
    for definition, value, note in figures:
        yield Reading(
            definition=definition, value=value, n=slope.days, window=window, entity=entity, note=note
        )
