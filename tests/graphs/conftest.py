"""A small sample, and postlaunch over its tickets and candidate items in a folder of the test's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from postlaunch.sample.generate import Sample, generate
from postlaunch.settings import Settings
from postlaunch.settings_file import load_settings
from postlaunch.sync import PostLaunch
from postlaunch.testing.clock import StillClock

PERSON = "User"
"""Who may decide, by the sample's settings."""

OpenApp = Callable[[], PostLaunch]


@pytest.fixture(scope="session")
def small_sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return generate(tmp_path_factory.mktemp("small-sample"), scale=0.02)


@pytest.fixture
def clock() -> StillClock:
    """It shows the day after the sample's last."""
    return StillClock(datetime(2025, 11, 25, 9, tzinfo=UTC))


@pytest.fixture
def folder(small_sample: Sample, tmp_path: Path) -> Path:
    """A copy of the sample's files."""
    for path in (small_sample.settings, small_sample.tickets, small_sample.candidates, small_sample.requests):
        shutil.copy(path, tmp_path)
    return tmp_path


@pytest.fixture
def settings(folder: Path) -> Settings:
    """The sample's settings without its request log: planning alone needs none, and is quick."""
    whole = load_settings(folder / "postlaunch.toml", environment={})
    return whole.model_copy(update={"sources": whole.sources.model_copy(update={"requests": None})})


@pytest.fixture
def open_app(settings: Settings, clock: StillClock) -> Iterator[OpenApp]:
    """Opens postlaunch, each time as another process would."""
    with ExitStack() as opened:
        yield lambda: opened.enter_context(PostLaunch(settings, clock=clock, environment={}))


@pytest.fixture
def app(open_app: OpenApp) -> PostLaunch:
    return open_app()
