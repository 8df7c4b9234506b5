"""The facts a model may cite, numbered F1 … Fn, and the line of each that it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from postlaunch.facts import Fact
from postlaunch.printing import change_text, fact_text, value_text, window_text

WHOLE = frozenset({"application", "all", ""})
"""Entities that mean the whole application; a sentence need not name it."""


class FactBook:
    """Facts in the order in which a model sees them. The same fact is never listed twice.

    Args:
        facts: in order; F1 is the first.
        currency: sign printed before money.
    """

    def __init__(self, facts: Sequence[Fact] = (), *, currency: str = "$") -> None:
        self.currency = currency
        self._facts: dict[str, Fact] = {}
        self._refs: dict[str, str] = {}
        for fact in facts:
            if fact.id not in self._refs:
                ref = f"F{len(self._facts) + 1}"
                self._facts[ref] = fact
                self._refs[fact.id] = ref

    def __len__(self) -> int:
        return len(self._facts)

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts.values())

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact, F1 first."""
        return tuple(self._facts.values())

    def ref(self, fact_id: str) -> str | None:
        """The number of a fact ("F3"), or None when the book lacks it."""
        return self._refs.get(fact_id)

    def fact(self, ref: str) -> Fact | None:
        """The fact of a number ("F3"), or None when the book has no such number."""
        return self._facts.get(ref)

    def extended(self, facts: Iterable[Fact]) -> FactBook:
        """This book with more facts behind it; numbers already given stay."""
        return FactBook((*self.facts, *facts), currency=self.currency)

    @property
    def entities(self) -> frozenset[str]:
        """What was measured on, the whole application left out."""
        return frozenset(fact.entity for fact in self) - WHOLE

    def peers(self, fact: Fact) -> tuple[Fact, ...]:
        """The facts of the same name, unit and window, itself included: what it may be ranked among."""
        return tuple(
            other
            for other in self
            if (other.name, other.unit, other.window) == (fact.name, fact.unit, fact.window)
        )

    def of(self, name: str, entity: str) -> tuple[Fact, ...]:
        """The facts of one figure of one entity."""
        return tuple(fact for fact in self if fact.key == (name, entity))

    def value(self, fact: Fact) -> str:
        """The value as printed, with its unit."""
        return fact_text(fact, currency=self.currency)

    def baseline(self, fact: Fact) -> str | None:
        """The baseline as printed, with its unit; None where nothing was compared."""
        if fact.baseline is None:
            return None
        zone = (fact.baseline_window or fact.window).zone
        return value_text(fact.baseline, fact.unit, zone=zone, currency=self.currency)

    def line(self, ref: str) -> str:
        """One fact as a model is shown it: "F3 | 95th Percentile | GET /users | 187 ms | …"."""
        fact = self._facts[ref]
        parts = [ref, fact.definition.title, fact.entity, self.value(fact)]
        if fact.change is not None:
            parts.append(f"{change_text(fact.change)} from {self.baseline(fact)}")
        parts.append(fact.window.label or window_text(fact.window))
        parts.append(f"n={fact.n:,}")
        if fact.note:
            parts.append(fact.note)
        return " | ".join(parts)

    def lines(self) -> tuple[str, ...]:
        """Every fact as a model is shown it, one line each."""
        return tuple(self.line(ref) for ref in self._facts)
