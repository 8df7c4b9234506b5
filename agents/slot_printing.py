"""How a verified template is printed: values, changes and names in the place of its slots."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from postlaunch.agents.slot_directions import direction_words
from postlaunch.agents.slot_draft import Draft
from postlaunch.agents.slot_motion_words import COMPARATIVES
from postlaunch.facts import Fact
from postlaunch.printing import change_text, value_text, window_text

LONGEST_NAME = 120
LONGEST_SENTENCE = 1200
SIGNLESS = frozenset(["by"])


def neutral_text(text: str, longest: int = LONGEST_NAME) -> str:
    """Text from outside on one line: no control, invisible or bidirectional characters, bounded in length.

    It stays text: whoever puts it into Markdown or HTML still escapes it.
    """
    seen = "".join(" " if _breaks(one) else one for one in text if not _hidden(one))
    line = " ".join(seen.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _breaks(character: str) -> bool:
    return unicodedata.category(character) in ("Zl", "Zp", "Zs") or character in "\t\n\r\v\f"


def _hidden(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Cn") and not _breaks(character)


def printable(draft: Draft) -> Iterator[str]:
    """What a slot cannot print, with what to write instead."""
    for index in draft.slots:
        slot, text = draft.slot_at(index), draft.tokens[index].text
        facts = draft.facts_at(index)
        if slot.attribute in ("change", "before") and facts[0].baseline is None:
            yield f"{text}: {slot.ref} was compared with nothing; write {{{slot.ref}}}"
        elif slot.attribute == "change" and _wordy(facts[0]) and _sized(draft, index):
            yield f'{text} is "{change_text_of(facts[0])}": write {{{slot.ref}.before}} and {{{slot.ref}}}'
        elif slot.attribute == "target" and draft.objective(facts[0]) is None:
            yield f"{text}: {facts[0].definition.title} of {facts[0].entity} has no objective"
        elif slot.other and (problem := _two_facts(draft, index)):
            yield f"{text}: {problem}"


def change_text_of(fact: Fact) -> str:
    """The change of a fact as printed, with its sign."""
    return change_text(fact.change) if fact.change is not None else ""


def _wordy(fact: Fact) -> bool:
    """Whether the change prints as words ("new", "no change")."""
    return fact.change is not None and fact.change.kind in ("new", "none")


def _two_facts(draft: Draft, index: int) -> str:
    left, right = draft.facts_at(index)
    slot = draft.slot_at(index)
    if left.id == right.id:
        return f"cite two facts, or write {{{slot.ref}.change}}"
    if left.name != right.name or left.unit != right.unit:
        return f"{left.definition.title} and {right.definition.title} are not of one metric"
    if left.unit == "moment":
        return "two moments are not subtracted here; cite the fact that holds the time between"
    if slot.attribute == "factor":
        return "" if left.value > 0 and right.value > 0 else "a ratio needs two figures above zero"
    return (
        "" if left.value > right.value else f"{slot.ref} is not the larger: write {{{slot.other}-{slot.ref}}}"
    )


def printed(draft: Draft) -> str:
    """The sentence with every slot printed; call it only when no rule refused."""
    text, at = [], 0
    for index in draft.slots:
        token = draft.tokens[index]
        text += [draft.template.text[at : token.start], slot_text(draft, index)]
        at = token.end
    return "".join([*text, draft.template.text[at:]])


def slot_text(draft: Draft, index: int) -> str:
    """What one slot prints."""
    slot, book = draft.slot_at(index), draft.book
    fact = draft.facts_at(index)[0]
    match slot.attribute:
        case "value":
            return book.value(fact)
        case "entity":
            return neutral_text(fact.entity)
        case "title":
            return neutral_text(fact.definition.title)
        case "window":
            return window_text(fact.window)
        case "n":
            return value_text(fact.n, "count")
        case "before":
            return book.baseline(fact) or ""
        case "change":
            text = change_text_of(fact)
            return text.lstrip("+−") if _sized(draft, index) else text
        case "target":
            objective = draft.objective(fact)
            assert objective is not None
            return value_text(objective.target, objective.unit, currency=book.currency)
        case "difference":
            return _difference(draft, index)
        case "factor":
            left, right = draft.facts_at(index)
            return f"{value_text(left.value / right.value, 'number')} times"


def _difference(draft: Draft, index: int) -> str:
    left, right = draft.facts_at(index)
    unit = "points" if left.unit == "ratio" else left.unit
    return value_text(left.value - right.value, unit, currency=draft.book.currency)


def _sized(draft: Draft, index: int) -> bool:
    """Whether a direction word says the sign already: "rose by {F3.change}", "up {F3.change}"."""
    moving = {place for place, _ in direction_words(draft)}
    near = [index - 1, index - 2, index - 3, index + 1]
    return any(
        (place in moving or draft.word(place) in COMPARATIVES) and draft.clause(place) == draft.clause(index)
        for place in near
        if 0 <= place < len(draft.tokens)
    )
