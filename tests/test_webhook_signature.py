"""A webhook's signature: genuine, whole, fresh; anything else is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch import verify_webhook
from postlaunch.errors import SignatureRefused
from postlaunch.webhook_signature import signature_of

SENT = datetime(2026, 1, 5, 9, tzinfo=UTC)
BODY = b'{"key": "sprint 7/search"}'
SECRET = "a secret of both sides"


def test_what_was_signed_is_accepted() -> None:
    verify_webhook(BODY, signature_of(BODY, SECRET, SENT), SECRET, now=SENT + timedelta(seconds=3))


def test_the_digest_is_the_one_that_other_languages_compute() -> None:
    """printf '1767603600.{}' | openssl dgst -sha256 -hmac secret"""
    expected = "t=1767603600,v1=65bddcefa4a706066fbb2e6ba36254f64f0a0719859ec6c3a48d850f766c5d84"
    assert signature_of(b"{}", "secret", SENT) == expected


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_another_body_is_refused(signed: bytes, received: bytes) -> None:
    signature = signature_of(signed, SECRET, SENT)
    if signed == received:
        verify_webhook(received, signature, SECRET, now=SENT)
        return
    with pytest.raises(SignatureRefused, match="does not fit"):
        verify_webhook(received, signature, SECRET, now=SENT)


def test_another_secret_is_refused() -> None:
    with pytest.raises(SignatureRefused, match="does not fit"):
        verify_webhook(BODY, signature_of(BODY, "another", SENT), SECRET, now=SENT)


def test_a_moment_that_was_changed_is_refused() -> None:
    later = signature_of(BODY, SECRET, SENT).replace("t=1767603600", "t=1767603601")
    with pytest.raises(SignatureRefused, match="does not fit"):
        verify_webhook(BODY, later, SECRET, now=SENT)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_message_that_is_too_old_or_from_the_future_is_refused(seconds: int) -> None:
    with pytest.raises(SignatureRefused, match="301 s from now"):
        verify_webhook(BODY, signature_of(BODY, SECRET, SENT), SECRET, now=SENT + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "signature", ["", "v1=00", "t=1", "t=x,v1=00", "t=1,t=2,v1=00", "t=²,v1=00", "nonsense", "t=1,v1=ü"]
)
def test_a_header_that_is_none_is_refused(signature: str) -> None:
    with pytest.raises(SignatureRefused):
        verify_webhook(BODY, signature, SECRET, now=SENT)


def test_no_secret_accepts_nothing() -> None:
    with pytest.raises(SignatureRefused, match="no secret"):
        verify_webhook(BODY, signature_of(BODY, "", SENT), "", now=SENT)


def test_while_a_secret_is_changed_one_of_two_signatures_is_enough() -> None:
    both = signature_of(BODY, "the old one", SENT) + "," + signature_of(BODY, SECRET, SENT).split(",")[1]
    verify_webhook(BODY, both, SECRET, now=SENT)
