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
from typing import TYPE_CHECKING, Generic, TypeVar

import structlog
from pydantic import ValidationError

from postlaunch.errors import SourceError
from postlaunch.sources.file_rows import StagedRows, latest_moment

if TYPE_CHECKING:
    import duckdb

log = structlog.get_logger(__name__)

ABOUT_FILE = "staged.json"
"""What is known of the staged rows; its date says when they were last opened."""

BUILDING = ".building-"
UNUSED_DAYS = 30
"""Staged data that was not opened for so long is removed when something else is staged."""

MEMORY = "768MB"
THREADS = 2
"""What staging may use of the machine."""

About = TypeVar("About", bound=StagedRows)


@dataclass(frozen=True)
class StagedFolders(Generic[About]):
    """The staged rows of one source in the staging folder: folders `NAME-KEY` that hold `NAME.parquet`.

    Attributes:
        name: of the source: "requests", "events".
        what: how an error calls the data: "the log", "the events".
        about: what is kept as `ABOUT_FILE`.
    """

    folder: Path
    name: str
    what: str
    about: type[About]

    def staged(self, key: str, build: Callable[[Path], About], now: datetime) -> tuple[Path, About]:
        """The Parquet file of a key and what is known of it; built where it is not there whole.

        Args:
            build: writes the Parquet file into an empty folder.

        Raises:
            SourceError: the staging folder cannot be written, or `build` raised it.
        """
        home = self.home(key)
        about = self._found(home, now)
        if about is None:
            about = self._built(home, build, now)
            log.info(
                "staged", source=self.name, rows=sum(file.kept for file in about.files), folder=str(home)
            )
        return home / self.file, about

    def found(self, key: str, now: datetime) -> tuple[Path, About] | None:
        """The Parquet file of a key and what is known of it, where it is there whole."""
        about = self._found(self.home(key), now)
        return None if about is None else (self.home(key) / self.file, about)

    def home(self, key: str) -> Path:
        """The folder of a key."""
        return self.folder / f"{self.name}-{key[:32]}"

    @property
    def file(self) -> str:
        """Name of the staged file in its folder."""
        return f"{self.name}.parquet"

    def _found(self, home: Path, now: datetime) -> About | None:
        """Whole staged rows, unless one that was left out as lying in the future no longer does."""
        try:
            about = self.about.model_validate_json((home / ABOUT_FILE).read_text(encoding="utf-8"))
        except (OSError, ValidationError):
            return None
        if not (home / self.file).is_file():
            return None
        future = about.earliest_future_us
        if future is not None and future <= latest_moment(now).timestamp() * 1e6:
            return None
        with suppress(OSError):
            (home / ABOUT_FILE).touch()
        return about

    def _built(self, home: Path, build: Callable[[Path], About], now: datetime) -> About:
        with self._explained():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._remove_unused(now)
            building = self.folder / f"{BUILDING}{uuid.uuid4().hex}"
            building.mkdir()
            try:
                about = build(building)
                (building / ABOUT_FILE).write_text(about.model_dump_json(), encoding="utf-8")
                self._put_in_place(building, home, now)
            finally:
                shutil.rmtree(building, ignore_errors=True)
        return about

    def _put_in_place(self, building: Path, home: Path, now: datetime) -> None:
        """Rename what was built to its name, unless another process was first."""
        if self._found(home, now) is not None:
            return
        if home.exists():
            # half of it was deleted by hand, or a row it left out as lying in the future no longer does
            aside = home.with_name(f"{BUILDING}{uuid.uuid4().hex}")
            home.rename(aside)
            shutil.rmtree(aside, ignore_errors=True)
        try:
            building.rename(home)
        except OSError:
            if self._found(home, now) is None:
                raise

    def _remove_unused(self, now: datetime) -> None:
        """Remove what was left by a process that died, and what nobody opens any more."""
        for old in self.folder.iterdir():
            age_of = old / ABOUT_FILE if (old / ABOUT_FILE).exists() else old
            days = 1 if old.name.startswith(BUILDING) else UNUSED_DAYS
            with suppress(OSError):
                age = now.timestamp() - age_of.stat().st_mtime
                if old.name.startswith((BUILDING, f"{self.name}-")) and age > timedelta(days).total_seconds():
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


@contextmanager
def staging_connection(building: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory for one staging; what does not fit spills into the folder that is built."""
    import duckdb

    spill = building / "spill"
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "threads": THREADS,
        "temp_directory": str(spill),
    }
    with duckdb.connect(config=config) as connection:
        connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        yield connection
    shutil.rmtree(spill, ignore_errors=True)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:300]
