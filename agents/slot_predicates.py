"""Rules on predicates: what a finding says of something comes from known words, or it is refused.

A list of what may not be said never ends: "is booming", "the most dependable", "cheaper than", "alarmingly".
So the places where a sentence evaluates or compares are closed instead: behind "is" and "was", between a
verb and its figure, superlatives, whatever stands before "than", and adverbs in "-ly". There only words
whose meaning is tested elsewhere, or is neutral, may stand.
"""

from __future__ import annotations

from collections.abc import Iterator

from postlaunch.agents.slot_directions import MOVERS
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
    AFTER_HAVE,
    AFTER_SUBJECT,
    COPULAS,
    FINDING_MODALS,
    MOST_ADJECTIVES,
    NEUTRAL_PARTICIPLES,
    NOT_SUPERLATIVE,
    PARTICLE_VERBS,
    PREDICATES,
    THAN_ANCHORS,
    TIME_VERBS,
    VERBS,
)
from postlaunch.agents.slot_subject_words import MEASURED_NOUNS, METRICS, PREPOSITIONS, SPAN_ARTICLES
from postlaunch.agents.slot_words import DEGREES_LARGE, DEGREES_SMALL, NOW, NUMBER_WORDS, VAGUE, VERDICTS

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

MOVED_TO = frozenset(("up", "down", "in", "back", "out", "faster", "along"))
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


def subjects(draft: Draft) -> Iterator[str]:
    """Behind a subject a finding uses a known verb: "{F3.entity} gets {F3}", not "{F3.entity} pays off"."""
    if draft.mood != "finding" or not draft.cited:
        return
    for place in sorted(_subject_ends(draft)):
        token = draft.tokens[place + 1] if place + 1 < len(draft.tokens) else None
        if token is None or token.kind != "word" or token.clause != draft.clause(place):
            continue
        known = token.word in VERBS | AFTER_SUBJECT | COPULAS | TESTED | ADVERBS | PREPOSITIONS | MOVERS | NOW
        if not known and token.word not in METRICS and not states_otherwise(token.word):
            yield f'"{draft.tokens[place].text} {token.text}" is not tested: use a plain verb, "rose", "is"'


def states_otherwise(word: str) -> bool:
    """Whether a word is refused or judged by its own rule, so that this one can stay silent."""
    return word in VERDICTS | VAGUE | NUMBER_WORDS | FINDING_MODALS | MEASURED_NOUNS


def _subject_ends(draft: Draft) -> set[int]:
    """Where a subject ends: at an entity, a title, a metric's name."""
    ends = {place + len(phrase.split()) - 1 for place, phrase in draft.metrics() if not draft.is_slot(place)}
    for index, token in enumerate(draft.tokens):
        if token.kind == "entity" or (token.slot is not None and token.slot.attribute in ("entity", "title")):
            ends.add(index)
    return ends


def auxiliaries(draft: Draft) -> Iterator[str]:
    """In a finding nothing "will be" or "may be"; behind "have", "went" and "up" stand known words."""
    if draft.mood != "finding" or not draft.cited:
        return
    for index, word in draft.words():
        text, after = draft.tokens[index].text, draft.word(index + 1)
        plain = index + 1 < len(draft.tokens) and draft.tokens[index + 1].kind == "word"
        plain = plain and draft.clause(index + 1) == draft.clause(index)
        if word in FINDING_MODALS and (word != "may" or text == "may"):
            yield f'"{text}" makes a guess of a finding: say what was measured, or write it as a hypothesis'
        elif word in ("have", "has", "had") and plain and not _after_have(after):
            yield f'"{text} {after}" is not tested: write "rose", "fell", "is"'
        elif word in MOVERS - COPULAS and plain and not _after_mover(after):
            yield f'"{text} {after}" is not tested: write "rose to", "fell to"'
        elif word in ("up", "down", "off", "away") and _loose_particle(draft, index):
            yield f'"{draft.word(index - 1)} {text}" is not tested: write "rose", "fell"'


def _after_have(word: str) -> bool:
    known = AFTER_HAVE | TESTED | MEASURED_NOUNS | ADVERBS | frozenset(METRICS)
    return word in known or word.endswith("ed") or denies(word)


def _after_mover(word: str) -> bool:
    known = PREPOSITIONS | TESTED | ADVERBS | AFTER_HAVE | MOVED_TO
    return word in known or word.endswith("ed")


def _loose_particle(draft: Draft, index: int) -> bool:
    before = draft.word(index - 1)
    if not before or draft.tokens[index - 1].kind != "word" or draft.clause(index - 1) != draft.clause(index):
        return False
    known = PARTICLE_VERBS | MOVERS | COPULAS | ADVERBS | TESTED | frozenset(("and", "then", "also"))
    return before not in known and before.endswith(("ed", "es", "ew", "ot", "ave", "ok", "ive", "ys", "ing"))


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
