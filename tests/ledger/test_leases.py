"""Who may move a run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from postlaunch.errors import LeaseLost, RunBusy, UsageError
from postlaunch.ledger.leases import LeaseKeeper
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import (
    ApprovalRequest,
    Commitment,
    HandOff,
    Lease,
    OutboxRow,
    ReportRecord,
    RunRecord,
)
from postlaunch.ledger_place import Place
from postlaunch.testing.clock import StillClock
from postlaunch.windows import system_clock


def test_a_second_holder_is_told_who_moves_the_run_and_until_when(
    ledger: Ledger, run: RunRecord, lease: Lease
) -> None:
    with pytest.raises(RunBusy, match="web-1:100 until 09:01:00 UTC"):
        ledger.take_lease(run.id, "web-2:200", 60)


def test_an_expired_lease_goes_to_the_next_with_a_higher_token(
    ledger: Ledger, run: RunRecord, lease: Lease, clock: StillClock
) -> None:
    clock.forward(seconds=60)
    taken = ledger.take_lease(run.id, "web-2:200", 60)
    assert taken.token == lease.token + 1
    assert ledger.lease_of(run.id) == taken


def test_a_released_lease_is_free_at_once(ledger: Ledger, run: RunRecord, lease: Lease) -> None:
    ledger.release(lease)
    assert ledger.lease_of(run.id) is None
    assert ledger.take_lease(run.id, "web-2:200", 60).token == lease.token + 1


def test_renewing_counts_from_now(ledger: Ledger, lease: Lease, clock: StillClock) -> None:
    clock.forward(seconds=50)
    assert (ledger.renew(lease).expires_at - clock()).total_seconds() == 60


def test_a_late_holder_that_nobody_replaced_goes_on(ledger: Ledger, lease: Lease, clock: StillClock) -> None:
    clock.forward(hours=1)
    assert ledger.renew(lease).token == lease.token
    assert ledger.set_state(lease, "running").state == "running"


def test_release_can_leave_the_run_in_a_state(ledger: Ledger, lease: Lease) -> None:
    ledger.release(lease, state="failed", error="no log")
    assert (ledger.run(lease.run).state, ledger.run(lease.run).error) == ("failed", "no log")


def test_giving_back_a_lost_lease_is_harmless(ledger: Ledger, lease: Lease, clock: StillClock) -> None:
    clock.forward(minutes=2)
    newest = ledger.take_lease(lease.run, "web-2:200", 60)
    ledger.release(lease)
    assert ledger.lease_of(lease.run) == newest


def test_a_run_that_is_not_there_has_no_lease(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="there is no run"):
        ledger.take_lease("R0", "web-1:100", 60)


FENCED = [
    "renew",
    "release with a state",
    "set_state",
    "keep_facts",
    "put_document",
    "emit",
    "publish",
    "open_request",
    "enqueue",
    "commit",
]


@pytest.fixture
def fenced_writes(
    ledger: Ledger,
    lease: Lease,
    commitment: Commitment,
    handoffs: tuple[HandOff, ...],
    new_request: Callable[..., ApprovalRequest],
    new_message: Callable[..., OutboxRow],
    clock: StillClock,
) -> dict[str, Callable[[], object]]:
    """Every write that needs a lease, with the lease that was held first."""
    report = ReportRecord(run=lease.run, kind="plan", title="Plan", body={}, at=clock())
    recorder = ledger.recorder(lease)
    return {
        "renew": lambda: ledger.renew(lease),
        "release with a state": lambda: ledger.release(lease, state="done"),
        "set_state": lambda: ledger.set_state(lease, "done"),
        "keep_facts": lambda: ledger.keep_facts(lease, []),
        "put_document": lambda: ledger.put_document(lease, "draft", {"a": 1}),
        "emit": lambda: recorder.emit("run", "hello"),
        "publish": lambda: ledger.publish(lease, report),
        "open_request": lambda: ledger.open_request(lease, new_request(lease.run, round=2)),
        "enqueue": lambda: ledger.enqueue(lease, [new_message()]),
        "commit": lambda: ledger.commit(lease, commitment, handoffs, [new_message()]),
    }


@pytest.mark.parametrize("write", FENCED)
@pytest.mark.parametrize("how", ["taken over", "given back"])
def test_a_lost_lease_writes_nothing(
    ledger: Ledger,
    path: Place,
    lease: Lease,
    clock: StillClock,
    fenced_writes: dict[str, Callable[[], object]],
    write: str,
    how: str,
) -> None:
    if how == "taken over":
        clock.forward(minutes=2)
        ledger.take_lease(lease.run, "web-2:200", 60)
    else:
        ledger.release(lease)
    before = everything(ledger, lease.run)
    with pytest.raises(LeaseLost):
        fenced_writes[write]()
    assert everything(ledger, lease.run) == before


def everything(ledger: Ledger, run: str) -> list[object]:
    return [
        ledger.run(run),
        ledger.lease_of(run),
        ledger.events(run),
        ledger.document_names(run),
        ledger.reports(),
        ledger.requests(),
        ledger.commitments(),
        ledger.handoffs(),
        ledger.undelivered(),
    ]


@pytest.fixture
def live(path: Place) -> Ledger:
    """A ledger on the real clock, for the thread that renews."""
    return Ledger.open(path, system_clock)


def test_a_keeper_holds_a_lease_far_longer_than_its_time(live: Ledger) -> None:
    run = live.start_run("weekly_report", "q", "k", {})
    with live, LeaseKeeper(live, live.take_lease(run.id, "web-1:100", 0.3)) as keeper:
        time.sleep(0.8)
        with pytest.raises(RunBusy):
            live.take_lease(run.id, "web-2:200", 60)
        assert not keeper.lost
        assert keeper.lease.token == 1


def test_a_keeper_notices_that_its_lease_went_to_another(live: Ledger) -> None:
    run = live.start_run("weekly_report", "q", "k", {})
    lease = live.take_lease(run.id, "web-1:100", 0.15)
    time.sleep(0.2)
    live.take_lease(run.id, "web-2:200", 60)
    with live, LeaseKeeper(live, lease) as keeper:
        deadline = time.monotonic() + 5
        while not keeper.lost and time.monotonic() < deadline:
            time.sleep(0.02)
        assert keeper.lost


def test_a_stopped_keeper_leaves_no_thread(live: Ledger) -> None:
    run = live.start_run("weekly_report", "q", "k", {})
    keeper = LeaseKeeper(live, live.take_lease(run.id, "web-1:100", 30))
    with live, keeper:
        assert f"lease of run {run.id}" in {thread.name for thread in threading.enumerate()}
    assert f"lease of run {run.id}" not in {thread.name for thread in threading.enumerate()}
    keeper.stop()
