"""Whether reports contradict themselves or each other: checked before any of them is published.

A report's figures are put as typed `statements`; the rules C1 to C20 are pure functions over statements,
from one report or from several; `checking.check` runs them all. Import `check`, `RULES` and `statements_of`
from `checking` and `extraction`; a new kind of report adds its function to `extraction.EXTRACTORS`.

    reports ──► extraction ──► statements ──► rules (C1 … C20) ──► contradictions
                                   ▲
    figures as printed ──► written ┘     (a report that was not made here)

Nothing here measures or computes a report's figure, and nothing knows who made it. What two figures may
differ by follows from how each was printed, never from a percentage of them.
"""
