"""The recorder in memory behaves as the ledger's does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from postlaunch.events import Event, Recorder
from postlaunch.testing.recorder import MemoryRecorder


def test_events_are_numbered_from_one_without_gaps_from_many_threads() -> None:
    recorder: Recorder = MemoryRecorder()
    with ThreadPoolExecutor(8) as pool:
        events = list(pool.map(lambda number: recorder.emit("tool", f"call {number}"), range(200)))
    assert sorted(event.seq for event in events) == list(range(1, 201))


def test_a_listener_sees_each_event_after_it_was_kept() -> None:
    kept: list[int] = []
    recorder = MemoryRecorder(listeners=[lambda event: kept.append(len(recorder.events))])
    recorder.emit("run", "started")
    recorder.emit("run", "ended")
    assert kept == [1, 2]


def test_events_are_found_by_kind() -> None:
    recorder = MemoryRecorder(run="run-7")
    call = recorder.emit("tool", "asked", agent="monitoring-specialist", data={"tool": "uptime"})
    recorder.emit("result", "1 fact", parent=call.seq)
    found: tuple[Event, ...] = recorder.of_kind("result")
    assert [(event.run, event.parent) for event in found] == [("run-7", 1)]
