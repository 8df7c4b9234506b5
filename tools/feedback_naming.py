"""Which candidate items a ticket names in so many words, and whether it speaks for or against them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from postlaunch.sources.tickets import Ticket
from postlaunch.tools.feedback_groups import Anchor
from postlaunch.tools.feedback_text import (
    Token,
    asks,
    gives_thanks,
    is_against,
    kind_is_open,
    phrase_stems,
    reports_trouble,
    sentences,
    tokens,
)


@dataclass
class Naming:
    """The candidates that a ticket names, by their place among the anchors.

    Attributes:
        phrase: named by two words or more.
        word: named by one word only.
        against: spoken against.
    """

    phrase: set[int] = field(default_factory=set)
    word: set[int] = field(default_factory=set)
    against: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Span:
    """Tokens [first, last) of a sentence that name a candidate."""

    first: int
    last: int
    anchor: int

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
        self._by_first: dict[str, list[tuple[tuple[str, ...], int]]] = defaultdict(list)
        for place, anchor in enumerate(anchors):
            for phrase in sorted({phrase_stems(text) for text in (anchor.title, *anchor.keywords)}):
                if phrase:
                    self._by_first[phrase[0]].append((phrase, place))

    def naming(self, ticket: Ticket) -> Naming:
        """What the ticket names. A sentence that gives thanks, or only reports trouble, names nothing."""
        naming = Naming()
        for sentence in sentences(ticket):
            trouble = kind_is_open(ticket) and reports_trouble(sentence) and not asks(sentence)
            if gives_thanks(sentence) or trouble:
                continue
            found = tokens(sentence)
            for span in self._spans(found):
                if is_against(sentence, found, span.first, span.last):
                    naming.against.add(span.anchor)
                elif span.size > 1:
                    naming.phrase.add(span.anchor)
                else:
                    naming.word.add(span.anchor)
        naming.word -= naming.phrase
        return naming

    def _spans(self, found: Sequence[Token]) -> list[Span]:
        spans = [
            Span(first, first + len(phrase), place)
            for first, token in enumerate(found)
            for phrase, place in self._by_first.get(token.stem, ())
            if tuple(word.stem for word in found[first : first + len(phrase)]) == phrase
        ]
        return [span for span in spans if not any(span.inside(other) for other in spans)]
