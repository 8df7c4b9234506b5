"""The loop in somebody's graph with somebody's checkpointer: killed at every boundary, and resumed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph

from postlaunch.agents import investigation, judging, measuring
from postlaunch.agents.bench import Assignment
from postlaunch.agents.consult import AnswerJudgement
from postlaunch.agents.judgement import Claim, Judgement
from postlaunch.agents.loop_state import STATE_TYPES, Outcomes
from postlaunch.agents.specialist import build_specialist
from postlaunch.ledger.serializer import StrictSerializer
from postlaunch.testing import tool_call, tool_calls

if TYPE_CHECKING:
    from conftest import Stage

RISE = "The {F1.title} rose by {F1.change} to {F1}."
TYPED = Judgement(
    findings=(Claim(section="summary", text=RISE), Claim(section="summary", text="It was 4 %."))
)
RIGHT = Judgement(findings=(Claim(section="summary", text=RISE),))
SCRIPT = (
    tool_calls(
        ("endpoint_times", {}),
        ("hypothesis", {"statement": "A slow query holds connections.", "state": "proposed"}),
        ("consult", {"to": "analyst", "question": "What do people write?"}),
    ),
    tool_call("tickets_about", words=["error"]),
    "That is all I can tell.",
    AnswerJudgement(findings=(Claim(section="answer", text="The {F2.title} are {F2}."),)),
    tool_call("hypothesis", id="H1", state="dropped", evidence=["F2"]),
    "Done.",
    TYPED,
    RIGHT,
)
NODES: tuple[tuple[Any, str], ...] = (
    (measuring, "measure"),
    (investigation, "investigate"),
    (investigation, "act"),
    (investigation, "consult"),
    (judging, "judge"),
    (judging, "verify"),
    (judging, "compose"),
)
NODE_RUNS = 19
"""How many times a node runs in the story of `SCRIPT`, the colleague's included."""


class PowerCut(Exception):
    """The process ends here."""


def cut_at(monkeypatch: pytest.MonkeyPatch, nth: int, *, after: bool) -> Callable[[], int]:
    """Let the nth run of a node fail, before its work or after it; gives the count of runs so far."""
    runs = 0

    def failing(node: Callable[..., Any]) -> Callable[..., Any]:
        async def wrapped(*given: object, **named: object) -> object:
            nonlocal runs
            runs += 1
            this = runs
            if this == nth and not after:
                raise PowerCut
            left = await node(*given, **named)
            if this == nth:
                raise PowerCut
            return left

        return wrapped

    for module, name in NODES:
        monkeypatch.setattr(module, name, failing(getattr(module, name)))
    return lambda: runs


class HostState(TypedDict, total=False):
    run: str
    assignment: Assignment
    report: str
    outcomes: Outcomes


class SideBySide(TypedDict, total=False):
    run: str
    assignment: Assignment
    outcomes: Outcomes


def hosted(stage: Stage, saver: InMemorySaver) -> Any:
    """A host's graph with the watcher as a node, compiled with the host's checkpointer."""
    graph = StateGraph(HostState)
    graph.add_node(
        "watcher", build_specialist(stage.specialists["watcher"], stage.bench, stage.specialists).compile()
    )
    graph.add_edge(START, "watcher")
    graph.add_edge("watcher", END)
    return graph.compile(checkpointer=saver)


def strict_saver() -> InMemorySaver:
    return InMemorySaver(serde=StrictSerializer(STATE_TYPES))


async def story(stage: Stage) -> dict[str, Any]:
    """Run to the end, resuming after every power cut."""
    saver = strict_saver()
    config: Any = {"configurable": {"thread_id": "run-1"}}
    given: dict[str, Any] | None = {"run": "run-1", "assignment": stage.assignment}
    for _ in range(3):
        graph = hosted(stage, saver)
        try:
            left: dict[str, Any] = await graph.ainvoke(given, config, durability="sync")
            state = await graph.aget_state(config)
            assert not state.next
            assert not state.tasks
            return left
        except PowerCut:
            given = None
    raise AssertionError("the run did not end")


def seen(stage: Stage) -> set[tuple[str, str, str]]:
    """Everything told, but not how long the model took."""
    return {(event.agent, event.kind, event.text) for event in stage.recorder.events if event.kind != "usage"}


@pytest.fixture
async def undisturbed(stage: Stage) -> Stage:
    """The story without a power cut."""
    stage.says(*SCRIPT)
    await story(stage)
    return stage


async def test_the_story_visits_every_node(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.says(*SCRIPT)
    runs = cut_at(monkeypatch, 0, after=False)

    left = await story(stage)

    assert runs() == NODE_RUNS
    assert left["report"] == "watcher/report"
    assert left["outcomes"]["watcher"].provenance.analysis == "model"


@pytest.mark.parametrize("after", [False, True], ids=["before its work", "after its work"])
async def test_a_cut_at_any_node_changes_no_result_and_pays_for_no_call_twice(
    undisturbed: Stage, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    for nth in range(1, NODE_RUNS + 1):
        stage = type(undisturbed)()
        model = stage.says(*SCRIPT)
        with monkeypatch.context() as patched:
            cut_at(patched, nth, after=after)
            await story(stage)

        assert len(model.shown) == len(SCRIPT), f"cut {nth}"
        assert stage.documents["watcher/report"] == undisturbed.documents["watcher/report"], f"cut {nth}"
        assert seen(stage) == seen(undisturbed), f"cut {nth}"


async def test_only_the_events_of_the_step_that_ran_again_are_there_twice(
    undisturbed: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = type(undisturbed)()
    stage.says(*SCRIPT)
    with monkeypatch.context() as patched:
        cut_at(patched, 3, after=True)
        await story(stage)

    assert len(stage.recorder.events) == len(undisturbed.recorder.events)


async def test_two_specialists_work_side_by_side_and_each_adds_its_outcome(stage: Stage) -> None:
    graph = StateGraph(SideBySide)
    for name, found in stage.specialists.items():
        graph.add_node(name, build_specialist(found, stage.bench, stage.specialists).compile())
        graph.add_edge(START, name)
        graph.add_edge(name, END)
    host: Any = graph.compile(checkpointer=strict_saver())

    config = {"configurable": {"thread_id": "run-1"}}
    left = await host.ainvoke({"run": "run-1", "assignment": stage.assignment}, config)

    assert {name: outcome.report for name, outcome in left["outcomes"].items()} == {
        "watcher": "watcher/report",
        "analyst": "analyst/report",
    }


async def test_a_second_assignment_in_the_same_run_starts_afresh(stage: Stage) -> None:
    stage.says("Done.", RIGHT, "Done.", Judgement())
    await stage.run()
    stage.assignment = stage.assignment.model_copy(update={"question": "And what else?"})

    report = await stage.run()

    assert report["said"] == []
