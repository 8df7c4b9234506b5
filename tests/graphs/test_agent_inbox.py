"""The gate in an Agent Inbox: what it shows, and what its answers do in a host's own graph."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from postlaunch.api import AsyncPostLaunch
from postlaunch.errors import UsageError
from postlaunch.graphs.advancing import STATE
from postlaunch.graphs.agent_inbox import as_gate_answer, as_human_interrupt
from postlaunch.graphs.starting import Asked
from postlaunch.ledger.serializer import StrictSerializer
from postlaunch.settings import Settings
from postlaunch.testing.clock import StillClock

PERSON = "User"
CONFIG: Any = {"configurable": {"thread_id": "an inbox"}}


@pytest.fixture
async def app(settings: Settings, clock: StillClock) -> AsyncIterator[AsyncPostLaunch]:
    async with AsyncPostLaunch(settings, clock=clock, environment={}) as opened:
        yield opened


@pytest.fixture
def graph(app: AsyncPostLaunch) -> Any:
    saver = InMemorySaver(serde=StrictSerializer(STATE))
    return app.graph("sprint_planning").compile(checkpointer=saver)


async def shown(graph: Any, given: object) -> dict[str, Any]:
    left = await graph.ainvoke(given, CONFIG)
    [interrupt] = left["__interrupt__"]
    value: dict[str, Any] = interrupt.value
    return value


async def answered(graph: Any, payload: dict[str, Any], response: object, by: str = PERSON) -> dict[str, Any]:
    left: dict[str, Any] = await graph.ainvoke(
        Command(resume=as_gate_answer(payload, response, by=by)), CONFIG
    )
    return left


async def test_the_inbox_shows_the_proposal_and_what_can_be_done(graph: Any) -> None:
    payload = await shown(graph, {"asked": Asked(sprint=4)})
    entry = as_human_interrupt(payload)
    assert set(entry) == {"action_request", "config", "description"}
    assert entry["action_request"]["action"] == "sprint_priorities"
    assert entry["action_request"]["args"]["decision"] == "approve"
    assert "dark-mode" in entry["action_request"]["args"]["items"]  # type: ignore[operator]
    assert entry["config"] == {
        "allow_accept": True,
        "allow_edit": True,
        "allow_respond": True,
        "allow_ignore": True,
    }
    assert payload["summary"][0] in str(entry["description"])
    assert payload["id"] in str(entry["description"])


async def test_accept_commits_the_proposal(graph: Any, app: AsyncPostLaunch) -> None:
    payload = await shown(graph, {"asked": Asked(sprint=4)})
    left = await answered(graph, payload, [{"type": "accept", "args": None}])
    [commitment] = await app.commitments()
    assert commitment.id == left["commitment"]
    decision = await app.decision(payload["id"])
    assert decision is not None
    assert (decision.kind, decision.by, decision.digest) == ("approve", PERSON, payload["digest"])


async def test_edited_items_are_an_edited_scope(graph: Any, app: AsyncPostLaunch) -> None:
    payload = await shown(graph, {"asked": Asked(sprint=4)})
    request = as_human_interrupt(payload)["action_request"]
    fewer = [item for item in request["args"]["items"] if item != "dark-mode"]  # type: ignore[union-attr]
    edited = {**request, "args": {**request["args"], "items": fewer, "reason": "later"}}
    await answered(graph, payload, [{"type": "edit", "args": edited}])
    decision = await app.decision(payload["id"])
    assert decision is not None
    assert (decision.kind, list(decision.scope or ()), decision.reason) == ("edit", fewer, "later")


async def test_unchanged_arguments_are_an_approval(graph: Any, app: AsyncPostLaunch) -> None:
    payload = await shown(graph, {"asked": Asked(sprint=4)})
    request = as_human_interrupt(payload)["action_request"]
    await answered(graph, payload, [{"type": "edit", "args": request}])
    decision = await app.decision(payload["id"])
    assert decision is not None
    assert decision.kind == "approve"


async def test_a_response_asks_for_changes_and_a_new_proposal_comes(graph: Any, app: AsyncPostLaunch) -> None:
    payload = await shown(graph, {"asked": Asked(sprint=4)})
    left = await answered(graph, payload, [{"type": "response", "args": "less, please"}])
    [again] = left["__interrupt__"]
    assert (again.value["round"], await app.commitments()) == (2, ())
    assert "less, please" in str(as_human_interrupt(again.value)["description"])


async def test_ignore_rejects_and_commits_nothing(graph: Any, app: AsyncPostLaunch) -> None:
    payload = await shown(graph, {"asked": Asked(sprint=4)})
    await answered(graph, payload, [{"type": "ignore", "args": None}])
    decision = await app.decision(payload["id"])
    assert decision is not None
    assert (decision.kind, await app.commitments()) == ("reject", ())


async def test_discovery_is_an_edited_decision(graph: Any, app: AsyncPostLaunch) -> None:
    payload = await shown(graph, {"asked": Asked(sprint=4)})
    args = {"decision": "discovery", "text": "why exports"}
    await answered(graph, payload, {"type": "edit", "args": {"action": "sprint_priorities", "args": args}})
    decision = await app.decision(payload["id"])
    assert decision is not None
    assert (decision.kind, decision.text) == ("discovery", "why exports")


async def test_the_answer_cannot_say_who_decides(graph: Any, app: AsyncPostLaunch) -> None:
    payload = await shown(graph, {"asked": Asked(sprint=4)})
    args = {"decision": "approve", "by": PERSON}
    response = {"type": "edit", "args": {"action": "x", "args": args}}
    left = await answered(graph, payload, response, by="mallory")
    [again] = left["__interrupt__"]
    assert '"mallory" may not decide' in again.value["problem"]
    assert '"mallory" may not decide' in str(as_human_interrupt(again.value)["description"])
    assert await app.commitments() == ()


async def test_what_is_no_answer_is_refused_in_words(graph: Any) -> None:
    payload = await shown(graph, {"asked": Asked(sprint=4)})
    for wrong in ("yes", [], {"type": "shrug", "args": None}, {"type": "response", "args": None}, [{}, {}]):
        with pytest.raises(UsageError):
            as_gate_answer(payload, wrong, by=PERSON)
    with pytest.raises(UsageError, match="no interrupt of a gate"):
        as_human_interrupt({"question": "go on?"})
