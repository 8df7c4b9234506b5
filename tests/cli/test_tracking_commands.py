"""`tracking plan` writes what the events follow, `tracking check` says what differs, and ends so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from postlaunch.cli.command import run

SETTINGS = """
[sources.events]
paths = ["events.jsonl"]
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    rows = [
        {
            "time": f"2025-11-{day:02d}T{hour:02d}:00:00Z",
            "user": f"u{hour}",
            "event": "login",
            "role": "member",
        }
        for day in range(3, 7)
        for hour in range(24)
    ]
    (tmp_path / "events.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    (tmp_path / "postlaunch.toml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def ran(place: Path, capfd: pytest.CaptureFixture[str]):
    """What a command prints to be kept, and the code with which it ends."""

    def run_it(*words: str) -> tuple[int, str]:
        group = [] if words[0] in ("approve", "show", "approvals") else ["tracking"]
        with pytest.raises(SystemExit) as ended:
            run([*group, *words, "--settings", str(place / "postlaunch.toml")])
        return int(ended.value.code or 0), capfd.readouterr().out

    return run_it


def test_a_plan_printed_is_kept_and_followed(place: Path, ran) -> None:
    code, text = ran("plan", "--owner", "growth")
    assert code == 0
    [event] = yaml.safe_load(text)["events"]
    assert (event["name"], event["owner"], event["a_day"]) == ("login", "growth", [24, 24])
    (place / "tracking.yaml").write_text(text, encoding="utf-8")
    assert ran("check", str(place / "tracking.yaml")) == (0, "The events are as the plan says.\n")


def test_what_differs_is_told_and_ends_with_one(place: Path, ran) -> None:
    (place / "tracking.yaml").write_text("events: [{name: signup, a_day: [5, 9]}]", encoding="utf-8")
    code, text = ran("check", str(place / "tracking.yaml"), "--days", "2")
    assert code == 1
    assert "unknown event: login: " in text
    assert "event not seen: signup: none from 2025-11-0" in text
    code, text = ran("check", str(place / "tracking.yaml"), "--json")
    assert code == 1
    assert {found["kind"] for found in json.loads(text)} == {"unknown event", "event not seen"}


def test_a_proposal_stops_at_the_gate_and_is_written_by_whoever_approves_it(place: Path, ran) -> None:
    plan = place / "tracking.yaml"
    plan.write_text("events: [{name: login, a_day: [24, 24]}]", encoding="utf-8")
    code, text = ran("propose")
    assert code == 2  # the settings name no plan yet
    with (place / "postlaunch.toml").open("a", encoding="utf-8") as settings:
        settings.write('[sources.tracking_plan]\npath = "tracking.yaml"\n')
    code, text = ran("propose", "--quiet")
    change = "- T1 add property: login, role: text, required (72 of 72 events have it)"
    assert code == 4
    assert change in text
    request = text.partition(" approve ")[2].split()[0]
    for command in (("show", request), ("approvals",)):
        code, text = ran(*command)
        assert (code, change in text, f"approve {request} --by NAME" in text) == (0, True, True)
    assert "role" not in plan.read_text(encoding="utf-8")
    code, text = ran("approve", request, "--by", "ana", "--reason", "as it is")
    assert code == 0
    assert "tracking.yaml is written: T1, decided by ana" in text
    assert yaml.safe_load(plan.read_text(encoding="utf-8"))["events"][0]["properties"][0]["name"] == "role"
    assert ran("check") == (0, "The events are as the plan says.\n")
    assert ran("propose", "--quiet") == (0, "The rules propose no change of the tracking plan.\n")
