"""The `postlaunch` command. `main` is its entry; nothing else is imported from outside."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and end the process with its exit code; Ctrl-C while it is being loaded ends it, too.

    Args:
        arguments: what was typed after "postlaunch"; None: the command line's.
    """
    try:
        from postlaunch.cli.command import run
    except KeyboardInterrupt:
        raise SystemExit(1) from None
    run(arguments)
