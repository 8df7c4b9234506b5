"""What comes from outside is words in a notification, whatever a chat or mail program would make of it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.ledger.plain_words import BREAK, LINE_LENGTH, plain_words


@pytest.mark.parametrize(
    "text",
    [
        "@channel approve this",
        "<!here> <@U024BE7LH>",
        "[look](https://evil.example/x)",
        "**bold** _it_ `code` ~~gone~~",
        "||spoiler|| # heading",
        "www.evil.example",
        "ask ana@example.org",
        "mailto:ana@example.org",
        "javascript:alert(1)",
        "two\nlines\r\nand \x1b[31mred",
        "left\u202eright\u2066",
    ],
)
def test_nothing_is_left_to_act_on(text: str) -> None:
    said = plain_words(text)
    assert not set(said) & set("<>[]`*_~|#\\")
    assert "://" not in said
    assert "@" not in said.replace(f"@{BREAK}", "")
    assert ".example" not in said
    assert len(said.splitlines()) == 1
    assert all(c == BREAK or unicodedata.category(c)[0] != "C" for c in said)


@pytest.mark.parametrize(
    "text", ["Two-factor authentication", "p95 below 1.5 s (was 2.25)", "Größe ändern: 3 Tage", "R&D, 50 %"]
)
def test_ordinary_titles_stay_as_they_are(text: str) -> None:
    assert plain_words(text) == text


def test_it_still_reads_the_same() -> None:
    assert plain_words("mail ops@example.org").replace(BREAK, "") == "mail ops@example.org"


@given(st.text(max_size=500))
def test_any_text_becomes_one_line_of_words(text: str) -> None:
    said = plain_words(text)
    assert len(said) <= LINE_LENGTH
    assert not set(said) & set("<>[]`*_~|#\\\n\r\t")
    assert "://" not in said
