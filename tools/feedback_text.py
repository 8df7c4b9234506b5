"""What a ticket says: its words, whether it asks for something new, and whether it asks for the opposite.

Rules, not a model. The words and phrases are data, in `feedback_words.toml` beside this file.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from postlaunch.sources.tickets import Ticket

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+|;\s+|\s+[–—]\s+")
ADDRESS = re.compile(r"<([^<>\s]+@[^<>\s]+)>")
SIGNATURE = re.compile(r"^(--\s*|(best|kind|warm)? ?regards|cheers|sent from my .*|on .* wrote:)[,.]?\s*$")
TEXT_LENGTH = 4000

Intent = Literal["asks", "wonders", "may ask", "hardly", "other"]


@dataclass(frozen=True)
class Words:
    """The lists of `feedback_words.toml`, compiled."""

    request_kinds: frozenset[str]
    open_kinds: frozenset[str]
    asks: re.Pattern[str]
    wonders: re.Pattern[str]
    reports: re.Pattern[str]
    asks_how: re.Pattern[str]
    thanks: re.Pattern[str]
    against_before: re.Pattern[str]
    against_after: re.Pattern[str]
    nobody: frozenset[str]
    stop_words: frozenset[str]
    cue_words: frozenset[str]
    courtesy_words: frozenset[str]
    whole: frozenset[str]
    same: tuple[tuple[str, ...], ...]


@lru_cache(maxsize=1)
def words() -> Words:
    """The lists, read once: they are part of the package."""
    table = tomllib.loads(files("postlaunch.tools").joinpath("feedback_words.toml").read_text("utf-8"))
    phrases = {
        name: re.compile("|".join(f"(?:{phrase})" for phrase in table[name]))
        for name in ("asks", "wonders", "reports", "asks_how", "thanks", "against_before", "against_after")
    }
    return Words(
        request_kinds=frozenset(table["request_kinds"]),
        open_kinds=frozenset(table["open_kinds"]),
        nobody=frozenset(table["nobody"]),
        stop_words=frozenset(table["stop_words"].split()),
        whole=frozenset(table["whole"]),
        cue_words=frozenset(table["cue_words"].split()),
        courtesy_words=frozenset(table["courtesy_words"].split()),
        same=tuple(tuple(row) for row in table["same"]),
        **phrases,
    )


def plain(text: str) -> str:
    """Lower case, one form per character, straight apostrophes."""
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("`", "'")


def requester_of(ticket: Ticket) -> str:
    """The writer, without case and space; the address of "Ann <ann@example.com>"; empty for nobody."""
    name = " ".join(plain(ticket.requester).split())
    address = ADDRESS.search(name)
    name = address[1] if address else name
    return "" if name in words().nobody else name


def sentences(ticket: Ticket) -> tuple[str, ...]:
    """Subject and body in sentences, lower case; quoted replies and what follows a signature left out."""
    lines: list[str] = []
    for line in plain(ticket.text[:TEXT_LENGTH]).splitlines():
        if SIGNATURE.match(line.strip()):
            break
        if not line.lstrip().startswith(">"):
            lines.append(line)
    found = [plain(ticket.subject), *SENTENCE_END.split("\n".join(lines))]
    return tuple(dict.fromkeys(" ".join(sentence.split()) for sentence in found if sentence.strip()))


def intent(ticket: Ticket) -> Intent:
    """How surely a ticket asks for something new.

    * "asks": a sentence asks, whatever kind the ticket was filed as; or it was filed as a request and is
      not "other", or asks in the sentence that reports trouble.
    * "wonders": it asks whether something can be done: a request where it cannot.
    * "may ask": nothing asks in words the rules know, nothing says the ticket is something else, and the kind
      is silent; or it was filed as a request, and is "other".
    * "hardly": nothing asks, nothing says it is something else, and it was filed as such.
    * "other": it reports trouble, asks how to use what exists, or gives thanks.
    """
    said = sentences(ticket)
    if asks_for_something(ticket):
        return "asks"
    other = any(gives_thanks(s) or asks_how(s) for s in said) or all(is_courtesy(s) for s in said)
    trouble = any(reports_trouble(sentence) for sentence in said)
    if _kind(ticket) in words().request_kinds:
        trouble = trouble and not any(asks_beside_trouble(sentence) for sentence in said)
        return "may ask" if other or trouble else "asks"
    if other or trouble:
        return "other"
    if any(words().wonders.search(sentence) for sentence in said):
        return "wonders"
    return "may ask" if kind_is_open(ticket) else "hardly"


def asks_for_something(ticket: Ticket) -> bool:
    """Whether some sentence asks, and neither reports trouble nor gives thanks."""
    return any(asks(s) and not reports_trouble(s) and not gives_thanks(s) for s in sentences(ticket))


def _kind(ticket: Ticket) -> str:
    return " ".join(re.sub(r"[-_]+", " ", plain(ticket.kind)).split())


def kind_is_open(ticket: Ticket) -> bool:
    """Whether a ticket's kind leaves it to the words what it is."""
    return _kind(ticket) in words().open_kinds


@lru_cache(maxsize=20_000)
def asks(sentence: str) -> bool:
    """Whether a sentence asks for something."""
    return bool(words().asks.search(sentence))


@lru_cache(maxsize=20_000)
def reports_trouble(sentence: str) -> bool:
    """Whether a sentence reports trouble with what exists, or asks for help with it."""
    return bool(words().reports.search(sentence))


def asks_beside_trouble(sentence: str) -> bool:
    """Whether a sentence asks in other words than those that report trouble: not "please fix"."""
    return asks(words().reports.sub(" ", sentence))


def asks_how(sentence: str) -> bool:
    """Whether a sentence asks how to use what exists."""
    return bool(words().asks_how.search(sentence))


@lru_cache(maxsize=20_000)
def gives_thanks(sentence: str) -> bool:
    """Whether a sentence thanks for what exists, and so asks for nothing."""
    return bool(words().thanks.search(sentence))


def is_courtesy(sentence: str) -> bool:
    """Whether a sentence greets, thanks or praises, and says nothing else."""
    return all(match[0] in words().courtesy_words for match in WORD.finditer(sentence))


# --- words --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Token:
    """One word of a sentence: its stem and where it stands."""

    stem: str
    start: int
    end: int


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A light English stem: plurals, -ing, -ed, -ly and -ation(s) go; short words stay whole."""
    word = word.removesuffix("'s").replace("'", "")
    if word in words().whole:
        return word
    for suffix, put in (
        ("ications", "ic"),
        ("ication", "ic"),
        ("izations", "iz"),
        ("ization", "iz"),
        ("ations", "at"),
        ("ation", "at"),
        ("ies", "y"),
        ("sses", "ss"),
        ("ings", ""),
        ("ing", ""),
        ("edly", ""),
        ("ed", ""),
        ("ers", "er"),
        ("ly", ""),
        ("es", ""),
        ("s", ""),
    ):
        if word.endswith(suffix) and len(word) - len(suffix) + len(put) >= 3:
            if suffix == "s" and word.endswith(("ss", "us", "is")):
                break
            word = word[: -len(suffix)] + put
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def tokens(text: str) -> tuple[Token, ...]:
    """The words of a text in `plain` form, stemmed, with their places."""
    return tuple(Token(stem(match[0]), match.start(), match.end()) for match in WORD.finditer(text))


def phrase_stems(phrase: str) -> tuple[str, ...]:
    """A phrase as stems in order."""
    return tuple(token.stem for token in tokens(plain(phrase)))


def is_against(sentence: str, found: Sequence[Token], first: int, last: int) -> bool:
    """Whether the feature named by tokens [first, last) is spoken against.

    An opposing phrase ends at most four words before it, with no new wish between, or follows it directly.
    """
    before = sentence[: found[first].start]
    reach = found[max(0, first - 4)].start
    cues = list(words().against_before.finditer(before))
    if cues and cues[-1].end() >= reach and not words().asks.search(before, cues[-1].end()):
        return True
    return bool(words().against_after.search(sentence[found[last - 1].end :]))


def speaks_against(sentence: str) -> bool:
    """Whether a sentence opposes something, whatever it is."""
    return bool(words().against_before.match(sentence))
