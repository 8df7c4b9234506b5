"""The front: takes one thing that happened and routes it to one workflow.

                                ┌─► daily_check ──────┐
                                ├─► weekly_report ────┤
event ─► receive ─► route ──────┼─► incident ─────────┼─► follow ─► (what it found that cannot wait: route)
         (kept in   (the rules, ├─► sprint_planning ──┤
          the        said with  ├─► monthly_review ───┤
          ledger)    their      ├─► advance ──────────┤   the run that waits for a decision
                     reason)    └─► keep ─────────────┘   it stays a signal until its workflow next runs

The graph keeps nothing of its own: what happened is a signal in the ledger from the first node on, each
workflow is a run of its own with its own lease and checkpoints, and a signal is settled when its run has
taken it. So it needs no checkpointer; killed anywhere, the signal is found pending and routed again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from pydantic import JsonValue

from postlaunch.errors import DecisionRefused, UsageError
from postlaunch.events import Listener
from postlaunch.graphs.advancing import STEPS, advance_run
from postlaunch.graphs.deciding import decide
from postlaunch.graphs.known_incidents import known_incident
from postlaunch.graphs.routing import ADVANCE, Route, route
from postlaunch.graphs.session import Services
from postlaunch.graphs.signals import DecisionBody, TickBody, body_of, draft_of, told
from postlaunch.graphs.starting import (
    CALLED_BY_PEOPLE,
    WORKFLOWS,
    Asked,
    IncidentAsked,
    Trigger,
    Workflow,
    start_run,
)
from postlaunch.ledger.records import DecisionDraft, RunRecord, Signal
from postlaunch.windows import Moment

MANY_STEPS: RunnableConfig = {"recursion_limit": STEPS}
"""Each signal that follows takes four steps of the front, and a bad day may bring many."""

KEEP = "keep"
FOLLOW = "follow"


def with_more(known: Sequence[str] | None, new: Sequence[str] | None) -> tuple[str, ...]:
    """The reducer of lists that only grow, without repetition."""
    return tuple(dict.fromkeys((*(known or ()), *(new or ()))))


Growing = Annotated[tuple[str, ...], with_more]


class OperationsState(TypedDict, total=False):
    """What passes from node to node.

    Attributes:
        event: what happened, as a program tells it; or `signal` names one that the ledger has.
        as_of: what is measured is what was known then.
        signal: id of the signal that is on its way.
        went: where it goes, and why.
        runs: the runs that were moved.
        tried: the signals that had their turn.
    """

    event: dict[str, JsonValue]
    as_of: Moment | None
    signal: str
    went: Route
    runs: Growing
    tried: Growing


Node = Callable[[OperationsState], Awaitable[OperationsState]]


Moved = Callable[[RunRecord], None]
"""Told of each run that was moved, as it stands then."""


def _nobody(_: RunRecord) -> None:
    """Nobody wants to be told."""


def operations(
    services: Services, listeners: Sequence[Listener] = (), moved: Moved = _nobody
) -> StateGraph[OperationsState]:
    """The uncompiled graph; give it `event`, a JSON object, or `signal`, an id.

    Args:
        moved: told of each run as soon as it is moved: a later one may fail, and the graph with it.
    """

    async def receive(state: OperationsState) -> OperationsState:
        if "signal" in state:
            return {}
        draft = draft_of(services.settings.application.name, told(state["event"]))
        signal = await asyncio.to_thread(services.ledger.post_signal, draft)
        return {"signal": signal.id}

    async def decide_where(state: OperationsState) -> OperationsState:
        signal = await asyncio.to_thread(services.ledger.signal, state["signal"])
        went = route(signal)
        await asyncio.to_thread(
            lambda: services.ledger.route_signal(signal.id, to=went.to, reason=went.reason)
        )
        return {"went": went, "tried": (signal.id,)}

    def where(state: OperationsState) -> str:
        settled = services.ledger.signal(state["signal"]).settled_at is not None
        if settled or not state["went"].now:
            return KEEP
        return state["went"].to

    async def keep(state: OperationsState) -> OperationsState:
        return {}

    async def advance(state: OperationsState) -> OperationsState:
        signal = await asyncio.to_thread(services.ledger.signal, state["signal"])
        run = await _decided(services, signal, listeners)
        moved(run)
        return {"runs": (run.id,)}

    async def follow(state: OperationsState) -> OperationsState:
        found = await asyncio.to_thread(_urgent, services, state)
        return {"signal": found} if found else {}

    def onward(state: OperationsState) -> str:
        return END if state["signal"] in state["tried"] else "route"

    graph = StateGraph(OperationsState)
    nodes: dict[str, Any] = {
        **{
            name: _workflow_node(services, name, listeners, moved)
            for name in WORKFLOWS
            if name not in CALLED_BY_PEOPLE
        },
        ADVANCE: advance,
        KEEP: keep,
    }
    graph.add_node("receive", receive)
    graph.add_node("route", decide_where)
    graph.add_node(FOLLOW, follow)
    for name, node in nodes.items():
        graph.add_node(name, node)
        graph.add_edge(name, FOLLOW)
    graph.add_edge(START, "receive")
    graph.add_edge("receive", "route")
    graph.add_conditional_edges("route", where, list(nodes))
    graph.add_conditional_edges(FOLLOW, onward, ["route", END])
    return graph


def _workflow_node(
    services: Services, workflow: Workflow, listeners: Sequence[Listener], tell: Moved
) -> Node:
    async def move(state: OperationsState) -> OperationsState:
        signal = await asyncio.to_thread(services.ledger.signal, state["signal"])
        as_of = state.get("as_of")
        asks = workflow == "incident" and signal.kind != "vulnerability"  # that falls together with no spell
        known = await asyncio.to_thread(known_incident, services, signal) if asks else None
        if known is not None and known.status == "resolved":
            await _settled(services, signal, f"it is {known.id}, which is resolved", known.run)
            return {}
        asked = _asked(signal, as_of) if known is None else _again(services, known.run, as_of)
        run = await asyncio.to_thread(start_run, services, workflow, asked)
        moved = await advance_run(services, run.id, listeners, because=signal.reason)
        if run.state != "done":
            tell(moved)
        await _settled(services, signal, f"{workflow.replace('_', ' ')}: {moved.state}", moved.id)
        return {"runs": (moved.id,)}

    return move


async def _settled(services: Services, signal: Signal, outcome: str, run: str = "") -> None:
    await asyncio.to_thread(lambda: services.ledger.settle_signal(signal.id, outcome=outcome, run=run))


def _asked(signal: Signal, as_of: Moment | None) -> Asked:
    """What a signal asks of the workflow it goes to."""
    body = body_of(signal.kind, signal.body)
    if not isinstance(body, TickBody):
        return Asked(incident=_incident(signal), as_of=as_of)
    period = body.period or None
    match body.workflow:
        case "daily_check":
            return Asked(day=period, as_of=as_of)
        case "weekly_report":
            return Asked(week=period, as_of=as_of)
        case "monthly_review":
            return Asked(month=period, as_of=as_of)
        case "sprint_planning":
            return Asked(as_of=as_of)


TRIGGERS: Mapping[str, Trigger] = {"alert": "alert", "user_report": "user_report"}


def _incident(signal: Signal) -> IncidentAsked:
    """The incident that a signal is about."""
    said = signal.body
    trigger = TRIGGERS.get(str(said.get("trigger", signal.kind)), "finding")
    end = said.get("end")
    return IncidentAsked.model_validate(
        {"start": signal.at, "end": end, "trigger": trigger, "text": _told_of(signal)}
    )


def _told_of(signal: Signal) -> str:
    """What it is about, in words; of a vulnerability also which it is, and where."""
    said = {name: value for name, value in signal.body.items() if isinstance(value, str) and value}
    words = next((said[name] for name in ("text", "title", "rule", "id") if name in said), "")
    if signal.kind != "vulnerability":
        return words
    where = " ".join(filter(None, (said.get("package"), said.get("installed"))))
    named = f"{said.get('id', '')} in {where}".strip()
    return f"{said.get('severity', '')} vulnerability {named}: {words}".strip()


def _again(services: Services, run: str, as_of: Moment | None) -> Asked:
    """The question of an incident that is still open: asked again over what is known now."""
    asked = services.ledger.run(run).parameters.get("incident")
    return Asked(incident=IncidentAsked.model_validate(asked), as_of=as_of)


async def _decided(services: Services, signal: Signal, listeners: Sequence[Listener]) -> RunRecord:
    """Store the decision that a signal brings, if it brings one, and move the run that waits for it.

    Raises:
        DecisionRefused: it may not stand; the signal is settled with why.
        UsageError: there is no such request, or nobody decided on it.
    """
    body = body_of(signal.kind, signal.body)
    assert isinstance(body, DecisionBody)
    try:
        request = await asyncio.to_thread(services.ledger.request, body.request)
        if body.decision is not None:
            draft = DecisionDraft(
                request=request.id,
                kind=body.decision,
                by=body.by,
                reason=body.reason,
                digest=body.digest or request.digest,
                scope=body.scope,
                text=body.text,
            )
            await asyncio.to_thread(decide, services, request, draft)
        elif await asyncio.to_thread(services.ledger.decision, request.id) is None:
            raise UsageError(f"nobody has decided on {request.id}", f"postlaunch show {request.id}")
    except (DecisionRefused, UsageError) as error:
        await _settled(services, signal, f"refused: {error}")
        raise
    moved = await advance_run(services, request.run, listeners, because=signal.reason)
    await _settled(services, signal, f"{moved.workflow.replace('_', ' ')}: {moved.state}", moved.id)
    return moved


def _urgent(services: Services, state: OperationsState) -> str:
    """A signal that cannot wait, of those that the runs moved so far have found; "" for none."""
    application = services.settings.application.name
    for signal in services.ledger.signals(application=application):
        found_here = signal.run and signal.run in state.get("runs", ())
        if found_here and signal.id not in state["tried"] and route(signal).now:
            return signal.id
    return ""
