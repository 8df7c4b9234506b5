"""Slips of the keyboard put right before a ticket is read: "athentication" becomes "authentication"."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from postlaunch.tools.feedback_text import WORD, plain, words

SHORTEST = 6
"""Letters of a word that may be put right: shorter words are too near to one another."""

USUAL = 3
"""Texts that hold a word from which it is taken to be spelt right."""

DECLARED = 20
"""A declared word counts as if at least this many texts held it."""

RARER = 10
"""How many times as usual the right word is, where more than one text holds the slip."""


class Spelling:
    """The words of some texts, and which of the rare ones are slips of the usual ones.

    A word that few texts hold is replaced by one that many or a candidate's declared words hold, when they
    begin alike and differ by one slip: a letter left out, one doubled, or two swapped. Another letter in the
    place of one makes a word of its own too often ("charged", "changed") and is left alone.
    """

    def __init__(self, texts: Iterable[str], declared: Iterable[str]) -> None:
        held = Counter(word for text in texts for word in set(_words(text)))
        sure = words().cue_words | {word for text in declared for word in _words(text)}
        usual = {word: max(held[word], DECLARED if word in sure else 0) for word in sure | held.keys()}
        near: dict[str, list[str]] = defaultdict(list)
        for word in sorted(usual):
            if usual[word] >= USUAL and _long(word):
                for form in {word, *_shorter(word)}:
                    near[form].append(word)
        self._right_of: dict[str, str] = {}
        for word, number in held.items():
            if not _long(word) or word in sure:
                continue
            forms = (word, *_shorter(word))
            likely = {
                other
                for form in forms
                for other in near.get(form, ())
                if (number == 1 or usual[other] >= RARER * number) and one_slip(word, other)
            }
            if likely:
                self._right_of[word] = min(likely, key=lambda other: (-usual[other], other))

    def put_right(self, text: str) -> str:
        """The text in `plain` form, without its slips."""
        return WORD.sub(lambda match: self._right_of.get(match[0], match[0]), plain(text))


def _words(text: str) -> Iterator[str]:
    return (match[0] for match in WORD.finditer(plain(text)))


def _long(word: str) -> bool:
    return len(word) >= SHORTEST and word.isalpha()


def _shorter(word: str) -> Iterator[str]:
    """The word with one letter left out, in each way that keeps the first."""
    return (word[:place] + word[place + 1 :] for place in range(1, len(word)))


def one_slip(word: str, other: str) -> bool:
    """Whether two words with the same first letter differ by one slip; an ending is no slip."""
    if word[0] != other[0] or word == other:
        return False
    first = next((at for at, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), None)
    if first is None:
        return False  # one is the other with an ending
    rest, others = word[first:], other[first:]
    left_out = rest == others[1:]
    doubled = rest[1:] == others and rest[0] == word[first - 1]
    return left_out or doubled or (rest[:2] == others[1::-1] and rest[2:] == others[2:])
