"""The gate in the shape that LangChain's Agent Inbox shows and answers, and back.

A host that keeps an inbox of its graphs' interrupts shows `as_human_interrupt(payload)`, and resumes the
graph with `as_gate_answer(payload, response, by=...)`. An inbox's answer says what, never who: `by` is who is
signed in at the host. The ledger checks the decision like any other.

accept ─► approve    edit ─► what the edited arguments say    response ─► changes, in words   ignore ─► reject
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypedDict

from pydantic import JsonValue, TypeAdapter, ValidationError

from postlaunch.errors import UsageError
from postlaunch.facts import Frozen
from postlaunch.graphs.gate import GateAnswer
from postlaunch.graphs.proposals import proposed_ids, remarks_of, whole_lines
from postlaunch.ledger.records import ApprovalRequest, GateOption

OPTION: TypeAdapter[GateOption] = TypeAdapter(GateOption)


class ActionRequest(TypedDict):
    """What is asked for, with arguments that a person may edit."""

    action: str
    args: dict[str, JsonValue]


class HumanInterruptConfig(TypedDict):
    """Which answers the inbox offers."""

    allow_ignore: bool
    allow_respond: bool
    allow_edit: bool
    allow_accept: bool


class HumanInterrupt(TypedDict):
    """One entry of the inbox; `description` is Markdown."""

    action_request: ActionRequest
    config: HumanInterruptConfig
    description: str | None


class HumanResponse(TypedDict):
    """What the inbox resumes with."""

    type: Literal["accept", "ignore", "response", "edit"]
    args: str | ActionRequest | None


class _ReadAction(Frozen):
    """An `ActionRequest` as it is read."""

    action: str = ""
    args: dict[str, JsonValue]


class _ReadResponse(Frozen):
    """A `HumanResponse` as it is read."""

    type: Literal["accept", "ignore", "response", "edit"]
    args: _ReadAction | str | None = None


def as_human_interrupt(payload: Mapping[str, JsonValue]) -> HumanInterrupt:
    """The gate's interrupt value for an inbox.

    The arguments hold the decision as it would be accepted: `decision`, `items`, `text` and `reason`. Other
    items, "changes", "discovery" or "reject" are decided by editing them.

    Raises:
        UsageError: it is no interrupt of a gate.
    """
    request = _request(payload)
    options = request.options
    items: list[JsonValue] = list(proposed_ids(request))
    decision = "approve" if "approve" in options else options[-1]
    return {
        "action_request": {
            "action": request.gate,
            "args": {"decision": decision, "items": items, "text": "", "reason": ""},
        },
        "config": {
            "allow_accept": "approve" in options,
            "allow_edit": True,
            "allow_respond": "changes" in options,
            "allow_ignore": "reject" in options,
        },
        "description": _description(request, str(payload.get("problem", ""))),
    }


def as_gate_answer(payload: Mapping[str, JsonValue], response: object, *, by: str) -> dict[str, JsonValue]:
    """What to resume the gate with, from an inbox's answer.

    Args:
        payload: the gate's interrupt value that the answer is to; it binds the answer to that proposal.
        response: one `HumanResponse`, or the list of one that the inbox sends.
        by: who answers, as the host knows; never taken from the answer.

    Raises:
        UsageError: it cannot be read.
    """
    request = _request(payload)
    one = response[0] if isinstance(response, list) and len(response) == 1 else response
    try:
        answer = _ReadResponse.model_validate(one)
        said = _said(request, answer)
    except ValidationError as error:
        raise UsageError(f"the inbox's answer cannot be read: {error.errors()[0]['msg']}") from error
    whole = said.model_copy(update={"by": by, "digest": request.digest})
    return {name: value for name, value in whole.model_dump(mode="json").items() if value is not None}


def _said(request: ApprovalRequest, answer: _ReadResponse) -> GateAnswer:
    args = answer.args
    match answer.type:
        case "accept":
            return GateAnswer(kind="approve")
        case "ignore":
            return GateAnswer(kind="reject")
        case "response" if isinstance(args, str):
            return GateAnswer(kind="changes", text=args)
        case "edit" if isinstance(args, _ReadAction):
            return _edited(request, args.args)
    raise UsageError(f'an answer of the type "{answer.type}" came with other arguments', "answer again")


def _edited(request: ApprovalRequest, args: Mapping[str, JsonValue]) -> GateAnswer:
    """Edited arguments: another scope is an edit, whatever else they say is as it says."""
    proposed = proposed_ids(request)
    items = TypeAdapter(tuple[str, ...]).validate_python(args.get("items", proposed))
    kind = OPTION.validate_python(args.get("decision"))
    if kind == "approve" and set(items) != set(proposed):
        kind = "edit"
    return GateAnswer(
        kind=kind,
        scope=items if kind == "edit" else None,
        text=str(args.get("text", "")) if kind in ("changes", "discovery") else "",
        reason=str(args.get("reason", "")),
    )


def _request(payload: Mapping[str, JsonValue]) -> ApprovalRequest:
    try:
        return ApprovalRequest.model_validate({name: payload[name] for name in payload if name != "problem"})
    except ValidationError as error:
        raise UsageError(
            f"this is no interrupt of a gate: {error.errors()[0]['msg']}", "pass its value on as it is"
        ) from error


def _description(request: ApprovalRequest, problem: str) -> str:
    """The proposal for an inbox: lines of text in a block of code, so that no title is taken for Markdown."""
    who = ", ".join(request.approvers) or "anyone"
    lines = [
        *([f"The last answer was refused: {problem}", ""] if problem else []),
        *whole_lines(request),
        *(remark for remark in remarks_of(request) if remark not in request.summary),
        "",
        f"{request.id}, round {request.round}, can be decided by {who}, "
        f"until {request.expires_at:%Y-%m-%d %H:%M} UTC. Nothing happens before.",
    ]
    shown = "\n".join(f"    {' '.join(line.split())}" for line in lines)
    how = (
        "Accept commits the items. To commit others, edit `items`. A response asks for changes in words. "
        'For "discovery" edit `decision` and `text`. Ignore rejects: nothing is committed.'
    )
    return f"{shown}\n\n{how}"
