"""`postlaunch check` on how people are told: addresses, the key of links, and nothing sent or shown."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from postlaunch.cli.check import Probe, check
from postlaunch.settings import Settings
from postlaunch.settings_gate import Gate
from postlaunch.settings_notify import Listen, Notify
from postlaunch.testing.clock import StillClock

SECRET = "json://user:hunter2-hunter2@127.0.0.1:9/path"
KEY = "a key for links that is long enough"


def probed(folder: Path, subject: str, environment: dict[str, str], **settings: object) -> Probe:
    told = Settings(folder=folder).model_copy(update=settings)
    probes = {probe.subject: probe for probe in check(told, StillClock(), environment)}
    return probes[subject]


def addresses(folder: Path, urls: str, **settings: object) -> Probe:
    return probed(folder, "addresses", {"URLS": urls}, notify=Notify(urls_env="URLS"), **settings)


def test_without_settings_nobody_is_told_and_nothing_has_failed(tmp_path: Path) -> None:
    for subject in ("addresses", "links"):
        probe = probed(tmp_path, subject, {})
        assert (probe.state, probe.exit_code) == ("absent", 0)


@pytest.mark.parametrize(
    ("gate", "state", "said"),
    [
        (Gate(), "absent", "decides in any name: [gate] trust"),
        (Gate(approvers=("ana", "ben")), "absent", "decides in the name of ana, ben: [gate] trust"),
        (Gate(approvers=("ana",), trust="token"), "works", "ana, by a personal approval token"),
    ],
)
def test_that_a_name_is_only_typed_is_said_before_anybody_decides(
    tmp_path: Path, gate: Gate, state: str, said: str
) -> None:
    probe = probed(tmp_path, "who decides", {}, gate=gate)
    assert (probe.state, probe.exit_code) == (state, 0)
    assert said in probe.finding + probe.remedy


def test_addresses_that_can_be_read_are_named_by_their_labels(tmp_path: Path) -> None:
    probe = addresses(tmp_path, SECRET)
    assert probe.state == "works"
    assert probe.finding.startswith("json-")
    assert "hunter2" not in probe.model_dump_json()


def test_an_address_that_apprise_cannot_read_fails_and_is_not_shown(tmp_path: Path) -> None:
    probe = addresses(tmp_path, "nosuchservice://hunter2-hunter2")
    assert probe.state == "fails"
    assert "apprise cannot read nosuchservice-" in probe.finding
    assert "hunter2" not in probe.model_dump_json()


def test_a_missing_variable_fails(tmp_path: Path) -> None:
    probe = addresses(tmp_path, "")
    assert (probe.state, probe.exit_code) == ("fails", 2)
    assert "URLS is not set" in probe.finding


def test_an_address_of_somebody_who_may_not_decide_fails(tmp_path: Path) -> None:
    assert addresses(tmp_path, f"ana={SECRET}", gate=Gate(approvers=("ana",))).state == "works"
    probe = addresses(tmp_path, f"bob={SECRET}", gate=Gate(approvers=("ana",)))
    assert (probe.state, "bob, who may not decide" in probe.finding) == ("fails", True)


def test_the_missing_extra_fails_and_says_how_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    probe = addresses(tmp_path, SECRET)
    assert probe.state == "fails"
    assert probe.remedy == "pip install 'postlaunch[notify]'"


@pytest.mark.parametrize(("key", "state"), [(KEY, "works"), ("a-brief-one", "fails"), ("", "fails")])
def test_links_need_a_key(tmp_path: Path, key: str, state: str) -> None:
    probe = probed(
        tmp_path, "links", {"POSTLAUNCH_LINK_KEY": key}, listen=Listen(url="https://decide.example.org")
    )
    assert probe.state == state
    if key:
        assert key not in probe.model_dump_json()


def test_the_usual_port_is_left_out_as_browsers_do() -> None:
    assert Listen(url="https://Decide.example.org:443/").url == "https://decide.example.org"
    assert Listen(url="https://decide.example.org:8443").url == "https://decide.example.org:8443"


@pytest.mark.parametrize(
    "url", ["http://decide.example.org", "https://u:p@x.org", "https://x.org/decide", "ftp://x.org", "x.org"]
)
def test_a_page_is_reached_encrypted_at_the_root_of_its_host(url: str) -> None:
    with pytest.raises(ValueError, match="https://"):
        Listen(url=url)
