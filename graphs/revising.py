"""A person asks for changes: typed edits are applied by rule; words are turned into edits by a model.

What a model makes of the words is only a suggestion: the edits are checked against the proposal, every number
in them must stand in the person's own words, and the person sees them in the next round before anything is
decided. Without a model the words are kept, and the next proposal says that they were not acted on.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable

from langchain_core.messages import HumanMessage, SystemMessage
from pydantic import Field

from postlaunch.agents.product_analyst import INPUTS, PRODUCT_ANALYST, PlanInputs
from postlaunch.agents.prompting import prompt
from postlaunch.errors import ModelError, UsageError
from postlaunch.facts import Frozen
from postlaunch.graphs.proposing import Proposal, proposal_of
from postlaunch.graphs.session import Session
from postlaunch.ledger.records import ScopeEdits
from postlaunch.llm.fence import fenced
from postlaunch.printing import value_text
from postlaunch.roster import Roster
from postlaunch.tools.edits import checked_edits

NUMBER = re.compile(r"\d+(?:\.\d+)?")
NUMBER_WORDS = {
    "no": 0, "zero": 0, "half": 0.5, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20,
}  # fmt: skip
KEPT = "Kept, not acted on"


class EffortEdit(Frozen):
    """Another effort of one owner for one item."""

    item: str = Field(max_length=80)
    owner: str = Field(max_length=80)
    days: float = Field(ge=0, le=200)


class CapacityEdit(Frozen):
    """Other working days of one party in this sprint."""

    party: str = Field(max_length=80)
    days: float = Field(ge=0, le=200)


class SuggestedEdits(Frozen):
    """What a person's words ask for, as a model understands them.

    Attributes:
        unclear: what of the words could not be turned into edits.
    """

    include: tuple[str, ...] = Field(default=(), max_length=20)
    exclude: tuple[str, ...] = Field(default=(), max_length=20)
    pin: tuple[str, ...] = Field(default=(), max_length=20)
    effort: tuple[EffortEdit, ...] = Field(default=(), max_length=20)
    capacity: tuple[CapacityEdit, ...] = Field(default=(), max_length=20)
    unclear: str = Field(default="", max_length=300)

    def as_edits(self) -> ScopeEdits:
        """The same as typed edits."""
        effort: dict[str, dict[str, float]] = {}
        for edit in self.effort:
            effort.setdefault(edit.item, {})[edit.owner] = edit.days
        return ScopeEdits(
            include=self.include,
            exclude=self.exclude,
            pin=self.pin,
            effort=effort,
            capacity={edit.party: edit.days for edit in self.capacity},
        )


class Revision(Frozen):
    """What became of a request for changes.

    Attributes:
        edits: those of all rounds, with those just asked for.
        remarks: what to tell the person about them.
    """

    edits: ScopeEdits
    remarks: tuple[str, ...] = ()

    def saying(self, remark: str) -> Revision:
        """The same with one remark more."""
        return self.model_copy(update={"remarks": (*self.remarks, remark)})


async def revised(session: Session, request_id: str, so_far: ScopeEdits) -> Revision:
    """The next round's edits: those of the rounds before with what the decision asks for."""
    ledger = session.services.ledger
    request = await asyncio.to_thread(ledger.request, request_id)
    decision = await asyncio.to_thread(ledger.decision, request_id)
    assert decision is not None, "a revision follows a decision"
    proposal = proposal_of(request)
    asked = decision.edits or ScopeEdits()
    revision = Revision(edits=merged(so_far, asked))
    if not asked.empty:
        revision = revision.saying(f"As {decision.by} asked: {in_words(asked, proposal)}")
    if decision.text.strip():
        revision = await _words_acted_on(session, decision.text.strip(), revision, proposal)
    for remark in revision.remarks:
        session.recorder.emit("decision", remark, data={"request": request_id})
    return revision


async def _words_acted_on(session: Session, text: str, so_far: Revision, proposal: Proposal) -> Revision:
    def kept(why: str) -> Revision:
        return so_far.saying(f'{KEPT}: "{text}" ({why})')

    seat = session.bench.seat
    if seat is None:
        return kept("no model is configured; typed edits need none")
    try:
        suggested = await seat.structured(
            [SystemMessage(prompt("edits.md")), HumanMessage(_material(session, text, proposal))],
            SuggestedEdits,
            agent=PRODUCT_ANALYST.name,
        )
    except ModelError as error:
        problem = f"the words of a change request were not read: {error}"
        session.recorder.emit("degraded", problem, data={"reason": str(error), "remedy": error.remedy})
        session.problems.append(problem)
        return kept(str(error))
    wanted = suggested.as_edits()
    invented = invented_numbers(wanted, text)
    if invented:
        return kept(f"the model put in {', '.join(invented)}, which you did not say")
    if wanted.empty:
        return kept("the model found no edit in it")
    try:
        together = merged(so_far.edits, wanted)
        await asyncio.to_thread(_refuse_unfit, session, together)
    except UsageError as error:
        return kept(str(error))
    read = so_far.saying(f'Your words "{text}" are read as: {in_words(wanted, proposal)}')
    return read.model_copy(update={"edits": together})


def _refuse_unfit(session: Session, edits: ScopeEdits) -> None:
    inputs = PlanInputs.model_validate(session.bench.document(INPUTS) or {})
    checked_edits(edits, inputs.items, Roster.from_settings(session.bench.settings))


def _material(session: Session, text: str, proposal: Proposal) -> str:
    items = "\n".join(
        f"{item.id}: {item.title} ({item.decision}; {', '.join(item.effort_by_owner)})"
        for item in proposal.backlog.items
    )
    return f"{fenced('items', session.bench.hide(items))}\n{fenced('words', session.bench.hide(text))}"


def invented_numbers(edits: ScopeEdits, text: str) -> list[str]:
    """Numbers of the edits that the person's words do not hold, as digits or as a word."""
    said = {float(number) for number in NUMBER.findall(text)}
    said |= {value for word, value in NUMBER_WORDS.items() if re.search(rf"\b{word}\b", text, re.IGNORECASE)}
    used = [days for owners in edits.effort.values() for days in owners.values()]
    used += edits.capacity.values()
    return [value_text(days, "days") for days in used if days not in said]


def merged(before: ScopeEdits, after: ScopeEdits) -> ScopeEdits:
    """Both, where the later word wins: what is now put in is no longer left out, and the other way round."""
    taken_in = {*after.include, *after.pin}
    effort = {item: dict(days) for item, days in before.effort.items()}
    for item, days in after.effort.items():
        effort.setdefault(item, {}).update(days)
    return ScopeEdits(
        include=_joined((i for i in before.include if i not in after.exclude), after.include),
        exclude=_joined((i for i in before.exclude if i not in taken_in), after.exclude),
        pin=_joined((i for i in before.pin if i not in after.exclude), after.pin),
        effort=effort,
        capacity={**before.capacity, **after.capacity},
    )


def _joined(before: Iterable[str], after: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*before, *after]))


def in_words(edits: ScopeEdits, proposal: Proposal) -> str:
    """Edits for a person: "leave out Dark Mode; 2FA takes security-expert 3 days"."""
    titles = {item.id: item.title for item in proposal.backlog.items}
    parts = [f"put in {titles.get(item, item)}" for item in edits.include]
    parts += [f"leave out {titles.get(item, item)}" for item in edits.exclude]
    parts += [f"make {titles.get(item, item)} a Must" for item in edits.pin]
    parts += [
        f"{titles.get(item, item)} takes {owner} {value_text(days, 'days')}"
        for item, owners in edits.effort.items()
        for owner, days in owners.items()
    ]
    parts += [f"{party} has {value_text(days, 'days')}" for party, days in edits.capacity.items()]
    return "; ".join(parts)
