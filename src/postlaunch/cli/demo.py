"""`postlaunch demo`: the main job on the embedded sample; a person decides, or the run waits at the gate."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from postlaunch.cli.calling import Call, Choice, nearby, opened, printer, program
from postlaunch.cli.endings import finished_run
from postlaunch.cli.gate_commands import converse, on_a_terminal
from postlaunch.errors import PostLaunchError, UsageError
from postlaunch.ledger.records import RunRecord
from postlaunch.sample.generate import DEFAULT_END, DEFAULT_SEED, generate

SETTINGS = "postlaunch.toml"


def run_demo(folder: Path, seed: int | None, choice: Choice, *, everything: bool) -> None:
    """Generate the sample (once), plan its next sprint, and ask.

    Raises:
        PostLaunchError: the folder holds something else, or a part failed.
    """
    console = printer()
    prepared(folder, seed, console)
    with opened(choice, everything=everything) as call:
        run = _run(call, console)
        run = converse(call, call.follow(run))
        console.print()
        finished_run(call, run)
        if run.state == "waiting" and not on_a_terminal():
            console.print("No terminal, so nobody was asked: the run waits at its gate, and that is well.")
        if run.state not in ("waiting", "done"):
            raise PostLaunchError(
                f"the demo run is {run.state}: {run.error}", f"{program()} runs{choice.place} shows more"
            )
        console.print(f"All of it again: {program()} trace {run.id}{choice.place}", soft_wrap=True)


def _run(call: Call, console: Console) -> RunRecord:
    """The planning that was left open, or a new one."""
    left = (run for run in call.postlaunch.runs() if run.workflow == "sprint_planning")
    going = next((run for run in left if run.state in ("created", "running", "waiting")), None)
    settings = call.postlaunch.settings
    if going is not None:
        console.print(f"The demo goes on where it stopped: run {going.id}.")
        return going
    console.print(
        f"{settings.application.name}: two weeks of requests, seven of support tickets, ten ideas for the "
        "next sprint. Two specialists look at them, put a sprint together, and stop: then you decide.\n"
    )
    return call.postlaunch.start("sprint_planning", as_of=DEFAULT_END)


def prepared(folder: Path, seed: int | None, console: Console) -> None:
    """The sample in its folder: made where there is none, found again where it is.

    Raises:
        UsageError: the folder holds other files, or a sample of another seed was asked for.
    """
    if (folder / SETTINGS).is_file():
        if seed is not None:
            raise UsageError(f"{folder} holds a sample already", "give another --folder with --seed")
        return
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{folder} holds other files", "name an empty or new folder with --folder")
    console.print(f"Making the sample application in {nearby(folder)}/ ...")
    generate(folder, seed=DEFAULT_SEED if seed is None else seed)
