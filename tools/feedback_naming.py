"""Which candidate items a ticket names in so many words, and whether it speaks for or against them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from postlaunch.sources.tickets import Ticket
from postlaunch.tools.feedback_groups import Anchor
from postlaunch.tools.feedback_terms import holds, phrase_terms, terms
from postlaunch.tools.feedback_text import (
    Token,
    asks,
    gives_thanks,
    is_against,
    plain,
    reports_trouble,
    sentences,
    tokens,
)


@dataclass
class Naming:
    """The candidates that a ticket names, by their place among the anchors.

    Attributes:
        phrase: named by a name of two words or more, or by another name for the same ("2FA").
        word: named by one word only.
        against: spoken against.
    """

    phrase: set[int] = field(default_factory=set)
    word: set[int] = field(default_factory=set)
    against: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Span:
    """Tokens [first, last) of a sentence that name a candidate.

    Attributes:
        telling: the name, as declared, has two words or more.
    """

    first: int
    last: int
    anchor: int
    telling: bool

    @property
    def size(self) -> int:
        """Number of words."""
        return self.last - self.first

    def inside(self, other: Span) -> bool:
        """Whether another candidate's longer name covers this one ("password reset" in "... via SMS")."""
        return self.size < other.size and other.first <= self.first and self.last <= other.last


class PhraseIndex:
    """The titles and keywords of the candidates, by their first word."""

    def __init__(self, anchors: Sequence[Anchor]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], int, bool]]] = defaultdict(list)
        for place, anchor in enumerate(anchors):
            telling: dict[tuple[str, ...], bool] = {}
            for text in (anchor.title, *anchor.keywords):
                phrase = phrase_terms(text)
                telling[phrase] = telling.get(phrase, False) or len(tokens(plain(text))) > 1
            for phrase in sorted(filter(None, telling)):
                self._by_first[phrase[0]].append((phrase, place, telling[phrase]))

    def naming(self, ticket: Ticket) -> Naming:
        """What the ticket names. A sentence that gives thanks, or only reports trouble, names nothing."""
        naming = Naming()
        for sentence in sentences(ticket):
            if gives_thanks(sentence) or (reports_trouble(sentence) and not asks(sentence)):
                continue
            found = terms(sentence)
            for span in self._spans(found):
                if is_against(sentence, found, span.first, span.last):
                    naming.against.add(span.anchor)
                elif span.telling:
                    naming.phrase.add(span.anchor)
                else:
                    naming.word.add(span.anchor)
        naming.word -= naming.phrase
        return naming

    def _spans(self, found: Sequence[Token]) -> list[Span]:
        spans = [
            Span(first, first + len(phrase), place, telling)
            for first, token in enumerate(found)
            for phrase, place, telling in self._by_first.get(token.stem, ())
            if holds(found, first, phrase)
        ]
        return [span for span in spans if not any(span.inside(other) for other in spans)]
