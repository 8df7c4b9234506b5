"""The commands. Each parses its arguments, calls the Python API, prints, and ends with a documented code.

0  done                                4  waiting for a decision
1  anything else                       5  verify or audit: something does not hold
2  usage or settings                   6  a decision was refused
3  a configured source or the model failed (the report is there, labelled)
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated

import typer

from postlaunch.cli import (
    feedback_commands,
    gate_commands,
    handoff_commands,
    incident_commands,
    listen_commands,
    night_commands,
    report_commands,
    setup_commands,
    tracking_commands,
    trust_commands,
)
from postlaunch.cli.calling import DEBUG, printer
from postlaunch.cli.tree_lines import printable
from postlaunch.errors import PostLaunchError
from postlaunch.redaction import Redactor


def _version(wanted: bool) -> None:
    if wanted:
        printer().print(f"postlaunch {metadata.version('postlaunch')}")
        raise typer.Exit


app = typer.Typer(
    name="postlaunch",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """Run an application after its launch: every figure measured, nothing committed without a person."""


setup_commands.register(app)
report_commands.register(app)
gate_commands.register(app)
handoff_commands.register(app)
feedback_commands.register(app)
incident_commands.register(app)
listen_commands.register(app)
night_commands.register(app)
tracking_commands.register(app)
trust_commands.register(app)


def run(arguments: Sequence[str] | None = None) -> None:
    """Run one command: every error becomes one paragraph and an exit code, never a traceback.

    Args:
        arguments: what was typed after "postlaunch"; None: the command line's.
    """
    try:
        app(arguments)
    except PostLaunchError as error:
        _say(str(error), f"What to do: {error.remedy}" if error.remedy else "")
        sys.exit(error.exit_code)
    except Exception as error:  # whatever it is, a person is told in words
        if os.environ.get(DEBUG) == "1":
            raise
        _say(
            f"This is a bug in postlaunch: {type(error).__name__}: {error}",
            f"Nothing that was stored is lost. Set {DEBUG}=1 to see the trace.",
        )
        sys.exit(1)


def _say(what: str, then: str) -> None:
    console, secrets = printer(stderr=True), Redactor.of_environment(os.environ)
    console.print(printable(secrets.text(what)), style="bold red", soft_wrap=True)
    if then:
        console.print(printable(secrets.text(then)), soft_wrap=True)
