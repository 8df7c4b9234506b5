"""The gate: a stored request, an interrupt, and a decision that only the ledger can give.

What the node returns comes from the ledger, never from the value a graph was resumed with. A host that
resumes the graph itself may hand a decision in the resume value; it passes the ledger's checks like any, and
proves who decides by a signature. (A token has no place in it: a resume value is stored with the checkpoint.)
One node, one `interrupt()`: code before it runs again on every resume, so all of it is idempotent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

from langgraph.types import interrupt
from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from postlaunch.errors import DecisionRefused, RequestExpired
from postlaunch.facts import Frozen
from postlaunch.ledger.records import ApprovalRequest, Decision, DecisionDraft, GateOption, ScopeEdits
from postlaunch.ledger.trust import Given, SshSignature

JSON_OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


class GateAnswer(Frozen):
    """What a host may resume the gate with. Empty: "look in the ledger, somebody decided there".

    Attributes:
        signature: an armoured SSH signature of whoever decides over the text of the decision.
    """

    kind: GateOption | None = None
    by: str = ""
    reason: str = ""
    digest: str = ""
    scope: tuple[str, ...] | None = None
    edits: ScopeEdits | None = None
    text: str = ""
    signature: str = ""


class GateOutcome(Frozen):
    """How the gate was left.

    Attributes:
        outcome: "decided", "expired", or "refused" when what was handed in may not stand: ask again.
    """

    outcome: Literal["decided", "expired", "refused"]
    decision: str = ""
    kind: GateOption | None = None
    problem: str = Field(default="")


Scrutiny = Callable[[ApprovalRequest, DecisionDraft], None]
"""Raises `DecisionRefused` for a decision that does not fit the proposal (an edited scope, say)."""

DecisionOf = Callable[[str], Decision | None]
Decide = Callable[[DecisionDraft, Given | None], Decision]


async def wait_for_decision(
    request: ApprovalRequest,
    *,
    decision_of: DecisionOf,
    decide: Decide,
    expired: Callable[[ApprovalRequest], bool],
    scrutiny: Scrutiny,
    problem: str = "",
) -> GateOutcome:
    """Stop here until a person decided. To be the last call of its node.

    Args:
        problem: why the last answer was refused, shown with the request.
    """
    stored = await asyncio.to_thread(decision_of, request.id)
    if stored is not None:
        return GateOutcome(outcome="decided", decision=stored.hash, kind=stored.kind)
    value = interrupt(payload(request, problem), response_schema=GateAnswer.model_json_schema())
    stored = await asyncio.to_thread(decision_of, request.id)
    if stored is not None:
        return GateOutcome(outcome="decided", decision=stored.hash, kind=stored.kind)
    if expired(request):
        return GateOutcome(outcome="expired")
    return await _handed_in(request, value, decide, scrutiny)


def payload(request: ApprovalRequest, problem: str = "") -> dict[str, JsonValue]:
    """What whoever is asked sees: the whole request, and the problem with the last answer."""
    shown = JSON_OBJECT.validate_python(request.model_dump(mode="json"))
    return {**shown, "problem": problem} if problem else shown


async def _handed_in(
    request: ApprovalRequest, value: object, decide: Decide, scrutiny: Scrutiny
) -> GateOutcome:
    try:
        answer = GateAnswer.model_validate(value)
    except ValidationError as error:
        return GateOutcome(
            outcome="refused", problem=f"the answer cannot be read: {error.errors()[0]['msg']}"
        )
    if answer.kind is None or not answer.by:
        return GateOutcome(outcome="refused", problem="nobody has decided yet: an answer needs kind and by")
    draft = DecisionDraft(
        request=request.id,
        kind=answer.kind,
        by=answer.by,
        reason=answer.reason,
        digest=answer.digest,
        scope=answer.scope,
        edits=answer.edits,
        text=answer.text,
    )
    try:
        scrutiny(request, draft)
        given = SshSignature(answer.signature) if answer.signature else None
        decision = await asyncio.to_thread(decide, draft, given)
    except RequestExpired:
        return GateOutcome(outcome="expired")
    except DecisionRefused as error:
        return GateOutcome(outcome="refused", problem=f"{error}. {error.remedy}".strip())
    return GateOutcome(outcome="decided", decision=decision.hash, kind=decision.kind)
