"""`check` tries every source and says in words what each holds, leaves out and misses."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from postlaunch.cli.check import Probe, check
from postlaunch.settings import Application, Settings
from postlaunch.settings_sources import EventSource, FilesSource, RequestSource, Sources, TableSource
from postlaunch.testing.fake_posthog import FakePostHog

NOON = "2025-11-18T12:00:00Z"
NOW = datetime(2025, 12, 1, tzinfo=UTC)


def probes(folder: Path, **sources: Any) -> dict[str, Probe]:
    settings = Settings(
        folder=folder, application=Application(timezone="Europe/Berlin"), sources=Sources(**sources)
    )
    return {probe.subject: probe for probe in check(settings, lambda: NOW, {})}


def probe_of(folder: Path, source: str, *rows: dict[str, object] | str) -> Probe:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    (folder / "t.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    staged = source in ("resources", "logs")
    named = FilesSource(paths=("t.jsonl",)) if staged else TableSource(path="t.jsonl")
    return probes(folder, **{source: named})[source]


def test_every_source_is_tried_or_said_to_be_absent_with_what_goes_without_it(tmp_path: Path) -> None:
    found = probes(tmp_path)
    for name in Sources.model_fields:
        assert found[name].state == "absent"
        assert found[name].remedy.endswith(f"without it: [sources.{name}]") or name == "requests"
        assert found[name].exit_code == 0


@pytest.mark.parametrize(
    ("source", "rows", "said"),
    [
        (
            "resources",
            [{"time": NOON, "pod": "a", "memory": 1, "cpu": 1}, {"time": NOON, "pod": "b"}],
            [
                "1 resource sample of 1 pod from 2025-11-18 13:00 to 2025-11-18 13:00 Europe/Berlin",
                "left out of 2 rows: 1 (no figure).",
                "not in the samples: memory_limit_bytes, cpu_limit_cores, disk_bytes, disk_limit_bytes, "
                "pool_in_use, pool_size",
            ],
        ),
        (
            "logs",
            [{"time": NOON, "level": "info", "message": "a"}] * 2,
            ["2 log lines from 2025-11-18 13:00 to 2025-11-18 13:00 Europe/Berlin (t.jsonl, "],
        ),
        (
            "changes",
            [
                {"at": NOON, "kind": "deploy", "title": "a"},
                {"at": "2025-11-19", "kind": "restart"},
                {"at": "?"},
            ],
            [
                "2 changes from 2025-11-18 13:00 to 2025-11-19 00:00 Europe/Berlin: 1 deployment, 1 restart",
                "1 row does not fit and is left out; row 3: neither title nor kind",
            ],
        ),
        (
            "alerts",
            [{"at": NOON, "kind": "fired", "alert": "A"}, {"at": NOON, "kind": "user report"}],
            ["2 records of 1 alert of 2025-11-18 13:00 Europe/Berlin: 1 fired, 1 user report"],
        ),
        (
            "costs",
            [{"day": f"2025-11-{day}", "service": f"s{day}", "amount": 1} for day in range(10, 18)],
            ["8 cost lines from 2025-11-10 to 2025-11-17: s10, s11, s12, s13, s14, s15 and 2 more"],
        ),
        (
            "vulnerabilities",
            [{"id": "CVE-1", "package": "django", "scanned_at": NOON}],
            ["1 scan of 2025-11-18 13:00 Europe/Berlin; 1 finding still listed: django"],
        ),
        (
            "competitors",
            [{"name": "Acme", "edge": "fast", "source": "x", "date": "2025-11-02"}],
            ["1 competitor (Acme), 1 claim from 2025-11-02 to 2025-11-02; no positioning of our own"],
        ),
        (
            "tickets",
            [{"id": "1", "created": NOON, "text": "a", "requester": "b"}, {"id": "2"}, {"id": "3"}],
            [
                "1 ticket of 2025-11-18 13:00 Europe/Berlin",
                "2 rows do not fit and are left out; row 2: neither subject nor text",
            ],
        ),
    ],
)
def test_what_a_source_holds_is_said(tmp_path: Path, source: str, rows: list, said: list[str]) -> None:
    probe = probe_of(tmp_path, source, *rows)
    assert probe.state == "works"
    lines = probe.finding.splitlines()
    assert len(lines) == len(said)
    assert all(line.startswith(start) for line, start in zip(lines, said, strict=True)), lines


@pytest.mark.parametrize("source", ["changes", "alerts"])
def test_nothing_to_tell_is_said_too(tmp_path: Path, source: str) -> None:
    (tmp_path / "t.json").write_text("[]", encoding="utf-8")
    probe = probes(tmp_path, **{source: TableSource(path="t.json")})[source]
    assert (probe.state, probe.finding[:2]) == ("works", "0 ")


def test_a_scan_of_which_nothing_is_left_is_said(tmp_path: Path) -> None:
    rows = [
        {"id": "CVE-1", "package": "django", "scanned_at": NOON},
        {"id": "", "package": "django", "scanned_at": "2025-11-25T12:00:00Z"},
    ]
    assert probe_of(tmp_path, "vulnerabilities", *rows).finding.endswith("; nothing still listed")


def test_the_launch_record_is_said(tmp_path: Path) -> None:
    (tmp_path / "launch.yaml").write_text(
        "version: v1\nlaunched_at: 2025-09-08 10:00\npool: {size: 10}\nweather: fine\n", encoding="utf-8"
    )
    probe = probes(tmp_path, launch=TableSource(path="launch.yaml"))["launch"]
    assert probe.finding.splitlines() == [
        "the launch of v1, launched 2025-09-08 10:00 Europe/Berlin; it tells of: pool",
        "launch.yaml: not read: weather",
    ]


def test_a_source_that_fails_says_what_to_do_and_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "alerts.csv").write_text("sku,price\n1,2\n", encoding="utf-8")
    found = probes(
        tmp_path,
        alerts=TableSource(path="alerts.csv"),
        requests=RequestSource(paths=("missing.log",)),
    )
    assert (found["alerts"].state, found["alerts"].exit_code) == ("fails", 3)
    assert "[sources.alerts.fields]" in found["alerts"].remedy
    assert found["requests"].state == "fails"
    assert found["tickets"].state == "absent"


def test_a_store_of_events_is_read_as_a_report_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakePostHog([{"event": "login", "timestamp": NOON}]) as posthog:
        monkeypatch.setenv("POSTHOG_PERSONAL_API_KEY", posthog.key)
        store = {"project": posthog.project, "host": posthog.host, "since": "2025-11-01"}
        source = EventSource.model_validate({"posthog": store})
        works = probes(tmp_path, events=source)["events"]
        posthog.scopes = ()
        fails = probes(tmp_path / "elsewhere", events=source)["events"]
    assert (works.state, works.finding[:8]) == ("works", "1 events")
    assert (fails.state, fails.exit_code) == ("fails", 3)
    assert "query:read" in fails.remedy
