"""`postlaunch demo`: the whole job on the embedded sample; a person decides, or the run waits at the gate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue
from rich.console import Console
from rich.text import Text

from postlaunch.cli.calling import Call, Choice, nearby, opened, printer, program
from postlaunch.cli.compact import CompactTree
from postlaunch.cli.endings import finished_run, report_files
from postlaunch.cli.gate_commands import converse, on_a_terminal
from postlaunch.cli.watching import LiveTree
from postlaunch.errors import PostLaunchError, UsageError
from postlaunch.ledger.records import RunRecord
from postlaunch.sample.generate import DEFAULT_END, DEFAULT_SEED, DEMO_SCALE, generate

SETTINGS = "postlaunch.toml"
DAY, WEEK, MONTH = "2025-11-18", "2025-W47", "2025-10"
"""The day of the incident, the newest whole week, and the newest whole month of the sample."""


@dataclass(frozen=True)
class Act:
    """One part of the demo before the planning.

    Attributes:
        workflow, period: what falls due.
        says: to the person who watches.
    """

    workflow: str
    period: str
    says: str


ACTS = (
    Act(
        "daily_check",
        DAY,
        "A Tuesday night: the daily check finds what happened at 14:15, and calls the incident-responder.",
    ),
    Act("weekly_report", WEEK, "Monday: health, performance and usage, side by side."),
    Act("monthly_review", MONTH, "The month before: one page of it all, and what to decide."),
)


def run_demo(folder: Path, seed: int | None, choice: Choice, *, everything: bool) -> None:
    """Generate the sample (once), play its weeks, plan its next sprint, and ask.

    Raises:
        PostLaunchError: the folder holds something else, or a part failed.
    """
    console = printer()
    prepared(folder, seed, console)
    with opened(choice, everything=everything) as call:
        run = _left_open(call)
        if run is not None:
            console.print(f"The demo goes on where it stopped: run {run.id}.")
        else:
            _acts(call, console)
            run = call.postlaunch.start("sprint_planning", week=WEEK)
        run = converse(call, _watched(call, run))
        console.print()
        finished_run(call, run)
        if run.state == "waiting" and not on_a_terminal():
            console.print("No terminal, so nobody was asked: the run waits at its gate, and that is well.")
        if run.state not in ("waiting", "done"):
            raise PostLaunchError(
                f"the demo run is {run.state}: {run.error}", f"{program()} runs{choice.place} shows more"
            )
        console.print(f"All of it again: {program()} trace {run.id}{choice.place}", soft_wrap=True)


def _left_open(call: Call) -> RunRecord | None:
    """The planning that an earlier demo left open."""
    planned = (run for run in call.postlaunch.runs() if run.workflow == "sprint_planning")
    return next((run for run in planned if run.state in ("created", "running", "waiting")), None)


def _acts(call: Call, console: Console) -> None:
    """What comes before the planning: an event each, through the front, as a calendar would tell it."""
    name = call.postlaunch.settings.application.name
    console.print(
        f"{name}: ten weeks of requests, events, resources, logs, changes, alerts, costs, scans and tickets. "
        "Five specialists look at them, put a sprint together, and stop: then you decide.\n",
        soft_wrap=True,
    )
    try:
        for act in ACTS:
            _play(call, act, console)
    except KeyboardInterrupt:
        raise PostLaunchError(
            "Stopped. What was made is kept.", f"{program()} demo goes on with it"
        ) from None
    console.print(Text("Planning: the product-analyst reads the others, and proposes a sprint.", "bold"))


def _play(call: Call, act: Act, console: Console) -> None:
    """One act: its event is taken in, and what it made is named."""
    console.print(Text(act.says, "bold"), soft_wrap=True)
    body: dict[str, JsonValue] = {"workflow": act.workflow, "period": act.period}
    tree = _tree(call)
    try:
        signal = call.postlaunch.ingest({"kind": "tick", "at": DEFAULT_END.isoformat(), "body": body}, tree)
    finally:
        tree.finish()
    made = (path for one in call.postlaunch.reports(signal.handled_by) for path in report_files(one))
    console.print(Text(f"  → {', '.join(sorted(made))}\n", "dim"), soft_wrap=True)


def _tree(call: Call) -> CompactTree | LiveTree:
    """What shows a part as it happens: in short, or everything."""
    console = printer(stderr=True)
    return LiveTree(console, everything=True) if call.everything else CompactTree(console)


def _watched(call: Call, run: RunRecord) -> RunRecord:
    return call.follow(run, _tree(call))


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
    generate(folder, seed=DEFAULT_SEED if seed is None else seed, scale=DEMO_SCALE)
