"""Endpoints by the load they make, and which of them became slower, or are new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import Field

from postlaunch.facts import Definition
from postlaunch.sources.requests import RequestLog
from postlaunch.tools import definitions_performance as definitions
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.request_query import (
    Figure,
    Row,
    Spans,
    Value,
    amount,
    compared,
    count,
    counterpart,
    endpoint,
    kept,
    measured,
    nothing,
    share,
    spans_of,
)
from postlaunch.windows import Window

LEAST_TIMED = 30
"""Timed requests in a window that make an endpoint's mean one."""


def _share_of_load(row: Row) -> Value:
    """Of the time spent on all requests; over the endpoint's timed requests."""
    return (row["time_spent"] / row["all_time"] if row["all_time"] and row["timed"] else None, row["timed"])


LOAD = (
    Figure(definitions.LOAD_SHARE, _share_of_load),
    Figure(definitions.LOAD_SHARE_OF_REQUESTS, share("requests", "all_requests")),
    Figure(definitions.LOAD_REQUESTS, count("requests")),
    Figure(definitions.LOAD_REQUESTS_PER_DAY, amount("per_day", of="requests")),
    Figure(definitions.LOAD_MEAN, amount("mean", of="timed")),
    Figure(definitions.LOAD_P95, amount("p95", of="timed")),
)


class EndpointLoadParameters(WindowParameters):
    """How many endpoints to list."""

    limit: int = Field(default=10, ge=1, le=100, description="How many endpoints, most load first")


@REGISTRY.measurement("endpoint_load", source="requests", parameters=EndpointLoadParameters)
def endpoint_load(log: RequestLog, parameters: EndpointLoadParameters, limits: Limits) -> Readings:
    """The endpoints that make the most load (requests × mean response time): their share of the load and of
    the requests, requests a day, mean and 95th percentile.
    """
    spans = spans_of(log, parameters, limits)
    if not spans.requests:
        return nothing(log, spans)
    now, before = compared(log, "endpoint_load", spans, limits)
    now = _per_day(now, spans.window)
    earlier = _per_day(before, spans.baseline) if before is not None and spans.baseline else None
    listed, cut = kept(now[: parameters.limit], max(limits.rows // len(LOAD), 1), "endpoints")
    return Readings(
        readings=tuple(
            reading
            for row in listed
            for reading in measured(
                LOAD,
                spans,
                row,
                counterpart(row, earlier, ("method", "route")),
                entity=endpoint(row),
            )
        ),
        notes=spans.notes + cut,
    )


def _per_day(side: Sequence[Row], window: Window) -> list[Row]:
    days = (window.observed_end - window.start).total_seconds() / 86_400
    return [{**row, "per_day": row["requests"] / days} for row in side]


# --- what changed -----------------------------------------------------------------------------------------


class EndpointChangesParameters(WindowParameters):
    """How many endpoints to list."""

    limit: int = Field(default=5, ge=1, le=100, description="How many endpoints, greatest part first")


@REGISTRY.measurement("endpoint_changes", source="requests", parameters=EndpointChangesParameters)
def endpoint_changes(log: RequestLog, parameters: EndpointChangesParameters, limits: Limits) -> Readings:
    """Which endpoints made the mean response time change by their own speed, how much an endpoint usually
    changed, and which endpoints are new since the baseline.
    """
    spans = spans_of(log, parameters, limits)
    if not spans.requests:
        return nothing(log, spans)
    if not log.coverage.has_latency:
        return Readings(reason="the log has no response times", notes=spans.notes)
    now, before = compared(log, "endpoint_load", spans, limits)
    if not before:
        return Readings(reason="nothing to compare with", notes=spans.notes)
    earlier = {endpoint(row): row for row in before if row["timed"]}
    timed = [row for row in now if row["timed"]]
    both = [(row, earlier[endpoint(row)]) for row in timed if endpoint(row) in earlier]
    new = [row for row in timed if row["timed"] >= LEAST_TIMED and endpoint(row) not in earlier]
    readings = [*_overall(spans, timed, both, new), *_effects(spans, both, parameters.limit)]
    listed, cut = kept([{"reading": reading} for reading in readings], limits.rows, "figures")
    return Readings(readings=tuple(row["reading"] for row in listed), notes=spans.notes + cut)


def _overall(
    spans: Spans, timed: Sequence[Row], both: Sequence[tuple[Row, Row]], new: Sequence[Row]
) -> Iterator[Reading]:
    compared_ = [pair for pair in both if min(side["timed"] for side in pair) >= LEAST_TIMED]
    yield _reading(spans, definitions.ENDPOINTS_COMPARED, len(compared_), len(compared_))
    changes = [
        (row["mean"] / old["mean"] - 1, row["timed"] + old["timed"]) for row, old in compared_ if old["mean"]
    ]
    if changes:
        yield _reading(spans, definitions.USUAL_CHANGE, _weighted_median(changes), len(changes))
    yield _reading(spans, definitions.ENDPOINTS_NEW, len(new), len(timed))
    everything = timed[0]["all_time"] if timed else 0
    if everything:
        part = sum(row["time_spent"] for row in new) / everything
        yield _reading(spans, definitions.NEW_SHARE, part, sum(row["timed"] for row in timed))


def _effects(spans: Spans, both: Sequence[tuple[Row, Row]], limit: int) -> Iterator[Reading]:
    """The endpoints whose own change moved the mean most, with their means."""
    parts = sorted(both, key=lambda pair: -abs(_speed_effect(*pair)))
    for row, old in parts[:limit]:
        name = endpoint(row)
        yield _reading(spans, definitions.SPEED_EFFECT, _speed_effect(row, old), row["timed"], name)
        yield Reading(
            definition=definitions.LOAD_MEAN,
            value=row["mean"],
            n=row["timed"],
            window=spans.window,
            entity=name,
            baseline=old["mean"],
            baseline_window=spans.baseline,
            baseline_n=old["timed"],
        )


def _speed_effect(row: Row, old: Row) -> float:
    """The endpoint's mean share of the timed requests × the change of its mean, in ms."""
    shares = row["timed"] / row["all_timed"] + old["timed"] / old["all_timed"]
    return float(shares / 2 * (row["mean"] - old["mean"]))


def _reading(
    spans: Spans, definition: Definition, value: float, n: int, entity: str = "application"
) -> Reading:
    return Reading(definition=definition, value=value, n=n, window=spans.window, entity=entity)


def _weighted_median(values: Sequence[tuple[float, float]]) -> float:
    """The least value that half of the weight does not exceed."""
    half = sum(weight for _, weight in values) / 2
    reached = 0.0
    for value, weight in sorted(values):
        reached += weight
        if reached >= half:
            return value
    return max(value for value, _ in values)
