"""What a gate may ask for, and what the settings refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from postlaunch.errors import SettingsError
from postlaunch.settings import Party, Settings
from postlaunch.settings_file import load_settings
from postlaunch.settings_gate import PERSONAL, Gate, GateRules


def loaded(folder: Path, text: str) -> Settings:
    (folder / "postlaunch.toml").write_text(text)
    return load_settings(folder / "postlaunch.toml", environment={})


def refused(folder: Path, text: str) -> SettingsError:
    with pytest.raises(SettingsError) as error:
        loaded(folder, text)
    return error.value


def test_a_typed_name_is_believed_unless_the_settings_say_otherwise() -> None:
    assert Settings().trust_at("sprint_priorities") == "local"


@pytest.mark.parametrize("gate", PERSONAL)
def test_what_a_person_decides_is_not_approved_beforehand(tmp_path: Path, gate: str) -> None:
    error = refused(tmp_path, f'[gate]\npre_approved = ["{gate}"]\n')
    assert "is what a person decides each time" in str(error)
    assert error.line == 2


def test_other_gates_may_be_approved_beforehand(tmp_path: Path) -> None:
    settings = loaded(tmp_path, '[gate]\npre_approved = ["hotfix_deployment", "external_communication"]\n')
    assert settings.gate.pre_approved == ("hotfix_deployment", "external_communication")


@pytest.mark.parametrize("text", ['[gate]\npre_approved = ["sprint"]\n', "[gates.sprint]\n"])
def test_an_unknown_gate_is_named_with_those_there_are(tmp_path: Path, text: str) -> None:
    error = refused(tmp_path, text)
    assert 'there is no gate "sprint"' in str(error)
    assert "sprint_priorities" in str(error)


@pytest.mark.parametrize("table", ["gate", "gates.sprint_priorities"])
def test_signatures_need_a_file_of_keys(tmp_path: Path, table: str) -> None:
    error = refused(tmp_path, f'[{table}]\ntrust = "ssh"\n')
    assert "gate.allowed_signers" in str(error)
    assert len(str(error)) < 400


def test_one_gate_may_differ_from_the_others() -> None:
    settings = Settings(
        gate=Gate(approvers=("ana",), allowed_signers="allowed_signers"),
        gates={"sprint_priorities": GateRules(trust="ssh", approvers=("ben",), expires_hours=24)},
    )
    here, there = "sprint_priorities", "commitment"
    assert (settings.trust_at(here), settings.trust_at(there)) == ("ssh", "local")
    assert (settings.approvers_at(here), settings.approvers_at(there)) == (("ben",), ("ana",))
    assert (settings.expires_hours_at(here), settings.expires_hours_at(there)) == (24, 336)


def test_a_role_names_those_of_the_roster_who_have_it() -> None:
    roster = (
        Party(name="ana", roles=("owner",)),
        Party(name="ben", roles=("owner", "lead")),
        Party(name="cy"),
    )
    settings = Settings(
        roster=roster, gate=Gate(roles=("owner",)), gates={"commitment": GateRules(roles=("lead",))}
    )
    assert settings.approvers_at("sprint_priorities") == ("ana", "ben")
    assert settings.approvers_at("commitment") == ("ben",)
