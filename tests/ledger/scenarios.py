"""What forked children play; each is called with JSON and returns JSON, on the machine's own clock."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from postlaunch.errors import AlreadyDecided, LeaseLost, RunBusy
from postlaunch.ledger import engine_postgresql
from postlaunch.ledger.channels import HandOffFiles, NotifyCommand
from postlaunch.ledger.checkpoints import open_checkpointer
from postlaunch.ledger.fence import require_lease
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.outbox_delivery import Delivery, deliver_due
from postlaunch.ledger.records import Commitment, DecisionDraft, HandOff, Lease, OutboxRow, SignalDraft
from postlaunch.ledger.runs import change_state
from postlaunch.ledger_place import place_named
from postlaunch.testing.crashpoints import DyingListener, die, die_at, wait_for
from postlaunch.windows import system_clock

Json = dict[str, Any]


def opened(path: str) -> Ledger:
    return Ledger.open(place_named(path), system_clock)


def open_and_start_run(path: str, key: str) -> str:
    with opened(path) as ledger:
        return ledger.start_run("weekly_report", key, key, {}).id


def open_and_die(path: str, statement: str) -> None:
    """Die inside the migration, whose statements run on an engine that is not there before."""

    def after(connection: object, cursor: object, text: str, *rest: object) -> None:
        if text.strip().upper().startswith(statement.upper()):
            die()

    event.listen(Engine, "after_cursor_execute", after)
    opened(path).close()


def start_same_run(path: str, key: str, go: str) -> str:
    with opened(path) as ledger:
        wait_for(Path(go))
        return ledger.start_run("weekly_report", "q", key, {}).id


def open_incident(path: str, key: str, run: str, go: str) -> str:
    with opened(path) as ledger:
        lease = ledger.take_lease(ledger.start_run("incident", run, run, {}).id, run, 60)
        wait_for(Path(go))
        return ledger.open_incident(lease, key, 2025, {}).id


def post_signal(path: str, key: str, go: str) -> str:
    draft = SignalDraft(application="Shop", key=key, kind="alert", at=system_clock())
    with opened(path) as ledger:
        wait_for(Path(go))
        return ledger.post_signal(draft).id


def decide(path: str, draft: Json, go: str) -> str:
    with opened(path) as ledger:
        wait_for(Path(go))
        try:
            return f"stored {ledger.decide(DecisionDraft.model_validate(draft)).by}"
        except AlreadyDecided as error:
            return str(error)


def take(path: str, run: str, name: str, go: str) -> bool:
    with opened(path) as ledger:
        wait_for(Path(go))
        try:
            ledger.take_lease(run, name, 60)
        except RunBusy:
            return False
        return True


def commit_and_die(
    path: str,
    run: str,
    commitment: Json,
    handoffs: list[Json],
    outbox: list[Json],
    statement: str,
    nth: int,
) -> None:
    ledger = opened(path)
    lease = ledger.take_lease(run, "a child", 60)
    die_at(ledger._database.engine, statement, nth=nth)
    commit(ledger, lease, commitment, handoffs, outbox)
    die()


def commit_whole(path: str, run: str, commitment: Json, handoffs: list[Json], outbox: list[Json]) -> str:
    with opened(path) as ledger:
        return commit(ledger, ledger.take_lease(run, "a child", 60), commitment, handoffs, outbox)


def commit(ledger: Ledger, lease: Any, commitment: Json, handoffs: list[Json], outbox: list[Json]) -> str:
    return ledger.commit(
        lease,
        Commitment.model_validate(commitment),
        [HandOff.model_validate(item) for item in handoffs],
        [OutboxRow.model_validate(item) for item in outbox],
    ).id


def emit_and_die(path: str, run: str, count: int) -> None:
    ledger = opened(path)
    lease = ledger.take_lease(run, "a child", 0.01)
    recorder = ledger.recorder(lease, [DyingListener("fact", nth=count)])
    while True:
        recorder.emit("fact", "x")


def zombie(path: str, run: str, ready: str, woken: str) -> Json:
    """Write under a short lease until it is lost; then try every other write once.

    It is stopped while it waits for the file `woken`: in the middle of a transaction it would keep every
    other writer of a SQLite file out.
    """
    ledger = opened(path)
    lease = ledger.take_lease(run, "the zombie", 0.3)
    recorder = ledger.recorder(lease)
    saver = open_checkpointer(place_named(path), lease)
    written = 0
    refused: list[str] = []
    try:
        while True:
            recorder.emit("fact", "the zombie's")
            written += 1
            Path(ready).touch()
            while not Path(woken).exists():
                time.sleep(0.005)
    except LeaseLost:
        refused.append("emit")
    config: Any = {"configurable": {"thread_id": run, "checkpoint_ns": "", "checkpoint_id": "9"}}
    checkpoint: Any = {"v": 1, "id": "9", "ts": "", "channel_values": {}, "channel_versions": {}}
    tries: dict[str, Callable[[], object]] = {
        "set_state": lambda: ledger.set_state(lease, "done"),
        "put_document": lambda: ledger.put_document(lease, "draft", {"by": "the zombie"}),
        "renew": lambda: ledger.renew(lease),
        "enqueue": lambda: ledger.enqueue(lease, []),
        "checkpoint": lambda: saver.put(config, checkpoint, {}, {}),
        "checkpoint writes": lambda: saver.put_writes(config, [("a", 1)], "task"),
    }
    for name, attempt in tries.items():
        try:
            attempt()
        except LeaseLost:
            refused.append(name)
    return {"written": written, "refused": refused}


def deliver(path: str, folder: str, out: str, go: str) -> int:
    """Deliver what is due; a command adds one line to a file for each message it is given."""
    line = f'printf "%s\\n" "$POSTLAUNCH_KEY" >> {out}'
    channels = {
        "handoff_file": HandOffFiles(Path(folder)),
        "notify_command": NotifyCommand(["/bin/sh", "-c", line], 20, {"PATH": "/usr/bin:/bin"}),
    }
    with opened(path) as ledger:
        wait_for(Path(go))
        return len(deliver_due(ledger, Delivery(channels), system_clock).arrived)


def deliver_and_die(path: str, folder: str) -> None:
    """Die after the file is written and before the ledger knows of it."""
    ledger = opened(path)
    die_at(ledger._database.engine, "UPDATE outbox SET delivered_at")
    deliver_due(
        ledger, Delivery({"handoff_file": HandOffFiles(Path(folder))}, claim_seconds=0.1), system_clock
    )


def fill_a_small_disk(path: str) -> None:
    """Write under a limit on the size of files, which the system enforces as it does a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    ledger = opened(path)
    run = ledger.start_run("weekly_report", "q", "k", {})
    lease = ledger.take_lease(run.id, "a child", 60)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    for number in range(100):
        ledger.put_document(lease, f"draft {number}", {"text": "x" * 10_000})


def open_checkpoints(path: str, go: str) -> None:
    """Make LangGraph's tables, when `go` is there."""
    wait_for(Path(go))
    open_checkpointer(place_named(path), None).close()


def stop_within_a_transaction(path: str, ready: str, lease: Json, standing_still_seconds: float) -> None:
    """Begin to write and be stopped; woken, try to store. The server loses its patience sooner than usual."""
    engine_postgresql.STANDING_STILL_SECONDS = standing_still_seconds
    ledger = opened(path)
    with ledger._database.write() as connection:
        require_lease(connection, Lease.model_validate(lease))
        Path(ready).touch()
        os.kill(os.getpid(), signal.SIGSTOP)
        change_state(connection, lease["run"], system_clock(), state="done")
