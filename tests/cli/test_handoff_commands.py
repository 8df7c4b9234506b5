"""`postlaunch handoffs` and `postlaunch deployed`, as a pipeline's shell calls them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from postlaunch.ledger.records import OutboxRow
from postlaunch.sync import PostLaunch

if TYPE_CHECKING:
    from conftest import Run

ITEMS = """
- {id: dark-mode, title: "Dark mode", effort: {tailwind-css-expert: 1}, success_measure: error rate}
"""
UNMEASURED = ITEMS.replace(", success_measure: error rate", "")


@pytest.fixture
def handoff(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of the one hand-off of a folder in which a sprint was approved."""
    monkeypatch.chdir(tmp_path)
    return handed_on(run, ITEMS)


def handed_on(run: Run, items: str) -> str:
    """The id of the one hand-off of the working folder, after a sprint of this one item was approved."""
    Path("items.yaml").write_text(items)
    assert run("init", "--name", "Shop", "--candidates", "items.yaml", "--approver", "ana").code == 0
    run("plan", "--quiet")
    with PostLaunch() as postlaunch:
        request = postlaunch.pending()[0].id
    assert run("approve", request, "--by", "ana").code == 0
    with PostLaunch() as postlaunch:
        return postlaunch.handoffs()[0].id


def test_nothing_was_handed_on_is_said(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    listed = run("handoffs")
    assert listed.code == 0
    assert "Nothing was handed on yet" in listed.out


def test_a_hand_off_is_listed_until_it_is_live_and_then_as_live(run: Run, handoff: str) -> None:
    before = run("handoffs").out
    assert f"{handoff}  Phase 3  Dark mode" in before
    assert "not reported as deployed" in before
    told = run("deployed", handoff[:5], "--version", "1.1.0")
    assert told.code == 0
    assert "Dark mode went live as 1.1.0" in told.out
    assert "Its success measure (error rate) is watched" in told.out
    assert "deployed: 1.1.0 (" in run("handoffs").out


def test_of_an_item_without_a_success_measure_nothing_is_said_to_be_watched(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = run("deployed", handed_on(run, UNMEASURED), "--version", "1.1.0").out
    assert "No success measure was declared for it: reports compare nothing." in told
    assert "watched" not in told


def test_the_address_of_its_issue_is_listed_and_shown_with_the_decision(run: Run, handoff: str) -> None:
    address = "https://github.example/shop/issues/7"
    with PostLaunch() as postlaunch:
        ledger, now = postlaunch._inner.ledger, postlaunch.handoffs()[0].at
        told = OutboxRow(key="k", channel="handoff_github", payload={"handoff": handoff}, next_at=now)
        [filed] = ledger.enqueue(None, [told])
        ledger.delivered(filed.id, now, address)
        [commitment] = postlaunch.commitments()
    for command in (("handoffs",), ("show", commitment.request)):
        said = run(*command).out
        assert f"{handoff}  Phase 3  Dark mode" in said
        assert address in said
    assert json.loads(run("handoffs", "--json").out)[0]["address"] == address
    [followed] = json.loads(run("show", commitment.request, "--json").out)["handed_on"]
    assert followed == {"handoff": handoff, "item": "dark-mode", "address": address, "called_off": None}


def test_programs_get_json(run: Run, handoff: str) -> None:
    told = json.loads(run("deployed", handoff, "--version", "1.1.0", "--json").out)
    assert (told["handoff"], told["version"]) == (handoff, "1.1.0")
    [listed] = json.loads(run("handoffs", "--json").out)
    assert listed["deployments"] == [told]
    assert listed["undelivered"] == []


def test_what_has_not_arrived_is_said_with_why(run: Run, handoff: str) -> None:
    with PostLaunch() as postlaunch:

        def busy(_: object) -> None:
            raise RuntimeError("the board is down")

        postlaunch.on_handoff(3, busy)
        postlaunch.deliver()
    assert "handoff_handler_3 waits: the handler of phase 3 raised RuntimeError" in run("handoffs").out


def test_that_it_is_called_off_is_told_to_programs_and_so_is_who_does_not_know_yet(
    run: Run, handoff: str
) -> None:
    with PostLaunch() as postlaunch:
        [commitment] = postlaunch.commitments()
        (postlaunch._inner.settings.path(postlaunch._inner.settings.reports.handoffs)).rename("elsewhere")
        Path("handoffs").write_text("somebody's file")
        request = postlaunch.amend(commitment.id, "revoke", by="ana", reason="no budget")
        postlaunch.decide(request.id, "approve", by="ana")
        postlaunch.advance(commitment.run)
    assert "handoff_file waits: " in run("handoffs").out
    [followed] = json.loads(run("show", commitment.request, "--json").out)["handed_on"]
    assert (followed["called_off"]["called_off"], followed["called_off"]["reason"]) == (handoff, "no budget")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("H00000000", "--version", "1.1.0"), "there is no hand-off H00000000"),
        (("HANDOFF", "--version", "1.1.0", "--at", "2001-01-01"), "was approved"),
        (("HANDOFF", "--version", "1.1.0", "--at", "yesterday"), "is not a moment"),
        (("HANDOFF", "--version", ""), "is no version"),
    ],
)
def test_what_cannot_be_ends_with_code_2(
    run: Run, handoff: str, arguments: tuple[str, ...], said: str
) -> None:
    ended = run("deployed", *(handoff if word == "HANDOFF" else word for word in arguments))
    assert ended.code == 2
    assert said in ended.err
