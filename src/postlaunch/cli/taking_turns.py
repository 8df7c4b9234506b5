"""Specialists that work side by side, told one after the other: one has the floor, the others are held back.

Lines of three specialists mixed as they come cannot be read. So the first to begin has the floor and is shown
as it works; what the others do meanwhile is kept, and follows as one block each once the floor is free: the
whole of one that is done, the rest of one that still works live.
"""

from __future__ import annotations

from collections.abc import Callable

from postlaunch.events import Event

Show = Callable[[Event], None]
ENDS = frozenset({"report"})
"""With one of these the specialist it belongs to has done its part."""


class TakingTurns:
    """Hands events on, those of one specialist together.

    Args:
        show: is given every event once: a specialist's in their order, and never amid another's.
        meanwhile: is told who else has begun, when somebody does.
    """

    def __init__(self, show: Show, meanwhile: Callable[[str], None] = lambda agent: None) -> None:
        self._show = show
        self._meanwhile = meanwhile
        self._root: dict[int, int] = {}
        self._agents: dict[int, str] = {}
        self._floor: int | None = None
        self._ended: set[int] = set()
        self._held: dict[int, list[Event]] = {}

    def __call__(self, event: Event) -> None:
        """Show an event now, or keep it until its specialist has the floor."""
        root = self._root_of(event)
        if root is None:
            self.finish()
            self._show(event)
            return
        if self._floor is None:
            self._floor = root
        if root == self._floor:
            self._show(event)
        else:
            if root not in self._held:
                self._meanwhile(self._agents[root])
            self._held.setdefault(root, []).append(event)
        if event.kind in ENDS:
            self._ended.add(root)
            if root == self._floor:
                self._next()

    def finish(self) -> None:
        """Show all that is held back: nobody has the floor any more."""
        held, self._held, self._floor = self._held, {}, None
        for events in held.values():
            for event in events:
                self._show(event)

    def _root_of(self, event: Event) -> int | None:
        """What an event stands under: its specialist's question, or the first that it did without one; None
        for an event of the workflow itself.
        """
        root = self._root.get(event.parent) if event.parent is not None else None
        asked = event.kind == "question" and event.parent is None
        if root is None and event.agent and not asked:
            root = next((seq for seq, agent in reversed(self._agents.items()) if agent == event.agent), None)
        if root is None and event.agent:
            root = event.seq
            self._agents[root] = event.agent
        if root is not None:
            self._root[event.seq] = root
        return root

    def _next(self) -> None:
        """Give the floor to whoever began next; who is done already is shown whole and gives it on."""
        self._floor = None
        while self._held and self._floor is None:
            root = next(iter(self._held))
            for event in self._held.pop(root):
                self._show(event)
            self._floor = None if root in self._ended else root
