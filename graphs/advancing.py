"""Moving a run: the one place where a graph is started or resumed.

take the lease ─► look at the checkpoint ─┬─ nothing yet: start
                                          ├─ at a gate, decided or expired: resume that interrupt
                                          ├─ at a gate, undecided: leave it
                                          ├─ stopped by a crash: go on from the last checkpoint
                                          └─ finished: nothing
store where it stands ─► deliver the outbox ─► give the lease back
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, StateSnapshot

from postlaunch.agents.loop_state import STATE_TYPES
from postlaunch.errors import LeaseLost, PostLaunchError, UsageError
from postlaunch.events import Listener
from postlaunch.graphs.gate import GateOutcome
from postlaunch.graphs.session import Services, Session
from postlaunch.graphs.sprint_planning import sprint_planning
from postlaunch.graphs.starting import Asked, IncidentAsked
from postlaunch.graphs.weekly_report import weekly_report
from postlaunch.ledger.checkpoints import open_checkpointer
from postlaunch.ledger.records import RunRecord, ScopeEdits
from postlaunch.ledger.serializer import AllowedType
from postlaunch.windows import Window

log = structlog.get_logger(__name__)

FINISHED = ("done", "cancelled", "superseded")
STATE: tuple[AllowedType, ...] = (*STATE_TYPES, Window, Asked, IncidentAsked, ScopeEdits, GateOutcome)
"""Every type that a checkpoint of our graphs holds."""
STEPS = 200
"""LangGraph's recursion limit: far above the longest run (budgets bound it), far below forever."""

Graph = CompiledStateGraph[Any, Any, Any, Any]


async def advance_run(services: Services, run_id: str, listeners: Sequence[Listener] = ()) -> RunRecord:
    """Move a run as far as it goes without a person, and say where it stands.

    Raises:
        UsageError: no run has this id.
        RunBusy: another process moves it.
        LeaseLost: another process took it over; this one wrote nothing more.
        PostLaunchError: what stopped it, stored with the run; advancing again tries again.
    """
    run = await asyncio.to_thread(services.ledger.run, run_id)
    if run.state in FINISHED:  # whoever finished it may have died before the outbox was empty
        await asyncio.to_thread(services.deliver)
        return run
    session = await asyncio.to_thread(services.open_session, run.id, listeners, attended=True)
    try:
        return await _moved(services, session)
    finally:
        await asyncio.to_thread(services.close_session, run.id)


async def _moved(services: Services, session: Session) -> RunRecord:
    saver = await asyncio.to_thread(open_checkpointer, services.ledger.path, session.lease, STATE)
    try:
        graph = graph_of(services, session.run.workflow).compile(checkpointer=saver)
        await _run(graph, services, session)
    except LeaseLost:
        raise
    except PostLaunchError as error:
        await asyncio.to_thread(session.settle, "failed", error=f"{error}. {error.remedy}".strip())
        session.recorder.emit("run", f"stopped: {error}", data={"state": "failed"})
        raise
    finally:
        await asyncio.to_thread(saver.close)
    await asyncio.to_thread(services.deliver)
    return await asyncio.to_thread(services.ledger.run, session.run.id)


def graph_of(services: Services, workflow: str) -> Any:
    """The uncompiled graph of a workflow.

    Raises:
        UsageError: no workflow has this name.
    """
    match workflow:
        case "weekly_report":
            return weekly_report(services)
        case "sprint_planning":
            return sprint_planning(services)
    raise UsageError(f'no workflow is named "{workflow}"', "one of: weekly_report, sprint_planning")


async def _run(graph: Graph, services: Services, session: Session) -> None:
    config: RunnableConfig = {
        "configurable": {"thread_id": session.run.id},
        "recursion_limit": STEPS,
    }
    snapshot = await graph.aget_state(config)
    step = await asyncio.to_thread(_next_step, services, session, snapshot)
    if step is not _NOTHING:
        await asyncio.to_thread(session.settle, "running")
        await graph.ainvoke(step, config, durability="sync")


LOOK_IN_THE_LEDGER = {"kind": None}
"""What a gate is resumed with. (LangGraph takes an empty value for no value.)"""

_NOTHING = object()


def _next_step(services: Services, session: Session, snapshot: StateSnapshot) -> Any:
    """What to invoke the graph with: an input, None to go on, a resume, or nothing to do."""
    if not snapshot.values and not snapshot.next:
        session.recorder.emit("run", f"{session.run.workflow} starts", data={"state": "running"})
        return {"run": session.run.id}
    if not snapshot.next and not snapshot.tasks:
        return _NOTHING
    waiting = [interrupt for task in snapshot.tasks for interrupt in task.interrupts]
    if not waiting:
        session.recorder.emit("run", f"{session.run.workflow} goes on", data={"state": "running"})
        return None
    [gate] = waiting
    request = services.ledger.request(gate.value["id"])
    if services.ledger.decision(request.id) is None and services.clock() < request.expires_at:
        return _NOTHING
    return Command(resume={gate.id: LOOK_IN_THE_LEDGER})
