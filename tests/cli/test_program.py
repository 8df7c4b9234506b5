"""The installed program: its exit codes, Ctrl-C and pipes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from postlaunch.sync import PostLaunch

if TYPE_CHECKING:
    from conftest import Workspace


def test_the_installed_program_gives_its_exit_code_and_keeps_output_apart(waiting: Workspace) -> None:
    program = Path(sys.executable).with_name("postlaunch")
    [planning] = waiting.runs()
    ended = subprocess.run(
        [program, "advance", planning.id, *waiting.settings, "--json"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert ended.returncode == 4
    assert json.loads(ended.stdout)["state"] == "waiting"
    assert ended.stderr == ""


def test_ctrl_c_while_it_is_loaded_leaves_no_trace() -> None:
    code = """
import sys
class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == "postlaunch.cli.command":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupted())
from postlaunch.cli import main
main(["runs"])
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", "")


def test_a_decision_is_carried_out_although_nobody_reads_what_is_printed(waiting: Workspace) -> None:
    program = Path(sys.executable).with_name("postlaunch")
    decided = f"'{program}' approve {waiting.request().id} --by User --settings '{waiting.settings[1]}'"
    piped = ["bash", "-c", f"{decided} 2>&1 | head -n 1"]
    subprocess.run(piped, capture_output=True, check=True, timeout=120)
    with PostLaunch(waiting.settings[1]) as postlaunch:
        assert [run.state for run in postlaunch.runs()] == ["done"]
        assert len(postlaunch.commitments()) == 1


def test_output_into_a_pipe_that_closes_is_no_bug(waiting: Workspace) -> None:
    program = Path(sys.executable).with_name("postlaunch")
    [planning] = waiting.runs()
    arguments = f"trace {planning.id} --json --settings '{waiting.settings[1]}'"
    ended = subprocess.run(
        ["bash", "-c", f"'{program}' {arguments} | head -n 1"], capture_output=True, text=True, check=True
    )
    assert len(ended.stdout.splitlines()) == 1
    assert ended.stderr == ""
