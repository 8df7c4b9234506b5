"""Rules on time: a word that names a window must agree with the window of the facts it stands beside.

"This week" is the window of the first fact in the book, "last week" the one before it. A weekday, month or
time of day must be that of a moment known for the fact: its own, its entity's start, or its window's day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from postlaunch.agents.slot_draft import Draft
from postlaunch.agents.slot_subject_words import (
    MONTHS,
    PERIOD_DAYS,
    PERIOD_WORDS,
    PLURAL_SPANS,
    PREPOSITIONS,
    SHORT_DAYS,
    SHORT_MONTHS,
    SPAN_ARTICLES,
    TIMES_OF_DAY,
    UNKNOWN_TIMES,
    WEEKDAYS,
)
from postlaunch.agents.slot_words import words
from postlaunch.facts import Fact
from postlaunch.windows import Window

EARLIER = words("last previous prior preceding past")
LATER = words("next coming following upcoming")
COMPARING = words("""than from against versus vs with to over since on compared after relative beside like""")
DAY_WORDS = {"today": 0, "tonight": 0, "yesterday": -1}
SLACK = timedelta(hours=2)
"""By how much a week before may be off: a change to or from summer time."""


@dataclass(frozen=True)
class Named:
    """A window named in words.

    Attributes:
        period: "week", "day", ...
        shift: 0 for this one, -1 for the one before, +1 for the one to come.
    """

    index: int
    period: str
    shift: int


def windows(draft: Draft) -> Iterator[str]:
    """Every window named agrees with the facts beside it."""
    for named in _named_windows(draft):
        yield from _agrees(draft, named)
    for index, token in enumerate(draft.tokens):
        if token.kind != "word":
            continue
        if token.word in UNKNOWN_TIMES:
            yield f'"{token.text}" names no window: write {{F3.window}}'
        elif token.word in PLURAL_SPANS and not _known_span(draft, index):
            yield f'"{token.text}" claims a length of time: cite the fact that holds it'
        elif draft.cited or draft.mood == "finding":
            yield from _calendar(draft, index)


def _known_span(draft: Draft, index: int) -> bool:
    return draft.word(index - 1) in SPAN_ARTICLES or draft.tokens[index - 1].kind in ("joint", "slot")


def _named_windows(draft: Draft) -> Iterator[Named]:
    for index, word in draft.words():
        if word in DAY_WORDS:
            yield Named(index, "day", DAY_WORDS[word])
        elif word == "tomorrow":
            yield Named(index, "day", 1)
        elif word in PERIOD_WORDS:
            yield Named(index, PERIOD_WORDS[word], 0)
        elif word in PERIOD_DAYS:
            yield Named(index, word, _shift(draft, index))


def _shift(draft: Draft, index: int) -> int:
    before, after = draft.before(index, 2), (draft.word(index + 1), draft.word(index + 2))
    if any(word in EARLIER for word in before[:1]) or after[0] in ("before", "earlier", "ago"):
        return -1
    if any(word in LATER for word in before[:1]) or after[0] in ("after", "ahead"):
        return 1
    if word_over_word(draft, index):
        return -1
    return 0


def word_over_word(draft: Draft, index: int) -> bool:
    """ "week over week", "day-on-day"."""
    word = draft.word(index)
    other = [draft.word(index + step) for step in (2, 4, -2, -4)]
    return word in other and any(draft.word(index + step) in ("over", "on") for step in (1, 2, -1, -2))


def _agrees(draft: Draft, named: Named) -> Iterator[str]:
    text = draft.tokens[named.index].text
    low, high = PERIOD_DAYS[named.period]
    slot = _dated_slot(draft, named.index)
    if slot is None:
        if (named.shift != 1 and draft.mood == "finding" and named.period != "sprint") or (
            named.shift == -1 and draft.mood == "supposition"
        ):
            yield f'"{text}" names a window, and no fact is cited in it'
        return
    fact, ref = draft.facts_at(slot)[0], draft.slot_at(slot).ref
    if named.shift == 1 and draft.mood == "proposal":
        return
    if named.shift == 1:
        yield f'"{text}" lies ahead; {ref} was measured over {_label(fact.window)}'
        return
    stated = _stated_window(draft, slot, named, fact)
    if stated is None:
        yield f'"{text}": {ref} was compared with nothing; its window is {_label(fact.window)}'
        return
    if not low <= stated.hours / 24 <= high:
        yield f'"{text}" is not the window of {ref}, which is {_label(stated)}: write {{{ref}.window}}'
        return
    main = draft.book.facts[0].window if len(draft.book) else fact.window
    wanted = main.start + timedelta(days=(low + high) / 2 * named.shift)
    near = SLACK if named.period in ("hour", "day", "week", "weekend") else timedelta(days=3)
    if low <= main.hours / 24 <= high and abs(stated.start - wanted) > near:
        yield f'"{text}" does not agree with {draft.tokens[slot].text}, which is of {_label(stated)}'


def _dated_slot(draft: Draft, index: int) -> int | None:
    """The figure that a window word dates: the nearest of its clause, else of the sentence."""
    inside = [slot for slot in draft.figures if draft.clause(slot) == draft.clause(index)]
    pool = inside or list(draft.figures) or list(draft.slots)
    return min(pool, key=lambda slot: (abs(slot - index), slot > index)) if pool else None


def _stated_window(draft: Draft, slot: int, named: Named, fact: Fact) -> Window | None:
    """The window that the sentence gives a figure: its own, or its baseline's when it compares."""
    attribute = draft.slot_at(slot).attribute
    if attribute == "before":
        return fact.baseline_window
    compares = any(word in COMPARING for word in draft.before(named.index, 4))
    if named.shift == -1 and (compares or word_over_word(draft, named.index)):
        return fact.baseline_window
    return fact.window


def _label(window: Window) -> str:
    return window.label or window.days()


# --- the calendar ----------------------------------------------------------------------------------------


def _calendar(draft: Draft, index: int) -> Iterator[str]:
    word, text = draft.word(index).removesuffix("'s"), draft.tokens[index].text
    day = _position(word, text, WEEKDAYS, SHORT_DAYS)
    month = _position(word, text, MONTHS, SHORT_MONTHS)
    if month is not None and not (
        text[0].isupper() and draft.word(index - 1) in PREPOSITIONS | SPAN_ARTICLES
    ):
        month = None
    if day is None and month is None and word not in TIMES_OF_DAY:
        return
    if month is not None and any(_whole_month(draft, slot, month) for slot in draft.slots):
        return
    timed = word in TIMES_OF_DAY
    moments = [moment for slot in draft.slots for moment in _moments(draft, slot, days=not timed)]
    if any(_is_at(moment, word, day, month) for moment in moments):
        return
    yield f'"{text}" is not known of the facts cited: write {{F3.window}}, or cite the moment'


def _position(word: str, text: str, names: tuple[str, ...], short: tuple[str, ...]) -> int | None:
    singular = word.removesuffix("s")
    if singular in names:
        return names.index(singular)
    if word in short and text[0].isupper():
        return next(place for place, name in enumerate(names) if name.startswith(word[:3]))
    return None


def _own_window(draft: Draft, slot: int) -> Window | None:
    """The window that a slot's figure is of."""
    fact = draft.facts_at(slot)[0]
    return fact.baseline_window if draft.slot_at(slot).attribute == "before" else fact.window


def _whole_month(draft: Draft, slot: int, month: int) -> bool:
    window = _own_window(draft, slot)
    if window is None or not PERIOD_DAYS["month"][0] <= window.hours / 24 <= PERIOD_DAYS["month"][1]:
        return False
    return window.local(window.start).month == month + 1


def _moments(draft: Draft, slot: int, *, days: bool) -> Iterator[datetime]:
    """Moments known for a slot's fact, on the clock of its window; `days`: its one day counts too."""
    fact = draft.facts_at(slot)[0]
    if fact.unit == "moment":
        yield fact.window.local(datetime.fromtimestamp(fact.value, UTC))
        return
    for other in draft.book:
        if other.unit == "moment" and other.entity == fact.entity:
            yield other.window.local(datetime.fromtimestamp(other.value, UTC))
    try:
        yield datetime.fromisoformat(fact.entity).replace(tzinfo=UTC)
    except ValueError:
        window = _own_window(draft, slot)
        if days and window is not None and window.hours <= 25:
            yield window.local(window.start)


def _is_at(moment: datetime, word: str, day: int | None, month: int | None) -> bool:
    if day is not None:
        return moment.weekday() == day
    if month is not None:
        return moment.month == month + 1
    start, end = TIMES_OF_DAY[word]
    return start <= moment.hour < end or start <= moment.hour + 24 < end
