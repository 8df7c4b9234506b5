"""Steps 3 and 4: the model's judgement, what of it stands, and the report made of both.

Every attempt of the model and what verification left of it is stored under its number. Of several attempts
the one with the most standing sentences counts, the later one where they are equal: a repair that lost more
than it mended is not taken.
"""

from __future__ import annotations

import asyncio

from postlaunch.agents.bench import Findings
from postlaunch.agents.desk import Desk, Loop
from postlaunch.agents.judgement import (
    Judgement,
    Provenance,
    Refusal,
    VerifiedJudgement,
)
from postlaunch.agents.loop_state import LoopState, LoopUpdate, Outcome
from postlaunch.agents.prompting import prompt_digests
from postlaunch.agents.slots import verify_judgement
from postlaunch.errors import ModelError
from postlaunch.facts import digest_of

MOST_REPAIRS = 2

EMPTY = "the model had nothing to add"
NOTHING_STANDS = "nothing that the model wrote stood up to verification"


def judgement_name(work: str, attempt: int) -> str:
    """The document of one attempt, as the model wrote it."""
    return f"{work}/judgement-{attempt}"


def verified_name(work: str, attempt: int) -> str:
    """The document of what verification left of it."""
    return f"{work}/verified-{attempt}"


async def judge(loop: Loop, state: LoopState) -> LoopUpdate:
    """The model's judgement: the first, or one in which it puts right what was refused."""
    desk = await asyncio.to_thread(Desk.of, loop, state)
    attempt = desk.progress.attempts + 1
    name = judgement_name(desk.progress.work, attempt)
    if await asyncio.to_thread(desk.bench.document, name) is None:
        try:
            judgement = await _judgement(desk, attempt)
        except ModelError as error:
            return desk.degraded(error, **({} if attempt > 1 else {"alone": str(error)}))
        await asyncio.to_thread(desk.bench.put_document, name, judgement.model_dump(mode="json"))
    return desk.onward(attempts=attempt, then="verify")


async def _judgement(desk: Desk, attempt: int) -> Judgement:
    seat = desk.seat
    said = "judges" if attempt == 1 else f"puts right what was refused, attempt {attempt}"
    desk.tell("step", said, step="judge", attempt=attempt)
    earlier = await asyncio.to_thread(
        lambda: [(_written(desk, number), _verified(desk, number).refusals) for number in range(1, attempt)]
    )
    messages = desk.briefing.judgement(desk.progress.ended or "you ended it", earlier)
    return await seat.structured(
        messages, desk.loop.specialist.judgement, agent=desk.name, parent=desk.progress.root
    )


def _written(desk: Desk, attempt: int) -> Judgement:
    document = desk.bench.document(judgement_name(desk.progress.work, attempt))
    return desk.loop.specialist.judgement.model_validate(document)


def _verified(desk: Desk, attempt: int) -> VerifiedJudgement:
    document = desk.bench.document(verified_name(desk.progress.work, attempt))
    return VerifiedJudgement.model_validate(document)


async def verify(loop: Loop, state: LoopState) -> LoopUpdate:
    """What of the last attempt stands; back to the model with what does not, at most twice."""
    return await asyncio.to_thread(_verify, loop, state)


def _verify(loop: Loop, state: LoopState) -> LoopUpdate:
    desk = Desk.of(loop, state)
    attempt = desk.progress.attempts
    verified = _what_stands(desk, _written(desk, attempt))
    count = f"{standing(verified)} stand, {len(verified.refusals)} refused"
    step = desk.tell("step", f"verifies: {count}", step="verify", attempt=attempt)
    for refusal in verified.refusals:
        _tell_refusal(desk, refusal, attempt, step)
    desk.bench.put_document(verified_name(desk.progress.work, attempt), verified.model_dump(mode="json"))
    again = bool(verified.refusals) and attempt <= MOST_REPAIRS
    return desk.onward(then="judge" if again else "compose")


def _what_stands(desk: Desk, judgement: Judgement) -> VerifiedJudgement:
    specialist, findings = desk.loop.specialist, desk.findings
    verified = verify_judgement(
        judgement,
        desk.book,
        sections=specialist.sections,
        verdict_subjects=tuple(verdict.subject for verdict in findings.verdicts),
        targets=findings.names,
        entities=desk.names,
        objectives=desk.bench.settings.objectives,
    )
    if specialist.verify_extra is None:
        return verified
    extra, refusals = specialist.verify_extra(desk.bench, desk.assignment, _every_fact(desk), judgement)
    return verified.model_copy(update={"extra": extra, "refusals": (*verified.refusals, *refusals)})


def _every_fact(desk: Desk) -> Findings:
    """The findings of step 1 with the facts that the investigation brought: what may be cited."""
    return desk.findings.model_copy(update={"facts": desk.book.facts})


def _tell_refusal(desk: Desk, refusal: Refusal, attempt: int, step: int) -> None:
    """A refused sentence is shown as its reasons; the sentence itself, with its typed figures, is data."""
    desk.tell(
        "refused",
        f"a sentence: {'; '.join(refusal.reasons)}",
        parent=step,
        reasons=list(refusal.reasons),
        template=refusal.template,
        attempt=attempt,
    )


def standing(verified: VerifiedJudgement) -> int:
    """How many statements stand."""
    parts = (verified.findings, verified.hypotheses, verified.recommendations, verified.disputes)
    extra = sum(len(value) for value in verified.extra.values() if isinstance(value, (list, dict)))
    return sum(map(len, parts)) + extra


async def compose(loop: Loop, state: LoopState) -> LoopUpdate:
    """The report, from the rules' draft and what stands of the judgement."""
    return await asyncio.to_thread(_compose, loop, state)


def _compose(loop: Loop, state: LoopState) -> LoopUpdate:
    desk = Desk.of(loop, state)
    progress, specialist = desk.progress, loop.specialist
    desk.tell("step", "composes the report", step="compose")
    verified = _best(desk)
    verified = verified.model_copy(update={"provenance": _provenance(desk, verified)})
    problems = _problems(desk, verified)
    _tell_judgement(desk, verified)
    findings = _every_fact(desk)
    report = specialist.compose(desk.bench, desk.assignment, findings, verified)
    names = {part: f"{progress.base}/{part}" for part in ("findings", "judgement", "report")}
    desk.bench.put_document(names["findings"], findings.model_dump(mode="json"))
    desk.bench.put_document(names["judgement"], verified.model_dump(mode="json"))
    desk.bench.put_document(names["report"], report)
    outcome = Outcome(
        agent=desk.name,
        **names,
        digest=digest_of(report),
        provenance=verified.provenance,
        problems=problems,
    )
    return {"report": outcome.report, "outcomes": {desk.name: outcome}}


def _best(desk: Desk) -> VerifiedJudgement:
    """The attempt of which most stands; an empty judgement where the rules stand alone."""
    if desk.progress.alone or not desk.progress.attempts:
        return VerifiedJudgement()
    numbers = range(1, desk.progress.attempts + 1)
    return max((_verified(desk, number) for number in reversed(numbers)), key=standing)


def _provenance(desk: Desk, verified: VerifiedJudgement) -> Provenance:
    if desk.bench.seat is None and not desk.progress.turns:
        return Provenance(analysis="rules", reason=desk.progress.alone)
    stands = standing(verified) > 0
    failed = NOTHING_STANDS if verified.refusals else EMPTY
    reason = desk.progress.alone or ("" if stands else failed)
    used = desk.bench.used(desk.name)
    return Provenance(
        analysis="model" if stands else "rules",
        reason=reason or "; ".join(desk.progress.problems) or desk.progress.ended,
        model=desk.bench.seat.name if desk.bench.seat else "",
        prompts=prompt_digests(desk.loop.specialist, asked=bool(desk.state.get("chain"))),
        tool_calls=desk.transcript.ran,
        tokens_in=used.tokens_in,
        tokens_out=used.tokens_out,
        money=used.money,
    )


def _problems(desk: Desk, verified: VerifiedJudgement) -> tuple[str, ...]:
    """What the specialist had to do without; a judgement of which nothing stands is a failed model too."""
    problems = (*desk.findings.problems, *desk.progress.problems)
    if verified.provenance.reason != NOTHING_STANDS:
        return problems
    problem = f"{desk.name}: {NOTHING_STANDS}"
    desk.tell("degraded", problem, reason=NOTHING_STANDS)
    desk.bench.note(problem)
    return (*problems, problem)


def _tell_judgement(desk: Desk, verified: VerifiedJudgement) -> None:
    """Every sentence that stands, as printed, and what became of each hypothesis."""
    for hypothesis in verified.hypotheses:
        desk.tell(
            "hypothesis",
            f"{hypothesis.statement.text} ({hypothesis.because.text})",
            state=hypothesis.state,
            evidence=list(hypothesis.evidence),
            verified=True,
        )
    said = [(claim.section, claim.sentence) for claim in verified.findings]
    said += [(f"recommendation for {item.target}", item.action) for item in verified.recommendations]
    said += [(f"dispute of {item.verdict}", item.because) for item in verified.disputes]
    for place, sentence in said:
        desk.tell("judgement", f"{place}: {sentence.text}", place=place, facts=list(sentence.facts))
