"""The live tree: what the specialists do, line by line, as they do it; and the same tree again for `trace`.

● monitoring-specialist  Is the application healthy this week?
│ measure
│ ├─ request_summary(window=2025-W47, baseline=2025-W46)
│ │    Total Requests, application: 161,204
│ ? hypothesis: the pool is exhausted at peak
│ → product-analyst  How many people wrote about errors?
│ ✓ p95 of PUT /users/:id rose by 12% to 312 ms
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from postlaunch.events import Event, EventKind

FACTS_SHOWN = 4
"""Facts printed under one call before "… and n more"; `--all` prints every one."""

MARKS: dict[EventKind, tuple[str, str]] = {
    "run": ("■", "bold"),
    "step": ("", "dim"),
    "question": ("●", "bold cyan"),
    "tool": ("├─", "blue"),
    "result": ("", "dim"),
    "fact": ("", ""),
    "verdict": ("§", "yellow"),
    "hypothesis": ("?", "magenta"),
    "consult": ("→", "bold green"),
    "answer": ("←", "green"),
    "judgement": ("✓", "green"),
    "refused": ("✗", "red"),
    "usage": ("$", "dim"),
    "degraded": ("!", "bold red"),
    "report": ("▤", "bold"),
    "gate": ("◆", "bold yellow"),
    "decision": ("◆", "bold yellow"),
    "committed": ("◆", "bold green"),
    "handoff": ("▶", "bold green"),
    "notified": ("»", "dim"),
}

HYPOTHESIS_MARKS = {"kept": ("✓", "green"), "dropped": ("✗", "dim"), "open": ("?", "magenta")}


class LiveTree:
    """A listener that prints events as an indented tree; `finish` prints what is still held back."""

    def __init__(self, console: Console, *, everything: bool = False) -> None:
        self._console = console
        self._everything = everything
        self._depth: dict[int, int] = {}
        self._facts: dict[int, int] = {}
        self._unshown: tuple[int, int] | None = None

    def __call__(self, event: Event) -> None:
        """Print one event."""
        depth = self._place(event)
        if event.kind == "fact" and not self._everything and event.parent is not None:
            shown = self._facts.get(event.parent, 0) + 1
            self._facts[event.parent] = shown
            if shown > FACTS_SHOWN:
                self._unshown = (shown - FACTS_SHOWN, depth)
                return
        self.finish()
        line = self._line(event)
        if line is not None:
            self._console.print(Text("│ " * depth, style="dim") + line, soft_wrap=True)

    def finish(self) -> None:
        """Say how many facts of the last call were not printed."""
        if self._unshown is not None:
            count, depth = self._unshown
            self._unshown = None
            self._console.print(Text("│ " * depth, style="dim") + Text(f"… and {count} more", style="dim"))

    def _place(self, event: Event) -> int:
        above = self._depth.get(event.parent, -1) if event.parent is not None else -1
        floor = 1 if event.agent and event.kind != "question" else 0
        depth = max(above + 1, floor)
        self._depth[event.seq] = depth
        return depth

    def _line(self, event: Event) -> Text | None:
        mark, style = MARKS[event.kind]
        text = printable(event.text)
        match event.kind:
            case "question":
                return Text.assemble((f"{mark} {event.agent}", style), "  ", (text, "italic"))
            case "consult":
                return Text.assemble((f"{mark} {event.data.get('to', '')}", style), "  ", (text, "italic"))
            case "answer":
                return Text.assemble((f"{mark} {event.agent}", style), "  ", text)
            case "result":
                return None if event.data.get("status") == "ok" else Text(text, style="yellow")
            case "hypothesis":
                state = str(event.data.get("state", ""))
                mark, style = HYPOTHESIS_MARKS.get(state, (mark, style))
                return Text.assemble((f"{mark} hypothesis {state}: ", style), text)
            case "fact":
                return Text(text)
            case _:
                return Text.assemble((f"{mark} " if mark else "", style), (text, style))


def printable(text: str) -> str:
    """One line without control characters: text from a log or a model cannot move the cursor."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def print_events(events: Iterable[Event], console: Console, *, everything: bool = False) -> None:
    """A stored run's tree."""
    tree = LiveTree(console, everything=everything)
    for event in events:
        tree(event)
    tree.finish()
