"""Endpoints: the busiest, and one looked at alone."""

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

BUSY = (
    Figure(definitions.ENDPOINT_REQUESTS, count("requests")),
    Figure(definitions.ENDPOINT_SHARE, share("requests", "all_requests")),
)

DETAIL = (
    Figure(definitions.ENDPOINT_REQUESTS, count("requests")),
    Figure(definitions.ENDPOINT_ERROR_RATE, share("failed", "requests")),
    Figure(definitions.ENDPOINT_MEAN_RESPONSE_TIME, amount("mean", of="timed")),
    Figure(definitions.ENDPOINT_P50_RESPONSE_TIME, amount("p50", of="timed")),
    Figure(definitions.ENDPOINT_P95_RESPONSE_TIME, amount("p95", of="timed")),
    Figure(definitions.ENDPOINT_P99_RESPONSE_TIME, amount("p99", of="timed")),
    Figure(definitions.ENDPOINT_USERS, amount("users", of="with_user")),
)


class TopEndpointsParameters(WindowParameters):
    """How many endpoints to list."""

    limit: int = Field(default=5, ge=1, le=100, description="How many endpoints, busiest first")


class EndpointParameters(WindowParameters):
    """Which endpoint."""

    endpoint: str = Field(max_length=200, description='Method and route, e.g. "GET /users/:id"')


@REGISTRY.measurement("top_endpoints", source="requests", parameters=TopEndpointsParameters)
def top_endpoints(log: RequestLog, parameters: TopEndpointsParameters, limits: Limits) -> Readings:
    """The endpoints with most requests, and their share of all requests."""
    spans = spans_of(log, parameters, limits)
    if not spans.requests:
        return nothing(log, spans)
    now, before = compared(log, "endpoints", spans, limits)
    listed, cut = kept(now[: parameters.limit], limits.rows, "endpoints")
    return Readings(
        readings=tuple(
            reading
            for row in listed
            for reading in measured(
                BUSY,
                spans,
                row,
                counterpart(row, before, ("method", "route"), total="all_requests"),
                entity=endpoint(row),
            )
        ),
        notes=spans.notes + cut,
    )


@REGISTRY.measurement("endpoint_detail", source="requests", parameters=EndpointParameters)
def endpoint_detail(log: RequestLog, parameters: EndpointParameters, limits: Limits) -> Readings:
    """Requests, error rate, response times and users of one endpoint."""
    spans = spans_of(log, parameters, limits)
    now, before = compared(log, "endpoint", spans, limits, endpoint=parameters.endpoint)
    if not now[0]["requests"]:
        return nothing(log, spans, "no request to this endpoint")
    return Readings(
        readings=tuple(
            measured(DETAIL, spans, now[0], before[0] if before else None, entity=parameters.endpoint)
        ),
        notes=spans.notes,
    )
