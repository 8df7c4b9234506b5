"""docs/notifications.md is true: its program runs, its settings are settings, its commands are there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer.main

from postlaunch.cli.command import app
from postlaunch.cli.listen_commands import BURST, PER_SECOND
from postlaunch.ledger.addresses import addresses_in
from postlaunch.listen.forms import LONGEST_BODY
from postlaunch.listen.serving import BUSIEST
from postlaunch.settings_file import load_settings
from postlaunch.settings_notify import Listen

if TYPE_CHECKING:
    from conftest import Samples

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "notifications.md").read_text(encoding="utf-8")


def fenced(language: str) -> list[str]:
    """What stands in the page's fences of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_program_runs_as_it_stands(samples: Samples, tmp_path: Path) -> None:
    samples.copied(tmp_path, 0.02)
    [program] = fenced("python")
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-W", "error", "program.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ended.returncode == 0, ended.stderr


def test_the_settings_shown_are_settings(tmp_path: Path) -> None:
    [snippet] = fenced("toml")
    (tmp_path / "postlaunch.toml").write_text(snippet, encoding="utf-8")
    settings = load_settings(tmp_path / "postlaunch.toml", environment={})
    assert settings.notify.urls_env == "POSTLAUNCH_NOTIFY_URLS"
    assert settings.notify.remind_hours_before == (72, 24)
    assert settings.listen.url == "https://decide.example.org"


def test_the_addresses_shown_are_addresses() -> None:
    shown = fenced("text")[0]
    assert [one.person for one in addresses_in(shown, "the page", "notify.urls_env")] == ["", "ana"]


def test_its_figures_are_those_of_the_server() -> None:
    assert (BURST, PER_SECOND, LONGEST_BODY, BUSIEST) == (60, 1, 64 * 1024, 32)
    assert f"{Listen().address}:{Listen().port}" in PAGE
    assert f"`{Listen().key_env}`" in PAGE


def test_every_command_it_names_is_there() -> None:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    named = set(re.findall(r"postlaunch ([a-z]+)`", PAGE))
    assert named == {"check", "listen", "nightly"}
    assert named <= set(known)
    assert "--behind-a-tls-proxy" in {flag for param in known["listen"].params for flag in param.opts}
