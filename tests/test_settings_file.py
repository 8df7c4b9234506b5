"""Settings: defaults, refinement, the environment, and errors that name the key and the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from postlaunch.errors import SettingsError
from postlaunch.ledger_place import PostgresPlace
from postlaunch.settings_file import load_settings
from postlaunch.settings_objectives import DEFAULT_OBJECTIVES


def written(folder: Path, text: str) -> Path:
    path = folder / "postlaunch.toml"
    path.write_text(text)
    return path


def test_without_a_file_the_defaults_stand(tmp_path: Path) -> None:
    settings = load_settings(environment={}, folder=tmp_path)
    assert settings.model.name == ""
    assert settings.objectives == DEFAULT_OBJECTIVES
    assert settings.folder == tmp_path


def test_a_key_in_the_environment_names_no_model(tmp_path: Path) -> None:
    assert load_settings(environment={"OPENAI_API_KEY": "sk-x"}, folder=tmp_path).model.name == ""


def test_naming_only_a_target_keeps_the_rest_of_the_objective(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, "[objectives.uptime]\ntarget = 0.99\n"), environment={})
    assert settings.objectives["uptime"].target == 0.99
    assert settings.objectives["uptime"].direction == "above"
    assert settings.objectives["error_rate"] == DEFAULT_OBJECTIVES["error_rate"]


def test_the_environment_wins_over_the_file_and_a_flag_over_both(tmp_path: Path) -> None:
    path = written(tmp_path, '[model]\nname = "a"\n[budget]\ntokens = 1\n')
    environment = {"POSTLAUNCH_MODEL__NAME": "b", "POSTLAUNCH_BUDGET__TOKENS": "2"}
    settings = load_settings(path, environment=environment, flags={"model.name": "c"})
    assert (settings.model.name, settings.budget.tokens) == ("c", 2)


@pytest.mark.parametrize(
    ("text", "key", "line", "said"),
    [
        ('[model]\n\nnmae = "x"\n', "model.nmae", 3, 'did you mean "name"?'),
        ('[application]\ntimezone = "Mars/X"\n', "application.timezone", 2, "Mars/X"),
        ('[[roster]]\nname = "a"\n[[roster]]\nname = "b"\ndays = -1\n', "roster.1.days", 5, "-1"),
        ('[ledger]\nurl = "mysql://x"\n', "ledger.url", 2, "SQLite"),
        (f'[application]\nname = "{"x" * 71}"\n', "application.name", 2, "at most 70 characters"),
        ("[capacity]\nbuffer = 1.0\n", "capacity.buffer", 2, "less than 1"),
        ("capacity.sprint_days = 0\n", "capacity.sprint_days", 1, "greater than 0"),
        ("[objectives.uptime]\ntarget = 99.9\n", "objectives.uptime.target", 2, "write 0.999 for 99.9 %"),
        ("[objectives.error_rate]\ntarget = 1\n", "objectives.error_rate.target", 2, "write 0.01 for 1 %"),
        ("[objectives.user_growth]\ntarget = 10\n", "objectives.user_growth.target", 2, "write 0.1 for 10 %"),
        ("[objectives.mean_response_time]\ntarget = -5\n", "objectives.mean_response_time.target", 2, "-5"),
        ("[verdicts]\nnear_target = 80\n", "verdicts.near_target", 2, "less than or equal to 1"),
        ("[verdicts]\nseverity_2 = 0.3\n", "verdicts.severity_2", 2, "the next graver one's 0.25"),
    ],
)
def test_errors_name_the_key_and_the_line(tmp_path: Path, text: str, key: str, line: int, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, text), environment={})
    error = caught.value
    assert (error.key, error.line, error.exit_code) == (key, line, 2)
    assert said in f"{error} {error.remedy}"


def test_a_syntax_error_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, "[model]\nname =\n"), environment={})
    assert caught.value.line == 2


def test_a_missing_file_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path / "none.toml", environment={})
    assert "postlaunch init" in caught.value.remedy


def test_relative_paths_start_where_the_file_stands(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, ""), environment={})
    assert settings.path("reports") == tmp_path / "reports"
    assert settings.ledger_place({}) == tmp_path / ".postlaunch" / "postlaunch.db"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:top-secret@db.example.com/name",
        "postgresql://me@db.example.com/name?password=top-secret",
        "postgresql://me:@db.example.com/name",
        "mysql://me:top-secret@db.example.com/name",
    ],
)
def test_a_password_in_the_ledgers_address_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, f'[ledger]\nurl = "{url}"\n'), environment={})
    told = f"{caught.value} {caught.value.remedy}"
    assert "top-secret" not in told
    assert "ledger.password_env" in told or "postgresql://user@host/name" in told


def test_the_ledgers_password_comes_from_the_named_variable(tmp_path: Path) -> None:
    text = '[ledger]\nurl = "postgresql://me@db/name"\npassword_env = "LEDGER_PASSWORD"\n'
    settings = load_settings(written(tmp_path, text), environment={})
    place = settings.ledger_place({"LEDGER_PASSWORD": "top-secret"})
    assert place == PostgresPlace("postgresql://me@db/name", "top-secret")
    assert "top-secret" not in f"{place} {place!r}"
    with pytest.raises(SettingsError, match="LEDGER_PASSWORD is not set"):
        settings.ledger_place({})
