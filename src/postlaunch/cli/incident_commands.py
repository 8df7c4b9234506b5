"""`incident open`, `list`, `show`; `actions list`, `close`: what went wrong, and what follows from it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.text import Text

from postlaunch.cli.calling import (
    BaseUrlOption,
    Call,
    Choice,
    EverythingOption,
    JsonOption,
    ModelOption,
    NoModelOption,
    QuietOption,
    RequestsOption,
    SettingsOption,
    exit_code,
    moment,
    opened,
    print_json,
    printer,
    program,
)
from postlaunch.cli.endings import finished_run, print_lines, report_files
from postlaunch.cli.tree_lines import printable
from postlaunch.graphs.starting import IncidentAsked
from postlaunch.ledger.records import ActionItem, ActionStatus, IncidentRecord, IncidentStatus
from postlaunch.windows import zone_named

incident_app = typer.Typer(
    help="Open an incident; list and show them.", no_args_is_help=True, rich_markup_mode=None
)
actions_app = typer.Typer(
    help="What is to be done after incidents.", no_args_is_help=True, rich_markup_mode=None
)

Trigger = Literal["alert", "user_report", "finding"]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(incident_app, name="incident")
    app.add_typer(actions_app, name="actions")


@incident_app.command("open")
def open_(
    at: Annotated[str, typer.Option("--at", help="When it began: 2026-02-11T14:15, in the settings' zone.")],
    text: Annotated[str, typer.Option("--text", help="What is known of it.")] = "",
    until: Annotated[str | None, typer.Option("--until", help="When it was over, if it is known.")] = None,
    trigger: Annotated[Trigger, typer.Option("--trigger", help="How it became known.")] = "user_report",
    settings: SettingsOption = None,
    requests: RequestsOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    no_model: NoModelOption = False,
    quiet: QuietOption = False,
    everything: EverythingOption = False,
    as_json: JsonOption = False,
) -> None:
    """Look into an incident and write its report.

    One that overlaps a known incident is that incident.
    """
    choice = Choice(settings, tuple(requests or ()), None, None, model, base_url, no_model)
    with opened(choice, as_json=as_json, quiet=quiet, everything=everything) as call:
        asked = IncidentAsked(
            start=_local(call, at), end=_local(call, until) if until else None, trigger=trigger, text=text
        )
        run = call.follow(call.postlaunch.start("incident", incident=asked))
        finished_run(call, run)
        raise typer.Exit(exit_code(run))


def _local(call: Call, text: str) -> datetime:
    """A moment as a person types it: without a zone it is the application's wall clock.

    Raises:
        UsageError: it is none.
    """
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        when = None
    if when is None or when.tzinfo is not None:
        found = moment(text)
        assert found is not None
        return found
    return when.replace(tzinfo=zone_named(call.postlaunch.settings.application.timezone))


@incident_app.command("list")
def list_(
    status: Annotated[IncidentStatus | None, typer.Option("--status", help="Only those.")] = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Incidents, the newest first."""
    with opened(Choice(settings)) as call:
        found = call.postlaunch.incidents(status)
        zone = call.postlaunch.settings.application.timezone
    if as_json:
        print_json([record.model_dump(mode="json") for record in found])
        return
    console = printer()
    if not found:
        console.print(
            f"No incidents. Open one with: {program()} incident open --at WHEN --text WHAT", soft_wrap=True
        )
    for record in found:
        console.print(_line(record, zone), soft_wrap=True)


def when_on_one_line(started_at: datetime, ended_at: datetime, zone: str) -> str:
    """ "2025-11-18 14:15–14:23 PST"; the zone of the start and the day of the end, too, where they differ."""
    start, end = (when.astimezone(zone_named(zone)) for when in (started_at, ended_at))
    began = f"{start:%Y-%m-%d %H:%M}" if start.tzname() == end.tzname() else f"{start:%Y-%m-%d %H:%M %Z}"
    ended = f"{end:%H:%M %Z}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M %Z}"
    return f"{began}–{ended}"


def _line(record: IncidentRecord, zone: str) -> Text:
    when = when_on_one_line(record.started_at, record.ended_at, zone)
    style = "bold red" if record.status == "open" else ""
    return Text(
        f"{record.id}  {record.severity or 'not judged'}  {record.status}  {when}",
        style,
    )


@incident_app.command()
def show(
    incident: Annotated[str, typer.Argument(help="Its id: INC-2026-001.")],
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """An incident, its action items and its report."""
    with opened(Choice(settings)) as call:
        record = call.postlaunch.incident(incident)
        items = [item for item in call.postlaunch.action_items() if item.incident == record.id]
        reports = call.postlaunch.reports(record.run)
        zone = call.postlaunch.settings.application.timezone
    if as_json:
        body = record.model_dump(mode="json")
        actions = [item.model_dump(mode="json") for item in items]
        print_json({**body, "actions": actions, "reports": [path for one in reports for path in one.paths]})
        return
    console = printer()
    console.print(_line(record, zone), soft_wrap=True)
    _print_items(console, items)
    print_lines(console, (f"  {path}" for one in reports for path in report_files(one)))


@actions_app.command("list")
def list_actions(
    status: Annotated[ActionStatus | None, typer.Option("--status", help="Only those.")] = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Action items by their due date."""
    with opened(Choice(settings)) as call:
        found = call.postlaunch.action_items(status)
    if as_json:
        print_json([item.model_dump(mode="json") for item in found])
        return
    console = printer()
    if not found:
        console.print("Nothing is to be done after incidents.", soft_wrap=True)
    _print_items(console, found)


def _print_items(console: Console, items: tuple[ActionItem, ...] | list[ActionItem]) -> None:
    for item in items:
        done = f"closed by {item.closed_by}" if item.status == "closed" else f"due {item.due}"
        style = "dim" if item.status == "closed" else ""
        line = f"  {item.id}  {done}  {item.owner}: {printable(item.action)}"
        console.print(Text(line, style), soft_wrap=True)
        if item.note:
            console.print(Text(f"      {printable(item.note)}", "dim"), soft_wrap=True)


@actions_app.command()
def close(
    item: Annotated[str, typer.Argument(help="Its id: INC-2026-001-2.")],
    by: Annotated[str, typer.Option("--by", help="Who says that it is done.")],
    note: Annotated[str, typer.Option("--note", help="What was done; kept with the item.")] = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Close an action item: it is done."""
    with opened(Choice(settings)) as call:
        closed = call.postlaunch.close_action_item(item, by=by, note=note)
    if as_json:
        print_json(closed.model_dump(mode="json"))
        return
    printer().print(f"{closed.id} is closed by {printable(closed.closed_by)}.", soft_wrap=True)
