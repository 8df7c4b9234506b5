"""Rules on targets: "meets", "misses", "above the target" hold against the objectives of the settings."""

from __future__ import annotations

from collections.abc import Iterator

from postlaunch.agents.slot_directions import hypothetical, negated, sign_of
from postlaunch.agents.slot_draft import Draft
from postlaunch.agents.slot_motion_words import RELATIONS, TARGET_MET, TARGET_MISSED, TARGET_NOUNS, Heading
from postlaunch.facts import Fact
from postlaunch.settings_objectives import Objective


def targets(draft: Draft) -> Iterator[str]:
    """What is said of a target must hold against the objectives of the settings."""
    for index, word in draft.words():
        if word not in TARGET_NOUNS or hypothetical(draft, index):
            continue
        near = draft.before(index, 4)
        related = any(other in RELATIONS or other == "than" for other in near)
        verb = next((other for other in near if other in TARGET_MET | TARGET_MISSED), None)
        if related:
            continue
        slot = draft.slot_after(index, frozenset(("of", "is", "at", "for", "was")), 3)
        if verb is not None:
            yield from _met(draft, index, met=verb in TARGET_MET)
        elif draft.mood == "finding" and (slot is None or draft.slot_at(slot).attribute != "target"):
            yield f'"{word}": say what the figure does: "{{F3}}, against a target of {{F3.target}}"'


def _target_fact(draft: Draft, index: int) -> tuple[Fact | None, Objective | None]:
    slot = draft.about(index)
    fact = draft.facts_at(slot)[0] if slot is not None else None
    return fact, draft.objective(fact) if fact else None


def against_target(draft: Draft, index: int, heading: Heading) -> Iterator[str]:
    word = draft.tokens[index].text
    fact, objective = _target_fact(draft, index)
    wanted = sign_of(heading, fact) if fact else None
    denied = negated(draft, index)
    if fact is None or objective is None or wanted is None or denied is None:
        yield f'"{word}" a target: cite in that clause a fact that has an objective'
        return
    actual = (fact.value > objective.target) - (fact.value < objective.target)
    if (actual == wanted) == denied:
        yield f'"{word}" the target does not hold: {fact.definition.title} is {draft.book.value(fact)}'


def _met(draft: Draft, index: int, *, met: bool) -> Iterator[str]:
    fact, objective = _target_fact(draft, index)
    denied = negated(draft, index)
    if fact is None or objective is None or denied is None:
        yield "a target needs a fact that has an objective in the same clause"
        return
    good = fact.value > objective.target if objective.direction == "above" else fact.value < objective.target
    if good != (met != denied):
        yield (
            f"the target of {fact.definition.title} is {'met' if good else 'missed'} "
            f"at {draft.book.value(fact)}: say so"
        )
