"""The terms of a text: stems in order, with the names that everyone uses for one thing made one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from postlaunch.tools.feedback_text import Token, plain, stem, tokens, words

LONGEST = 3
"""Words of the longest name that is made one."""


@lru_cache(maxsize=1)
def _names() -> dict[str, dict[tuple[str, ...], str]]:
    """By its first stem, the stems of each name → the stem of the first name of its row."""
    names: dict[str, dict[tuple[str, ...], str]] = defaultdict(dict)
    for row in words().same:
        one = stem(row[0].replace(" ", ""))
        for name in row:
            stems = tuple(token.stem for token in tokens(plain(name)))
            names[stems[0]][stems] = one
    return dict(names)


def terms(text: str) -> tuple[Token, ...]:
    """The terms of a text in `plain` form, with their places; the longest name wins."""
    found, names = tokens(text), _names()
    made: list[Token] = []
    place = 0
    while place < len(found):
        known = names.get(found[place].stem)
        size = _named(found[place : place + LONGEST], known) if known else 0
        if known and size:
            part = found[place : place + size]
            made.append(Token(known[tuple(token.stem for token in part)], part[0].start, part[-1].end))
        else:
            made.append(found[place])
        place += size or 1
    return tuple(made)


def _named(found: Sequence[Token], known: Mapping[tuple[str, ...], str]) -> int:
    """How many of these tokens, from the first, are one name; 0 for none."""
    stems = tuple(token.stem for token in found)
    return next((size for size in range(len(stems), 0, -1) if stems[:size] in known), 0)


@lru_cache(maxsize=1)
def _stop_stems() -> frozenset[str]:
    return frozenset(stem(word) for word in words().stop_words)


def telling_terms(text: str) -> tuple[str, ...]:
    """The terms that say what a text is about: no stop words, no single characters."""
    return tuple(
        token.stem for token in terms(plain(text)) if len(token.stem) > 1 and token.stem not in _stop_stems()
    )


def phrase_terms(phrase: str) -> tuple[str, ...]:
    """A phrase as terms in order."""
    return tuple(token.stem for token in terms(plain(phrase)))


def holds(found: Sequence[Token], first: int, phrase: Sequence[str]) -> bool:
    """Whether a phrase stands at a place of a text."""
    return tuple(token.stem for token in found[first : first + len(phrase)]) == tuple(phrase)
