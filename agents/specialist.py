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

import asyncio
from collections.abc import Mapping

from langgraph.graph import END, START, StateGraph

from postlaunch.agents import investigation, judging
from postlaunch.agents.bench import Bench, Specialist
from postlaunch.agents.consult import ConsultQuestion, answering
from postlaunch.agents.desk import NO_MODEL, BenchFor, Loop, tell
from postlaunch.agents.loop_state import (
    LoopInput,
    LoopOutput,
    LoopState,
    LoopUpdate,
    Outcome,
    Progress,
    Step,
)
from postlaunch.facts import digest_of

SpecialistGraph = StateGraph[LoopState, None, LoopInput, LoopOutput]


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

    async def measure(state: LoopState) -> LoopUpdate:
        return await asyncio.to_thread(_measure, loop, state)

    async def investigate(state: LoopState) -> LoopUpdate:
        return await investigation.investigate(loop, state)

    async def act(state: LoopState) -> LoopUpdate:
        return await investigation.act(loop, state)

    async def consult(state: LoopState) -> LoopUpdate:
        return await investigation.consult(loop, state, ask)

    async def judge(state: LoopState) -> LoopUpdate:
        return await judging.judge(loop, state)

    async def verify(state: LoopState) -> LoopUpdate:
        return await judging.verify(loop, state)

    async def compose(state: LoopState) -> LoopUpdate:
        return await judging.compose(loop, state)

    graph = StateGraph(LoopState, input_schema=LoopInput, output_schema=LoopOutput)
    for name, node in {
        "measure": measure,
        "investigate": investigate,
        "act": act,
        "consult": consult,
        "judge": judge,
        "verify": verify,
        "compose": compose,
    }.items():
        graph.add_node(name, node)
    graph.add_edge(START, "measure")
    for name, steps in NEXT.items():
        graph.add_conditional_edges(name, _then, list(steps))
    graph.add_edge("compose", END)
    return graph


NEXT: Mapping[str, tuple[Step, ...]] = {
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


def _measure(loop: Loop, state: LoopState) -> LoopUpdate:
    """Step 1: the measurements that the report always needs, and the rules over them."""
    specialist, assignment = loop.specialist, state["assignment"]
    bench = loop.bench_for(state["run"])
    root = tell(
        bench,
        specialist.name,
        "question",
        assignment.question,
        parent=state.get("under"),
        depth=assignment.depth,
    )
    bench = bench.beneath(root)
    tell(bench, specialist.name, "step", "measures", step="measure")
    base = state.get("base") or specialist.name
    findings = specialist.measure(bench, assignment)
    bench.put_document(f"{base}/findings", findings.model_dump(mode="json"))
    for verdict in findings.verdicts:
        tell(
            bench,
            specialist.name,
            "verdict",
            f"{verdict.rule}, {verdict.subject}: {verdict.value} ({verdict.because})",
            rule=verdict.rule,
            subject=verdict.subject,
            verdict=verdict.value,
            facts=list(verdict.facts),
        )
    _tell_problems(bench, specialist.name, findings.problems)
    alone = "" if bench.seat else NO_MODEL
    progress = Progress(
        base=base,
        work=f"{base}/{digest_of(assignment.model_dump(mode='json'))[:8]}",
        root=root,
        alone=alone,
        then="compose" if alone else "investigate",
    )
    return {"progress": progress}


def _tell_problems(bench: Bench, agent: str, problems: tuple[str, ...]) -> None:
    for problem in problems:
        tell(bench, agent, "degraded", problem, reason=problem)
        bench.note(problem)
