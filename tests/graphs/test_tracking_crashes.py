"""A process that is killed while it writes an approved plan leaves one write to whoever follows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from postlaunch.sources.tracking_plan import read_tracking_plan
from postlaunch.testing.crashpoints import PRELOAD, ForkServer

pytestmark = pytest.mark.crash


@pytest.fixture(scope="module")
def forks() -> Iterator[ForkServer]:
    preload = (*PRELOAD, "postlaunch.sync", "postlaunch.tools.analytics")
    with ForkServer(Path(__file__).with_name("tracking_scenarios.py"), preload) as server:
        yield server


@pytest.mark.parametrize(
    "moment", ["before the file is replaced", "replaced, not noted", "noted, not told further"]
)
def test_whoever_dies_leaves_one_write_to_the_next(forks: ForkServer, tmp_path: Path, moment: str) -> None:
    folder = str(tmp_path)
    run = forks.run("approved", folder=folder).result
    assert isinstance(run, str)
    assert forks.run("advance", folder=folder, run=run, life=1, moment=moment).killed_by == 9
    for life in (2, 3):
        outcome = forks.run("advance", folder=folder, run=run, life=life)
        assert outcome.result == {"state": "done", "effects": 1, "problems": []}, outcome.message
    assert (tmp_path / "replaced.txt").read_text() == "once\n"
    [login] = read_tracking_plan(tmp_path / "tracking.yaml").plan.events
    assert [known.name for known in login.properties] == ["plan"]
    assert list(tmp_path.glob(".tracking*")) == []
