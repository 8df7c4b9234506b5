"""Killing real processes at named points, fast enough to do it often.

`ForkServer` is one process that has imported the package and forks a child for each scenario; a scenario is a
function of a file, called with JSON and returning JSON. Children are killed from outside by their id, stopped
and continued, or kill themselves at a point that a scenario sets with `die_at` or `DyingListener`. Nothing in
the product knows of any of this. For POSIX only.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NoReturn, Self

from pydantic import JsonValue
from sqlalchemy import Engine, event

from postlaunch.events import Event, EventKind

PRELOAD = ("postlaunch.ledger.ledger", "postlaunch.ledger.checkpoints", "postlaunch.ledger.channels")
TICK_SECONDS = 0.005


def die() -> NoReturn:
    """End this process as a power cut would: no handler, no clean-up, nothing flushed."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a process survived SIGKILL")


def die_at(engine: Engine, statement: str, *, nth: int = 1) -> None:
    """Let this process die just after the nth statement whose SQL begins so, inside its transaction.

    "COMMIT" stands for the moment before a transaction's commit.
    """
    seen = 0

    def count(text: str) -> None:
        nonlocal seen
        seen += text.lower().startswith(statement.lower())
        if seen == nth:
            die()

    if statement == "COMMIT":
        event.listen(engine, "commit", lambda connection: count("COMMIT"))
    else:
        event.listen(engine, "after_cursor_execute", lambda *call: count(call[2]))


@dataclass
class DyingListener:
    """A listener that ends its process at the nth event of a kind; the event itself is stored."""

    kind: EventKind
    nth: int = 1

    def __call__(self, event: Event) -> None:
        """Count the event, or die of it."""
        self.nth -= event.kind == self.kind
        if self.nth == 0:
            die()


@dataclass(frozen=True)
class Outcome:
    """How a child ended.

    Attributes:
        killed_by: the signal's number, or None if it ended by itself.
        result: what the scenario returned.
        error: the class of the exception that ended it, or "".
        message: that exception's text.
    """

    killed_by: int | None
    result: JsonValue = None
    error: str = ""
    message: str = ""


class ForkServer:
    """Forks children from one preloaded process.

    Args:
        scenarios: the file whose functions are called by name.
        preload: modules that are imported once, before the first fork.
    """

    def __init__(self, scenarios: Path, preload: Sequence[str] = PRELOAD) -> None:
        self._answers = tempfile.TemporaryDirectory(prefix="postlaunch-forks-")
        self._count = 0
        self._server = subprocess.Popen(  # noqa: S603 - this very module
            [sys.executable, "-m", __spec__.name, str(scenarios), *preload],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, scenario: str, **arguments: JsonValue) -> Child:
        """Fork a child that calls the scenario."""
        self._count += 1
        answer = Path(self._answers.name) / f"{self._count}.json"
        pid = self._ask({"start": scenario, "arguments": arguments, "answer": str(answer)})
        return Child(self, pid, answer)

    def run(self, scenario: str, **arguments: JsonValue) -> Outcome:
        """Fork a child and wait for its end."""
        return self.start(scenario, **arguments).wait()

    def _ask(self, request: dict[str, JsonValue]) -> int:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        print(json.dumps(request), file=self._server.stdin, flush=True)
        reply = self._server.stdout.readline()
        if not reply:
            raise RuntimeError("the fork server died; its error is above")
        return int(reply)

    def close(self) -> None:
        """End the server."""
        self._server.communicate("")
        self._answers.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Child:
    """One forked process."""

    def __init__(self, server: ForkServer, pid: int, answer: Path) -> None:
        self.pid = pid
        self._server = server
        self._answer = answer

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal: SIGSTOP, SIGCONT, SIGKILL."""
        os.kill(self.pid, number)

    def wait(self, seconds: float = 120) -> Outcome:
        """Wait for its end and read what it left.

        Raises:
            TimeoutError: it did not end; it is killed then.
        """
        code = self._server._ask({"wait": self.pid, "seconds": seconds})
        if code == STILL_RUNNING:
            self.signal(signal.SIGKILL)
            raise TimeoutError(f"a scenario ran longer than {seconds:g} s")
        if code < 0:
            return Outcome(killed_by=-code)
        return Outcome(killed_by=None, **json.loads(self._answer.read_text(encoding="utf-8")))


def wait_for(path: Path, seconds: float = 120) -> None:
    """Wait until another process has made a file.

    Raises:
        TimeoutError: it did not.
    """
    deadline = time.monotonic() + seconds
    while not path.exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{path} did not appear within {seconds:g} s")
        time.sleep(TICK_SECONDS)


STILL_RUNNING = 256
"""No exit code of a process."""


def _serve(scenarios: str, preload: Sequence[str], commands: IO[str], replies: IO[str]) -> None:
    for module in preload:
        importlib.import_module(module)
    functions = runpy.run_path(scenarios)
    for line in commands:
        request = json.loads(line)
        if "start" in request:
            reply = os.fork() or _play(functions[request["start"]], request["arguments"], request["answer"])
        else:
            reply = _await(request["wait"], request["seconds"])
        print(reply, file=replies, flush=True)


def _play(function: Any, arguments: dict[str, Any], answer: str) -> NoReturn:
    os.dup2(2, 1)  # whatever the scenario prints must not look like a reply of the server
    code = 0
    try:
        left: dict[str, JsonValue] = {"result": function(**arguments)}
    except Exception as error:  # noqa: BLE001 - the parent is told which it was
        left = {"error": type(error).__name__, "message": str(error)}
        code = 1
        if type(error).__module__ == "builtins":
            traceback.print_exc()
    Path(answer).write_text(json.dumps(left), encoding="utf-8")
    os._exit(code)


def _await(pid: int, seconds: float) -> int:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(TICK_SECONDS)
    return STILL_RUNNING


if __name__ == "__main__":
    _serve(sys.argv[1], sys.argv[2:], sys.stdin, sys.stdout)
