"""The folder that the demo is played in: an empty one gets the sample, and no file is overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from postlaunch.cli import demo
from postlaunch.errors import UsageError
from postlaunch.sample.generate import DEFAULT_SEED, DEMO_SCALE


@pytest.fixture
def generated(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, dict[str, Any]]]:
    """What is generated, which takes its time."""
    calls: list[tuple[Path, dict[str, Any]]] = []
    monkeypatch.setattr(demo, "generate", lambda folder, **given: calls.append((folder, given)))
    return calls


@pytest.mark.parametrize(("asked", "seed"), [(None, DEFAULT_SEED), (3, 3)])
def test_an_empty_folder_gets_the_sample(
    generated: list[Any], tmp_path: Path, asked: int | None, seed: int
) -> None:
    demo.prepared(tmp_path / "demo", asked, Console(quiet=True))
    assert generated == [(tmp_path / "demo", {"seed": seed, "scale": DEMO_SCALE})]


def test_a_sample_that_is_there_is_gone_on_with(generated: list[Any], tmp_path: Path) -> None:
    (tmp_path / "postlaunch.toml").touch()
    demo.prepared(tmp_path, None, Console(quiet=True))
    with pytest.raises(UsageError, match="holds a sample already"):
        demo.prepared(tmp_path, 3, Console(quiet=True))
    assert generated == []


def test_other_files_are_left_alone(generated: list[Any], tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(UsageError, match="holds other files"):
        demo.prepared(tmp_path, None, Console(quiet=True))
    assert generated == []
