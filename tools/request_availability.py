"""Uptime and outages, as far as a request log can tell them.

A log proves failure, never absence: a minute without requests is unknown, not up. Below 90 % coverage of the
window's minutes, and from a sample, neither uptime nor downtime is given.
"""

from __future__ import annotations

from collections.abc import Iterator

from postlaunch.printing import value_text
from postlaunch.sources.requests import RequestLog
from postlaunch.tools import definitions_requests as definitions
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.request_query import (
    Figure,
    Row,
    Spans,
    amount,
    count,
    kept,
    measured,
    minutes_in,
    nothing,
    rows,
    share,
    spans_of,
)
from postlaunch.windows import Window

LEAST_REQUESTS = 10
DOWN_SHARE = 0.5
LEAST_COVERAGE = 0.9

MANY_TOO_SMALL = 0.1
"""Where more minutes than this share hold too few requests to be judged, it is said."""

RULE = {"least": LEAST_REQUESTS, "share": DOWN_SHARE}

AVAILABLE = (
    Figure(definitions.UPTIME, share("up", "minutes")),
    Figure(definitions.DOWN_MINUTES, amount("down", of="minutes")),
)

OUTAGE = (
    Figure(definitions.OUTAGE_START, amount("began", of="requests")),
    Figure(definitions.OUTAGE_MINUTES, count("minutes")),
    Figure(definitions.OUTAGE_ERROR_SHARE, share("failed", "requests")),
)


@REGISTRY.measurement("uptime", source="requests", parameters=WindowParameters)
def uptime(log: RequestLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """Uptime and down minutes by the log; not available where the log covers too little of the window."""
    spans = spans_of(log, parameters, limits)
    now = _minutes(log, spans.window, limits)
    why = _unknown(log, spans, now)
    if why is not None:
        return why
    before = _minutes(log, spans.baseline, limits) if spans.baseline else None
    if before is not None and before["covered"] < LEAST_COVERAGE:
        before = None
    note = f"from the request log, which covers {value_text(now['covered'], 'ratio')} of the minutes"
    return Readings(
        readings=tuple(measured(AVAILABLE, spans, now, before, notes={"uptime": note})),
        notes=(*spans.notes, *_too_small(now)),
    )


@REGISTRY.measurement("downtime", source="requests", parameters=WindowParameters)
def downtime(log: RequestLog, parameters: WindowParameters, limits: Limits) -> Readings:
    """Outages: runs of minutes in which at least half of the requests failed."""
    spans = spans_of(log, parameters, limits)
    why = _unknown(log, spans, now := _minutes(log, spans.window, limits))
    if why is not None:
        return why
    outages = rows(log, "down_minutes", spans.window, limits, **RULE)
    listed, cut = kept(outages, limits.rows, "outages")
    readings = [
        Reading(definition=definitions.OUTAGES, value=len(outages), n=now["minutes"], window=spans.window)
    ]
    for place, outage in enumerate(listed, 1):
        readings += measured(OUTAGE, spans, outage, entity=f"outage {place}")
    return Readings(readings=tuple(readings), notes=spans.notes + cut)


def _too_small(now: Row) -> Iterator[str]:
    """That many minutes could not have been down, whatever happened in them."""
    share_of_them = now["few"] / now["minutes"]
    if share_of_them > MANY_TOO_SMALL:
        yield (
            f"{value_text(share_of_them, 'ratio')} of the minutes with requests hold fewer than "
            f"{LEAST_REQUESTS}: uptime counts them as up, whatever failed in them"
        )


def _minutes(log: RequestLog, span: Window, limits: Limits) -> Row:
    """Minutes with requests, down and up, and the share of the window's minutes they are."""
    row = rows(log, "minutes", span, limits, **RULE)[0]
    return {**row, "up": row["minutes"] - row["down"], "covered": row["minutes"] / minutes_in(span)}


def _unknown(log: RequestLog, spans: Spans, now: Row) -> Readings | None:
    """Why uptime cannot be told, or None where it can."""
    if not spans.requests:
        return nothing(log, spans)
    if log.coverage.sampled:
        return Readings(reason=f"no probe: {log.coverage.sampled_reason}", notes=spans.notes)
    if now["covered"] < LEAST_COVERAGE:
        return Readings(
            reason=(
                f"no probe: the log has requests in {value_text(now['covered'], 'ratio')} of the window's "
                f"minutes, and {value_text(LEAST_COVERAGE, 'ratio')} are needed"
            ),
            notes=spans.notes,
        )
    return None
