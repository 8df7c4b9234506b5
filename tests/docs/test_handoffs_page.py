"""docs/handoffs.md is true: its programs run, its settings are settings, its commands are there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer.main

from postlaunch.cli.command import app
from postlaunch.errors import SignatureRefused
from postlaunch.settings_file import load_settings

if TYPE_CHECKING:
    from conftest import Samples

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "handoffs.md").read_text(encoding="utf-8")


def fenced(language: str) -> list[str]:
    """What stands in the page's fences of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


PROGRAMS = fenced("python")


@pytest.fixture(scope="session")
def small_sample(samples: Samples) -> Path:
    return samples.of(0.02).folder


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_the_program_runs_as_it_stands(number: int, small_sample: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(small_sample, folder)
    (folder / "program.py").write_text(PROGRAMS[number], encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-W", "error", "program.py"], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr


def test_the_settings_shown_send_phase_3_to_github_and_the_rest_to_the_webhook(tmp_path: Path) -> None:
    [snippet] = fenced("toml")
    (tmp_path / "postlaunch.toml").write_text(snippet.replace("\n# ", "\n"), encoding="utf-8")
    handoffs = load_settings(tmp_path / "postlaunch.toml", environment={}).handoffs
    assert [handoffs.ways_of(phase) for phase in (1, 2, 3)] == [
        ("file", "webhook"),
        ("file", "webhook"),
        ("file", "github"),
    ]
    assert handoffs.github is not None
    assert handoffs.github.labels["3"] == ("ready",)


def test_the_commands_shown_are_there() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    [snippet] = fenced("sh")
    assert {line.split()[1] for line in snippet.splitlines()} <= set(commands)
    assert {option for line in snippet.splitlines() for option in re.findall(r"--[a-z]+", line)} <= {
        option for parameter in commands["deployed"].params for option in parameter.opts
    }


def test_what_is_refused_is_the_error_that_the_page_names() -> None:
    assert SignatureRefused.__name__ in PAGE
