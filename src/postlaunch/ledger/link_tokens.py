"""Signed links: who may decide on which proposal, until when, in a form that nobody without the key can make.

A link carries its claims in the open, and their HMAC-SHA256 under a key that only the processes which send
and serve links know. It is bound to the digest of the proposal: it decides on what was shown, or on nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import ValidationError

from postlaunch.errors import LinkRefused, SettingsError
from postlaunch.facts import Frozen
from postlaunch.ledger.records import ApprovalRequest
from postlaunch.settings import Settings
from postlaunch.windows import Moment

SHORTEST_KEY = 32
NONCE_BYTES = 16
LONGEST_TOKEN = 2000
PURPOSE = b"postlaunch link 1\0"
"""What the key signs here, so that no signature of another kind passes for a link."""

NOT_GENUINE = "this link is not genuine, or it was not copied whole"
ASK_AGAIN = "open the link exactly as it was sent, or ask for a new one"


class LinkClaims(Frozen):
    """What a link says.

    Attributes:
        nonce: names this one link; it decides at most once.
    """

    request: str
    digest: str
    person: str
    expires_at: Moment
    nonce: str


def link_key(settings: Settings, environment: Mapping[str, str]) -> bytes:
    """The key that signs links.

    Raises:
        SettingsError: there is none in the environment, or it is too short to be one.
    """
    name = settings.listen.key_env
    key = environment.get(name, "")
    if len(key) < SHORTEST_KEY:
        wrong = "is not set" if not key else f"is shorter than {SHORTEST_KEY} characters"
        raise SettingsError(
            f"the environment variable {name} {wrong}; it should hold the key that signs links",
            f"export {name}=$(openssl rand -hex 32), in the processes that send and serve links alone",
            key="listen.key_env",
        )
    return key.encode("utf-8", "replace")


def known_link_key(settings: Settings, environment: Mapping[str, str]) -> bytes | None:
    """The key that signs links, or None where this process knows none that will do."""
    try:
        return link_key(settings, environment)
    except SettingsError:
        return None


def claims_for(request: ApprovalRequest, person: str) -> LinkClaims:
    """A new link's claims: for one person, on one proposal, until the request expires."""
    return LinkClaims(
        request=request.id,
        digest=request.digest,
        person=person,
        expires_at=request.expires_at,
        nonce=secrets.token_hex(NONCE_BYTES),
    )


def signed(claims: LinkClaims, key: bytes) -> str:
    """The token of a link: letters, digits, "-", "_" and one "."."""
    said = [
        claims.request,
        claims.digest,
        claims.person,
        int(claims.expires_at.timestamp()),
        claims.nonce,
    ]
    body = json.dumps(said, separators=(",", ":")).encode("ascii")
    return f"{_base64(body)}.{_base64(_mac(body, key))}"


def claims_of(token: str, key: bytes, now: datetime) -> LinkClaims:
    """What a genuine link says.

    Raises:
        LinkRefused: it was made or changed by somebody without the key, or its time is over.
    """
    encoded, _, mac = token.partition(".")
    try:
        if len(token) > LONGEST_TOKEN or not token.isascii():
            raise ValueError("not a token")
        body = _bytes(encoded)
        genuine = hmac.compare_digest(_mac(body, key), _bytes(mac))
        said = json.loads(body) if genuine else None
    except (ValueError, binascii.Error):
        said = None
    if not isinstance(said, list) or len(said) != 5:
        raise LinkRefused(NOT_GENUINE, ASK_AGAIN)
    request, digest, person, expires, nonce = said
    try:
        claims = LinkClaims(
            request=request,
            digest=digest,
            person=person,
            expires_at=datetime.fromtimestamp(expires, UTC),
            nonce=nonce,
        )
    except (ValidationError, TypeError, OverflowError) as error:
        raise LinkRefused(NOT_GENUINE, ASK_AGAIN) from error
    if now >= claims.expires_at:
        end = f"{claims.expires_at:%Y-%m-%d %H:%M} UTC"
        raise LinkRefused(f"this link's time was over at {end}", "nothing can be decided by it any more")
    return claims


def _mac(body: bytes, key: bytes) -> bytes:
    return hmac.new(key, PURPOSE + body, hashlib.sha256).digest()


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    """The bytes that a text stands for, if it is the one text that stands for them."""
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _base64(data) != text:
        raise ValueError("not the canonical form")
    return data
