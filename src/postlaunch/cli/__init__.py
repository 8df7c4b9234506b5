"""The `postlaunch` command. `main` is its entry; nothing else is imported from outside."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from functools import cache


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and end the process with its exit code; Ctrl-C while it is being loaded ends it, too.

    Args:
        arguments: what was typed after "postlaunch"; None: the command line's.
    """
    try:
        run = _loaded()
    except KeyboardInterrupt:
        raise SystemExit(1) from None
    run(arguments)


@cache
def _loaded() -> Callable[[Sequence[str] | None], None]:
    """The command. It stays to the end: looking through it for garbage would be a fifth of the start."""
    gc.disable()
    try:
        from postlaunch.cli.command import run
    finally:
        gc.freeze()
        gc.enable()
    return run
