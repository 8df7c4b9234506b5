"""How runs stand: decided and not carried out yet, at a gate whose time is over, left by who moved them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from postlaunch.events import Event
from postlaunch.ledger.amendments import GATE as COMMITMENT_GATE
from postlaunch.ledger.approvals import undecided
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.records import ApprovalRequest, RunRecord
from postlaunch.ledger.rows import all_of, one_or_none, storable
from postlaunch.ledger.tables import decisions, events, leases, requests, runs

LAPSED = "lapsed"
"""In the data of the event with which a run stops: what was decided on it can no longer be carried out."""

PROPOSED = (requests.c.run == runs.c.id, requests.c.gate != COMMITMENT_GATE)
"""What a run put before people. (Changes of what it committed are put before them later.)"""


def _decided() -> ColumnElement[bool]:
    """The runs that came to no end since somebody decided on the newest that they proposed."""
    return and_(
        runs.c.state.in_(["waiting", "running", "failed"]),
        exists().where(*PROPOSED),
        ~exists().where(*PROPOSED, undecided()),
    )


def stopped_at_its_gate() -> ColumnElement[bool]:
    """The runs that put something before people and stopped before they waited for an answer, or after."""
    return and_(runs.c.state.in_(["running", "failed"]), exists().where(*PROPOSED))


def _over(now: datetime) -> ColumnElement[bool]:
    """The runs that wait at a gate where nothing can be decided any more."""
    can_be_decided = (requests.c.closed == "", requests.c.expires_at > now, undecided())
    return and_(
        runs.c.state == "waiting",
        exists().where(*PROPOSED),
        ~exists().where(*PROPOSED, *can_be_decided),
    )


def _lapsed(connection: Connection, run: RunRecord) -> bool:
    """Whether a run stopped because what was decided on it can no longer be carried out."""
    told = select(events).where(events.c.run == run.id, events.c.kind == "run")
    last = one_or_none(connection, told.order_by(events.c.seq.desc()).limit(1), Event)
    return run.state == "failed" and last is not None and last.data.get(LAPSED) is True


def to_carry_out(connection: Connection, question: str) -> tuple[RunRecord, ...]:
    """The runs of a question on which somebody decided what is not carried out yet, the oldest first."""
    asked = select(runs).where(_decided(), runs.c.question == storable(question))
    found = all_of(connection, asked.order_by(runs.c.created_at, runs.c.id), RunRecord)
    return tuple(run for run in found if not _lapsed(connection, run))


def ran_out(connection: Connection, run: str, now: datetime) -> bool:
    """Whether nobody decided on the newest that a run proposed, and nobody can any more."""
    proposed = select(requests).where(requests.c.run == run, requests.c.gate != COMMITMENT_GATE)
    newest = one_or_none(connection, proposed.order_by(requests.c.round.desc()).limit(1), ApprovalRequest)
    if newest is None or (not newest.closed and now < newest.expires_at):
        return False
    decided = select(decisions.c.seq).where(decisions.c.request == newest.id)
    return connection.execute(decided).one_or_none() is None


class Standing(LedgerPart):
    """Look for the runs that somebody must move on."""

    def runs_to_go_on(self) -> tuple[RunRecord, ...]:
        """The runs that were decided on and not carried out since, and those whose gate's time is over; the
        oldest first. What lapsed is none of them.
        """
        query = select(runs).where(or_(_decided(), _over(self._now())))
        with self._database.read() as connection:
            found = all_of(connection, query.order_by(runs.c.created_at, runs.c.id), RunRecord)
            return tuple(run for run in found if not _lapsed(connection, run))

    def runs_left_behind(self) -> tuple[RunRecord, ...]:
        """The runs that are under way with nobody to move them: who did died or stumbled. The oldest first.

        Those that were decided on, and those that a newer run answers, are none of them.
        """
        newer = runs.alias()
        held = and_(leases.c.released.is_(False), leases.c.expires_at > self._now())
        query = select(runs).where(
            runs.c.state == "running",
            ~_decided(),
            ~exists().where(newer.c.question == runs.c.question, newer.c.created_at > runs.c.created_at),
            ~exists().where(leases.c.run == runs.c.id, held),
        )
        with self._database.read() as connection:
            return all_of(connection, query.order_by(runs.c.created_at, runs.c.id), RunRecord)
