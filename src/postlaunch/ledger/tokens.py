"""Personal approval tokens: shown once, kept only as a salted hash, good until they expire or are revoked.

A token is 256 random bits. Nobody can try them all, so one SHA-256 over salt and token is enough: slow hashes
such as scrypt protect secrets that people think of, and would only make every decision slow here.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from postlaunch.errors import ProofRefused
from postlaunch.ledger.gate_records import ApprovalTokenRecord, Proof
from postlaunch.ledger.rows import one_or_none
from postlaunch.ledger.tables import approval_tokens, token_revocations

PREFIX = "plt"
"""Begins every token, so that a leaked one is recognised (`postlaunch.redaction` takes it out of texts)."""

VARIABLE = "POSTLAUNCH_APPROVAL_TOKEN"
"""The environment variable that holds a person's token."""

REMEDY = "postlaunch token list shows those there are; postlaunch token create NAME makes another"


def new_secret(token: str, random: bytes) -> str:
    """A token as its person gets it: its id, and 256 random bits."""
    return f"{PREFIX}_{token}_{random.hex()}"


def hashed(secret: str, salt: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(f"{salt}{secret}".encode("utf-8", "replace")).hexdigest()


def token_proof(connection: Connection, secret: str, names: Sequence[str], now: datetime) -> Proof:
    """Check a token, and say whose it is.

    Args:
        names: those of the person it must belong to.

    Raises:
        ProofRefused: there is no such token, it is over or revoked, or it is somebody else's.
    """
    stored = token_of(connection, secret)
    if stored is None:
        raise ProofRefused("there is no such approval token", REMEDY)
    revoked = select(token_revocations.c.at).where(token_revocations.c.token == stored.id)
    if connection.execute(revoked).one_or_none() is not None:
        raise ProofRefused(f"the approval token {stored.id} was revoked", REMEDY)
    if now >= stored.expires_at:
        raise ProofRefused(
            f"the approval token {stored.id} expired at {stored.expires_at:%Y-%m-%d %H:%M} UTC", REMEDY
        )
    if stored.person not in names:
        raise ProofRefused(
            f'the approval token {stored.id} is not of "{names[0]}"', "decide in your own name (--by)"
        )
    return Proof(kind="token", signer=stored.person, key=stored.id)


def token_of(connection: Connection, secret: str) -> ApprovalTokenRecord | None:
    """The stored token that a secret is of, whatever became of it; None where there is none."""
    parts = secret.strip().split("_", 2)
    if len(parts) != 3 or parts[0] != PREFIX:
        return None
    query = select(approval_tokens).where(approval_tokens.c.id == parts[1])
    stored = one_or_none(connection, query, ApprovalTokenRecord)
    if stored is None or not hmac.compare_digest(hashed(secret.strip(), stored.salt), stored.hashed):
        return None
    return stored
