"""A model's own query over the events: what passes the guard, what does not, and what it measures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

import postlaunch.tools.analytics  # registers the measurements  # noqa: F401
from postlaunch.errors import UsageError
from postlaunch.facts import Evidence
from postlaunch.sources.events import EventLog
from postlaunch.tools.event_sql import guarded
from postlaunch.tools.measurement import MeasurementResult, run_measurement
from postlaunch.tools.verifying import verify_evidence
from postlaunch.windows import calendar_day

DAY = calendar_day(datetime(2025, 11, 18, tzinfo=UTC).date(), "UTC")


def at(moment: str, user: str | None, event: str, **properties: str) -> dict[str, object]:
    """An event at a moment of November."""
    return {"time": f"2025-11-{moment}:00Z", "user": user, "event": event, **properties}


@pytest.fixture
def log(open_event_log: Any) -> EventLog:
    """Two days; the second is asked about."""
    return open_event_log(
        [
            at("17T10:00", "ada", "login", country="US"),
            at("18T09:00", "ada", "login", country="US", ms="120"),
            at("18T09:05", "ada", "export", country="US", ms="900"),
            at("18T10:00", "bob", "login", country="DE", ms="80"),
            at("18T10:10", "bob", "login", country="DE", ms="100"),
            at("18T11:00", None, "view", country="DE"),
        ],
        zone="UTC",
        properties={"country": "country", "ms": "ms"},
    )


def ask(log: EventLog, sql: str) -> MeasurementResult:
    return run_measurement("query_events", {"window": DAY, "sql": sql}, {"events": log})


def values(result: MeasurementResult) -> dict[tuple[str, str], float]:
    return {fact.key: fact.value for fact in result.facts}


# --- what it measures -----------------------------------------------------------------------------------


def test_a_query_sees_the_windows_events_alone(log: EventLog) -> None:
    result = ask(
        log, "SELECT event, count(*) AS n, count(DISTINCT person) FROM events GROUP BY event ORDER BY n DESC"
    )

    assert values(result) == {
        ("queried_count_1", "login"): 3,
        ("queried_count_2", "login"): 2,
        ("queried_count_1", "export"): 1,
        ("queried_count_2", "export"): 1,
        ("queried_count_1", "view"): 1,
        ("queried_count_2", "view"): 0,
    }
    assert {fact.n for fact in result.facts} == {5}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT count(*) FROM events WHERE event = 'login' AND properties['country'] = 'DE'", 2),
        ("SELECT avg(TRY_CAST(properties['ms'] AS DOUBLE)) FROM events", 300),
        ("SELECT quantile_cont(TRY_CAST(properties['ms'] AS DOUBLE), 0.5) FROM events", 110),
        ("SELECT 1.0 * count(*) / nullif(count(DISTINCT person), 0) FROM events WHERE person IS NOT NULL", 2),
        ("SELECT sum(CASE WHEN event IN ('export', 'view') THEN 1 ELSE 0 END) FROM events e", 2),
        (
            "WITH firsts AS (SELECT person, min(ts) AS first FROM events "
            "WHERE event = 'login' GROUP BY person) "
            "SELECT count(*) FROM events JOIN firsts USING (person) "
            "WHERE event = 'login' AND ts - first BETWEEN INTERVAL 1 MINUTE AND INTERVAL 1 HOUR",
            1,
        ),
        ("SELECT count(*) FILTER (WHERE event = 'export') FROM events", 1),
        (
            "WITH steps AS (SELECT lead(event) OVER (PARTITION BY person ORDER BY ts) AS next FROM events "
            "WHERE event <> 'view') SELECT next, count(*) FROM steps WHERE next = 'export' GROUP BY next",
            1,
        ),
        (
            "WITH each AS (SELECT person, count(*) AS n FROM events GROUP BY person) "
            "SELECT n, count(*) FROM each WHERE n > 1 AND person IS NOT NULL GROUP BY n",
            2,
        ),
    ],
)
def test_conditions_parts_quantiles_and_ratios(log: EventLog, sql: str, expected: float) -> None:
    (fact,) = ask(log, sql).facts
    assert fact.value == pytest.approx(expected)


def test_labels_are_events_days_hours_and_properties(log: EventLog) -> None:
    labels = "day, date_trunc('hour', ts), properties['country']"
    sql = f"SELECT {labels}, count(*) FROM events GROUP BY {labels} ORDER BY 2"
    assert [fact.entity for fact in ask(log, sql).facts] == [
        "2025-11-18, 2025-11-18 09:00 UTC, US",
        "2025-11-18, 2025-11-18 10:00 UTC, DE",
        "2025-11-18, 2025-11-18 11:00 UTC, DE",
    ]


def test_no_row_and_no_number_is_no_figure(log: EventLog) -> None:
    nothing = ask(log, "SELECT event, count(*) FROM events WHERE event = 'none' GROUP BY event")
    assert (nothing.status, nothing.reason) == ("no_data", "the query found no figure")
    assert ask(log, "SELECT max(TRY_CAST(properties['country'] AS DOUBLE)) FROM events").status == "no_data"


# --- what is refused ------------------------------------------------------------------------------------

OTHER_STATEMENTS = [
    "DROP TABLE events",
    "SELECT count(*) FROM events; DROP TABLE events",
    "COPY events TO '/tmp/out.csv'",
    "ATTACH '/tmp/other.db'",
    "PRAGMA database_list",
    "SET memory_limit = '90GB'",
    "INSTALL httpfs",
    "SELECT count(*) FROM events UNION SELECT count(*) FROM events",
    "SUMMARIZE events",
    "VALUES (1)",
    "",
    "not SQL at all )(",
    "SELECT " + "(" * 500 + "count(*)" + ")" * 500 + " FROM events",
]

OTHER_DATA = [
    "SELECT count(*) FROM read_csv('/etc/passwd')",
    "SELECT count(*) FROM '/etc/passwd'",
    "SELECT count(*) FROM glob('/*')",
    "SELECT count(*) FROM duckdb_settings()",
    "SELECT count(*) FROM range(1000000000)",
    "SELECT count(*) FROM information_schema.tables",
    "SELECT count(*) FROM main.events",
    "SELECT count(*) FROM other",
    "WITH events AS (SELECT person FROM events) SELECT count(*) FROM events",
    "WITH RECURSIVE t AS (SELECT person FROM events) SELECT count(*) FROM t",
    "SELECT max(getenv('HOME')) FROM events",
    "WITH duckdb_views AS (SELECT sql AS day FROM duckdb_views) "
    "SELECT day, count(*) FROM duckdb_views GROUP BY 1",
    "SELECT count(*) FROM duckdb_views WHERE EXISTS (WITH duckdb_views AS (SELECT day FROM events) SELECT 1)",
    "SELECT count(*) FROM (VALUES (1), (2)) AS t",
]

STATED = [
    "SELECT 42 FROM events",
    "SELECT max(42) FROM events",
    "SELECT count(*) + 900 FROM events",
    "SELECT 3 * count(*) FROM events",
    "SELECT sum(1 + 1) FROM events",
    "SELECT max(1) FROM events",
    "SELECT max(x) FROM (SELECT 42 AS x FROM events) AS t",
    "SELECT max(length('aaaaaaaaaa')) FROM events",
    "SELECT sum(CASE WHEN event = 'login' THEN 1000 ELSE 0 END) FROM events",
    "SELECT 'a critical outage' AS what, count(*) FROM events",
    "SELECT lower('99 percent'), count(*) FROM events",
    "SELECT max(CASE WHEN ts > day THEN extract('year' FROM CAST('1234-01-01' AS DATE)) END) FROM events",
]

PEOPLE = [
    "SELECT person, count(*) FROM events GROUP BY person",
    "SELECT PERSON, count(*) FROM events GROUP BY 1",
    "SELECT e, count(*) FROM events e GROUP BY 1",
    "WITH p AS (SELECT person AS who, event FROM events) SELECT who, count(event) FROM p GROUP BY 1",
    "WITH p AS (SELECT e AS who FROM events e) SELECT who, count(*) FROM p GROUP BY 1",
    "WITH p AS (SELECT lower(max(person)) AS a FROM events), q AS (SELECT a AS b FROM p) "
    "SELECT b, count(*) FROM q GROUP BY 1",
    'SELECT "max(person)", count(*) FROM (SELECT max(person) FROM events GROUP BY event) t GROUP BY 1',
    "SELECT who, count(*) FROM (SELECT * RENAME (person AS who) FROM events) t GROUP BY 1",
    "WITH p(who) AS (SELECT person FROM events) SELECT who, count(*) FROM p GROUP BY 1",
    "SELECT * FROM events",
    "SELECT event FROM events",
    "SELECT list(person) FROM events",
    "SELECT count(*), event FROM events GROUP BY event",
]


@pytest.mark.parametrize("sql", [*OTHER_STATEMENTS, *OTHER_DATA, *STATED, *PEOPLE])
def test_whatever_is_no_count_of_the_events_is_refused(sql: str) -> None:
    with pytest.raises(UsageError) as refused:
        guarded(sql, DAY)
    assert refused.value.remedy.startswith("write one SELECT over events(")


def test_what_the_database_refuses_is_said_to_the_model(log: EventLog) -> None:
    with pytest.raises(UsageError, match=r"query_events: .*nowhere"):
        ask(log, "SELECT count(nowhere) FROM events")


def test_a_report_cannot_have_a_query_run(log: EventLog) -> None:
    result = ask(log, "SELECT count(*) FROM events")
    other = run_measurement("events_by_name", {"window": DAY}, {"events": log})

    found = verify_evidence(Evidence.of(*result.facts, *other.facts), {"events": log})

    assert (found.holds, found.left_alone, found.checked) == (True, 1, len(other.facts))
