"""What a person asks for becomes edits: merged over the rounds, and no number comes from the model."""

from __future__ import annotations

import pytest

from postlaunch.graphs.revising import invented_numbers, merged
from postlaunch.ledger.records import ScopeEdits


def test_the_later_word_wins() -> None:
    before = ScopeEdits(exclude=("dark-mode",), include=("sso",), capacity={"ana": 5})
    after = ScopeEdits(include=("dark-mode",), exclude=("sso",), capacity={"ana": 3})
    together = merged(before, after)
    assert together.include == ("dark-mode",)
    assert together.exclude == ("sso",)
    assert together.capacity == {"ana": 3}


def test_effort_of_several_owners_is_kept_together() -> None:
    together = merged(
        ScopeEdits(effort={"sso": {"ana": 3, "ben": 1}}), ScopeEdits(effort={"sso": {"ben": 2}})
    )
    assert together.effort == {"sso": {"ana": 3, "ben": 2}}


def test_pinning_an_item_takes_back_that_it_was_left_out() -> None:
    assert merged(ScopeEdits(exclude=("sso",)), ScopeEdits(pin=("sso",))).exclude == ()


@pytest.mark.parametrize(
    ("text", "days", "invented"),
    [
        ("give SSO 3 days", 3.0, False),
        ("give SSO three days", 3.0, False),
        ("give SSO half a day", 0.5, False),
        ("give SSO 2.5 days", 2.5, False),
        ("give SSO more days", 3.0, True),
        ("give SSO 3 days", 4.0, True),
        ("someone should take SSO", 1.0, True),
    ],
)
def test_a_number_must_stand_in_the_persons_own_words(text: str, days: float, invented: bool) -> None:
    edits = ScopeEdits(effort={"sso": {"ana": days}})
    assert bool(invented_numbers(edits, text)) is invented
