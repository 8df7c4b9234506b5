"""Rules on rank: "the slowest", "the most tickets", "most of the errors" hold among the facts of the book.

A superlative is tested among the facts of the same name and window. All candidates must be there: of a
measurement that was cut to a limit only the head of its own ranking is known to be complete.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from postlaunch.agents.slot_directions import negated, sign_of
from postlaunch.agents.slot_draft import Draft, fits
from postlaunch.agents.slot_motion_words import HISTORY, SUPERLATIVES, Heading
from postlaunch.facts import Fact
from postlaunch.printing import value_text


def superlatives(draft: Draft) -> Iterator[str]:
    """Every superlative holds among the facts of its kind; a majority is more than half of a ratio."""
    for index, word in draft.words():
        if word in HISTORY:
            yield f'"{word}" speaks of times that no fact covers: compare with {{F3.before}}'
        elif word in SUPERLATIVES and not _no_rank(draft, index):
            if word == "most" and not _ranking_most(draft, index):
                yield from _majority(draft, index)
            else:
                yield from rank(draft, index, SUPERLATIVES[word])


def _no_rank(draft: Draft, index: int) -> bool:
    word, before, after = draft.word(index), draft.word(index - 1), draft.word(index + 1)
    if word == "most" and after in ("likely", "probable", "probably", "plausible", "plausibly"):
        return True
    if word in ("least", "most", "best", "worst") and before == "at":
        return True
    if (word, after) in (("leading", "to"), ("leads", "to"), ("led", "to"), ("led", "by")) or (
        before,
        word,
    ) == ("on", "top"):
        return True
    if word in ("leads", "led") and after not in ("with", "the", "in", "at") and not draft.is_slot(index + 1):
        return True
    if not word.startswith("peak"):
        return False
    here = [fact for slot in draft.figures if draft.beside(slot, index) for fact in draft.facts_at(slot)]
    return (word == "peak" and not here) or any("peak" in fact.name for fact in here)


def _ranking_most(draft: Draft, index: int) -> bool:
    return draft.word(index - 1) == "the" or draft.word(index + 1).endswith(
        ("ed", "common", "frequent", "used")
    )


def _majority(draft: Draft, index: int) -> Iterator[str]:
    slot = draft.about(index)
    fact = draft.facts_at(slot)[0] if slot is not None else None
    share = None if fact is None else _share(draft, fact)
    if share is None:
        yield '"most" claims more than half: cite the share, or write "the most ..." for a rank'
    elif share <= 0.5:
        yield f'"most" does not hold: the share is {value_text(share, "ratio")}'


def _share(draft: Draft, fact: Fact) -> float | None:
    """A ratio itself, or a count's part of all its peers; None when the list of peers was cut."""
    if fact.unit == "ratio":
        return fact.value
    peers = draft.book.peers(fact)
    whole = math.fsum(peer.value for peer in peers)
    if fact.unit != "count" or len(peers) < 2 or whole <= 0 or not _complete(draft, fact, wanted=-1):
        return None
    return fact.value / whole


def rank(draft: Draft, index: int, heading: Heading) -> Iterator[str]:
    word = draft.tokens[index].text
    fact = _ranked_fact(draft, index, heading)
    if fact is None:
        yield f'"{word}" needs the fact that is ranked in the same sentence, e.g. "{{F3.entity}}, at {{F3}}"'
        return
    wanted = sign_of(heading, fact)
    if wanted is None:
        yield f'"{word}" does not fit {fact.definition.title}'
        return
    if negated(draft, index) is not False:
        yield f'it cannot be decided what "{word}" says here: rank plainly, without negation'
        return
    peers = [peer for peer in draft.book.peers(fact) if peer.id != fact.id]
    if not peers:
        yield f'"{word}" of what? No other {fact.definition.title} stands among the facts'
    elif any(order(draft, fact, peer) != wanted for peer in peers):
        rival = next(peer for peer in peers if order(draft, fact, peer) != wanted)
        yield (
            f'"{word}" does not hold: {rival.entity} has {draft.book.value(rival)}, '
            f"{fact.entity} {draft.book.value(fact)}"
        )
    elif not _complete(draft, fact, wanted):
        yield f'"{word}": the list of {fact.definition.title} was cut, so what was left out is not known'


def _ranked_fact(draft: Draft, index: int, heading: Heading) -> Fact | None:
    """The cited fact a superlative ranks: of the metric named behind it, else the nearest that it fits."""
    named = next(
        (
            phrase
            for start, phrase in draft.metrics()
            if start > index and draft.clause(start) == draft.clause(index)
        ),
        "",
    )
    if draft.word(index) == "busiest":
        named = "requests"
    nearest = sorted(
        draft.slots, key=lambda slot: (draft.clause(slot) != draft.clause(index), abs(slot - index))
    )
    facts = [fact for slot in nearest for fact in draft.facts_at(slot)[:1]]
    fitting = [fact for fact in facts if sign_of(heading, fact) is not None]
    of_metric = [fact for fact in fitting if named and fits(named, fact)]
    return next(iter(of_metric or fitting or facts), None)


def _complete(draft: Draft, fact: Fact, wanted: int) -> bool:
    """Whether nothing outside the book can rank before a fact.

    A measurement with a `limit` lists the head of its own ranking, which is by its first figure. A fact is
    safe when the list ended before the limit, or when it heads the list by that figure or one proportional.
    """
    limit = fact.measurement.parameters.get("limit")
    listed = [other for other in draft.book if other.measurement.id == fact.measurement.id]
    entities = {other.entity for other in listed}
    if not isinstance(limit, int) or len(entities) < limit:
        return True
    lead = [other for other in listed if other.name == listed[0].name]
    own = [other for other in listed if other.name == fact.name]
    if wanted < 0 or len(lead) != len(own) or own[0].id != fact.id:
        return False
    ratios = [one.value / other.value for one, other in zip(own, lead, strict=True) if other.value]
    return all(math.isclose(ratio, ratios[0], rel_tol=1e-6) for ratio in ratios)


def order(draft: Draft, left: Fact, right: Fact) -> int:
    """+1 when the left figure is the larger, -1 when the right is, 0 when both print the same."""
    if draft.book.value(left) == draft.book.value(right):
        return 0
    return 1 if left.value > right.value else -1
