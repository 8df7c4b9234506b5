"""Real processes: killed, stopped and racing, they leave one commitment and no half record."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import JsonValue

from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import (
    ApprovalRequest,
    Commitment,
    DecisionDraft,
    HandOff,
    OutboxRow,
    RunRecord,
)
from postlaunch.ledger_place import Place
from postlaunch.testing.crashpoints import ForkServer, wait_for
from postlaunch.windows import Clock, system_clock

pytestmark = pytest.mark.crash


@pytest.fixture
def clock() -> Clock:
    """The machine's own: children share it."""
    return system_clock


@pytest.fixture
def ledger(path: Place, clock: Clock) -> Iterator[Ledger]:
    with Ledger.open(path, clock) as opened:
        yield opened


@pytest.fixture
def go(tmp_path: Place) -> Path:
    """The file whose appearance starts a race."""
    return tmp_path / "go"


def test_forty_deciders_at_once_leave_one_decision_and_39_who_know_whose(
    forks: ForkServer, path: Place, ledger: Ledger, draft: DecisionDraft, go: Path
) -> None:
    children = [
        forks.start(
            "decide",
            path=str(path),
            draft=draft.model_copy(update={"by": f"person {n}"}).model_dump(mode="json"),
            go=str(go),
        )
        for n in range(40)
    ]
    go.touch()
    outcomes = [child.wait() for child in children]
    assert [outcome.message for outcome in outcomes if outcome.error] == []
    [decision] = ledger.decisions()
    told = [str(outcome.result) for outcome in outcomes]
    assert told.count(f"stored {decision.by}") == 1
    assert sum(f"approve by {decision.by} at" in text for text in told) == 39
    assert ledger.verify_chain() == []


def test_twenty_decisions_on_twenty_requests_at_once_make_one_chain(
    forks: ForkServer,
    path: Place,
    ledger: Ledger,
    draft: DecisionDraft,
    new_request: Callable[..., ApprovalRequest],
    go: Path,
) -> None:
    lease = ledger.lease_of(ledger.requests()[0].run)
    assert lease is not None
    requests = [ledger.open_request(lease, new_request(lease.run, round=n)) for n in range(2, 22)]
    children = [
        forks.start(
            "decide",
            path=str(path),
            draft=draft.model_copy(update={"request": request.id}).model_dump(mode="json"),
            go=str(go),
        )
        for request in requests
    ]
    go.touch()
    assert {str(child.wait().result) for child in children} == {"stored Ada"}
    assert len(ledger.decisions()) == 20
    assert ledger.verify_chain() == []


def test_of_ten_takers_one_gets_the_lease(
    forks: ForkServer, path: Place, ledger: Ledger, run: RunRecord, go: Path
) -> None:
    children = [
        forks.start("take", path=str(path), run=run.id, name=f"child {n}", go=str(go)) for n in range(10)
    ]
    go.touch()
    assert Counter(child.wait().result for child in children) == {True: 1, False: 9}
    lease = ledger.lease_of(run.id)
    assert lease is not None
    assert lease.token == 1


def test_ten_starters_of_one_key_get_one_run(
    forks: ForkServer, path: Place, ledger: Ledger, go: Path
) -> None:
    children = [forks.start("start_same_run", path=str(path), key="k", go=str(go)) for n in range(10)]
    go.touch()
    assert {child.wait().result for child in children} == {ledger.run("R").id}


@pytest.fixture
def what_to_commit(
    ledger: Ledger,
    run: RunRecord,
    commitment: Commitment,
    handoffs: tuple[HandOff, ...],
    new_message: Callable[..., OutboxRow],
    path: Place,
) -> dict[str, JsonValue]:
    """The arguments of the scenarios that commit; the run's lease is free."""
    lease = ledger.lease_of(run.id)
    assert lease is not None
    ledger.release(lease)
    return {
        "path": str(path),
        "run": run.id,
        "commitment": commitment.model_dump(mode="json"),
        "handoffs": [item.model_dump(mode="json") for item in handoffs],
        "outbox": [new_message(key).model_dump(mode="json") for key in ("one", "two", "three")],
    }


INSIDE = [
    ("INSERT INTO commitments", 1),
    ("INSERT INTO handoffs", 1),
    ("INSERT INTO handoffs", 2),
    ("INSERT INTO outbox", 1),
    ("INSERT INTO outbox", 2),
    ("INSERT INTO outbox", 3),
    ("COMMIT", 1),
]


@pytest.mark.parametrize(("statement", "nth"), INSIDE)
def test_a_kill_inside_the_commit_leaves_nothing_and_the_next_try_all(
    forks: ForkServer,
    ledger: Ledger,
    run: RunRecord,
    what_to_commit: dict[str, JsonValue],
    statement: str,
    nth: int,
) -> None:
    outcome = forks.run("commit_and_die", **what_to_commit, statement=statement, nth=nth)
    assert outcome.killed_by == signal.SIGKILL
    assert (ledger.commitments(), ledger.handoffs(), ledger.undelivered()) == ((), (), ())
    killed = ledger.lease_of(run.id)
    assert killed is not None
    ledger.release(killed)
    assert forks.run("commit_whole", **what_to_commit).result == "C7"
    assert_committed_once(ledger)


def test_a_kill_after_the_commit_leaves_all_and_the_next_try_adds_nothing(
    forks: ForkServer, ledger: Ledger, run: RunRecord, what_to_commit: dict[str, JsonValue]
) -> None:
    outcome = forks.run("commit_and_die", **what_to_commit, statement="COMMIT", nth=2)
    assert outcome.killed_by == signal.SIGKILL
    assert_committed_once(ledger)
    killed = ledger.lease_of(run.id)
    assert killed is not None
    ledger.release(killed)
    assert forks.run("commit_whole", **what_to_commit).result == "C7"
    assert_committed_once(ledger)


def assert_committed_once(ledger: Ledger) -> None:
    assert len(ledger.commitments()) == 1
    assert len(ledger.handoffs()) == 2
    assert len(ledger.undelivered()) == 3


@pytest.mark.parametrize("count", [1, 2, 7])
def test_events_of_killed_holders_leave_no_gap(
    forks: ForkServer, path: Place, ledger: Ledger, run: RunRecord, count: int
) -> None:
    for _ in range(3):
        outcome = forks.run("emit_and_die", path=str(path), run=run.id, count=count)
        assert outcome.killed_by == signal.SIGKILL
    assert [event.seq for event in ledger.events(run.id)] == list(range(1, 3 * count + 1))


def test_a_stopped_process_that_wakes_after_its_lease_was_taken_writes_nothing(
    forks: ForkServer, path: Place, ledger: Ledger, run: RunRecord, tmp_path: Place
) -> None:
    ready, woken = tmp_path / "ready", tmp_path / "woken"
    zombie = forks.start("zombie", path=str(path), run=run.id, ready=str(ready), woken=str(woken))
    wait_for(ready)
    zombie.signal(signal.SIGSTOP)
    time.sleep(0.4)
    lease = ledger.take_lease(run.id, "the heir", 60)
    ledger.put_document(lease, "draft", {"by": "the heir"})
    ledger.recorder(lease).emit("fact", "the heir's")
    before = ledger.events(run.id)
    woken.touch()
    zombie.signal(signal.SIGCONT)
    outcome = zombie.wait()
    assert outcome.error == ""
    assert isinstance(outcome.result, dict)
    assert outcome.result["refused"] == [
        "emit",
        "set_state",
        "put_document",
        "renew",
        "enqueue",
        "checkpoint",
        "checkpoint writes",
    ]
    assert ledger.events(run.id) == before
    assert before[-1].text == "the heir's"
    assert len(before) == outcome.result["written"] + 1
    assert ledger.document(run.id, "draft") == {"by": "the heir"}
    assert ledger.run(run.id).state == "created"


def test_four_workers_at_once_deliver_each_message_once(
    forks: ForkServer,
    path: Place,
    ledger: Ledger,
    new_message: Callable[..., OutboxRow],
    tmp_path: Place,
    go: Path,
) -> None:
    ledger.enqueue(None, [new_message(f"m{n}", channel="notify_command", payload={}) for n in range(12)])
    out = tmp_path / "out"
    children = [
        forks.start("deliver", path=str(path), folder=str(tmp_path / "h"), out=str(out), go=str(go))
        for _ in range(4)
    ]
    go.touch()
    assert sum(int(str(child.wait().result)) for child in children) == 12
    assert sorted(out.read_text().split()) == sorted(f"m{n}" for n in range(12))
    assert ledger.undelivered() == ()


def test_a_kill_between_delivering_and_noting_it_delivers_the_same_file_again(
    forks: ForkServer,
    path: Place,
    ledger: Ledger,
    new_message: Callable[..., OutboxRow],
    tmp_path: Place,
    go: Path,
) -> None:
    ledger.enqueue(None, [new_message()])
    folder = tmp_path / "handoffs"
    outcome = forks.run("deliver_and_die", path=str(path), folder=str(folder))
    assert outcome.killed_by == signal.SIGKILL
    written = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert len(written) == 2
    assert len(ledger.undelivered()) == 1
    time.sleep(0.1)
    go.touch()
    again = forks.run("deliver", path=str(path), folder=str(folder), out="/dev/null", go=str(go))
    assert again.result == 1
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == written
    assert ledger.undelivered() == ()
