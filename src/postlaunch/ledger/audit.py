"""The audit: every decision, how it is known who made it, and everything that does not hold.

It checks what is stored against itself, against the settings' keys, and against a head that was sent out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from sqlalchemy import Connection, String, column, select, table

from postlaunch.errors import ProofRefused
from postlaunch.facts import Frozen, digest_of
from postlaunch.ledger.approvals import Approvals
from postlaunch.ledger.chain import BEGINNING
from postlaunch.ledger.gate_records import (
    Amendment,
    ApprovalTokenRecord,
    ChainHead,
    Effect,
    JournalEntry,
    Proof,
    TokenRevocation,
    Trust,
)
from postlaunch.ledger.records import ApprovalRequest, Commitment, Decision, DecisionDraft
from postlaunch.ledger.rows import all_of
from postlaunch.ledger.tables import (
    amendments,
    approval_tokens,
    commitments,
    decisions,
    effects,
    link_uses,
    requests,
    token_revocations,
)
from postlaunch.ledger.trust import STRENGTH, TrustPolicy, decision_text, pinned
from postlaunch.ledger.trust_ssh import key_in, signature_proof
from postlaunch.settings_gate import PERSONAL

SHORTEST_HEAD = 12
TRIGGER = re.compile(r"CREATE TRIGGER (\w+)")


class AuditedDecision(Frozen):
    """One decision, the gate it was made at, and what is wrong with it."""

    gate: str
    decision: Decision
    problems: tuple[str, ...] = ()


class Audit(Frozen):
    """What the audit found.

    Attributes:
        problems: what does not hold, those of single decisions included; empty when everything does.
        notes: what holds and is worth knowing.
        journal: refused attempts, and tokens made and revoked.
    """

    head: ChainHead
    decisions: tuple[AuditedDecision, ...]
    journal: tuple[JournalEntry, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


@dataclass(frozen=True)
class Stored:
    """Everything that the audit looks at, read in one transaction."""

    requests: dict[str, ApprovalRequest]
    pins: dict[str, Sequence[tuple[str, ...]]]
    decisions: tuple[Decision, ...]
    commitments: tuple[Commitment, ...]
    amendments: tuple[Amendment, ...]
    effects: tuple[Effect, ...]
    tokens: dict[str, ApprovalTokenRecord]
    revoked: dict[str, TokenRevocation]
    links: dict[str, str]
    triggers: frozenset[str]

    @classmethod
    def read(cls, connection: Connection) -> Stored:
        """From the ledger, as it is now."""
        asked = all_of(connection, select(requests), ApprovalRequest)
        made = all_of(connection, select(approval_tokens), ApprovalTokenRecord)
        taken = all_of(connection, select(token_revocations), TokenRevocation)
        return cls(
            requests={one.id: one for one in asked},
            pins={one.id: pinned(connection, one.id) for one in asked},
            decisions=all_of(connection, select(decisions).order_by(decisions.c.seq), Decision),
            commitments=all_of(connection, select(commitments), Commitment),
            amendments=all_of(connection, select(amendments), Amendment),
            effects=all_of(connection, select(effects), Effect),
            tokens={one.id: one for one in made},
            revoked={one.token: one for one in taken},
            links={row.nonce: row.request for row in connection.execute(select(link_uses))},
            triggers=_triggers(connection),
        )


def _triggers(connection: Connection) -> frozenset[str]:
    if connection.dialect.name == "sqlite":
        of_sqlite = select(column("name", String)).select_from(table("sqlite_master"))
        return frozenset(connection.execute(of_sqlite.where(column("type") == "trigger")).scalars())
    of_postgresql = select(column("tgname", String)).select_from(table("pg_trigger"))
    return frozenset(connection.execute(of_postgresql).scalars())


class Audits(Approvals):
    """Audit what is stored."""

    def audit(self, head: str | None = None) -> Audit:
        """Verify everything that was decided, and list it.

        Args:
            head: a chain head that was sent out, or at least 12 digits of it: it must still be in the chain.
        """
        try:
            return self._audited(head)
        except ValueError as error:  # pydantic's too: what the ledger would never have written
            what = str(error).partition("\n")[0]
            problem = f"a stored record is none that postlaunch writes: {what}"
            return Audit(head=self.chain_head(), decisions=(), journal=(), problems=(problem,))

    def _audited(self, head: str | None) -> Audit:
        with self._database.read() as connection:
            stored = Stored.read(connection)
            dialect = connection.dialect.name
        journal = self.journal()
        audited = tuple(
            AuditedDecision(
                gate=request.gate if (request := stored.requests.get(made.request)) else "",
                decision=made,
                problems=tuple(_problems_with(made, stored, self._policy, journal)),
            )
            for made in stored.decisions
        )
        problems = [*self.verify_chain(), *(problem for one in audited for problem in one.problems)]
        problems += _of_the_rest(stored, dialect)
        problems += _of_the_tokens(stored, journal)
        problems += _of_the_head(head, stored.decisions)
        return Audit(
            head=self.chain_head(),
            decisions=audited,
            journal=journal,
            problems=tuple(problems),
            notes=tuple(_notes(stored, self._policy)),
        )


def _problems_with(
    made: Decision, stored: Stored, policy: TrustPolicy, journal: Sequence[JournalEntry]
) -> Iterator[str]:
    name = f"decision {made.seq} ({made.kind} by {made.by} on {made.request})"
    request = stored.requests.get(made.request)
    if request is None:
        yield f"{name} is on a request that is not there"
        return
    if made.digest != request.digest:
        yield f"{name} is on another proposal than the one that is stored"
    if not request.requested_at <= made.at < request.expires_at:
        yield f"{name} was made outside of the time that its request was open"
    if made.kind not in request.options:
        yield f"{name} is of a kind that its request does not offer"
    if made.journal and made.journal not in {entry.hash for entry in journal}:
        yield f"{name} names an entry of the gate's journal that is not there: entries were taken out"
    if made.trust == "policy":
        if request.gate in PERSONAL:
            yield f"{name} is by a policy, and a person decides at the gate {request.gate}"
    else:
        yield from (f"{name}: {text}" for text in _unproved(made, request, stored, policy))


def _unproved(made: Decision, request: ApprovalRequest, stored: Stored, policy: TrustPolicy) -> Iterator[str]:
    if request.approvers and made.by not in request.approvers:
        yield f"{made.by} is none of those who may decide ({', '.join(request.approvers)})"
    if STRENGTH[made.trust] < STRENGTH[request.trust]:
        yield f"it is known by {made.trust} who decided, and the request asks for {request.trust}"
    elif STRENGTH[made.trust] < min(STRENGTH[policy.at(request.gate)], _asked_before(made, request, stored)):
        yield f"it is known by {made.trust} who decided, and this gate asked for more before and does now"
    if made.trust == "local":
        return
    if made.proof is None or made.proof.kind != made.trust:
        yield f"it has no proof of its trust ({made.trust})"
        return
    match made.proof.kind:
        case "ssh":
            yield from _signature_problems(made, made.proof, request, stored, policy)
        case "link":
            if stored.links.get(made.proof.key) != request.id:
                yield "the use of its link was not recorded"
        case "token":
            yield from _token_problems(made, made.proof, stored, policy)


def _asked_before(made: Decision, request: ApprovalRequest, stored: Stored) -> int:
    """How strong the proofs were that decisions before this one had at its gate."""
    before = (
        STRENGTH[one.trust]
        for one in stored.decisions
        if one.seq < made.seq and one.trust != "policy" and _gate(one, stored) == request.gate
    )
    return max(before, default=0)


def _gate(made: Decision, stored: Stored) -> str:
    request = stored.requests.get(made.request)
    return request.gate if request else ""


def _signature_problems(
    made: Decision, proof: Proof, request: ApprovalRequest, stored: Stored, policy: TrustPolicy
) -> Iterator[str]:
    draft = DecisionDraft.model_validate(made.model_dump(include=set(DecisionDraft.model_fields)))
    text = decision_text(draft, request.gate)
    try:
        if key_in(proof.signature) != proof.public_key:
            yield "its signature was made with another key than the one it names"
        keys = [policy.signers(), *stored.pins[request.id]]
        signature_proof(text, proof.signature, policy.names(made.by), keys, made.at)
    except ProofRefused as error:
        yield f"{error} (keys that are no longer used stay in allowed_signers, with valid-before)"


def _token_problems(made: Decision, proof: Proof, stored: Stored, policy: TrustPolicy) -> Iterator[str]:
    token = stored.tokens.get(proof.key)
    if token is None:
        yield f"its approval token {proof.key} is not there"
        return
    revoked = stored.revoked.get(token.id)
    if token.person not in policy.names(made.by):
        yield f"its approval token {token.id} is of {token.person}"
    if not token.created_at <= made.at < token.expires_at:
        yield f"its approval token {token.id} was not good at that time"
    if revoked is not None and revoked.at <= made.at:
        yield f"its approval token {token.id} was revoked before"


def _of_the_rest(stored: Stored, dialect: str) -> Iterator[str]:
    """What is wrong beside single decisions."""
    for request in stored.requests.values():
        if digest_of(request.proposal) != request.digest:
            yield f"the proposal of request {request.id} was changed: its digest differs"
    by_hash = {made.hash: made for made in stored.decisions}
    resting = [(f"commitment {one.key}", one.request, one.decision) for one in stored.commitments]
    resting += [(f"{one.kind} of {one.commitment}", one.request, one.decision) for one in stored.amendments]
    resting += [(f"effect {one.id}", one.request, one.decision) for one in stored.effects]
    for name, request_id, decision in resting:
        made = by_hash.get(decision)
        if made is not None and (made.request != request_id or made.kind not in ("approve", "edit")):
            yield f"{name} rests on a decision that does not allow it: {made.kind} on {made.request}"
    folder = files("postlaunch.ledger.migrations.versions")
    scripts = [one for one in folder.iterdir() if one.name.endswith(f".{dialect}.sql")]
    expected = {name for one in scripts for name in TRIGGER.findall(one.read_text(encoding="utf-8"))}
    for name in sorted(expected - stored.triggers):
        yield f"the database's own protection {name} was taken off"


def _of_the_tokens(stored: Stored, journal: Sequence[JournalEntry]) -> Iterator[str]:
    recorded = {entry.data.get("token") for entry in journal if entry.kind == "token made"}
    for token in sorted(stored.tokens.keys() - recorded):
        yield f"the journal knows nothing of approval token {token}: it was not made by postlaunch"


def _of_the_head(head: str | None, made: Sequence[Decision]) -> Iterator[str]:
    if head is None:
        return
    if len(head) < SHORTEST_HEAD:
        yield f'"{head}" is too short for a chain head: at least {SHORTEST_HEAD} digits'
    elif not any(one.startswith(head.lower()) for one in (BEGINNING, *(decision.hash for decision in made))):
        yield f"the chain head {head} is not in the chain: decisions were rewritten or taken out since"


def _notes(stored: Stored, policy: TrustPolicy) -> Iterator[str]:
    keys: dict[tuple[Trust, str], str] = {}
    for made in stored.decisions:
        if made.proof is not None and made.proof.kind != "policy":
            known = keys.setdefault((made.proof.kind, made.by), made.proof.key)
            if known != made.proof.key:
                keys[made.proof.kind, made.by] = made.proof.key
                yield f"decision {made.seq} is by another {made.proof.kind} of {made.by}: {made.proof.key}"
        if made.trust == "policy" and _gate(made, stored) not in policy.pre_approved:
            yield f"decision {made.seq} is by a policy that the settings state no more: {_gate(made, stored)}"
    for token in stored.tokens.values():
        if token.trust == "local":
            yield f"token {token.id} of {token.person} was made while no gate asked for proof"
    typed = sum(made.trust == "local" for made in stored.decisions)
    if typed:
        yield f"of {typed} decisions it is only known which name was typed (trust: local)"
