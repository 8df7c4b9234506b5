"""A sprint planning takes up the weekly reports of its week, where they were made over the same data.

On a Monday night the weekly report and the planning ask the same specialists the same questions. What they
found an hour ago is not found again, and a model is not paid twice: findings, judgement and report are copied
into the planning's run, where the product-analyst reads them.
"""

from __future__ import annotations

from pydantic import JsonValue

from postlaunch.graphs.groupings import NUMBER, VECTORS
from postlaunch.graphs.handing import handed_name
from postlaunch.graphs.session import Session
from postlaunch.graphs.starting import run_key
from postlaunch.ledger.records import RunRecord

PARTS = ("findings", "judgement", "report")


def take_over(session: Session, specialist: str) -> str | None:
    """Copy what a specialist made in the weekly report of this run's week; gives the name of its report's
    document, or None where there is none to take. Blocking; may run again.

    Its run must be whole, over the same data, settings and model, and must have known the same incidents and
    the same open action items: one that was opened or closed since is reason enough to look again.
    """
    if session.run.workflow != "sprint_planning":
        return None
    ledger, weekly = session.services.ledger, _weekly(session)
    if weekly is None or _known(session, weekly.id, specialist) != _known(
        session, session.run.id, specialist
    ):
        return None
    found = {part: ledger.document(weekly.id, f"{specialist}/{part}") for part in PARTS}
    if None in found.values():
        return None
    for part, body in found.items():
        assert body is not None
        session.bench.put_document(f"{specialist}/{part}", body)
    text = f"takes up its report of run {weekly.id}: the same week over the same data"
    session.recorder.emit("step", text, agent=specialist, data={"taken_up": weekly.id})
    return f"{specialist}/report"


def _known(session: Session, run: str, specialist: str) -> tuple[JsonValue, JsonValue]:
    """The incidents and the open action items that a specialist was handed in a run."""
    handed = session.services.ledger.document(run, handed_name(specialist)) or {}
    to_do = handed.get("action_items")
    return handed.get("incidents"), to_do.get("items") if isinstance(to_do, dict) else None


def _weekly(session: Session) -> RunRecord | None:
    """The finished, whole weekly report of this run's week, over the same data and settings."""
    given = session.run.parameters
    asked: dict[str, JsonValue] = {
        name: given[name] for name in ("window", "as_of", NUMBER, VECTORS) if name in given
    }
    key = run_key(session.services, "weekly_report", asked)
    runs = session.services.ledger.runs(workflow="weekly_report")
    return next((run for run in runs if run.key == key and run.state == "done" and not run.degraded), None)
