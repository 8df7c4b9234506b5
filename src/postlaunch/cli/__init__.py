"""The `postlaunch` command. `main` is its entry; nothing else is imported from outside."""

from postlaunch.cli.main import main

__all__ = ["main"]
