"""What is handed to a specialist beside its data: earlier reports, open action items, signals that were kept.

It is much, and a graph's state is stored at every step; so it lies in a document of the run, and the
specialist finds it among its assignment's parameters when it measures and when it composes. It is written
once: what a run was handed does not change under it, however often it is killed and advanced.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from pydantic import JsonValue

from postlaunch.agents.bench import JSON_OBJECT, Assignment, Bench, Findings, Specialist
from postlaunch.agents.judgement import VerifiedJudgement
from postlaunch.graphs.routing import route
from postlaunch.graphs.session import Session
from postlaunch.ledger.records import ActionItem, IncidentRecord, ReportRecord, Signal
from postlaunch.sources.action_items import SOURCE as TO_DO
from postlaunch.sources.action_items import ActionItemTable
from postlaunch.windows import Window

COLLEAGUES_READ = ("weekly_health", "performance", "analytics")
"""Kinds of report of which the newest is handed over."""
INCIDENTS_READ = 20
LOOKED_THROUGH = 200


def handed_name(specialist: str) -> str:
    """The document of what a specialist is handed in a run."""
    return f"{specialist}/handed"


def hand(session: Session, specialist: str, parameters: dict[str, JsonValue]) -> None:
    """Put down what a specialist is handed, unless it lies there already. Blocking; may run again."""
    name = handed_name(specialist)
    if session.bench.document(name) is None:
        session.bench.put_document(name, JSON_OBJECT.validate_python(parameters))


def finding_what_is_handed(specialist: Specialist) -> Specialist:
    """The specialist, as one that finds what it is handed among its assignment's parameters."""

    def measure(bench: Bench, assignment: Assignment) -> Findings:
        return specialist.measure(bench, _with_handed(bench, assignment))

    def compose(
        bench: Bench, assignment: Assignment, findings: Findings, judgement: VerifiedJudgement
    ) -> dict[str, JsonValue]:
        return specialist.compose(bench, _with_handed(bench, assignment), findings, judgement)

    def _with_handed(bench: Bench, assignment: Assignment) -> Assignment:
        handed = bench.document(handed_name(specialist.name)) or {}
        return assignment.model_copy(update={"parameters": {**handed, **assignment.parameters}})

    return replace(specialist, measure=measure, compose=compose)


def newest_reports(session: Session, window: Window) -> dict[str, JsonValue]:
    """The newest published report of each colleague as JSON, null where there is none, and the incidents'.

    Args:
        window: what the run looks at; reports on what came after it are not handed over.
    """
    found: dict[str, JsonValue] = {kind: newest_report(session, kind, window) for kind in COLLEAGUES_READ}
    return {**found, "incident": _incident_reports(session, window)}


def known_incidents(session: Session, window: Window) -> list[JsonValue]:
    """What is known of incidents that began before a window's end: the newest report on each, and the
    ledger's records.
    """
    application = session.bench.settings.application.name
    records = [
        _json(record)
        for record in session.services.ledger.incidents()
        if record.application == application and record.started_at < window.observed_end
    ]
    return [*_incident_reports(session, window), *records]


def _incident_reports(session: Session, window: Window) -> list[JsonValue]:
    """The newest report on each incident."""
    found: dict[str, JsonValue] = {}
    for record in _reports(session, "incident", window):
        found.setdefault(record.title, record.body)
    return list(found.values())[:INCIDENTS_READ]


def newest_report(session: Session, kind: str, window: Window) -> JsonValue:
    """The newest of a kind by what it looks at, then by when it was published, as JSON; or null."""
    records = list(_reports(session, kind, window))
    newest = max(records, key=lambda record: (_window(record).observed_end, record.at), default=None)
    return newest.body if newest is not None else None


def _reports(session: Session, kind: str, window: Window) -> Iterator[ReportRecord]:
    """This application's reports of a kind that begin before the window's end, the newest first."""
    application = session.bench.settings.application.name
    for record in session.services.ledger.reports(kind=kind, limit=LOOKED_THROUGH):
        if record.body.get("application") == application and _window(record).start < window.observed_end:
            yield record


def _window(record: ReportRecord) -> Window:
    return Window.model_validate(record.body["window"])


def items_to_do(session: Session, window: Window) -> dict[str, JsonValue] | None:
    """The action items that are open, of incidents that began before a window's end, by their ids, and the
    moment that their due days are held against: the window's end, or the run's moment where that is earlier.
    None where incidents asked for nothing yet.
    """
    table = session.bench.sources.get(TO_DO)
    if not isinstance(table, ActionItemTable):
        return None
    as_of = session.run.parameters.get("as_of")
    now = datetime.fromisoformat(as_of) if isinstance(as_of, str) else session.bench.clock()
    items: list[JsonValue] = [
        item.id for item in table.items if item.open_at(now) and item.began < window.observed_end
    ]
    return {"at": min(now, window.observed_end).isoformat(), "items": items}


def open_items(session: Session) -> list[JsonValue]:
    """The open action items of this application, as JSON, by their due date."""
    items = session.services.ledger.action_items("open")
    mine = session.bench.settings.application.name
    return [_json(item) for item in items if item.application == mine]


TAKEN = "signals"
"""The document of the signals that a run took."""


def take_signals(session: Session, workflow: str, *, until: datetime | None = None) -> tuple[Signal, ...]:
    """The signals that were kept for a workflow, as the run finds them when it first asks. Blocking.

    They stay pending until the run is over: one that dies leaves them to the next.

    Args:
        until: only those of what happened before this moment; None: all.
    """
    known = session.bench.document(TAKEN)
    if known is not None:
        return _signals(known)
    application = session.bench.settings.application.name
    pending = session.services.ledger.signals(application=application, to=workflow)
    found = tuple(
        signal for signal in pending if not route(signal).now and (until is None or signal.at < until)
    )
    session.bench.put_document(TAKEN, {"taken": as_json(found)})
    for signal in found:
        session.recorder.emit("signal", f"takes up: {signal.reason}", data={"signal": signal.id})
    return found


def taken_signals(session: Session) -> list[JsonValue]:
    """The signals that the run took, as JSON; none where it asked for none. Blocking."""
    return as_json(_signals(session.bench.document(TAKEN) or {"taken": []}))


def settle_taken(session: Session) -> None:
    """Settle the signals that the run took. Blocking; may run again."""
    for signal in _signals(session.bench.document(TAKEN) or {"taken": []}):
        session.services.ledger.settle_signal(
            signal.id, run=session.run.id, outcome=f"taken up by {session.run.workflow.replace('_', ' ')}"
        )


def _signals(document: dict[str, JsonValue]) -> tuple[Signal, ...]:
    taken = document["taken"]
    return tuple(Signal.model_validate(one) for one in taken) if isinstance(taken, list) else ()


def as_json(signals: tuple[Signal, ...]) -> list[JsonValue]:
    """Signals as JSON."""
    return [_json(signal) for signal in signals]


def _json(record: ActionItem | IncidentRecord | Signal) -> JsonValue:
    return JSON_OBJECT.validate_python(record.model_dump(mode="json"))
