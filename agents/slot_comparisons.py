"""Rules on comparison: "higher than {F5}", "above {F2}", "more than last week" hold between both sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from postlaunch.agents.slot_directions import hypothetical, moved, negated, sign_of
from postlaunch.agents.slot_draft import Draft
from postlaunch.agents.slot_motion_words import (
    BASELINE_WORDS,
    COMPARATIVES,
    FACTORS,
    MORE_IDIOMS,
    RELATIONS,
    TARGET_NOUNS,
    Heading,
)
from postlaunch.agents.slot_ranks import order, rank
from postlaunch.agents.slot_subject_words import MEASURED_NOUNS
from postlaunch.agents.slot_targets import against_target
from postlaunch.agents.slot_words import words
from postlaunch.facts import Fact

OPERAND_FILLERS = words("the that those of for on in at its their a an it was were than our agreed set")
DURATIONS = frozenset(("ms", "minutes", "hours", "days"))
OTHERS = words("any other others rest all every")


NEEDS_OTHER_SIDE = ("exceed", "surpass", "out", "overt", "dwarf", "ahead", "trail", "lag")
"""How relations begin that mean nothing without their other side."""


@dataclass(frozen=True)
class Operand:
    """The right-hand side of a comparison."""

    kind: Literal["fact", "entity", "baseline", "target", "others", "none"]
    slot: int | None = None
    entity: str = ""


def operand_after(draft: Draft, index: int) -> Operand:
    """What a comparison is made with: the first thing behind "than" that is no filler."""
    for other in range(index + 1, len(draft.tokens)):
        if draft.clause(other) != draft.clause(index):
            break
        token = draft.tokens[other]
        if token.slot is not None:
            return _slot_operand(draft, other)
        if token.kind == "entity":
            return Operand("entity", entity=token.word)
        if token.word in TARGET_NOUNS:
            return Operand("target")
        if token.word in BASELINE_WORDS:
            return Operand("baseline")
        if token.word in OTHERS:
            return Operand("others")
        if token.word not in OPERAND_FILLERS and token.kind == "word":
            break
    return Operand("none")


def _slot_operand(draft: Draft, index: int) -> Operand:
    slot = draft.slot_at(index)
    if slot.attribute == "before":
        return Operand("baseline", slot=index)
    if slot.attribute == "target":
        return Operand("target", slot=index)
    if slot.attribute == "entity":
        return Operand("entity", slot=index, entity=draft.facts_at(index)[0].entity)
    return Operand("fact", slot=index)


def comparisons(draft: Draft) -> Iterator[str]:
    """Every comparison holds between the two sides it names."""
    for index, word in draft.words():
        if hypothetical(draft, index):
            continue
        if word in COMPARATIVES and not _idiom(draft, index):
            yield from _comparative(draft, index, COMPARATIVES[word])
        elif word in RELATIONS:
            yield from _relation(draft, index, RELATIONS[word])


def _idiom(draft: Draft, index: int) -> bool:
    word, after, before = draft.word(index), draft.word(index + 1), draft.word(index - 1)
    if word in ("more", "less") and (after in MORE_IDIOMS or before in ("once", "any")):
        return True
    if word in ("more", "less") and after == "than" and draft.word(index + 2) in FACTORS:
        return True
    return (word == "longer" and before in ("no", "any")) or (
        word in ("lower", "shorter") and draft.prospective(index) and before == "to"
    )


def _comparative(draft: Draft, index: int, heading: Heading) -> Iterator[str]:
    than = next(
        (
            other
            for other in range(index + 1, min(index + 9, len(draft.tokens)))
            if draft.word(other) == "than" and draft.clause(other) == draft.clause(index)
        ),
        None,
    )
    if than is not None:
        yield from _compare(draft, index, heading, operand_after(draft, than))
    elif not _wished(draft, index):
        yield from moved(draft, index, heading)


def _wished(draft: Draft, index: int) -> bool:
    """A comparative without figures in a proposal or behind "should" is a wish: "needs a larger pool"."""
    ahead = [draft.word(other) for other in range(index + 1, index + 4)]
    if draft.mood == "proposal" and not any(word in MEASURED_NOUNS for word in ahead):
        return True
    figures = any(draft.clause(slot) == draft.clause(index) for slot in draft.figures)
    return not figures and draft.prospective(index)


def _relation(draft: Draft, index: int, heading: Heading) -> Iterator[str]:
    """ "above {F2}", "exceeds the target"; "over" and "under" before anything else are no comparison."""
    right = operand_after(draft, index)
    named = right.slot is not None and draft.slot_at(right.slot).attribute in ("window", "title", "entity")
    figure = right.slot is not None and not named
    if figure or right.kind == "target" or draft.word(index).startswith(NEEDS_OTHER_SIDE):
        yield from _compare(draft, index, heading, right)


def _compare(draft: Draft, index: int, heading: Heading, right: Operand) -> Iterator[str]:
    word = draft.tokens[index].text
    match right.kind:
        case "none":
            yield f'"{word}" is compared with nothing cited: write "than {{F5}}" or "than {{F3.before}}"'
        case "baseline":
            yield from moved(draft, index, heading)
        case "others":
            yield from rank(draft, index, heading)
        case "target":
            yield from against_target(draft, index, heading)
        case _:
            yield from _two_sides(draft, index, heading, right)


def _left_fact(draft: Draft, index: int, right: Operand) -> Fact | None:
    """The fact that is compared: the nearest one cited before the word that is not the other side."""
    for other in reversed([slot for slot in draft.slots if slot < index]):
        return draft.facts_at(other)[0]
    for other in (slot for slot in draft.slots if slot > index and slot != right.slot):
        fact = draft.facts_at(other)[0]
        if right.slot is None or fact.id not in {cited.id for cited in draft.facts_at(right.slot)}:
            return fact
    return None


def _two_sides(draft: Draft, index: int, heading: Heading, right: Operand) -> Iterator[str]:
    word = draft.tokens[index].text
    left = _comparable(draft, _left_fact(draft, index, right), right)
    if left is None:
        yield f'"{word}" bends the figure: cite both sides, "{{F3}} is {word} than {{F5}}"'
        return
    other = _right_fact(draft, right, left)
    if other is None:
        yield f'"{word}": {left.definition.title} of {right.entity} is not among the facts; cite one that is'
    elif other.id == left.id:
        yield f'"{word}" compares a fact with itself: cite the other side'
    elif other.unit != left.unit or (heading in ("better", "worse") and other.name != left.name):
        yield f'"{word}" compares {left.definition.title} with {other.definition.title}: cite two of one kind'
    else:
        yield from _holds(draft, index, heading, left, other)


def _comparable(draft: Draft, left: Fact | None, right: Operand) -> Fact | None:
    """A moment is compared by the length of what began then: an outage longer than {F5.entity}."""
    if left is None or left.unit != "moment" or right.kind != "entity":
        return left
    lengths = (fact for fact in draft.book if fact.entity == left.entity and fact.unit in DURATIONS)
    return next(lengths, left)


def _right_fact(draft: Draft, right: Operand, left: Fact) -> Fact | None:
    if right.kind == "fact" and right.slot is not None:
        return draft.facts_at(right.slot)[0]
    same = [fact for fact in draft.book.of(left.name, right.entity) if fact.window == left.window]
    return same[0] if same else None


def _holds(draft: Draft, index: int, heading: Heading, left: Fact, right: Fact) -> Iterator[str]:
    word, wanted = draft.tokens[index].text, sign_of(heading, left)
    denied = negated(draft, index)
    if wanted is None:
        yield f'"{word}" does not fit {left.definition.title}: say "higher" or "lower"'
    elif denied is None:
        yield f'it cannot be decided what "{word}" says here: compare plainly, without negation'
    elif (order(draft, left, right) == wanted) == denied:
        yield (
            f'"{word}" does not hold: {left.entity} has {draft.book.value(left)}, '
            f"{right.entity} has {draft.book.value(right)}"
        )
