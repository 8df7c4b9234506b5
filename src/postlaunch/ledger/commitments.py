"""Commitments: what a person approved, written once, together with everything that must follow from it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from postlaunch.errors import DecisionRefused, UsageError
from postlaunch.ledger.fence import require_lease
from postlaunch.ledger.outbox import put_in_outbox
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.records import Commitment, Decision, GateOption, HandOff, Lease, OutboxRow
from postlaunch.ledger.rows import all_of, beginning_with, one_or_none, values_of
from postlaunch.ledger.tables import commitments, decisions, handoffs, requests

COMMITTING: frozenset[GateOption] = frozenset({"approve", "edit"})
"""Decisions that allow something to be committed."""
HANDING_ON: frozenset[GateOption] = frozenset({"discovery"})
"""Decisions that commit nothing and allow one hand-off."""


def refuse_unless_decided(
    connection: Connection,
    request: str,
    run: str,
    decision_hash: str,
    kinds: frozenset[GateOption],
    nothing: str = "nothing is committed",
) -> None:
    """What is written rests on the stored decision of a request of its own run.

    Raises:
        DecisionRefused: `nothing`, and why.
    """
    query = select(decisions).join(requests).where(decisions.c.request == request, requests.c.run == run)
    decision = one_or_none(connection, query, Decision)
    if decision is None:
        raise DecisionRefused(
            f"{nothing}: nobody decided on request {request} of run {run}",
            f"look at it first: postlaunch show {request}",
        )
    if decision.kind not in kinds:
        raise DecisionRefused(f"{nothing}: {decision.by} decided {decision.kind} on request {request}")
    if decision.hash != decision_hash:
        raise DecisionRefused(
            f"{nothing}: the decision stored on request {request} is not the one it is to rest on"
        )


class Commitments(LedgerPart):
    """Commit, and look at what was committed."""

    def commit(
        self,
        lease: Lease,
        commitment: Commitment,
        handoffs: Sequence[HandOff],
        outbox: Sequence[OutboxRow],
    ) -> Commitment:
        """Commit once per business key: the commitment, its hand-offs and its messages, or nothing.

        A second call with the key returns what is stored and writes nothing, whoever calls.

        Raises:
            LeaseLost: the run passed to another process.
            DecisionRefused: no stored decision allows it.
        """
        if commitment.run != lease.run:
            raise UsageError(f"commitment {commitment.key} is of run {commitment.run}, not {lease.run}")
        with self._database.write() as connection:
            require_lease(connection, lease)
            stored = self._committed(connection, commitment.key)
            if stored is not None:
                return stored
            refuse_unless_decided(
                connection, commitment.request, commitment.run, commitment.decision, COMMITTING
            )
            connection.execute(insert(commitments).values(values_of(commitment)))
            for handoff in handoffs:
                self._store_handoff(connection, handoff.model_copy(update={"commitment": commitment.id}))
            put_in_outbox(connection, outbox)
        return commitment

    def hand_off(
        self, lease: Lease, handoff: HandOff, outbox: Sequence[OutboxRow], decision: Decision
    ) -> HandOff:
        """Hand one item on without a commitment, as a decision for new discovery allows; once per key.

        A second call with the key returns what is stored and writes nothing.

        Raises:
            LeaseLost: the run passed to another process.
            DecisionRefused: the stored decision is another one, or commits instead of discovering.
        """
        if handoff.run != lease.run:
            raise UsageError(f"hand-off {handoff.key} is of run {handoff.run}, not {lease.run}")
        with self._database.write() as connection:
            require_lease(connection, lease)
            same = select(handoffs).where(handoffs.c.key == handoff.key)
            stored = one_or_none(connection, same, HandOff)
            if stored is not None:
                return stored
            refuse_unless_decided(connection, decision.request, handoff.run, decision.hash, HANDING_ON)
            self._store_handoff(connection, handoff)
            put_in_outbox(connection, outbox)
        return handoff

    def _committed(self, connection: Connection, key: str) -> Commitment | None:
        return one_or_none(connection, select(commitments).where(commitments.c.key == key), Commitment)

    def _store_handoff(self, connection: Connection, handoff: HandOff) -> None:
        connection.execute(insert(handoffs).values(values_of(handoff)))

    def commitment(self, key: str) -> Commitment | None:
        """What was committed under a business key, or None."""
        with self._database.read() as connection:
            return self._committed(connection, key)

    def commitments(self) -> tuple[Commitment, ...]:
        """Every commitment, the oldest first."""
        with self._database.read() as connection:
            query = select(commitments).order_by(commitments.c.at, commitments.c.id)
            return all_of(connection, query, Commitment)

    def handoffs(self, run: str | None = None) -> tuple[HandOff, ...]:
        """Hand-offs, the oldest first; all of them, or those of one run."""
        query = select(handoffs).order_by(handoffs.c.at, handoffs.c.key)
        if run is not None:
            query = query.where(handoffs.c.run == run)
        with self._database.read() as connection:
            return all_of(connection, query, HandOff)

    def handoff(self, handoff: str) -> HandOff:
        """One hand-off, by its id or a unique beginning of it.

        Raises:
            UsageError: there is none, or several begin so.
        """
        with self._database.read() as connection:
            found = beginning_with(connection, handoffs, handoff, HandOff)
        if len(found) == 1:
            return found[0]
        if not found:
            raise UsageError(f"there is no hand-off {handoff}", "list them with: postlaunch handoffs")
        ids = ", ".join(one.id for one in found)
        raise UsageError(f"several hand-offs begin with {handoff}: {ids}", "give more of the id")

    def next_sprint(self) -> int | None:
        """One more than the highest sprint number that was committed, or None if none was."""
        numbers = [item.body.get("sprint") for item in self.commitments()]
        sprints = [number for number in numbers if type(number) is int]
        return max(sprints) + 1 if sprints else None
