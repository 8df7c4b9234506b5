"""The signature of a webhook: who sent it, when, and that nothing of it was changed.

The header `X-Postlaunch-Signature: t=1767603600,v1=5257a8...` holds the moment of sending in seconds since
1970 and the HMAC-SHA256 of "moment.body" under the secret that both sides know, as hexadecimal digits. The
moment is signed too, so that a message overheard once cannot be sent again later.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

from postlaunch.errors import SignatureRefused

HEADER = "X-Postlaunch-Signature"
TOLERANCE_SECONDS = 300.0


def signature_of(body: bytes, secret: str, at: datetime) -> str:
    """The value of the header for a body that is sent at a moment."""
    moment = int(at.timestamp())
    return f"t={moment},v1={_digest(body, secret, moment)}"


def verify_webhook(
    body: bytes,
    signature: str,
    secret: str,
    *,
    now: datetime | None = None,
    tolerance_seconds: float = TOLERANCE_SECONDS,
) -> None:
    """Check what a webhook received; returns only where it is genuine and fresh.

    Args:
        body: exactly as it came, before anything parsed it.
        signature: of the header `X-Postlaunch-Signature`.
        secret: that the sender signs with.
        now: the present moment; None: the clock's.
        tolerance_seconds: how far the moment of sending may lie from now, either way.

    Raises:
        SignatureRefused: it is not from a sender with this secret, was changed, or is too old.
    """
    if not secret:
        raise SignatureRefused("there is no secret to check a signature with", "set it on both sides")
    fields = [part.strip().partition("=") for part in signature.split(",")]
    moments = [value for name, _, value in fields if name == "t"]
    digests = [value for name, _, value in fields if name == "v1"]
    if len(moments) != 1 or not (moments[0].isascii() and moments[0].isdigit()) or not digests:
        raise SignatureRefused(f"{HEADER} is missing or malformed", 'it reads "t=SECONDS,v1=DIGITS"')
    expected = _digest(body, secret, int(moments[0]))
    if not any(hmac.compare_digest(expected.encode(), given.encode("utf-8")) for given in digests):
        raise SignatureRefused(
            "the signature does not fit the message",
            "check that both sides have the same secret, and that the body is the one that came",
        )
    apart = abs((now or datetime.now(UTC)).timestamp() - int(moments[0]))
    if apart > tolerance_seconds:
        raise SignatureRefused(
            f"the message was signed {apart:.0f} s from now, more than {tolerance_seconds:g} s",
            "set both clocks right; an old message is sent again with a fresh signature",
        )


def _digest(body: bytes, secret: str, moment: int) -> str:
    return hmac.new(secret.encode("utf-8"), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
