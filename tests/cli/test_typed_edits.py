"""Edits of a proposal from flags and from signs typed at the gate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.cli.typed_edits import edits_and_words, edits_in, edits_of
from postlaunch.errors import UsageError
from postlaunch.ledger.records import ScopeEdits

NUMBERS = {"1": "sso", "2": "dark-mode", "10": "export"}


def test_signs_name_items_by_number_or_id() -> None:
    assert edits_in("-2 +10, !sso", NUMBERS) == ScopeEdits(
        include=("export",), exclude=("dark-mode",), pin=("sso",)
    )


def test_a_typographic_minus_is_a_minus() -> None:
    assert edits_in("−2", NUMBERS) == ScopeEdits(exclude=("dark-mode",))


def test_days_are_given_to_a_party_or_to_an_owner_of_an_item() -> None:
    assert edits_in("ana=4.5 2:ben=1", NUMBERS) == ScopeEdits(
        capacity={"ana": 4.5}, effort={"dark-mode": {"ben": 1}}
    )


@pytest.mark.parametrize(
    "words", ["", "leave out dark mode", "-2 please", "a = b", "give ana 3 days", "2 10", "x=y"]
)
def test_words_are_no_signs(words: str) -> None:
    assert edits_in(words, NUMBERS) is None


@pytest.mark.parametrize(
    ("signs", "said"), [("-3", "no item 3"), ("+nosuch", "nosuch"), ("ana=9999", "9999")]
)
def test_a_sign_that_cannot_stand_is_refused(signs: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        edits_in(signs, NUMBERS)


@pytest.mark.parametrize(
    "wrong", [{"effort": ["a=b"]}, {"effort": ["a:b"]}, {"capacity": ["ana"]}, {"capacity": ["ana=much"]}]
)
def test_flags_that_cannot_be_read_are_refused(wrong: dict[str, list[str]]) -> None:
    with pytest.raises(UsageError):
        edits_of(**wrong)


def test_no_flags_are_no_edits() -> None:
    assert edits_of() is None


@pytest.mark.parametrize(
    ("said", "excluded", "words"),
    [
        ("-2 for later, please", ("dark-mode",), "for later, please"),
        ("-2, -10 for later", ("dark-mode", "export"), "for later"),
        ("-2", ("dark-mode",), ""),
        ("leave out -2", (), "leave out -2"),
    ],
)
def test_words_may_follow_signs(said: str, excluded: tuple[str, ...], words: str) -> None:
    edits, rest = edits_and_words(said, NUMBERS)
    assert (edits.exclude if edits else (), rest) == (excluded, words)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_edits_words_or_a_refusal(text: str) -> None:
    try:
        edits = edits_in(text, NUMBERS)
    except UsageError:
        return
    assert edits is None or not edits.empty
