"""The first step of every workflow: the run, started here where a host gave none, and its session."""

from __future__ import annotations

import asyncio

from postlaunch.graphs.session import Services, Session
from postlaunch.graphs.starting import Asked, Workflow, start_run


async def opened_run(services: Services, workflow: Workflow, run: str | None, asked: Asked | None) -> Session:
    """The session of a workflow's run.

    Args:
        run: given by `advance`; None where the graph is a node of somebody else's.
        asked: what that host asks; None: nothing in particular.

    Raises:
        UsageError: the workflow cannot be asked this.
    """
    if run is None:
        run = (await asyncio.to_thread(start_run, services, workflow, asked or Asked())).id
    return await asyncio.to_thread(services.session, run)
