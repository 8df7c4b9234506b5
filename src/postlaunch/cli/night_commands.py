"""`nightly`, `ingest`: what the calendar asks for, and what happened meanwhile."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue
from rich.console import Console
from rich.text import Text

from postlaunch.cli.calling import (
    AsOfOption,
    BaseUrlOption,
    Choice,
    EverythingOption,
    JsonOption,
    ModelOption,
    NoModelOption,
    QuietOption,
    SettingsOption,
    exit_code,
    moment,
    nearby,
    opened,
    print_json,
    printer,
    program,
)
from postlaunch.cli.endings import finished_run
from postlaunch.cli.tree_lines import printable
from postlaunch.cli.watching import LiveTree
from postlaunch.errors import UsageError
from postlaunch.graphs.night_summary import Night, NightPart


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (nightly, ingest):
        app.command()(command)


def nightly(
    settings: SettingsOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    no_model: NoModelOption = False,
    as_of: AsOfOption = None,
    quiet: QuietOption = False,
    everything: EverythingOption = False,
    as_json: JsonOption = False,
) -> None:
    """Do what is due; made for cron.

    Daily checks, weekly reports, monthly reviews, planning, and what was told meanwhile; then one summary.
    """
    choice = Choice(settings, model=model, base_url=base_url, no_model=no_model)
    with opened(choice, as_json=as_json, quiet=quiet, everything=everything) as call:
        at = moment(as_of)
        if quiet or as_json:
            night = call.postlaunch.nightly(as_of=at)
        else:
            tree = LiveTree(printer(stderr=True), everything=everything)
            try:
                night = call.postlaunch.nightly(tree, as_of=at)
            finally:
                tree.finish()
    if as_json:
        print_json(
            {**night.model_dump(mode="json"), "degraded": night.degraded, "exit_code": night.exit_code}
        )
    else:
        print_night(printer(), night, choice.place, quiet=quiet)
    raise typer.Exit(night.exit_code)


def print_night(console: Console, night: Night, place: str, *, quiet: bool = False) -> None:
    """The summary: what needs a person first, then what was made. Quiet: only what needs a person."""
    for line in night.needs_a_person:
        console.print(Text(f"◇ {printable(line)}", "bold yellow"), soft_wrap=True)
    for failure in night.failed:
        console.print(Text(f"✗ {failure.what}: {printable(failure.error)}", "bold red"), soft_wrap=True)
        if failure.remedy:
            console.print(f"    {printable(failure.remedy)}", soft_wrap=True)
    for part in night.made:
        if part.degraded or not quiet:
            _print_part(console, part)
    for waiting in night.waiting:
        about = f"◆ {waiting.request} waits for a decision until {waiting.expires_at:%Y-%m-%d %H:%M} UTC"
        console.print(Text(f"{about}: {printable(waiting.about)}", "bold yellow"), soft_wrap=True)
        console.print(f"    {program()} show {waiting.request}{place}", soft_wrap=True)
    if quiet:
        return
    for note in night.notes:
        console.print(Text(f"– {printable(note)}", "dim"), soft_wrap=True)
    if not (night.made or night.failed or night.waiting or night.late):
        console.print("Nothing is due.")


def _print_part(console: Console, part: NightPart) -> None:
    state = "degraded" if part.degraded else part.state
    head = f"{'!' if part.degraded else '✓'} {part.workflow.replace('_', ' ')} {part.period}: {state}"
    console.print(Text(head, "yellow" if part.degraded else "green"), soft_wrap=True)
    for problem in part.problems:
        console.print(Text(f"    without: {printable(problem)}", "yellow"), soft_wrap=True)
    for path in part.reports:
        console.print(f"    {nearby(path)}", soft_wrap=True)


def ingest(
    event: Annotated[str, typer.Argument(help="A file with one event as JSON, or - for standard input.")],
    settings: SettingsOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    no_model: NoModelOption = False,
    quiet: QuietOption = False,
    everything: EverythingOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take one event: an alert, a user report, a deployment.

    It goes to the workflow that the rules name, at once or when it next runs.
    """
    told = _event(event)
    choice = Choice(settings, model=model, base_url=base_url, no_model=no_model)
    with opened(choice, as_json=as_json, quiet=quiet, everything=everything) as call:
        if quiet or as_json:
            signal = call.postlaunch.ingest(told)
        else:
            tree = LiveTree(printer(stderr=True), everything=everything)
            try:
                signal = call.postlaunch.ingest(told, tree)
            finally:
                tree.finish()
        if as_json:
            print_json(signal.model_dump(mode="json"))
        elif not quiet:
            came = f" {signal.outcome}." if signal.outcome else ""
            printer().print(f"{signal.id}: {printable(signal.reason)}.{came}", soft_wrap=True)
        run = call.postlaunch.run(signal.handled_by) if signal.handled_by else None
        if run is not None and not as_json:
            finished_run(call, run)
    raise typer.Exit(exit_code(run) if run is not None else 0)


def _event(named: str) -> dict[str, JsonValue]:
    """The JSON object of a file, or of standard input.

    Raises:
        UsageError: it cannot be read, or holds none.
    """
    try:
        text = sys.stdin.read() if named == "-" else Path(named).read_text("utf-8")
        found = json.loads(text)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UsageError(f"{named} cannot be read: {error}", "one event as a JSON object") from error
    if not isinstance(found, dict):
        raise UsageError(f"{named} holds no JSON object", "one event at a time")
    return found
