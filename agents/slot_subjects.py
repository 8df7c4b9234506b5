"""Rules on subjects: a figure stands beside the entity and the metric that it was measured on.

A figure of one endpoint needs that endpoint named in the sentence; a figure beside another entity, another
metric ("the error rate is" a response time) or the wrong thing counted ("{F1} users") is refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from postlaunch.agents.fact_book import WHOLE
from postlaunch.agents.slot_draft import Draft, fits
from postlaunch.agents.slot_subject_words import COUNTED, FAILING, METHODS, PEOPLE, PREPOSITIONS
from postlaunch.agents.slot_words import words
from postlaunch.facts import Fact

NOUN_STOPS = PREPOSITIONS | words("and or as than is was were are has had per that which it")
GENERIC = words("incident outage pod group item spell")
"""First words of numbered entities; "the incident" names the only one in the book."""


def mentions(draft: Draft) -> Iterator[tuple[int, str]]:
    """Position and entity of every place where an entity is named."""
    for index, token in enumerate(draft.tokens):
        if token.kind == "entity" and token.word in draft.book.entities:
            yield index, token.word
        elif token.slot is not None and token.slot.attribute == "entity":
            yield index, draft.facts_at(index)[0].entity
        elif token.kind == "word" and (entity := _generic(draft, token.word)):
            yield index, entity


def _generic(draft: Draft, word: str) -> str:
    """The one entity of the book that "the incident" can mean, or an empty string."""
    if word not in GENERIC:
        return ""
    numbered = [entity for entity in draft.book.entities if entity.startswith(f"{word} ")]
    return numbered[0] if len(numbered) == 1 else ""


def entities(draft: Draft) -> Iterator[str]:
    """Every entity named in plain text is known and cited."""
    cited = {fact.entity for fact in draft.cited}
    for index, token in enumerate(draft.tokens):
        if token.kind == "entity":
            known = token.word in cited | draft.extra_entities or draft.mood == "proposal"
            if not known:
                yield f'"{token.word}" is named, but no fact of it is cited'
        elif token.text in METHODS and draft.word(index + 1) not in ("requests", "request", "calls", "call"):
            yield f'"{token.text}" names an endpoint that is not among the facts: write {{F3.entity}}'
        elif token.text == "/" and _path(draft, index):
            yield "a path is named that is not among the facts: write {F3.entity}"


def _path(draft: Draft, index: int) -> bool:
    previous = draft.tokens[index - 1] if index else None
    return previous is None or previous.end < draft.tokens[index].start or previous.kind == "break"


def figures_named(draft: Draft) -> Iterator[str]:
    """Every figure of an entity stands beside that entity and no other."""
    named = list(mentions(draft))
    for index in draft.figures:
        for fact in draft.facts_at(index):
            ref = draft.book.ref(fact.id)
            if fact.entity in WHOLE:
                yield from _whole_beside_entity(draft, index, fact, named)
            elif fact.entity not in {entity for _, entity in named}:
                yield f"{ref} is of {fact.entity}, which the sentence does not name: add {{{ref}.entity}}"
            elif not draft.slot_at(index).other:
                beside = _governing(draft, index, _without_settings(draft, named, fact.entity))
                if beside != fact.entity and not _in_parallel(draft, named):
                    yield f"{ref} is of {fact.entity}, but stands beside {beside}"


def _governing(draft: Draft, index: int, named: list[tuple[int, str]]) -> str:
    """The entity a figure reads as being of: one named just behind it, else the nearest before it."""
    for place, entity in named:
        between = range(index + 1, place)
        if index < place <= index + 6 and not any(draft.is_slot(other) for other in between):
            same = draft.clause(place) == draft.clause(index)
            if same and any(draft.word(other) in PREPOSITIONS for other in between):
                return entity
    clause = [one for one in named if draft.clause(one[0]) == draft.clause(index)]
    for pool in (clause, named):
        earlier = [entity for place, entity in pool if place < index]
        if earlier:
            return earlier[-1]
    later = [entity for place, entity in named if place > index]
    return later[0]


def _without_settings(draft: Draft, named: list[tuple[int, str]], entity: str) -> list[tuple[int, str]]:
    """Without "of the incident": it says where, not of what, when the figure is of something else."""
    return [
        (place, name)
        for place, name in named
        if name == entity
        or draft.tokens[place].kind != "word"
        or not PREPOSITIONS & set(draft.before(place, 2))
    ]


def _in_parallel(draft: Draft, named: list[tuple[int, str]]) -> bool:
    """ "{F1.entity} takes longer than {F2.entity}: {F1} against {F2}": figures in the order of the names."""
    if not named:
        return False
    behind = [slot for slot in draft.figures if slot > named[-1][0] and not draft.slot_at(slot).other]
    figures = list(dict.fromkeys(draft.facts_at(slot)[0].entity for slot in behind))
    names = list(dict.fromkeys(entity for _, entity in named))
    return len(figures) > 1 and names[-len(figures) :] == figures


def _whole_beside_entity(draft: Draft, index: int, fact: Fact, named: list[tuple[int, str]]) -> Iterator[str]:
    """A figure of the whole application in a clause about one entity that has no figure of its own there."""
    clause = draft.clause(index)
    here = {entity for place, entity in named if draft.clause(place) == clause}
    here -= draft.extra_entities - draft.book.entities
    own = {
        other.entity
        for slot in draft.figures
        if draft.clause(slot) == clause
        for other in draft.facts_at(slot)
    }
    for entity in sorted(here - own):
        yield (
            f"{draft.book.ref(fact.id)} is of the whole application, but stands beside {entity}: "
            "put them in clauses of their own"
        )


def metrics_named(draft: Draft) -> Iterator[str]:
    """Every metric named beside a figure is the metric of a fact cited there."""
    named = list(draft.metrics())
    for place, phrase in named:
        clause = draft.clause(place)
        here = [
            fact for slot in draft.figures if draft.clause(slot) == clause for fact in draft.facts_at(slot)
        ]
        pool = here if phrase in FAILING else draft.cited
        people = phrase in PEOPLE and not any(fact.unit in ("count", "ratio") for fact in here)
        if here and not people and not any(fits(phrase, fact) for fact in pool):
            titles = ", ".join(dict.fromkeys(fact.definition.title for fact in here))
            yield f'"{phrase}" stands beside a figure of {titles}: cite the fact of {phrase}'
    for index in draft.figures:
        yield from _governed(draft, index, named)


def _governed(draft: Draft, index: int, named: list[tuple[int, str]]) -> Iterator[str]:
    """ "the error rate is {F2}": the metric just before a figure is the figure's."""
    if draft.slot_at(index).attribute == "n":
        return
    near = [
        (place, phrase)
        for place, phrase in named
        if index - 6 <= place < index
        and draft.clause(place) == draft.clause(index)
        and not any(_prints_more_than_name(draft, other) for other in range(place, index))
    ]
    near = [one for one in near if not draft.is_slot(one[0] - 1)]
    heads = [one for one in near if draft.word(one[0] - 1) not in PREPOSITIONS] or near
    if not heads or index - heads[-1][0] > 6:
        return
    phrase = heads[-1][1]
    for fact in draft.facts_at(index):
        if not fits(phrase, fact):
            yield f'"{phrase}" is followed by {draft.book.ref(fact.id)}, which is {fact.definition.title}'


def _prints_more_than_name(draft: Draft, index: int) -> bool:
    return draft.is_slot(index) and draft.slot_at(index).attribute not in ("entity", "title")


def things_counted(draft: Draft) -> Iterator[str]:
    """What is counted behind a figure is what the fact counts: "{F1} requests", "{F2} of users"."""
    for index in draft.figures:
        slot = draft.slot_at(index)
        noun = _noun_behind(draft, index)
        if not noun or slot.attribute in ("change", "factor"):
            continue
        fact = draft.facts_at(index)[0]
        if slot.attribute == "n":
            if noun not in ("requests", "tickets", "lines") or noun != _observed(fact):
                yield f'{draft.tokens[index].text} counts observations, not "{noun}"'
        elif fact.unit not in ("count", "ratio"):
            yield f'{draft.tokens[index].text} is {fact.definition.title}, not a number of "{noun}"'
        elif not _counts(noun, fact):
            yield f'{draft.tokens[index].text} is {fact.definition.title}; it does not count "{noun}"'


def _counts(noun: str, fact: Fact) -> bool:
    """Whether a fact counts what a noun names; users, customers and requesters are people."""
    if noun in PEOPLE:
        return fits("users", fact) or fits("requesters", fact)
    return fits(noun, fact)


def _observed(fact: Fact) -> str:
    return "tickets" if fact.measurement.source == "tickets" else "requests"


def _noun_behind(draft: Draft, index: int) -> str:
    """The thing counted right behind a figure, adjectives and "of the" skipped; empty if there is none."""
    start = index + 1
    while draft.word(start) in ("of", "the", "all", "our"):
        start += 1
    for other in range(start, min(start + 3, len(draft.tokens))):
        token = draft.tokens[other]
        if (
            token.kind not in ("word", "title")
            or token.clause != draft.clause(index)
            or token.word in NOUN_STOPS
        ):
            break
        noun = token.word.casefold().split()[-1] if token.kind == "title" else token.word
        if noun in COUNTED:
            return noun
    return ""
