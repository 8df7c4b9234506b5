"""Data that should have come by now: whether it is missing, and how the night tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from postlaunch.graphs.session import Services
from postlaunch.sources.alerts import AlertTable
from postlaunch.sources.observed_span import ObservedSpan
from postlaunch.sources.opening import BrokenSource
from postlaunch.sources.requests import RequestLog
from postlaunch.tools import requests  # noqa: F401  (registers what is measured)
from postlaunch.tools.measurement import Limits, run_measurement
from postlaunch.tools.request_silence import MEASURED, same_hours_before, usually_silent
from postlaunch.windows import zone_named

ALERTS_NAMED = 3


def more_is_overdue(services: Services, span: ObservedSpan, at: datetime) -> bool:
    """Whether nothing came for longer than the settings allow, and than is usual at these hours. Blocking."""
    if at - span.end <= services.settings.cadence.data_wait:
        return False
    log = services.sources().get("requests")
    if not isinstance(log, RequestLog):
        return True
    hours = same_hours_before(span.end, at, services.settings.application.timezone)
    budget = services.settings.budget
    before = run_measurement(
        MEASURED,
        {"window": hours},
        services.sources(),
        Limits(rows=budget.rows, seconds=budget.query_seconds),
    )
    return not usually_silent(before, hours, log)


def told_unread(services: Services) -> str:
    """That nothing periodic is due because the log that tells what is due cannot be read; "" where it can be,
    and where none is configured.
    """
    sources = services.sources()
    for name in ("requests", "events"):
        source = sources.get(name)
        if isinstance(source, BrokenSource):
            return f"{name} cannot be read, and nothing is checked or reported without them: {source.error}"
    return ""


def told_overdue(services: Services, span: ObservedSpan, waiting: Sequence[str], at: datetime) -> str:
    """What a person must know where data is overdue: since when, where to look, the alerts since then, and
    what waits.
    """
    what = "requests" if isinstance(services.sources().get("requests"), RequestLog) else "product events"
    return (
        f"{what} end at {_local(services, span.end)} {services.settings.application.timezone}, and what came "
        "after is unknown: look whether the application serves, then how its data arrives"
        f"{_alerts_since(services, span.end, at)}; waiting for data: {', '.join(waiting)}"
    )


def _alerts_since(services: Services, since: datetime, at: datetime) -> str:
    """The alerts that fired since a moment, the earliest by name."""
    table = services.sources().get("alerts")
    if not isinstance(table, AlertTable):
        return ""
    fired = [record for record in table.records if record.kind == "fired" and since <= record.at <= at]
    named = [
        f"{record.rule or record.alert} ({record.severity or 'no severity'}) at {_local(services, record.at)}"
        for record in fired[:ALERTS_NAMED]
    ]
    more = f" and {len(fired) - len(named)} more" if len(fired) > len(named) else ""
    return f"; alerts since then: {', '.join(named)}{more}" if fired else "; no alert is recorded since then"


def _local(services: Services, moment: datetime) -> str:
    return f"{moment.astimezone(zone_named(services.settings.application.timezone)):%Y-%m-%d %H:%M}"
