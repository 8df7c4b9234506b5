"""`report` of every kind, `incident`, `actions`, `ingest`, `nightly`: what they print, and how they end."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from postlaunch.sync import PostLaunch

if TYPE_CHECKING:
    from conftest import CopyOf, Run, Workspace

AS_OF = ("--as-of", "2025-11-24T10:00Z")
ITEM = "INC-2025-001-1"


def test_a_daily_check_is_written_and_what_it_found_is_kept(run: Run, fresh: Workspace) -> None:
    ended = run("report", "daily", "--day", "2025-11-18", *fresh.settings)
    assert ended.code == 0
    assert "daily-check-2025-11-18.md" in ended.out
    assert "§ triage" in ended.err
    with fresh.opened as postlaunch:
        [signal] = [one for one in postlaunch.signals() if one.kind == "incident"]
    assert signal.to == "incident"


def test_a_monthly_review_stands_beside_the_three_reports_it_sums_up(run: Run, fresh: Workspace) -> None:
    ended = run("report", "monthly", "--month", "2025-10", *fresh.settings, "--json")
    assert ended.code == 0
    names = {Path(path).stem for path in ended.json["reports"]}
    assert names == {
        "monthly-review-2025-10",
        "monthly-health-2025-10",
        "performance-2025-10",
        "analytics-2025-10",
    }


@pytest.mark.parametrize(("command", "stem"), [("performance", "performance-"), ("analytics", "analytics-")])
def test_one_specialist_alone(run: Run, fresh: Workspace, command: str, stem: str) -> None:
    ended = run("report", command, "--week", "2025-W47", *fresh.settings, "--json")
    assert ended.code == 0
    assert {Path(path).stem[: len(stem)] for path in ended.json["reports"]} == {stem}
    assert len(ended.json["reports"]) == 3


def test_a_specialist_alone_that_has_nothing_to_look_at_is_a_wrong_call(
    run: Run, fresh: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    ended = run("report", "analytics", "--week", "2025-W47")
    assert ended.code == 2
    assert "no product events are configured" in ended.err


def test_who_takes_no_part_is_told_in_one_line_and_nothing_has_failed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    day = '203.0.113.7 - - [{day:02d}/May/2015:{hour:02d}:00:00 +0000] "GET / HTTP/1.1" 200 512 "-" "x"\n'
    lines = (day.format(day=day_, hour=hour) for day_ in range(11, 25) for hour in range(24))
    Path("access.log").write_text("".join(lines))
    ended = run("report", "weekly", "--requests", "access.log")
    assert ended.code == 0
    assert "performance-monitor takes no part: the request log has no response times" in ended.err
    assert "analytics-specialist takes no part: no product events are configured" in ended.err
    assert ended.out.count("  reports/") == 1


# --- incidents --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def looked_into(
    sample: Path, copy_of: CopyOf, run_once: Run, tmp_path_factory: pytest.TempPathFactory
) -> Workspace:
    """The sample with its incident looked into; not to be written to."""
    place = copy_of(sample, tmp_path_factory.mktemp("incident"))
    at = ("--at", "2025-11-18T14:20", "--text", "log-in fails", "--trigger", "user_report")
    assert run_once("incident", "open", *at, *place.settings, "--quiet").code == 0
    return place


@pytest.fixture
def opened(looked_into: Workspace, copy_of: CopyOf, tmp_path: Path) -> Workspace:
    """A copy of the test's own."""
    return copy_of(looked_into.folder, tmp_path)


def test_an_incident_is_opened_listed_and_shown(run: Run, opened: Workspace) -> None:
    listed = run("incident", "list", *opened.settings)
    assert listed.out.startswith("INC-2025-001  SEV-")
    assert "resolved  2025-11-18 14:15–14:23 PST" in listed.out
    shown = run("incident", "show", "INC-2025-001", *opened.settings)
    assert "incident-INC-2025-001.md" in shown.out
    assert ITEM in shown.out
    assert run("incident", "list", "--status", "open", *opened.settings).out.startswith("No incidents.")


def test_incidents_are_json_for_a_program(run: Run, opened: Workspace) -> None:
    [record] = run("incident", "list", *opened.settings, "--json").json
    assert record["id"] == "INC-2025-001"
    shown = run("incident", "show", "INC-2025-001", *opened.settings, "--json").json
    assert shown["actions"]
    assert {Path(path).stem for path in shown["reports"]} == {"incident-INC-2025-001"}


def test_an_action_item_is_closed_by_name_and_stays_closed(run: Run, opened: Workspace) -> None:
    listed = run("actions", "list", *opened.settings)
    assert f"{ITEM}  due 2025-" in listed.out
    closed = run("actions", "close", ITEM, "--by", "ana", "--note", "in the rules", *opened.settings)
    assert (closed.code, closed.out) == (0, f"{ITEM} is closed by ana.\n")
    again = run("actions", "list", "--status", "closed", *opened.settings)
    assert f"{ITEM}  closed by ana" in again.out
    assert "in the rules" in again.out
    assert ITEM not in run("actions", "list", "--status", "open", *opened.settings).out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("incident", "show", "INC-2025-009"), "INC-2025-009"),
        (("actions", "close", "INC-2025-009-1", "--by", "ana"), "INC-2025-009-1"),
        (("incident", "open", "--at", "noon"), '"noon" is not a moment'),
        (("incident", "open", "--at", "2031-01-01T00:00"), "nothing is recorded after"),
        (("report", "daily", "--day", "2024-01-01"), "holds nothing of 2024-01-01"),
        (("report", "monthly", "--month", "October"), '"October" is not a month'),
        (("ingest", "nosuch.json"), "nosuch.json"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(
    run: Run, fresh: Workspace, arguments: tuple[str, ...], said: str
) -> None:
    ended = run(*arguments, *fresh.settings)
    assert ended.code == 2
    assert said in ended.err


# --- ingest -----------------------------------------------------------------------------------------------


def test_an_event_from_a_file_is_taken_or_kept(run: Run, fresh: Workspace) -> None:
    event = {
        "kind": "vulnerability",
        "at": "2025-11-20T06:00:00Z",
        "body": {"id": "CVE-2025-1", "package": "libx", "severity": "high"},
    }
    (fresh.folder / "event.json").write_text(json.dumps(event))
    ended = run("ingest", fresh.folder / "event.json", *fresh.settings)
    assert ended.code == 0
    assert "CVE-2025-1 in libx is high: kept for the next sprint planning" in ended.out
    signal = run("ingest", fresh.folder / "event.json", *fresh.settings, "--json").json
    assert (signal["to"], signal["settled_at"]) == ("sprint_planning", None)


def test_an_event_from_standard_input(run: Run, fresh: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    event = {"kind": "deployment", "at": "2025-11-20T06:00:00Z", "body": {"title": "v1.0.3"}}
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(event)))
    ended = run("ingest", "-", *fresh.settings)
    assert "is noted: kept for the next weekly report" in ended.out


def test_a_decision_that_may_not_stand_ends_with_6(run: Run, waiting: Workspace) -> None:
    body = {"request": waiting.request().id, "decision": "approve", "by": "mallory"}
    event = {"kind": "decision", "at": "2025-11-24T09:00:00Z", "body": body}
    (waiting.folder / "event.json").write_text(json.dumps(event))
    ended = run("ingest", waiting.folder / "event.json", *waiting.settings)
    assert ended.code == 6
    assert "may not decide" in ended.err
    assert waiting.committed() == []


def test_what_is_no_event_ends_with_2_and_says_what_one_is(run: Run, fresh: Workspace) -> None:
    (fresh.folder / "event.json").write_text('{"kind": "alarm"}')
    ended = run("ingest", fresh.folder / "event.json", *fresh.settings)
    assert ended.code == 2
    assert "user_report" in ended.err


# --- nightly ----------------------------------------------------------------------------------------------


def test_a_night_ends_with_one_summary_and_waits_for_a_decision(run: Run, fresh: Workspace) -> None:
    ended = run("nightly", *fresh.settings, *AS_OF)
    assert ended.code == 4
    lines = ended.out.splitlines()
    made = [line for line in lines if line.startswith("✓")]
    assert made == [
        "✓ daily check 2025-11-23: done",
        "✓ weekly report 2025-W47: done",
        "✓ monthly review 2025-10: done",
        "✓ sprint planning 2025-W47: waiting",
    ]
    request = fresh.request()
    assert any(line.startswith(f"◆ {request.id} waits for a decision") for line in lines)
    assert lines[0].startswith("◇ ")
    assert "● monitoring-specialist" in ended.err

    again = run("nightly", *fresh.settings, *AS_OF, "--json")
    assert again.code == 4
    assert again.json["made"] == []
    assert again.json["exit_code"] == 4
    assert [one["request"] for one in again.json["waiting"]] == [request.id]


def test_a_quiet_night_tells_only_what_needs_a_person(run: Run, waiting: Workspace) -> None:
    run("reject", waiting.request().id, "--by", "User", *waiting.settings)
    first = run("nightly", *waiting.settings, *AS_OF, "--quiet")
    assert first.err == ""
    assert "✓" not in first.out
    second = run("nightly", *waiting.settings, *AS_OF, "--quiet")
    assert (second.code, second.out, second.err) == (0, "", "")
    spoken = run("nightly", *waiting.settings, *AS_OF)
    assert (spoken.code, spoken.out) == (0, "Nothing is due.\n")


def test_a_source_that_fails_degrades_the_night_and_loses_none_of_it(run: Run, fresh: Workspace) -> None:
    (fresh.folder / "events.parquet").write_bytes(b"not a file of events")
    ended = run("nightly", *fresh.settings, *AS_OF, "--json")
    assert ended.code == 4
    assert ended.json["degraded"] is True
    assert ended.json["failed"] == []
    weekly = next(part for part in ended.json["made"] if part["workflow"] == "weekly_report")
    assert any("events" in problem for problem in weekly["problems"])
    assert len(weekly["reports"]) == 3


def test_without_any_source_nothing_is_due(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = run("nightly")
    assert (ended.code, ended.out) == (0, "Nothing is due.\n")
    with PostLaunch() as postlaunch:
        assert postlaunch.runs() == ()
