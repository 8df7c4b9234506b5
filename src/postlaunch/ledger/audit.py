"""The audit: every decision, how it is known who made it, and everything that does not hold.

It checks what is stored against itself, against the settings' keys, and against a head that was sent out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postlaunch.errors import ProofRefused
from postlaunch.facts import Frozen, digest_of
from postlaunch.ledger.approvals import Approvals
from postlaunch.ledger.audit_followed import not_carried_out, problems_with_what_followed
from postlaunch.ledger.audit_protection import problems_with_protections
from postlaunch.ledger.audit_stored import Stored
from postlaunch.ledger.chain import BEGINNING
from postlaunch.ledger.gate_records import ChainHead, JournalEntry, Proof, Trust
from postlaunch.ledger.keys import fits
from postlaunch.ledger.records import ApprovalRequest, Decision, DecisionDraft
from postlaunch.ledger.trust import STRENGTH, TrustPolicy, decision_text
from postlaunch.ledger.trust_ssh import key_in, signature_proof
from postlaunch.settings_gate import PERSONAL

SHORTEST_HEAD = 12
COMPUTED = re.compile("R[0-9a-f]{8}")
"""An id that is computed, as those of all requests that postlaunch opens are."""


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
        problems += _of_the_requests(stored)
        problems += problems_with_what_followed(stored)
        problems += problems_with_protections(stored.protections, dialect)
        problems += _of_the_tokens(stored, journal)
        problems += _of_the_head(head, stored.decisions)
        return Audit(
            head=self.chain_head(),
            decisions=audited,
            journal=journal,
            problems=tuple(problems),
            notes=(*_notes(stored, self._policy), *not_carried_out(stored, journal)),
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
        if one.seq < made.seq and one.trust != "policy" and stored.gate_of(one) == request.gate
    )
    return max(before, default=0)


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


def _of_the_requests(stored: Stored) -> Iterator[str]:
    """What a decision's hash covers of its request: the proposal by its digest, gate and run by its id."""
    for request in stored.requests.values():
        if digest_of(request.proposal) != request.digest:
            yield f"the proposal of request {request.id} was changed: its digest differs"
        known = fits(request.id, request.run, request.gate, request.round)
        if COMPUTED.fullmatch(request.id) and not known:
            yield f"request {request.id} is not of this gate, run and round ({request.gate}): it was changed"


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
        gate = stored.gate_of(made)
        if made.trust == "policy" and gate not in policy.pre_approved:
            yield f"decision {made.seq} is by a policy that the settings state no more: {gate}"
    for token in stored.tokens.values():
        if token.trust == "local":
            yield f"token {token.id} of {token.person} was made while no gate asked for proof"
    typed = sum(made.trust == "local" for made in stored.decisions)
    if typed:
        yield f"of {typed} decisions it is only known which name was typed (trust: local)"
