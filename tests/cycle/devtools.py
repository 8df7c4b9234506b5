"""A Chromium that is asked over its debugging pipe: what no flag of its command line can ask for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ON_3_AND_4 = """
import fcntl, os, sys
reads, writes = (fcntl.fcntl(int(end), fcntl.F_DUPFD_CLOEXEC, 10) for end in sys.argv[1:3])
os.dup2(reads, 3)
os.dup2(writes, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Becomes the browser, which listens on file 3 and speaks on file 4."""


class Tab:
    """One page of a running Chromium."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._out, self._into = to_browser, from_browser
        self._sent, self._rest, self._session = 0, b"", ""
        target = self.asks("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.asks("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.asks("Page.enable")

    def asks(self, method: str, **parameters: Any) -> Any:
        """Call one method of the protocol; its result."""
        self._sent += 1
        message: dict[str, Any] = {"id": self._sent, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        answer = self._until(lambda said: said.get("id") == self._sent)
        assert "error" not in answer, (method, answer)
        return answer["result"]

    def opens(self, page: Path) -> None:
        """Load a file, and wait until it is there."""
        self.asks("Page.navigate", url=page.as_uri())
        self._until(lambda said: said.get("method") == "Page.loadEventFired")

    def finds(self, script: str) -> Any:
        """The value of an expression in the page."""
        found = self.asks("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"]["value"]

    def _until(self, wanted: Any) -> dict[str, Any]:
        while True:
            while b"\0" not in self._rest:
                read = os.read(self._into, 1 << 20)
                assert read, "the browser closed its pipe"
                self._rest += read
            text, self._rest = self._rest.split(b"\0", 1)
            said: dict[str, Any] = json.loads(text)
            if wanted(said):
                return said


@contextmanager
def tab_of(chromium: str, profile: Path) -> Iterator[Tab]:
    """A page of a browser of its own, which ends with the block."""
    (reads, to_browser), (from_browser, writes) = os.pipe(), os.pipe()
    flags = (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        f"--user-data-dir={profile}", "--remote-debugging-pipe",
    )  # fmt: skip
    command = [sys.executable, "-c", ON_3_AND_4, str(reads), str(writes), chromium, *flags]
    browser = subprocess.Popen(
        command, pass_fds=(reads, writes), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        os.close(reads)
        os.close(writes)
        yield Tab(to_browser, from_browser)
    finally:
        browser.terminate()
        browser.wait(30)
        os.close(to_browser)
        os.close(from_browser)
