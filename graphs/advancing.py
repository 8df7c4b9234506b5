"""Moving a run: the one place where a graph is started or resumed.

take the lease ─► look at the checkpoint ─┬─ nothing yet: start
                                          ├─ at a gate, decided or expired: resume that interrupt
                                          ├─ at a gate, undecided: leave it
                                          ├─ stopped by a crash: go on from the last checkpoint
                                          └─ finished: nothing
store where it stands ─► deliver the outbox ─► drop the checkpoints of a finished run but the last
─► give the lease back
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextvars import Context
from typing import Any

import structlog
from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, StateSnapshot
from pydantic import JsonValue

from postlaunch.agents.loop_state import STATE_TYPES
from postlaunch.errors import CheckpointUnreadable, DecisionRefused, LeaseLost, PostLaunchError
from postlaunch.events import Listener
from postlaunch.graphs.amending import carry_out_amendments
from postlaunch.graphs.asking import WORKFLOW as ASKED
from postlaunch.graphs.asking import settle_asked
from postlaunch.graphs.catalogue import graph_of
from postlaunch.graphs.gate import GateOutcome
from postlaunch.graphs.session import Services, Session
from postlaunch.graphs.starting import Asked, IncidentAsked
from postlaunch.ledger.checkpoints import open_checkpointer
from postlaunch.ledger.records import RunRecord, ScopeEdits
from postlaunch.ledger.serializer import AllowedType
from postlaunch.ledger.standing import LAPSED
from postlaunch.windows import Window

log = structlog.get_logger(__name__)

FINISHED = ("done", "cancelled", "superseded")
STATE: tuple[AllowedType, ...] = (*STATE_TYPES, Window, Asked, IncidentAsked, ScopeEdits, GateOutcome)
"""Every type that a checkpoint of our graphs holds."""
STEPS = 200
"""LangGraph's recursion limit: far above the longest run (budgets bound it), far below forever."""

Graph = CompiledStateGraph[Any, Any, Any, Any]


async def advance_run(
    services: Services, run_id: str, listeners: Sequence[Listener] = (), *, because: str = ""
) -> RunRecord:
    """Move a run as far as it goes without a person, and say where it stands.

    Args:
        because: why it is started; recorded with its first event.

    Raises:
        UsageError: no run has this id.
        RunBusy: another process moves it.
        LeaseLost: another process took it over; this one wrote nothing more.
        PostLaunchError: what stopped it, stored with the run; advancing again tries again.
    """
    run = await asyncio.to_thread(services.ledger.run, run_id)
    if run.state in FINISHED:  # whoever finished it may have died before the outbox was empty
        await asyncio.to_thread(carry_out_amendments, services)
        await asyncio.to_thread(services.deliver)
        await asyncio.to_thread(services.ledger.prune, run.id)
        return run
    if run.workflow == ASKED:
        return await asyncio.to_thread(settle_asked, services, run)
    session = await asyncio.to_thread(services.open_session, run.id, listeners, attended=True)
    try:
        return await _alone(_moved(services, session, because))
    finally:
        await asyncio.to_thread(services.close_session, run.id)


async def _alone(work: Coroutine[Any, Any, RunRecord]) -> RunRecord:
    """Work in a context of its own: called from a node of another graph (of the front's, of a host's),
    LangGraph would take this graph for a part of that one, and its checkpoints for that one's.
    """
    return await asyncio.create_task(work, context=Context())


async def _moved(services: Services, session: Session, because: str) -> RunRecord:
    saver = await asyncio.to_thread(open_checkpointer, services.ledger.place, session.lease, STATE)
    try:
        graph = graph_of(services, session.run.workflow).compile(checkpointer=saver)
        await _run(graph, services, session, because)
    except LeaseLost:
        raise
    except PostLaunchError as error:
        await asyncio.to_thread(session.settle, "failed", error=f"{error}. {error.remedy}".strip())
        data: dict[str, JsonValue] = {"state": "failed"} | ({LAPSED: True} if _lapses(error) else {})
        session.recorder.emit("run", f"stopped: {error}", data=data)
        raise
    finally:
        await asyncio.to_thread(saver.close)
    await asyncio.to_thread(services.deliver)
    run = await asyncio.to_thread(services.ledger.run, session.run.id)
    if run.state in FINISHED:
        await asyncio.to_thread(services.ledger.prune, run.id)
    return run


def _lapses(error: PostLaunchError) -> bool:
    """Whether what was decided on the run can no longer be carried out, however often it is tried."""
    return isinstance(error, DecisionRefused | CheckpointUnreadable)


async def _run(graph: Graph, services: Services, session: Session, because: str) -> None:
    config: RunnableConfig = {
        "configurable": {"thread_id": session.run.id},
        "recursion_limit": STEPS,
    }
    snapshot = await graph.aget_state(config)
    step = await asyncio.to_thread(_next_step, services, session, snapshot, because)
    if step is not _NOTHING:
        await asyncio.to_thread(session.settle, "running")
        await graph.ainvoke(step, config, durability="sync")


LOOK_IN_THE_LEDGER = {"kind": None}
"""What a gate is resumed with. (LangGraph takes an empty value for no value.)"""

_NOTHING = object()


def _next_step(services: Services, session: Session, snapshot: StateSnapshot, because: str) -> Any:
    """What to invoke the graph with: an input, None to go on, a resume, or nothing to do."""
    if not snapshot.values and not snapshot.next:
        why = f": {because}" if because else ""
        data: dict[str, JsonValue] = {"state": "running", "because": because}
        session.recorder.emit("run", f"{session.run.workflow} starts{why}", data=data)
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
