"""Peak memory is this program's own, not that of the one which started it."""

from __future__ import annotations

import subprocess
import sys

from postlaunch.evals.peak_memory import peak_megabytes

SMALL = "from postlaunch.evals.peak_memory import peak_megabytes; print(peak_megabytes())"
LARGE = f"held = b'x' * {300 * 1024**2}; del held; {SMALL}"
LARGE_STARTS_SMALL = f"""
import subprocess, sys
held = b"x" * {300 * 1024**2}
print(subprocess.run([sys.executable, "-c", {SMALL!r}], capture_output=True, text=True, check=True).stdout)
"""


def peak_of(program: str) -> float:
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(ran.stdout)


def test_what_was_held_and_given_back_counts() -> None:
    assert 300 < peak_of(LARGE) < 400


def test_a_small_program_stays_small_beside_a_large_parent() -> None:
    assert peak_of(LARGE_STARTS_SMALL) < 100


def test_this_process_has_held_something() -> None:
    assert 1 < peak_megabytes() < 1_000_000
