"""`tracking plan`, `tracking check`: what is meant to be recorded, made from the data and held against it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from postlaunch.cli.calling import DEBUG, Choice, JsonOption, SettingsOption, print_json, printer
from postlaunch.cli.tree_lines import printable
from postlaunch.logs import configure_logging
from postlaunch.sources.events import EventLog, open_events
from postlaunch.sources.tracking_plan import plan_in
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
    plan: Annotated[Path, typer.Argument(help="The file with the plan.")],
    days: Annotated[int, typer.Option("--days", min=1, help="So many of the last whole days.")] = 7,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold the last days of the recorded events against the plan.

    Ends with 1 where they differ.
    """
    kept = plan_in(plan)
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
