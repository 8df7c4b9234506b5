"""Folders of staged data: built under another name and renamed when whole, found again by their key.

A staged folder is there entirely or not at all, whatever happens to the process; two processes that build the
same one do the work twice, and the first to finish is kept.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from postlaunch.errors import SourceError

ABOUT_FILE = "staged.json"
"""What is known of the staged rows; its date says when they were last opened."""

BUILDING = ".building-"
UNUSED_DAYS = 30
"""Staged data that was not opened for so long is removed when something else is staged."""

About = TypeVar("About")


@dataclass(frozen=True)
class StagedFolders:
    """The staged data of one kind of source in the staging folder.

    Attributes:
        prefix: of the folders' names: "requests-", "events-".
        what: how an error calls the data: "the log", "the events".
    """

    folder: Path
    prefix: str
    what: str

    def home(self, key: str) -> Path:
        """Where the data of this key stand, once they are staged."""
        return self.folder / f"{self.prefix}{key[:32]}"

    def found_or_built(
        self,
        key: str,
        found: Callable[[Path], About | None],
        build: Callable[[Path], About],
        now: datetime,
    ) -> About:
        """What is known of the staged data of a key; built where it is not there whole.

        Args:
            found: reads a staged folder; None where it is not whole or no longer right.
            build: fills an empty folder, `ABOUT_FILE` included.

        Raises:
            SourceError: the staging folder cannot be written, or `build` raised it.
        """
        home = self.home(key)
        about = found(home)
        if about is not None:
            return about
        with self._explained():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._remove_unused(now)
            building = self.folder / f"{BUILDING}{uuid.uuid4().hex}"
            building.mkdir()
            try:
                about = build(building)
                self._put_in_place(building, home, found)
            finally:
                shutil.rmtree(building, ignore_errors=True)
        return about

    def _put_in_place(self, building: Path, home: Path, found: Callable[[Path], About | None]) -> None:
        """Rename what was built to its name, unless another process was first."""
        if found(home) is not None:
            return
        if home.exists():
            # half of it was deleted by hand, or a row it left out as lying in the future no longer does
            aside = home.with_name(f"{BUILDING}{uuid.uuid4().hex}")
            home.rename(aside)
            shutil.rmtree(aside, ignore_errors=True)
        try:
            building.rename(home)
        except OSError:
            if found(home) is None:
                raise

    def _remove_unused(self, now: datetime) -> None:
        """Remove what was left by a process that died, and what nobody opens any more."""
        for old in self.folder.iterdir():
            age_of = old / ABOUT_FILE if (old / ABOUT_FILE).exists() else old
            days = 1 if old.name.startswith(BUILDING) else UNUSED_DAYS
            with suppress(OSError):
                age = now.timestamp() - age_of.stat().st_mtime
                if old.name.startswith((BUILDING, self.prefix)) and age > timedelta(days).total_seconds():
                    shutil.rmtree(old, ignore_errors=True)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Failures to write the staging folder, in words."""
        import duckdb

        try:
            yield
        except duckdb.OutOfMemoryException as error:
            raise SourceError(
                f"{self.what} could not be staged in the memory allowed: {_first_line(error)}",
                f"free memory or disk space, or split {self.what}",
            ) from error
        except (OSError, duckdb.IOException) as error:
            raise SourceError(
                f"{self.what} could not be staged in {self.folder}: {_first_line(error)}",
                "free disk space there, or name another folder: [reports] staging",
            ) from error
        except duckdb.Error as error:
            raise SourceError(
                f"{self.what} could not be staged: {_first_line(error)}", "report this"
            ) from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:300]
