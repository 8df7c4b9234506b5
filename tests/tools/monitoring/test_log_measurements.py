"""What an application logged: lines by level, warnings and errors by kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import postlaunch.tools.log_measurements  # registers the measurements  # noqa: F401
from postlaunch.sources.app_logs import ApplicationLog
from postlaunch.tools.log_templates import template_entity
from postlaunch.tools.measurement import MeasurementResult, run_measurement
from postlaunch.windows import calendar_day

OpenLines = Callable[..., ApplicationLog]

DAY = datetime(2025, 11, 18, tzinfo=UTC)
TODAY = calendar_day(DAY.date(), "UTC")
TIMEOUT = "timed out after <*> ms waiting for a connection"


def line(hours: float, level: str = "error", template: str = TIMEOUT, **more: Any) -> dict[str, Any]:
    return {"ts": DAY + timedelta(hours=hours), "level": level, "template": template, **more}


def everyday(days: int = 9) -> list[dict[str, Any]]:
    """An hourly line of no interest, so that the log covers these days up to the end of today."""
    return [line(hour, "info", "served <*> requests") for hour in range(24 - 24 * days, 24)]


def measured(log: ApplicationLog, name: str, **parameters: Any) -> MeasurementResult:
    given = {"window": TODAY, "baseline": TODAY.before(), **parameters}
    return run_measurement(name, given, {"logs": log})


def test_lines_are_counted_by_level_against_the_day_before(open_lines: OpenLines) -> None:
    rows = [*everyday(), line(1), line(2), line(-2), line(3, "warning", "slow query: <*> ms")]
    result = measured(open_lines(rows), "log_levels")
    counts = {fact.entity: (fact.value, fact.baseline) for fact in result.named("level_lines")}
    assert counts == {"error": (2, 1), "warning": (1, 0), "info": (24, 24)}
    assert [fact.entity for fact in result.named("level_lines")] == ["error", "warning", "info"]
    shares = {fact.entity: fact.value for fact in result.named("level_share")}
    assert shares["error"] == pytest.approx(2 / 27)
    total = result.fact("log_lines")
    assert total is not None
    assert (total.value, total.baseline) == (27, 25)


def test_a_level_that_is_gone_counts_zero_and_one_never_seen_is_not_listed(open_lines: OpenLines) -> None:
    result = measured(open_lines([*everyday(), line(-3)]), "log_levels")
    counts = {fact.entity: (fact.value, fact.baseline) for fact in result.named("level_lines")}
    assert counts == {"error": (0, 1), "info": (24, 24)}


def test_lines_alike_are_one_kind_with_their_usual_number_and_first_moment(open_lines: OpenLines) -> None:
    week = [line(-24 * day - 5) for day in range(7)]
    rows = [*everyday(), *week, line(9, message="timed out after 30 ms waiting for a connection"), line(10)]
    result = measured(open_lines(rows), "log_templates")
    kind = template_entity("error", TIMEOUT)
    fact = result.fact("template_lines", kind)
    assert fact is not None
    assert (fact.value, fact.baseline) == (2, 1)
    usual = result.fact("template_usual_lines", kind)
    assert usual is not None
    assert usual.value == 1
    first = result.fact("template_first_seen", kind)
    assert first is not None
    assert first.value == (DAY - timedelta(days=6, hours=5)).timestamp()
    (text,) = result.texts
    assert text["template"] == TIMEOUT
    assert text["example"] == "timed out after 30 ms waiting for a connection"
    new = result.fact("templates_new")
    assert new is not None
    assert new.value == 0


def test_a_kind_that_was_never_seen_before_is_new_and_listed_however_rare(open_lines: OpenLines) -> None:
    common = [line(hour / 10, template=f"kind {number}") for number in range(5) for hour in range(-200, 20)]
    rows = [*everyday(), *common, line(3, "warning", "certificate expires in <*> days")]
    result = measured(open_lines(rows), "log_templates", limit=2)
    new = result.fact("templates_new")
    assert new is not None
    assert new.value == 1
    listed = [text["template"] for text in result.texts]
    assert listed == ["kind 0", "kind 1", "certificate expires in <*> days"]


def test_in_a_log_of_a_few_days_nothing_is_called_new(open_lines: OpenLines) -> None:
    result = measured(open_lines([*everyday(3), line(3)]), "log_templates")
    assert result.fact("templates_new") is None
    assert any("what is new is not known" in note for note in result.notes)


def test_only_the_levels_asked_for_are_looked_at(open_lines: OpenLines) -> None:
    result = measured(open_lines([*everyday(), line(3)]), "log_templates", levels=("info",))
    assert [text["template"] for text in result.texts] == ["served <*> requests"]


def test_the_same_words_at_another_level_are_another_kind() -> None:
    assert template_entity("error", TIMEOUT) != template_entity("warning", TIMEOUT)


def test_a_span_without_lines_is_no_data(open_lines: OpenLines) -> None:
    log = open_lines([line(-50), line(-49)])
    for name in ("log_levels", "log_templates"):
        result = measured(log, name)
        assert result.status == "no_data"
        assert "they cover" in result.reason


def test_slow_queries_are_counted_against_before_and_new_kinds_told_with_their_time(
    open_lines: OpenLines,
) -> None:
    old, new = (
        "slow query, <*> ms: SELECT name FROM users",
        "duration: <*> ms statement: SELECT total FROM orders",
    )
    rows = [
        *everyday(),
        line(-3, "warning", old, message="slow query, 400 ms: SELECT name FROM users"),
        *(
            line(hour, "warning", old, message="slow query, 500 ms: SELECT name FROM users")
            for hour in (1, 2)
        ),
        line(3, "info", new, message="duration: 1500.5 ms statement: SELECT total FROM orders"),
        line(4, "info", new, message="duration: 499.5 ms statement: SELECT total FROM orders"),
        line(5, "error", "query failed: it was slow to answer"),
    ]
    result = measured(open_lines(rows), "slow_queries")
    found = {fact.name: (fact.value, fact.baseline, fact.n) for fact in result.facts}
    assert found == {
        "slow_queries": (4, 1, 4),
        "slow_queries_new": (1, None, 4),
        "slow_queries_new_time": (2000, None, 2),
    }


@pytest.mark.parametrize(
    ("message", "took"),
    [
        ("Slow SQL: 1.5 s for SELECT 1", 1500),
        ("# Query_time: 2.5  Lock_time: 0.1 Rows_sent: 1", 2500),
        ("slow_query took=250ms", 250),
        ("slow query on users", None),
    ],
)
def test_the_time_of_a_slow_query_is_read_as_systems_write_it(
    open_lines: OpenLines, message: str, took: float | None
) -> None:
    result = measured(open_lines([*everyday(), line(1, "warning", "<*>", message=message)]), "slow_queries")
    fact = result.fact("slow_queries_new_time")
    assert (fact.value if fact else None) == took


def test_a_log_that_tells_of_no_slow_query_is_no_proof_that_there_was_none(open_lines: OpenLines) -> None:
    result = measured(open_lines(everyday()), "slow_queries")
    assert (result.status, "or none is logged" in result.reason) == ("no_data", True)
