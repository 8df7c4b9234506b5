"""`verify`, `runs`, `reports`, `trace`: what was measured, and what happened on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from postlaunch.cli.calling import (
    DEGRADED,
    CandidatesOption,
    Choice,
    EventsOption,
    EverythingOption,
    JsonOption,
    RequestsOption,
    SettingsOption,
    TicketsOption,
    nearby,
    opened,
    print_json,
    print_json_line,
    printer,
    program,
)
from postlaunch.cli.endings import print_lines, question_text, report_files, state_text
from postlaunch.cli.report_makers import report_app
from postlaunch.cli.tree_lines import printable
from postlaunch.cli.watching import print_events
from postlaunch.tools.verifying import Verification

VERIFY_DIFFERENCE = 5


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(report_app, name="report")
    for command in (verify, runs, reports, trace):
        app.command()(command)


def verify(
    report: Annotated[Path, typer.Argument(help="A report's JSON file.")],
    settings: SettingsOption = None,
    requests: RequestsOption = None,
    events: EventsOption = None,
    tickets: TicketsOption = None,
    candidates: CandidatesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure every figure of a report again.

    What moved is named; the exit code is 5 then.
    """
    choice = Choice(settings, tuple(requests or ()), tickets, candidates, events=tuple(events or ()))
    with opened(choice, as_json=as_json) as call:
        found = call.postlaunch.verify(report)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        console = printer()
        print_lines(console, (f"moved: {moved.text()}" for moved in found.moved))
        print_lines(console, (f"not measured: {reason}" for reason in found.unmeasured))
        if found.changed_sources:
            console.print(f"changed since the report: {', '.join(found.changed_sources)}")
        print_lines(console, found.notes)
        if found.left_alone:
            console.print(f"{found.left_alone} figures of a model's own queries are not measured again")
        console.print(_verdict(found))
    raise typer.Exit(_verify_code(found))


def _verdict(found: Verification) -> str:
    if found.holds:
        return f"all {found.checked} figures are what the report says"
    moved = f"{len(found.moved)} of {found.checked} figures moved"
    return (
        f"{moved}; {len(found.unmeasured)} measurements could not be run again" if found.unmeasured else moved
    )


def _verify_code(found: Verification) -> int:
    if found.moved:
        return VERIFY_DIFFERENCE
    return DEGRADED if found.unmeasured else 0


def runs(
    settings: SettingsOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, newest first.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Runs, where each stands, and its reports."""
    with opened(Choice(settings)) as call:
        found = call.postlaunch.runs(limit)
        reports = {run.id: call.postlaunch.reports(run.id) for run in found}
    if as_json:
        paths = {run: [path for record in made for path in record.paths] for run, made in reports.items()}
        print_json([{**run.model_dump(mode="json"), "reports": paths[run.id]} for run in found])
        return
    console = printer()
    if not found:
        console.print(f"No runs yet. Start with: {program()} report weekly --requests ACCESS_LOG")
    for run in found:
        when = f"{run.updated_at:%Y-%m-%d %H:%M} UTC"
        console.print(f"{run.id}  {when}  {question_text(run)}: {state_text(run)}", soft_wrap=True)
        if run.error:
            console.print(Text(f"    {printable(run.error)}", "red"), soft_wrap=True)
        print_lines(console, (f"    {path}" for record in reports[run.id] for path in report_files(record)))


def reports(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """Published reports and where their files are."""
    with opened(Choice(settings)) as call:
        found = call.postlaunch.reports()
    if as_json:
        print_json([record.model_dump(mode="json", exclude={"body"}) for record in found])
        return
    console = printer()
    if not found:
        console.print(f"No reports yet. Make one with: {program()} report weekly --requests ACCESS_LOG")
    for record in found:
        console.print(f"{record.title}  {record.at:%Y-%m-%d %H:%M} UTC, run {record.run}", soft_wrap=True)
        print_lines(console, (f"    {nearby(path)}" for path in record.paths))


def trace(
    run: Annotated[str, typer.Argument(help="A run's id, or a unique beginning of it.")],
    settings: SettingsOption = None,
    everything: EverythingOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show again what happened in a run.

    The tree, or with --json its events, one a line.
    """
    with opened(Choice(settings)) as call:
        events = call.postlaunch.events(call.postlaunch.run(run).id)
    if as_json:
        for event in events:
            print_json_line(event)
    else:
        print_events(events, printer(), everything=everything)
