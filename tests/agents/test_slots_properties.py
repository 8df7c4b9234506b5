"""Properties of verification over random templates."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from postlaunch.agents.judgement import Sentence
from postlaunch.agents.slot_grammar import SLOT
from postlaunch.agents.slots import FactBook, verify_prose, verify_sentence
from postlaunch.evals.judgement_corpus import Case, book_of, books, cases
from postlaunch.printing import change_text, value_text, window_text

ROWS = books()
BOOKS = {name: book_of(row) for name, row in ROWS.items()}
ATTRIBUTES = ("", ".entity", ".change", ".before", ".window", ".n", ".title", ".foo")
RIGHT = [case for case in cases(heldout=False) if case.verdict == "right" and case.text]
REFS = st.integers(1, 12).map(lambda number: f"F{number}")
SLOTS = st.builds(lambda ref, attribute: f"{{{ref}{attribute}}}", REFS, st.sampled_from(ATTRIBUTES))
WORDS = st.sampled_from(
    [
        "the",
        "of",
        "and",
        "traffic",
        "requests",
        "rose",
        "fell",
        "to",
        "by",
        "errors",
        "uptime",
        "is",
        "was",
        "this",
        "week",
        "slower",
        "than",
        "most",
        "GET",
        "/users",
        "p95",
        "doubled",
        "two",
        "percent",
        "healthy",
        ",",
        ".",
        "(",
        ")",
    ]
)
PIECES = st.lists(st.one_of(SLOTS, WORDS, st.text(max_size=6)), min_size=1, max_size=14)
DIGITS = st.characters(categories=["Nd", "Nl", "No"])


def has_digit(text: str) -> bool:
    return any(unicodedata.category(letter).startswith("N") for letter in text)


def printable(book: FactBook) -> set[str]:
    """Everything a slot of this book may print."""
    texts: set[str] = set()
    for fact in book:
        texts |= {book.value(fact), fact.entity, fact.definition.title, window_text(fact.window)}
        texts.add(value_text(fact.n, "count"))
        if fact.change is not None:
            texts |= {
                change_text(fact.change),
                change_text(fact.change).lstrip("+−"),
                book.baseline(fact) or "",
            }
    return texts


@given(pieces=PIECES, name=st.sampled_from(sorted(BOOKS)))
@settings(max_examples=400, deadline=None)
def test_verification_never_breaks_and_prints_only_what_the_facts_hold(pieces: list[str], name: str) -> None:
    template, book = " ".join(pieces), BOOKS[name]
    found = verify_sentence(template, book)
    if not isinstance(found, Sentence):
        return
    assert not has_digit(re.sub(r"\bp95\b|GET /users\b", "", SLOT.sub("", template)))
    assert set(found.facts) <= {fact.id for fact in book}


@given(data=st.data(), digit=DIGITS)
@settings(max_examples=300, deadline=None)
def test_a_right_sentence_with_a_digit_put_anywhere_is_refused(data: st.DataObject, digit: str) -> None:
    case = data.draw(st.sampled_from(RIGHT))
    at = data.draw(st.integers(0, len(case.text)))
    if any(slot.start() < at < slot.end() for slot in SLOT.finditer(case.text)):
        return
    template = f"{case.text[:at]}{digit}{case.text[at:]}"
    names = frozenset(ROWS[case.book].entities)
    assert not isinstance(
        verify_sentence(template, BOOKS[case.book], entities=names, mood=case.mood), Sentence
    )


@given(case=st.sampled_from(RIGHT))
@settings(max_examples=150, deadline=None)
def test_every_figure_printed_is_the_printed_value_of_a_cited_fact(case: Case) -> None:
    row, book = ROWS[case.book], BOOKS[case.book]
    found = verify_sentence(case.text, book, entities=frozenset(row.entities), mood=case.mood)
    if not isinstance(found, Sentence) or re.search(r"\{F\d+[-/]|target\}", found.template):
        return
    cited = FactBook([fact for fact in book if fact.id in found.facts])
    rest = found.text
    for text in sorted(
        printable(cited) | set(row.entities) | {"p95", "p99", "Two-factor"}, key=len, reverse=True
    ):
        rest = rest.replace(text, " ") if text else rest
    assert not has_digit(rest.replace("GET /users", " ")), rest


@given(text=st.text(min_size=1, max_size=60))
@settings(max_examples=300, deadline=None)
def test_prose_without_declared_numbers_holds_no_digit(text: str) -> None:
    found = verify_prose(text)
    if isinstance(found, Sentence):
        assert not has_digit(
            re.sub(r"(?i)p\d+|[2-5]xx|2fa|ipv[46]|k8s|oauth2|utf-8|s3|ec2|base64", "", found.text)
        )
