"""Approval requests and decisions: a person decides once, on what was shown, in time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, exists, insert, select, update

from postlaunch.errors import (
    AlreadyDecided,
    DecisionRefused,
    NotAnApprover,
    RequestExpired,
    StaleProposal,
    UnknownRequest,
    UsageError,
)
from postlaunch.facts import digest_of
from postlaunch.ledger.chain import BEGINNING, hash_of, problems_of
from postlaunch.ledger.fence import require_lease
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.records import SCHEMA_VERSION, ApprovalRequest, Decision, DecisionDraft, Lease
from postlaunch.ledger.rows import all_of, beginning_with, one_or_none, values_of
from postlaunch.ledger.tables import commitments, decisions, requests

PENDING = "postlaunch approvals lists the requests that can be decided"


def undecided() -> ColumnElement[bool]:
    """The requests that nobody decided."""
    return ~exists().where(decisions.c.request == requests.c.id)


def close_requests(connection: Connection, run: str, why: str) -> None:
    """Close a run's undecided requests, so that nobody decides on what no longer counts."""
    mine = (requests.c.run == run, requests.c.closed == "", undecided())
    connection.execute(update(requests).where(*mine).values(closed=why))


def anything_decided(connection: Connection, run: str) -> bool:
    """Whether a person decided on anything that this run proposed."""
    decided = select(decisions.c.seq).join(requests).where(requests.c.run == run).limit(1)
    return connection.execute(decided).one_or_none() is not None


def _no_request(request: str) -> UnknownRequest:
    return UnknownRequest(f'there is no request "{request}"', PENDING)


def _decision_on(request: str) -> Select[tuple[object, ...]]:
    return select(decisions).where(decisions.c.request == request)


def _refuse_unless_open(request: ApprovalRequest, now: datetime) -> None:
    if request.closed:
        raise RequestExpired(f"request {request.id} was closed: {request.closed}", PENDING)
    if now >= request.expires_at:
        raise RequestExpired(
            f"request {request.id} expired at {request.expires_at:%Y-%m-%d %H:%M} UTC",
            "start the workflow again for a fresh proposal",
        )


def _refuse_unless_allowed(request: ApprovalRequest, draft: DecisionDraft) -> None:
    if draft.digest != request.digest:
        raise StaleProposal(
            f"the proposal decided on ({draft.digest[:12] or 'no digest'}) is not the one of request "
            f"{request.id} ({request.digest[:12]})",
            "look at the request again and decide on what it shows now",
        )
    if request.approvers and draft.by not in request.approvers:
        raise NotAnApprover(
            f'"{draft.by}" may not decide on request {request.id}',
            f"those who may: {', '.join(request.approvers)} (gate.approvers in the settings)",
        )
    if draft.kind not in request.options:
        raise DecisionRefused(
            f'request {request.id} does not offer "{draft.kind}"', f"it offers {', '.join(request.options)}"
        )


def _chained(connection: Connection, draft: DecisionDraft, now: datetime) -> Decision:
    """The draft as the next link of the chain."""
    last = connection.execute(
        select(decisions.c.seq, decisions.c.hash).order_by(decisions.c.seq.desc()).limit(1)
    ).one_or_none()
    values = {
        **values_of(draft),
        "schema_version": SCHEMA_VERSION,
        "seq": 1 if last is None else last.seq + 1,
        "at": now,
        "trust": "local",
        "previous": BEGINNING if last is None else last.hash,
    }
    return Decision.model_validate({**values, "hash": hash_of(values)})


class Approvals(LedgerPart):
    """Open requests, decide them, and verify what was decided."""

    def open_request(self, lease: Lease, request: ApprovalRequest) -> ApprovalRequest:
        """Put a proposal before a person; the same gate and round of a run gives the stored one back.

        Raises:
            LeaseLost: the run passed to another process.
            UsageError: the request is of another run, or its digest is not that of its proposal.
        """
        if request.run != lease.run:
            raise UsageError(f"request {request.id} belongs to run {request.run}, not to run {lease.run}")
        if request.digest != digest_of(request.proposal):
            raise UsageError(f"the digest of request {request.id} is not that of its proposal")
        same = select(requests).where(
            requests.c.run == request.run,
            requests.c.gate == request.gate,
            requests.c.round == request.round,
        )
        with self._database.write() as connection:
            require_lease(connection, lease)
            stored = one_or_none(connection, same, ApprovalRequest)
            if stored is not None:
                return stored
            connection.execute(insert(requests).values(values_of(request)))
        return request

    def request(self, request: str) -> ApprovalRequest:
        """A request by its id, or by the beginning of it if only one begins so.

        Raises:
            UnknownRequest: no request, or more than one.
        """
        with self._database.read() as connection:
            found = beginning_with(connection, requests, request, ApprovalRequest)
        if not found:
            raise _no_request(request)
        if len(found) > 1:
            names = ", ".join(record.id for record in found)
            raise UnknownRequest(
                f'"{request}" begins the ids of several requests: {names}', "write more of it"
            )
        return found[0]

    def requests(self, run: str | None = None, *, pending: bool = False) -> tuple[ApprovalRequest, ...]:
        """Requests, the oldest first.

        Args:
            run: only those of one run.
            pending: only those that can still be decided now.
        """
        query = select(requests).order_by(requests.c.requested_at, requests.c.id)
        if run is not None:
            query = query.where(requests.c.run == run)
        if pending:
            query = query.where(requests.c.closed == "", requests.c.expires_at > self._now(), undecided())
        with self._database.read() as connection:
            return all_of(connection, query, ApprovalRequest)

    def decide(self, draft: DecisionDraft) -> Decision:
        """Store what a person decided. The first decision on a request wins; nothing replaces it.

        Raises:
            UnknownRequest: no request has this id.
            AlreadyDecided: somebody was first; the message says who, what and when.
            RequestExpired: its time is over, or a newer run replaced the proposal.
            StaleProposal: the digest is not that of the stored proposal.
            NotAnApprover: the request names approvers, and this is none of them.
            DecisionRefused: the request does not offer this kind of decision.
        """
        with self._database.write() as connection:
            now = self._now()  # after the wait for other writers, so that times rise along the chain
            query = select(requests).where(requests.c.id == draft.request).with_for_update()
            request = one_or_none(connection, query, ApprovalRequest)
            if request is None:
                raise _no_request(draft.request)
            first = one_or_none(connection, _decision_on(request.id), Decision)
            if first is not None:
                raise AlreadyDecided(
                    f"request {request.id} was already decided: {first.kind} by {first.by} "
                    f"at {first.at:%Y-%m-%d %H:%M:%S} UTC",
                    "the first decision stands; advance the run to see what follows from it",
                )
            _refuse_unless_open(request, now)
            _refuse_unless_allowed(request, draft)
            decision = _chained(connection, draft, now)
            connection.execute(insert(decisions).values(values_of(decision)))
        return decision

    def decision(self, request: str) -> Decision | None:
        """The decision on a request, or None while there is none."""
        with self._database.read() as connection:
            return one_or_none(connection, _decision_on(request), Decision)

    def decisions(self) -> tuple[Decision, ...]:
        """Every decision, in the order in which they were made."""
        with self._database.read() as connection:
            return all_of(connection, select(decisions).order_by(decisions.c.seq), Decision)

    def expire(self, now: datetime) -> tuple[ApprovalRequest, ...]:
        """Close the undecided requests whose time is over, and return them."""
        over = (requests.c.expires_at <= now, requests.c.closed == "", undecided())
        with self._database.write() as connection:
            found = all_of(connection, select(requests).where(*over), ApprovalRequest)
            closed = tuple(
                item.model_copy(update={"closed": f"it expired at {item.expires_at:%Y-%m-%d %H:%M} UTC"})
                for item in found
            )
            for item in closed:
                connection.execute(
                    update(requests).where(requests.c.id == item.id).values(closed=item.closed)
                )
        return closed

    def verify_chain(self) -> list[str]:
        """What is wrong with the stored decisions, the first broken link first; empty when nothing is.

        A chain shows that a decision was changed, inserted or taken out. That the last ones were cut off it
        shows only where a commitment rests on one of them: keep a copy of the newest hash elsewhere for more.
        """
        with self._database.read() as connection:
            rows = connection.execute(select(decisions).order_by(decisions.c.seq)).mappings().all()
            resting = select(commitments.c.key, commitments.c.decision).order_by(commitments.c.key)
            committed = connection.execute(resting).all()
        hashes = {row["hash"] for row in rows}
        return problems_of([dict(row) for row in rows]) + [
            f"commitment {row.key} rests on a decision that is not there: {row.decision[:12]}"
            for row in committed
            if row.decision not in hashes
        ]
