"""What other definitions of usage give, searched for event by event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from oracle.requests import Figures
from oracle.world import Asked, World, bounds
from postlaunch.sample.columns import EVENTS
from postlaunch.sample.history import sessions_of

DAY_MS = 86_400_000
Happened = tuple[int, int]
"""When, and which of the funnel's steps (counted from 0; any other event is their number)."""


class OfOtherDefinitions:
    """Users of one event, and how a funnel ends in each of its modes."""

    def __init__(self, world: World) -> None:
        self.world = world

    def figures(self) -> Figures:
        """By name."""
        return {"users_of_kind": self._users, "funnel_completed": self._completed}

    def _users(self, asked: Asked) -> int:
        history = self.world.history
        inside = history.inside(*bounds(asked.window)) & (history.name == EVENTS.index(asked.entity))
        return len(set(history.person[inside].tolist()))

    def _completed(self, asked: Asked) -> float:
        steps, mode = list(asked.parameters["steps"]), asked.parameters["mode"]
        allowed = round(asked.parameters["days"] * DAY_MS)
        ends = {
            person: [_ends(track, len(steps), mode, allowed) for track in tracks]
            for person, tracks in self._tracks(asked, steps, by_session=mode == "same_session")
        }
        begun = sum(any(first for first, _ in found) for found in ends.values())
        return sum(any(last for _, last in found) for found in ends.values()) / begun

    def _tracks(
        self, asked: Asked, steps: Sequence[str], *, by_session: bool
    ) -> Iterator[tuple[int, list[list[Happened]]]]:
        """Each person's events of the window, whole or by session."""
        history, (start, end) = self.world.history, bounds(asked.window)
        place = {EVENTS.index(step): number for number, step in enumerate(steps)}

        def happened(rows: Sequence[int]) -> list[Happened]:
            return sorted(
                (int(history.at[row]), place.get(int(history.name[row]), len(steps))) for row in rows
            )

        if by_session:
            sessions = sessions_of(history, start, end)
            runs = [
                (int(history.person[first]), happened(range(first, after)))
                for first, after in zip(sessions.first, sessions.after, strict=True)
            ]
            for person, found in groupby(runs, key=lambda run: run[0]):
                yield person, [track for _, track in found]
            return
        rows = history.inside(start, end).nonzero()[0].tolist()
        for person, mine in groupby(rows, key=lambda row: int(history.person[row])):
            yield person, [happened(list(mine))]


def _ends(track: list[Happened], steps: int, mode: str, allowed: int) -> tuple[bool, bool]:
    """Whether a track makes the first step, and whether it makes them all."""
    if mode == "any_order":
        mine = [(at, step) for at, step in track if step < steps]
        most = max((len({s for t, s in mine if at <= t <= at + allowed}) for at, _ in mine), default=0)
        return bool(mine), most == steps
    entries = [number for number, (_, step) in enumerate(track) if step == 0]
    if mode == "first_entry":
        entries = entries[:1]
    return bool(entries), any(_goes(track[entry:], steps, mode, allowed) for entry in entries)


def _goes(track: list[Happened], steps: int, mode: str, allowed: int) -> bool:
    """Whether a track that begins with the first step makes the others."""
    if mode == "strict_order":
        made = track[:steps]
        return [step for _, step in made] == list(range(steps)) and made[-1][0] - made[0][0] <= allowed
    if mode == "step_window":
        reached = [[track[0][0]]]
        for step in range(1, steps):
            times = [at for at, this in track if this == step]
            reached.append([at for at in times if any(0 <= at - one <= allowed for one in reached[-1])])
        return bool(reached[-1])
    next_step, last = 0, track[0][0]
    for at, step in track:
        if next_step < steps and step == next_step:
            next_step, last = next_step + 1, at
    return next_step == steps and (mode == "same_session" or last - track[0][0] <= allowed)
