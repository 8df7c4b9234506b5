"""Addresses of notifications: where they are found, whose they are, and that none of them is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from postlaunch.errors import SettingsError
from postlaunch.ledger.addresses import addresses_in, targets_of
from postlaunch.settings import Settings
from postlaunch.settings_notify import Notify

SECRET = "slack://xoxb-1234-5678-SECRETSECRET/#releases"
PERSONAL = "mailto://ana:hunter2-hunter2@example.org"


def settings(folder: Path, **notify: object) -> Settings:
    return Settings(folder=folder, notify=Notify.model_validate(notify))


def found(text: str) -> list[tuple[str, str]]:
    return [(one.person, one.url.get_secret_value()) for one in addresses_in(text, "X", "notify.urls_env")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SECRET, [("", SECRET)]),
        (f"{SECRET} {PERSONAL}", [("", SECRET), ("", PERSONAL)]),
        (f"{SECRET}, ana={PERSONAL}", [("", SECRET), ("ana", PERSONAL)]),
        (f"# mine\n\nAna Lopez = {PERSONAL}\n{SECRET}\n", [("Ana Lopez", PERSONAL), ("", SECRET)]),
        ("json://localhost:8000/?to=a,b=c", [("", "json://localhost:8000/?to=a,b=c")]),
    ],
)
def test_addresses_stand_alone_or_with_a_persons_name(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_they_are_read_from_the_environment_and_a_private_file_each_once(tmp_path: Path) -> None:
    file = tmp_path / "addresses"
    file.write_text(f"{SECRET}\nana = {PERSONAL}\n")
    file.chmod(0o600)
    both = settings(tmp_path, urls_env="URLS", urls_file="addresses")
    targets = targets_of(both, {"URLS": SECRET})
    assert [(one.label.split("-")[0], one.person) for one in targets] == [("slack", ""), ("mailto", "ana")]


def test_a_label_names_the_kind_and_nothing_of_the_address() -> None:
    [target] = addresses_in(SECRET, "X", "notify.urls_env")
    assert target.label.startswith("slack-")
    assert len(target.label) == len("slack-") + 8
    assert "xoxb" not in target.label
    assert "xoxb" not in repr(target)
    assert "xoxb" not in target.model_dump_json()


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "addresses"
    file.write_text(SECRET)
    file.chmod(0o640)
    with pytest.raises(SettingsError, match="others may read it") as refused:
        targets_of(settings(tmp_path, urls_file="addresses"), {})
    assert refused.value.remedy == f"chmod 600 {file}"


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_variable_without_an_address_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="URLS is not set"):
        targets_of(settings(tmp_path, urls_env="URLS"), {"URLS": text} if text else {})


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        targets_of(settings(tmp_path, urls_file="addresses"), {})


@pytest.mark.parametrize(
    "wrong", ["hunter2-hunter2", f"ana {PERSONAL} and hunter2-hunter2", "ana=hunter2-hunter2"]
)
def test_what_is_no_address_is_named_by_its_line_and_never_quoted(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(SettingsError, match="line 2 of URLS") as refused:
        targets_of(settings(tmp_path, urls_env="URLS"), {"URLS": f"{SECRET}\n{wrong}"})
    assert "hunter2" not in f"{refused.value} {refused.value.remedy}"
    assert refused.value.key == "notify.urls_env"


def test_no_addresses_are_looked_for_where_the_settings_name_no_place(tmp_path: Path) -> None:
    assert targets_of(settings(tmp_path), {"POSTLAUNCH_NOTIFY_URLS": SECRET}) == ()
