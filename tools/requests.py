"""Measurements of the source "requests" on the application as a whole; importing this registers them all.

The others are in `request_availability`, `request_maintenance`, `request_incidents`, `request_endpoints`,
`request_errors`, `request_performance`, `request_mix`, `request_series` and `anomalies_requests`; definitions
in `definitions_requests`, `definitions_request_groups` and `definitions_anomalies`.
"""

from __future__ import annotations

from pydantic import Field

from postlaunch.sources.requests import Coverage, RequestLog
from postlaunch.tools import (  # noqa: F401  (registers the measurements)
    anomalies_requests,
    request_availability,
    request_endpoints,
    request_errors,
    request_incidents,
    request_maintenance,
    request_mix,
    request_performance,
    request_series,
)
from postlaunch.tools import (
    definitions_requests as definitions,
)
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.request_query import (
    Figure,
    Row,
    Spans,
    amount,
    compared,
    count,
    endpoint,
    measured,
    minutes_in,
    nothing,
    rows,
    share,
    spans_of,
)
from postlaunch.windows import Window

REGISTRATION_ENDPOINTS = ("POST /auth/register", "POST /register", "POST /signup", "POST /users")


class RegistrationParameters(WindowParameters):
    """Which endpoints register a user."""

    endpoints: tuple[str, ...] = Field(
        default=REGISTRATION_ENDPOINTS,
        max_length=20,
        description='Endpoints that register a user, e.g. "POST /auth/register"',
    )


RESPONSE_TIMES = (
    Figure(definitions.MEAN_RESPONSE_TIME, amount("mean", of="timed")),
    Figure(definitions.P50_RESPONSE_TIME, amount("p50", of="timed")),
    Figure(definitions.P95_RESPONSE_TIME, amount("p95", of="timed")),
    Figure(definitions.P99_RESPONSE_TIME, amount("p99", of="timed")),
)

SUMMARY = (
    Figure(definitions.TOTAL_REQUESTS, count("requests")),
    Figure(definitions.ERROR_RATE, share("failed", "requests")),
    Figure(definitions.CLIENT_ERROR_RATE, share("client_failed", "requests")),
    Figure(definitions.AVAILABILITY, share("good", "requests")),
    Figure(definitions.BOT_SHARE, share("bots", "with_agent")),
    Figure(definitions.ACTIVE_USERS, amount("users", of="with_user")),
    *RESPONSE_TIMES,
    Figure(definitions.REQUESTS_PER_SECOND, amount("per_second", of="requests")),
    Figure(definitions.PEAK_REQUESTS_PER_SECOND, amount("peak_per_second", of="requests")),
    Figure(definitions.MINUTES_COVERED, share("minutes", "span_minutes")),
)


REGISTRATIONS = Figure(definitions.NEW_REGISTRATIONS, lambda row: (row["succeeded"], row["requests"]))


@REGISTRY.measurement("request_summary", source="requests", parameters=WindowParameters)
def request_summary(log: RequestLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """Total requests, error rates, availability, bots, active users, response times and request rates of the
    whole application over one window.
    """
    spans = spans_of(log, parameters, limits)
    if not spans.requests:
        return nothing(log, spans)
    now = _summary(log, spans.window, limits)
    before = _summary(log, spans.baseline, limits) if spans.baseline else None
    return Readings(
        readings=tuple(measured(SUMMARY, spans, now, before, notes=_bases(now))),
        notes=spans.notes + _missing(now),
    )


def _summary(log: RequestLog, span: Window, limits: Limits) -> Row:
    """The row behind `SUMMARY`, of a span with requests."""
    row = rows(log, "summary", span, limits)[0]
    return {
        **row,
        "good": row["requests"] - row["failed"],
        "per_second": row["requests"] / (span.observed_end - span.start).total_seconds(),
        "peak_per_second": row["busiest_minute"] / 60,
        "span_minutes": minutes_in(span),
    }


def _bases(row: Row) -> dict[str, str]:
    """Notes on figures that only a part of the requests can tell."""
    notes = {}
    if row["timed"] < row["requests"]:
        text = f"over the {row['timed']:,} of {row['requests']:,} requests with a response time"
        notes = {figure.definition.name: text for figure in RESPONSE_TIMES}
    if row["with_user"] < row["requests"]:
        text = f"from the {row['with_user']:,} of {row['requests']:,} requests with a user"
        notes[definitions.ACTIVE_USERS.name] = text
    return notes


def _missing(row: Row) -> tuple[str, ...]:
    """Which figures the log cannot give, and why."""
    absent = {
        "response times: not in the log": row["timed"],
        "active users: the log has no user field (client addresses are not users)": row["with_user"],
        "bots: the log has no user agents": row["with_agent"],
    }
    return tuple(f"not available: {text}" for text, there in absent.items() if not there)


@REGISTRY.measurement("registrations", source="requests", parameters=RegistrationParameters)
def registrations(log: RequestLog, parameters: RegistrationParameters, limits: Limits) -> Readings:
    """New registrations: successful requests to the endpoints that register a user."""
    spans = spans_of(log, parameters, limits)
    known = rows(log, "registration_endpoints", _whole(log, spans), limits, endpoints=_list(parameters))
    if not known:
        return Readings(
            reason=f"the log has no request to a registration endpoint ({', '.join(parameters.endpoints)})",
            notes=spans.notes,
        )
    if not spans.requests:
        return nothing(log, spans)
    now, before = compared(log, "registrations", spans, limits, endpoints=_list(parameters))
    notes = {definitions.NEW_REGISTRATIONS.name: "at " + ", ".join(endpoint(row) for row in known)}
    return Readings(
        readings=tuple(measured([REGISTRATIONS], spans, now[0], before[0] if before else None, notes=notes)),
        notes=spans.notes,
    )


def _list(parameters: RegistrationParameters) -> list[str]:
    return list(parameters.endpoints)


def _whole(log: RequestLog, spans: Spans) -> Window:
    """The whole log as one window."""
    return Window(start=log.coverage.first, end=log.coverage.end, zone=spans.window.zone)


@REGISTRY.measurement("log_quality", source="requests", parameters=WindowParameters)
def log_quality(log: RequestLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """What the whole log covers and which of its lines could not be read. The window gives the zone."""
    coverage = log.coverage
    whole = Window(start=coverage.first, end=coverage.end, zone=parameters.window.zone)
    figures = (
        (definitions.LINES_READ, coverage.lines_read),
        (definitions.LINES_REJECTED, coverage.lines_rejected),
        (definitions.LINES_FUTURE, coverage.lines_future),
        (definitions.LOG_START, coverage.first.timestamp()),
        (definitions.LOG_END, coverage.last.timestamp()),
        (definitions.LOG_MINUTES, coverage.minutes),
    )
    return Readings(
        readings=tuple(
            Reading(definition=definition, value=value, n=coverage.lines_read, window=whole)
            for definition, value in figures
        ),
        texts=tuple(sample.model_dump() for sample in coverage.rejected_samples[: limits.rows]),
        notes=_log_notes(coverage),
    )


def _log_notes(coverage: Coverage) -> tuple[str, ...]:
    notes = [f"rejected, {reason}: {lines:,}" for reason, lines in coverage.rejected_by_reason.items()]
    if coverage.sampled:
        notes.append(coverage.sampled_reason)
    if coverage.routes_folded:
        notes.append(f"{coverage.routes_folded:,} rare endpoints are counted by folder, as /folder/*")
    return tuple(notes)
