"""What the commands share: the options that choose data and model, opening the API, and moving a run."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Protocol

import typer
from rich.console import Console

from postlaunch.cli.watching import LiveTree
from postlaunch.errors import PostLaunchError, UsageError
from postlaunch.events import Event
from postlaunch.ledger.records import RunRecord
from postlaunch.llm.budget import ASSIGNMENTS, estimate
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
EventsOption = Annotated[
    list[str] | None,
    typer.Option("--events", help="Product events: CSV, JSON lines or Parquet; a file or a quoted glob."),
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
QuietOption = Annotated[bool, typer.Option("--quiet", help="Print only what needs a person.")]
EverythingOption = Annotated[bool, typer.Option("--all", help="Show every fact and every verdict.")]

DEBUG = "POSTLAUNCH_DEBUG"
"""Environment variable: "1" logs what happens inside, and shows the trace of a bug."""

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
    events: tuple[str, ...] = ()

    def load(self) -> Settings:
        """The settings with the flags put over them; paths in flags start in the current folder.

        Raises:
            SettingsError: what the file or a flag says does not fit.
        """
        flags: dict[str, object] = {}
        if self.requests:
            flags["sources.requests.paths"] = [_here(path) for path in self.requests]
        if self.events:
            flags["sources.events.paths"] = [_here(path) for path in self.events]
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

    @property
    def place(self) -> str:
        """The option that finds the same settings again, for a command that is printed."""
        return f" --settings {shlex.quote(str(self.settings))}" if self.settings else ""

    @property
    def options(self) -> str:
        """Every option of this choice, for a command that is printed."""
        words = [word for path in self.requests for word in ("--requests", path)]
        words += [word for path in self.events for word in ("--events", path)]
        named = {
            "--tickets": self.tickets,
            "--candidates": self.candidates,
            "--model": self.model,
            "--base-url": self.base_url,
        }
        words += [word for option, value in named.items() if value for word in (option, value)]
        words += ["--no-model"] if self.no_model else []
        return self.place + "".join(f" {shlex.quote(word)}" for word in words)


def _here(path: str) -> str:
    return str(Path.cwd() / Path(path).expanduser())


def program() -> str:
    """What to type for this program: `postlaunch`, or its path where no shell would find it."""
    if shutil.which("postlaunch"):
        return "postlaunch"
    started = Path(sys.argv[0])
    if started.name != "postlaunch" or not started.exists():
        return "postlaunch"
    path = nearby(started)
    return shlex.quote(path if "/" in path else f"./{path}")


def nearby(path: Path | str) -> str:
    """A path as a person reads it: from the current folder where it lies below it."""
    whole, here = Path(path).absolute(), Path.cwd()
    return str(whole.relative_to(here) if whole.is_relative_to(here) else whole)


class _Printer(Console):
    """A console whose reader may go away: the command goes on to its end, and prints to nobody."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        nobody = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nobody, self.file.fileno())
        os.close(nobody)


def printer(*, stderr: bool = False) -> Console:
    """A console that prints text as it is: no colours for figures, no markup in what others wrote."""
    return _Printer(stderr=stderr, highlight=False, markup=False, emoji=False)


class Watcher(Protocol):
    """Shows a run's events as they happen."""

    def __call__(self, event: Event) -> None:
        """Show one, or keep it until its turn."""
        ...

    def finish(self) -> None:
        """Show what is kept."""
        ...


@dataclass(frozen=True)
class Call:
    """One call of a command: the open API, what was chosen, and how the caller wants to watch.

    Attributes:
        everything: show each fact and verdict, not only the telling ones.
    """

    postlaunch: PostLaunch
    choice: Choice
    as_json: bool = False
    quiet: bool = False
    everything: bool = False

    def follow(self, run: RunRecord, tree: Watcher | None = None) -> RunRecord:
        """Move a run on under the eyes of a person: the live tree goes to standard error.

        Args:
            tree: what shows it; None: the live tree.

        Raises:
            PostLaunchError: what stopped the run, Ctrl-C included; it says how to go on.
        """
        try:
            if self.quiet or self.as_json:
                return self.postlaunch.advance(run.id)
            return self._watched(run, tree)
        except KeyboardInterrupt:
            raise PostLaunchError(
                f"Stopped. Run {run.id} is kept as far as it came.",
                f"{program()} advance {run.id}{self.choice.options} goes on with it",
            ) from None

    def _watched(self, run: RunRecord, tree: Watcher | None) -> RunRecord:
        console = printer(stderr=True)
        settings = self.postlaunch.settings
        asks = settings.model.name and run.workflow in ASSIGNMENTS
        if asks and run.state in ("created", "failed"):
            console.print(f"Expected use of {estimate(settings, run.workflow).words}.", style="dim")
        tree = tree or LiveTree(console, everything=self.everything)
        try:
            return self.postlaunch.advance(run.id, tree)
        finally:
            tree.finish()


@contextmanager
def opened(
    choice: Choice, *, as_json: bool = False, quiet: bool = False, everything: bool = False
) -> Iterator[Call]:
    """The API over what was chosen, with logs on standard error.

    Raises:
        SettingsError: the settings cannot be read.
        PostLaunchError: the ledger cannot be opened, or Ctrl-C was pressed.
    """
    configure_logging("info" if os.environ.get(DEBUG) == "1" else "error", json=as_json)
    try:
        with PostLaunch(choice.load()) as postlaunch:
            yield Call(postlaunch, choice, as_json, quiet, everything)
    except KeyboardInterrupt:
        raise PostLaunchError(
            "Stopped. Nothing that was stored is lost.", f"{program()} runs{choice.place} shows what there is"
        ) from None


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
