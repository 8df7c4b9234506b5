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
from postlaunch.ledger.chain import BEGINNING, JOURNAL, hash_of, problems_of
from postlaunch.ledger.fence import require_lease
from postlaunch.ledger.gate_journal import GateJournal, journal_head
from postlaunch.ledger.gate_records import ChainHead, Proof
from postlaunch.ledger.link_uses import key_name
from postlaunch.ledger.records import DECISION_VERSION, ApprovalRequest, Decision, DecisionDraft, Lease
from postlaunch.ledger.rows import all_of, beginning_with, one_or_none, values_of
from postlaunch.ledger.tables import commitments, decisions, gate_journal, requests
from postlaunch.ledger.trust import STRENGTH, Given, proved

PENDING = "postlaunch approvals lists the requests that can be decided"


def undecided() -> ColumnElement[bool]:
    """The requests that nobody decided."""
    return ~exists().where(decisions.c.request == requests.c.id)


def close_requests(connection: Connection, run: str, why: str, now: datetime) -> None:
    """Close a run's undecided requests, so that nobody decides on what no longer counts.

    One whose time was over before says that instead: it is what people are told of it.
    """
    mine = (requests.c.run == run, requests.c.closed == "", undecided())
    for request in all_of(connection, select(requests).where(*mine), ApprovalRequest):
        closed = request.expiry if request.ran_out(now) else why
        connection.execute(update(requests).where(requests.c.id == request.id).values(closed=closed))


def anything_decided(connection: Connection, run: str) -> bool:
    """Whether a person decided on anything that this run proposed."""
    decided = select(decisions.c.seq).join(requests).where(requests.c.run == run).limit(1)
    return connection.execute(decided).one_or_none() is not None


def _no_request(request: str) -> UnknownRequest:
    return UnknownRequest(f'there is no request "{request}"', PENDING)


def _decision_on(request: str) -> Select[tuple[object, ...]]:
    return select(decisions).where(decisions.c.request == request)


def _refuse_unless_open(request: ApprovalRequest, now: datetime) -> None:
    if request.ran_out(now):
        raise RequestExpired(
            f"request {request.id} expired at {request.expires_at:%Y-%m-%d %H:%M} UTC",
            "start the workflow again for a fresh proposal",
        )
    if request.closed:
        raise RequestExpired(f"request {request.id} was closed: {request.closed}", PENDING)


def _refuse_unless_allowed(request: ApprovalRequest, draft: DecisionDraft) -> None:
    if draft.digest != request.digest:
        raise StaleProposal(
            f"the proposal decided on ({draft.digest[:12] or 'no digest'}) is not the one of request "
            f"{request.id} ({request.digest[:12]})",
            "look at the request again and decide on what it shows now",
        )
    if not draft.by.strip():
        raise NotAnApprover(
            f"nobody is named who decides on request {request.id}", "name who decides: --by NAME"
        )
    if request.approvers and draft.by not in request.approvers:
        raise NotAnApprover(
            f'"{draft.by}" may not decide on request {request.id}',
            f"those who may: {', '.join(request.approvers)} (the gate's approvers and roles in the settings)",
        )
    if draft.kind not in request.options:
        raise DecisionRefused(
            f'request {request.id} does not offer "{draft.kind}"', f"it offers {', '.join(request.options)}"
        )


def newest_decision_at(connection: Connection) -> datetime | None:
    """When the newest decision was made; None while there is none."""
    newest = select(decisions.c.at).order_by(decisions.c.seq.desc()).limit(1)
    return connection.execute(newest).scalar_one_or_none()


def _moment_in_line(connection: Connection, request: ApprovalRequest, now: datetime) -> datetime:
    """When a decision is made: now, and not before what it follows, whose process may have a faster clock.

    It is not before its request was opened, nor before the newest decision; a decision that lies after the
    request's end (by a clock that is wrong by days) is followed in the chain alone.
    """
    before = newest_decision_at(connection)
    follows = [] if before is None or before >= request.expires_at else [before]
    return max(now, request.requested_at, *follows)


def _chained(connection: Connection, draft: DecisionDraft, proof: Proof | None, now: datetime) -> Decision:
    """The draft and its proof as the next link of the chain, stored."""
    last = connection.execute(
        select(decisions.c.seq, decisions.c.hash).order_by(decisions.c.seq.desc()).limit(1)
    ).one_or_none()
    values = {
        **values_of(draft),
        "schema_version": DECISION_VERSION,
        "seq": 1 if last is None else last.seq + 1,
        "at": now,
        "trust": "local" if proof is None else proof.kind,
        "proof": None if proof is None else values_of(proof),
        "journal": journal_head(connection),
        "previous": BEGINNING if last is None else last.hash,
    }
    decision = Decision.model_validate({**values, "hash": hash_of(values)})
    connection.execute(insert(decisions).values(values_of(decision)))
    return decision


def _by_policy(request: ApprovalRequest) -> tuple[DecisionDraft, Proof]:
    """The approval of a gate that the settings approve beforehand."""
    name = f"policy gate.pre_approved: {request.gate}"
    draft = DecisionDraft(
        request=request.id,
        kind="approve",
        by=name,
        reason="approved beforehand by the settings; no person looked at it",
        digest=request.digest,
    )
    return draft, Proof(kind="policy", signer=name)


class Approvals(GateJournal):
    """Open requests, decide them, and verify what was decided."""

    def open_request(self, lease: Lease, request: ApprovalRequest) -> ApprovalRequest:
        """Put a proposal before a person; the same gate and round of a run gives the stored one back.

        The ledger's policy says what proof of who decides it needs, and which keys may sign. Where it
        approves this gate beforehand, its decision is stored at once under the policy's name.

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
            trust = max(request.trust, self._policy.at(request.gate), key=STRENGTH.__getitem__)
            opened = request.model_copy(update={"trust": trust})
            signers = self._policy.signers_to_pin(trust)
            key = key_name(self._policy.link_key) if self._policy.link_key else None
            pinned = {"signers": signers, "link_key": key}
            connection.execute(insert(requests).values({**values_of(opened), **pinned}))
            if request.gate in self._policy.pre_approved:
                _chained(connection, *_by_policy(opened), _moment_in_line(connection, opened, self._now()))
        return opened

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

    def request_to_decide(self, request: str, by: str, kind: str) -> ApprovalRequest:
        """As `request`, for somebody who decides: a name that fits no request is kept as a refused attempt.

        Raises:
            UnknownRequest: no request, or more than one.
        """
        try:
            return self.request(request)
        except UnknownRequest as error:
            self.refused(request, by, kind, error)
            raise

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

    def decide(self, draft: DecisionDraft, given: Given | None = None) -> Decision:
        """Store what a person decided. The first decision on a request wins; nothing replaces it.

        An attempt that is refused is kept in the gate's journal.

        Args:
            given: what proves who decides.

        Raises:
            UnknownRequest: no request has this id.
            AlreadyDecided: somebody was first; the message says who, what and when.
            RequestExpired: its time is over, or a newer run replaced the proposal.
            StaleProposal: the digest is not that of the stored proposal.
            NotAnApprover: the request names approvers, and this is none of them.
            ProofRefused: it is not proved who decides, and the gate asks for it.
            DecisionRefused: the request does not offer this kind of decision.
        """
        try:
            return self._decided(draft, given)
        except DecisionRefused as error:
            offered = "none" if given is None else given.kind
            self.refused(draft.request, draft.by, draft.kind, error, offered=offered)
            raise

    def _decided(self, draft: DecisionDraft, given: Given | None) -> Decision:
        with self._database.write() as connection:
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
            now = _moment_in_line(connection, request, self._now())
            _refuse_unless_open(request, now)
            _refuse_unless_allowed(request, draft)
            proof = proved(connection, self._policy, request, draft, given, now)
            return _chained(connection, draft, proof, now)

    def decision(self, request: str) -> Decision | None:
        """The decision on a request, or None while there is none."""
        with self._database.read() as connection:
            return one_or_none(connection, _decision_on(request), Decision)

    def decisions(self) -> tuple[Decision, ...]:
        """Every decision, in the order in which they were made."""
        with self._database.read() as connection:
            return all_of(connection, select(decisions).order_by(decisions.c.seq), Decision)

    def chain_head(self) -> ChainHead:
        """The newest decision's hash and how many there are. Kept elsewhere, it shows a rewritten chain."""
        newest = select(decisions.c.hash, decisions.c.seq).order_by(decisions.c.seq.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(newest).one_or_none()
        return (
            ChainHead(hash=BEGINNING, decisions=0)
            if row is None
            else ChainHead(hash=row.hash, decisions=row.seq)
        )

    def verify_chain(self) -> list[str]:
        """What is wrong with the stored decisions, the first broken link first; empty when nothing is.

        A chain shows that a decision was changed, inserted or taken out. That the last ones were cut off it
        shows only where a commitment rests on one of them: keep a copy of the newest hash elsewhere for more.
        """
        with self._database.read() as connection:
            rows = connection.execute(select(decisions).order_by(decisions.c.seq)).mappings().all()
            resting = select(commitments.c.key, commitments.c.decision).order_by(commitments.c.key)
            committed = connection.execute(resting).all()
            entries = connection.execute(select(gate_journal).order_by(gate_journal.c.seq)).mappings().all()
        hashes = {row["hash"] for row in rows}
        broken = problems_of([dict(row) for row in rows])
        broken += problems_of([dict(row) for row in entries], JOURNAL, "journal entry")
        return broken + [
            f"commitment {row.key} rests on a decision that is not there: {row.decision[:12]}"
            for row in committed
            if row.decision not in hashes
        ]
