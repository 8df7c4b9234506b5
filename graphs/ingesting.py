"""One event from outside, through the front."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from postlaunch.events import Listener
from postlaunch.graphs.operations import MANY_STEPS, operations
from postlaunch.graphs.session import Services
from postlaunch.ledger.records import Signal


async def ingest_event(
    services: Services, event: Mapping[str, JsonValue], listeners: Sequence[Listener] = ()
) -> Signal:
    """Take one thing that happened; gives its signal as it stands afterwards.

    Raises:
        UsageError: it is no event.
        PostLaunchError: what stopped the workflow it went to; the signal stays pending.
    """
    graph = operations(services, listeners).compile()
    left = await graph.ainvoke({"event": dict(event)}, MANY_STEPS)
    first = left["tried"][0]
    return await asyncio.to_thread(services.ledger.signal, first)
