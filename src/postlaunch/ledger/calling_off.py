"""Calling off what was handed on: what a receiver is told once a commitment no longer holds its item."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue, TypeAdapter

from postlaunch.facts import Frozen
from postlaunch.ledger.gate_records import Amendment
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import Decision, HandOff

ITEMS = TypeAdapter(tuple[str, ...])


class CalledOff(Frozen):
    """A hand-off whose item a later decision took out of its commitment, alone or with all the others.

    Attributes:
        decision: which did.
        reason: why, as whoever decided or asked said.
    """

    handoff: HandOff
    decision: Decision
    reason: str

    @property
    def title(self) -> str:
        """For a person."""
        return f"Called off: {self.handoff.packet.get('title', self.handoff.item)}"

    @property
    def markdown(self) -> str:
        """The whole message for a person."""
        made = self.decision
        return (
            f"# {self.title}\n\n{made.by} decided on {made.at:%Y-%m-%d}: {self.reason}\n\n"
            f"It was handed over as {self.handoff.id}. Do not begin it; stop it where it was begun.\n"
        )

    def as_handoff(self) -> HandOff:
        """What a receiver gets: a hand-off with a key of its own, whose packet names the one it calls off."""
        made, handoff = self.decision, self.handoff
        packet: dict[str, JsonValue] = {
            "called_off": handoff.id,
            "key": handoff.key,
            "item": handoff.item,
            "commitment": handoff.commitment,
            "by": made.by,
            "reason": self.reason,
            "decision": made.hash,
        }
        return handoff.model_copy(
            update={
                "id": f"{handoff.id}-called-off-{made.hash[:8]}",
                "key": f"{handoff.key}/called-off/{made.hash[:8]}",
                "packet": packet,
                "at": made.at,
            }
        )


def called_off(ledger: Ledger, *about_to_be_written: Amendment) -> Mapping[str, CalledOff]:
    """Everything that was handed on and called off, by the hand-off's id. Blocking.

    An item may have been in, out, and in again by a hand-off of its own: each decision calls off what the
    decisions before it handed on.
    """
    amendments = {one.decision: one for one in (*ledger.amendments(), *about_to_be_written)}
    if not amendments:
        return {}
    found: dict[str, CalledOff] = {}
    handoffs, before = ledger.handoffs(), {""}  # a packet may name no decision
    for made in ledger.decisions():
        amendment = amendments.get(made.hash)
        if amendment is not None:
            reason = made.reason or str(amendment.body["reason"])
            for one in _taken_out(amendment, handoffs):
                if one.decision in before and one.id not in found:
                    found[one.id] = CalledOff(handoff=one, decision=made, reason=reason)
        before.add(made.hash)
    return found


def _taken_out(amendment: Amendment, handoffs: tuple[HandOff, ...]) -> tuple[HandOff, ...]:
    """The hand-offs of a commitment whose items it no longer holds."""
    items = ITEMS.validate_python(amendment.body["items"])
    return tuple(one for one in handoffs if one.commitment == amendment.commitment and one.item not in items)
