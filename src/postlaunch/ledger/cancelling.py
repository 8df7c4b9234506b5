"""Calling a run off: its request closes, and whoever moves it is stopped at their next write."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from postlaunch.errors import UsageError
from postlaunch.events import Event
from postlaunch.ledger.fence import end_lease
from postlaunch.ledger.gate_journal import write_journal
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.records import Decision, RunRecord
from postlaunch.ledger.rows import all_of, values_of
from postlaunch.ledger.runs import change_state, stored_run
from postlaunch.ledger.tables import decisions, events, requests


class Cancelling(LedgerPart):
    """Cancel runs."""

    def cancel_run(self, run: str, *, by: str, reason: str) -> RunRecord:
        """Call a run off. A second time changes nothing.

        Raises:
            UsageError: there is no such run, nobody or no reason is named, it is over, or a person decided
                that something follows from it.
        """
        if not by.strip() or not reason.strip():
            raise UsageError("a run is cancelled by somebody, for a reason", "give --by and --reason")
        with self._database.write() as connection:
            record, now = stored_run(connection, run), self._now()
            if record.state == "cancelled":
                return record
            _refuse_unless_it_can_end(connection, record)
            end_lease(connection, run)
            error = f"cancelled by {by}: {reason}"
            cancelled = change_state(connection, run, now, state="cancelled", error=error)
            _tell(connection, run, error, now)
            write_journal(connection, now, "cancelled", by=by, text=f"run {run}: {reason}", data={"run": run})
        return cancelled


def _refuse_unless_it_can_end(connection: Connection, record: RunRecord) -> None:
    if record.state in ("done", "superseded"):
        raise UsageError(
            f"run {record.id} is over ({record.state}) and stays as it is",
            "what it committed is called off by: postlaunch revoke COMMITMENT",
        )
    query = select(decisions).join(requests).where(requests.c.run == record.id)
    made = all_of(connection, query.order_by(decisions.c.seq.desc()).limit(1), Decision)
    if made and made[0].kind in ("approve", "edit", "discovery"):
        raise UsageError(
            f"{made[0].by} decided {made[0].kind} on run {record.id}, and that is carried out",
            f"postlaunch advance {record.id}; then, to call it off: postlaunch revoke COMMITMENT",
        )


def _tell(connection: Connection, run: str, text: str, now: datetime) -> None:
    last = connection.execute(select(func.max(events.c.seq)).where(events.c.run == run)).scalar_one()
    event = Event(run=run, seq=(last or 0) + 1, at=now, kind="run", text=text, data={"state": "cancelled"})
    connection.execute(insert(events).values(values_of(event)))
