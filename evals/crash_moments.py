"""The moments of a run's life at which its process can be killed or stopped, and doing so.

Nothing in the product knows of them: a forked child that is to end at one wraps the checkpointer's and the
files' functions in its own memory, listens to SQLAlchemy, and is the run's listener.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from postlaunch.events import Event
from postlaunch.graphs import publishing
from postlaunch.ledger import channels
from postlaunch.ledger.fenced_saver import FencedSaver
from postlaunch.testing.crashpoints import die, wait_for

TABLES = ("requests", "reports", "decisions", "commitments", "handoffs", "outbox")
KINDS = ("report", "gate", "committed", "handoff")
NEXT = "branch:to:"
"""LangGraph's channel that makes a node run in the next step."""

UNWRITTEN = "the checkpoint before it is not written"
WRITTEN = "the checkpoint before it is written"
WORKED = "it has worked, nothing of it is written"


class Moments:
    """Notes every moment that a process passes, and does something at one of them.

    Args:
        at: the moment's name; "" for none.
        nth: which time it is passed.
        act: what happens then.
    """

    def __init__(self, at: str = "", nth: int = 1, act: Callable[[], None] = die) -> None:
        self.passed: list[str] = []
        self._at = at
        self._nth = nth
        self._act = act
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()  # checkpoints are written in threads, side by side

    def __call__(self, name: str) -> None:
        """Note the moment; act if it is the one."""
        with self._lock:
            self.passed.append(name)
            self._counts[name] += 1
            reached = name == self._at and self._counts[name] == self._nth
        if reached:
            self._act()

    def listen(self, event: Event) -> None:
        """The run's listener: the event is stored already."""
        if event.kind in KINDS:
            self(f"event {event.kind}: recorded")

    def watch(self) -> None:
        """Have this process, which ends soon, pass its moments here."""
        _watch_checkpoints(self)
        _watch_statements(self)
        _watch_files(self)


def wait_at(ready: Path, go: Path) -> Callable[[], None]:
    """To do at a moment: say so, and wait to be stopped and continued."""

    def wait() -> None:
        ready.touch()
        wait_for(go, 240)

    return wait


def _inside(config: Any) -> str:
    """Which inner graph a checkpoint is of: "" or "monitoring-specialist/"."""
    name = str(config["configurable"].get("checkpoint_ns", "")).split(":")[0]
    return f"{name}/" if name else ""


def _watch_checkpoints(moments: Moments) -> None:
    put, put_writes = FencedSaver.put, FencedSaver.put_writes

    def watched_put(self: FencedSaver, config: Any, checkpoint: Any, *rest: Any) -> Any:
        channels_ = checkpoint.get("updated_channels") or ()
        then = [name.removeprefix(NEXT) for name in channels_ if name.startswith(NEXT)]
        node = _inside(config) + (then[0] if then else "start" if "__start__" in channels_ else "end")
        moments(f"{node}: {UNWRITTEN}")
        left = put(self, config, checkpoint, *rest)
        moments(f"{node}: {WRITTEN}")
        return left

    def watched_writes(self: FencedSaver, config: Any, writes: Any, task: str, path: str = "") -> None:
        node = path.rpartition(", ")[2]
        if node != "__start__":
            moments(f"{_inside(config)}{node}: {WORKED}")
        put_writes(self, config, writes, task, path)

    FencedSaver.put = watched_put  # type: ignore[method-assign, assignment]
    FencedSaver.put_writes = watched_writes  # type: ignore[method-assign, assignment]


def _watch_statements(moments: Moments) -> None:
    """Inside the ledger's transactions: after a statement, and before the commit of what it wrote."""
    first: dict[int, str] = {}  # by thread, the table that its transaction wrote first, which names it

    def after(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        verb, *words = statement.split(maxsplit=3)
        table = words[1] if verb == "INSERT" else words[0] if verb == "UPDATE" else ""
        if table in TABLES:
            name = first.setdefault(threading.get_ident(), table)
            moments(f"transaction of {name}: {verb.lower()} {table} done, not committed")

    def before_commit(connection: Any) -> None:
        name = first.pop(threading.get_ident(), None)
        if name is not None:
            moments(f"transaction of {name}: whole, not committed")

    event.listen(Engine, "after_cursor_execute", after)
    event.listen(Engine, "commit", before_commit)


def _watch_files(moments: Moments) -> None:
    """Reports and hand-offs; and what was delivered, before the ledger is told."""
    drafted, write_once = publishing.drafted, channels.write_once
    deliver_file, run_command = channels.HandOffFiles.deliver, channels.NotifyCommand.deliver

    @contextmanager
    def drafts(texts: Mapping[Path, str]) -> Iterator[Callable[[], None]]:
        with drafted(texts) as put_in_place:
            moments("report's files: drafted")

            def put() -> None:
                put_in_place()
                moments("report's files: in place, their record not committed")

            yield put

    def packet(path: Path, content: bytes) -> None:
        write_once(path, content)
        moments(f"packet's files: {path.suffix} is written")

    def delivered(self: channels.HandOffFiles, row: Any) -> None:
        deliver_file(self, row)
        moments("packet's delivery: done, not noted")

    def sent(self: channels.NotifyCommand, row: Any) -> None:
        moments("notification: claimed, not sent")
        run_command(self, row)
        moments("notification: sent, not noted")

    publishing.drafted = drafts
    channels.write_once = packet
    channels.HandOffFiles.deliver = delivered  # type: ignore[method-assign]
    channels.NotifyCommand.deliver = sent  # type: ignore[method-assign]
