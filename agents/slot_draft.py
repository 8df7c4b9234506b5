"""A template in front of its facts: what every rule of verification looks at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from postlaunch.agents.fact_book import FactBook
from postlaunch.agents.slot_grammar import FIGURES, Slot, Template, Token
from postlaunch.agents.slot_motion_words import MODALS, NOT_BEFORE_BASE
from postlaunch.agents.slot_subject_words import METRICS, PREPOSITIONS
from postlaunch.agents.slot_words import words
from postlaunch.facts import Fact
from postlaunch.settings_objectives import Objective

Mood = Literal["finding", "supposition", "proposal"]
"""What a sentence is: a finding says what was measured; a supposition says why it may be so and may name
things that were not measured, but no measure of them; a proposal says what to do."""

FILLERS = words("""by to from of at in around about roughly approximately just the a an another further""")
"""Between a direction word and the slot it is about: "rose by about {F3.change}"."""

LONGEST_METRIC = 3


@dataclass(frozen=True)
class Draft:
    """A template whose slots are known to exist.

    Attributes:
        tokens: of the template, in order.
        book: the facts that may be cited.
        objectives: by the name of the definition they are about.
    """

    template: Template
    book: FactBook
    mood: Mood = "finding"
    objectives: Mapping[str, Objective] = field(default_factory=dict)
    extra_entities: frozenset[str] = frozenset()

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The template's tokens."""
        return self.template.tokens

    def facts_at(self, index: int) -> tuple[Fact, ...]:
        """The facts that the slot at a position cites; none for any other token."""
        slot = self.tokens[index].slot
        if slot is None:
            return ()
        return tuple(fact for ref in slot.refs if (fact := self.book.fact(ref)) is not None)

    def objective(self, fact: Fact) -> Objective | None:
        """The objective that a fact is measured against, if there is one."""
        return self.objectives.get(fact.name)

    def slot_at(self, index: int) -> Slot:
        """The slot at a position that is known to hold one."""
        slot = self.tokens[index].slot
        assert slot is not None
        return slot

    @property
    def slots(self) -> tuple[int, ...]:
        """The positions of all slots."""
        return tuple(index for index, token in enumerate(self.tokens) if token.slot)

    @property
    def figures(self) -> tuple[int, ...]:
        """The positions of the slots that print a figure."""
        return tuple(index for index in self.slots if self.slot_at(index).attribute in FIGURES)

    @property
    def cited(self) -> tuple[Fact, ...]:
        """The facts cited, each once, in order of use."""
        found = {fact.id: fact for index in self.slots for fact in self.facts_at(index)}
        return tuple(found.values())

    def word(self, index: int) -> str:
        """The folded word at a position; empty beyond the ends and for slots."""
        return self.tokens[index].word if 0 <= index < len(self.tokens) else ""

    def words(self) -> Iterator[tuple[int, str]]:
        """Position and folded text of every plain word."""
        for index, token in enumerate(self.tokens):
            if token.kind == "word":
                yield index, token.word

    def is_slot(self, index: int) -> bool:
        """Whether a slot stands at a position."""
        return 0 <= index < len(self.tokens) and self.tokens[index].slot is not None

    def clause(self, index: int) -> int:
        """The clause a position belongs to."""
        return self.tokens[index].clause

    def clause_positions(self, clause: int) -> tuple[int, ...]:
        """Every position of a clause, in order."""
        return tuple(index for index, token in enumerate(self.tokens) if token.clause == clause)

    def before(self, index: int, reach: int) -> tuple[str, ...]:
        """Up to `reach` words just before a position, in the same clause, nearest first."""
        found = []
        for other in range(index - 1, max(index - 1 - reach, -1), -1):
            if self.clause(other) != self.clause(index):
                break
            found.append(self.word(other))
        return tuple(found)

    # --- what a word is about --------------------------------------------------------------------------

    def slot_after(self, index: int, fillers: frozenset[str] = FILLERS, reach: int = 4) -> int | None:
        """The slot that follows a word with nothing but fillers between, or None."""
        for other in range(index + 1, min(index + 2 + reach, len(self.tokens))):
            if self.is_slot(other):
                return other
            if self.word(other) not in fillers:
                return None
        return None

    def about(self, index: int) -> int | None:
        """The one slot that a word makes a claim on; None where it is about several, or about none."""
        found = self.subjects(index)
        return found[0] if len(found) == 1 else None

    def subjects(self, index: int) -> tuple[int, ...]:
        """The slots that a word makes a claim on; it must hold for each of them.

        The slot that follows it directly ("rose by {F3.change}"); else, of the slots of its clause whose
        fact is of the metric named there, the nearest; else, when its clause has none, every figure of the
        sentence that is of that metric.
        """
        direct = self.slot_after(index)
        if direct is not None and self.slot_at(direct).attribute not in ("window", "title"):
            return (direct,)
        named = self.metric_of(index)
        fitting = [
            slot for slot in self.slots if not named or all(fits(named, fact) for fact in self.facts_at(slot))
        ]
        inside = [slot for slot in fitting if self.beside(slot, index)]
        if inside:
            return (min(inside, key=lambda slot: (abs(slot - index), slot > index)),)
        figures = [slot for slot in fitting if slot in self.figures] or fitting
        return tuple({self.slot_at(slot).refs: slot for slot in figures}.values())

    def beside(self, slot: int, index: int) -> bool:
        """Whether a slot stands in the clause of a position, or in a bracket inside that clause."""
        return self.clause(index) in (self.clause(slot), self.tokens[slot].outer)

    def metric_of(self, index: int) -> str:
        """The metric that a word is said of.

        One that follows it ("a rise in errors", "fewer users", "gained registrations"), else the nearest
        named before it in its clause.
        """
        found = ""
        for start, phrase in self.metrics():
            if self.clause(start) != self.clause(index):
                continue
            reach = 4 if self.word(index + 1) in ("in", "of") else 2
            between = [self.word(other) for other in range(index + 1, start)]
            if index < start <= index + reach and not PREPOSITIONS & set(
                between[1:] if reach == 4 else between
            ):
                return phrase
            if start < index:
                found = phrase
        return found

    def metrics(self) -> Iterator[tuple[int, str]]:
        """Position and phrase of every metric named in plain words, the longest phrase at each place."""
        skip = -1
        for index, token in enumerate(self.tokens):
            if token.slot is not None and token.slot.attribute == "title":
                yield index, self.facts_at(index)[0].definition.title.casefold()
            if index <= skip or token.kind not in ("word", "term", "title"):
                continue
            if token.kind == "title":
                yield index, token.word.casefold()
                continue
            phrase, length = self._metric_at(index)
            if phrase:
                yield index, phrase
                skip = index + length - 1

    def _metric_at(self, index: int) -> tuple[str, int]:
        for length in range(LONGEST_METRIC, 0, -1):
            run = self.tokens[index : index + length]
            text = "".join(
                token.word
                if token.kind == "joint" or position == 0 or run[position - 1].kind == "joint"
                else f" {token.word}"
                for position, token in enumerate(run)
            ).casefold()
            if len(run) == length and text in METRICS:
                return text, length
        return "", 1

    def prospective(self, index: int) -> bool:
        """Whether a base form stands where it states a wish or an expectation, not a measurement."""
        near = self.before(index, 3)
        if near and near[0] == "to":
            return not (len(near) > 1 and near[1] in NOT_BEFORE_BASE)
        if any(word in MODALS for word in near):
            return True
        return self.mood == "proposal"


def fits(phrase: str, fact: Fact) -> bool:
    """Whether a fact is of the metric that a phrase names; a part behind "!" excludes."""
    title = fact.definition.title.casefold()
    if phrase == title:
        return True
    parts = METRICS.get(phrase)
    if parts is None:
        return False
    name = fact.name.casefold()
    if any(part.startswith("!") and part[1:] in name for part in parts):
        return False
    return any(part in name for part in parts) or phrase in title
