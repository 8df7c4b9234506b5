"""Incidents that the log itself shows: spells of elevated errors, whether or not anything was down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from postlaunch.sources.requests import RequestLog
from postlaunch.tools import definitions_requests as definitions
from postlaunch.tools.error_spells import Span, Spell, error_spells, span_minutes
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.request_query import (
    Figure,
    amount,
    count,
    measured,
    minutes_in,
    nothing,
    rows,
    share,
    spans_of,
)
from postlaunch.windows import Window

INCIDENT = (
    Figure(definitions.INCIDENT_START, amount("began", of="requests")),
    Figure(definitions.INCIDENT_MINUTES, amount("minutes", of="requests")),
    Figure(definitions.INCIDENT_FAILED_REQUESTS, count("failed")),
    Figure(definitions.INCIDENT_REQUESTS, count("requests")),
    Figure(definitions.INCIDENT_ERROR_RATE, share("failed", "requests")),
    Figure(definitions.INCIDENT_SHARE_OF_WINDOW, share("failed", "all_requests")),
    Figure(definitions.INCIDENT_USERS, amount("users", of="with_user")),
)


@REGISTRY.measurement("incidents_seen", source="requests", parameters=WindowParameters)
def incidents_seen(log: RequestLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """Spells in which requests failed far more often than usual: start, duration, requests and users hit."""
    spans = spans_of(log, parameters, limits)
    window = spans.window
    if not spans.requests:
        return nothing(log, spans)
    length = span_minutes(spans.requests, minutes_in(window))
    minutes = _failing(log, window, limits, 1)
    spells = error_spells(
        failing=minutes if length == 1 else _failing(log, window, limits, length),
        minutes=minutes,
        requests=spans.requests,
        length=length,
        spans=-(-minutes_in(window) // length),
    )
    notes = spans.notes
    if len(spells) > limits.rows:
        notes += (f"only {limits.rows} of {len(spells)} incidents are listed",)
    readings = [Reading(definition=definitions.INCIDENTS, value=len(spells), n=spans.requests, window=window)]
    texts: list[Mapping[str, JsonValue]] = []
    for place, spell in enumerate(spells[: limits.rows], 1):
        part = _part(window, spell)
        row = {
            **rows(log, "incident", part, limits)[0],
            "began": spell.start * 60,
            "minutes": spell.end - spell.start,
            "all_requests": spans.requests,
        }
        readings += measured(INCIDENT, spans, row, entity=f"incident {place}")
        texts.append({"entity": f"incident {place}", **_where(log, part, limits)})
    return Readings(readings=tuple(readings), texts=tuple(texts), notes=notes)


def _failing(log: RequestLog, window: Window, limits: Limits, minutes: int) -> list[Span]:
    """The spans of so many minutes in which a request failed, in order of time."""
    return [Span(**row) for row in rows(log, "failing_spans", window, limits, minutes=minutes)]


def _part(window: Window, spell: Spell) -> Window:
    """The spell as a window, inside the one that was measured."""
    epoch = datetime.fromtimestamp(0, UTC)
    start = max(epoch + timedelta(minutes=spell.start), window.start)
    end = min(epoch + timedelta(minutes=spell.end), window.observed_end)
    return Window(start=start, end=end, zone=window.zone)


def _where(log: RequestLog, part: Window, limits: Limits) -> dict[str, JsonValue]:
    """Which endpoints, statuses and pods failed most, each with its failures."""
    failures = rows(log, "incident_failures", part, limits)
    return {
        name: {row["value"]: row["failed"] for row in failures if row["kind"] == kind}
        for kind, name in (("endpoint", "endpoints"), ("status", "statuses"), ("pod", "pods"))
    }
