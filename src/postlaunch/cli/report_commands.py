"""`report`, `verify`, `runs`, `reports`, `trace`: what was measured, and what happened on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from postlaunch.cli.calling import (
    AsOfOption,
    BaseUrlOption,
    CandidatesOption,
    Choice,
    EverythingOption,
    JsonOption,
    ModelOption,
    NoModelOption,
    QuietOption,
    RequestsOption,
    SettingsOption,
    TicketsOption,
    exit_code,
    follow,
    moment,
    opened,
    print_json,
    print_json_line,
)
from postlaunch.cli.endings import finished_run, state_text
from postlaunch.cli.watching import print_events

VERIFY_DIFFERENCE = 5

report_app = typer.Typer(help="Make a report.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(report_app, name="report")
    for command in (verify, runs, reports, trace):
        app.command()(command)


@report_app.command()
def weekly(
    week: Annotated[
        str | None, typer.Option("--week", help="2026-W07 or a day of it; else the data's last whole week.")
    ] = None,
    settings: SettingsOption = None,
    requests: RequestsOption = None,
    tickets: TicketsOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    no_model: NoModelOption = False,
    as_of: AsOfOption = None,
    quiet: QuietOption = False,
    everything: EverythingOption = False,
    as_json: JsonOption = False,
) -> None:
    """The weekly health report, from a request log."""
    choice = Choice(settings, tuple(requests or ()), tickets, None, model, base_url, no_model)
    with opened(choice.load(), json_lines=as_json) as postlaunch:
        run = postlaunch.start("weekly_report", week=week, as_of=moment(as_of))
        run = follow(postlaunch, run, as_json=as_json, quiet=quiet, everything=everything)
        finished_run(postlaunch, run, as_json=as_json)
        raise typer.Exit(exit_code(run))


def verify(
    report: Annotated[Path, typer.Argument(help="A report's JSON file.")],
    settings: SettingsOption = None,
    requests: RequestsOption = None,
    tickets: TicketsOption = None,
    candidates: CandidatesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure every figure of a report again and name what moved (exit code 5)."""
    choice = Choice(settings, tuple(requests or ()), tickets, candidates)
    with opened(choice.load(), json_lines=as_json) as postlaunch:
        found = postlaunch.verify(report)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        console = Console()
        for moved in found.moved:
            console.print(f"moved: {moved.text()}", markup=False, soft_wrap=True)
        for reason in found.unmeasured:
            console.print(f"not measured: {reason}", markup=False, soft_wrap=True)
        if found.changed_sources:
            console.print(f"changed since the report: {', '.join(found.changed_sources)}", markup=False)
        verdict = (
            f"all {found.checked} figures are what the report says"
            if found.holds
            else f"{len(found.moved)} of {found.checked} figures moved"
        )
        console.print(verdict, markup=False)
    raise typer.Exit(0 if found.holds else VERIFY_DIFFERENCE)


def runs(
    settings: SettingsOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, newest first.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Runs, where each stands, and its reports."""
    with opened(Choice(settings).load()) as postlaunch:
        found = postlaunch.runs(limit)
        written = {run.id: [path for r in postlaunch.reports(run.id) for path in r.paths] for run in found}
    if as_json:
        print_json([{**run.model_dump(mode="json"), "reports": written[run.id]} for run in found])
        return
    if not found:
        Console().print("No runs yet. Start with: postlaunch report weekly --requests ACCESS_LOG")
        return
    table = Table("Run", "What", "State", "When (UTC)", "Reports", box=None, pad_edge=False)
    for run in found:
        paths = "\n".join(Path(path).name for path in written[run.id] if path.endswith(".md"))
        table.add_row(run.id, run.question, state_text(run), f"{run.updated_at:%Y-%m-%d %H:%M}", paths)
    Console().print(table, markup=False)


def reports(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """Published reports and where their files are."""
    with opened(Choice(settings).load()) as postlaunch:
        found = postlaunch.reports()
    if as_json:
        print_json([record.model_dump(mode="json", exclude={"body"}) for record in found])
        return
    console = Console()
    if not found:
        console.print("No reports yet. Make one with: postlaunch report weekly --requests ACCESS_LOG")
    for record in found:
        console.print(f"{record.title}  ({record.at:%Y-%m-%d %H:%M} UTC, run {record.run})", markup=False)
        for path in record.paths:
            console.print(f"  {path}", markup=False, soft_wrap=True)


def trace(
    run: Annotated[str, typer.Argument(help="A run's id, or a unique beginning of it.")],
    settings: SettingsOption = None,
    everything: EverythingOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show again what happened in a run: the tree, or the events as JSON lines."""
    with opened(Choice(settings).load()) as postlaunch:
        events = postlaunch.events(postlaunch.run(run).id)
    if as_json:
        for event in events:
            print_json_line(event)
    else:
        print_events(events, Console(), everything=everything)
