"""The sample, made, staged and planned once; each test works on a copy of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from postlaunch.ledger.records import ApprovalRequest, RunRecord
from postlaunch.reports.scope import Scope
from postlaunch.sample.generate import DEFAULT_END
from postlaunch.sync import PostLaunch

if TYPE_CHECKING:
    from conftest import MadeOnce, Samples

SCALE = 0.05
"""Of the sample's ordinary traffic: every test reads it, and its size shows nothing more here."""


@dataclass(frozen=True)
class Workspace:
    """A folder with settings, and what is stored and written there."""

    folder: Path

    @property
    def settings(self) -> tuple[str, Path]:
        """The option that names its settings."""
        return "--settings", self.folder / "postlaunch.toml"

    @property
    def opened(self) -> PostLaunch:
        """The API; a context manager."""
        return PostLaunch(self.folder / "postlaunch.toml")

    def request(self) -> ApprovalRequest:
        """The one request that waits."""
        with self.opened as postlaunch:
            [request] = postlaunch.pending()
        return request

    def runs(self) -> tuple[RunRecord, ...]:
        """The runs, newest first."""
        with self.opened as postlaunch:
            return postlaunch.runs()

    def committed(self) -> list[set[str]]:
        """The items of each sprint that was committed."""
        with self.opened as postlaunch:
            scopes = [Scope.model_validate(one.body["scope"]) for one in postlaunch.commitments()]
        return [set(scope.ids) for scope in scopes]

    def handoffs(self) -> list[str]:
        """Names of the hand-off files."""
        return sorted(path.name for path in (self.folder / "handoffs").glob("*"))


CopyOf = Callable[[Path, Path], Workspace]


def copied(source: Path, target: Path) -> Workspace:
    """A copy of a prepared folder."""
    return Workspace(Path(shutil.copytree(source, target / "demo")))


@pytest.fixture(scope="session")
def sample(samples: Samples) -> Path:
    """A folder with the sample, its sources staged; not to be written to."""
    return samples.of(SCALE).folder


@pytest.fixture(scope="session")
def planned(sample: Path, made_once: MadeOnce) -> Path:
    """The sample with its sprint planned up to the gate; not to be written to."""

    def plan(folder: Path) -> None:
        with copied(sample, folder).opened as postlaunch:
            run = postlaunch.start("sprint_planning", as_of=DEFAULT_END)
            assert postlaunch.advance(run.id).state == "waiting"

    return made_once("planned", plan) / "demo"


@pytest.fixture(scope="session")
def copy_of() -> CopyOf:
    """Copies a prepared folder into another one."""
    return copied


@pytest.fixture
def fresh(sample: Path, tmp_path: Path) -> Workspace:
    """A copy of the sample of the test's own."""
    return copied(sample, tmp_path)


@pytest.fixture
def waiting(planned: Path, tmp_path: Path) -> Workspace:
    """A copy of the planned sample of the test's own: its run waits at the gate."""
    return copied(planned, tmp_path)
