"""Events are read whole from each format, and what is left out is counted and said."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from postlaunch.errors import SourceError
from postlaunch.settings import Application, Settings
from postlaunch.settings_sources import EventSource, Sources
from postlaunch.sources import event_reading
from postlaunch.sources.event_coverage import event_coverage_text, left_out
from postlaunch.sources.events import EventLog, open_events
from postlaunch.sources.opening import open_sources

NOON = "2025-11-18T12:00:00Z"
LATER = datetime(2025, 12, 1, tzinfo=UTC)


def rows(log: EventLog) -> list[tuple]:
    query = "SELECT ts, day, person, event, properties FROM events ORDER BY place"
    return log.cursor().execute(query).fetchall()


def event(**other: object) -> dict[str, object]:
    return {"time": NOON, "user": "ada", "event": "login", **other}


@pytest.mark.parametrize("name", ["events.parquet", "events.csv", "events.jsonl", "events.csv.gz", "plain"])
def test_the_same_events_are_read_from_every_format(open_event_log, tmp_path: Path, name: str) -> None:
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE events AS SELECT * FROM (VALUES "
        "('2025-11-18T12:00:00Z', 'ada', 'login', 'admin'), "
        "('2025-11-18T23:30:00-08:00', 'bob', 'log, \"out\"', NULL)) AS t(time, user_id, event_name, role)"
    )
    form = "(FORMAT json)" if name in ("events.jsonl", "plain") else ""
    connection.execute(f"COPY events TO '{tmp_path / name}' {form}")
    settings = Settings(
        folder=tmp_path,
        application=Application(timezone="America/Los_Angeles"),
        sources=Sources(events=EventSource(paths=name)),
    )
    log = open_events(settings, lambda: LATER)
    moments = [
        (f"{ts:%d %H:%M}", f"{day}", person, what, found) for ts, day, person, what, found in rows(log)
    ]
    log.close()
    assert moments == [
        ("18 12:00", "2025-11-18", 1, "login", {"role": "admin"}),
        ("19 07:30", "2025-11-18", 2, 'log, "out"', {}),
    ]


def test_a_time_without_a_zone_is_the_applications(open_event_log) -> None:
    log = open_event_log([event(time="2025-11-18 12:00")], zone="America/Los_Angeles")
    assert f"{rows(log)[0][0]:%H:%M}" == "20:00"


def test_typed_times_of_parquet_are_read(tmp_path: Path) -> None:
    duckdb.sql(
        "SELECT TIMESTAMPTZ '2025-11-18 12:00:00+00' AS ts, 5 AS user_id, 'login' AS event "
        "UNION ALL SELECT TIMESTAMPTZ '2025-11-18 12:00:00+01', NULL, 'login'"
    ).write_parquet(str(tmp_path / "e.parquet"))
    log = open_events(Settings(folder=tmp_path, sources=Sources(events=EventSource(paths="e.parquet"))))
    assert [row[0].hour for row in rows(log)] == [12, 11]
    assert log.coverage.events_without_user == 1
    log.close()


def test_fields_and_properties_are_mapped_into_objects(open_event_log) -> None:
    log = open_event_log(
        [{"at": NOON, "who": {"id": 7}, "what": "login", "props": {"plan": "pro", "$role": "admin"}}],
        fields={"time": "at", "user": "who.id", "event": "what"},
        properties={"plan": "props.plan", "role": "props.$role"},
    )
    assert rows(log)[0][2:] == (1, "login", {"role": "admin", "plan": "pro"})
    assert log.coverage.properties == ("plan", "role")


def test_rows_that_are_no_events_are_counted_and_shown(open_event_log) -> None:
    text = "\n".join(
        [
            json.dumps(event()),
            "{broken",
            "",
            json.dumps(event(time="tomorrow")),
            json.dumps(event(event="")),
            json.dumps(event(time="2025-12-30T00:00:00Z")),
            json.dumps(event(text="x" * 70_000)),
        ]
    )
    coverage = open_event_log(text, clock=lambda: LATER).coverage
    assert (coverage.rows_read, coverage.events, coverage.rows_rejected, coverage.rows_future) == (6, 1, 4, 1)
    assert coverage.rejected_by_reason == {
        "longer than 64 KB": 1,
        "no event name": 1,
        "no readable time": 1,
        "not a whole object": 1,
    }
    assert [(sample.line, sample.text[:7]) for sample in coverage.rejected_samples[:2]] == [
        (2, "{broken"),
        (4, '{"time"'),
    ]


def test_an_event_from_the_future_is_read_once_its_time_has_come(open_event_log) -> None:
    events = [event(), event(time="2025-12-30T00:00:00Z")]
    assert open_event_log(events, clock=lambda: LATER).coverage.rows_future == 1
    assert open_event_log(events, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC)).coverage.rows_future == 0


def test_lines_of_csv_that_are_no_rows_are_counted_and_shown(open_event_log) -> None:
    text = f"time,user,event\n{NOON},ada,login\n{NOON},bob\n{NOON},eve,login,more,still\n"
    coverage = open_event_log(text, name="events.csv").coverage
    assert (coverage.events, coverage.rejected_by_reason) == (1, {"not a row of the table": 2})
    assert [sample.line for sample in coverage.rejected_samples] == [3, 4]


def test_what_is_delivered_twice_counts_once(open_event_log) -> None:
    log = open_event_log([event(id="a"), event(id="b"), event(id="a", event="other"), event(id=None)])
    assert [row[3] for row in rows(log)] == ["login", "login", "login"]
    assert log.coverage.rows_repeated == 1


def test_without_ids_repeats_stay_and_are_warned_of(open_event_log) -> None:
    coverage = open_event_log([event(), event()]).coverage
    assert coverage.events == 2
    assert left_out(coverage) == ("the events have no id: one that was delivered twice counts twice",)


@pytest.mark.parametrize("nobody", [None, "", "  ", "null", "undefined", "-"])
def test_an_event_of_nobody_is_an_event_without_a_user(open_event_log, nobody: str | None) -> None:
    coverage = open_event_log([event(user=nobody), event()]).coverage
    assert (coverage.events, coverage.users, coverage.events_without_user) == (2, 1, 1)


def test_names_lose_their_control_characters(open_event_log) -> None:
    assert rows(open_event_log([event(event="log\x1b[31m\u202ein")]))[0][3] == "log[31min"


def test_the_staged_file_names_no_user(open_event_log, tmp_path: Path) -> None:
    open_event_log([event(user="ada@example.com")])
    (staged,) = tmp_path.rglob("events.parquet")
    assert b"ada@example" not in staged.read_bytes()
    assert "user_id" not in duckdb.read_parquet(str(staged)).columns


def test_several_files_are_one_log(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(event(id="1")), encoding="utf-8")
    (tmp_path / "b.csv").write_text(
        f"id,time,user,event\n1,{NOON},ada,login\n2,{NOON},bob,login\n", encoding="utf-8"
    )
    with gzip.open(tmp_path / "c.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(event(id="3")))
    settings = Settings(folder=tmp_path, sources=Sources(events=EventSource(paths=("a.*", "b.csv", "c.*"))))
    log = open_events(settings)
    assert (log.coverage.format, log.coverage.events, log.coverage.rows_repeated) == ("csv, json", 3, 1)
    log.close()


def test_the_fingerprint_is_of_content_and_reading_not_of_names(open_event_log) -> None:
    first = open_event_log([event()]).fingerprint
    assert open_event_log([event()], name="renamed.jsonl").fingerprint == first
    assert open_event_log([event(user="bob")]).fingerprint != first
    assert open_event_log([event()], zone="Asia/Kolkata").fingerprint != first
    assert open_event_log([event()], properties={"plan": "plan"}).fingerprint != first


def test_events_are_staged_once(open_event_log, monkeypatch) -> None:
    before = open_event_log([event()])
    monkeypatch.setattr(event_reading.EventReader, "read", None)
    assert open_event_log([event()]).coverage == before.coverage


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("", "events.jsonl", "there are no events in"),
        ("\n\n", "events.jsonl", "it has only blank rows"),
        ("nonsense\n", "events.jsonl", "row 1, not a whole object: nonsense"),
        ('{"at": 1, "what": "x"}\n', "events.jsonl", "known to hold the time or the event"),
        ("not a parquet file", "events.parquet", "could not be read as parquet"),
        ('{"time": "2099-01-01T00:00:00Z", "event": "x"}\n', "events.jsonl", "dated in the future"),
    ],
)
def test_a_file_without_events_is_an_error_in_words(open_event_log, content, name, said) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        open_event_log(content, name=name)
    assert caught.value.remedy


def test_a_table_that_is_rewritten_while_it_is_read_is_refused(open_event_log, tmp_path, monkeypatch) -> None:
    form = event_reading.event_format_of

    def rewriting(*arguments):
        (tmp_path / "events.csv").write_text(f"time,user,event\n{NOON},bob,other\n", encoding="utf-8")
        return form(*arguments)

    monkeypatch.setattr(event_reading, "event_format_of", rewriting)
    with pytest.raises(SourceError, match="rewritten while it was read"):
        open_event_log(f"time,user,event\n{NOON},ada,login\n", name="events.csv")


def test_a_broken_file_leaves_the_other_sources_open(tmp_path: Path) -> None:
    (tmp_path / "e.jsonl").write_text("nonsense", encoding="utf-8")
    settings = Settings(folder=tmp_path, sources=Sources(events=EventSource(paths="e.jsonl")))
    with pytest.raises(SourceError, match="no row of"):
        assert open_sources(settings, lambda: LATER)["events"].fingerprint


def test_what_the_events_cover_is_said_in_two_lines(open_event_log) -> None:
    log = open_event_log([event(id=1), event(id=1), event(id=2, user=None), {"x": 1}], zone="Europe/Berlin")
    first, second = event_coverage_text(log.coverage, "Europe/Berlin").splitlines()
    assert first == (
        "2 events of 1 kinds by 1 users from 2025-11-18 13:00 to 2025-11-18 13:00 Europe/Berlin "
        "(events.jsonl, 233 B, json)"
    )
    assert second == (
        "left out of 4 rows: 1 unreadable, 1 delivered again (same id); "
        "events without a user, in no figure about users: 1."
    )
