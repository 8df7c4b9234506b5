"""Rules on movement: "rose", "improved", "doubled", "stable", "slightly" hold for the change of a cited fact.

A direction is judged on what a reader can see: a change too small to show in the printed values is none.
"improved" and "worsened" go by `Definition.better`; "slower" is up for a duration and down for a rate.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from postlaunch.agents.fact_book import FactBook
from postlaunch.agents.slot_draft import Draft
from postlaunch.agents.slot_motion_words import (
    BASE_DIRECTIONS,
    COMPARATIVES,
    CONDITIONAL,
    FACTORS,
    HYPOTHETICAL,
    LOSING,
    PAST_DIRECTIONS,
    PHRASAL,
    SAME_AFTER,
    SPELL_WORDS,
    STEADY,
    STEADY_EXACT,
    STRONG,
    UNDECIDABLE_BEFORE,
    Heading,
    denies,
)
from postlaunch.agents.slot_subject_words import MEASURED_NOUNS
from postlaunch.agents.slot_words import DEGREES_LARGE, DEGREES_SMALL, words
from postlaunch.facts import Fact

FACTOR_TOLERANCE = 0.10
""" "doubled" holds from 1.8 to 2.2 times."""

STEADY_BAND = 0.05
"""Relative change up to which a figure is "stable"; "unchanged" needs the same printed value."""

SMALL_CHANGE = 0.10
LARGE_CHANGE = 0.20
"""Relative change up to which it is "slight", and from which it is "sharp"."""

MOVERS = words(
    """is are was were went go goes gone going came come comes moved crept edged ticked inched trended
    trending heading headed heads trends been picked picks shot died"""
)
BETWEEN_NEGATION = words(
    """a an any been be being have has had yet even also further visible clear notable such corresponding
    much get gets got become became gone show sign of"""
)
PRESUPPOSING = words(
    """explain explains explained account accounts accounted match matches matched coincide coincides
    follow follows mean means cause causes caused tell say says precede preceded predate predates"""
)


def visible_direction(fact: Fact, book: FactBook) -> int | None:
    """+1, -1 or 0 as the printed values show it; None where nothing was compared."""
    change = fact.change
    if change is None or fact.unit == "moment":
        return None
    return 0 if book.value(fact) == book.baseline(fact) else change.direction


def sign_of(heading: Heading, fact: Fact) -> int | None:
    """Which way a figure moves when it goes that way; None where the word does not fit the figure."""
    if heading in ("up", "down"):
        return 1 if heading == "up" else -1
    if heading in ("better", "worse"):
        better = {"higher": 1, "lower": -1}.get(fact.definition.better or "")
        return None if better is None else better if heading == "better" else -better
    slower = {"ms": 1, "minutes": 1, "hours": 1, "days": 1, "per_second": -1}.get(fact.unit)
    return None if slower is None else slower if heading == "slower" else -slower


def relative_change(fact: Fact) -> float | None:
    """|after − before| ÷ |before|; None without a baseline or from zero."""
    if not fact.baseline:
        return None
    return abs(fact.value - fact.baseline) / abs(fact.baseline)


def directions(draft: Draft) -> Iterator[str]:
    """Every direction word holds for the fact it is about."""
    for index, heading in direction_words(draft):
        yield from moved(draft, index, heading)


def direction_words(draft: Draft) -> Iterator[tuple[int, Heading]]:
    """Position and heading of every word that states a movement; wishes and conditions are none."""
    for index, word in draft.words():
        if (word, draft.word(index + 1)) in PHRASAL or hypothetical(draft, index):
            continue
        if _moves_a_setting(draft, index):
            continue
        if word in LOSING and any(index < place <= index + 2 for place, _ in draft.metrics()):
            yield index, "down"
        elif word in PAST_DIRECTIONS:
            yield index, PAST_DIRECTIONS[word]
        elif word in BASE_DIRECTIONS and not draft.prospective(index):
            if word != "slow" or draft.word(index + 1) == "down":
                yield index, BASE_DIRECTIONS[word]
        elif word in ("up", "down") and _particle_moves(draft, index):
            yield index, "up" if word == "up" else "down"


def _moves_a_setting(draft: Draft, index: int) -> bool:
    """ "dropped the cache": outside findings, a verb whose object is no metric moves no figure."""
    if draft.mood == "finding" or draft.word(index + 1) not in ("the", "a", "an", "its", "their"):
        return False
    measured = {place for place, _ in draft.metrics()}
    ahead = range(index + 2, min(index + 5, len(draft.tokens)))
    return not any(
        other in measured or draft.is_slot(other) or draft.word(other) in MEASURED_NOUNS for other in ahead
    )


def _particle_moves(draft: Draft, index: int) -> bool:
    """ "is up", "went down", "up by {F3.change}"; not "set up", "slowed down", "down for {F4}"."""
    before, after = draft.word(index - 1), draft.word(index + 1)
    if before in ("slow", "slowed", "slows", "slowing") or after in ("to", "for", "front"):
        return after == "to" and before in MOVERS
    if after in ("from", "on", "against") and draft.figures:
        return True
    return before in MOVERS or draft.slot_after(index, frozenset(("by",)), 1) is not None


def hypothetical(draft: Draft, index: int) -> bool:
    """In a clause that opens with "if", "unless" or "whether" and prints no figure nothing is claimed."""
    clause = draft.clause_positions(draft.clause(index))
    if any(slot in draft.figures for slot in clause):
        return False
    openers = HYPOTHETICAL | CONDITIONAL if draft.mood == "proposal" else HYPOTHETICAL
    return any(draft.word(other) in openers for other in clause if other < index)


def moved(draft: Draft, index: int, heading: Heading) -> Iterator[str]:
    """Why the movement stated at a position does not hold; nothing when it does."""
    word, slots = draft.tokens[index].text, draft.subjects(index)
    if not slots:
        yield f'"{word}" needs the fact it is about in its own clause, e.g. "{{F3.title}} {word} to {{F3}}"'
    for slot in slots:
        yield from _slot_moved(draft, index, heading, slot)


def _slot_moved(draft: Draft, index: int, heading: Heading, slot: int) -> Iterator[str]:
    word = draft.tokens[index].text
    ref, fact = draft.slot_at(slot).ref, draft.facts_at(slot)[0]
    if draft.slot_at(slot).other:
        yield f'"{word}" beside {draft.tokens[slot].text}: a movement over time is {{{ref}.change}}'
        return
    if word.casefold() in SPELL_WORDS and fact.name.startswith(("incident", "outage")):
        return
    negation = negated(draft, index)
    if negation is None:
        yield f'it cannot be decided what "{word}" says here: state plainly what moved, without negation'
        return
    actual, wanted = visible_direction(fact, draft.book), sign_of(heading, fact)
    if actual is None:
        yield f'"{word}": {ref} was compared with nothing, so nothing says that it moved; leave "{word}" out'
    elif wanted is None:
        yield f'"{word}" does not fit {ref} ({fact.definition.title}): say "rose" or "fell"'
    elif (actual == wanted) == negation:
        yield f'"{word}" does not hold for {ref}: {movement(fact, draft.book)}'
    elif draft.word(index) in STRONG and not _large(fact):
        yield f'"{word}" is too strong for {ref}: {movement(fact, draft.book)}'


def _large(fact: Fact) -> bool:
    size = relative_change(fact)
    return size is None or size >= LARGE_CHANGE


def movement(fact: Fact, book: FactBook) -> str:
    """What a fact did, in words for a reason: "it fell from 120 ms to 90 ms"."""
    verb = {1: "rose", -1: "fell", 0: "did not visibly move", None: "was compared with nothing"}
    direction = visible_direction(fact, book)
    if direction is None:
        return f"it {verb[None]}"
    return f"it {verb[direction]} from {book.baseline(fact)} to {book.value(fact)}"


def negated(draft: Draft, index: int) -> bool | None:
    """Whether the word at a position is denied; None where that cannot be decided."""
    clause = draft.clause(index)
    before = [other for other in range(index) if draft.clause(other) == clause]
    near = [draft.word(other) for other in before[-3:]]
    turned = {("far", "from"), ("fails", "to"), ("failed", "to"), ("fail", "to")}
    if any(word in UNDECIDABLE_BEFORE for word in near) or turned & set(pairwise(near)):
        return None
    denials = [other for other in before if denies(draft.word(other))]
    if not denials:
        return False
    between = [draft.word(other) for other in range(denials[-1] + 1, index)]
    if draft.word(denials[-1] + 1) == "only" or len(denials) > 1:
        return None
    if all(word in BETWEEN_NEGATION for word in between):
        return True
    definite = draft.word(index - 1) == "the"
    return False if definite and any(word in PRESUPPOSING for word in between) else None


def degrees(draft: Draft) -> Iterator[str]:
    """ "slightly" needs a relative change of at most 10 %, "sharply" of at least 20 %."""
    moving = {index for index, _ in direction_words(draft)}
    moving |= {index for index, word in draft.words() if word in COMPARATIVES}
    for index, word in draft.words():
        if word not in DEGREES_SMALL | DEGREES_LARGE:
            continue
        near = [other for other in (index - 1, index + 1, index - 2, index + 2) if other in moving]
        slots = draft.subjects(near[0]) if near else ()
        if not slots:
            yield f'"{word}" claims a size without a figure: leave it out; the slot shows the size'
            continue
        for fact in (draft.facts_at(slot)[0] for slot in slots):
            size = relative_change(fact)
            small = word in DEGREES_SMALL
            if size is None or (size > SMALL_CHANGE if small else size < LARGE_CHANGE):
                yield f'"{word}" does not hold for {draft.book.ref(fact.id)}: {movement(fact, draft.book)}'


def steadiness(draft: Draft) -> Iterator[str]:
    """ "unchanged" needs the same printed value, "stable" a relative change within 5 %."""
    for index, word in draft.words():
        exact = word in STEADY_EXACT or (word == "change" and draft.word(index - 1) == "no")
        after = (draft.word(index + 1), draft.word(index + 2))
        stays = word in SAME_AFTER and (after[0] in ("level", "put") or after == ("the", "same"))
        stays = stays or (word in SAME_AFTER and after[0] == "at" and draft.is_slot(index + 2))
        denied_move = word in ("changed", "moved", "change", "move") and negated(draft, index) is True
        if hypothetical(draft, index) or not (exact or stays or denied_move or word in STEADY):
            continue
        yield from _steady(
            draft, index, exact=exact, denied=not denied_move and negated(draft, index) is True
        )


def _steady(draft: Draft, index: int, *, exact: bool, denied: bool) -> Iterator[str]:
    word, slots = draft.tokens[index].text, draft.subjects(index)
    if not slots:
        yield f'"{word}" needs the fact it is about in its own clause'
    for slot in slots:
        yield from _slot_steady(draft, index, slot, exact=exact, denied=denied)


def _slot_steady(draft: Draft, index: int, slot: int, *, exact: bool, denied: bool) -> Iterator[str]:
    word = draft.tokens[index].text
    fact, ref = draft.facts_at(slot)[0], draft.slot_at(slot).ref
    direction, size = visible_direction(fact, draft.book), relative_change(fact)
    if direction is None:
        yield f'"{word}": {ref} was compared with nothing, so nothing says that it held; leave "{word}" out'
        return
    holds = direction == 0 or (not exact and size is not None and size <= STEADY_BAND)
    if holds == denied and not (word == "change" and exact):
        yield f'"{word}" does not hold for {ref}: {movement(fact, draft.book)}'
    elif word == "change" and exact and not holds:
        yield f'"no change" does not hold for {ref}: {movement(fact, draft.book)}'


def factors(draft: Draft) -> Iterator[str]:
    """ "doubled" holds within 10 % of its factor; "twice" and "double" need the other side as a slot."""
    for index, word in draft.words():
        if word not in FACTORS:
            continue
        ratio = _verb_ratio(draft, index) if word.endswith(("ed", "ing")) else _ratio_of_two(draft, index)
        if ratio is None:
            yield (
                f'"{word}" needs both sides as slots ("{{F3}} is twice {{F5}}"), or, as a movement, '
                'a fact with a baseline ("{F3.title} doubled to {F3}")'
            )
        elif negated(draft, index) is not False:
            yield f'it cannot be decided what "{word}" says here: state plainly what moved'
        elif not _factor_holds(draft, index, ratio):
            yield f'"{word}" does not hold: the figure is {ratio:.2f} times the other'


def _factor_holds(draft: Draft, index: int, ratio: float) -> bool:
    factor = FACTORS[draft.word(index)]
    if draft.before(index, 2) == ("than", "more"):
        return ratio < factor if factor < 1 else ratio > factor
    return abs(ratio - factor) <= FACTOR_TOLERANCE * factor


def _verb_ratio(draft: Draft, index: int) -> float | None:
    slot = draft.about(index)
    if slot is None or draft.slot_at(slot).other:
        return None
    fact = draft.facts_at(slot)[0]
    return fact.value / fact.baseline if fact.baseline else None


def _ratio_of_two(draft: Draft, index: int) -> float | None:
    """Left over right of "{F3} is twice {F5}", "{F3.entity} gets twice as many as {F5.entity}"."""
    left = [slot for slot in draft.slots if slot < index]
    right = [slot for slot in draft.slots if slot > index and draft.clause(slot) == draft.clause(index)]
    if not left or not right:
        return None
    above, below = draft.facts_at(left[-1])[0], draft.facts_at(right[0])[0]
    if above.id == below.id:
        return above.value / above.baseline if above.baseline and _is_before(draft, right[0]) else None
    if (above.name, above.unit) != (below.name, below.unit) or below.value == 0:
        return None
    return above.value / below.value


def _is_before(draft: Draft, slot: int) -> bool:
    return draft.slot_at(slot).attribute == "before"
