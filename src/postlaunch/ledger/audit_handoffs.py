"""What was handed on, held against what was decided: every hand-off, and the messages that carry them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from postlaunch.ledger.audit_stored import Stored
from postlaunch.ledger.commitment_items import IDS, committed_ids, proposed_in
from postlaunch.ledger.records import Commitment, Decision, HandOff, OutboxRow

COPIED: Mapping[str, str] = {
    "title": "title",
    "description": "description",
    "tier": "tier",
    "requests": "requests",
    "requests_note": "requests_note",
    "tickets": "tickets",
    "usage": "usage",
    "business_impact": "business_impact",
    "effort": "effort",
    "owners": "effort_by_owner",
    "required_by": "required_by",
    "success_measure": "success_measure",
    "success_target": "success_target",
    "acceptance_criteria": "acceptance_criteria",
    "dependencies": "depends_on",
    "risks": "risks",
    "touches": "touches",
    "components": "components",
}
"""What a packet takes over from its item of the proposal as it stands, where the item states it."""


def problems_with_handoffs(stored: Stored) -> Iterator[str]:
    """Hand-offs that no decision allows, that say something else than the proposal, or that are gone."""
    by_id = {one.id: one for one in stored.commitments}
    for one in stored.handoffs:
        name = f"hand-off {one.id} ({one.key})"
        made = stored.by_hash.get(one.decision)
        commitment = by_id.get(one.commitment or "")
        if one.decision and made is None:
            yield f"{name} rests on a decision that is not there: {one.decision[:12]}"
        elif one.commitment is None:
            yield from (f"{name} {text}" for text in _of_brief(one, made, stored))
        elif commitment is None:
            yield f"{name} is of commitment {one.commitment}, which is not there"
        else:
            yield from (f"{name} {text}" for text in _of_item(one, made, commitment, stored))
    keys = {one.key for one in stored.handoffs}
    for commitment in stored.commitments:
        for decision, items in _handed_on(commitment, stored).items():
            for item in sorted(items):
                if _key(commitment, item, decision) not in keys:
                    yield f"the hand-off of {item} of commitment {commitment.key} is not there"


def _handed_on(commitment: Commitment, stored: Stored) -> dict[str, frozenset[str]]:
    """By the hash of each decision about a commitment, the items that it brought into it."""
    standing = frozenset(committed_ids(commitment.body))
    found = {commitment.decision: standing}
    for one in stored.changes_of(commitment.id):
        then = frozenset(IDS.validate_python(one.body.get("items")))
        found[one.decision] = then - standing
        standing = then
    return found


def _key(commitment: Commitment, item: str, decision: str) -> str:
    first = decision == commitment.decision
    return f"{commitment.key}/{item}" if first else f"{commitment.key}/{item}/{decision[:8]}"


def _of_item(one: HandOff, made: Decision | None, commitment: Commitment, stored: Stored) -> Iterator[str]:
    decision = one.decision or commitment.decision  # a packet may name no decision
    if one.item not in _handed_on(commitment, stored).get(decision, ()):
        yield f"hands on {one.item}, which its decision did not bring into commitment {commitment.key}"
        return
    if one.run != commitment.run or one.key != _key(commitment, one.item, decision):
        yield "is not of the run and key that its commitment gives it"
    yield from _of_approval(one, made)
    request = stored.requests.get(commitment.request)
    proposed = None if request is None else proposed_in(request)
    if proposed is None:
        return  # told with the commitment
    item = proposed.items.get(one.item, {})
    expected = {name: item[of] for name, of in COPIED.items() if item.get(of)}
    expected |= {"item": one.item, "phase": one.phase, "sprint": proposed.sprint}
    route = item.get("route")
    other = [name for name, value in expected.items() if one.packet.get(name, value) != value]
    if isinstance(route, dict) and route.get("phase") != one.phase:
        other.append("phase")
    if other:
        yield f"says something else than what was approved: {', '.join(other)}"


def _of_approval(one: HandOff, made: Decision | None) -> Iterator[str]:
    approved = one.packet.get("approved")
    if made is None or not isinstance(approved, dict):
        return
    said: dict[str, JsonValue] = {"by": made.by, "reason": made.reason, "trust": made.trust}
    if any(approved.get(name, value) != value for name, value in said.items()):
        yield "names another approval than its decision"


def _of_brief(one: HandOff, made: Decision | None, stored: Stored) -> Iterator[str]:
    """A hand-off without a commitment: the one brief that a call for new discovery leaves."""
    calls = [other for other in stored.decisions if other.kind == "discovery" and made in (None, other)]
    call = next((other for other in calls if _calls_for(other, one, stored)), None)
    if call is None:
        yield "has no commitment, and nobody called for discovery"
        return
    yield from _of_approval(one, made)
    words = call.text.strip()
    if one.packet.get("problem", words) != words or not call.text.startswith(one.title):
        yield "says something else than who called for discovery"


def _calls_for(made: Decision, one: HandOff, stored: Stored) -> bool:
    request = stored.requests.get(made.request)
    proposed = None if request is None else proposed_in(request)
    if request is None or proposed is None:
        return False
    return (one.run, one.key) == (request.run, f"discovery/{proposed.application}/{request.id}")


# --- messages -----------------------------------------------------------------------------------------------


def problems_with_messages(stored: Stored) -> Iterator[str]:
    """Messages that carry another packet than their hand-off's, or that of no hand-off."""
    by_id = {one.id: one for one in stored.handoffs}
    for row in stored.messages:
        packet = _packet(row)
        handoff = by_id.get(str(row.payload.get("handoff")))
        if handoff is not None and packet not in (None, handoff.packet):
            yield f"message {row.key} carries another packet than hand-off {handoff.id}"
        elif handoff is None and not _calls_off(row, packet, by_id, stored):
            yield f"message {row.key} is of no hand-off that there is"


def _packet(row: OutboxRow) -> dict[str, JsonValue] | None:
    """What a message carries itself; None where it names its hand-off alone."""
    record = row.payload.get("record")
    packet = record.get("packet") if isinstance(record, dict) else row.payload.get("packet")
    return packet if isinstance(packet, dict) else None


def _calls_off(
    row: OutboxRow, packet: dict[str, JsonValue] | None, by_id: Mapping[str, HandOff], stored: Stored
) -> bool:
    """Whether a message calls off what was handed on, as a decision says."""
    if packet is None or str(packet.get("called_off")) not in by_id:
        return False
    first, decision = by_id[str(packet["called_off"])], str(packet.get("decision"))
    changed = {one.decision for one in stored.amendments if one.commitment == first.commitment}
    named = row.payload.get("handoff") == f"{first.id}-called-off-{decision[:8]}"
    return named and decision in changed and packet.get("item") == first.item
