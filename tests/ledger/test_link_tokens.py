"""Links that decide: only who holds the key makes one, and a changed one is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.errors import LinkRefused, SettingsError
from postlaunch.ledger.link_tokens import LinkClaims, claims_for, claims_of, link_key, signed
from postlaunch.ledger.records import ApprovalRequest
from postlaunch.settings import Settings
from postlaunch.testing.clock import StillClock

KEY = b"k" * 32
OTHER_KEY = b"l" * 32


@pytest.fixture
def claims(new_request: Callable[..., ApprovalRequest]) -> LinkClaims:
    return claims_for(new_request("R1"), "ana")


def test_a_genuine_link_says_who_may_decide_on_what(claims: LinkClaims, clock: StillClock) -> None:
    read = claims_of(signed(claims, KEY), KEY, clock())
    assert read.model_copy(update={"expires_at": claims.expires_at}) == claims


def test_two_links_are_never_the_same(new_request: Callable[..., ApprovalRequest]) -> None:
    request = new_request("R1")
    assert claims_for(request, "ana").nonce != claims_for(request, "ana").nonce


def test_a_link_of_another_key_is_refused(claims: LinkClaims, clock: StillClock) -> None:
    with pytest.raises(LinkRefused, match="not genuine"):
        claims_of(signed(claims, OTHER_KEY), KEY, clock())


def test_a_link_is_over_when_its_request_is(claims: LinkClaims, clock: StillClock) -> None:
    token = signed(claims, KEY)
    claims_of(token, KEY, claims.expires_at - timedelta(seconds=1))
    with pytest.raises(LinkRefused, match="time was over"):
        claims_of(token, KEY, claims.expires_at)


def test_changed_claims_are_refused(claims: LinkClaims, clock: StillClock) -> None:
    mine = signed(claims, KEY)
    hers = signed(claims.model_copy(update={"person": "mallory"}), OTHER_KEY)
    with pytest.raises(LinkRefused, match="not genuine"):
        claims_of(f"{hers.partition('.')[0]}.{mine.partition('.')[2]}", KEY, clock())


def test_no_single_changed_character_passes(claims: LinkClaims, clock: StillClock) -> None:
    token = signed(claims, KEY)
    for place, old in enumerate(token):
        changed = f"{token[:place]}{'A' if old != 'A' else 'B'}{token[place + 1 :]}"
        with pytest.raises(LinkRefused):
            claims_of(changed, KEY, clock())


@given(st.text(max_size=120))
def test_whatever_is_sent_is_refused_in_words(token: str) -> None:
    with pytest.raises(LinkRefused):
        claims_of(token, KEY, StillClock()())


@pytest.mark.parametrize(("key", "said"), [("", "is not set"), ("short", "shorter than 32")])
def test_a_weak_key_signs_nothing(key: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as refused:
        link_key(Settings(), {"POSTLAUNCH_LINK_KEY": key})
    assert "openssl rand" in refused.value.remedy
