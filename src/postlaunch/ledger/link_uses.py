"""A link as proof of who decides: genuine, for this person and this proposal, and used once.

The use is recorded in the transaction that stores the decision, so a refused attempt uses nothing up, and two
that come at once are one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert, select

from postlaunch.errors import LinkRefused
from postlaunch.ledger.gate_records import Proof, Trust
from postlaunch.ledger.link_tokens import claims_of
from postlaunch.ledger.records import ApprovalRequest, DecisionDraft
from postlaunch.ledger.tables import link_uses, requests

NAMESPACE = "postlaunch link 1"
KEY_DIGITS = 16
OWN_LINK = "open the link that was sent to you for this request"


@dataclass(frozen=True)
class DecisionLink:
    """The token of a link that was sent to a person."""

    token: str = field(repr=False)
    kind: Trust = field(default="link", init=False)


def key_name(key: bytes) -> str:
    """What a key that signs links is known by: the beginning of its SHA-256."""
    return hashlib.sha256(key).hexdigest()[:KEY_DIGITS]


def link_proof(
    connection: Connection,
    key: bytes | None,
    token: str,
    request: ApprovalRequest,
    draft: DecisionDraft,
    now: datetime,
    *,
    needs_pin: bool,
) -> Proof:
    """Check a link and record its use, inside the transaction that stores the decision.

    Args:
        key: that signs links; None where this process knows none.
        needs_pin: the gate asks for a link, so only the key of when the request was opened counts.

    Raises:
        LinkRefused: it is not genuine, over, used, or of another person, request, proposal or key.
    """
    if key is None:
        raise LinkRefused("this process does not know the key that signs links", "open the link itself")
    pinned = connection.execute(select(requests.c.link_key).where(requests.c.id == request.id)).scalar_one()
    if pinned != key_name(key) and (pinned or needs_pin):
        raise LinkRefused(
            f"links to {request.id} count under another key than this process has",
            "links count under the key that was in the environment when the request was opened",
        )
    claims = claims_of(token, key, now)
    if (claims.request, claims.digest) != (request.id, request.digest):
        raise LinkRefused("this link is for another request or proposal", OWN_LINK)
    if claims.person != draft.by:
        raise LinkRefused(f'this link is not of "{draft.by}"', OWN_LINK)
    used = select(link_uses.c.at).where(link_uses.c.nonce == claims.nonce)
    if connection.execute(used).one_or_none() is not None:
        raise LinkRefused("this link was used already", "a link decides once")
    connection.execute(
        insert(link_uses).values(nonce=claims.nonce, request=request.id, person=claims.person, at=now)
    )
    return Proof(
        kind="link", signer=claims.person, key=claims.nonce, namespace=f"{NAMESPACE}, key {key_name(key)}"
    )
