"""Runs: starting one at most once for what it would answer, its state, and what it replaces."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import Connection, insert, or_, select, update

from postlaunch.errors import UsageError
from postlaunch.facts import digest_of
from postlaunch.ledger.approvals import anything_decided, close_requests
from postlaunch.ledger.fence import end_lease, require_lease
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.records import Lease, RunRecord, RunState
from postlaunch.ledger.rows import all_of, beginning_with, one_or_none, storable, values_of
from postlaunch.ledger.standing import ran_out, stopped_at_its_gate, to_carry_out
from postlaunch.ledger.tables import runs

FINISHED: frozenset[RunState] = frozenset({"done", "failed", "cancelled", "superseded"})
CLOSING: frozenset[RunState] = frozenset({"done", "cancelled"})
"""States in which a proposal that nobody decided leads nowhere any more."""


def change_state(
    connection: Connection,
    run: str,
    now: datetime,
    *,
    state: RunState,
    error: str = "",
    degraded: bool | None = None,
    problems: Collection[str] | None = None,
) -> RunRecord:
    """Write a run's state inside the caller's transaction; its undecided requests close when it ends."""
    before = stored_run(connection, run)
    changed = before.model_copy(
        update={
            "state": state,
            "error": error,
            "degraded": before.degraded if degraded is None else degraded,
            "problems": before.problems if problems is None else tuple(problems),
            "updated_at": now,
            "finished_at": now if state in FINISHED else None,
        }
    )
    connection.execute(update(runs).where(runs.c.id == run).values(values_of(changed)))
    if state in CLOSING:
        close_requests(connection, run, f"run {run} ended ({state}) without a decision", now)
    return changed


def stored_run(connection: Connection, run: str) -> RunRecord:
    """A run by its whole id.

    Raises:
        UsageError: there is no such run.
    """
    found = one_or_none(connection, select(runs).where(runs.c.id == run), RunRecord)
    if found is None:
        raise _no_run(run)
    return found


def _no_run(run: str) -> UsageError:
    return UsageError(f'there is no run "{run}"', "postlaunch runs lists them")


def _supersede(connection: Connection, old: str, new: str, now: datetime) -> None:
    """Put an older run aside: whoever moves it is stopped, and nobody can approve what it proposed."""
    end_lease(connection, old)
    close_requests(connection, old, f"run {new} superseded run {old}", now)
    values = {"state": "superseded", "superseded_by": new, "updated_at": now}
    connection.execute(update(runs).where(runs.c.id == old).values(values))


def _still_good(connection: Connection, run: RunRecord, now: datetime) -> bool:
    """Whether starting again with this run's key gives this run back instead of a new one."""
    if run.state in {"created", "running"}:
        return True
    if ran_out(connection, run.id, now):
        return False
    if run.state == "waiting":
        return not run.degraded or anything_decided(connection, run.id)
    return run.state == "done" and not run.degraded


class Runs(LedgerPart):
    """Start runs, look at them, and change their state."""

    def start_run(
        self, workflow: str, question: str, key: str, parameters: Mapping[str, JsonValue]
    ) -> RunRecord:
        """The run that answers a question over this data: the one there is, or a new one.

        A run of the same `question` on which somebody decided what is not carried out yet comes first,
        whatever its key: it is returned. With the same `key`, a run under way, one waiting at a gate, or a
        whole finished one is returned as it is. A failed, cancelled or degraded one is superseded by a new
        run (a degraded one at a gate only while nothing was decided on it), and so is one whose proposal
        nobody decided in time. A new run also supersedes the finished runs and the undecided proposals of the
        same `question` with other keys: they answered it over older data or settings.
        """
        with self._database.write() as connection:
            now = self._now()
            decided = to_carry_out(connection, question)
            if decided:
                return decided[0]
            same_key = self._runs_of(connection, key)
            current = [run for run in same_key if run.state != "superseded"]
            if current and _still_good(connection, current[-1], now):
                return current[-1]
            new = RunRecord(
                id="R" + digest_of([storable(key), len(same_key)])[:12],
                key=key,
                question=question,
                workflow=workflow,
                parameters=dict(parameters),
                created_at=now,
                updated_at=now,
            )
            connection.execute(insert(runs).values(values_of(new)))
            for old in current:
                _supersede(connection, old.id, new.id, now)
            for old in self._answered_before(connection, question, key):
                _supersede(connection, old.id, new.id, now)
        return new

    def _runs_of(self, connection: Connection, key: str) -> tuple[RunRecord, ...]:
        same = select(runs).where(runs.c.key == storable(key)).order_by(runs.c.created_at, runs.c.id)
        return all_of(connection, same, RunRecord)

    def _answered_before(self, connection: Connection, question: str, key: str) -> tuple[RunRecord, ...]:
        older = select(runs).where(
            runs.c.question == storable(question),
            runs.c.key != storable(key),
            or_(runs.c.state.in_(["waiting", "done"]), stopped_at_its_gate()),
        )
        found = all_of(connection, older, RunRecord)
        return tuple(run for run in found if run.state == "done" or not anything_decided(connection, run.id))

    def run(self, run: str) -> RunRecord:
        """A run by its id, or by the beginning of it if only one run begins so.

        Raises:
            UsageError: no run, or more than one.
        """
        with self._database.read() as connection:
            found = beginning_with(connection, runs, run, RunRecord)
        if not found:
            raise _no_run(run)
        if len(found) > 1:
            names = ", ".join(record.id for record in found)
            raise UsageError(f'"{run}" begins the ids of several runs: {names}', "write more of the id")
        return found[0]

    def runs(
        self,
        limit: int = 50,
        states: Collection[RunState] | None = None,
        workflow: str | None = None,
    ) -> tuple[RunRecord, ...]:
        """Runs, the newest first; those in some states, or of one workflow."""
        query = select(runs).order_by(runs.c.created_at.desc(), runs.c.id).limit(limit)
        if states is not None:
            query = query.where(runs.c.state.in_(list(states)))
        if workflow is not None:
            query = query.where(runs.c.workflow == workflow)
        with self._database.read() as connection:
            return all_of(connection, query, RunRecord)

    def set_state(
        self,
        lease: Lease,
        state: RunState,
        *,
        error: str = "",
        degraded: bool | None = None,
        problems: Collection[str] | None = None,
    ) -> RunRecord:
        """Write the state of the run that is being moved.

        Args:
            error: why it failed; any earlier error is cleared.
            degraded, problems: None leaves what is stored.

        Raises:
            LeaseLost: the run passed to another process, or a newer run superseded it.
        """
        with self._database.write() as connection:
            require_lease(connection, lease)
            return change_state(
                connection,
                lease.run,
                self._now(),
                state=state,
                error=error,
                degraded=degraded,
                problems=problems,
            )
