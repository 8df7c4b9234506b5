"""`tracking plan`, `check`, `propose`: the plan of what is recorded is made, held against data, changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from postlaunch.cli.calling import (
    DEBUG,
    AsOfOption,
    Call,
    Choice,
    EverythingOption,
    JsonOption,
    QuietOption,
    SettingsOption,
    exit_code,
    moment,
    opened,
    print_json,
    printer,
)
from postlaunch.cli.endings import decided, finished_run, print_lines
from postlaunch.cli.tree_lines import printable
from postlaunch.graphs.proposals import whole_lines
from postlaunch.ledger.records import RunRecord
from postlaunch.logs import configure_logging
from postlaunch.sources.events import EventLog, open_events
from postlaunch.sources.tracking_plan import open_tracking_plan, plan_in
from postlaunch.tools.analytics_plan import plan_of
from postlaunch.tools.measurement import Limits
from postlaunch.tools.tracking_findings import checked, finding_lines
from postlaunch.windows import system_clock

FOUND = 1
"""Exit code where data and plan differ."""

tracking_app = typer.Typer(
    help="The tracking plan: what is recorded.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(tracking_app, name="tracking")


@tracking_app.command()
def plan(
    owner: Annotated[str, typer.Option("--owner", help="Whose all the events are, to begin with.")] = "",
    settings: SettingsOption = None,
) -> None:
    """Print the plan that the recorded events follow, as YAML.

    Keep it in a file, name the owners, and hold newer events against it.
    """
    with _events(settings) as (log, limits):
        typer.echo(plan_of(log, limits, owner).text(), nl=False)


@tracking_app.command()
def check(
    plan: Annotated[
        Path | None, typer.Argument(help="The file with the plan; else the one that the settings name.")
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, help="So many of the last whole days.")] = 7,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold the last days of the recorded events against the plan.

    Ends with 1 where they differ.
    """
    kept = plan_in(plan) if plan else open_tracking_plan(Choice(settings).load()).plan
    with _events(settings) as (log, limits):
        findings = checked(kept, log, days, limits)
    if as_json:
        print_json([found.model_dump(mode="json") for found in findings])
    else:
        for line in finding_lines(findings):
            printer().print(Text(printable(line)), soft_wrap=True)
        if not findings:
            printer().print("The events are as the plan says.")
    raise typer.Exit(FOUND if findings else 0)


@tracking_app.command()
def propose(
    settings: SettingsOption = None,
    as_of: AsOfOption = None,
    quiet: QuietOption = False,
    everything: EverythingOption = False,
    as_json: JsonOption = False,
) -> None:
    """Propose changes of the plan that the settings name.

    Nothing is written before somebody approves them.
    """
    with opened(Choice(settings), as_json=as_json, quiet=quiet, everything=everything) as call:
        run = call.follow(call.postlaunch.start("tracking_plan", as_of=moment(as_of)))
        if not as_json:
            print_lines(printer(), _said_of(call, run))
        finished_run(call, run)
        raise typer.Exit(exit_code(run))


def _said_of(call: Call, run: RunRecord) -> Iterator[str]:
    """The whole proposal that waits; or what was decided, or that there is nothing to decide."""
    requests = [request for request in call.postlaunch.pending() if request.run == run.id]
    for request in requests:
        yield from map(printable, (*whole_lines(request), ""))
    if requests:
        return
    gates = [event for event in call.postlaunch.events(run.id) if event.kind == "gate"]
    if not gates:
        yield "The rules propose no change of the tracking plan."
        return
    decision = call.postlaunch.decision(str(gates[-1].data["request"]))
    yield decided(decision) if decision else "Nobody decided on the proposal in time; it stays undecided."


@contextmanager
def _events(path: Path | None) -> Iterator[tuple[EventLog, Limits]]:
    """The events of the settings, and what a query over them may use."""
    configure_logging("info" if os.environ.get(DEBUG) == "1" else "error")
    settings = Choice(path).load()
    log = open_events(settings, system_clock)
    try:
        yield log, Limits(rows=settings.budget.rows, seconds=settings.budget.query_seconds)
    finally:
        log.close()
