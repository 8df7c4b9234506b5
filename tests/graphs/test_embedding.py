"""The graphs inside somebody else's graph, with that host's own checkpointer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command

from postlaunch.api import AsyncPostLaunch
from postlaunch.graphs.advancing import STATE
from postlaunch.graphs.starting import Asked, Workflow
from postlaunch.ledger.serializer import StrictSerializer
from postlaunch.settings import Settings
from postlaunch.settings_file import load_settings
from postlaunch.testing.clock import StillClock

PERSON = "User"
CONFIG: Any = {"configurable": {"thread_id": "the host's own"}}


class HostState(TypedDict, total=False):
    """What the host shares with our graphs, and something of its own."""

    asked: Asked
    run: str
    commitment: str
    paths: tuple[str, ...]
    told: str


async def tell(state: HostState) -> HostState:
    """The host's own node, after ours."""
    return {"told": f"run {state['run']} is over"}


@pytest.fixture
async def app(settings: Settings, clock: StillClock) -> AsyncIterator[AsyncPostLaunch]:
    async with AsyncPostLaunch(settings, clock=clock, environment={}) as opened:
        yield opened


@pytest.fixture
async def whole_app(folder: Path, clock: StillClock) -> AsyncIterator[AsyncPostLaunch]:
    """With every source of the sample."""
    settings = load_settings(folder / "postlaunch.toml", environment={})
    async with AsyncPostLaunch(settings, clock=clock, environment={}) as opened:
        yield opened


def hosted(app: AsyncPostLaunch, workflow: Workflow) -> Any:
    """A host's graph: our workflow as a node, then a node of its own."""
    saver = InMemorySaver(serde=StrictSerializer(STATE))
    graph = StateGraph(HostState)
    graph.add_node("postlaunch", app.graph(workflow).compile())
    graph.add_node("tell", tell)
    graph.add_edge(START, "postlaunch")
    graph.add_edge("postlaunch", "tell")
    graph.add_edge("tell", END)
    return graph.compile(checkpointer=saver)


async def asked_by(graph: Any, given: object) -> dict[str, Any]:
    """Run the host's graph until a person is asked; gives what is shown."""
    left = await graph.ainvoke(given, CONFIG)
    [interrupt] = left["__interrupt__"]
    shown: dict[str, Any] = interrupt.value
    return shown


async def test_the_weekly_report_as_a_node(whole_app: AsyncPostLaunch) -> None:
    left = await hosted(whole_app, "weekly_report").ainvoke({"asked": Asked()}, CONFIG)
    assert left["told"] == f"run {left['run']} is over"
    assert [Path(path).suffix for path in left["paths"]] == [".md", ".html", ".json"] * 3
    assert all(Path(path).exists() for path in left["paths"])
    assert (await whole_app.run(left["run"])).state == "done"


async def test_sprint_planning_as_a_node_waits_and_commits_once(app: AsyncPostLaunch) -> None:
    graph = hosted(app, "sprint_planning")
    request = await asked_by(graph, {"asked": Asked(sprint=4)})
    assert await app.commitments() == ()
    assert [pending.id for pending in await app.pending()] == [request["id"]]

    answer = {"kind": "approve", "by": PERSON, "reason": "good", "digest": request["digest"]}
    left = await graph.ainvoke(Command(resume=answer), CONFIG)

    [commitment] = await app.commitments()
    assert (commitment.id, commitment.run) == (left["commitment"], request["run"])
    assert left["told"] == f"run {request['run']} is over"
    assert (await app.run(request["run"])).state == "done"
    [handed] = {handoff.commitment for handoff in await app.handoffs(request["run"])}
    assert handed == commitment.id


async def test_an_answer_that_may_not_stand_asks_the_host_again(app: AsyncPostLaunch) -> None:
    graph = hosted(app, "sprint_planning")
    request = await asked_by(graph, {"asked": Asked(sprint=4)})
    stranger = {"kind": "approve", "by": "Mallory", "digest": request["digest"]}
    again = await asked_by(graph, Command(resume=stranger))
    assert "may not decide" in again["problem"]
    assert await app.commitments() == ()


async def test_while_a_host_waits_at_the_gate_nobody_holds_the_run(app: AsyncPostLaunch) -> None:
    request = await asked_by(hosted(app, "sprint_planning"), {"asked": Asked(sprint=4)})
    assert app.ledger.lease_of(request["run"]) is None


async def test_the_packets_of_a_hosts_run_leave_when_its_graph_ends(
    app: AsyncPostLaunch, folder: Path
) -> None:
    graph = hosted(app, "sprint_planning")
    request = await asked_by(graph, {"asked": Asked(sprint=4)})
    answer = {"kind": "approve", "by": PERSON, "digest": request["digest"]}
    await graph.ainvoke(Command(resume=answer), CONFIG)
    assert len(list((folder / "handoffs").glob("*.json"))) == len(await app.handoffs())
