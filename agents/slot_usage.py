"""Rules on the place of a slot: a value is no change, a baseline not the present, a measurement no forecast.

"rose by {F3}" prints the value where the change belongs, "from {F3} to {F3.before}" turns time around, "at
least {F3}" and "not {F3}" make another figure of it, "will reach {F3}" a forecast, "{F3} per user" a rate.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from postlaunch.agents.slot_directions import direction_words
from postlaunch.agents.slot_draft import Draft
from postlaunch.agents.slot_motion_words import COMPARATIVES, TARGET_NOUNS, denies
from postlaunch.agents.slot_predicate_words import FINDING_MODALS
from postlaunch.agents.slot_windows import COMPARING
from postlaunch.agents.slot_words import (
    CHANGE_NOUNS,
    EQUALITIES,
    FORECAST_FILLERS,
    FORECASTS,
    FORMERLY,
    HEDGES_REFUSED,
    LOOKING_BACK,
    NOW,
    TOGETHER,
    UNITS,
)


def hedges(draft: Draft) -> Iterator[str]:
    """No word before or behind a figure makes another figure of it."""
    for index in draft.figures:
        text, near = draft.tokens[index].text, draft.before(index, 3)
        first, second = (*near, "", "")[:2]
        if _bends(draft, index, first, second):
            yield f'"{first} {text}" bends the figure: write the slot alone'
        if (first, second) == ("to", "up"):
            yield f'"up to {text}" bends the figure: write the slot alone'
        if first == "than" and second in COMPARATIVES and _nothing_left(draft, index):
            yield f'"{second} than {text}" bends the figure: write the slot alone'
        if any(denies(word) for word in near[:2]):
            yield f"{text} is denied: a measured figure is stated, not denied"
        yield from _behind(draft, index)


def _bends(draft: Draft, index: int, first: str, second: str) -> bool:
    made_up = first == "up" and second in ("make", "makes", "made", "making")
    sized = draft.slot_at(index).attribute in ("change", "difference", "factor")
    return first in HEDGES_REFUSED and not made_up and not (sized and first in ("up", "over"))


def _nothing_left(draft: Draft, index: int) -> bool:
    """ "more than {F3}" with nothing on its left bends the figure; with another fact it compares."""
    slot = draft.slot_at(index)
    others = [other for other in draft.slots if other < index and draft.slot_at(other).ref != slot.ref]
    return not others and slot.attribute not in ("before", "target")


def _behind(draft: Draft, index: int) -> Iterator[str]:
    text, behind = draft.tokens[index].text, draft.word(index + 1)
    if behind in UNITS:
        yield f'"{behind}" stands behind {text}: the slot prints its own unit'
    elif behind in ("times", "fold", "plus", "minus", "x", "k", "m"):
        yield f'"{text} {behind}" makes another figure: use {{F3-F5}} or {{F3/F5}}'
    for other in range(index + 1, min(index + 4, len(draft.tokens))):
        if draft.clause(other) != draft.clause(index):
            break
        if draft.word(other) == "per" and draft.word(other + 1) not in ("week", "day", "month", "sprint"):
            yield f'"per {draft.word(other + 1)}" makes a rate of {text}: cite the fact that holds the rate'


def places(draft: Draft) -> Iterator[str]:
    """Value, change and baseline each stand where they belong."""
    moving = {place for place, _ in direction_words(draft)}
    for index in draft.figures:
        slot, text = draft.slot_at(index), draft.tokens[index].text
        near = draft.before(index, 3)
        first, second = (*near, "", "")[:2]
        match slot.attribute:
            case "value" | "n":
                if first == "by" and (index - 2 in moving or second in ("about", "up", "down")):
                    yield f'"by {text}" prints the value, not the change: write {{{slot.ref}.change}}'
                elif first in FORMERLY or (first == "from" and _turned_around(draft, index)):
                    yield f"{text} is the present figure: the earlier one is {{{slot.ref}.before}}"
            case "change":
                if first in ("to", "at", "reached", "reaches"):
                    yield f'"{first} {text}" prints the change where the value belongs: write {{{slot.ref}}}'
                elif first in ("is", "was", "are", "were") and not _speaks_of_change(draft, index):
                    yield f'"{first} {text}" prints a change: write {{{slot.ref}}}, or "changed by {text}"'
            case "before":
                to_it = first == "to" and second not in ("compared", "relative", "close", "similar", "back")
                compared = any(word in COMPARING for word in near)
                if to_it or (not compared and any(word in NOW for word in near)):
                    yield f"{text} is the earlier figure: the present one is {{{slot.ref}}}"
            case _:
                pass


def _turned_around(draft: Draft, index: int) -> bool:
    ref = draft.slot_at(index).ref
    return any(
        draft.slot_at(other).ref == ref and draft.slot_at(other).attribute == "before" and other > index
        for other in draft.slots
    )


def _speaks_of_change(draft: Draft, index: int) -> bool:
    return any(
        draft.word(other) in CHANGE_NOUNS and draft.clause(other) == draft.clause(index)
        for other in range(index)
    )


def forecasts(draft: Draft) -> Iterator[str]:
    """A measured figure is not stated as what will be, would be, or ought to be."""
    for index in draft.figures:
        slot, text = draft.slot_at(index), draft.tokens[index].text
        first, second = (*draft.before(index, 2), "", "")[:2]
        if first in ("of", "is", "was") and second in TARGET_NOUNS and slot.attribute != "target":
            yield f'"{second} {first} {text}" makes a target of a measurement: write {{{slot.ref}.target}}'
        for word in draft.before(index, 5):
            if word in FORECASTS:
                yield f'"{word}" makes a forecast of {text}, which was measured: say what it was'
            if word not in FORECAST_FILLERS:
                break
        yield from _foretold(draft, index)


def _foretold(draft: Draft, index: int) -> Iterator[str]:
    """ "will save {F1} tickets"; "would explain {F4}" looks back and stands."""
    near = draft.before(index, 3)
    for verb, modal in pairwise(near):
        if modal in FINDING_MODALS and verb not in LOOKING_BACK | FORECAST_FILLERS:
            text = draft.tokens[index].text
            yield f'"{modal} {verb} {text}" makes a forecast of a measurement: say what it was'


def sums(draft: Draft) -> Iterator[str]:
    """Nothing is added up in words."""
    for index, word in draft.words():
        if word in TOGETHER and draft.figures:
            yield f'"{draft.tokens[index].text}" adds figures up: cite the fact that holds the sum'


def equalities(draft: Draft) -> Iterator[str]:
    """ "equal", "identical", "as many as" need figures that print the same."""
    for index, word in draft.words():
        if word not in EQUALITIES and not _as_as(draft, index):
            continue
        printed = {
            (fact.unit, draft.book.value(fact))
            for fact in draft.cited
            if any(draft.facts_at(slot)[0].id == fact.id for slot in draft.slots)
        }
        if len(draft.cited) < 2 or len(printed) != 1:
            yield f'"{draft.tokens[index].text}" does not hold: the figures cited do not print the same'


def _as_as(draft: Draft, index: int) -> bool:
    """ "as many as", "as slow as" without a ratio before it."""
    if (draft.word(index), draft.word(index + 2)) != ("as", "as") or draft.word(index + 1) in (
        "well",
        "soon",
    ):
        return False
    slot = draft.tokens[index - 1].slot if index else None
    if slot is not None and slot.attribute == "factor":
        return False
    return draft.word(index - 1) not in ("twice", "double", "triple") and bool(draft.figures)
