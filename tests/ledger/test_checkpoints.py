"""Checkpoints in the ledger's file: fenced, typed, and without a transaction across an await."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from postlaunch.agents.bench import Assignment
from postlaunch.errors import LeaseLost, PostLaunchError, UsageError
from postlaunch.ledger.checkpoints import open_checkpointer
from postlaunch.ledger.fence import require_lease
from postlaunch.ledger.fenced_saver import FencedSaver
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import Lease, RunRecord, ScopeEdits
from postlaunch.ledger_place import Place
from postlaunch.testing.clock import StillClock
from postlaunch.windows import Window, parse_week

WEEK = parse_week("2026-W09", "America/Los_Angeles")


def joined(before: list[str], after: list[str]) -> list[str]:
    return before + after


class State(TypedDict, total=False):
    visited: Annotated[list[str], joined]
    window: Window
    edits: ScopeEdits
    answer: str


def in_transaction(saver: Any) -> bool:
    """Whether a transaction is open on the saver's connection."""
    conn = saver.conn
    if isinstance(conn, sqlite3.Connection):
        return conn.in_transaction
    return conn.info.transaction_status.name != "IDLE"


def count_of_writes(saver: Any) -> int:
    """How many values that tasks wrote are stored."""
    conn = saver.conn
    if isinstance(conn, sqlite3.Connection):
        return int(conn.execute("SELECT count(*) FROM writes").fetchone()[0])
    return int(conn.execute("SELECT count(*) AS n FROM checkpoint_writes").fetchone()["n"])


@pytest.fixture
def saver(path: Place, lease: Lease) -> Iterator[FencedSaver]:
    with open_checkpointer(path, lease, [Window, ScopeEdits]) as opened:
        yield opened


@pytest.fixture
def config(lease: Lease) -> RunnableConfig:
    return {"configurable": {"thread_id": lease.run}}


def gated(saver: FencedSaver, check: Callable[[], None] = lambda: None) -> Any:
    """prepare → gate (interrupt) → finish."""

    async def prepare(state: State) -> State:
        check()
        return {"visited": ["prepare"], "window": WEEK, "edits": ScopeEdits(pin=("search",))}

    async def gate(state: State) -> State:
        return {"visited": ["gate"], "answer": interrupt({"id": "A1"})}

    async def finish(state: State) -> State:
        check()
        return {"visited": ["finish"]}

    graph = StateGraph(State)
    graph.add_node("prepare", prepare)
    graph.add_node("gate", gate)
    graph.add_node("finish", finish)
    graph.add_edge(START, "prepare")
    graph.add_edge("prepare", "gate")
    graph.add_edge("gate", "finish")
    graph.add_edge("finish", END)
    return graph.compile(checkpointer=saver)


async def test_a_graph_waits_and_goes_on_in_another_process_as_it_was(
    path: Place, lease: Lease, saver: FencedSaver, config: RunnableConfig
) -> None:
    await gated(saver).ainvoke({"visited": []}, config, durability="sync")
    saver.close()
    with open_checkpointer(path, lease, [Window, ScopeEdits]) as reopened:
        graph = gated(reopened)
        snapshot = await graph.aget_state(config)
        assert snapshot.next == ("gate",)
        assert type(snapshot.values["window"]) is Window
        assert snapshot.values["window"] == WEEK
        assert snapshot.values["edits"] == ScopeEdits(pin=("search",))
        [waiting] = snapshot.interrupts
        final = await graph.ainvoke(Command(resume={waiting.id: "yes"}), config, durability="sync")
        history = [item async for item in graph.aget_state_history(config)]
    assert final["visited"] == ["prepare", "gate", "finish"]
    assert final["answer"] == "yes"
    assert len(history) > 3


async def test_no_transaction_is_open_while_a_node_runs(
    ledger: Ledger, lease: Lease, saver: FencedSaver, config: RunnableConfig
) -> None:
    def write_to_the_ledger() -> None:
        assert not in_transaction(saver)
        ledger.recorder(lease).emit("step", "inside a node")

    await gated(saver, write_to_the_ledger).ainvoke({"visited": []}, config, durability="sync")
    assert len(ledger.events(lease.run)) == 1


async def test_many_runs_side_by_side_in_one_file(path: Place, ledger: Ledger, clock: StillClock) -> None:
    async def one(number: int) -> list[str]:
        run = ledger.start_run("sprint_planning", f"q{number}", f"k{number}", {})
        lease = ledger.take_lease(run.id, "web-1:100", 60)
        config: RunnableConfig = {"configurable": {"thread_id": run.id}}
        with open_checkpointer(path, lease, [Window, ScopeEdits]) as saver:
            graph = gated(saver, lambda: ledger.set_state(lease, "running"))  # type: ignore[arg-type, return-value]
            await graph.ainvoke({"visited": []}, config, durability="sync")
            [waiting] = (await graph.aget_state(config)).interrupts
            final = await graph.ainvoke(Command(resume={waiting.id: "yes"}), config, durability="sync")
        visited: list[str] = final["visited"]
        return visited

    assert await asyncio.gather(*map(one, range(6))) == [["prepare", "gate", "finish"]] * 6


async def test_a_replaced_holder_cannot_move_the_graph(
    path: Place,
    ledger: Ledger,
    lease: Lease,
    saver: FencedSaver,
    config: RunnableConfig,
    clock: StillClock,
) -> None:
    def take_over() -> None:
        clock.forward(minutes=2)
        ledger.take_lease(lease.run, "web-2:200", 60)

    with pytest.raises(LeaseLost):
        await gated(saver, take_over).ainvoke({"visited": []}, config, durability="sync")
    with open_checkpointer(path, None, [Window, ScopeEdits]) as reader:
        snapshot = await gated(reader).aget_state(config)
    assert snapshot.values == {"visited": []}
    assert snapshot.next == ("prepare",)


async def test_a_released_lease_writes_no_checkpoint(
    ledger: Ledger, lease: Lease, saver: FencedSaver, config: RunnableConfig
) -> None:
    ledger.release(lease)
    with pytest.raises(LeaseLost):
        await gated(saver).ainvoke({"visited": []}, config, durability="sync")
    assert saver.get_tuple(config) is None


async def test_a_lease_on_one_run_writes_no_other(ledger: Ledger, saver: FencedSaver) -> None:
    other = ledger.start_run("weekly_report", "q", "k", {})
    ledger.take_lease(other.id, "web-2:200", 60)
    config: RunnableConfig = {"configurable": {"thread_id": other.id}}
    with pytest.raises(LeaseLost, match=f"no lease on run {other.id}"):
        await gated(saver).ainvoke({"visited": []}, config, durability="sync")


async def test_without_a_lease_nothing_is_written(path: Place, lease: Lease, config: RunnableConfig) -> None:
    with open_checkpointer(path, None, [Window]) as reader, pytest.raises(LeaseLost):
        await gated(reader).ainvoke({"visited": []}, config, durability="sync")


def test_what_a_task_wrote_is_fenced_too(ledger: Ledger, lease: Lease, saver: FencedSaver) -> None:
    config: RunnableConfig = {
        "configurable": {"thread_id": lease.run, "checkpoint_ns": "", "checkpoint_id": "1"}
    }
    saver.put_writes(config, [("visited", ["a"])], "task")
    ledger.release(lease)
    with pytest.raises(LeaseLost):
        saver.put_writes(config, [("visited", ["b"])], "task 2")
    assert count_of_writes(saver) == 1
    assert not in_transaction(saver)


async def test_a_type_that_is_not_allowed_stops_the_graph_instead_of_coming_back_as_a_dict(
    path: Place, lease: Lease, config: RunnableConfig
) -> None:
    with (
        open_checkpointer(path, lease, [Window]) as saver,
        pytest.raises(PostLaunchError, match=r"postlaunch\.ledger\.records\.ScopeEdits"),
    ):
        await gated(saver).ainvoke({"visited": []}, config, durability="sync")


async def test_a_finished_runs_checkpoints_are_pruned_to_the_last(
    ledger: Ledger, lease: Lease, saver: FencedSaver, config: RunnableConfig
) -> None:
    graph = gated(saver)
    await graph.ainvoke({"visited": []}, config, durability="sync")
    [waiting] = (await graph.aget_state(config)).interrupts
    await graph.ainvoke(Command(resume={waiting.id: "yes"}), config, durability="sync")
    before = await graph.aget_state(config)
    with pytest.raises(UsageError, match="only a finished run"):
        ledger.prune(lease.run)
    ledger.set_state(lease, "done")
    ledger.prune(lease.run)
    assert len(list(saver.list(config))) == 1
    after = await graph.aget_state(config)
    assert (after.values, after.next) == (before.values, ())
    assert count_of_writes(saver) == 0


async def test_pruning_one_run_leaves_the_others(
    path: Place, ledger: Ledger, lease: Lease, saver: FencedSaver, config: RunnableConfig
) -> None:
    await gated(saver).ainvoke({"visited": []}, config, durability="sync")
    before = len(list(saver.list(config)))
    other: RunRecord = ledger.start_run("weekly_report", "q", "k", {})
    ledger.set_state(ledger.take_lease(other.id, "web-1:100", 60), "done")
    ledger.prune(other.id)
    assert len(list(saver.list(config))) == before


def test_pruning_can_delete_everything_and_nothing_else_is_a_way(
    saver: FencedSaver, lease: Lease, config: RunnableConfig
) -> None:
    asyncio.run(gated(saver).ainvoke({"visited": []}, config, durability="sync"))
    saver.prune([lease.run], strategy="delete")
    assert list(saver.list(config)) == []
    with pytest.raises(UsageError, match="no way to prune"):
        saver.prune([lease.run], strategy="some")


async def test_messages_need_no_naming(saver: FencedSaver) -> None:
    message = AIMessage("hello", tool_calls=[{"name": "x", "args": {"a": 1}, "id": "1"}])
    assert saver.serde.loads_typed(saver.serde.dumps_typed([message])) == [message]


def test_a_checkpointer_that_is_locked_out_says_so_in_words(
    path: Place, ledger: Ledger, lease: Lease, saver: FencedSaver
) -> None:
    """By whoever keeps the file locked; in PostgreSQL, by whoever holds the row of the run's lease."""
    conn = saver.conn
    conn.execute("PRAGMA busy_timeout=10" if isinstance(path, Path) else "SET lock_timeout = 10")
    config: RunnableConfig = {
        "configurable": {"thread_id": lease.run, "checkpoint_ns": "", "checkpoint_id": "1"}
    }
    with ledger._database.write() as connection:
        require_lease(connection, lease)
        with pytest.raises(PostLaunchError, match="kept it locked"):
            saver.put_writes(config, [("visited", ["a"])], "task")
    saver.put_writes(config, [("visited", ["a"])], "task")


def test_an_assignment_of_a_specialist_comes_back_as_itself(path: Place) -> None:
    given = Assignment(
        workflow="weekly_report", question="how is it?", window=WEEK, parameters={"a": [1, None]}
    )
    with open_checkpointer(path, None, [Assignment]) as saver:
        back = saver.serde.loads_typed(saver.serde.dumps_typed(given))
    assert back == given
    assert type(back) is Assignment
    assert type(back.window) is Window
