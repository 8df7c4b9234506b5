"""Somebody with all that the shell offers but the approver's key tries to approve: refused, and recorded.

They know the settings, the request and an old signature; they may call the commands, the API and the graph,
and write to the database and the files. What they write by force is found by the audit.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from postlaunch.errors import ProofRefused
from postlaunch.ledger.chain import hash_of
from postlaunch.ledger.records import ApprovalRequest, Decision
from postlaunch.ledger.rows import values_of
from postlaunch.ledger.trust import ApprovalToken, SshSignature
from postlaunch.sync import PostLaunch
from postlaunch.testing.ssh_keys import SshKey, new_ssh_key

if TYPE_CHECKING:
    from conftest import Run

pytestmark = [
    pytest.mark.ssh,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed"),
]

SHOP = Path(__file__).with_name("shop")
SIGNED = 'trust = "ssh"\nallowed_signers = "allowed_signers"\n'


@dataclass(frozen=True)
class Shell:
    """The folder that they work in."""

    folder: Path
    ana: SshKey
    own: SshKey

    @property
    def settings(self) -> tuple[str, Path]:
        return "--settings", self.folder / "postlaunch.toml"

    @property
    def database(self) -> Path:
        return self.folder / ".postlaunch" / "postlaunch.db"

    def opened(self) -> PostLaunch:
        return PostLaunch(self.folder / "postlaunch.toml")

    def request(self) -> ApprovalRequest:
        with self.opened() as app:
            return app.pending()[-1]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[SshKey, SshKey]:
    folder = tmp_path_factory.mktemp("shell-keys")
    return new_ssh_key(folder / "ana"), new_ssh_key(folder / "own")


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory, keys: tuple[SshKey, SshKey]) -> Path:
    """A folder with a planning that waits for a signature of ana's; not to be written to."""
    folder = Path(shutil.copytree(SHOP, tmp_path_factory.mktemp("planned") / "shell"))
    with (folder / "postlaunch.toml").open("a") as settings:
        settings.write(SIGNED)
    (folder / "allowed_signers").write_text(keys[0].allowed("ana"))
    with PostLaunch(folder / "postlaunch.toml") as app:
        assert app.advance(app.start("sprint_planning").id).state == "waiting"
    return folder


@pytest.fixture
def shell(
    planned: Path, keys: tuple[SshKey, SshKey], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Shell:
    """A copy of it of the test's own."""
    monkeypatch.delenv("POSTLAUNCH_APPROVAL_TOKEN", raising=False)
    return Shell(Path(shutil.copytree(planned, tmp_path / "shell")), *keys)


@pytest.fixture
def nothing_committed(shell: Shell) -> Iterator[None]:
    yield
    with shell.opened() as app:
        assert (app.commitments(), app.handoffs()) == ((), ())


def attempts(shell: Shell) -> list[tuple[str, object]]:
    with shell.opened() as app:
        return [(entry.by, entry.data["error"]) for entry in app.audit().journal]


def test_the_approver_signs_and_it_is_committed(run: Run, shell: Shell) -> None:
    request = shell.request()
    ended = run("approve", request.id, "--by", "ana", "--sign-key", shell.ana.path, *shell.settings)
    assert ended.code == 0
    assert "trust: ssh (signed by ana with SHA256:" in ended.out
    audited = run("audit", *shell.settings)
    assert (audited.code, "Everything holds." in audited.out) == (0, True)


def test_a_signature_that_was_made_elsewhere_counts(run: Run, shell: Shell, tmp_path: Path) -> None:
    said = (shell.request().id, "edit", "--by", "ana", "--item", "export", "--reason", "less")
    text = run("decision-text", *said, *shell.settings).out
    assert json.loads(text)["scope"] == ["export"]
    (tmp_path / "signed").write_text(shell.ana.sign(text))
    command = ("edit", said[0], *said[2:], "--signature", tmp_path / "signed", *shell.settings)
    assert run(*command).code == 0


@pytest.mark.usefixtures("nothing_committed")
def test_typing_the_name_is_refused(run: Run, shell: Shell) -> None:
    ended = run("approve", shell.request().id, "--by", "ana", *shell.settings)
    assert ended.code == 6
    assert "asks for proof of who decides (ssh)" in ended.err
    assert "--sign-key PATH" in ended.err
    assert attempts(shell) == [("ana", "ProofRefused")]
    assert "refused by ana" in run("audit", *shell.settings).out


@pytest.mark.usefixtures("nothing_committed")
def test_a_key_of_ones_own_is_refused_even_when_it_is_let_in(run: Run, shell: Shell) -> None:
    sign = ("--by", "ana", "--sign-key", shell.own.path)
    assert run("approve", shell.request().id, *sign, *shell.settings).code == 6
    (shell.folder / "allowed_signers").write_text(shell.ana.allowed("ana") + shell.own.allowed("ana"))
    assert run("approve", shell.request().id, *sign, *shell.settings).code == 6
    assert len(attempts(shell)) == 2


@pytest.mark.usefixtures("nothing_committed")
def test_loosened_settings_open_no_request(run: Run, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTLAUNCH_GATE__TRUST", "local")
    assert run("approve", shell.request().id, "--by", "ana", *shell.settings).code == 6
    assert run("token", "create", "ana", *shell.settings).code == 6
    monkeypatch.setenv("POSTLAUNCH_APPROVAL_TOKEN", "plt_00000000_ffff")
    assert run("approve", shell.request().id, "--by", "ana", *shell.settings).code == 6
    assert [error for _, error in attempts(shell)] == ["ProofRefused"] * 3


@pytest.mark.usefixtures("nothing_committed")
def test_the_api_refuses_as_well(shell: Shell) -> None:
    request = shell.request()
    with shell.opened() as app:
        for proof in (None, ApprovalToken("ana"), SshSignature("APPROVED")):
            with pytest.raises(ProofRefused):
                app.decide(request.id, "approve", by="ana", proof=proof)
    assert len(attempts(shell)) == 3


@pytest.mark.usefixtures("nothing_committed")
def test_an_answer_to_the_graph_is_no_decision(shell: Shell) -> None:
    async def resumed(answer: dict[str, Any]) -> str:
        graph = app.graph("sprint_planning").compile(checkpointer=InMemorySaver())
        config: Any = {"configurable": {"thread_id": "t"}}
        await graph.ainvoke({"run": request.run}, config)
        left = await graph.ainvoke(Command(resume=answer), config)
        return str(left["__interrupt__"][0].value["problem"])

    request = shell.request()
    with shell.opened() as app:
        said = {"kind": "approve", "by": "ana", "digest": request.digest}
        assert "asks for proof" in asyncio.run(resumed(said))
        assert "no SSH signature" in asyncio.run(resumed({**said, "signature": "APPROVED"}))
    assert len(attempts(shell)) == 2


def test_an_old_signature_decides_nothing_else(run: Run, shell: Shell) -> None:
    first = shell.request()
    run("changes", first.id, "--by", "ana", "--text", "x", "--sign-key", shell.ana.path, *shell.settings)
    second = shell.request()
    assert second.id != first.id
    with shell.opened() as app:
        old = app.decision(first.id)
        assert old is not None
        assert old.proof is not None
        with pytest.raises(ProofRefused):
            app.decide(second.id, "approve", by="ana", proof=SshSignature(old.proof.signature))
        with pytest.raises(ProofRefused):
            app.decide(second.id, "changes", by="ana", text="x", proof=SshSignature(old.proof.signature))
        assert app.commitments() == ()


def test_a_decision_written_into_the_database_is_found(run: Run, shell: Shell) -> None:
    request = shell.request()
    made = Decision(
        request=request.id,
        kind="approve",
        by="ana",
        digest=request.digest,
        seq=1,
        at=request.requested_at,
        previous="0" * 64,
        hash="",
    )
    values = values_of(made)
    values["hash"] = hash_of(values)
    row = {name: value for name, value in values.items() if name not in ("scope", "edits", "proof")}
    row["at"] = str(values_of(made.model_copy(update={"hash": ""}))["at"]).replace(" ", "T")
    with sqlite3.connect(shell.database) as connection:
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO decisions ({names}) VALUES ({marks})", tuple(row.values()))
    connection.close()
    ended = run("audit", *shell.settings)
    assert ended.code == 5
    assert "it is known by local who decided, and the request asks for ssh" in ended.out
    assert run("audit", "--json", *shell.settings).json["holds"] is False
