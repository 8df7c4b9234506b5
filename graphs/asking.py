"""Asking at a gate from outside: a pipeline puts a hotfix, a patch or a message before a person, and waits.

Such a question is a run of its own without a graph. It waits at its gate, or is decided at once where the
settings approve the gate beforehand; what follows from the decision is the pipeline's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from postlaunch.errors import UsageError
from postlaunch.facts import digest_of
from postlaunch.graphs.notifying import tell_at_once
from postlaunch.graphs.requesting import request_for
from postlaunch.graphs.session import Services
from postlaunch.ledger.records import ApprovalRequest, RunRecord
from postlaunch.settings_gate import GATES, OWN

WORKFLOW = "gate"


def ask_at_gate(
    services: Services, gate: str, proposal: Mapping[str, JsonValue], summary: Sequence[str]
) -> ApprovalRequest:
    """Put something before a person, who is told; the same proposal at the same gate is the same request.

    One that nobody decided in time is asked anew. Blocking.

    Raises:
        UsageError: there is no such gate, or postlaunch itself asks at it.
        RunBusy: somebody asks or decides the same just now.
    """
    if gate not in GATES or gate in OWN:
        known = ", ".join(name for name in GATES if name not in OWN)
        raise UsageError(f'nothing can be asked at the gate "{gate}"', f"the gates for it: {known}")
    if not summary:
        raise UsageError("a request needs a summary", "say in plain lines what is to be decided")
    name = services.settings.application.name
    question = f"{_of(gate, name)}, {digest_of([dict(proposal), list(summary)])[:12]}"
    run = services.ledger.start_run(WORKFLOW, question, question, {"gate": gate})
    before = services.ledger.requests(run.id)
    request = before[0] if before else _asked(services, run, gate, dict(proposal), summary)
    tell_at_once(services, request)
    return request


def _asked(
    services: Services, run: RunRecord, gate: str, shown: dict[str, JsonValue], summary: Sequence[str]
) -> ApprovalRequest:
    ledger = services.ledger
    lease = ledger.take_lease(run.id, services.holder, services.settings.ledger.lease_seconds)
    try:
        request = ledger.open_request(
            lease,
            request_for(services, run.id, gate, shown, ("approve", "reject"), summary),
        )
        ledger.set_state(lease, "waiting")
    finally:
        ledger.release(lease)
    settle_asked(services, run)
    return request


def _of(gate: object, application: str) -> str:
    return f"{gate}, {application}"


def is_asked_of(run: RunRecord, application: str) -> bool:
    """Whether the run of a question is of an application."""
    return run.question.rpartition(", ")[0] == _of(run.parameters["gate"], application)


def settle_asked(services: Services, run: RunRecord) -> RunRecord:
    """Close the run of a question that is decided, or whose time is over. Blocking; may run again."""
    ledger = services.ledger
    requests = ledger.requests(run.id)
    open_ones = [one for one in requests if one.expires_at > services.clock() and not ledger.decision(one.id)]
    if not requests or open_ones:
        return ledger.run(run.id)
    lease = ledger.take_lease(run.id, services.holder, services.settings.ledger.lease_seconds)
    try:
        return ledger.set_state(lease, "done")
    finally:
        ledger.release(lease)
