"""The tracking plan is what the data follow, and what differs from it later is told without a value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from postlaunch.errors import UsageError
from postlaunch.sources.events import EventLog
from postlaunch.sources.tracking_plan import PlannedEvent, PlannedProperty, TrackingPlan, plan_in
from postlaunch.tools.analytics_plan import plan_of
from postlaunch.tools.measurement import Limits
from postlaunch.tools.tracking_findings import PlanFinding, checked, finding_lines

START = datetime(2025, 11, 3, tzinfo=UTC)
KEPT = {name: name for name in ("seconds", "stars", "success", "note")}


def days(number: int, a_day: int = 20, **properties: Any) -> list[dict[str, object]]:
    """So many logins on each of some days, and a moment after them that makes the last day whole."""
    rows: list[dict[str, object]] = [
        {
            "time": (START + timedelta(days=day, minutes=place)).isoformat(),
            "user": f"u{place}",
            "event": "login",
            **properties,
        }
        for day in range(number)
        for place in range(a_day)
    ]
    end = (START + timedelta(days=number, minutes=1)).isoformat()
    return [*rows, {"time": end, "user": "late", "event": "end"}]


@pytest.fixture
def opened(open_event_log):
    def open_them(rows: list[dict[str, object]], name: str = "events.jsonl") -> EventLog:
        return open_event_log(rows, name=name, properties=KEPT)

    return open_them


def found(plan: TrackingPlan, log: EventLog, number: int = 7) -> list[tuple[str, str, str]]:
    return [(item.kind, item.event, item.property) for item in checked(plan, log, number, Limits())]


def test_a_plan_is_of_the_whole_days_with_types_and_what_every_event_has(opened) -> None:
    rows = days(3, seconds=1.5, stars=4, success=True)
    rows[0] |= {"note": "late"}
    assert plan_of(opened(rows), Limits(), owner="growth") == TrackingPlan(
        events=(
            PlannedEvent(
                name="login",
                owner="growth",
                a_day=(20, 20),
                properties=(
                    PlannedProperty(name="note", type="text"),
                    PlannedProperty(name="seconds", type="number", required=True),
                    PlannedProperty(name="stars", type="integer", required=True),
                    PlannedProperty(name="success", type="boolean", required=True),
                ),
            ),
        )
    )


def test_a_day_without_the_event_counts_as_none(opened) -> None:
    rows = [row for row in days(3) if not str(row["time"]).startswith("2025-11-04")]
    assert plan_of(opened(rows), Limits()).events[0].a_day == (0, 20)


def test_the_data_that_made_a_plan_follow_it(opened, tmp_path: Path) -> None:
    log = opened(days(9, seconds=1.5, success=False))
    kept = tmp_path / "tracking.yaml"
    kept.write_text(plan_of(log, Limits()).text(), encoding="utf-8")
    assert plan_in(kept) == plan_of(log, Limits())
    assert found(plan_in(kept), log) == []


def test_each_difference_is_told_once_with_its_owner(opened) -> None:
    plan = plan_of(opened(days(3, seconds=1.5, stars=4), "before.jsonl"), Limits(), owner="growth")
    plan = plan.model_copy(update={"events": (*plan.events, PlannedEvent(name="logout", a_day=(0, 3)))})
    later = [{**row, "stars": "four"} for row in days(3, note="x")]
    later.append({**later[0], "event": "strange"})
    log = opened(later, "after.jsonl")
    assert found(plan, log) == [
        ("missing property", "login", "seconds"),
        ("other type", "login", "stars"),
        ("unknown property", "login", "note"),
        ("event not seen", "logout", ""),
        ("unknown event", "strange", ""),
    ]
    lines = list(finding_lines(checked(plan, log, 7, Limits())))
    assert lines[0] == "missing property: login, seconds: 60 of 60 events are without it (owner: growth)"
    assert lines[1] == "other type: login, stars: 60 of 60 values are no integer (owner: growth)"


@pytest.mark.parametrize(("a_day", "unusual"), [(9, True), (10, False), (40, False), (41, True)])
def test_days_are_unusual_below_half_and_above_twice_what_the_plan_saw(
    opened, a_day: int, unusual: bool
) -> None:
    plan = plan_of(opened(days(3), "before.jsonl"), Limits())
    assert bool(found(plan, opened(days(3, a_day), "after.jsonl"))) is unusual


def test_a_handful_of_events_is_not_compared(opened) -> None:
    plan = plan_of(opened(days(3, 3), "before.jsonl"), Limits())
    assert found(plan, opened(days(3, 9), "after.jsonl")) == []


def test_only_the_last_days_are_held_against_it(opened) -> None:
    plan = plan_of(opened(days(3), "before.jsonl"), Limits())
    rows = days(9)
    rows[0]["event"] = "strange"
    log = opened(rows, "after.jsonl")
    assert found(plan, log, 7) == []
    assert found(plan, log, 9) == [("unknown event", "strange", "")]


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("write to ada.lovelace@example.org", "e-mail addresses"),
        ("+49 170 1234567", "telephone numbers"),
        ("(555) 123-4567", "telephone numbers"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln", "tokens that let somebody in"),
        ("Bearer abcdefghijklmnopqrst", "tokens that let somebody in"),
    ],
)
def test_what_looks_personal_is_found_even_where_planned_and_never_printed(
    opened, value: str, what: str
) -> None:
    log = opened([{**row, "note": value} for row in days(2)])
    findings = checked(plan_of(log, Limits()), log, 7, Limits())
    assert findings == (
        PlanFinding(
            kind="personal data",
            event="login",
            property="note",
            looks_like=what,
            found=40,
            of=40,
            told=f"40 of 40 values look like {what}",
        ),
    )
    assert value not in "".join(finding_lines(findings))


@pytest.mark.parametrize("value", ["2025-11-03", "1234567890", "12.5", "v1.2.3", "at work", "GET /users"])
def test_dates_numbers_and_words_are_not_personal(opened, value: str) -> None:
    log = opened([{**row, "note": value} for row in days(2)])
    assert checked(plan_of(log, Limits()), log, 7, Limits()) == ()


def test_events_without_a_whole_day_make_no_plan(opened) -> None:
    with pytest.raises(UsageError, match="no whole day"):
        plan_of(opened(days(0, 0)), Limits())


def test_names_that_are_made_of_ids_make_no_plan(opened) -> None:
    rows = [{**row, "event": f"viewed {place}"} for place, row in enumerate(days(1, 1_300) + days(2, 350))]
    with pytest.raises(UsageError, match=r"have 2,00\d names, and a plan has 2,000 at most") as refused:
        plan_of(opened(rows), Limits())
    assert "as a property" in refused.value.remedy


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("events: [", "not YAML"),
        ("events: [{name: a}]", "events.0.a_day"),
        ("events: [{name: a, a_day: [0, 1]}, {name: a, a_day: [0, 1]}]", "two events have the same name"),
        ("events: [{name: a, a_day: [2, 1]}]", "more than the most"),
    ],
)
def test_a_file_that_is_no_plan_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        plan_in(tmp_path / "plan.yaml")


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        plan_in(tmp_path / "plan.yaml")
