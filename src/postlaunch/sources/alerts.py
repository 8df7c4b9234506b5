"""The source "alerts": alerts fired and resolved, pages, acknowledgements, notes of people on call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Literal, cast

from postlaunch.errors import UsageError
from postlaunch.facts import Frozen
from postlaunch.settings import Settings
from postlaunch.sources.columns import Aliases, CellError
from postlaunch.sources.record_rows import Cells, RowKind, plain_word, read_rows
from postlaunch.sources.tables import RejectedRow, read_table
from postlaunch.windows import Clock, Moment, system_clock

SOURCE = "alerts"

AlertKind = Literal["fired", "resolved", "paged", "acknowledged", "note", "user_report"]
Milestone = Literal[
    "", "investigation", "root_cause", "decision", "fix_applied", "restarted", "recovered", "closed"
]

ALIASES: Aliases = {
    "at": (
        "at", "time", "timestamp", "ts", "created_at", "date", "occurred_at", "fired_at", "started_at",
        "startsAt", "start",
    ),
    "kind": ("kind", "type", "event", "event_type", "state", "status.state", "status", "action"),
    "alert": (
        "alert", "alert_id", "incident.id", "incident", "incident_id", "incident_key", "dedup_key",
        "fingerprint", "id", "key",
    ),
    "rule": (
        "rule", "alertname", "labels.alertname", "alert_name", "rule_name", "monitor", "incident.summary",
        "name", "title",
    ),
    "severity": ("severity", "labels.severity", "priority", "urgency", "level"),
    "component": (
        "component", "service.summary", "service.name", "service", "labels.service", "labels.job", "job",
        "app", "source",
    ),
    "value": ("value", "current_value", "observed"),
    "threshold": ("threshold", "limit"),
    "by": ("by", "agent.summary", "agent.name", "agent", "user", "author", "who", "responder", "reporter"),
    "milestone": ("milestone", "step", "stage"),
    "acknowledged_at": ("acknowledged_at", "acked_at"),
    "resolved_at": ("resolved_at", "endsAt", "ended_at", "closed_at"),
    "text": (
        "text", "note", "message", "channel.summary", "body", "description", "annotations.summary", "summary",
        "content", "comment",
    ),
}  # fmt: skip

KINDS: Mapping[str, AlertKind] = {
    **dict.fromkeys(
        ("fired", "firing", "fire", "triggered", "trigger", "open", "opened", "alert", "alerting", "active",
         "trigger_log_entry"),
        "fired",
    ),
    **dict.fromkeys(
        ("resolved", "resolve", "ok", "normal", "resolve_log_entry"),
        "resolved",
    ),
    **dict.fromkeys(
        ("paged", "page", "notified", "notify", "notification", "escalated", "escalate", "notify_log_entry",
         "escalate_log_entry"),
        "paged",
    ),
    **dict.fromkeys(
        ("acknowledged", "acknowledge", "ack", "acked", "acknowledge_log_entry"),
        "acknowledged",
    ),
    **dict.fromkeys(("note", "comment", "annotation", "annotate", "update", "annotate_log_entry"), "note"),
    **dict.fromkeys(("user_report", "report", "reported", "complaint", "customer_report"), "user_report"),
}  # fmt: skip
"""The words of a file → our kind."""

MILESTONES: Mapping[str, Milestone] = {
    **dict.fromkeys(("investigation", "investigating", "investigation_started"), "investigation"),
    **dict.fromkeys(("root_cause", "root_cause_identified", "identified", "cause_found"), "root_cause"),
    **dict.fromkeys(("decision", "decided", "fix_decided"), "decision"),
    **dict.fromkeys(("fix_applied", "fixed", "fix", "mitigated", "configuration_updated"), "fix_applied"),
    **dict.fromkeys(("restarted", "restart", "pods_restarted"), "restarted"),
    **dict.fromkeys(("recovered", "recovery", "monitoring", "back_to_normal"), "recovered"),
    **dict.fromkeys(("closed", "close", "resolved", "incident_closed"), "closed"),
}  # fmt: skip
"""The words of a file → the step of an incident's handling that a note tells of."""

SEVERITIES: Mapping[str, str] = {
    **dict.fromkeys(("critical", "crit", "page", "high", "p1", "sev1", "sev_1", "emergency"), "critical"),
    **dict.fromkeys(("warning", "warn", "low", "medium", "p2", "p3", "sev2", "sev_2", "ticket"), "warning"),
}
"""The words of a file → ours; another word stays as it is written, in lower case."""


LATER: Mapping[str, AlertKind] = {"acknowledged_at": "acknowledged", "resolved_at": "resolved"}
"""Columns of a row that is a whole alert → what happened then."""


class AlertRecord(Frozen):
    """One thing that happened.

    Attributes:
        alert: what ties the records of one alert together; empty where the file does not.
        rule: name of the alert rule.
        severity: "critical", "warning", or the file's own word; empty where it does not say.
        value, threshold: in the rule's own unit.
        by: who paged, acknowledged, noted or reported.
        milestone: of the incident's handling, where a note tells of one.
    """

    at: Moment
    kind: AlertKind
    alert: str = ""
    rule: str = ""
    severity: str = ""
    component: str = ""
    value: float | None = None
    threshold: float | None = None
    by: str = ""
    milestone: Milestone = ""
    text: str = ""


@dataclass(frozen=True)
class AlertTable:
    """The records of one file, oldest first; those of one moment in the file's order.

    Attributes:
        rejected: rows that hold no record, with their reasons.
        notes: what a reader must know of how the file was read.
        zone: IANA name of the zone in which moments without one were read.
    """

    fingerprint: str
    records: tuple[AlertRecord, ...]
    rejected: tuple[RejectedRow, ...] = ()
    notes: tuple[str, ...] = ()
    zone: str = "UTC"
    path: str = ""
    name: str = SOURCE


KIND = RowKind(
    source=SOURCE,
    noun="record of an alert",
    aliases=ALIASES,
    required=(("at",), ("kind", "acknowledged_at", "resolved_at")),
    example='kind = "Event"',
)


def open_alerts(settings: Settings, clock: Clock = system_clock) -> AlertTable:
    """Read the records of alerts that the settings name; a file without a single one is a quiet time.

    Args:
        clock: records dated more than a day after it are set aside.

    Raises:
        UsageError: the settings name none.
        SourceError: the file cannot be read, or it has rows and none is a record of an alert.
    """
    source = settings.sources.alerts
    if source is None:
        raise UsageError("no source of alerts is configured", "add [sources.alerts] to postlaunch.toml")
    table = read_table(settings.path(source.path), SOURCE, may_be_empty=True)
    read = read_rows(
        settings, source, KIND, table, _records, clock, dates=("at", "acknowledged_at", "resolved_at")
    )
    return AlertTable(
        fingerprint=read.fingerprint,
        records=tuple(sorted(chain.from_iterable(read.rows), key=lambda record: record.at)),
        rejected=read.rejected,
        notes=read.notes,
        zone=read.zone,
        path=str(read.table.path),
    )


def _records(cells: Cells) -> tuple[AlertRecord, ...]:
    """What a row tells of: one thing; or a whole alert, where it says when that was taken on or over."""
    moments = {kind: cells.moment_or_none(field) for field, kind in LATER.items()}
    if "kind" in cells.columns.of and not any(moments.values()):
        kind = cells.word("kind", KINDS)
        if kind is None:
            raise CellError("kind: nothing says what happened")
        return (_record(cells, cast(AlertKind, kind), cells.line("alert", 200)),)
    first = _record(cells, "fired", cells.line("alert", 200) or cells.name)
    later = [
        first.model_copy(update={"at": at, "kind": kind, "value": None, "text": ""})
        for kind, at in moments.items()
        if at is not None and at >= first.at  # Alertmanager writes the year 1 for "not yet"
    ]
    return (first, *later)


def _record(cells: Cells, kind: AlertKind, alert: str) -> AlertRecord:
    severity = cells.line("severity", 60)
    return AlertRecord(
        at=cells.moment("at"),
        kind=kind,
        alert=alert,
        rule=cells.line("rule", 200),
        severity=SEVERITIES.get(plain_word(severity), severity.casefold()),
        component=cells.line("component", 200),
        value=cells.number("value"),
        threshold=cells.number("threshold"),
        by=cells.line("by", 200),
        milestone=cast(Milestone, cells.word("milestone", MILESTONES) or ""),
        text=cells.line("text", 2000),
    )
