"""The calls of `AsyncPostLaunch` about who decides: signing, tokens, the audit, and going back on it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta

from pydantic import JsonValue

from postlaunch.graphs.amending import open_amendment
from postlaunch.graphs.asking import ask_at_gate
from postlaunch.graphs.deciding import drafted
from postlaunch.graphs.session import Services
from postlaunch.ledger.audit import Audit
from postlaunch.ledger.calling_off import CalledOff, called_off
from postlaunch.ledger.gate_records import (
    Amendment,
    AmendmentKind,
    ApprovalTokenRecord,
    ChainHead,
    Effect,
    TokenRevocation,
)
from postlaunch.ledger.records import ApprovalRequest, GateOption, RunRecord, ScopeEdits
from postlaunch.ledger.trust import Given, TokenGrant, decision_text
from postlaunch.roster import Roster


class TrustCalls:
    """Part of `AsyncPostLaunch`."""

    services: Services

    async def decision_text(
        self,
        request: str,
        kind: GateOption,
        *,
        by: str,
        reason: str = "",
        scope: Sequence[str] | None = None,
        edits: ScopeEdits | None = None,
        text: str = "",
        digest: str | None = None,
    ) -> str:
        """What `decide` with these arguments says, as it is to be signed, for an `SshSignature`."""
        stored = await asyncio.to_thread(self.services.ledger.request, request)
        draft = drafted(stored, kind, by, reason=reason, scope=scope, edits=edits, text=text, digest=digest)
        return decision_text(draft, stored.gate)

    async def audit(self, head: str | None = None) -> Audit:
        """Verify every decision that is stored: hashes, order, proofs, and what was committed on them.

        Args:
            head: a chain head that a report or notification named; it must still be in the chain.
        """
        return await asyncio.to_thread(self.services.ledger.audit, head)

    async def chain_head(self) -> ChainHead:
        """The newest decision's hash and how many there are, to be kept where no ledger's owner can write."""
        return await asyncio.to_thread(self.services.ledger.chain_head)

    async def token_grant(self, person: str, *, days: float | None = None) -> TokenGrant:
        """A wish for an approval token of somebody who may decide; `grant_text` of it is what is signed.

        Raises:
            UsageError: the roster and the settings know nobody of this name.
        """
        settings, now = self.services.settings, self.services.clock()
        if person not in settings.gate.approvers:
            Roster.from_settings(settings).resolve(person)
        lasts = timedelta(days=settings.gate.token_days if days is None else days)
        return TokenGrant(id=secrets.token_hex(4), person=person, created_at=now, expires_at=now + lasts)

    async def create_token(self, grant: TokenGrant, proof: Given | None = None) -> str:
        """Make an approval token. This is the only time that it is seen: only a salted hash is kept.

        Raises:
            ProofRefused: a gate asks for proof of who decides, and it is not proved that they want it.
        """
        return await asyncio.to_thread(self.services.ledger.create_token, grant, proof, secrets.token_bytes)

    async def tokens(self) -> tuple[tuple[ApprovalTokenRecord, TokenRevocation | None], ...]:
        """Every approval token (never the token itself), with its revocation."""
        return await asyncio.to_thread(self.services.ledger.tokens)

    async def revoke_token(self, token: str, *, by: str, reason: str = "") -> TokenRevocation:
        """Revoke an approval token, by its id, for good.

        Raises:
            UsageError: there is no such token.
        """
        ledger = self.services.ledger
        return await asyncio.to_thread(lambda: ledger.revoke_token(token, by=by, reason=reason))

    async def cancel(self, run: str, *, by: str, reason: str) -> RunRecord:
        """Call a run off: its request closes, and whoever moves it writes nothing more. Again: no change.

        Raises:
            UsageError: there is no such run, it is over, a person decided on it and that is carried out, or
                nobody or no reason is named.
        """
        ledger = self.services.ledger
        stored = await asyncio.to_thread(ledger.run, run)
        return await asyncio.to_thread(lambda: ledger.cancel_run(stored.id, by=by, reason=reason))

    async def amend(
        self,
        commitment: str,
        kind: AmendmentKind = "amend",
        *,
        items: Sequence[str] = (),
        by: str,
        reason: str,
    ) -> ApprovalRequest:
        """Ask that a commitment be changed to exactly these items, or called off; a person decides it.

        Nothing changes before that decision, which then tells everybody who was handed something.

        Raises:
            UsageError: there is no such commitment, or it was called off.
            ScopeRefused: these items do not fit.
        """
        return await asyncio.to_thread(
            lambda: open_amendment(self.services, commitment, kind, items=items, by=by, reason=reason)
        )

    async def ask(
        self, gate: str, proposal: Mapping[str, JsonValue], summary: Sequence[str]
    ) -> ApprovalRequest:
        """Put a hotfix, a patch, an alert rule or a message of your own before a person, at its gate.

        The same proposal again is the same request. `decision` says what became of it; where the settings
        approve the gate beforehand (`gate.pre_approved`), it is decided at once, by that policy's name.

        Args:
            gate: "hotfix_deployment", "security_patch_deployment", "alert_rule_changes" or
                "external_communication".
            proposal: what is decided on, as JSON; the decision is bound to its digest.
            summary: the same in at most ten plain lines.

        Raises:
            UsageError: there is no such gate, or no summary.
        """
        return await asyncio.to_thread(ask_at_gate, self.services, gate, proposal, summary)

    async def effects(self, run: str | None = None) -> tuple[Effect, ...]:
        """What approved decisions did outside of the ledger (a plan that was written); all, or of one run."""
        return await asyncio.to_thread(self.services.ledger.effects, run)

    async def amendments(self, commitment: str | None = None) -> tuple[Amendment, ...]:
        """What was changed or called off, the oldest first; of one commitment, or of all."""
        return await asyncio.to_thread(self.services.ledger.amendments, commitment)

    async def called_off(self) -> Mapping[str, CalledOff]:
        """The hand-offs that a later decision called off, by their ids, with that decision."""
        return await asyncio.to_thread(called_off, self.services.ledger)
