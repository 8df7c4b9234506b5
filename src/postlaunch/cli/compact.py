"""The live view in short: each specialist's question, what stood out, what it asked others, what it wrote.

● monitoring-specialist  How healthy was the application this week, what changed, and what should be done?
│ → incident-responder  What exhausted the connection pool?
│ § health grade: POOR (Error Rate: 1.55% misses the target of < 1%)
│ 27 measurements, 406 figures; 9 more verdicts
│ ▤ weekly-health-2025-W47 is written

For runs of several workflows one after the other; `postlaunch trace RUN` shows all of it.
"""

from __future__ import annotations

import threading
from collections import Counter

from rich.console import Console
from rich.text import Text

from postlaunch.cli.taking_turns import TakingTurns
from postlaunch.cli.tree_lines import line_of, telling
from postlaunch.events import Event, EventKind

SHOWN: frozenset[EventKind] = frozenset(
    {"question", "consult", "answer", "hypothesis", "finding", "signal", "degraded", "report", "gate"}
)
"""Kinds that have a line of their own, beside the first verdicts and judgements."""
TELLING = frozenset({"left_out", "taken_up"})
"""What the data of a step holds that has a line of its own: who takes no part, whose report stands."""
FIRST: dict[EventKind, int] = {"verdict": 3, "judgement": 2}
"""Of these, so many lines for each specialist; the others are counted."""
COUNTED: tuple[tuple[EventKind, str, str], ...] = (
    ("tool", "measurement", "measurements"),
    ("fact", "figure", "figures"),
)
LINES = 2
"""Screen lines that one line may take."""


class CompactTree:
    """A listener that prints the short view; `finish` prints what is still held back."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._turns = TakingTurns(self._told)
        self._counts: Counter[EventKind] = Counter()
        self._shown: Counter[EventKind] = Counter()
        self._hidden = 0
        self._alone = threading.RLock()  # threads of a run that was stopped still tell what they do
        self._over = False

    def __call__(self, event: Event) -> None:
        """Take one event, in its specialist's turn."""
        with self._alone:
            if not self._over:
                self._turns(event)

    def finish(self) -> None:
        """Print what is held back, and nothing more after that."""
        with self._alone:
            self._turns.finish()
            self._sum_up()
            self._over = True

    def _told(self, event: Event) -> None:
        asked = event.kind == "question" and event.parent is None
        if asked or event.kind in ("run", "report"):
            self._sum_up()
        self._counts[event.kind] += 1
        if self._worth_a_line(event):
            line = line_of(event, everything=False, width=self._console.width - 2)
            if line is not None:
                self._print(line, 1 if event.agent and not asked else 0)

    def _worth_a_line(self, event: Event) -> bool:
        if event.kind == "question":
            return event.parent is None
        if event.kind in SHOWN or TELLING.intersection(event.data):
            return True
        if event.kind in FIRST and telling(event) and self._shown[event.kind] < FIRST[event.kind]:
            self._shown[event.kind] += 1
            return True
        self._hidden += event.kind == "verdict"
        return False

    def _sum_up(self) -> None:
        """What was done since and has no line."""
        parts = [
            f"{self._counts[kind]:,} {one if self._counts[kind] == 1 else many}"
            for kind, one, many in COUNTED
            if self._counts[kind]
        ]
        if self._hidden:
            parts.append(f"{self._hidden} more verdict{'' if self._hidden == 1 else 's'}")
        if parts:
            self._print(Text(", ".join(parts), "dim"), 1)
        self._counts.clear()
        self._shown.clear()
        self._hidden = 0

    def _print(self, line: Text, depth: int) -> None:
        """A line under its branch; on a terminal one that is long is cut after the second."""
        branch = Text("│ " * depth, style="dim")
        if not self._console.is_terminal:
            self._console.print(branch + line, soft_wrap=True)
            return
        width = max(20, self._console.width - 2 * depth)
        wrapped = line.wrap(self._console, width)
        for number, part in enumerate(wrapped[:LINES], 1):
            cut = number == LINES and len(wrapped) > LINES
            shown = Text.assemble(part[: width - 1], "…") if cut else part
            self._console.print(branch + shown, soft_wrap=True)
