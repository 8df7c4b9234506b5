"""`postlaunch check` names what the ways of hand-offs lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from postlaunch.cli.check_handoffs import hand_off_findings
from postlaunch.errors import PostLaunchError
from postlaunch.settings import Settings
from postlaunch.settings_handoffs import GitHubTrackerSettings, HandOffs, HandOffWebhookSettings
from postlaunch.testing import FakeGitHub, StillClock

HOOK = HandOffWebhookSettings(url="https://pipeline.example/handoffs")


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    with FakeGitHub() as started:
        yield started


def tried(handoffs: HandOffs, environment: Mapping[str, str]) -> dict[str, str]:
    """What was found of each way, or why it fails."""
    found = {}
    for name, attempt in hand_off_findings(Settings(handoffs=handoffs), environment, StillClock()):
        try:
            found[name] = attempt()
        except PostLaunchError as error:
            found[name] = f"fails: {error}"
    return found


def to_github(github: FakeGitHub) -> HandOffs:
    chosen = GitHubTrackerSettings(repository=github.repository, base_url=github.base_url)
    return HandOffs(deliver=("github",), github=chosen)


def test_files_alone_need_nothing() -> None:
    assert tried(HandOffs(), {}) == {}


def test_a_way_that_no_hand_off_takes_is_not_tried() -> None:
    assert tried(HandOffs(webhook=HOOK), {}) == {}


def test_a_tracker_that_can_take_them_says_so(github: FakeGitHub) -> None:
    assert tried(to_github(github), {"GITHUB_TOKEN": github.token}) == {
        "hand-off tracker": "issues can be filed in example/shop"
    }
    assert github.issues == []


def test_what_a_tracker_lacks_is_named(github: FakeGitHub) -> None:
    assert tried(to_github(github), {}) == {"hand-off tracker": "fails: no token: set GITHUB_TOKEN"}
    github.may_push = False
    [said] = tried(to_github(github), {"GITHUB_TOKEN": github.token}).values()
    assert said == "fails: the token in GITHUB_TOKEN may not write to example/shop"
    [said] = tried(to_github(github), {"GITHUB_TOKEN": "another-token"}).values()
    assert "status 401" in said


def test_a_webhook_without_a_secret_is_named() -> None:
    handoffs = HandOffs(phases={"3": ("webhook",)}, webhook=HOOK)
    [said] = tried(handoffs, {}).values()
    assert said == "fails: hand-offs by webhook are signed, but POSTLAUNCH_WEBHOOK_SECRET is not set"
    [said] = tried(handoffs, {"POSTLAUNCH_WEBHOOK_SECRET": "s"}).values()
    assert said.startswith("signed with POSTLAUNCH_WEBHOOK_SECRET")
