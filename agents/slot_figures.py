"""Rules on plain words: numbers, quantities, hedges, verdicts. What no slot holds is not said in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postlaunch.agents.slot_draft import Draft
from postlaunch.agents.slot_grammar import folded
from postlaunch.agents.slot_motion_words import MODALS, denies
from postlaunch.agents.slot_subject_words import MEASURED_NOUNS, UNKNOWING
from postlaunch.agents.slot_words import (
    DEGREES_REFUSED,
    MAGNITUDES,
    NOT_NUMBERS,
    NUMBER_ENDINGS,
    NUMBER_MORPHEMES,
    NUMBER_WORDS,
    PREDICATED,
    ROMAN_WORDS,
    TWO,
    UNIVERSAL,
    VAGUE,
    VAGUE_PHRASES,
    VERDICT_PHRASES,
    VERDICTS,
    words,
)

MORPHEME = "|".join(sorted(NUMBER_MORPHEMES, key=len, reverse=True))
ENDING = "|".join(sorted(filter(None, NUMBER_ENDINGS), key=len, reverse=True))
NUMERAL = re.compile(rf"(?:{MORPHEME})(?:(?:and)?(?:{MORPHEME}))*(?:{ENDING})?")
ROMAN = re.compile(r"m{0,4}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")
REPEATED = re.compile(r"(.)\1+")
LONG_NUMBERS = frozenset(word for word in NUMBER_MORPHEMES if len(word) >= 6)
SUPPOSED = re.compile(r"\bmust have (?:not )?(?:\w+(?:ed|en)|run|lost|left|come|kept|held|hit)\b")
""" "must have run out" supposes; "must have" alone is a tier."""

COPULAS = words("""is are was were be been being looks look looked seems seem seemed feels too very""")


def states_number(word: str) -> bool:
    """Whether a folded word states a number, a share or an ordinal, however it is spelt.

    "twentyfive", "dozens", "fiveee", "thirten" and "XIV" do; "often", "stone" and "CI" do not.
    """
    bare = word.replace("'s", "").replace("'", "")
    if not bare or bare in NOT_NUMBERS:
        return False
    if bare in NUMBER_WORDS or NUMERAL.fullmatch(bare):
        return True
    if len(bare) > 1 and bare not in ROMAN_WORDS and ROMAN.fullmatch(bare):
        return True
    squeezed = REPEATED.sub(r"\1", bare)
    if squeezed != bare and any(squeezed == REPEATED.sub(r"\1", number) for number in NUMBER_MORPHEMES):
        return True
    return len(bare) >= 6 and any(_one_slip(bare, number) for number in LONG_NUMBERS)


def _one_slip(word: str, number: str) -> bool:
    """Whether two words differ by one letter added, left out or swapped for another."""
    if abs(len(word) - len(number)) > 1 or word[0] != number[0]:
        return False
    start = next((i for i, (a, b) in enumerate(zip(word, number, strict=False)) if a != b), None)
    if start is None:
        return word != number
    return (
        word[start + 1 :] == number[start + 1 :]
        or word[start:] == number[start + 1 :]
        or (word[start + 1 :] == number[start:])
    )


def number_words(draft: Draft) -> Iterator[str]:
    """No number in words, also when it is split by spaces, hyphens or quotes."""
    for index, word in draft.words():
        if states_number(word) and not _no_number_here(draft, index):
            yield f'"{draft.tokens[index].text}" states a number: cite the fact that holds it, e.g. {{F3}}'
        elif word in TWO and not _two_cited(draft):
            yield f'"{draft.tokens[index].text}" states a number: cite exactly the two facts it is about'
    for text in _split_words(draft):
        yield f'"{text}" spells a number: cite the fact that holds it, e.g. {{F3}}'


def _no_number_here(draft: Draft, index: int) -> bool:
    """ "one would expect"; and in a proposal "look at the errors first"."""
    word, after = draft.word(index), draft.word(index + 1)
    if word == "one":
        return after in MODALS
    ends = index + 1 == len(draft.tokens) or draft.tokens[index + 1].kind == "break"
    return word == "first" and ends and draft.mood == "proposal"


def _two_cited(draft: Draft) -> bool:
    return 2 in (len(draft.cited), len({fact.entity for fact in draft.cited}))


def _split_words(draft: Draft) -> Iterator[str]:
    """Runs of short pieces that make a number word when joined: "f i v e", "fif-ty", "se ven"."""
    pieces = [
        (token.start, token.text) if token.kind == "word" else None
        for token in draft.tokens
        if token.kind != "joint" and token.text not in "'\"‘’“”._"
    ]
    for start in range(len(pieces)):
        joined: list[str] = []
        for piece in pieces[start : start + 9]:
            if piece is None:
                break
            joined.append(piece[1])
            text = folded("".join(joined))
            whole = [states_number(folded(part)) for part in joined]
            if len(joined) > 1 and not any(whole) and text in NUMBER_MORPHEMES | NUMBER_WORDS:
                yield " ".join(joined)


def quantity_words(draft: Draft) -> Iterator[str]:
    """No quantity, frequency or universal claim in words."""
    for phrase in phrases_in(draft, VAGUE_PHRASES):
        yield f'"{phrase}" claims a quantity without a figure: leave it out'
    for index, word in draft.words():
        if word in VAGUE:
            yield f'"{word}" claims a quantity without a figure: leave it out, or cite the fact'
        elif word in DEGREES_REFUSED:
            yield f'"{word}" claims a size that is not tested: leave it out; the slot shows the size'
        elif word in UNIVERSAL and _universal_claim(draft, index):
            yield f'"{word}" claims something of a whole kind: cite the count or the share instead'
        elif word in ("only", "just", "alone") and _exclusive(draft, index):
            yield f'"{word}" claims that there is nothing else: leave it out'


def _universal_claim(draft: Draft, index: int) -> bool:
    """ "all requests failed"; not "{F3} of all requests", nor what each call does by its nature."""
    if draft.word(index - 1) == "of" and draft.is_slot(index - 2):
        return False
    if draft.mood == "proposal" or (
        draft.mood == "supposition" and draft.word(index) in ("each", "every", "any")
    ):
        return False
    return _measured_ahead(draft, index) and not _all_cited(draft)


def _all_cited(draft: Draft) -> bool:
    """ "all pods": every fact of one kind in the book is cited, and the book holds them all."""
    cited = {fact.id for fact in draft.cited}
    return any(
        len(peers) > 1 and {peer.id for peer in peers} <= cited and "limit" not in fact.measurement.parameters
        for fact in draft.cited
        for peers in [draft.book.peers(fact)]
    )


def _measured_ahead(draft: Draft, index: int) -> bool:
    for other in range(index + 1, min(index + 5, len(draft.tokens))):
        if draft.clause(other) != draft.clause(index):
            return False
        if draft.is_slot(other) or draft.word(other) in MEASURED_NOUNS:
            return True
    return False


def _exclusive(draft: Draft, index: int) -> bool:
    if draft.word(index + 1) in ("before", "after", "as", "when"):
        return False
    return any(draft.clause(slot) == draft.clause(index) for slot in draft.slots)


def uncited(draft: Draft) -> Iterator[str]:
    """A finding says what was measured: it cites a fact, or says that something cannot be told."""
    if draft.mood == "finding" and not draft.cited and not not_known(draft):
        yield "a finding cites a fact: say by a slot what was measured, or that it cannot be told"


def not_known(draft: Draft) -> bool:
    """Whether a sentence says that something cannot be told: "the log does not say"."""
    said = [word for _, word in draft.words()]
    return any(word in UNKNOWING for word in said) and any(map(denies, said))


def verdict_words(draft: Draft) -> Iterator[str]:
    """No verdict: status, grade, severity, tier and decision are the rules' own."""
    for phrase in phrases_in(draft, VERDICT_PHRASES):
        if phrase != "must have" or not SUPPOSED.search(plain_words(draft)):
            yield f'"{phrase}" is a verdict: verdicts belong to the rules; say what was seen, or dispute one'
    for index, word in draft.words():
        if word in VERDICTS:
            yield f'"{word}" is a verdict: verdicts belong to the rules; say what was seen, or dispute one'
        elif word in PREDICATED and draft.word(index - 1) in COPULAS and not _compared(draft, index):
            yield f'"{draft.word(index - 1)} {word}" is a verdict: cite the figure or compare it with another'
        elif word in MAGNITUDES and _measured_ahead(draft, index) and not _compared(draft, index):
            yield f'"{word}" is a verdict on a measured thing: cite the figure instead'


def _compared(draft: Draft, index: int) -> bool:
    """ "as slow as", "{F3/F5} as high as": measured by the comparison itself."""
    return draft.word(index - 1) == "as" and draft.word(index + 1) == "as"


def phrases_in(draft: Draft, phrases: frozenset[str]) -> Iterator[str]:
    """The phrases that a template holds in plain words."""
    text = plain_words(draft)
    for phrase in sorted(phrases):
        if re.search(rf"\b{re.escape(phrase)}\b", text):
            yield phrase


def plain_words(draft: Draft) -> str:
    """The plain words of a template with single spaces; a slot, a name or a hyphen parts none of them."""
    return " ".join(token.word for token in draft.tokens if token.kind == "word")
