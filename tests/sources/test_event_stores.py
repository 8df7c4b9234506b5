"""Events of a database or a service give the same figures as those of a file, whole or not at all."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

import postlaunch.tools.analytics  # registers the measurements  # noqa: F401
from postlaunch.errors import SourceError
from postlaunch.facts import Evidence
from postlaunch.settings_analytics import Experiment, Metric
from postlaunch.sources.event_coverage import event_coverage_text
from postlaunch.sources.events import EventLog
from postlaunch.testing.clock import StillClock
from postlaunch.testing.fake_posthog import FakePostHog, throttled
from postlaunch.testing.postgres import PostgresServer
from postlaunch.tools.measurement import run_measurement
from postlaunch.tools.verifying import verify_evidence
from postlaunch.windows import month_of

NOVEMBER = month_of(date(2025, 11, 1), "America/Los_Angeles")
PLAN = Experiment(
    name="form",
    hypothesis="B is filled in more often",
    arms={"A": 1, "B": 1},
    control="A",
    start=date(2025, 11, 1),
    end=date(2025, 11, 30),
    planned_n=10,
    primary=Metric(name="filled", event="filled"),
    guardrails=(),
    mde=0.1,
)
QUESTIONS: dict[str, dict[str, object]] = {
    "user_growth": {"window": NOVEMBER, "signup_event": "joined"},
    "active_users_daily": {"window": NOVEMBER},
    "retention": {"window": NOVEMBER, "signup_event": "joined", "days": (1, 7)},
    "feature_adoption": {"window": NOVEMBER, "features": ("filled",), "role": "admin"},
    "funnel": {"window": NOVEMBER, "steps": ("viewed", "joined", "filled")},
    "time_on_platform": {"window": NOVEMBER},
    "flows": {"window": NOVEMBER},
    "events_by_name": {"window": NOVEMBER},
    "experiment_results": {"plan": PLAN},
}
NOW = datetime(2025, 12, 1, 12, tzinfo=UTC)
Rows = list[dict[str, Any]]


def happened() -> Rows:
    """Two months of thirty users: ties, repeats, events of nobody and of a clock that is a year ahead."""
    rows: Rows = []
    for number in range(30):
        day = datetime(2025, 10, 15, 9, number, 7, 123_456, tzinfo=UTC) + timedelta(days=number)
        for place, (event, hours) in enumerate(
            (("viewed", 0), ("joined", 0), ("shown", 25), ("filled", 25.1), ("viewed", 24 * 7 + 1))
        ):
            properties = {"role": "admin" if number % 3 else "guest", "seats": number, "note": 'a "b", ü'}
            if event == "shown":
                properties["variant"] = "AB"[number % 2]
            rows.append(
                {
                    "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{number}-{place}")),
                    "time": (day + timedelta(hours=hours)).isoformat(),
                    "person": str(uuid.uuid5(uuid.NAMESPACE_URL, f"user {number}")),
                    "event": event,
                    "properties": properties,
                }
            )
    nobody = {**rows[0], "id": str(uuid.UUID(int=5)), "person": None}
    ahead = {**rows[0], "id": str(uuid.UUID(int=6)), "time": "2026-11-05T08:00:00+00:00"}
    return sorted([*rows, rows[17], nobody, ahead], key=lambda row: (row["time"], row["id"]))


def figures(log: EventLog) -> dict[tuple[str, ...], float]:
    return {
        (name, fact.name, fact.entity): fact.value
        for name, parameters in QUESTIONS.items()
        for fact in run_measurement(name, parameters, {"events": log}).facts
    }


def of_a_file(folder: Path, rows: Rows) -> dict[str, Any]:
    (folder / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    duckdb.read_json(str(folder / "rows.jsonl")).write_parquet(str(folder / "events.parquet"))
    return {"paths": "events.parquet", "fields": {"user": "person"}}


def of_postgresql(server: PostgresServer, rows: Rows) -> dict[str, Any]:
    import psycopg

    place = server.new_database()
    with psycopg.connect(place.url) as connection:
        connection.execute(
            "CREATE TABLE events (id uuid, person text, event text, time timestamptz, properties jsonb)"
        )
        connection.cursor().executemany(
            "INSERT INTO events VALUES (%(id)s, %(person)s, %(event)s, %(time)s, %(properties)s)",
            [{**row, "properties": json.dumps(row["properties"])} for row in reversed(rows)],
        )
    return {"postgresql": {"url": place.url, "table": "events"}, "fields": {"user": "person"}}


def of_posthog(server: FakePostHog, rows: Rows) -> dict[str, Any]:
    server.add(
        *(
            {
                "uuid": row["id"],
                "timestamp": row["time"],
                "event": row["event"],
                "properties": row["properties"],
                **({"person_id": row["person"]} if row["person"] else {}),
            }
            for row in reversed(rows)
        )
    )
    return {"posthog": asked(server)}


def asked(server: FakePostHog, **more: Any) -> dict[str, Any]:
    return {"project": server.project, "host": server.host, "since": "2025-10-01", **more}


@pytest.mark.postgres
def test_every_figure_is_the_same_of_a_file_of_postgresql_and_of_posthog(
    open_store, posthog: FakePostHog, postgres: PostgresServer, tmp_path: Path
) -> None:
    rows = happened()
    stores = [of_a_file(tmp_path, rows), of_postgresql(postgres, rows), of_posthog(posthog, rows)]
    properties = {"seats": "properties.seats", "note": "properties.note"}
    logs = [
        open_store(**store, properties=properties, zone=NOVEMBER.zone, clock=lambda: NOW) for store in stores
    ]
    file, *copies = ([*figures(log).items()] for log in logs)
    assert {name for (name, _, _), _ in file} == set(QUESTIONS)
    assert copies == [file, file]
    held = [log.cursor().execute("SELECT ts, day, event, properties FROM events").fetchall() for log in logs]
    assert held[0] == held[1] == held[2]
    counted = {
        (
            log.coverage.rows_read,
            log.coverage.rows_repeated,
            log.coverage.rows_future,
            log.coverage.properties,
        )
        for log in logs
    }
    assert counted == {(153, 1, 1, ("note", "role", "seats", "variant"))}


def test_a_copy_says_what_it_is_of_and_when_it_was_read(open_store, posthog: FakePostHog) -> None:
    log = open_store(**of_posthog(posthog, happened()), clock=lambda: NOW, zone=NOVEMBER.zone)
    first, second = event_coverage_text(log.coverage, "UTC").splitlines()
    told = run_measurement("event_quality", {"window": NOVEMBER}, {"events": log}).notes
    assert told[0].startswith("the events are a copy of PostHog project 12345 at ")
    assert told[0].endswith(", as read 2025-12-01 12:00 UTC")
    assert first.endswith(
        f"(PostHog project 12345 at {posthog.host[7:]}, 27.4 KB, posthog, as read 2025-12-01 12:00 UTC)"
    )
    assert second.startswith("left out of 153 rows: 1 dated in the future, 1 delivered again (same id)")


def test_a_fresh_copy_is_used_without_asking(open_store, posthog: FakePostHog) -> None:
    clock, store = StillClock(NOW), of_posthog(posthog, happened())
    first = open_store(**store, clock=clock)
    requests = len(posthog.asked)
    clock.forward(minutes=59)
    again = open_store(**store, clock=clock)
    assert (len(posthog.asked), again.fingerprint, again.coverage) == (
        requests,
        first.fingerprint,
        first.coverage,
    )


def test_an_event_that_arrived_late_is_in_the_next_copy(open_store, posthog: FakePostHog) -> None:
    clock, store = StillClock(NOW), of_posthog(posthog, happened())
    first = open_store(**store, clock=clock)
    posthog.add({"event": "late", "timestamp": "2025-10-20T00:00:00Z"})
    clock.forward(hours=1)
    again = open_store(**store, clock=clock)
    assert again.coverage.events == first.coverage.events + 1
    assert again.fingerprint != first.fingerprint


def test_verifying_a_report_says_that_the_store_has_changed(open_store, posthog: FakePostHog) -> None:
    clock, store = StillClock(NOW), {**of_posthog(posthog, happened()), "zone": NOVEMBER.zone}
    result = run_measurement(
        "user_growth", QUESTIONS["user_growth"], {"events": open_store(**store, clock=clock)}
    )
    evidence = Evidence.of(*result.facts)
    clock.forward(hours=1)
    same = verify_evidence(evidence, {"events": open_store(**store, clock=clock)})
    posthog.add({"event": "late", "timestamp": "2025-10-20T00:00:00Z"})
    clock.forward(hours=1)
    changed = verify_evidence(evidence, {"events": open_store(**store, clock=clock)})
    assert (same.holds, same.changed_sources) == (True, ())
    assert (changed.holds, changed.changed_sources) == (True, ("events",))


def test_a_copy_that_is_cut_leaves_the_earlier_one_as_it_was(open_store, posthog: FakePostHog) -> None:
    clock, store = StillClock(NOW), of_posthog(posthog, happened())
    first = open_store(**store, clock=clock)
    clock.forward(hours=2)
    posthog.most_rows = 20
    posthog.replies = [None, None, throttled(3600)]
    with pytest.raises(SourceError, match="rate limit") as caught:
        open_store(**store, clock=clock)
    assert "the copy of 2025-12-01 12:00 UTC is still there" in caught.value.remedy
    store["posthog"]["fresh_minutes"] = 180
    assert open_store(**store, clock=clock).fingerprint == first.fingerprint


def test_of_a_copy_nothing_is_left_that_names_a_user(
    open_store, posthog: FakePostHog, tmp_path: Path
) -> None:
    store = of_posthog(posthog, happened())
    open_store(**store)
    names = {row["person"].encode() for row in happened() if row["person"]}
    left = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert left
    assert not any(name in content for content in left for name in names)


def test_copies_that_were_replaced_are_removed_a_day_later(
    open_store, posthog: FakePostHog, tmp_path: Path
) -> None:
    clock, store = StillClock(NOW), of_posthog(posthog, happened())
    staged = []
    for hours in (1, 1, 25):
        open_store(**store, clock=clock)
        posthog.add({"event": "late", "timestamp": "2025-10-20T00:00:00Z"})
        clock.forward(hours=hours)
        staged.append(len(list(tmp_path.rglob("events.parquet"))))
    open_store(**store, clock=clock)
    assert (staged, len(list(tmp_path.rglob("events.parquet")))) == ([1, 2, 3], 2)


@pytest.mark.parametrize(
    ("limit", "said"), [({"rows": 152}, "more than 152 events"), ({"copy_seconds": 59}, "within 59 seconds")]
)
def test_a_copy_over_a_limit_is_refused_whole(open_store, posthog: FakePostHog, limit, said: str) -> None:
    store = of_posthog(posthog, happened())
    moments = iter(NOW + timedelta(seconds=30 * tick) for tick in range(100))
    with pytest.raises(SourceError, match=said) as caught:
        open_store(posthog={**store["posthog"], **limit}, clock=lambda: next(moments))
    assert "since" in caught.value.remedy


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ((), "holds no event since 2025-10-01"),
        (({"event": "x", "timestamp": "2027-01-01T00:00:00Z"},), "all 1 of its rows are dated in the future"),
        (({"event": "", "timestamp": "2025-11-01T00:00:00Z"},), "row 1, no event name"),
    ],
)
def test_a_store_without_an_event_is_an_error_that_names_it(
    open_store, posthog: FakePostHog, events, said: str
) -> None:
    posthog.add(*events)
    with pytest.raises(SourceError, match=said) as caught:
        open_store(posthog=asked(posthog))
    assert str(caught.value).count("PostHog project 12345") == 1
    assert "rows.jsonl" not in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "source",
    [
        {},
        {"paths": "a", "posthog": {"project": 1, "since": "2025-01-01"}},
        {"posthog": {"project": 1}},
        {"posthog": {"project": 1, "since": "2025-01-01"}, "fields": {"time": "at"}},
        {"posthog": {"project": 1, "since": "2025-01-01", "host": "http://posthog.example.com"}},
        {"posthog": {"project": 1, "since": "2025-01-01", "page_rows": 50_001}},
        {"postgresql": {"url": "mysql://db/x", "table": "t"}},
        {"postgresql": {"url": "postgresql://u:hidden-one@db/x", "table": "t"}},
        {"postgresql": {"url": "postgresql://db/x", "table": "a.b.c"}},
    ],
)
def test_settings_that_do_not_fit_are_refused_before_anything_is_asked(open_store, source) -> None:
    with pytest.raises(ValueError, match="validation error"):
        open_store(**source)
