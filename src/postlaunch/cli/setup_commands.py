"""`init`, `check`, `demo`: from nothing to a first report."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from postlaunch.cli.calling import (
    BaseUrlOption,
    CandidatesOption,
    Choice,
    EverythingOption,
    JsonOption,
    ModelOption,
    NoModelOption,
    RequestsOption,
    SettingsOption,
    TicketsOption,
    nearby,
    print_json,
    printer,
    program,
)
from postlaunch.cli.check import Probe
from postlaunch.cli.check import check as check_settings
from postlaunch.cli.demo import SETTINGS, run_demo
from postlaunch.cli.init import Answers, write_settings
from postlaunch.cli.tree_lines import printable
from postlaunch.windows import system_clock

MARKS = {"works": ("✓", "green"), "absent": ("–", "dim"), "fails": ("✗", "bold red")}


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (demo, init, check):
        app.command()(command)


def init(
    name: Annotated[str | None, typer.Option("--name", help="The application's name.")] = None,
    version: Annotated[str, typer.Option("--version", help="Its version, as reports print it.")] = "",
    timezone: Annotated[str | None, typer.Option("--timezone", help="IANA name, e.g. Europe/Berlin.")] = None,
    requests: RequestsOption = None,
    tickets: TicketsOption = None,
    candidates: CandidatesOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    approver: Annotated[
        list[str] | None, typer.Option("--approver", help="Who may decide; may be given again.")
    ] = None,
    sprint_days: Annotated[float, typer.Option("--sprint-days", min=0.5, help="Working days a sprint.")] = 10,
    force: Annotated[bool, typer.Option("--force", help="Write over an existing file.")] = False,
) -> None:
    """Write a commented postlaunch.toml here.

    On a terminal it asks a few questions; flags answer them.
    """
    ask = sys.stdin.isatty() and name is None
    answers = Answers(
        name=typer.prompt("The application's name", default="My application")
        if ask
        else name or Answers().name,
        version=version,
        timezone=typer.prompt("Its time zone", default="UTC") if ask and not timezone else timezone or "UTC",
        requests=_paths("Request log (a file or a glob; empty for none)", requests, ask),
        tickets=_path("Support tickets (CSV, JSON, YAML; empty for none)", tickets, ask),
        candidates=_path("Candidate items (CSV, JSON, YAML; empty for none)", candidates, ask),
        model=model or "",
        base_url=base_url or "",
        approvers=_names("Who may approve a sprint (names, comma between; empty for anyone)", approver, ask),
        sprint_days=sprint_days,
    )
    path = write_settings(Path.cwd(), answers, force=force)
    printer().print(f"wrote {nearby(path)}\nNext: {program()} check", soft_wrap=True)


def _path(question: str, given: str | None, ask: bool) -> str:
    return (
        str(typer.prompt(question, default="", show_default=False)) if ask and given is None else given or ""
    )


def _paths(question: str, given: list[str] | None, ask: bool) -> tuple[str, ...]:
    if given:
        return tuple(given)
    answer = _path(question, None, ask)
    return (answer,) if answer else ()


def _names(question: str, given: list[str] | None, ask: bool) -> tuple[str, ...]:
    if given:
        return tuple(given)
    answer = _path(question, None, ask)
    return tuple(name.strip() for name in answer.split(",") if name.strip())


def check(
    settings: SettingsOption = None,
    requests: RequestsOption = None,
    tickets: TicketsOption = None,
    candidates: CandidatesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try the settings and every source.

    Says what works, what does not, and what to do about it.
    """
    loaded = Choice(settings, tuple(requests or ()), tickets, candidates).load()
    probes = check_settings(loaded, system_clock, os.environ)
    if as_json:
        print_json([probe.model_dump(mode="json") for probe in probes])
    else:
        _print_probes(printer(), probes)
    raise typer.Exit(max((probe.exit_code for probe in probes), default=0))


def _print_probes(console: Console, probes: Sequence[Probe]) -> None:
    """Each thing tried on a line, what more is known of it and what to do below it."""
    for probe in probes:
        mark, style = MARKS[probe.state]
        first, *more = map(printable, probe.finding.splitlines())
        console.print(Text(f"{mark} {probe.subject}: {first}", style), soft_wrap=True)
        for line in (*more, *([printable(probe.remedy)] if probe.remedy else [])):
            console.print(f"    {line}", soft_wrap=True)


def demo(
    folder: Annotated[Path, typer.Option("--folder", help="Where the sample application is put.")] = Path(
        "demo"
    ),
    seed: Annotated[int | None, typer.Option("--seed", help="Another sample of the same kind.")] = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    no_model: NoModelOption = False,
    everything: EverythingOption = False,
) -> None:
    """The whole job on an embedded sample.

    A health report, a proposal for the next sprint, your decision, the hand-off.
    """
    choice = Choice(folder / SETTINGS, model=model, base_url=base_url, no_model=no_model)
    run_demo(folder, seed, choice, everything=everything)
