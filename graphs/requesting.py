"""Putting a proposal before a person: the same request at every gate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from pydantic import JsonValue

from postlaunch.facts import digest_of
from postlaunch.graphs.notifying import tell_opened
from postlaunch.graphs.session import Services, Session
from postlaunch.ledger.keys import request_id
from postlaunch.ledger.records import ApprovalRequest, GateOption

SUMMARY_LINES, LINE_LENGTH = 10, 200


def request_for(
    services: Services,
    run: str,
    gate: str,
    proposal: dict[str, JsonValue],
    options: tuple[GateOption, ...],
    summary: Sequence[str],
    *,
    round_: int = 1,
) -> ApprovalRequest:
    """The request of a run at a gate in one round, not yet opened; made again, it has the same id.

    Args:
        proposal: what is decided on, as JSON; the digest is taken of it.
        summary: the proposal in plain lines, of which the first ten are kept and the others counted.
    """
    settings, now = services.settings, services.clock()
    return ApprovalRequest(
        id=request_id(run, gate, round_),
        gate=gate,
        run=run,
        round=round_,
        proposal=proposal,
        digest=digest_of(proposal),
        options=options,
        approvers=settings.approvers_at(gate),
        summary=_in_ten_lines(summary),
        requested_at=now,
        expires_at=now + timedelta(hours=settings.expires_hours_at(gate)),
    )


def put_before_people(
    session: Session,
    gate: str,
    proposal: dict[str, JsonValue],
    options: tuple[GateOption, ...],
    summary: Sequence[str],
    round_: int,
) -> ApprovalRequest:
    """Open the request of a run that waits at a gate, and tell people of it. Blocking; may run again.

    Raises:
        LeaseLost: another process moves this run now.
    """
    made = request_for(session.services, session.run.id, gate, proposal, options, summary, round_=round_)
    request = session.services.ledger.open_request(session.lease, made)
    tell_opened(session, request)
    return request


def _in_ten_lines(lines: Sequence[str]) -> tuple[str, ...]:
    if len(lines) > SUMMARY_LINES:
        lines = (*lines[: SUMMARY_LINES - 1], f"... and {len(lines) - SUMMARY_LINES + 1} more lines")
    return tuple(line[:LINE_LENGTH] for line in lines)
