"""Between the incident report and the ledger: the record that was opened, what is kept of it, its items."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from pydantic import JsonValue, ValidationError

from postlaunch.agents.bench import Assignment
from postlaunch.facts import Assumed, Measured, Quantity, Unavailable
from postlaunch.ledger.records import ActionDraft, ActionItem, IncidentRecord, IncidentStatus
from postlaunch.printing import quantity_text
from postlaunch.reports.incident import IncidentReport
from postlaunch.reports.incident_parts import ActionLine
from postlaunch.reports.judged import Sentence


def record_of(assignment: Assignment) -> IncidentRecord | None:
    """The incident in the ledger, where the workflow opened one."""
    stated = assignment.parameters.get("record")
    try:
        return IncidentRecord.model_validate(stated) if stated is not None else None
    except ValidationError:
        return None


def kept_actions(
    lines: Sequence[ActionLine], assignment: Assignment, incident: str
) -> tuple[ActionLine, ...]:
    """The items as the ledger has them, where it has: with their state, and the date that people were told.

    An item of the ledger that no rule asks for any more stays: somebody was told to do it.
    """
    known = {item.key: item for item in _items(assignment) if incident and item.incident == incident}
    kept = [_as_kept(line, known[line.key]) if line.key in known else line for line in lines]
    rules = {line.key for line in lines}
    kept += [_of_ledger(item) for key, item in known.items() if key not in rules]
    return tuple(sorted(kept, key=lambda line: line.due))


def made_at(assignment: Assignment, now: datetime) -> datetime:
    """The moment that due dates are held against: the one that a run looks back to, else the present."""
    as_of = assignment.parameters.get("as_of")
    return datetime.fromisoformat(as_of) if isinstance(as_of, str) else now


def with_overdue(lines: Sequence[ActionLine], today: date) -> tuple[ActionLine, ...]:
    """The items, those marked whose day is past and that nobody has closed."""
    return tuple(
        line.model_copy(update={"overdue": line.state != "closed" and line.due < today}) for line in lines
    )


def _items(assignment: Assignment) -> list[ActionItem]:
    given = assignment.parameters.get("action_items")
    found = []
    for body in given if isinstance(given, list) else []:
        try:
            found.append(ActionItem.model_validate(body))
        except ValidationError:
            continue
    return found


def _as_kept(line: ActionLine, item: ActionItem) -> ActionLine:
    return line.model_copy(
        update={
            "owner": item.owner,
            "action": line.action.model_copy(update={"text": item.action}),
            "due": item.due,
            "state": item.status,
            "id": item.id,
        }
    )


def _of_ledger(item: ActionItem) -> ActionLine:
    return ActionLine(
        key=item.key,
        owner=item.owner,
        action=Sentence(text=item.action),
        due=item.due,
        because=Sentence(text="asked for by an earlier report"),
        state=item.status,
        id=item.id,
    )


def action_drafts(report: IncidentReport) -> tuple[ActionDraft, ...]:
    """The report's action items as the ledger takes them."""
    return tuple(
        ActionDraft(key=line.key, owner=line.owner, action=line.action.text, due=line.due)
        for line in report.actions
    )


def record_status(report: IncidentReport) -> IncidentStatus:
    """Whether the ledger's record is open or resolved; what was not confirmed is not open."""
    return "resolved" if report.status in ("Resolved", "Not confirmed") else "open"


def record_body(report: IncidentReport) -> dict[str, JsonValue]:
    """What the ledger keeps of an incident, for reports that tell of it later: moments as ISO 8601 in UTC,
    figures as numbers in base units, the rest in words.
    """
    zone, root = report.window.zone, report.root_cause
    return {
        "title": root.title if root.name else "Failing requests",
        "severity": report.severity.level,
        "status": report.status,
        "start": _moment(report.began),
        "end": _moment(report.ended),
        "seen_until": report.window.observed_end.isoformat(),
        "detected_at": _moment(report.detected),
        "resolved_at": _moment(report.resolved),
        "minutes": _number(report.impact_duration),
        "failed": _number(report.failed),
        "requests": _number(report.requests),
        "error_rate": _number(report.error_rate),
        "users": _number(report.users.count),
        "users_estimated": report.users.estimated,
        "users_text": quantity_text(report.users.count, zone=zone),
        "cause": root.name,
        "root_cause": root.title,
        "confidence": root.confidence,
        "resolution": "; ".join(fix.text for fix in report.immediate_fix),
        "summary": report.summary[0].text,
        "report": report.stem,
    }


def _number(quantity: Quantity) -> float | None:
    return None if isinstance(quantity, Unavailable) else quantity.value


def _moment(quantity: Quantity) -> str | None:
    if not isinstance(quantity, (Measured, Assumed)):
        return None
    return datetime.fromtimestamp(quantity.value, UTC).isoformat()
