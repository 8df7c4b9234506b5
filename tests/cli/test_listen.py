"""`postlaunch listen` as a process: it serves, a decision is carried out, and it ends when it is told to."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from postlaunch.ledger.link_tokens import claims_for, signed

if TYPE_CHECKING:
    from conftest import Workspace

PERSON = "User"
KEY = "a key for links that is long enough"


@pytest.fixture
def listening(waiting: Workspace) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, and where it listens."""
    command = Path(sys.executable).with_name("postlaunch")
    process = subprocess.Popen(
        [str(command), "listen", *map(str, waiting.settings), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "POSTLAUNCH_LINK_KEY": KEY},
    )
    try:
        assert process.stdout is not None
        [base] = re.findall(r"http://[\d.:]+\d", process.stdout.readline())
        yield process, base
    finally:
        process.kill()
        process.communicate()


def test_a_decision_on_the_page_is_committed_and_handed_on(
    waiting: Workspace, listening: tuple[subprocess.Popen[str], str]
) -> None:
    process, base = listening
    link = f"/decide/{signed(claims_for(waiting.request(), PERSON), KEY.encode())}"
    with httpx.Client(base_url=base, headers={"Origin": base}, timeout=60) as browser:
        page = browser.get(link).text
        form = {
            "token": re.findall(r'name="token" value="(\w+)"', page)[0],
            "item": re.findall(r'name="item" value="([^"]+)" checked', page),
            "action": "approve",
        }
        assert browser.post(link, data=form).status_code == 303
    deadline = time.monotonic() + 60
    while not waiting.handoffs() and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert (said, errors) == ("", "")
    [items] = waiting.committed()
    assert len(waiting.handoffs()) == 2 * len(items)
