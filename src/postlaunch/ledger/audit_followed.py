"""What followed from decisions, held against them: commitments, amendments, effects, hand-offs, messages.

A decision's hash covers the id of its request and the digest of the proposal, a signature the gate too. So
what was committed and handed on is held against the proposal, and against the scope that a decision names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from postlaunch.ledger.amendments import GATE as COMMITMENT_GATE
from postlaunch.ledger.audit_handoffs import problems_with_handoffs, problems_with_messages
from postlaunch.ledger.audit_stored import Stored
from postlaunch.ledger.commitment_items import (
    IDS,
    Proposed,
    committed_ids,
    committed_items,
    proposed_in,
)
from postlaunch.ledger.gate_records import Amendment, JournalEntry
from postlaunch.ledger.keys import sprint_key
from postlaunch.ledger.records import ApprovalRequest, Commitment, Decision
from postlaunch.settings_gate import SPRINT_GATE, TRACKING_GATE


def problems_with_what_followed(stored: Stored) -> Iterator[str]:
    """What was written that no decision allows, or that differs from what was decided; and what is gone."""
    for name, request, decision in _resting(stored):
        made = stored.by_hash.get(decision)
        if made is None and not name.startswith("commitment"):  # of a commitment it is told with the chain
            yield f"{name} rests on a decision that is not there: {decision[:12]}"
        elif made is not None and (made.request != request or made.kind not in ("approve", "edit")):
            yield f"{name} rests on a decision that does not allow it: {made.kind} on {made.request}"
    for one in stored.commitments:
        yield from (f"commitment {one.key} {text}" for text in _of_commitment(one, stored))
        yield from (f"{text} of commitment {one.key}" for text in _of_changes(one, stored))
    for decision, times in Counter(one.decision for one in stored.commitments).items():
        if times > 1:
            yield f"{times} commitments rest on one decision: {decision[:12]}"
    yield from _of_effects(stored)
    known = {one.id for one in stored.commitments}
    for change in stored.amendments:
        if change.commitment not in known:
            yield f"{change.kind} {change.id} is of commitment {change.commitment}, which is not there"
    for event in stored.told:
        if event.data.get("commitment", "") not in {"", *known}:
            yield f"commitment {event.data['commitment']}, which run {event.run} wrote, is not there"
    yield from problems_with_handoffs(stored)
    yield from problems_with_messages(stored)


def _resting(stored: Stored) -> Iterator[tuple[str, str, str]]:
    """What rests on a decision: its name, and the request and hash of the decision."""
    yield from ((f"commitment {one.key}", one.request, one.decision) for one in stored.commitments)
    yield from ((f"{one.kind} of {one.commitment}", one.request, one.decision) for one in stored.amendments)
    yield from ((f"effect {one.id}", one.request, one.decision) for one in stored.effects)


def _of_commitment(one: Commitment, stored: Stored) -> Iterator[str]:
    made, request = stored.by_hash.get(one.decision), stored.requests.get(one.request)
    if made is None or request is None:
        return  # told with the chain and the decision
    proposed = proposed_in(request)
    if request.gate != SPRINT_GATE or proposed is None:
        yield "rests on a request that proposes no sprint"
        return
    if one.run != request.run or one.key != sprint_key(proposed.application, proposed.sprint):
        yield f"is not of the run and sprint that were decided on ({request.id})"
    said: dict[str, JsonValue] = {
        "application": proposed.application,
        "sprint": proposed.sprint,
        "proposal": request.digest,
        "by": made.by,
        "reason": made.reason,
        "trust": made.trust,
    }
    for name, value in said.items():
        if one.body.get(name, value) != value:
            yield f'states another "{name}" than its decision'
    yield from _of_scope(one, made, proposed)


def _of_scope(one: Commitment, made: Decision, proposed: Proposed) -> Iterator[str]:
    chosen = made.scope if made.kind == "edit" else None
    held = committed_items(one.body)
    decided = proposed.ids if chosen is None else chosen
    if set(held) != set(decided):
        yield f"holds {', '.join(held) or 'nothing'}, and decided was {', '.join(decided)}"
    elif any(item.title != proposed.items.get(id, {}).get("title") for id, item in held.items()):
        yield "gives its items other titles than the proposal"
    elif chosen is None and held != committed_items({"scope": proposed.scope}):
        yield "gives its items other days than the proposal"


def _of_changes(commitment: Commitment, stored: Stored) -> Iterator[str]:
    """What is wrong with what changed a commitment, each held against what the one before it left."""
    standing, off = set(committed_ids(commitment.body)), False
    for one in stored.changes_of(commitment.id):
        request = stored.requests.get(one.request)
        if request is not None:
            yield from (f"{one.kind} {one.id} {text}" for text in _of_change(one, request))
        base = one.body.get("base")
        if off or (base is not None and set(IDS.validate_python(base)) != standing):
            yield f"{one.kind} {one.id} was asked of what no longer stood: it is a change"
        standing, off = set(IDS.validate_python(one.body.get("items"))), off or one.kind == "revoke"


def _of_change(one: Amendment, request: ApprovalRequest) -> Iterator[str]:
    if request.gate != COMMITMENT_GATE:
        yield "rests on a request of another gate: it is no change"
    shown = request.proposal
    if one.body != shown or (one.kind, one.commitment) != (shown.get("kind"), shown.get("commitment")):
        yield "is another than the one that was decided on: it is no change"


def _of_effects(stored: Stored) -> Iterator[str]:
    """Effects of another run than their request's, or other changes of a tracking plan than were decided."""
    for one in stored.effects:
        request, made = stored.requests.get(one.request), stored.by_hash.get(one.decision)
        if request is None or made is None:
            continue  # told with what rests on no decision
        decided = made.scope if made.kind == "edit" else None
        changes = request.proposal.get("changes") if decided is None else list(decided)
        done = one.body.get("changes")
        tracked = request.gate == TRACKING_GATE and _set(done) != _set(changes)
        if one.run != request.run or tracked:
            yield f"effect {one.id} is another than the one that was decided on ({request.id})"


def _set(names: JsonValue | Sequence[str]) -> set[str]:
    return set(map(str, names)) if isinstance(names, list) else set()


# --- what holds, and is still to come --------------------------------------------------------------------


def not_carried_out(stored: Stored, journal: Sequence[JournalEntry]) -> Iterator[str]:
    """The decisions from which nothing followed yet, or for good."""
    lapsed = {entry.request: entry.text for entry in journal if entry.kind == "lapsed"}
    followed = {one.decision for one in stored.handoffs}
    followed |= {decision for _, _, decision in _resting(stored)}
    for made in stored.decisions:
        if made.hash in followed or made.kind not in FOLLOWED_BY.get(stored.gate_of(made), {}):
            continue
        what = FOLLOWED_BY[stored.gate_of(made)][made.kind]
        name = f"decision {made.seq} ({made.kind} by {made.by} on {made.request})"
        yield lapsed.get(made.request, f"{name} is not carried out yet: {what}")


FOLLOWED_BY: Mapping[str, Mapping[str, str]] = {
    SPRINT_GATE: {
        "approve": "nothing is committed on it",
        "edit": "nothing is committed on it",
        "discovery": "nothing is handed on",
    },
    COMMITMENT_GATE: {"approve": "no commitment is changed"},
}
"""By gate and kind, what it means that nothing followed from a decision."""
