"""The README is true: its commands are run, its snippets used, its excerpt compared with the demo."""

from __future__ import annotations

import re
import shlex
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer.main

from postlaunch.cli.command import app
from postlaunch.sample.generate import DEMO_SCALE
from postlaunch.settings_file import load_settings
from postlaunch.sync import PostLaunch

if TYPE_CHECKING:
    from conftest import Ended, Run, Samples

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WAITS = 4


def snippets(language: str) -> list[str]:
    """What stands in the README's fences of a language, in order."""
    return [text for named, text in FENCE.findall(README) if named == language]


def commands() -> list[list[str]]:
    """The `postlaunch` commands of the README, as a shell would split them."""
    lines = [line for block in snippets("sh") for line in block.splitlines()]
    split = [shlex.split(line, comments=True) for line in lines if line.startswith("postlaunch ")]
    return [words[1:] for words in split]


# --- your own data, literally -------------------------------------------------------------------------------


def access_log() -> str:
    """Two weeks of Apache's combined format, the newer one 2015-W21."""
    begin = datetime(2015, 5, 11, tzinfo=UTC)
    moments = (begin + timedelta(minutes=10 * place) for place in range(2 * 7 * 24 * 6))
    agent = "Mozilla/5.0 (X11; Linux x86_64)"
    return "".join(
        f'203.0.113.7 - - [{when:%d/%b/%Y:%H:%M:%S} +0000] "GET / HTTP/1.1" 200 512 "-" "{agent}"\n'
        for when in moments
    )


TICKETS = """id,created_at,requester,subject,text
1,2015-05-18T09:00:00Z,kim@example.org,Locked out,"I forgot my password, please add a password reset by SMS"
2,2015-05-19T09:00:00Z,lee@example.org,Dark mode,"Please add a dark mode, it is too bright at night"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a log, tickets and the README's own candidate items."""
    monkeypatch.chdir(tmp_path)
    Path("access.log").write_text(access_log())
    Path("tickets.csv").write_text(TICKETS)
    Path("items.yaml").write_text(snippets("yaml")[0])
    return tmp_path


def follow_the_readme(run: Run) -> list[tuple[str, Ended]]:
    """Every command in order; ids and the report's name are filled in as a reader would."""
    ended = []
    for words in commands():
        filled = [_filled(word) for word in words]
        ended.append((words[0], run(*filled)))
    return ended


def _filled(word: str) -> object:
    if word == "RUN":
        with PostLaunch() as postlaunch:
            return postlaunch.runs()[0].id
    if re.fullmatch(r"R[0-9a-f]{7}", word):
        with PostLaunch() as postlaunch:
            return postlaunch.pending()[0].id
    return next(Path("reports").glob("weekly-health-*.json")) if word == "REPORT.json" else word


def test_your_own_data_in_ten_minutes(run: Run, folder: Path) -> None:
    ended = follow_the_readme(run)
    codes = [(name, done.code) for name, done in ended]
    assert codes == [
        ("report", 0), ("init", 0), ("check", 0), ("plan", WAITS), ("runs", 0), ("trace", 0), ("verify", 0),
        ("approvals", 0), ("changes", WAITS), ("approve", 0), ("nightly", WAITS),
    ]  # fmt: skip
    assert (folder / "reports" / "weekly-health-2015-W21.html").is_file()
    assert [path.stem[:22] for path in (folder / "handoffs").glob("*.md")] == ["phase-3-password-reset"]


def test_your_own_data_with_a_real_log(run: Run, folder: Path, shared_data: Path) -> None:
    shutil.copy(shared_data / "access" / "apache_combined.log", "access.log")
    assert dict(follow_the_readme(run))["approve"].code == 0
    report = (folder / "reports" / "weekly-health-2015-W21.md").read_text()
    assert "no probe" in report
    assert "10,000 lines read, 1 rejected" in report


def test_the_python_snippet_plans_and_commits(
    run: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    init = next(words for words in commands() if words[0] == "init")
    assert run(*init).code == 0
    [snippet] = snippets("python")
    exec(compile(snippet, "README.md", "exec"), {})
    assert "3 password-reset" in capsys.readouterr().out


def test_the_settings_snippet_is_settings(tmp_path: Path) -> None:
    for text in snippets("toml"):
        (tmp_path / "postlaunch.toml").write_text(text)
        settings = load_settings(tmp_path / "postlaunch.toml", environment={})
        assert settings.model.name
        assert settings.budget.tokens == 120_000


# --- what it shows and names --------------------------------------------------------------------------------


def test_the_excerpt_is_what_the_demo_prints(
    run: Run, samples: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    samples.copied(Path("demo"), DEMO_SCALE)  # what the demo would generate and stage
    demo = run("demo")
    assert demo.code == 0
    assert "waits at its gate" in demo.out
    settings = ("--settings", "demo/postlaunch.toml")
    with PostLaunch("demo/postlaunch.toml") as postlaunch:
        [request] = postlaunch.pending()
    shown = run("show", request.id, *settings)
    moved = run("changes", request.id, "--by", "User", "--exclude", "dark-mode", *settings)
    printed = (demo.out + demo.err + shown.out + moved.out).splitlines()
    excerpt = [line for line in snippets("")[0].splitlines() if line and " > " not in line]
    assert [line for line in excerpt if line not in printed] == []


def test_the_exit_codes_are_all_there() -> None:
    assert re.findall(r"^\| (\d) \|", README, re.MULTILINE) == ["0", "1", "2", "3", "4", "5", "6"]


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_named_is_one(document: str) -> None:
    named = re.findall(r"(?:`|^ *)make ([a-z]+)", (ROOT / document).read_text(), re.MULTILINE)
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert named
    assert set(named) <= set(targets)


DOCUMENTS = [
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/deployment.md",
    "docs/handoffs.md", "docs/python.md", "docs/security.md",
]  # fmt: skip


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_named_is_one(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^|/bin/)postlaunch ([a-z]+(?:-[a-z]+)*)\b", text, re.MULTILINE))
    assert named <= set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
