"""Errors: by status, and by the endpoints that return them."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from pydantic import Field, field_validator

from postlaunch.sources.requests import RequestLog
from postlaunch.tools import definitions_request_groups as definitions
from postlaunch.tools.measurement import REGISTRY, Limits, Readings, WindowParameters
from postlaunch.tools.request_query import (
    Figure,
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

BY_STATUS = (
    Figure(definitions.STATUS_COUNT, count("requests")),
    Figure(definitions.STATUS_SHARE, share("requests", "errors")),
)

BY_ENDPOINT = (
    Figure(definitions.ENDPOINT_ERRORS, count("errors")),
    Figure(definitions.ENDPOINT_ERROR_RATE, share("errors", "requests")),
)


class ErrorEndpointsParameters(WindowParameters):
    """Which errors, and how many endpoints."""

    status: str = Field(
        default="5xx", pattern=r"^([45]xx|[45]\d\d)$", description='A status such as "404", or "4xx", "5xx"'
    )
    limit: int = Field(default=5, ge=1, le=100, description="How many endpoints, most errors first")

    @field_validator("status", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value

    @property
    def range(self) -> tuple[int, int]:
        """The first and the last status meant."""
        if self.status.endswith("xx"):
            return int(self.status[0]) * 100, int(self.status[0]) * 100 + 99
        return int(self.status), int(self.status)


@REGISTRY.measurement("errors_by_type", source="requests", parameters=WindowParameters)
def errors_by_type(log: RequestLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """Requests answered with each status of 400 or above, and its share of all of them."""
    spans = spans_of(log, parameters, limits)
    if not spans.requests:
        return nothing(log, spans)
    now, before = compared(log, "statuses", spans, limits)
    if not now:
        return nothing(log, spans, "no request answered with an error")
    listed, cut = kept(now, limits.rows, "statuses")
    return Readings(
        readings=tuple(
            reading
            for row in listed
            for reading in measured(
                BY_STATUS,
                spans,
                row,
                counterpart(row, before, ("status",), total="errors"),
                entity=status_name(row["status"]),
            )
        ),
        notes=spans.notes + cut,
    )


@REGISTRY.measurement("error_endpoints", source="requests", parameters=ErrorEndpointsParameters)
def error_endpoints(log: RequestLog, parameters: ErrorEndpointsParameters, limits: Limits) -> Readings:
    """The endpoints that returned a status, or a class of statuses, most often, and at what rate."""
    spans = spans_of(log, parameters, limits)
    if not spans.requests:
        return nothing(log, spans)
    low, high = parameters.range
    now, before = compared(log, "endpoint_errors", spans, limits, low=low, high=high)
    failing = [row for row in now if row["errors"]]
    if not failing:
        return nothing(log, spans, f"no request answered with {parameters.status}")
    listed, cut = kept(failing[: parameters.limit], limits.rows, "endpoints")
    note = {"endpoint_error_rate": f"answered with {parameters.status}"}
    return Readings(
        readings=tuple(
            reading
            for row in listed
            for reading in measured(
                BY_ENDPOINT,
                spans,
                row,
                counterpart(row, before, ("method", "route")),
                entity=endpoint(row),
                notes=note,
            )
        ),
        notes=spans.notes + cut,
    )


def status_name(status: int) -> str:
    """A status with its name: "404 Not Found"; the number alone where it has none."""
    return f"{status} {_names().get(str(status), '')}".strip()


@cache
def _names() -> dict[str, str]:
    text = (files("postlaunch.tools") / "http_statuses.json").read_text(encoding="utf-8")
    names: dict[str, str] = json.loads(text)
    return names
