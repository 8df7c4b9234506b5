"""How a template is read: slots, names, words and clauses.

A template is a sentence in which every figure is a slot:

    {F3}          the value with its unit          {F3.entity}   what it was measured on
    {F3.change}   the change from the baseline     {F3.title}    the metric's printed name
    {F3.before}   the baseline's value             {F3.window}   when
    {F3.target}   the objective's target           {F3.n}        observations behind the value
    {F3-F5}       the difference of two figures of one metric, printed without sign; F3 is the larger
    {F3/F5}       the ratio of two figures of one metric, printed as "2.4 times"

Reading a template yields tokens. A *name* is a run of text that is known as a whole: an entity of the book,
a metric's title, a term of the field such as "p95" or "two-factor". What is no slot, no name and no plain
Latin word or punctuation is a `fault`: digits of any script, Markdown, HTML, invisible or look-alike letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from postlaunch.agents.slot_words import words

Attribute = Literal[
    "value",
    "entity",
    "change",
    "before",
    "window",
    "n",
    "title",
    "target",
    "difference",
    "factor",
]
TokenKind = Literal["slot", "entity", "title", "term", "word", "break", "joint"]

PART = r"F[1-9][0-9]{0,3}"
SLOT = re.compile(
    rf"\{{(?P<ref>{PART})"
    rf"(?:\.(?P<attribute>entity|change|before|window|n|title|target)"
    rf"|(?P<operator>[-/])(?P<other>{PART}))?\}}",
    re.ASCII,
)
BRACED = re.compile(r"\{[^{}]*\}")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
BREAKS = ",;:.!?()–—…"
QUOTES = "'\"‘’“”"
JOINTS = "-/"
CLAUSE_WORDS = words(
    """and but while whilst whereas although though because since so yet when which where if unless who
    whether"""
)
FIGURES = frozenset({"value", "change", "before", "n", "difference", "factor", "target"})
"""Attributes that print a figure."""


@dataclass(frozen=True)
class Slot:
    """One slot: which fact, and what of it; `other` is the second fact of a two-fact slot."""

    ref: str
    attribute: Attribute
    other: str = ""

    @property
    def refs(self) -> tuple[str, ...]:
        """The facts it cites."""
        return (self.ref, self.other) if self.other else (self.ref,)


@dataclass(frozen=True)
class Token:
    """One piece of a template.

    Attributes:
        text: as written.
        word: a word folded to plain lower-case letters; a known name as it is known.
        clause: which clause of the sentence it stands in, from 0.
        outer: the clause around a bracket, for what stands in the bracket; else the clause itself.
        slot: for a slot.
    """

    kind: TokenKind
    text: str
    word: str
    start: int
    end: int
    clause: int = 0
    outer: int = 0
    slot: Slot | None = None


@dataclass(frozen=True)
class Names:
    """What may be written as a whole: entities exactly as measured, titles and terms in any case."""

    entities: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    terms: frozenset[str] = frozenset()

    def kind(self, text: str) -> TokenKind:
        """Which of the three a match is."""
        if text in self.entities:
            return "entity"
        return "title" if text.casefold() in {title.casefold() for title in self.titles} else "term"

    def pattern(self) -> re.Pattern[str] | None:
        """Matches any name, the longest first, at the borders of words."""
        exact = sorted(self.entities, key=len, reverse=True)
        loose = sorted(self.titles | self.terms, key=len, reverse=True)
        choices = [re.escape(name) for name in exact] + [f"(?i:{re.escape(name)})" for name in loose]
        if not choices:
            return None
        return re.compile(rf"(?<![\w{{/:.%-])(?:{'|'.join(choices)})(?![\w/}}%]|[:.,-]\w)")


@dataclass(frozen=True)
class Template:
    """A template as read: its tokens, and what may not stand in any template."""

    text: str
    tokens: tuple[Token, ...]
    faults: tuple[str, ...]


def folded(word: str) -> str:
    """A word in lower case without accents; "fíve" is "five"."""
    plain = unicodedata.normalize("NFD", word.replace("’", "'"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def read_template(text: str, names: Names) -> Template:
    """Split a template into tokens; every piece of it is either a token or a fault."""
    if fault := bracket_fault(text):
        return Template(text, (), (fault,))
    tokens: list[Token] = []
    faults: list[str] = []
    for piece in _pieces(text, names.pattern()):
        found = _token(piece, names)
        if isinstance(found, Token):
            tokens.append(found)
        elif found and found not in faults:
            faults.append(found)
    faults.extend(_neighbour_faults(text, tokens))
    return Template(text, _with_clauses(tokens), tuple(faults))


def bracket_fault(text: str) -> str:
    """Why the braces of a template cannot be read, or an empty string."""
    rest = SLOT.sub("", text)
    odd = BRACED.search(rest)
    if odd and odd[0] != "{}":
        return (
            f"{odd[0]} is no slot: write {{F3}}, {{F3.entity}}, {{F3.change}}, {{F3.before}}, {{F3.window}}, "
            "{F3.n}, {F3.title}, {F3.target}, {F3-F5} or {F3/F5}"
        )
    if "{" in rest or "}" in rest:
        return "braces are nested or not closed: a slot is {F3} or {F3.change}"
    return ""


@dataclass(frozen=True)
class _Piece:
    text: str
    start: int
    named: bool = False


def _pieces(text: str, names: re.Pattern[str] | None) -> Iterator[_Piece]:
    """Slots, names, words and single characters, from left to right."""
    at = 0
    while at < len(text):
        if text[at] == "{" and (slot := SLOT.match(text, at)):
            yield _Piece(slot[0], at)
            at = slot.end()
            continue
        name = names.match(text, at) if names else None
        found = name or WORD.match(text, at)
        yield _Piece(found[0] if found else text[at], at, named=name is not None)
        at = found.end() if found else at + 1


def _token(piece: _Piece, names: Names) -> Token | str:
    """The token of a piece, an empty string for a space, or the fault."""
    text, start, end = piece.text, piece.start, piece.start + len(piece.text)
    if slot := SLOT.fullmatch(text):
        return Token("slot", text, "", start, end, slot=_slot(slot))
    if piece.named:
        return Token(names.kind(text), text, text, start, end)
    if text == " ":
        return ""
    if WORD.fullmatch(text):
        odd = next((letter for letter in text if not _plain_letter(letter)), None)
        if odd is None:
            return Token("word", text, folded(text), start, end)
        return f"{_shown(odd)} is no plain Latin letter: write English words in plain letters"
    if text in BREAKS or text in QUOTES:
        return Token("break", text, text, start, end)
    if text in JOINTS:
        return Token("joint", text, text, start, end)
    return _character_fault(text)


def _slot(found: re.Match[str]) -> Slot:
    if found["other"]:
        return Slot(found["ref"], "difference" if found["operator"] == "-" else "factor", found["other"])
    attributes: dict[str | None, Attribute] = {
        None: "value",
        "entity": "entity",
        "change": "change",
        "before": "before",
        "window": "window",
        "n": "n",
        "title": "title",
        "target": "target",
    }
    return Slot(found["ref"], attributes[found["attribute"]])


def _plain_letter(letter: str) -> bool:
    """An ASCII letter, or one with accents over it; composed, so that nothing hides behind it."""
    base = unicodedata.normalize("NFD", letter)
    return letter in "'’" or (base[0].isascii() and all(map(unicodedata.combining, base[1:])))


def _shown(character: str) -> str:
    return f"U+{ord(character):04X} ({unicodedata.name(character, 'unnamed').lower()})"


def _character_fault(character: str) -> str:
    category = unicodedata.category(character)
    if category.startswith("N"):
        return "a digit stands outside a slot: cite the fact that holds the figure, e.g. {F3}"
    if character in "%‰‱":
        return "a percent sign stands outside a slot: the slot prints its own unit"
    if category in ("Cc", "Cf", "Zl", "Zp", "Zs", "Co", "Cn", "Cs", "Mn", "Me"):
        return f"{_shown(character)} is invisible or a control: write plain text on one line"
    if category == "Sc":
        return "a currency sign stands outside a slot: the slot prints its own unit"
    return f"{character} is markup or a symbol: write a plain sentence"


def _neighbour_faults(text: str, tokens: list[Token]) -> Iterator[str]:
    """What touches a slot so that the printed figure would read as another one."""
    for token in tokens:
        if token.kind != "slot":
            continue
        before, after = text[: token.start], text[token.end :]
        if before and not re.search(r"(?:[\s(]|(?<![^\s(])[\"'‘“])$", before):
            yield f"{before[-1]}{token.text}: leave a space before a slot"
        if after and not re.match(r"[\s)]|[,.;:!?]+(?:[\s\"'’”)]|$)|['’]s\b|[\"”’'](?:[\s,.;:!?)]|$)", after):
            yield f"{token.text}{after[0]}: leave a space after a slot"
    for left, right in pairwise(tokens):
        if left.kind == right.kind == "slot" and _figure(left) and _figure(right):
            yield f"{left.text} {right.text}: two figures stand side by side; put words between them"


def _figure(token: Token) -> bool:
    return token.slot is not None and token.slot.attribute in FIGURES


def _with_clauses(tokens: Iterable[Token]) -> tuple[Token, ...]:
    """Number the clauses: a break or a conjunction opens one, a bracket one inside the other."""
    opened, outer, numbered = 0, [0], []
    for token in tokens:
        closes = token.text == ")" and len(outer) > 1
        if closes:
            outer.pop()
        elif _opens(token):
            opened += 1
            outer = [*outer, opened] if token.text == "(" else [*outer[:-1], opened]
        numbered.append(replace(token, clause=outer[-1], outer=outer[-2] if len(outer) > 1 else outer[-1]))
    return tuple(numbered)


def _opens(token: Token) -> bool:
    if token.kind == "break":
        return token.text not in QUOTES
    return token.kind == "word" and token.word in CLAUSE_WORDS
