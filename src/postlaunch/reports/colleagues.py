"""What the other specialists found, as a backlog takes it up, and what becomes of each finding."""

from __future__ import annotations

from postlaunch.facts import Frozen, Quantity
from postlaunch.reports.judged import Sentence


class ColleagueFinding(Frozen):
    """One finding of another specialist.

    Attributes:
        title: what was found, in a few words.
        finding: the same with its figures.
        figure: the one that stands for it; None where it is an action and no figure.
        subjects: what it is about, exactly as it is named: endpoints, events, incidents, packages.
        words: what else is said of it, for items that address it by a phrase.
        named: ids of candidate items that the specialist itself names for it.
        requires: why an item that addresses it must be done now; empty where it need not.
        items: ids of the candidate items that address it.
        otherwise: what becomes of it where no item addresses it and none is wanted; empty: one is wanted.
        becomes: what becomes of it.
    """

    title: str
    finding: Sentence
    figure: Quantity | None = None
    subjects: tuple[str, ...] = ()
    words: str = ""
    named: tuple[str, ...] = ()
    requires: str = ""
    otherwise: str = ""
    items: tuple[str, ...] = ()
    becomes: str = ""


class Colleague(Frozen):
    """One of the other specialists, and what it found for the product.

    Attributes:
        report: which report of it was read: "Weekly Health Report, 2025-W47".
        reason: why there is no finding of it; empty where there is one.
    """

    name: str
    report: str = ""
    findings: tuple[ColleagueFinding, ...] = ()
    reason: str = ""
