"""Specialists side by side: who takes part, one graph node for each, and what a failure leaves of the others.

open ─┬─► monitoring-specialist ─┬─► …        each node: the specialist's whole loop, then its report,
      ├─► performance-monitor ───┤            published. So what one has finished is on disk and in the
      └─► analytics-specialist ──┘            ledger before anybody waits for the slowest.

A node that fails waits until the others have ended; only then is its error raised. LangGraph would cancel
them otherwise, and the night would lose what they were about to finish. Advanced again, only the node that
failed runs again.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Protocol, TypedDict

from langchain_core.runnables import RunnableConfig

from postlaunch.agents.bench import Assignment, Specialist
from postlaunch.agents.specialist import build_specialist
from postlaunch.graphs.colleagues import COLLEAGUES
from postlaunch.graphs.handing import finding_what_is_handed
from postlaunch.graphs.publishing import publish_report
from postlaunch.graphs.reusing import take_over
from postlaunch.graphs.session import Services


def with_paths(known: Sequence[str] | None, new: Sequence[str] | None) -> tuple[str, ...]:
    """The reducer of `paths`: nodes that run side by side each add theirs. (Checkpoints hold lists.)"""
    return (*(known or ()), *(new or ()))


Paths = Annotated[tuple[str, ...], with_paths]
"""The channel of the files written."""


class SideState(TypedDict, total=False):
    """What the nodes of this module read and write.

    Attributes:
        assignments: by specialist, of those who take part.
        paths: the files written.
    """

    run: str
    assignments: dict[str, Assignment]
    paths: Paths


class SideNode(Protocol):
    """A node as LangGraph calls it."""

    def __call__(self, state: SideState, config: RunnableConfig) -> Awaitable[SideState]: ...


@dataclass
class Abreast:
    """Which branches of each run are under way in this process."""

    _going: dict[str, set[asyncio.Event]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @asynccontextmanager
    async def branch(self, run: str) -> AsyncIterator[None]:
        """Around the work of one branch: an error waits here until the other branches have ended."""
        ended = asyncio.Event()
        with self._lock:
            self._going.setdefault(run, set()).add(ended)
        try:
            yield
        except Exception:  # raised again: whatever it is, it does not take the others with it
            ended.set()
            await self._others(run, ended)
            raise
        finally:
            ended.set()
            self._forget(run, ended)

    async def _others(self, run: str, mine: asyncio.Event) -> None:
        with self._lock:
            others = [other for other in self._going.get(run, ()) if other is not mine]
        for other in others:
            await other.wait()

    def _forget(self, run: str, ended: asyncio.Event) -> None:
        with self._lock:
            left = self._going.get(run, set())
            left.discard(ended)
            if not left:
                self._going.pop(run, None)


def side_nodes(
    services: Services, specialists: Iterable[Specialist], colleagues: Mapping[str, Specialist] = COLLEAGUES
) -> dict[str, SideNode]:
    """One node for each specialist, under its name: its loop, and its report published."""
    abreast = Abreast()
    return {one.name: _node(services, one, colleagues, abreast) for one in specialists}


def _node(
    services: Services, specialist: Specialist, colleagues: Mapping[str, Specialist], abreast: Abreast
) -> SideNode:
    reader = finding_what_is_handed(specialist)
    loop = build_specialist(reader, services.bench, colleagues).compile()

    async def work(state: SideState, config: RunnableConfig) -> SideState:
        assignment = state["assignments"][specialist.name]
        async with abreast.branch(state["run"]):
            session = await asyncio.to_thread(services.session, state["run"])
            document = await asyncio.to_thread(take_over, session, specialist.name)
            if document is None:
                result = await loop.ainvoke({"run": state["run"], "assignment": assignment}, config)
                document = result["report"]
            paths = await asyncio.to_thread(publish_report, session, document, specialist.name)
        return {"paths": paths}

    return work


def taking_part(otherwise: str) -> Callable[[SideState], list[str]]:
    """The edge to every specialist that takes part; to another node where none does."""

    def chosen(state: SideState) -> list[str]:
        return list(state["assignments"]) or [otherwise]

    return chosen
