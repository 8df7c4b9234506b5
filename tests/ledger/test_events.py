"""A run's events: numbered without gaps, stored before they are shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from structlog.testing import capture_logs

from postlaunch.errors import LeaseLost
from postlaunch.events import Event, Happening, Recorder
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import Lease
from postlaunch.testing.clock import StillClock


def test_an_event_comes_back_as_it_was_emitted(ledger: Ledger, lease: Lease, clock: StillClock) -> None:
    recorder: Recorder = ledger.recorder(lease)
    call = recorder.emit("tool", "top_endpoints()", agent="monitoring-specialist", data={"tool": "x"})
    result = recorder.emit("result", "5 facts", parent=call.seq)
    assert ledger.events(lease.run) == (call, result)
    assert (call.seq, result.seq, result.parent, call.at) == (1, 2, 1, clock())
    assert ledger.events(lease.run, after=1) == (result,)


def test_events_that_belong_together_are_numbered_one_after_another(ledger: Ledger, lease: Lease) -> None:
    shown: list[Event] = []
    recorder = ledger.recorder(lease, [shown.append])
    call = recorder.emit("tool", "top_endpoints()")
    said = recorder.emit_all([Happening("result", "2 facts", "web", call.seq), Happening("fact", "one")])
    assert [(event.seq, event.kind, event.agent, event.parent) for event in said] == [
        (2, "result", "web", 1),
        (3, "fact", "", None),
    ]
    assert recorder.emit_all([]) == ()
    assert ledger.events(lease.run) == (call, *said) == tuple(shown)


def test_of_events_that_belong_together_none_is_stored_after_the_lease_is_lost(
    ledger: Ledger, lease: Lease
) -> None:
    recorder = ledger.recorder(lease)
    ledger.release(lease)
    with pytest.raises(LeaseLost):
        recorder.emit_all([Happening("result", "1 fact"), Happening("fact", "one")])
    assert ledger.events(lease.run) == ()


def test_numbers_go_on_without_gaps_over_a_takeover(ledger: Ledger, lease: Lease, clock: StillClock) -> None:
    old = ledger.recorder(lease)
    old.emit("run", "one")
    clock.forward(minutes=2)
    new = ledger.recorder(ledger.take_lease(lease.run, "web-2:200", 60))
    new.emit("run", "two")
    with pytest.raises(LeaseLost):
        old.emit("run", "a zombie's")
    new.emit("run", "three")
    assert [(event.seq, event.text) for event in ledger.events(lease.run)] == [
        (1, "one"),
        (2, "two"),
        (3, "three"),
    ]


def test_an_event_is_stored_before_a_listener_sees_it(ledger: Ledger, lease: Lease) -> None:
    stored_when_shown: list[bool] = []
    recorder = ledger.recorder(
        lease, [lambda event: stored_when_shown.append(event in ledger.events(event.run))]
    )
    recorder.emit("run", "hello")
    assert stored_when_shown == [True]


def test_a_lost_lease_shows_nothing(ledger: Ledger, lease: Lease) -> None:
    shown: list[Event] = []
    recorder = ledger.recorder(lease, [shown.append])
    ledger.release(lease)
    with pytest.raises(LeaseLost):
        recorder.emit("run", "hello")
    assert shown == []


def test_a_listener_that_raises_stops_neither_the_run_nor_the_others(ledger: Ledger, lease: Lease) -> None:
    shown: list[Event] = []

    def broken(event: Event) -> None:
        raise BrokenPipeError("the terminal is gone")

    with capture_logs() as logs:
        ledger.recorder(lease, [broken, shown.append]).emit("run", "hello")
    assert [event.text for event in shown] == ["hello"]
    assert [line["event"] for line in logs] == ["a listener failed"]


def test_a_listener_may_emit(ledger: Ledger, lease: Lease) -> None:
    def echo(event: Event) -> None:
        if event.kind == "gate":
            recorder.emit("notified", "told", parent=event.seq)

    recorder = ledger.recorder(lease, [echo])
    recorder.emit("gate", "open")
    assert [event.kind for event in ledger.events(lease.run)] == ["gate", "notified"]


def test_threads_side_by_side_leave_no_gap_and_listeners_see_the_order(ledger: Ledger, lease: Lease) -> None:
    shown: list[int] = []

    def unsteady(event: Event) -> None:
        time.sleep(0.002 * (event.seq % 2))
        shown.append(event.seq)

    recorder = ledger.recorder(lease, [unsteady])

    def emit_many() -> None:
        for _ in range(20):
            recorder.emit("fact", "x")

    run_together([emit_many] * 6)
    assert shown == list(range(1, 121))
    assert [event.seq for event in ledger.events(lease.run)] == shown


def test_two_recorders_of_one_lease_share_the_numbers(ledger: Ledger, lease: Lease) -> None:
    def emit_many() -> None:
        recorder = ledger.recorder(lease)
        for _ in range(20):
            recorder.emit("fact", "x")

    run_together([emit_many] * 6)
    assert [event.seq for event in ledger.events(lease.run)] == list(range(1, 121))


def run_together(work: list[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(len(work)) as pool:
        for running in [pool.submit(task) for task in work]:
            running.result()
