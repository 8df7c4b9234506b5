"""A ledger in a fresh file, or in a fresh PostgreSQL database, and records to put into it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from postlaunch.facts import digest_of
from postlaunch.ledger.checkpoints import open_checkpointer
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
from postlaunch.ledger_place import Place, PostgresPlace
from postlaunch.testing.clock import StillClock
from postlaunch.testing.crashpoints import PRELOAD, ForkServer
from postlaunch.testing.postgres import PostgresServer, available, name_of

PRELOAD_POSTGRES = ("postlaunch.ledger.engine_postgresql", "postlaunch.ledger.checkpoints_postgresql")

EMPTIED = (Path(__file__).with_name("emptied.sql")).read_text(encoding="utf-8")

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


@pytest.fixture(scope="session")
def migrated_database(postgres: PostgresServer) -> PostgresPlace:
    """A database with a ledger's tables, to empty before each test: a copy takes longer than most tests."""
    made = postgres.new_database()
    Ledger.open(made, StillClock()).close()
    open_checkpointer(made, None).close()
    return made


@pytest.fixture
def file(tmp_path: Path, empty_ledger: Path) -> Path:
    """A ledger's SQLite file."""
    return Path(shutil.copy(empty_ledger, tmp_path / "postlaunch.db"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def path(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Where a migrated, empty ledger is kept: a SQLite file, then a PostgreSQL database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("file")
        return
    place: PostgresPlace = request.getfixturevalue("migrated_database")
    request.getfixturevalue("postgres").run(EMPTIED, name_of(place))
    yield place


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Where there is no ledger yet: a file that is not there, then an empty database."""
    if request.param == "sqlite":
        yield tmp_path / "a folder" / "of 100%" / "new?.db"
        return
    with request.getfixturevalue("postgres").database() as place:
        yield place


Rows = list[tuple[Any, ...]]
Raw = Callable[[str], Rows]


@pytest.fixture
def raw(path: Place, request: pytest.FixtureRequest) -> Raw:
    """Runs a statement on the ledger's database, past the ledger; a refusal is an error of the driver's."""

    def run(statement: str) -> Rows:
        if not isinstance(path, Path):
            return request.getfixturevalue("postgres").run(
                f"SET search_path = postlaunch, postlaunch_checkpoints; {statement}", name_of(path)
            )
        connection = sqlite3.connect(path)
        try:
            with connection:
                return connection.execute(statement).fetchall()
        finally:
            connection.close()

    return run


@pytest.fixture
def by_force(path: Place, raw: Raw) -> Callable[[str], None]:
    """Edits the database as somebody with every right to it could, who first switches the triggers off."""

    def change(statement: str) -> None:
        if isinstance(path, Path):
            for (name,) in raw("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                raw(f"DROP TRIGGER {name}")
        else:
            statement = f"SET session_replication_role = replica; {statement}"
        raw(statement)

    return change


@pytest.fixture
def ledger(path: Place, clock: StillClock) -> Iterator[Ledger]:
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
    preload = (*PRELOAD, *(PRELOAD_POSTGRES if available() else ()))
    with ForkServer(Path(__file__).with_name("scenarios.py"), preload) as server:
        yield server
