"""`postlaunch demo`: the main job on the embedded sample; a person decides, or the run waits at the gate."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from postlaunch.cli.calling import Choice, follow, opened
from postlaunch.cli.endings import finished_run
from postlaunch.cli.gate_commands import converse, on_a_terminal
from postlaunch.errors import PostLaunchError, UsageError
from postlaunch.sample.generate import DEFAULT_END, DEFAULT_SEED, generate

SETTINGS = "postlaunch.toml"


def run_demo(folder: Path, seed: int | None) -> int:
    """Generate the sample (once), plan its next sprint, and ask. Exit code 0 also when the run waits.

    Raises:
        PostLaunchError: the folder holds something else, or a part failed.
    """
    console = Console()
    prepared(folder, seed, console)
    settings = Choice(settings=folder / SETTINGS).load()
    with opened(settings) as postlaunch:
        waiting = next((run for run in postlaunch.runs() if run.state in ("waiting", "running")), None)
        run = waiting or postlaunch.start("sprint_planning", as_of=DEFAULT_END)
        if not waiting:
            console.print(
                f"Sprint planning for {settings.application.name}: two specialists look at its requests and "
                "tickets, then it is your turn.",
                markup=False,
            )
        run = converse(postlaunch, follow(postlaunch, run, as_json=False, quiet=False))
        console.print()
        finished_run(postlaunch, run, as_json=False, settings_option=f" --settings {folder / SETTINGS}")
        if run.state == "waiting" and not on_a_terminal():
            console.print("No terminal, so nobody was asked: the run waits at its gate, and that is well.")
        if run.state not in ("waiting", "done"):
            raise PostLaunchError(f"the demo run is {run.state}: {run.error}", "postlaunch runs shows more")
    return 0


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
    console.print(f"Making the sample application in {folder}/ ...", markup=False)
    generate(folder, seed=DEFAULT_SEED if seed is None else seed)
