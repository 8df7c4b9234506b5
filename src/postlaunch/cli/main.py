"""The commands. Each parses its arguments, calls the Python API, prints, and ends with a documented code.

0  done                                4  waiting for a decision
1  anything else                       5  verify found a difference
2  usage or settings                   6  a decision was refused
3  a configured source or the model failed (the report is there, labelled)
"""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from postlaunch.cli import gate_commands, report_commands, setup_commands
from postlaunch.errors import PostLaunchError

app = typer.Typer(
    name="postlaunch",
    help="Run an application after its launch: every figure measured, nothing committed without a person.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
setup_commands.register(app)
report_commands.register(app)
gate_commands.register(app)


def main() -> None:
    """The entry point: errors become one paragraph and an exit code, never a traceback."""
    console = Console(stderr=True)
    try:
        app(standalone_mode=False)
    except PostLaunchError as error:
        console.print(str(error), style="bold red", markup=False, soft_wrap=True)
        if error.remedy:
            console.print(f"What to do: {error.remedy}", markup=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        console.print("Stopped. Nothing is lost: `postlaunch runs` shows where it stands.")
        sys.exit(1)
