"""One term for the names of one thing, and slips put right."""

from __future__ import annotations

import pytest

from postlaunch.tools.feedback_spelling import Spelling, one_slip
from postlaunch.tools.feedback_terms import phrase_terms, telling_terms, terms


@pytest.mark.parametrize(
    "names",
    [
        ("log in", "login", "signing in", "sign-in"),
        ("two-factor", "2FA", "MFA", "2 step", "multi-factor"),
        ("e-mail", "mail", "emails"),
        ("colour", "color"),
        ("roll back", "revert", "rollback"),
    ],
)
def test_names_of_one_thing_are_one_term(names: tuple[str, ...]) -> None:
    assert len({phrase_terms(name) for name in names}) == 1


def test_a_term_keeps_its_place_in_the_text() -> None:
    text = "let us sign in faster"
    found = next(token for token in terms(text) if token.stem == phrase_terms("login")[0])
    assert text[found.start : found.end] == "sign in"


def test_words_that_say_nothing_are_no_telling_terms() -> None:
    assert telling_terms("Please add a calendar to your app, thanks!") == ("calendar",)


@pytest.mark.parametrize(
    ("slip", "word"),
    [
        ("athentication", "authentication"),
        ("caledner", "calender"),
        ("pleease", "please"),
        ("prveiw", "prview"),
    ],
)
def test_a_letter_left_out_doubled_or_swapped_is_one_slip(slip: str, word: str) -> None:
    assert one_slip(slip, word)


@pytest.mark.parametrize(
    ("one", "other"),
    [("charged", "changed"), ("export", "exports"), ("night", "right"), ("calendar", "calendar"), ("a", "b")],
)
def test_other_letters_and_endings_are_no_slips(one: str, other: str) -> None:
    assert not one_slip(one, other)


def test_a_rare_word_becomes_the_usual_or_the_declared_one() -> None:
    spelling = Spelling(
        ["calendar view", "calendar", "my calendar", "calnedar", "barcod reader"], ["barcode"]
    )
    assert spelling.put_right("A Calnedar for the barcod") == "a calendar for the barcod"
    assert Spelling(["a barocde"], ["barcode"]).put_right("barocde") == "barcode"


def test_a_usual_word_is_never_put_right() -> None:
    texts = ["preview"] * 30 + ["perview"] * 4
    assert Spelling(texts, []).put_right("perview") == "perview"
