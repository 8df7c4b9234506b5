"""A log that stops: what the nights after it make and tell; one that is merely late is waited for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from postlaunch.graphs.late_data import more_is_overdue
from postlaunch.graphs.night_summary import Night
from postlaunch.graphs.periods import recorded
from postlaunch.settings import Settings
from postlaunch.settings_sources import RequestSource, Sources, TableSource
from postlaunch.testing.clock import StillClock
from postlaunch.windows import calendar_day

if TYPE_CHECKING:
    from conftest import OpenApp

STOPS = datetime(2025, 11, 20, 11, 30, tzinfo=UTC)
"""The log's last line is of eleven; it has one every hour."""
SITE_DOWN = {
    "at": "2025-11-20T11:05:00Z",
    "kind": "fired",
    "alert": "D-1",
    "rule": "SiteDown",
    "severity": "critical",
}


@pytest.fixture
def house(hourly_log: Path, tmp_path: Path) -> Settings:
    """A small application whose log stops, and whose alert fires after that."""
    lines = hourly_log.read_text().splitlines(keepends=True)
    kept = (line for line in lines if datetime.fromisoformat(json.loads(line)["time"]) < STOPS)
    (tmp_path / "requests.jsonl").write_text("".join(kept))
    (tmp_path / "alerts.jsonl").write_text(json.dumps(SITE_DOWN) + "\n")
    return Settings(
        folder=tmp_path,
        sources=Sources(
            requests=RequestSource(paths=("requests.jsonl",)), alerts=TableSource(path="alerts.jsonl")
        ),
    )


@pytest.fixture(autouse=True)
def daily_checks_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    periods = (("daily_check", calendar_day, lambda cadence: cadence.catch_up_days),)
    monkeypatch.setattr("postlaunch.graphs.cadence.PERIODS", periods)


def made(night: Night) -> list[tuple[str, str]]:
    return [(part.workflow, part.period) for part in night.made]


def test_the_nights_after_a_log_stopped(
    open_house: OpenApp, clock: StillClock, house: Settings, hourly_log: Path
) -> None:
    clock.now = datetime(2025, 11, 20, 2, tzinfo=UTC)
    assert made(open_house().nightly()) == [("daily_check", "2025-11-19")]

    clock.now = datetime(2025, 11, 21, 2, tzinfo=UTC)
    app = open_house()
    night = app.nightly()
    assert made(night)[0] == ("daily_check", "2025-11-20")
    assert [workflow for workflow, _ in made(night)] == ["daily_check", "incident"]
    assert night.needs_a_person[0] == night.late
    assert night.late.startswith("requests end at 2025-11-20 11:00 UTC, and what came after is unknown")
    assert "SiteDown (critical) at 2025-11-20 11:05" in night.late
    assert any("Requests end at 11:00" in line for line in night.needs_a_person)
    assert (night.failed, night.exit_code) == ((), 3)
    [incident] = app.incidents()
    assert (incident.status, incident.severity) == ("open", "SEV-3")

    clock.now = datetime(2025, 11, 23, 2, tzinfo=UTC)
    night = open_house().nightly()
    assert made(night) == []
    assert "daily check of 2025-11-21 to 2025-11-22" in night.late
    assert night.exit_code == 3

    (house.folder / "requests.jsonl").write_bytes(hourly_log.read_bytes())
    app = open_house()
    night = app.nightly()
    days = [period for workflow, period in made(night) if workflow == "daily_check"]
    assert days == ["2025-11-20", "2025-11-21", "2025-11-22"]
    assert (night.late, night.exit_code) == ("", 0)
    states = [run.state for run in app.runs() if run.question.endswith("2025-11-20")]
    assert sorted(states) == ["done", "superseded"]


def test_a_log_that_cannot_be_read_makes_no_silent_night(open_house: OpenApp, house: Settings) -> None:
    (house.folder / "requests.jsonl").unlink()
    night = open_house().nightly()
    assert made(night) == []
    assert night.needs_a_person == (night.late,)
    assert night.late.startswith("requests cannot be read, and nothing is checked or reported without them")
    assert night.exit_code == 3


@pytest.mark.parametrize(
    ("hour", "overdue"), [(17, False), (20, True)], ids=["six hours are waited for", "nine are too many"]
)
def test_more_is_overdue_after_the_hours_that_the_settings_allow(
    open_house: OpenApp, hour: int, overdue: bool
) -> None:
    services = open_house()._inner.services
    span = recorded(services)
    assert span is not None
    assert more_is_overdue(services, span, STOPS.replace(hour=hour, minute=0)) is overdue
