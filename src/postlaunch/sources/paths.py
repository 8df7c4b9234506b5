"""The files that paths and globs of the settings name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from postlaunch.errors import SourceError
from postlaunch.settings import Settings


def files_named(settings: Settings, texts: Sequence[str], source: str) -> list[Path]:
    """The files of these paths and globs, each once, in order of their names.

    Raises:
        SourceError: a path or glob names no file.
    """
    found: dict[Path, None] = {}
    for text in texts:
        path = settings.path(text)
        matches = [path] if path.exists() else sorted(_matches(settings, text))
        if not matches:
            raise SourceError(
                f'no file matches "{text}" (looked for {path})',
                f"correct [sources.{source}] paths; they start at the settings file's folder",
            )
        found |= dict.fromkeys(match.resolve() for match in matches)
    return sorted(found)


def _matches(settings: Settings, pattern: str) -> Iterator[Path]:
    """The files a glob names; in a relative one only the pattern's own characters are special."""
    wanted = Path(pattern).expanduser()
    if wanted.is_absolute():
        return Path(wanted.anchor).glob(str(wanted.relative_to(wanted.anchor)))
    return settings.path("").glob(pattern)
