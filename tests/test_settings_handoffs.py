"""The settings of hand-offs: what is wrong is said before anything is committed."""

from __future__ import annotations

from pathlib import Path

import pytest

from postlaunch.errors import SettingsError
from postlaunch.settings import Settings
from postlaunch.settings_file import load_settings


def settings(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "postlaunch.toml").write_text(text)
    return load_settings(tmp_path / "postlaunch.toml", environment={})


def test_without_settings_hand_offs_go_to_files() -> None:
    assert [Settings().handoffs.ways_of(phase) for phase in (1, 2, 3)] == [("file",)] * 3


def test_ways_are_chosen_for_all_and_by_phase(tmp_path: Path) -> None:
    handoffs = settings(
        tmp_path,
        """
        [handoffs]
        deliver = ["file", "webhook"]
        phases = {3 = ["github", "github"]}
        [handoffs.webhook]
        url = "https://pipeline.example/handoffs"
        [handoffs.github]
        repository = "example/shop"
        """,
    ).handoffs
    assert [handoffs.ways_of(phase) for phase in (1, 2, 3)] == [
        ("file", "webhook"),
        ("file", "webhook"),
        ("github",),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[handoffs]\ndeliver = ["webhook"]', r"there is no \[handoffs.webhook\]"),
        ('[handoffs]\nphases = {2 = ["github"]}', r"there is no \[handoffs.github\]"),
        ('[handoffs]\ndeliver = ["pigeon"]', "pigeon|file"),
        ('[handoffs]\nphases = {7 = ["file"]}', "7|phases"),
        ('[handoffs.webhook]\nurl = "pipeline"', "no web address"),
        ('[handoffs.webhook]\nurl = "https://me:pw@host/"', "no user and no password"),
        ('[handoffs.webhook]\nurl = "https://h/"\nlookup_url = "https://h/x"', r"\{key\}"),
        ('[handoffs.webhook]\nurl = "https://h/"\nsecret_env = "two words"', "secret_env"),
        ('[handoffs.github]\nrepository = "shop"', "repository"),
        ('[handoffs.github]\nrepository = "a/b/../../user"', "repository"),
        ('[handoffs.github]\nrepository = "a/b"\nbase_url = "http://ghe.example"', "unencrypted"),
        ('[handoffs.github]\nrepository = "a/b"\nmilestone = "Next"', r"\{sprint\}"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        settings(tmp_path, text)
