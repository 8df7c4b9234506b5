"""Events as they really arrive: late, twice, of nobody, from wrong clocks, over a change of the clocks."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import postlaunch.tools.analytics  # registers the measurements  # noqa: F401
from postlaunch.settings_analytics import Experiment, Metric
from postlaunch.sources.events import EventLog
from postlaunch.tools.measurement import MeasurementResult, run_measurement
from postlaunch.windows import Window, iso_week_of, month_of

Rows = list[dict[str, object]]

NOVEMBER = month_of(date(2025, 11, 1), "UTC")
NOW = datetime(2025, 12, 1, 12, tzinfo=UTC)
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
EVERY_QUESTION: dict[str, dict[str, object]] = {
    "user_growth": {"window": NOVEMBER, "signup_event": "joined"},
    "active_users_daily": {"window": NOVEMBER},
    "retention": {"window": NOVEMBER, "signup_event": "joined", "days": (1, 7)},
    "feature_adoption": {"window": NOVEMBER, "features": ("filled",)},
    "funnel": {"window": NOVEMBER, "steps": ("viewed", "joined", "filled")},
    "time_on_platform": {"window": NOVEMBER},
    "flows": {"window": NOVEMBER},
    "experiment_results": {"plan": PLAN},
}


def at(text: str, user: str | None, event: str, **more: object) -> dict[str, object]:
    return {"time": text, "user": user, "event": event, **more}


def usual() -> Rows:
    """October and November of thirty users, each event with its id."""
    rows: Rows = []
    for number in range(30):
        user, day = f"u{number}", datetime(2025, 10, 15, 9, number, tzinfo=UTC) + timedelta(days=number)
        for place, (event, hours) in enumerate(
            (("viewed", 0), ("joined", 1), ("shown", 25), ("filled", 25.1), ("viewed", 24 * 7 + 1))
        ):
            moment = day + timedelta(hours=hours)
            variant = {"variant": "AB"[number % 2]} if event == "shown" else {}
            rows.append(at(moment.isoformat(), user, event, id=f"{number}-{place}", **variant))
    rows.append(at("2025-11-30T23:59:00Z", "u0", "viewed", id="last"))
    return sorted(rows, key=lambda row: str(row["time"]))


def asked(log: EventLog, name: str) -> MeasurementResult:
    return run_measurement(name, EVERY_QUESTION[name], {"events": log})


def figures(log: EventLog) -> dict[tuple[str, str, str], float]:
    return {
        (name, fact.name, fact.entity): fact.value
        for name in EVERY_QUESTION
        for fact in asked(log, name).facts
    }


def twice(rows: Rows) -> Rows:
    return [*rows, *rows]


def late(rows: Rows) -> Rows:
    """In any order: what happened first may arrive last."""
    return random.Random(7).sample(rows, len(rows))


def of_nobody(rows: Rows) -> Rows:
    """With as many events that name no user, in ways in which senders do."""
    nobody = (None, "", "null", "undefined")
    return [
        *rows,
        *({**row, "user": nobody[place % 4], "id": f"x{place}"} for place, row in enumerate(rows)),
    ]


def from_the_future(rows: Rows) -> Rows:
    """With events of a clock that is a year ahead."""
    return [*rows, *(at("2026-11-05T08:00:00Z", f"u{place}", "joined", id=f"y{place}") for place in range(9))]


@pytest.mark.parametrize("spoil", [twice, late, of_nobody, from_the_future])
def test_what_arrives_twice_late_of_nobody_or_from_the_future_changes_no_figure(
    open_event_log, spoil: Callable[[Rows], Rows]
) -> None:
    clean = figures(open_event_log(usual(), clock=lambda: NOW, name="clean.jsonl"))
    spoilt = figures(open_event_log(spoil(usual()), clock=lambda: NOW, name="spoilt.jsonl"))
    assert {name for name, _, _ in clean} == set(EVERY_QUESTION)
    assert spoilt == clean


def test_clocks_that_are_a_few_minutes_off_lose_no_event(open_event_log) -> None:
    behind = [{**row, "time": _shifted(row, minutes=-5)} for row in usual()]
    clean = figures(open_event_log(usual(), clock=lambda: NOW, name="clean.jsonl"))
    moved = figures(open_event_log(behind, clock=lambda: NOW, name="behind.jsonl"))
    for name in ("user_growth", "funnel", "feature_adoption", "retention"):
        assert {key: value for key, value in moved.items() if key[0] == name} == {
            key: value for key, value in clean.items() if key[0] == name
        }


def _shifted(row: dict[str, object], minutes: int) -> str:
    return (datetime.fromisoformat(str(row["time"])) + timedelta(minutes=minutes)).isoformat()


def test_who_was_active_before_signing_up_joins_and_is_retained_from_the_sign_up_on(open_event_log) -> None:
    log = open_event_log(
        [
            at("2025-10-01T08:00:00Z", "other", "joined"),
            at("2025-10-28T08:00:00Z", "ada", "viewed"),
            at("2025-11-03T08:00:00Z", "ada", "joined"),
            at("2025-11-04T08:00:00Z", "ada", "viewed"),
            at("2025-11-30T23:59:00Z", "other", "viewed"),
        ]
    )
    growth = asked(log, "user_growth")
    assert growth.fact("new_users").value == 1
    kept = run_measurement(
        "retention", {"window": NOVEMBER, "signup_event": "joined", "days": (1, 6)}, {"events": log}
    )
    assert (kept.fact("day_1_retention").value, kept.fact("day_1_retention").n) == (1.0, 1)
    assert kept.fact("day_6_retention").value == 0.0


def test_a_user_in_both_arms_is_in_neither_and_told_of(open_event_log) -> None:
    rows = usual()
    shown = next(row for row in rows if row["event"] == "shown" and str(row["time"]) >= "2025-11")
    other = "B" if shown["variant"] == "A" else "A"
    log = open_event_log([*rows, {**shown, "id": "again", "variant": other}])
    before, after = (
        {fact.entity: fact.value for fact in result.named("experiment_users")}
        for result in (asked(open_event_log(rows, name="before.jsonl"), "experiment_results"),
                       asked(log, "experiment_results"))
    )  # fmt: skip
    arm = f"form: {shown['variant']}"
    assert after == {**before, arm: before[arm] - 1}
    assert asked(log, "experiment_results").fact("experiment_mixed_users", "form").value == 1


@pytest.mark.parametrize("changes", [date(2025, 3, 9), date(2025, 11, 2)])
def test_the_day_after_a_change_of_the_clocks_is_the_next_calendar_day(open_event_log, changes: date) -> None:
    zone = ZoneInfo("America/Los_Angeles")

    def local(days: int, hour: int, minute: int = 0) -> str:
        day = changes + timedelta(days=days)
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).isoformat()

    log = open_event_log(
        [
            at(local(-20, 8), "first", "viewed"),
            at(local(-1, 23, 30), "ada", "joined"),
            at(local(0, 0, 30), "ada", "viewed"),
            at(local(0, 23, 30), "bob", "joined"),
            at(local(2, 0, 30), "bob", "viewed"),
            at(local(9, 12), "last", "viewed"),
        ],
        zone="America/Los_Angeles",
    )
    week = Window(
        start=datetime.fromisoformat(local(-1, 0)),
        end=datetime.fromisoformat(local(2, 0)),
        zone="America/Los_Angeles",
    )
    kept = run_measurement(
        "retention", {"window": week, "signup_event": "joined", "days": (1,)}, {"events": log}
    )
    assert (kept.fact("day_1_retention").value, kept.fact("day_1_retention").n) == (0.5, 2)


@pytest.mark.parametrize("name", [name for name in EVERY_QUESTION if name != "experiment_results"])
def test_an_empty_month_is_not_available_and_never_zero(open_event_log, name: str) -> None:
    log = open_event_log(
        [at("2025-09-01T08:00:00Z", "ada", "viewed"), at("2026-01-05T08:00:00Z", "ada", "filled")]
    )
    result = asked(log, name)
    assert (result.status, result.facts) == ("no_data", ())
    assert "no event in 2025-11" in result.reason


def test_an_experiment_of_an_empty_month_cannot_be_decided(open_event_log) -> None:
    log = open_event_log(
        [
            at("2025-09-01T08:00:00Z", "ada", "viewed", variant="A"),
            at("2026-01-05T08:00:00Z", "ada", "filled", variant="A"),
        ]
    )
    result = asked(log, "experiment_results")
    assert result.status == "no_data"
    assert "undecidable" in result.reason


@pytest.mark.parametrize(
    "name", [name for name in EVERY_QUESTION if name not in ("flows", "experiment_results")]
)
def test_a_first_month_has_no_previous_one_to_be_compared_with(open_event_log, name: str) -> None:
    rows = [row for row in usual() if str(row["time"]) >= "2025-11"]
    log = open_event_log([at("2025-11-01T00:00:00Z", "u0", "joined", id="first"), *rows])
    window = {**EVERY_QUESTION[name], "baseline": NOVEMBER.before()}
    result = run_measurement(name, window, {"events": log})
    assert result.facts
    assert all(fact.baseline is None for fact in result.facts)
    assert any(note.startswith("not compared with") for note in result.notes)


def test_a_week_over_a_change_of_the_clocks_is_seven_days_of_sessions(open_event_log) -> None:
    week = iso_week_of(date(2025, 10, 30), "America/Los_Angeles")
    rows = [
        at((week.start + timedelta(hours=hour, minutes=minute)).isoformat(), "ada", "viewed")
        for hour in range(-24, int(week.hours) + 24, 6)
        for minute in (0, 10)
    ]
    result = run_measurement(
        "time_on_platform",
        {"window": week, "engaged_minutes": 279, "power_minutes": 281},
        {"events": open_event_log(rows, zone="America/Los_Angeles")},
    )
    assert week.hours == 169
    assert result.fact("sessions").value == 29
    assert (result.fact("engaged_users").value, result.fact("power_users").value) == (1, 1)
