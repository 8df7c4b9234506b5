"""Changing a commitment, or calling it off: by a decision of its own, once; the commitment itself stays."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from postlaunch.errors import DecisionRefused, StaleProposal
from postlaunch.ledger.approvals import close_requests
from postlaunch.ledger.commitment_items import outdated
from postlaunch.ledger.gate_journal import write_journal
from postlaunch.ledger.gate_records import Amendment, JournalEntry
from postlaunch.ledger.outbox import put_in_outbox
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.records import ApprovalRequest, Decision, HandOff, OutboxRow
from postlaunch.ledger.rows import all_of, one_or_none, values_of
from postlaunch.ledger.tables import amendments, decisions, gate_journal, handoffs, requests

GATE = "commitment"
"""The gate at which commitments are changed and called off."""

ASK_AGAIN = "look at what stands now, and ask again: postlaunch amend COMMITMENT"


class Amendments(LedgerPart):
    """Write amendments, and look at them."""

    def amend(self, amendment: Amendment, new: Sequence[HandOff], outbox: Sequence[OutboxRow]) -> Amendment:
        """Write an amendment with its hand-offs and messages, or nothing; once per decision.

        A second call with the decision returns what is stored and writes nothing, whoever calls.

        Every other request to change the commitment closes: it shows what no longer stands.

        Raises:
            DecisionRefused: no stored decision allows it.
            StaleProposal: the commitment was changed or called off since this was asked for.
        """
        with self._database.write() as connection:
            same = select(amendments).where(amendments.c.decision == amendment.decision)
            stored = one_or_none(connection, same, Amendment)
            if stored is not None:
                return stored
            _refuse_unless_decided(connection, amendment)
            connection.execute(insert(amendments).values(values_of(amendment)))
            _close_other_requests(connection, amendment)
            for handoff in new:
                known = select(handoffs.c.id).where(handoffs.c.key == handoff.key)
                if connection.execute(known).one_or_none() is None:
                    connection.execute(insert(handoffs).values(values_of(handoff)))
            put_in_outbox(connection, outbox)
        return amendment

    def amendments(self, commitment: str | None = None) -> tuple[Amendment, ...]:
        """Amendments, in the order of their decisions; all of them, or those of one commitment."""
        query = select(amendments).join(decisions).order_by(decisions.c.seq)
        if commitment is not None:
            query = query.where(amendments.c.commitment == commitment)
        with self._database.read() as connection:
            return all_of(connection, query, Amendment)

    def unamended(self) -> tuple[tuple[ApprovalRequest, Decision], ...]:
        """The decisions that a commitment be changed which are still to be carried out, in their order."""
        lapsed = select(gate_journal.c.request).where(gate_journal.c.kind == "lapsed")
        query = (
            select(decisions)
            .join(requests, requests.c.id == decisions.c.request)
            .outerjoin(amendments, amendments.c.decision == decisions.c.hash)
            .where(requests.c.gate == GATE, decisions.c.kind == "approve", amendments.c.id.is_(None))
            .where(requests.c.id.not_in(lapsed))
            .order_by(decisions.c.seq)
        )
        with self._database.read() as connection:
            made = all_of(connection, query, Decision)
            ids = [decision.request for decision in made]
            asked = all_of(connection, select(requests).where(requests.c.id.in_(ids)), ApprovalRequest)
        by_id = {one.id: one for one in asked}
        return tuple((by_id[one.request], one) for one in made)

    def refuse_outdated(self, request: ApprovalRequest) -> None:
        """Refuse to decide on a change of what no longer stands.

        Raises:
            StaleProposal: the commitment was changed or called off since this was asked for.
        """
        with self._database.read() as connection:
            _refuse_unless_standing(connection, request)

    def lapse(self, made: Decision, why: str, outbox: Sequence[OutboxRow]) -> None:
        """Note for good that an approved change is not carried out, with the messages that say so; once."""
        with self._database.write() as connection:
            written = select(amendments.c.id).where(amendments.c.decision == made.hash)
            if _lapsed(connection, made.request) or connection.execute(written).one_or_none() is not None:
                return
            text = f"decision {made.seq} is not carried out: {why}"
            write_journal(
                connection,
                self._now(),
                "lapsed",
                request=made.request,
                by=made.by,
                text=text,
                data={"decision": made.hash},
            )
            put_in_outbox(connection, outbox)

    def lapsed(self, request: str) -> JournalEntry | None:
        """That the approved change of this request is not carried out, and why; None where it is."""
        with self._database.read() as connection:
            return _lapsed(connection, request)


def _lapsed(connection: Connection, request: str) -> JournalEntry | None:
    query = select(gate_journal).where(gate_journal.c.request == request, gate_journal.c.kind == "lapsed")
    return one_or_none(connection, query, JournalEntry)


def _close_other_requests(connection: Connection, amendment: Amendment) -> None:
    """What was asked before shows what no longer stands."""
    run = connection.execute(select(requests.c.run).where(requests.c.id == amendment.request)).scalar_one()
    become = "called off" if amendment.kind == "revoke" else "changed; ask again"
    close_requests(connection, run, f"commitment {amendment.commitment} was {become}", amendment.at)


def _refuse_unless_decided(connection: Connection, amendment: Amendment) -> None:
    """What is written rests on the stored approval of its own request at the gate for commitments."""
    query = (
        select(decisions)
        .join(requests)
        .where(requests.c.id == amendment.request, requests.c.gate == GATE, decisions.c.kind == "approve")
    )
    made = one_or_none(connection, query, Decision)
    if made is None or made.hash != amendment.decision:
        raise DecisionRefused(
            f"nothing is changed: no decision on {amendment.request} allows it",
            f"look at it first: postlaunch show {amendment.request}",
        )
    if _lapsed(connection, amendment.request) is not None:
        raise StaleProposal(f"nothing is changed: the approval of {amendment.request} lapsed", ASK_AGAIN)
    [request] = all_of(
        connection, select(requests).where(requests.c.id == amendment.request), ApprovalRequest
    )
    _refuse_unless_standing(connection, request)


def _refuse_unless_standing(connection: Connection, request: ApprovalRequest) -> None:
    why = outdated(connection, request)
    if why:
        raise StaleProposal(f"nothing is changed: {why}", ASK_AGAIN)
