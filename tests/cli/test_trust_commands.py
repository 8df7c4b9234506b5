"""`token`, `audit`, `cancel`, `amend` and `revoke`: what they print, and their exit codes."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from postlaunch.sync import PostLaunch

if TYPE_CHECKING:
    from conftest import Run

SHOP = Path(__file__).with_name("shop")


@dataclass(frozen=True)
class House:
    """A folder with a planning that waits for ana."""

    folder: Path

    @property
    def settings(self) -> tuple[str, Path]:
        return "--settings", self.folder / "postlaunch.toml"

    def opened(self) -> PostLaunch:
        return PostLaunch(self.folder / "postlaunch.toml")

    def request(self) -> str:
        with self.opened() as app:
            return app.pending()[-1].id

    def run(self) -> str:
        with self.opened() as app:
            return app.runs()[0].id

    def asks_for(self, trust: str) -> None:
        toml = (SHOP / "postlaunch.toml").read_text()
        (self.folder / "postlaunch.toml").write_text(f'{toml}trust = "{trust}"\n')


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(SHOP, tmp_path_factory.mktemp("planned") / "house"))
    with PostLaunch(folder / "postlaunch.toml") as app:
        assert app.advance(app.start("sprint_planning").id).state == "waiting"
    return folder


@pytest.fixture
def house(planned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.delenv("POSTLAUNCH_APPROVAL_TOKEN", raising=False)
    return House(Path(shutil.copytree(planned, tmp_path / "house")))


@pytest.fixture
def committed(run: Run, house: House) -> str:
    """The id of a commitment that holds both items."""
    assert run("approve", house.request(), "--by", "ana", *house.settings).code == 0
    with house.opened() as app:
        return app.commitments()[0].id


def test_a_token_is_shown_once_and_decides(run: Run, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = run("token", "create", "ana", *house.settings)
    secret = next(line for line in shown.out.splitlines() if line.startswith("plt_"))
    listed = run("token", "list", *house.settings)
    assert secret.split("_")[1] in listed.out
    assert secret.split("_")[2] not in listed.out + run("token", "list", "--json", *house.settings).out
    house.asks_for("token")
    assert run("approve", house.request(), "--by", "ana", *house.settings).code == 6
    monkeypatch.setenv("POSTLAUNCH_APPROVAL_TOKEN", secret)
    ended = run("approve", house.request(), "--by", "ana", *house.settings)
    assert ended.code == 0
    assert f"trust: token (by ana's approval token {secret.split('_')[1]})" in ended.out
    assert secret not in ended.out + ended.err
    audited = run("audit", *house.settings)
    assert "was made while no gate asked for proof" in audited.out
    assert audited.code == 0


def test_a_revoked_token_is_refused(run: Run, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = run("token", "create", "ana", "--days", 2, *house.settings).out
    secret = next(line for line in shown.splitlines() if line.startswith("plt_"))
    assert run("token", "revoke", secret.split("_")[1], "--by", "ana", *house.settings).code == 0
    assert "revoked" in run("token", "list", *house.settings).out
    monkeypatch.setenv("POSTLAUNCH_APPROVAL_TOKEN", secret)
    ended = run("approve", house.request(), "--by", "ana", *house.settings)
    assert (ended.code, "was revoked" in ended.err) == (6, True)


def test_nobody_unknown_gets_a_token(run: Run, house: House) -> None:
    ended = run("token", "create", "mallory", *house.settings)
    assert (ended.code, "not in the roster" in ended.err) == (2, True)


def test_a_typed_name_is_said_to_be_one_wherever_it_is_shown(run: Run, house: House, committed: str) -> None:
    assert committed
    with house.opened() as app:
        request = app.audit().decisions[0].decision.request
    for command in (("show", request), ("audit",)):
        assert "trust: local (the name was typed)" in run(*command, *house.settings).out


def test_the_audit_looks_for_a_head(run: Run, house: House, committed: str) -> None:
    assert committed
    with house.opened() as app:
        head = app.chain_head().hash
    assert run("audit", "--head", head, *house.settings).code == 0
    ended = run("audit", "--head", "f" * 64, *house.settings)
    assert ended.code == 5
    assert "Does not hold: the chain head ffff" in ended.out


def test_a_run_is_called_off(run: Run, house: House) -> None:
    ended = run("cancel", house.run(), "--by", "ana", "--reason", "wrong sprint", *house.settings)
    assert (ended.code, "cancelled by ana: wrong sprint" in ended.out) == (0, True)
    assert "Nothing waits" in run("approvals", *house.settings).out
    assert "cancelled by ana" in run("audit", *house.settings).out


def test_a_commitment_is_called_off_by_a_decision(run: Run, house: House, committed: str) -> None:
    asked = run("revoke", committed, "--by", "ben", "--reason", "no budget", *house.settings)
    assert asked.code == 0
    assert "Asked by ben: call off sprint 4 of Shop" in asked.out
    assert "UTC. Nothing is changed." in asked.out
    request = house.request()
    assert "call off sprint 4" in run("show", request, *house.settings).out
    assert run("approve", request, "--by", "ben", *house.settings).code == 6
    decided = run("approve", request, "--by", "ana", *house.settings)
    assert decided.code == 0
    files = [path.name for path in (house.folder / "handoffs").glob("*called-off*.md")]
    assert len(files) == 2
    with house.opened() as app:
        first, handoff = app.commitments()[0].request, app.handoffs()[0].id
    deployed = run("deployed", handoff, "--version", "1.1.0", *house.settings)
    for shown in (decided, run("handoffs", *house.settings), run("show", first, *house.settings), deployed):
        assert "called off by ana, " in shown.out
        assert ": no budget" in shown.out
    listed = run("handoffs", "--json", *house.settings).json
    assert [one["called_off"]["called_off"] for one in listed] == [one["id"] for one in listed]


def test_who_approves_is_told_what_has_not_arrived(
    run: Run, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOOK_SECRET", raising=False)
    with (house.folder / "postlaunch.toml").open("a") as settings:
        settings.write('[handoffs]\ndeliver = ["file", "webhook"]\n')
        settings.write('[handoffs.webhook]\nurl = "http://127.0.0.1:9/"\nsecret_env = "HOOK_SECRET"\n')
    ended = run("approve", house.request(), "--by", "ana", *house.settings)
    assert "Not arrived yet: 2 of their messages. postlaunch handoffs --settings " in ended.out


def test_nobody_decides_without_a_name(run: Run, house: House) -> None:
    for name in ("", "  "):
        ended = run("reject", house.request(), "--by", name, *house.settings)
        assert (ended.code, "name who decides: --by NAME" in ended.err) == (2, True)


def test_what_somebody_asks_for_cannot_move_the_cursor(run: Run, house: House, committed: str) -> None:
    reason = "less\n\x1b[2JEverything holds."
    run("revoke", committed, "--by", "ben", "--reason", reason, *house.settings)
    listed = run("approvals", *house.settings).out
    assert "Why: less [2JEverything holds." in listed


def test_a_commitment_is_changed_by_a_decision(run: Run, house: House, committed: str) -> None:
    said = ("--item", "export", "--by", "ben", "--reason", "less", "--json")
    request = run("amend", committed, *said, *house.settings).json["id"]
    assert run("approve", request, "--by", "ana", *house.settings).code == 0
    with house.opened() as app:
        [amendment] = app.amendments()
    assert amendment.body["items"] == ["export"]
