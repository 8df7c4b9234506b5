"""`feedback groups`, `merge`, `split`, `undo`, `log`: how requests are grouped, as a person decides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.text import Text

from postlaunch.cli.calling import Choice, JsonOption, SettingsOption, opened, print_json, printer
from postlaunch.cli.tree_lines import printable
from postlaunch.errors import UsageError
from postlaunch.graphs.groupings import ListedGroup
from postlaunch.ledger.feedback_records import GroupingDecision

feedback_app = typer.Typer(
    help="How feature requests are grouped.", no_args_is_help=True, rich_markup_mode=None
)

ByOption = Annotated[str, typer.Option("--by", help="Who says so.")]
NoteOption = Annotated[str, typer.Option("--note", help="Why; kept with it.")]
TICKETS_SHOWN = 8


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(feedback_app, name="feedback")


@feedback_app.command()
def groups(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """What people ask for, largest first, with the tickets that say so."""
    with opened(Choice(settings)) as call:
        listed = call.postlaunch.feedback_groups()
    if as_json:
        print_json(listed.model_dump(mode="json"))
        return
    console = printer()
    for group in listed.groups:
        if group.tickets:
            for line in _lines(group):
                console.print(line, soft_wrap=True)
    for note in listed.notes:
        console.print(Text(printable(note), "dim"), soft_wrap=True)
    if not any(group.tickets for group in listed.groups):
        console.print(listed.said_of_none, soft_wrap=True)


def _lines(group: ListedGroup) -> Iterator[Text]:
    spread = f" (between {group.low:,} and {group.high:,})" if group.low != group.high else ""
    people = "person" if group.requesters == 1 else "people"
    item = f"  item {printable(group.candidate)}" if group.candidate else ""
    yield Text(f"{group.id}  {printable(group.label)}: {group.requesters:,} {people}{spread}{item}")
    left = len(group.tickets) - TICKETS_SHOWN
    more = f" and {left} more" if left > 0 else ""
    shown = ", ".join(map(printable, group.tickets[:TICKETS_SHOWN]))
    yield Text(f"    tickets {shown}{more}", "dim")
    for said in group.decided:
        yield Text(f"    {printable(said)}", "dim")


@feedback_app.command()
def merge(
    names: Annotated[list[str], typer.Argument(help="Groups: ids (G3), labels or candidate items.")],
    by: ByOption,
    note: NoteOption = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that groups ask for the same: later reports count them as one."""
    with opened(Choice(settings)) as call:
        _say(call.postlaunch.merge_feedback(names, by=by, note=note), as_json)


@feedback_app.command()
def split(
    group: Annotated[str, typer.Argument(help="A group: its id (G3), label or candidate item.")],
    tickets: Annotated[
        list[str], typer.Option("--tickets", help="Ids of those that ask for something else, with commas.")
    ],
    by: ByOption,
    note: NoteOption = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that some tickets ask for something else: later reports count them apart."""
    named = [part.strip() for given in tickets for part in given.split(",") if part.strip()]
    with opened(Choice(settings)) as call:
        _say(call.postlaunch.split_feedback(group, named, by=by, note=note), as_json)


@feedback_app.command()
def undo(
    decision: Annotated[str, typer.Argument(help="Its number, as `postlaunch feedback log` shows it.")],
    by: ByOption,
    note: NoteOption = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take back a merge or a split; it stays in the record."""
    if not decision.isascii() or not decision.isdigit():
        raise UsageError(
            f'"{decision}" is no number of a decision', "list them with: postlaunch feedback log"
        )
    with opened(Choice(settings)) as call:
        _say(call.postlaunch.undo_feedback(int(decision), by=by, note=note), as_json)


@feedback_app.command()
def log(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """Every merge, split and undo, the oldest first."""
    with opened(Choice(settings)) as call:
        found = call.postlaunch.feedback_groups().decisions
    if as_json:
        print_json([one.model_dump(mode="json") for one in found])
        return
    console = printer()
    if not found:
        console.print("Nobody decided anything about groups.", soft_wrap=True)
    for one in found:
        console.print(printable(_line(one)), soft_wrap=True)


def _say(decision: GroupingDecision, as_json: bool) -> None:
    if as_json:
        print_json(decision.model_dump(mode="json"))
        return
    console = printer()
    console.print(printable(_line(decision)), soft_wrap=True)
    console.print("The next report counts so; a later decision has the last word.", soft_wrap=True)


def _line(decision: GroupingDecision) -> str:
    labels = [group.label for group in decision.groups]
    what = {
        "merge": f"merged {' and '.join(labels)}",
        "split": f"set {', '.join(decision.tickets)} apart from {''.join(labels)}",
        "undo": f"took back {decision.undoes}",
    }[decision.kind]
    note = f": {decision.note}" if decision.note else ""
    return f"{decision.number}  {decision.at:%Y-%m-%d}  {decision.by} {what}{note}"
