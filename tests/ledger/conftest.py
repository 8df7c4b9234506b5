"""A ledger in a fresh file, and records to put into it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import JsonValue

from postlaunch.facts import digest_of
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import (
    ApprovalRequest,
    Commitment,
    Decision,
    DecisionDraft,
    HandOff,
    Lease,
    OutboxRow,
    RunRecord,
)
from postlaunch.testing.clock import StillClock
from postlaunch.testing.crashpoints import ForkServer

PROPOSAL: dict[str, JsonValue] = {"sprint": 7, "items": ["search", "export"], "days": 8.5}


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, to copy: the migrations take longer than most tests."""
    made = tmp_path_factory.mktemp("ledger") / "empty.db"
    Ledger.open(made, StillClock()).close()
    return made


@pytest.fixture
def path(tmp_path: Path, empty_ledger: Path) -> Path:
    return shutil.copy(empty_ledger, tmp_path / "postlaunch.db")


@pytest.fixture
def ledger(path: Path, clock: StillClock) -> Iterator[Ledger]:
    with Ledger.open(path, clock) as opened:
        yield opened


@pytest.fixture
def run(ledger: Ledger) -> RunRecord:
    return ledger.start_run("sprint_planning", "plan sprint 7", "plan sprint 7 over data 1", {"sprint": 7})


@pytest.fixture
def lease(ledger: Ledger, run: RunRecord) -> Lease:
    return ledger.take_lease(run.id, "web-1:100", 60)


@pytest.fixture
def new_request(clock: StillClock) -> Callable[..., ApprovalRequest]:
    """Makes a request of a run; any field can be set."""

    def make(run: str, **fields: object) -> ApprovalRequest:
        stated: dict[str, object] = {
            "id": f"A-{run}-{fields.get('round', 1)}",
            "gate": "sprint_priorities",
            "run": run,
            "proposal": PROPOSAL,
            "digest": digest_of(PROPOSAL),
            "options": ("approve", "edit", "changes", "discovery", "reject"),
            "requested_at": clock(),
            "expires_at": clock() + timedelta(days=14),
        }
        return ApprovalRequest.model_validate({**stated, **fields})

    return make


@pytest.fixture
def request_open(
    ledger: Ledger, lease: Lease, new_request: Callable[..., ApprovalRequest]
) -> ApprovalRequest:
    """A request that waits for a decision."""
    return ledger.open_request(lease, new_request(lease.run))


@pytest.fixture
def draft(request_open: ApprovalRequest) -> DecisionDraft:
    """An approval of it."""
    return DecisionDraft(
        request=request_open.id, kind="approve", by="Ada", reason="good", digest=request_open.digest
    )


@pytest.fixture
def approved(ledger: Ledger, draft: DecisionDraft) -> Decision:
    """The stored approval."""
    return ledger.decide(draft)


@pytest.fixture
def commitment(approved: Decision, lease: Lease, clock: StillClock) -> Commitment:
    """What the approval allows to commit."""
    return Commitment(
        id="C7",
        key="sprint 7",
        run=lease.run,
        request=approved.request,
        decision=approved.hash,
        body={"sprint": 7, "items": ["search", "export"]},
        at=clock(),
    )


@pytest.fixture
def handoffs(lease: Lease, clock: StillClock) -> tuple[HandOff, ...]:
    return tuple(
        HandOff(
            id=f"H-{item}",
            key=f"sprint 7: {item}",
            run=lease.run,
            phase=3,
            item=item,
            packet={"story": item},
            at=clock(),
        )
        for item in ("search", "export")
    )


@pytest.fixture
def new_message(clock: StillClock) -> Callable[..., OutboxRow]:
    """Makes a message for the outbox."""

    def make(key: str = "hand-off search", **fields: object) -> OutboxRow:
        stated: dict[str, object] = {
            "key": key,
            "channel": "handoff_file",
            "payload": {
                "handoff": "H1",
                "phase": 3,
                "title": "Search!",
                "packet": {"story": "find"},
                "markdown": "# Search\n",
            },
            "next_at": clock(),
        }
        return OutboxRow.model_validate({**stated, **fields})

    return make


@pytest.fixture(scope="session")
def forks() -> Iterator[ForkServer]:
    """Forks children that play the functions of scenarios.py."""
    with ForkServer(Path(__file__).with_name("scenarios.py")) as server:
        yield server
