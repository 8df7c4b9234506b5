"""Step 2: the model chooses tools, states hypotheses and drops them on evidence, and asks colleagues.

Three nodes take turns: `investigate` is one turn of the model, `act` runs the tools it called, `consult` puts
one question to one colleague. Each stores what it did before it returns, and finds it when it runs again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from postlaunch.agents.consult import (
    CONSULT,
    Answer,
    ConsultQuestion,
    answer_reply,
    answer_text,
    consult_schema,
    passed_on,
    worded,
)
from postlaunch.agents.desk import Desk, Loop
from postlaunch.agents.fact_book import FactBook
from postlaunch.agents.hypotheses import HYPOTHESIS, hypothesis_schema, note_hypothesis
from postlaunch.agents.loop_state import LoopInput, LoopState, LoopUpdate, Outcome
from postlaunch.agents.toolbox import Toolbox, ToolSchema, no_such_tool
from postlaunch.agents.transcript import (
    Call,
    Exchange,
    Replies,
    Reply,
    Transcript,
    Turn,
    answer_name,
    replies_name,
    turn_name,
)
from postlaunch.errors import BudgetExceeded, ModelError, UsageError

MOST_TURNS = 12
"""Turns after which an investigation ends, whatever it brought."""

IDLE_TURNS = 2
"""Turns in a row without anything new after which it ends."""

NO_TOOLS = "the budget holds no tool call"

Ask = Callable[[ConsultQuestion, LoopInput], Awaitable[Outcome]]
"""Has a colleague answer: whom, and what its own loop is given."""


async def investigate(loop: Loop, state: LoopState) -> LoopUpdate:
    """One turn of the model; none where no tool may be called, and the model judges what was measured."""
    desk = await asyncio.to_thread(Desk.of, loop, state)
    if desk.bench.settings.budget.tool_calls == 0:
        desk.tell("step", f"does not investigate: {NO_TOOLS}", step="investigate", ended=NO_TOOLS)
        return desk.onward(ended=NO_TOOLS, then="judge")
    number = desk.progress.turns + 1
    name = turn_name(desk.progress.work, number)
    stored = await asyncio.to_thread(desk.bench.document, name)
    if stored is None:
        try:
            turn = await _turn(desk, number)
        except ModelError as error:
            return desk.degraded(error, alone=str(error))
        await asyncio.to_thread(desk.bench.put_document, name, turn.model_dump(mode="json"))
    else:
        turn = Turn.model_validate(stored)
    return desk.onward(turns=number, then="act" if turn.calls else "judge")


async def _turn(desk: Desk, number: int) -> Turn:
    seat = desk.seat
    desk.tell("step", f"investigates, turn {number}", step="investigate", turn=number)
    messages = desk.briefing.investigation()
    said = await seat.turn(messages, _tools(desk), agent=desk.name, parent=desk.progress.root)
    return Turn.of(said, number)


def _toolbox(desk: Desk) -> Toolbox:
    specialist = desk.loop.specialist
    usual = specialist.usual(desk.bench.settings)
    return Toolbox(desk.bench, desk.name, specialist.tools, desk.assignment, usual)


def _tools(desk: Desk) -> list[ToolSchema]:
    """What the model is offered: measurements, hypotheses, and colleagues where any may be asked."""
    colleagues = desk.bounds.open_to
    return [
        *_toolbox(desk).schemas(),
        hypothesis_schema(),
        *([consult_schema(colleagues)] if colleagues else []),
    ]


async def act(loop: Loop, state: LoopState) -> LoopUpdate:
    """Run the tools of the last turn, one after the other, so that facts keep their numbers."""
    desk = await asyncio.to_thread(Desk.of, loop, state)
    name = replies_name(desk.progress.work, desk.progress.turns)
    ended = desk.progress.ended
    if await asyncio.to_thread(desk.bench.document, name) is None:
        replies, ended = await asyncio.to_thread(_replies, desk)
        body = Replies(replies=replies, ended=ended).model_dump(mode="json")
        await asyncio.to_thread(desk.bench.put_document, name, body)
    else:
        ended = Replies.model_validate(desk.bench.document(name)).ended
    return await asyncio.to_thread(_after, loop, state, ended)


def _replies(desk: Desk) -> tuple[tuple[Reply, ...], str]:
    """The replies to the last turn's calls, consults left out; and why no more may be made, if so."""
    before, last = desk.transcript.exchanges[:-1], desk.transcript.exchanges[-1].turn
    replies: list[Reply] = []
    ended = ""
    for call in last.calls:
        if call.name == CONSULT:
            continue
        seen = Transcript((*before, Exchange(last, tuple(replies))))
        try:
            replies.append(_reply(desk, call, seen))
        except BudgetExceeded as error:
            ended = str(error)
            replies.append(_refused(desk, call, f"Not run: {error}."))
    return tuple(replies), ended


def _reply(desk: Desk, call: Call, seen: Transcript) -> Reply:
    """What one call gives.

    Raises:
        BudgetExceeded: the run's tool calls, or its time, are used up.
    """
    toolbox = _toolbox(desk)
    if call.problem:
        return _refused(desk, call, f"Not run: {call.problem}.")
    if call.name != HYPOTHESIS and (known := seen.answered(call)) is not None:
        return Reply(call=call.id, key=call.key, text=f"You asked this before. {known.text}")
    book = FactBook((*desk.findings.facts, *seen.facts), currency=desk.book.currency)
    try:
        if call.name == HYPOTHESIS:
            return note_hypothesis(desk.bench, desk.name, call, book, seen.hypotheses(), desk.supposition)
        if call.name not in toolbox.entries:
            offered = [*toolbox.entries, HYPOTHESIS, *([CONSULT] if desk.bounds.open_to else [])]
            return _refused(desk, call, no_such_tool(call.name, offered))
        toolbox.parameters(call)
        if desk.bench.budget is not None:
            desk.bench.budget.tool_call()
        return toolbox.run(call, book)
    except UsageError as error:
        return _refused(desk, call, f"Not run: {error}; {error.remedy}.")


def _refused(desk: Desk, call: Call, text: str) -> Reply:
    desk.tell("refused", f"{call.name}: {text}", tool=call.name, arguments=call.arguments, reasons=[text])
    return Reply(call=call.id, key=call.key, text=text)


def _after(loop: Loop, state: LoopState, ended: str) -> LoopUpdate:
    """Where the investigation goes when replies were stored: a colleague, another turn, or the judgement."""
    desk = Desk.of(loop, state)
    turns, transcript = desk.progress.turns, desk.transcript
    if not ended and _unanswered(desk) is not None:
        return desk.onward(then="consult")
    if not ended and transcript.idle_turns >= IDLE_TURNS:
        ended = "the last turns brought nothing new"
    if not ended and turns >= MOST_TURNS:
        ended = "it had the turns it may have"
    if ended:
        desk.tell("step", f"ends the investigation: {ended}", step="investigate", ended=ended)
    return desk.onward(ended=ended, then="judge" if ended else "investigate")


def _unanswered(desk: Desk) -> Call | None:
    """The first consult of the last turn that has no answer yet."""
    last = desk.transcript.exchanges[-1]
    answered = {reply.call for reply in last.replies}
    return next((call for call in last.turn.calls if call.name == CONSULT and call.id not in answered), None)


async def consult(loop: Loop, state: LoopState, ask: Ask) -> LoopUpdate:
    """Put the next question of the last turn to a colleague."""
    desk = await asyncio.to_thread(Desk.of, loop, state)
    call = _unanswered(desk)
    ended = ""
    if call is not None:
        try:
            reply = await _consulted(desk, call, ask)
        except BudgetExceeded as error:
            ended, reply = str(error), _refused(desk, call, f"Not asked: {error}.")
        name = answer_name(desk.progress.work, call)
        await asyncio.to_thread(desk.bench.put_document, name, reply.model_dump(mode="json"))
    return await asyncio.to_thread(_after, loop, state, ended)


async def _consulted(desk: Desk, call: Call, ask: Ask) -> Reply:
    """The colleague's answer as the asker is told it.

    Raises:
        BudgetExceeded: the run's consults, or its time, are used up.
    """
    if call.problem:
        return _refused(desk, call, f"Not asked: {call.problem}.")
    if (known := desk.transcript.answered(call)) is not None:
        return Reply(call=call.id, key=call.key, text=f"You asked this before. {known.text}")
    try:
        asked = desk.bounds.question(call)
        question = worded(desk.question(asked.question))
    except UsageError as error:
        return _refused(desk, call, f"Not asked: {error}; {error.remedy}.")
    under = await asyncio.to_thread(_asked, desk, call, asked, question)
    outcome = await ask(
        asked,
        {
            "run": desk.state["run"],
            "assignment": passed_on(desk.assignment, question),
            "base": f"{desk.progress.work}/{call.id}/{asked.to}",
            "under": under,
            "chain": (*desk.state.get("chain", ()), desk.name),
        },
    )
    answer = Answer.model_validate(await asyncio.to_thread(desk.bench.document, outcome.report))
    desk.bench.recorder.emit(
        "answer",
        answer_text(asked, answer),
        agent=asked.to,
        parent=under,
        data={"to": desk.name, "facts": [fact.id for fact in answer.facts], "reason": answer.reason},
    )
    return answer_reply(desk.bench, call, asked, answer, desk.book)


def _asked(desk: Desk, call: Call, asked: ConsultQuestion, question: str) -> int:
    """Record the question once, however often the node runs; gives the event's `seq`.

    Raises:
        BudgetExceeded: the run's consults, or its time, are used up.
    """
    name = f"{desk.progress.work}/{call.id}/asked"
    known = desk.bench.document(name)
    if known is not None:
        return int(str(known["event"]))
    if desk.bench.budget is not None:
        desk.bench.budget.consult()
    event = desk.tell("consult", question, to=asked.to, question=question)
    desk.bench.put_document(name, {"event": event})
    return event
