"""What people did about alerts: pages, acknowledgements, notes on the way to the fix, reports of users."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from postlaunch.sample.alerts import COMPONENT, AlertRow
from postlaunch.sample.incident import LARGER_POOL, POOL, RESTARTING, Incident
from postlaunch.sample.rhythm import Calendar

ON_CALL = "on-call engineer"
PAGED_AFTER, ACKNOWLEDGED_AFTER = timedelta(seconds=20), timedelta(seconds=55)

NOTES: tuple[tuple[int, int, str, str], ...] = (
    (3, 10, "investigation", "Errors on every endpoint that reads the database, on all three pods."),
    (
        4,
        5,
        "root_cause",
        f"All {POOL} database connections of each pod are in use; new requests wait a second and fail. "
        "A customer's training hour runs role checks and permission queries.",
    ),
    (4, 50, "decision", f"Raise the pool from {POOL} to {LARGER_POOL}; no rollback, nothing was deployed."),
    (5, 30, "fix_applied", f"Configuration updated (pool: {POOL} to {LARGER_POOL})."),
    (RESTARTING + 1, 0, "restarted", "All pods restarted, one after another."),
    (
        RESTARTING + 1,
        45,
        "recovered",
        "The error rate is back to normal, connections in use below the limit.",
    ),
    (RESTARTING + 2, 30, "closed", "The alert has gone: closed. A post-mortem follows."),
)
"""Minutes and seconds after the start of the incident, the step reached, and what was noted."""


def handling(incident: Incident, fired: tuple[AlertRow, ...]) -> Iterator[AlertRow]:
    """What the people on call did: a critical alert is paged, a warning is read in the morning."""
    for alert in fired:
        if alert.kind == "fired" and alert.severity == "critical":
            yield _about(alert, alert.at + PAGED_AFTER, "paged", "alerting", text="to the on-call engineer")
            yield _about(alert, alert.at + ACKNOWLEDGED_AFTER, "acknowledged", ON_CALL)
    begun = next((alert for alert in fired if alert.kind == "fired" and _in(incident, alert)), None)
    if begun is None:
        return
    for minutes, seconds, milestone, text in NOTES:
        at = incident.after(minutes, seconds)
        yield _about(begun, at, "note", ON_CALL, milestone=milestone, text=text)
    yield AlertRow(
        at=incident.after(2, 40),
        kind="user_report",
        alert=begun.alert,
        component=COMPONENT,
        by="Support",
        text="A training group of a customer gets error 500 on every second click since quarter past two.",
    )


def earlier_report(calendar: Calendar) -> AlertRow:
    """A user report that is no alert: it tells of the uploads that fail."""
    day = calendar.days[-11]
    return AlertRow(
        at=datetime(day.year, day.month, day.day, 10, 42, tzinfo=calendar.zone),
        kind="user_report",
        alert="REPORT-1",
        component="profile-api",
        by="Support",
        text="Three customers cannot upload large profile photos: after some seconds an error 500 is shown.",
    )


def _in(incident: Incident, alert: AlertRow) -> bool:
    return incident.start <= alert.at < incident.end and alert.severity == "critical"


def _about(
    alert: AlertRow, at: datetime, kind: str, by: str, *, milestone: str = "", text: str = ""
) -> AlertRow:
    return AlertRow(
        at=at,
        kind=kind,
        alert=alert.alert,
        rule=alert.rule,
        severity=alert.severity,
        component=alert.component,
        by=by,
        milestone=milestone,
        text=text,
    )
