"""Rules on predicates: what a finding says of something comes from known words, or it is refused.

A list of what may not be said never ends: "is booming", "the most dependable", "cheaper than", "alarmingly".
So the places where a sentence evaluates or compares are closed instead: behind "is" and "was", between a
verb and its figure, superlatives, whatever stands before "than", and adverbs in "-ly". There only words
whose meaning is tested elsewhere, or is neutral, may stand.
"""

from __future__ import annotations

from collections.abc import Iterator

from postlaunch.agents.slot_draft import Draft
from postlaunch.agents.slot_motion_words import (
    BASE_DIRECTIONS,
    COMPARATIVES,
    FACTORS,
    PAST_DIRECTIONS,
    RELATIONS,
    SAME_AFTER,
    STEADY,
    STEADY_EXACT,
    SUPERLATIVES,
    TARGET_MET,
    TARGET_MISSED,
    denies,
)
from postlaunch.agents.slot_predicate_words import (
    ADVERBS,
    COPULAS,
    MOST_ADJECTIVES,
    NEUTRAL_PARTICIPLES,
    NOT_SUPERLATIVE,
    PREDICATES,
    THAN_ANCHORS,
    TIME_VERBS,
)
from postlaunch.agents.slot_subject_words import MEASURED_NOUNS, METRICS, PREPOSITIONS, SPAN_ARTICLES
from postlaunch.agents.slot_words import DEGREES_LARGE, DEGREES_SMALL, NOW

TESTED = (
    frozenset(PAST_DIRECTIONS)
    | frozenset(BASE_DIRECTIONS)
    | frozenset(COMPARATIVES)
    | frozenset(RELATIONS)
    | frozenset(SUPERLATIVES)
    | frozenset(FACTORS)
    | STEADY
    | STEADY_EXACT
    | SAME_AFTER
    | TARGET_MET
    | TARGET_MISSED
    | DEGREES_SMALL
    | DEGREES_LARGE
)
"""Words that other rules test."""

DURATIONS = frozenset(("ms", "minutes", "hours", "days"))


def predicates(draft: Draft) -> Iterator[str]:
    """Behind "is" and "was" a finding uses known words."""
    if draft.mood != "finding" or not draft.cited:
        return
    for index, word in draft.words():
        if word not in COPULAS:
            continue
        place = index + 1
        while draft.word(place) in ADVERBS | NOW or denies(draft.word(place)):
            place += 1
        if place < len(draft.tokens) and draft.clause(place) == draft.clause(index):
            yield from _unknown_predicate(draft, index, place)


def _unknown_predicate(draft: Draft, index: int, place: int) -> Iterator[str]:
    token = draft.tokens[place]
    if (
        token.kind != "word"
        or token.word in TESTED | PREDICATES | PREPOSITIONS | SPAN_ARTICLES | MEASURED_NOUNS
    ):
        return
    if token.word in METRICS or token.word.endswith("ed") or token.word in NEUTRAL_PARTICIPLES:
        return
    yield f'"{draft.tokens[index].text} {token.text}" is not tested: cite the figure and say how it moved'


def figure_verbs(draft: Draft) -> Iterator[str]:
    """Between a verb and its figure stands a known verb: "fell to {F3}", "stands at {F3}"."""
    for index in draft.figures:
        near = draft.before(index, 2)
        if len(near) < 2:
            continue
        preposition, verb = near
        if preposition == "back" or (verb == "back" and preposition in ("to", "at", "up", "down")):
            yield f'"back {preposition}" claims an earlier state: write {{F3.before}} and {{F3}}'
        moving = preposition in ("to", "at", "by", "from") and verb.endswith(("ing", "ed"))
        if moving and verb not in TESTED | NEUTRAL_PARTICIPLES and draft.mood != "proposal":
            yield f'"{verb}" before {draft.tokens[index].text} is not tested: write "rose", "fell" or "is"'
        if verb in TIME_VERBS or preposition in TIME_VERBS | {"last"}:
            yield from _lasting(draft, index)


def _lasting(draft: Draft, index: int) -> Iterator[str]:
    fact = draft.facts_at(index)[0]
    if draft.slot_at(index).attribute in ("value", "before", "difference") and fact.unit not in DURATIONS:
        yield f"{draft.tokens[index].text} is {fact.definition.title}, which is no length of time"


def ranks_known(draft: Draft) -> Iterator[str]:
    """Superlatives and whatever stands before "than" are words that are tested."""
    for index, word in draft.words():
        if word.endswith("est") and len(word) > 4 and word not in NOT_SUPERLATIVE | TESTED:
            yield f'"{draft.tokens[index].text}" is a rank that is not tested: write "the highest"'
        elif word == "most" and _untested_most(draft, index):
            yield f'"most {draft.word(index + 1)}" is a rank that is not tested: write "the highest"'
        elif word == "than" and not _anchored(draft, index):
            yield '"than" without a tested comparison: write "higher than", "slower than", "more than"'


def _untested_most(draft: Draft, index: int) -> bool:
    after = draft.word(index + 1)
    known = MOST_ADJECTIVES | MEASURED_NOUNS | frozenset(("of",))
    return (
        bool(after) and draft.tokens[index + 1].kind == "word" and after not in known and after not in METRICS
    )


def _anchored(draft: Draft, index: int) -> bool:
    """Whether a tested comparison stands before "than" in its clause."""
    return any(word in THAN_ANCHORS or word in COMPARATIVES for word in draft.before(index, 8))


def adverbs(draft: Draft) -> Iterator[str]:
    """Adverbs in "-ly" colour a claim; outside proposals only neutral ones stand."""
    if draft.mood == "proposal":
        return
    for index, word in draft.words():
        if word.endswith("ly") and len(word) > 4 and word not in ADVERBS | TESTED:
            yield f'"{draft.tokens[index].text}" colours the claim: leave it out'
