"""Which candidate items address what was found: by what they declare, else by the endpoint they name.

A finding names its subjects exactly (an endpoint, an event, a package, an incident) and says the rest in
words. An item addresses it when

1. one of its declared `addresses` is one of the subjects;
2. one of its declared `addresses` is a phrase of two words or more, and the finding's words hold it in any
   inflection: a single word ("requests") is the name of something, and occurs in any sentence;
3. it declares no `addresses`, and its title, success measure or a keyword names an endpoint that is a
   subject.

Nothing is guessed from likeness: an item that only sounds alike addresses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from postlaunch.sources.candidates import CandidateItem
from postlaunch.tools.feedback_text import phrase_stems

ENDPOINT = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s+(/[^\s,;()\"'`]*)", re.IGNORECASE)
PLACEHOLDER = re.compile(r"(?<=/)(?::[^/]+|\{[^/]*\}|<[^/]*>|\*)")


def addressing(items: Iterable[CandidateItem], subjects: Sequence[str], words: str = "") -> tuple[str, ...]:
    """The ids of the items that address a finding, in the items' order.

    Args:
        subjects: what the finding is about, exactly as it is named: "GET /users", "signed_up", "CVE-2025-1".
        words: what it says beside that.
    """
    names = {folded(subject) for subject in subjects if subject.strip()}
    said = phrase_stems(words)
    return tuple(item.id for item in items if _addresses(item, names, said))


def _addresses(item: CandidateItem, names: set[str], said: tuple[str, ...]) -> bool:
    if item.addresses:
        return any(folded(term) in names or _holds(said, term) for term in item.addresses)
    texts = (item.title, item.success_measure, *item.keywords)
    return any(endpoint in names for text in texts for endpoint in endpoints_in(text))


def _holds(said: tuple[str, ...], term: str) -> bool:
    """Whether words hold a phrase; an endpoint or an event is a name, and no phrase."""
    if endpoints_in(term) or "_" in term:
        return False
    phrase = phrase_stems(term)
    return len(phrase) > 1 and any(
        said[place : place + len(phrase)] == phrase for place in range(len(said) - len(phrase) + 1)
    )


def endpoints_in(text: str) -> tuple[str, ...]:
    """The endpoints that a text names, folded."""
    return tuple(folded(f"{found[1]} {found[2].rstrip('.:?!')}") for found in ENDPOINT.finditer(text))


def folded(name: str) -> str:
    """A name for comparison: without case, spare space and last slash, every placeholder of a path alike."""
    plain = " ".join(name.split()).casefold()
    plain = PLACEHOLDER.sub(":", plain)
    return plain[:-1] if plain.endswith("/") and not plain.endswith(" /") else plain
