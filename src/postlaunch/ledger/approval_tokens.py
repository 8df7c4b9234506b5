"""Making and revoking approval tokens. Whoever has one may decide, so making one asks for proof too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import JsonValue
from sqlalchemy import Connection, Select, insert, select

from postlaunch.errors import DecisionRefused, ProofRefused, UsageError
from postlaunch.ledger.approvals import newest_decision_at
from postlaunch.ledger.gate_journal import GateJournal, write_journal
from postlaunch.ledger.gate_records import ApprovalTokenRecord, Proof, TokenRevocation
from postlaunch.ledger.link_uses import DecisionLink
from postlaunch.ledger.rows import all_of, one_or_none, values_of
from postlaunch.ledger.tables import approval_tokens, requests, token_revocations
from postlaunch.ledger.tokens import REMEDY, hashed, new_secret, token_proof
from postlaunch.ledger.trust import ApprovalToken, Given, SshSignature, TokenGrant, grant_text
from postlaunch.ledger.trust_ssh import signature_proof

LATE = timedelta(minutes=10)
"""How old a signed wish for a token may be."""


class ApprovalTokens(GateJournal):
    """Make tokens, list them, and revoke them."""

    def create_token(self, grant: TokenGrant, given: Given | None, random: Callable[[int], bytes]) -> str:
        """Make a token and return it: this is the only time that it is seen.

        Without proof it is made only while no gate asks for any, and none of this ledger ever did: else
        whoever can write here could decide in anybody's name.

        Args:
            given: a signature of the same person over `grant_text`, or a token that they have already.
            random: gives that many random bytes.

        Raises:
            ProofRefused: it is not proved that the person themselves wants it.
            UsageError: the grant is old, its time is none, or there is a token with its id.
        """
        try:
            return self._created(grant, given, random)
        except DecisionRefused as error:
            self.refused("", grant.person, "token", error, offered="none" if given is None else given.kind)
            raise

    def _created(self, grant: TokenGrant, given: Given | None, random: Callable[[int], bytes]) -> str:
        secret, salt = new_secret(grant.id, random(32)), random(16).hex()
        with self._database.write() as connection:
            now = self._now()
            if not grant.created_at <= now < min(grant.created_at + LATE, grant.expires_at):
                raise UsageError("the time of this token is not now", "make it again")
            if one_or_none(connection, _token(grant.id), ApprovalTokenRecord) is not None:
                raise UsageError(f"there is a token {grant.id} already", "make it again")
            proof = self._granted(connection, grant, given, now)
            record = ApprovalTokenRecord(
                id=grant.id,
                person=grant.person,
                salt=salt,
                hashed=hashed(secret, salt),
                created_at=grant.created_at,
                expires_at=grant.expires_at,
                trust="local" if proof is None else proof.kind,
                proof=proof,
            )
            connection.execute(insert(approval_tokens).values(values_of(record)))
            text = f"token {grant.id}, until {grant.expires_at:%Y-%m-%d}, trust: {record.trust}"
            data: dict[str, JsonValue] = {"token": grant.id}
            write_journal(connection, now, "token made", by=grant.person, text=text, data=data)
        return secret

    def _granted(
        self, connection: Connection, grant: TokenGrant, given: Given | None, now: datetime
    ) -> Proof | None:
        match given:
            case SshSignature():
                names = self._policy.names(grant.person)
                return signature_proof(grant_text(grant), given.text, names, [self._policy.signers()], now)
            case ApprovalToken():
                return token_proof(connection, given.secret, self._policy.names(grant.person), now)
            case DecisionLink():
                raise ProofRefused(
                    "a link decides on one request, and makes no token",
                    "sign with --sign-key PATH, or put a token of theirs into POSTLAUNCH_APPROVAL_TOKEN",
                )
            case None:
                asked = select(requests.c.id).where(requests.c.trust != "local").limit(1)
                if self._policy.asks_somewhere or connection.execute(asked).one_or_none() is not None:
                    raise ProofRefused(
                        f"a gate asks for proof of who decides, so {grant.person} must prove to want a token",
                        "sign with --sign-key PATH, or put a token of theirs into POSTLAUNCH_APPROVAL_TOKEN; "
                        "the first ones are made before gate.trust asks for proof",
                    )
                return None

    def tokens(self) -> tuple[tuple[ApprovalTokenRecord, TokenRevocation | None], ...]:
        """Every token with its revocation, if it was revoked; the oldest first."""
        with self._database.read() as connection:
            query = select(approval_tokens).order_by(approval_tokens.c.created_at, approval_tokens.c.id)
            made = all_of(connection, query, ApprovalTokenRecord)
            revoked = all_of(connection, select(token_revocations), TokenRevocation)
        by_token = {one.token: one for one in revoked}
        return tuple((one, by_token.get(one.id)) for one in made)

    def revoke_token(self, token: str, *, by: str, reason: str) -> TokenRevocation:
        """Revoke a token for good. Anybody may: it only takes a power away. Again, it changes nothing.

        Raises:
            UsageError: there is no such token.
        """
        with self._database.write() as connection:
            if one_or_none(connection, _token(token), ApprovalTokenRecord) is None:
                raise UsageError(f'there is no approval token "{token}"', REMEDY)
            before = select(token_revocations).where(token_revocations.c.token == token)
            stored = one_or_none(connection, before, TokenRevocation)
            if stored is not None:
                return stored
            last = newest_decision_at(connection)  # perhaps by a faster clock; it was made before this
            at = self._now() if last is None else max(self._now(), last + timedelta(microseconds=1))
            revocation = TokenRevocation(token=token, by=by, reason=reason, at=at)
            connection.execute(insert(token_revocations).values(values_of(revocation)))
            write_journal(connection, revocation.at, "token revoked", by=by, text=f"token {token}: {reason}")
        return revocation


def _token(token: str) -> Select[tuple[object, ...]]:
    return select(approval_tokens).where(approval_tokens.c.id == token)
