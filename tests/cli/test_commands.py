"""The commands without a terminal: what they print for a person and a program, and every exit code."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from postlaunch.cli import report_commands
from postlaunch.graphs.proposing import proposal_of
from postlaunch.ledger.ledger import Ledger
from postlaunch.sync import PostLaunch
from postlaunch.testing import StillClock
from postlaunch.windows import system_clock

if TYPE_CHECKING:
    from conftest import Run, Workspace

AS_OF = ("--as-of", "2025-11-24T08:00Z")


def without_the_last(log: Path, requests: int) -> None:
    """Write a log again, its last requests left out."""
    shorter = log.with_name("shorter.parquet")
    with duckdb.connect() as connection:
        rows = connection.read_parquet(str(log))
        rows.limit(len(rows) - requests).write_parquet(str(shorter))
    shorter.replace(log)


# --- 0: done ------------------------------------------------------------------------------------------------


def test_a_weekly_report_is_written_and_exits_with_0(run: Run, fresh: Workspace) -> None:
    ended = run("report", "weekly", *fresh.settings)
    assert ended.code == 0
    assert "weekly-health-2025-W47.md" in ended.out
    assert (fresh.folder / "reports" / "weekly-health-2025-W47.html").is_file()
    assert "● monitoring-specialist" in ended.err
    assert "● monitoring-specialist" not in ended.out
    [made] = fresh.runs()

    again = run("report", "weekly", *fresh.settings, "--json").json
    assert (again["id"], again["state"]) == (made.id, "done"), "the same question is the same run"
    assert len(fresh.runs()) == 1


def test_a_report_needs_no_settings_file(
    run: Run, fresh: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(fresh.folder / "requests.parquet", tmp_path / "requests.parquet")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    ended = run("report", "weekly", "--requests", "../requests.parquet", "--quiet")
    assert ended.code == 0
    assert ended.err == ""
    assert (tmp_path / "empty" / "reports").is_dir()


def test_all_shows_every_fact_and_verdict(run: Run, waiting: Workspace) -> None:
    [planning] = waiting.runs()
    short = run("trace", planning.id, *waiting.settings)
    whole = run("trace", planning.id, *waiting.settings, "--all")
    assert "more verdicts (--all shows everything)" in short.out
    assert "more verdicts" not in whole.out
    assert "tier, dark-mode" in whole.out
    assert "tier, dark-mode" not in short.out
    assert len(whole.out.splitlines()) > 2 * len(short.out.splitlines())


def test_a_trace_as_json_is_one_event_a_line(run: Run, waiting: Workspace) -> None:
    [planning] = waiting.runs()
    events = [
        json.loads(line)
        for line in run("trace", planning.id[:6], *waiting.settings, "--json").out.splitlines()
    ]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert {"question", "tool", "fact", "verdict", "report", "gate"} <= {event["kind"] for event in events}


def test_runs_reports_and_approvals_say_what_there_is(run: Run, waiting: Workspace) -> None:
    [planning] = waiting.runs()
    request = waiting.request()
    listed = run("runs", *waiting.settings).out
    assert f"{planning.id}" in listed
    assert "waiting" in listed
    assert "backlog-sprint-4.md" in listed
    assert "weekly-health-2025-W47.json" in run("reports", *waiting.settings).out
    assert f"approve {request.id} --by User" in run("approvals", *waiting.settings).out


@pytest.mark.parametrize("command", ["runs", "reports", "approvals", "check"])
def test_lists_are_json_for_a_program(run: Run, waiting: Workspace, command: str) -> None:
    assert isinstance(run(command, *waiting.settings, "--json").json, list)


def test_nothing_yet_is_said_with_what_to_do(run: Run, fresh: Workspace) -> None:
    assert "report weekly" in run("runs", *fresh.settings).out
    assert "report weekly" in run("reports", *fresh.settings).out
    assert "Nothing waits" in run("approvals", *fresh.settings).out


def test_approving_prints_what_was_committed_and_where_it_went(run: Run, waiting: Workspace) -> None:
    ended = run("approve", waiting.request().id, "--by", "User", *waiting.settings)
    assert ended.code == 0
    assert "Sprint 4 is committed as C" in ended.out
    assert [name for name in waiting.handoffs() if name.endswith(".md") and name not in ended.out] == []
    assert "by User" in run("show", *(run_request(run, waiting)), *waiting.settings).out


def run_request(run: Run, waiting: Workspace) -> list[str]:
    """The id of the one request, decided or not."""
    [planning] = waiting.runs()
    events = run("trace", planning.id, *waiting.settings, "--json").out.splitlines()
    gates = [event for event in map(json.loads, events) if event["kind"] == "gate"]
    return [gates[-1]["data"]["request"]]


def test_edit_commits_exactly_these_items(run: Run, waiting: Workspace) -> None:
    request = waiting.request()
    chosen = [item for item in proposal_of(request).backlog.scope.ids if item != "dark-mode"]
    items = [word for item in chosen for word in ("--item", item)]
    ended = run("edit", request.id, "--by", "User", *items, *waiting.settings)
    assert ended.code == 0
    assert waiting.committed() == [set(chosen)]


def test_changes_put_another_proposal_forward(run: Run, waiting: Workspace) -> None:
    first = waiting.request()
    ended = run("changes", first.id, "--by", "User", "--exclude", "dark-mode", *waiting.settings)
    assert ended.code == 4
    assert "− Dark mode" in ended.out
    assert waiting.request().round == 2
    assert "round 2" in run("show", waiting.request().id, *waiting.settings).out


def test_discover_and_reject_close_the_run(run: Run, waiting: Workspace) -> None:
    ended = run(
        "discover", waiting.request().id, "--by", "User", "--text", "why exports matter", *waiting.settings
    )
    assert ended.code == 0
    assert "Phase 1  why exports matter" in ended.out
    assert waiting.committed() == []


def test_packets_that_cannot_be_written_are_kept_and_written_later(run: Run, waiting: Workspace) -> None:
    blocking = waiting.folder / "handoffs"
    blocking.write_text("somebody's file")
    ended = run("approve", waiting.request().id, "--by", "User", *waiting.settings)
    assert ended.code == 0
    assert "is committed as C" in ended.out
    assert "not written yet" in ended.out
    assert "✗ hand-off folder" in run("check", *waiting.settings).out
    blocking.unlink()
    later = StillClock(datetime.now(UTC) + timedelta(hours=1))
    with PostLaunch(waiting.settings[1], clock=later) as postlaunch:
        postlaunch.advance(postlaunch.runs()[0].id)
    assert len(waiting.handoffs()) == 2 * len(waiting.committed()[0])


def test_check_says_what_works_and_what_is_missing(run: Run, fresh: Workspace) -> None:
    ended = run("check", *fresh.settings)
    assert ended.code == 0
    assert "✓ tickets: 300 tickets" in ended.out
    assert "– model: not configured" in ended.out


def test_verify_measures_the_report_again(run: Run, waiting: Workspace) -> None:
    ended = run("verify", waiting.folder / "reports" / "weekly-health-2025-W47.json", *waiting.settings)
    assert ended.code == 0
    assert "figures are what the report says" in ended.out


# --- 1: anything else ---------------------------------------------------------------------------------------


def test_a_bug_is_said_in_words_without_a_trace(
    run: Run, fresh: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("division by zero, and the key sk-verysecretvalue123")

    monkeypatch.setenv("SHOP_API_KEY", "sk-verysecretvalue123")
    monkeypatch.setattr(report_commands, "print_json", broken)
    ended = run("runs", *fresh.settings, "--json")
    assert ended.code == 1
    assert "This is a bug in postlaunch: ZeroDivisionError: division by zero" in ended.err
    assert "POSTLAUNCH_DEBUG=1" in ended.err
    assert "sk-verysecretvalue123" not in ended.err


def test_the_trace_of_a_bug_is_there_for_who_asks(
    fresh: Workspace, monkeypatch: pytest.MonkeyPatch, logging_restored: None
) -> None:
    from postlaunch.cli import main

    monkeypatch.setattr(report_commands, "print_json", lambda _: 1 / 0)
    monkeypatch.setenv("POSTLAUNCH_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["runs", "--settings", str(fresh.folder / "postlaunch.toml"), "--json"])


def test_a_run_that_another_process_moves_is_busy(run: Run, waiting: Workspace) -> None:
    [planning] = waiting.runs()
    with Ledger.open(waiting.folder / ".postlaunch" / "postlaunch.db", system_clock) as ledger:
        lease = ledger.take_lease(planning.id, "somebody else", 60)
        ended = run("advance", planning.id, *waiting.settings)
        ledger.release(lease)
    assert ended.code == 1
    assert "somebody else" in ended.err


# --- 2: usage or settings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("report", "weekly", "--nope"), "No such option: --nope"),
        (("nosuch",), "No such command"),
        (("approve", "R1"), "Missing option '--by'"),
        (("report", "weekly", "--as-of", "yesterday"), '"yesterday" is not a moment'),
        (("report", "weekly", "--week", "2025-W99"), "2025-W99"),
        (("report", "weekly", "--week", "2024-W01"), "holds nothing of 2024-W01"),
        (("advance", "Rnone"), "Rnone"),
        (("trace", "Rnone"), "Rnone"),
        (("verify", "nosuch.json"), "nosuch.json"),
    ],
)
def test_a_wrong_call_exits_with_2_and_names_what_is_wrong(
    run: Run, fresh: Workspace, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(fresh.folder)
    ended = run(*arguments)
    assert ended.code == 2
    assert said in ended.err


@pytest.mark.parametrize(
    ("line", "key", "number"),
    [
        ("[application]\ntimezone = 'Mars/X'\n", "application.timezone", 2),
        ("[budget]\ntokens = 1\nmony = 3\n", "budget.mony", 3),
        ("[capacity]\nsprint_days = 'ten'\n", "capacity.sprint_days", 2),
        ("[gate\n", "line 1", 1),
    ],
)
def test_wrong_settings_exit_with_2_and_name_key_and_line(
    run: Run, tmp_path: Path, line: str, key: str, number: int
) -> None:
    (tmp_path / "postlaunch.toml").write_text(line)
    ended = run("runs", "--settings", tmp_path / "postlaunch.toml")
    assert ended.code == 2
    assert key in ended.err
    assert f"line {number}" in ended.err


def test_every_command_is_explained_on_one_line(run: Run) -> None:
    shown = run("--help").out
    assert "demo" in shown
    assert "..." not in shown.split("Commands:")[1]


def test_the_version_is_the_installed_one(run: Run) -> None:
    assert run("--version").out == f"postlaunch {metadata.version('postlaunch')}\n"


def test_nothing_on_the_command_line_is_help(run: Run) -> None:
    ended = run()
    assert ended.code == 2
    assert "report" in ended.out + ended.err


def test_init_refuses_to_write_over_a_file(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("init", "--name", "Shop").code == 0
    assert run("init", "--name", "Shop").code == 2


# --- 3: a configured source failed --------------------------------------------------------------------------


def test_a_source_that_fails_exits_with_3_and_the_report_is_there(run: Run, fresh: Workspace) -> None:
    (fresh.folder / "requests.parquet").unlink()
    ended = run("report", "weekly", "--week", "2025-W47", *fresh.settings, "--json")
    assert ended.code == 3
    assert ended.json["degraded"]
    assert "requests" in " ".join(ended.json["problems"])
    assert all(Path(path).is_file() for path in ended.json["reports"])
    assert ended.json["reports"]


def test_what_cannot_be_measured_again_is_no_difference_but_a_failure(run: Run, waiting: Workspace) -> None:
    (waiting.folder / "requests.parquet").unlink()
    ended = run("verify", waiting.folder / "reports" / "weekly-health-2025-W47.json", *waiting.settings)
    assert ended.code == 3
    assert "could not be run again" in ended.out


# --- 4: waiting for a decision ------------------------------------------------------------------------------


def test_planning_without_a_terminal_waits_and_prints_the_commands(run: Run, waiting: Workspace) -> None:
    ended = run("plan", *waiting.settings, *AS_OF)
    request = waiting.request()
    assert ended.code == 4
    for command in ("show", "approve", "edit", "changes", "discover", "reject"):
        assert f"postlaunch {command} {request.id}" in ended.out
    assert str(waiting.settings[1]) in ended.out
    assert waiting.handoffs() == []


def test_waiting_and_degraded_is_4_and_the_json_says_both(run: Run, fresh: Workspace) -> None:
    (fresh.folder / "tickets.csv").write_text("a,b\n1,2\n")
    ended = run("plan", *fresh.settings, *AS_OF, "--json")
    assert ended.code == 4
    assert ended.json["degraded"] is True
    assert [request["id"] for request in ended.json["waiting"]] == [fresh.request().id]


def test_a_plan_from_flags_alone_can_be_decided(
    run: Run, fresh: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    demo = fresh.folder
    ended = run(
        "plan", "--tickets", demo / "tickets.csv", "--candidates", demo / "candidates.yaml", "--json"
    )  # fmt: skip
    [request] = ended.json["waiting"]
    assert run("changes", request["id"], "--by", "ana", "--exclude", "dark-mode").code == 4
    [again] = run("approvals", "--json").json
    assert run("approve", again["id"], "--by", "ana").code == 0


# --- 5: verify found a difference ---------------------------------------------------------------------------


def test_a_log_that_changed_is_a_difference_and_named(run: Run, waiting: Workspace) -> None:
    report = waiting.folder / "reports" / "weekly-health-2025-W47.json"
    without_the_last(waiting.folder / "requests.parquet", 500)
    ended = run("verify", report, *waiting.settings)
    assert ended.code == 5
    assert "moved: Total Requests, application: " in ended.out
    assert "changed since the report: requests" in ended.out


# --- 6: a decision was refused ------------------------------------------------------------------------------


def test_a_decision_that_may_not_stand_exits_with_6_and_commits_nothing(run: Run, waiting: Workspace) -> None:
    request = waiting.request().id
    for refused, said in (
        (("approve", request, "--by", "mallory"), "may not decide"),
        (("approve", "Rnone", "--by", "User"), "Rnone"),
        (("approve", request, "--by", "User", "--digest", "0" * 64), "is not the one"),
        (("edit", request, "--by", "User", "--item", "custom-roles"), "does not fit"),
        (("changes", request, "--by", "User", "--exclude", "nosuch"), "nosuch"),
        (("changes", request, "--by", "User"), "changes"),
        (("changes", request, "--by", "User", "--capacity", "nobody=3"), '"nobody" is not in the roster'),
        (("changes", request, "--by", "User", "--effort", "dark-mode:nobody=3"), '"nobody" is not in'),
    ):
        ended = run(*refused, *waiting.settings)
        assert (ended.code, said in ended.err) == (6, True), ended.err
    assert waiting.committed() == []
    assert waiting.handoffs() == []


def test_the_second_decision_is_refused_and_told_of_the_first(run: Run, waiting: Workspace) -> None:
    request = waiting.request().id
    assert run("reject", request, "--by", "User", *waiting.settings).code == 0
    ended = run("approve", request, "--by", "User", *waiting.settings)
    assert ended.code == 6
    assert "reject" in ended.err
    assert waiting.committed() == []
