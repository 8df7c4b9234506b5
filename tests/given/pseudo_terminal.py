"""A command on a pseudo-terminal, as a person drives it."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pexpect

SECONDS = 60
"""Longest wait for one thing to be printed, on a machine that does other work as well."""


def _sizeless() -> dict[str, str]:
    """The environment without a terminal's size, which goes before that of the terminal itself."""
    return {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}


def _hearing_ctrl_c() -> None:
    """What runs in the background ignores Ctrl-C, and so would what it starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Terminal:
    """A command on a pseudo-terminal of 24 lines, without colours.

    Args:
        columns: 80 are those of a terminal that can do nothing ("dumb"); others need one that knows its size.
    """

    def __init__(self, *arguments: object, columns: int = 80) -> None:
        command = Path(sys.executable).with_name("postlaunch")
        self._child = pexpect.spawn(
            str(command),
            [str(argument) for argument in arguments],
            dimensions=(24, columns),
            encoding="utf-8",
            timeout=SECONDS,
            env={**_sizeless(), "TERM": "dumb" if columns == 80 else "xterm", "NO_COLOR": "1"},
            preexec_fn=_hearing_ctrl_c,
        )
        self.screen = ""

    def shows(self, text: str) -> None:
        """Wait until it is printed."""
        self._child.expect_exact(text)
        self.screen += self._child.before + text

    def answers(self, *typed: str) -> None:
        """Type an answer to each of the next questions."""
        for text in typed:
            self.shows(" > ")
            self.types(text)

    def types(self, text: str) -> None:
        """Type a line."""
        self._child.sendline(text)

    def closes_its_input(self) -> None:
        """Press Ctrl-D."""
        self._child.sendeof()

    def interrupts(self) -> None:
        """Press Ctrl-C."""
        self._child.sendintr()

    def ends(self) -> int:
        """Wait for the end; the exit code."""
        self._child.expect(pexpect.EOF)
        self.screen += self._child.before
        self._child.close()
        assert "Traceback" not in self.screen
        return int(self._child.exitstatus)

    def stop(self) -> None:
        """End it, whatever it does."""
        self._child.close(force=True)
