"""The day's triage in the daily check: what is told from outside, what is recorded, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from postlaunch.events import Event
from postlaunch.ledger.records import RunRecord, Signal
from postlaunch.sample.generate import DEFAULT_END
from postlaunch.settings_file import load_settings
from postlaunch.sync import PostLaunch
from postlaunch.testing import StillClock

if TYPE_CHECKING:
    from conftest import Samples

DAY = "2025-11-18"
NOTIFY = ("/bin/sh", "-c", 'cat >> notified.jsonl; printf "\\n" >> notified.jsonl')


def told(kind: str, at: str, **body: Any) -> dict[str, Any]:
    return {"kind": kind, "at": f"{at}-08:00", "body": body}


TOLD = (
    told("user_report", f"{DAY}T14:20:00", text="I cannot log in"),
    told("alert", f"{DAY}T03:00:00", rule="HighMemory", severity="warning"),
    told("user_report", f"{DAY}T20:00:00", text="The export never comes"),
    told("user_report", f"{DAY}T20:10:00", text="No export again"),
    told("user_report", f"{DAY}T20:30:00", text="Where is my export?"),
    told("user_report", "2025-11-19T09:00:00", text="It is slow today"),
)


@dataclass(frozen=True)
class Sorted:
    """What one daily check made of the day."""

    app: PostLaunch
    folder: Path
    kept: tuple[Signal, ...]
    daily: RunRecord

    @property
    def events(self) -> tuple[Event, ...]:
        return self.app.events(self.daily.id)

    def verdict(self, subject: str) -> str:
        """What the triage said of a thing."""
        triaged = [event for event in self.events if event.data.get("rule") == "triage"]
        [found] = [event for event in triaged if subject in str(event.data["subject"])]
        return str(found.data["verdict"])


@pytest.fixture(scope="module")
def day(samples: Samples, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sorted]:
    """The day of the sample's incident, with what people told that day and the next."""
    sample = samples.copied(tmp_path_factory.mktemp("triage"), 0.05)
    whole = load_settings(sample.settings, environment={})
    settings = whole.model_copy(update={"gate": whole.gate.model_copy(update={"notify_command": NOTIFY})})
    with (
        pytest.MonkeyPatch.context() as patched,
        PostLaunch(settings, clock=StillClock(DEFAULT_END), environment={"PATH": "/usr/bin:/bin"}) as app,
    ):
        patched.chdir(sample.folder)
        kept = tuple(app.ingest(event) for event in TOLD)
        body = {"workflow": "daily_check", "period": DAY}
        signal = app.ingest({"kind": "tick", "at": DEFAULT_END.isoformat(), "body": body})
        yield Sorted(app, sample.folder, kept, app.run(signal.handled_by))


def test_reports_and_warnings_wait_for_the_daily_check(day: Sorted) -> None:
    assert {(signal.to, signal.settled_at) for signal in day.kept} == {("daily_check", None)}


def test_what_happened_on_the_day_is_settled_with_it_and_what_came_later_waits(day: Sorted) -> None:
    waiting = [signal for signal in day.app.signals() if signal.kind in ("user_report", "alert")]
    assert [signal.body["text"] for signal in waiting] == ["It is slow today"]
    settled = {signal.id: signal for signal in day.app.signals(pending=False)}
    for signal in day.kept[:-1]:
        assert settled[signal.id].handled_by == day.daily.id


def test_what_nothing_measured_explains_is_told_apart(day: Sorted) -> None:
    assert day.verdict("HighMemory at 11:00 UTC") == "noise"
    assert day.verdict("user report at 04:00 UTC") == "look"
    looked = [event.text for event in day.events if event.kind == "finding"]
    assert any("The export never comes" in text for text in looked)


def test_a_report_of_the_failing_minutes_belongs_to_the_incident(day: Sorted) -> None:
    subjects = [str(event.data["subject"]) for event in day.events if event.data.get("rule") == "triage"]
    assert not any("22:20" in subject for subject in subjects)


def test_three_users_within_an_hour_are_an_incident_also_when_no_request_failed(day: Sorted) -> None:
    incidents = {record.started_at.hour: record for record in day.app.incidents()}
    assert set(incidents) == {22, 4}
    assert incidents[22].severity.startswith("SEV-")
    assert (incidents[4].status, incidents[4].severity) == ("resolved", "")
    runs = [run for run in day.app.runs() if run.workflow == "incident"]
    assert {run.state for run in runs} == {"done"}


def test_every_signal_of_the_day_says_where_it_goes_and_why(day: Sorted) -> None:
    posted = [one for one in day.app.signals(pending=False) if one.run == day.daily.id]
    assert posted
    said = {str(event.data["signal"]): event.data for event in day.events if event.kind == "signal"}
    for signal in posted:
        assert said[signal.id]["to"] == signal.to
        assert said[signal.id]["reason"] == signal.reason


def test_the_draft_for_colleagues_leaves_once_by_the_configured_way(day: Sorted) -> None:
    lines = (day.folder / "notified.jsonl").read_text(encoding="utf-8")
    assert lines.count('"incident": "INC-2025-001"') == 1
    assert '"to": "#engineering"' in lines
    run = next(record.run for record in day.app.incidents() if record.id == "INC-2025-001")
    [event] = [event for event in day.app.events(run) if event.kind == "notified"]
    assert event.agent == "incident-responder"


def test_the_same_day_checked_again_posts_nothing_twice(day: Sorted) -> None:
    before = day.app.signals(pending=False)
    again = day.app.advance(day.daily.id)
    assert again.id == day.daily.id
    assert day.app.signals(pending=False) == before
