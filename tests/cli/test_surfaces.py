"""The commands of the gate: what they say to a person and to a program, and how they refuse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Run, Workspace

PERSON = "User"
REFUSED, USAGE, WAITING = 6, 2, 4


def of_the_gate(request: str) -> Sequence[Sequence[str]]:
    """Each command that decides, with what it needs."""
    by = ("--by", PERSON)
    return (
        ("approve", request, *by),
        ("edit", request, *by, "--item", "dark-mode"),
        ("changes", request, *by, "--exclude", "dark-mode"),
        ("discover", request, *by, "--text", "why exports"),
        ("reject", request, *by, "--reason", "not now"),
    )


def test_what_waits_is_listed_for_a_person_and_for_a_program(run: Run, waiting: Workspace) -> None:
    request = waiting.request()
    shown, read = run("approvals", *waiting.settings), run("approvals", *waiting.settings, "--json")
    assert (shown.code, read.code) == (0, 0)
    assert f"{request.id} waits for a decision by {PERSON}" in shown.out
    for command in ("show", "approve", "edit", "changes", "discover", "reject"):
        assert f"{command} {request.id}" in shown.out
    [entry] = read.json
    assert (entry["id"], entry["digest"], entry["options"]) == (
        request.id,
        request.digest,
        list(request.options),
    )
    assert "proposal" not in entry


def test_a_request_is_shown_by_the_beginning_of_its_id(run: Run, waiting: Workspace) -> None:
    request = waiting.request()
    shown = run("show", request.id[:5], *waiting.settings)
    assert shown.code == 0
    assert "Days planned, of those free" in shown.out
    assert f"approve {request.id} --by {PERSON}" in shown.out
    read = run("show", request.id, *waiting.settings, "--json").json
    assert (read["digest"], read["decision"]) == (request.digest, None)
    assert read["proposal"]["backlog"]["sprint"] == 4


def test_every_command_refuses_an_unknown_request_in_words(run: Run, waiting: Workspace) -> None:
    for command in (("show", "Rnothing"), *of_the_gate("Rnothing")):
        done = run(*command, *waiting.settings)
        assert done.code == REFUSED, command
        assert 'there is no request "Rnothing"' in done.err
        assert "postlaunch approvals" in done.err
        assert waiting.committed() == []


def test_an_id_that_begins_several_requests_is_refused_with_their_names(run: Run, waiting: Workspace) -> None:
    first = waiting.request()
    with waiting.opened as postlaunch:
        postlaunch.decide(first.id, "changes", by=PERSON, text="less")
        postlaunch.advance(first.run)
    second = waiting.request()
    done = run("approve", "R", "--by", PERSON, *waiting.settings)
    assert done.code == REFUSED
    assert first.id in done.err
    assert second.id in done.err
    assert "write more of it" in done.err


def test_a_second_decision_is_refused_with_the_first(run: Run, waiting: Workspace) -> None:
    request = waiting.request()
    done = run("reject", request.id, "--by", PERSON, "--reason", "not now", *waiting.settings, "--json")
    assert (done.code, done.json["state"]) == (0, "done")
    for command in of_the_gate(request.id):
        again = run(*command, *waiting.settings)
        assert again.code == REFUSED, command
        assert f"request {request.id} was already decided: reject by {PERSON}" in again.err
    assert "Nothing waits for a decision." in run("approvals", *waiting.settings).out
    shown = run("show", request.id, *waiting.settings)
    assert f"{request.id}: reject, by {PERSON}" in shown.out
    assert "not now" in shown.out


def test_an_approval_commits_and_says_so_to_a_program(run: Run, waiting: Workspace) -> None:
    request = waiting.request()
    done = run("approve", request.id, "--by", PERSON, "--reason", "go", *waiting.settings, "--json")
    assert done.code == 0
    assert done.json["state"] == "done"
    assert len(waiting.committed()) == 1


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (("approve", "--by", "mallory"), REFUSED, '"mallory" may not decide'),
        (("approve", "--by", PERSON, "--digest", "0" * 64), REFUSED, "is not the one of request"),
        (("edit", "--by", PERSON, "--item", "nosuch"), REFUSED, 'there is no item "nosuch"'),
        (("changes", "--by", PERSON), REFUSED, "needs typed edits or your words"),
        (("changes", "--by", PERSON, "--effort", "much"), USAGE, "write ITEM:OWNER=DAYS"),
        (("approve",), USAGE, "--by"),
    ],
)
def test_what_may_not_stand_is_refused_and_the_gate_stays_open(
    run: Run, waiting: Workspace, command: tuple[str, ...], code: int, said: str
) -> None:
    name, *options = command
    done = run(name, waiting.request().id, *options, *waiting.settings)
    assert done.code == code
    assert said in done.err
    assert waiting.committed() == []
    assert waiting.request().closed == ""


def test_without_a_terminal_a_plan_stops_at_the_gate_and_prints_the_commands(
    run: Run, waiting: Workspace
) -> None:
    done = run("plan", *waiting.settings, "--as-of", "2025-11-24T08:00Z", "--quiet")
    assert done.code == WAITING
    assert f"approve {waiting.request().id} --by {PERSON}" in done.out


def test_listening_needs_a_key_and_keeps_to_this_machine(
    run: Run, waiting: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = run("listen", *waiting.settings, "--port", 0)
    assert without.code == USAGE
    assert "POSTLAUNCH_LINK_KEY is not set" in without.err
    monkeypatch.setenv("POSTLAUNCH_LINK_KEY", "a key for links that is long enough")
    wide = run("listen", *waiting.settings, "--address", "0.0.0.0")
    assert wide.code == USAGE
    assert "can be reached from other machines" in wide.err
    assert "--behind-a-tls-proxy" in wide.err
