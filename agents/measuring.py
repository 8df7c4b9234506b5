"""Step 1: code runs the measurements that the report always needs, and the rules over them."""

from __future__ import annotations

import asyncio

from postlaunch.agents.bench import Bench, Findings
from postlaunch.agents.desk import NO_MODEL, Loop, tell
from postlaunch.agents.loop_state import LoopState, LoopUpdate, Progress
from postlaunch.facts import digest_of


async def measure(loop: Loop, state: LoopState) -> LoopUpdate:
    """Measure, decide by rules, draft; the findings are what every later step works over."""
    return await asyncio.to_thread(_measure, loop, state)


def _measure(loop: Loop, state: LoopState) -> LoopUpdate:
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
    findings = specialist.measure(bench, assignment)
    base = state.get("base") or specialist.name
    bench.put_document(f"{base}/findings", findings.model_dump(mode="json"))
    _tell_findings(bench, specialist.name, findings)
    alone = "" if bench.seat else NO_MODEL
    progress = Progress(
        base=base,
        work=f"{base}/{digest_of(assignment.model_dump(mode='json'))[:8]}",
        root=root,
        alone=alone,
        then="compose" if alone else "investigate",
    )
    return {"progress": progress}


def _tell_findings(bench: Bench, agent: str, findings: Findings) -> None:
    """What the rules decided, and which sources failed."""
    for verdict in findings.verdicts:
        tell(
            bench,
            agent,
            "verdict",
            f"{verdict.rule}, {verdict.subject}: {verdict.value} ({verdict.because})",
            rule=verdict.rule,
            subject=verdict.subject,
            verdict=verdict.value,
            facts=list(verdict.facts),
        )
    for problem in findings.problems:
        tell(bench, agent, "degraded", problem, reason=problem)
        bench.note(problem)
