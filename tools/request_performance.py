"""Response times: the slowest endpoints, and pods side by side."""

from __future__ import annotations

from pydantic import Field

from postlaunch.sources.requests import RequestLog
from postlaunch.tools import definitions_request_groups as definitions
from postlaunch.tools.measurement import REGISTRY, Limits, Readings, WindowParameters
from postlaunch.tools.request_query import (
    Figure,
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

SLOW = (
    Figure(definitions.ENDPOINT_MEAN_RESPONSE_TIME, amount("mean", of="timed")),
    Figure(definitions.ENDPOINT_P95_RESPONSE_TIME, amount("p95", of="timed")),
    Figure(definitions.ENDPOINT_REQUESTS, count("requests")),
)

POD = (
    Figure(definitions.POD_REQUESTS, count("requests")),
    Figure(definitions.POD_ERROR_RATE, share("failed", "requests")),
    Figure(definitions.POD_MEAN_RESPONSE_TIME, amount("mean", of="timed")),
    Figure(definitions.POD_P95_RESPONSE_TIME, amount("p95", of="timed")),
)


class SlowestEndpointsParameters(WindowParameters):
    """How many endpoints, and how many requests make one worth listing."""

    limit: int = Field(default=3, ge=1, le=100, description="How many endpoints, slowest mean first")
    min_requests: int = Field(
        default=30, ge=1, description="Endpoints with fewer timed requests are left out"
    )


@REGISTRY.measurement("slowest_endpoints", source="requests", parameters=SlowestEndpointsParameters)
def slowest_endpoints(log: RequestLog, parameters: SlowestEndpointsParameters, limits: Limits) -> Readings:
    """The endpoints with the highest mean response time, with their 95th percentile and requests."""
    spans = spans_of(log, parameters, limits)
    if not log.coverage.has_latency:
        return Readings(reason="the log has no response times", notes=spans.notes)
    now, before = compared(log, "slow_endpoints", spans, limits, min_requests=parameters.min_requests)
    if not now:
        return nothing(log, spans, f"no endpoint with {parameters.min_requests} timed requests")
    listed, cut = kept(now[: parameters.limit], limits.rows, "endpoints")
    return Readings(
        readings=tuple(
            reading
            for row in listed
            for reading in measured(
                SLOW, spans, row, counterpart(row, before, ("method", "route")), entity=endpoint(row)
            )
        ),
        notes=spans.notes + cut,
    )


@REGISTRY.measurement("pod_comparison", source="requests", parameters=WindowParameters)
def pod_comparison(log: RequestLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """Requests, error rate and response times of each pod (instance) that answered requests."""
    spans = spans_of(log, parameters, limits)
    if not log.coverage.has_pod:
        return Readings(reason="the log does not name the pod that answered", notes=spans.notes)
    now, before = compared(log, "pods", spans, limits)
    if not now:
        return nothing(log, spans, "no request that names a pod")
    listed, cut = kept(now, limits.rows, "pods")
    return Readings(
        readings=tuple(
            reading
            for row in listed
            for reading in measured(
                POD, spans, row, counterpart(row, before, ("pod",)), entity=f"pod {row['pod']}"
            )
        ),
        notes=spans.notes + cut,
    )
