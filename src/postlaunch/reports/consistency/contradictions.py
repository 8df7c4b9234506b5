"""A contradiction between figures, and the rule that found it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from postlaunch.facts import Frozen
from postlaunch.reports.consistency.statements import Statement


class Contradiction(Frozen):
    """Figures that cannot all be right.

    Attributes:
        rule: id and name: "C4 ordering".
        message: the figures and the arithmetic, in words.
        figures: as printed.
        reports: whose they are.
    """

    rule: str
    message: str
    figures: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """What a rule's check found, before it is known which rule's it is."""

    message: str
    figures: tuple[object, ...]
    statements: tuple[Statement, ...]


Check = Callable[[Sequence[Statement]], Iterable[Found]]


@dataclass(frozen=True)
class Rule:
    """One class of contradiction; its `check`'s docstring gives the arithmetic and the tolerance."""

    id: str
    name: str
    check: Check

    def contradictions(self, statements: Sequence[Statement]) -> Iterable[Contradiction]:
        """What contradicts by this rule."""
        for found in self.check(statements):
            yield Contradiction(
                rule=f"{self.id} {self.name}",
                message=found.message,
                figures=tuple(dict.fromkeys(str(figure) for figure in found.figures)),
                reports=tuple(dict.fromkeys(s.report for s in found.statements if s.report)),
            )
