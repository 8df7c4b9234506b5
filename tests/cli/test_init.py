"""`init` writes settings that read back as answered, whatever stands in the answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.cli.init import Answers, settings_text, write_settings
from postlaunch.errors import SettingsError, UsageError
from postlaunch.settings import Settings
from postlaunch.settings_file import load_settings
from postlaunch.settings_objectives import DEFAULT_OBJECTIVES
from postlaunch.settings_sources import Sources

LINES = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)


def test_without_answers_the_file_states_the_defaults(tmp_path: Path) -> None:
    settings = load_settings(write_settings(tmp_path, Answers()), environment={})
    assert settings.application.name == "My application"
    assert settings.model.name == ""
    assert settings.sources == Settings().sources
    assert settings.objectives == DEFAULT_OBJECTIVES


def test_answers_are_read_back(tmp_path: Path) -> None:
    answers = Answers(
        name="Shop",
        timezone="Europe/Berlin",
        requests=("logs/access.log*",),
        tickets="tickets.csv",
        candidates="items.yaml",
        model="m",
        base_url="http://localhost:1/v1",
        approvers=("ana", "ben"),
        sprint_days=8,
    )
    settings = load_settings(write_settings(tmp_path, answers), environment={})
    assert settings.sources.requests is not None
    assert settings.sources.requests.paths == ("logs/access.log*",)
    assert settings.sources.tickets is not None
    assert settings.sources.candidates is not None
    assert (settings.model.name, settings.model.base_url) == ("m", "http://localhost:1/v1")
    assert settings.gate.approvers == ("ana", "ben")
    assert settings.capacity.sprint_days == 8


@given(name=LINES, approver=LINES, path=LINES)
def test_no_answer_can_break_out_of_its_value(name: str, approver: str, path: str) -> None:
    import tomllib

    read = tomllib.loads(settings_text(Answers(name=name, approvers=(approver,), requests=(path,))))
    assert read["gate"]["approvers"] == [approver]
    assert read["sources"]["requests"]["paths"] == [path]
    assert set(read) == {"application", "sources", "model", "gate", "capacity"}


STORES = ("files", "postgresql", "posthog")
"""The places that events may be in; a file of settings names one of them."""


@pytest.mark.parametrize("store", STORES)
def test_every_commented_line_is_right_once_it_is_taken_in(tmp_path: Path, store: str) -> None:
    """And the defaults it states are the defaults, the models of sources and people aside."""
    text = settings_text(Answers(requests=("access.log",), tickets="t.csv", candidates="c.yaml"))
    taken_in = re.sub(r"^# (?=\[|[\w.]+ = )", "", _with_one_store(text, store), flags=re.MULTILINE)
    assert taken_in.count("\n[") > 30
    (tmp_path / "postlaunch.toml").write_text(taken_in, encoding="utf-8")
    settings = load_settings(tmp_path / "postlaunch.toml", environment={})
    assert all(getattr(settings.sources, name) is not None for name in Sources.model_fields)
    events = settings.sources.events
    assert events is not None
    assert [bool(place) for place in (events.paths, events.postgresql, events.posthog)] == [
        store == name for name in STORES
    ]
    for section in (
        "objectives",
        "monitoring",
        "performance",
        "product",
        "cadence",
        "incidents",
        "ledger",
        "reports",
    ):
        assert getattr(settings, section) == getattr(Settings(), section)
    assert settings.analytics.signup_event in settings.analytics.funnels[0].steps


def _with_one_store(text: str, store: str) -> str:
    """The text without the other places that events may be in; the names of PostHog's fields are known."""
    for name in STORES:
        if name == store:
            continue
        table = r"(?m)(?<=^# \[sources\.events\]).*\n# paths = .*$"
        if name != "files":
            table = rf"(?m)^# \[sources\.events\.{name}\](?:.*\n# (?!\[))*.*\n"
        text, found = re.subn(table, "", text)
        assert found == 1
    return text.replace('# event = "event_name"\n', "") if store == "posthog" else text


def test_an_existing_file_is_kept_unless_forced(tmp_path: Path) -> None:
    path = write_settings(tmp_path, Answers(name="first"))
    with pytest.raises(UsageError, match="there already"):
        write_settings(tmp_path, Answers(name="second"))
    assert "first" in path.read_text()
    write_settings(tmp_path, Answers(name="second"), force=True)
    assert "second" in path.read_text()


def test_a_wrong_answer_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Mars"):
        write_settings(tmp_path, Answers(timezone="Mars/X"))
    assert list(tmp_path.iterdir()) == []
