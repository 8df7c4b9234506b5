"""The loop that every specialist goes through, as a LangGraph graph.

    measure ─┬─► investigate ─► act ─► consult        measure: code and rules, always
             │     ▲   │         │        │            investigate ⇄ act ⇄ consult: the model, under a budget
             │     └───┼─────────┴────────┘            judge: the model's judgement, in slots
             │         ▼                               verify: what of it stands; back to judge at most twice
             │       judge ⇄ verify                    compose: the report
             │         │        │
             └─────────┴────────┴─► compose            without a model, or when it fails: straight to compose

All nodes are async and idempotent. State holds small frozen values; findings, turns, replies, judgements and
the report are documents of the run, written through the bench.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Protocol

from langgraph.graph import END, START, StateGraph

from postlaunch.agents import investigation, judging, measuring
from postlaunch.agents.bench import Specialist
from postlaunch.agents.consult import ConsultQuestion, answering
from postlaunch.agents.desk import BenchFor, Loop
from postlaunch.agents.loop_state import (
    LoopInput,
    LoopOutput,
    LoopState,
    LoopUpdate,
    Outcome,
    Step,
)

SpecialistGraph = StateGraph[LoopState, None, LoopInput, LoopOutput]

Node = Callable[[Loop, LoopState], Awaitable[LoopUpdate]]
"""One step of the loop."""


def build_specialist(
    specialist: Specialist, bench_for: BenchFor, colleagues: Mapping[str, Specialist]
) -> SpecialistGraph:
    """A specialist's loop, to be compiled alone or as a node of another graph, with any checkpointer.

    It is given `run` and `assignment` (`LoopInput`) and gives back `report`, the name of the report's
    document, and `outcomes` (`LoopOutput`).

    Args:
        bench_for: the bench of a run by its id; asked by every node.
        colleagues: every specialist by name; `specialist.consults` says which of them it may ask.
    """
    loop = Loop(specialist, bench_for, colleagues)

    async def ask(asked: ConsultQuestion, given: LoopInput) -> Outcome:
        """A colleague's own loop, one step deeper; its checkpoints are kept under this graph's."""
        colleague = build_specialist(answering(colleagues[asked.to]), bench_for, colleagues)
        left = await colleague.compile(name=asked.to).ainvoke(given)
        outcome: Outcome = left["outcomes"][asked.to]
        return outcome

    nodes: dict[Step, Node] = {
        "measure": measuring.measure,
        "investigate": investigation.investigate,
        "act": investigation.act,
        "consult": partial(investigation.consult, ask=ask),
        "judge": judging.judge,
        "verify": judging.verify,
        "compose": judging.compose,
    }
    graph = StateGraph(LoopState, input_schema=LoopInput, output_schema=LoopOutput)
    for name, node in nodes.items():
        graph.add_node(name, _bound(node, loop))
    graph.add_edge(START, "measure")
    for name, steps in NEXT.items():
        graph.add_conditional_edges(name, _then, list(steps))
    graph.add_edge("compose", END)
    return graph


class _GraphNode(Protocol):
    """A node as LangGraph calls it."""

    def __call__(self, state: LoopState) -> Awaitable[LoopUpdate]: ...


def _bound(node: Node, loop: Loop) -> _GraphNode:
    async def run(state: LoopState) -> LoopUpdate:
        return await node(loop, state)

    return run


NEXT: Mapping[Step, tuple[Step, ...]] = {
    "measure": ("investigate", "compose"),
    "investigate": ("act", "judge", "compose"),
    "act": ("consult", "investigate", "judge"),
    "consult": ("consult", "investigate", "judge"),
    "judge": ("verify", "compose"),
    "verify": ("judge", "compose"),
}
"""The edges: which steps may follow which."""


def _then(state: LoopState) -> Step:
    return state["progress"].then
