"""The live tree: what the specialists do, line by line, as they do it; and the same tree again for `trace`.

● monitoring-specialist  How healthy was the application this week?
│ ├─ request_summary(window=2025-W47, baseline=2025-W46)
│ │ Total Requests: 134,290 · Error Rate: 0.68% · … 11 more
│ ? hypothesis open: H1: the pool is exhausted at peak
│ → product-analyst  How many people wrote about errors?
│ § health grade: GOOD (1 incident in the window)
│ ✓ summary: p95 of PUT /users/:id rose by 12% to 312 ms

Specialists that work side by side are told one after the other (`taking_turns`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from postlaunch.cli.taking_turns import TakingTurns
from postlaunch.cli.tree_lines import line_of, plain, telling
from postlaunch.events import Event

FACTS_SHOWN = 4
"""Facts printed under one call before "… n more"; `--all` prints every one, on a line of its own."""


class LiveTree:
    """A listener that prints events as an indented tree; `finish` prints what is still held back.

    Args:
        everything: print each fact and each verdict, and whatever is long in full.
    """

    def __init__(self, console: Console, *, everything: bool = False) -> None:
        self._console = console
        self._everything = everything
        self._depth: dict[int, int] = {}
        self._facts: list[Event] = []
        self._verdicts_hidden = 0
        self._verdict_depth = 0
        self._failure = ""
        self._turns = TakingTurns(self._told, self._beside)
        self._alone = threading.RLock()  # threads of a run that was stopped still tell what they do
        self._over = False

    def __call__(self, event: Event) -> None:
        """Print one event, or hold it back: until its specialist's turn, and until its line is known."""
        with self._alone:
            if not self._over:
                self._turns(event)

    def _beside(self, agent: str) -> None:
        """Say who works beside the one that is shown, where a person watches it happen."""
        self._print_facts()
        self._print_hidden()
        self._print(Text(f"({agent} works beside it)", "dim"), 1)

    def _told(self, event: Event) -> None:
        depth = self._place(event)
        if not self._everything and event.kind == "fact":
            if self._facts and self._facts[-1].parent != event.parent:
                self._print_facts()
            self._facts.append(event)
            return
        self._print_facts()
        if not self._everything and not telling(event):
            if event.kind == "verdict":
                self._verdicts_hidden += 1
                self._verdict_depth = depth
            return
        if event.kind != "verdict":
            self._print_hidden()
        line = line_of(event, everything=self._everything, width=self._width(depth))
        if line is not None:
            self._print(self._not_again(event, line), depth)

    def _not_again(self, event: Event, line: Text) -> Text:
        """A source that fails says so once; each further call of it in two words."""
        if event.kind != "result" or self._everything:
            return line
        before, self._failure = self._failure, event.text
        return Text("the same", "yellow") if event.text == before else line

    def finish(self) -> None:
        """Print what is held back, and nothing more after that."""
        with self._alone:
            self._turns.finish()
            self._print_facts()
            self._print_hidden()
            self._over = True

    def _print_facts(self) -> None:
        """The facts of one call on one line, as many as fit, and how many there are beside them."""
        if not self._facts:
            return
        depth = self._depth[self._facts[0].seq]
        texts = [plain(event) for event in self._facts]
        self._facts.clear()
        shown = texts[:FACTS_SHOWN]
        while len(shown) > 1 and len(_joined(shown, texts)) > self._width(depth):
            shown.pop()
        self._print(Text(_joined(shown, texts)), depth)

    def _print_hidden(self) -> None:
        if self._verdicts_hidden:
            count, self._verdicts_hidden = self._verdicts_hidden, 0
            more = f"… {count} more verdict{'s' if count > 1 else ''} (--all shows everything)"
            self._print(Text(more, style="dim"), self._verdict_depth)

    def _place(self, event: Event) -> int:
        above = self._depth.get(event.parent, -1) if event.parent is not None else -1
        floor = 1 if event.agent and event.kind != "question" else 0
        depth = max(above + 1, floor)
        self._depth[event.seq] = depth
        return depth

    def _width(self, depth: int) -> int:
        return max(20, self._console.width - 2 * depth)

    def _print(self, line: Text, depth: int) -> None:
        """A line under its branch; on a terminal a long one goes on under the same branch."""
        branch = Text("│ " * depth, style="dim")
        wrapped = line.wrap(self._console, self._width(depth)) if self._console.is_terminal else [line]
        for part in wrapped:
            self._console.print(branch + part, soft_wrap=True)


def _joined(shown: list[str], texts: list[str]) -> str:
    more = [f"… {len(texts) - len(shown)} more"] if len(texts) > len(shown) else []
    return " · ".join([*shown, *more])


def print_events(events: Iterable[Event], console: Console, *, everything: bool = False) -> None:
    """A stored run's tree."""
    tree = LiveTree(console, everything=everything)
    for event in events:
        tree(event)
    tree.finish()
