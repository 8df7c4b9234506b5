"""Changing a commitment, or calling it off: by a decision of its own, once; the commitment itself stays."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from postlaunch.errors import DecisionRefused
from postlaunch.ledger.approvals import close_requests
from postlaunch.ledger.gate_records import Amendment
from postlaunch.ledger.outbox import put_in_outbox
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.records import ApprovalRequest, Decision, HandOff, OutboxRow
from postlaunch.ledger.rows import all_of, one_or_none, values_of
from postlaunch.ledger.tables import amendments, decisions, handoffs, requests

GATE = "commitment"
"""The gate at which commitments are changed and called off."""


class Amendments(LedgerPart):
    """Write amendments, and look at them."""

    def amend(self, amendment: Amendment, new: Sequence[HandOff], outbox: Sequence[OutboxRow]) -> Amendment:
        """Write an amendment with its hand-offs and messages, or nothing; once per decision.

        A second call with the decision returns what is stored and writes nothing, whoever calls.

        Raises:
            DecisionRefused: no stored decision allows it, or the commitment was called off before.
        """
        with self._database.write() as connection:
            same = select(amendments).where(amendments.c.decision == amendment.decision)
            stored = one_or_none(connection, same, Amendment)
            if stored is not None:
                return stored
            _refuse_unless_decided(connection, amendment)
            connection.execute(insert(amendments).values(values_of(amendment)))
            if amendment.kind == "revoke":
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
        """The decisions that a commitment be changed which were not carried out yet, in their order."""
        query = (
            select(decisions)
            .join(requests, requests.c.id == decisions.c.request)
            .outerjoin(amendments, amendments.c.decision == decisions.c.hash)
            .where(requests.c.gate == GATE, decisions.c.kind == "approve", amendments.c.id.is_(None))
            .order_by(decisions.c.seq)
        )
        off = {one.commitment for one in self.amendments() if one.kind == "revoke"}
        with self._database.read() as connection:
            made = all_of(connection, query, Decision)
            ids = [decision.request for decision in made]
            asked = all_of(connection, select(requests).where(requests.c.id.in_(ids)), ApprovalRequest)
        open_ones = {one.id: one for one in asked if one.proposal["commitment"] not in off}
        return tuple((open_ones[one.request], one) for one in made if one.request in open_ones)


def _close_other_requests(connection: Connection, amendment: Amendment) -> None:
    """What was called off is not changed any more."""
    run = connection.execute(select(requests.c.run).where(requests.c.id == amendment.request)).scalar_one()
    close_requests(connection, run, f"commitment {amendment.commitment} was called off")


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
    off = select(amendments).where(
        amendments.c.commitment == amendment.commitment, amendments.c.kind == "revoke"
    )
    if one_or_none(connection, off, Amendment) is not None:
        raise DecisionRefused(f"nothing is changed: commitment {amendment.commitment} was called off before")
