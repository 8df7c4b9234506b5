"""Between a run and the ledger's incident: opening it, what the responder is asked, and writing it down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from postlaunch.agents.bench import JSON_OBJECT, Assignment
from postlaunch.agents.incident_records import action_drafts, kept_actions, record_body, record_status
from postlaunch.agents.incident_responder import INCIDENT_RESPONDER
from postlaunch.errors import PostLaunchError
from postlaunch.graphs.handing import hand, newest_reports
from postlaunch.graphs.session import Session
from postlaunch.graphs.starting import IncidentAsked
from postlaunch.ledger.incidents import incident_key
from postlaunch.ledger.records import IncidentRecord, OutboxRow
from postlaunch.reports.incident import IncidentReport
from postlaunch.tools import incident_spans  # noqa: F401  (registers what is measured)
from postlaunch.tools.measurement import Limits, run_measurement
from postlaunch.windows import Window, iso_week_of

NAME = INCIDENT_RESPONDER.name
REPORT = f"{NAME}/report"
QUESTION = "What happened, whom did it hit, why, what ended it, and what keeps it from coming back?"


def open_record(session: Session) -> IncidentRecord:
    """The incident in the ledger, under the minute in which its impact began. Blocking; may run again.

    That minute is measured where the requests show it, so that an alert, a user's report and a finding of one
    spell are one incident, whenever each was told.

    Raises:
        LeaseLost: another process moves this run now.
    """
    asked = asked_of(session)
    start, end = _span(session, asked) or (asked.start, asked.end)
    application = session.bench.settings.application
    window = Window.model_validate(session.run.parameters["window"])
    body: dict[str, JsonValue] = {
        "title": asked.text or "An incident that is looked into",
        "start": start.isoformat(),
        "end": end.isoformat() if end is not None else None,
        "seen_until": window.observed_end.isoformat() if end is None else None,
        "trigger": asked.trigger,
    }
    return session.services.ledger.open_incident(
        session.lease,
        incident_key(application.name, start),
        window.local(start).year,
        {name: value for name, value in body.items() if value is not None},
    )


def asked_of(session: Session) -> IncidentAsked:
    """What the run was asked."""
    return IncidentAsked.model_validate(session.run.parameters["incident"])


def _span(session: Session, asked: IncidentAsked) -> tuple[datetime, datetime] | None:
    """Start and end of the failing span that is meant, where the requests show one. The incident-responder
    measures it again, for its report; this is for the key alone."""
    window = Window.model_validate(session.run.parameters["window"])
    week = iso_week_of(window.local(asked.start).date(), window.zone)
    searched = Window(
        start=min(week.start, window.start - timedelta(days=1)), end=window.observed_end, zone=window.zone
    )
    budget = session.bench.settings.budget
    found = run_measurement(
        "incident_span",
        {"window": searched, "start": asked.start, "end": asked.end},
        session.bench.sources,
        Limits(rows=budget.rows, seconds=budget.query_seconds),
        session.bench.registry,
    )
    facts = {fact.name: fact.value for fact in found.facts}
    if "incident_start" not in facts or "incident_end" not in facts:
        return None
    start, end = (datetime.fromtimestamp(facts[name], UTC) for name in ("incident_start", "incident_end"))
    return start, end


def assignment_of(session: Session, record: IncidentRecord) -> Assignment:
    """What the incident-responder is asked; beside it, what the others reported and what was asked for before
    lies in a document of the run. Blocking; may run again."""
    window = Window.model_validate(session.run.parameters["window"])
    handed: dict[str, JsonValue] = {
        "colleagues": newest_reports(session, window),
        "action_items": _items(session, record),
    }
    hand(session, NAME, handed)
    parameters: dict[str, JsonValue] = {
        "incident": session.run.parameters["incident"],
        "record": JSON_OBJECT.validate_python(record.model_dump(mode="json")),
    }
    if "as_of" in session.run.parameters:
        parameters["as_of"] = session.run.parameters["as_of"]
    return Assignment(workflow="incident", question=QUESTION, window=window, parameters=parameters)


def _items(session: Session, record: IncidentRecord) -> list[JsonValue]:
    """The incident's action items, closed ones too."""
    items = session.services.ledger.action_items(incident=record.id)
    return [
        JSON_OBJECT.validate_python(item.model_dump(mode="json"))
        for item in items
        if item.application == record.application
    ]


def write_down(session: Session, incident: str) -> str:
    """Write what was found into the ledger, and the items' ids into the report; gives the name of its
    document. Blocking; may run again.

    Raises:
        LeaseLost: another process moves this run now.
    """
    body = session.bench.document(REPORT)
    if body is None:
        raise PostLaunchError(f"run {session.run.id} has no document {REPORT}", "advance the run again")
    report = IncidentReport.model_validate(body)
    ledger, application = session.services.ledger, session.bench.settings.application.name
    record = ledger.update_incident(
        session.lease,
        incident,
        status=record_status(report),
        body=record_body(report),
        application=application,
    )
    ledger.put_action_items(session.lease, incident, action_drafts(report), application=application)
    items: JsonValue = _items(session, record)
    kept = kept_actions(
        report.actions,
        Assignment(workflow="incident", question=QUESTION, parameters={"action_items": items}),
        incident,
    )
    report = report.model_copy(update={"actions": kept})
    session.bench.put_document(REPORT, JSON_OBJECT.validate_python(report.model_dump(mode="json")))
    _notify(session, record, report)
    return REPORT


def _notify(session: Session, record: IncidentRecord, report: IncidentReport) -> None:
    """The draft for colleagues, by the configured ways out; once for each state of the incident."""
    gate, draft = session.bench.settings.gate, report.communication.internal
    ways = {"notify_command": bool(gate.notify_command), "notify_webhook": bool(gate.notify_webhook)}
    rows = [
        OutboxRow.model_validate(
            {
                "key": f"{record.key[:150]}/{record.status}/{way}",
                "channel": way,
                "payload": {
                    "kind": "incident",
                    "incident": record.id,
                    "status": record.status,
                    "severity": record.severity,
                    "to": draft.to,
                    "text": draft.text,
                },
                "next_at": session.bench.clock(),
            }
        )
        for way, configured in ways.items()
        if configured
    ]
    if rows:
        session.services.ledger.enqueue(session.lease, rows)
        text = f"the draft for {draft.to} goes out by {', '.join(row.channel for row in rows)}"
        session.recorder.emit("notified", text, agent=NAME, data={"channel": draft.to, "incident": record.id})
