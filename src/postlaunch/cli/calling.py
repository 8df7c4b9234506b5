"""What the commands share: the options that choose data and model, opening the API, and how a call ends."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from postlaunch.cli.watching import LiveTree
from postlaunch.errors import UsageError
from postlaunch.events import Event
from postlaunch.ledger.records import RunRecord
from postlaunch.logs import configure_logging
from postlaunch.settings import Settings
from postlaunch.settings_file import load_settings
from postlaunch.sync import PostLaunch

SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", help="Settings file; else ./postlaunch.toml, else the defaults."),
]
RequestsOption = Annotated[
    list[str] | None,
    typer.Option("--requests", help="A web server's log; a file or a quoted glob; may be given again."),
]
TicketsOption = Annotated[str | None, typer.Option("--tickets", help="Support tickets: CSV, JSON or YAML.")]
CandidatesOption = Annotated[
    str | None, typer.Option("--candidates", help="Candidate items with effort: CSV, JSON or YAML.")
]
ModelOption = Annotated[
    str | None, typer.Option("--model", help="A model's name; without one in settings or here, none is used.")
]
BaseUrlOption = Annotated[
    str | None, typer.Option("--base-url", help="Any OpenAI-compatible server, e.g. http://localhost:8000/v1")
]
NoModelOption = Annotated[bool, typer.Option("--no-model", help="Rules alone, whatever the settings say.")]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="Measure as if it were this moment (ISO 8601, UTC unless it says)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on standard output, for a program.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Do not show the specialists at work.")]
EverythingOption = Annotated[bool, typer.Option("--all", help="Show every fact of every call.")]

WAITING = 4
"""Exit code: the run waits for a person."""
DEGRADED = 3
"""Exit code: a configured source or the model failed; the report is there and says so."""


@dataclass(frozen=True)
class Choice:
    """The data and the model that flags choose; they win over the settings file."""

    settings: Path | None = None
    requests: tuple[str, ...] = ()
    tickets: str | None = None
    candidates: str | None = None
    model: str | None = None
    base_url: str | None = None
    no_model: bool = False

    def load(self) -> Settings:
        """The settings with the flags put over them; paths in flags start in the current folder.

        Raises:
            SettingsError: what the file or a flag says does not fit.
        """
        flags: dict[str, object] = {}
        if self.requests:
            flags["sources.requests.paths"] = [_here(path) for path in self.requests]
        if self.tickets:
            flags["sources.tickets.path"] = _here(self.tickets)
        if self.candidates:
            flags["sources.candidates.path"] = _here(self.candidates)
        if self.model:
            flags["model.name"] = self.model
        if self.base_url:
            flags["model.base_url"] = self.base_url
        if self.no_model:
            flags["model.name"] = ""
        return load_settings(self.settings, environment=os.environ, flags=flags)


def _here(path: str) -> str:
    return str(Path.cwd() / Path(path).expanduser())


@contextmanager
def opened(settings: Settings, *, json_lines: bool = False) -> Iterator[PostLaunch]:
    """The API over these settings, with logs on standard error."""
    configure_logging(json=json_lines)
    with PostLaunch(settings) as postlaunch:
        yield postlaunch


def moment(text: str | None) -> datetime | None:
    """A moment as `--as-of` takes it.

    Raises:
        UsageError: it is not one.
    """
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f'"{text}" is not a moment', "write 2026-02-11 or 2026-02-11T07:00+01:00") from error
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def follow(
    postlaunch: PostLaunch, run: RunRecord, *, as_json: bool, quiet: bool, everything: bool = False
) -> RunRecord:
    """Advance a run under the eyes of a person: the live tree goes to standard error."""
    if quiet or as_json:
        return postlaunch.advance(run.id)
    tree = LiveTree(Console(stderr=True), everything=everything)
    try:
        return postlaunch.advance(run.id, tree)
    finally:
        tree.finish()


def print_json_line(event: Event) -> None:
    """One event as one line of JSON."""
    sys.stdout.write(event.model_dump_json() + "\n")
    sys.stdout.flush()


def exit_code(run: RunRecord) -> int:
    """The documented code for where a run stands."""
    if run.state == "waiting":
        return WAITING
    if run.degraded:
        return DEGRADED
    return 0 if run.state == "done" else 1


def print_json(value: object) -> None:
    """A value as one JSON document on standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
