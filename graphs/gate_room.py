"""The gate as a room of any workflow: it asks, waits, and says how it was left.

A workflow that lets a person decide puts a request into the ledger in the room before this one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypedDict

from postlaunch.graphs.deciding import scrutinise
from postlaunch.graphs.gate import GateOutcome, wait_for_decision
from postlaunch.graphs.session import Services


class GateState(TypedDict, total=False):
    """What the room reads of a workflow's state, and writes.

    Attributes:
        request: id of the open approval request.
        outcome: how the gate was last left.
    """

    run: str
    request: str
    outcome: GateOutcome


def gate_room(services: Services) -> Callable[[Any], Awaitable[GateState]]:
    """The node. It takes the state of any workflow that has the keys of `GateState`."""

    async def gate(state: GateState) -> GateState:
        request = await asyncio.to_thread(services.ledger.request, state["request"])
        await asyncio.to_thread(services.leave, state["run"])
        last = state.get("outcome")
        outcome = await wait_for_decision(
            request,
            decision_of=services.ledger.decision,
            decide=services.ledger.decide,
            expired=lambda asked: services.clock() >= asked.expires_at,
            scrutiny=lambda asked, draft: scrutinise(services, asked, draft),
            problem=last.problem if last else "",
        )
        return {"outcome": outcome}

    return gate
