"""Capacity, grades, targets, experiments, sprints, budgets: C11, C15, C16, C17, C18, C19."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.plan_statements import (
    Allowance,
    Arm,
    CostLine,
    Experiment,
    Graded,
    Load,
    Row,
    Scaling,
    SprintAssignment,
    SprintPlan,
    Target,
)
from postlaunch.reports.consistency.statements import Entry

Flagged = Callable[..., set[str]]
Printed = Callable[[Fraction, int], str]
Percent = Callable[..., str]

DAYS = st.lists(st.integers(1, 20), min_size=1, max_size=6)


# --- C11 --------------------------------------------------------------------------------------------------


def plan(days: list[int], *, total: int | None = None, **more: object) -> SprintPlan:
    items = [Entry(name=f"item {place}", value=f"{number} days") for place, number in enumerate(days)]
    stated = sum(days) if total is None else total
    return SprintPlan(what="sprint", items=items, total=f"{stated} days", **{"fits": True, **more})


@given(DAYS, st.integers(1, 4), st.integers(1, 20))
def test_c11_what_is_said_to_fit_is_at_most_the_days_there_are(flagged: Flagged, days, parties, over) -> None:
    enough = -(-sum(days) // parties)
    fitting = plan(days, capacity=f"{enough} days", parties=parties)
    assert flagged(fitting) == set()
    short = fitting.model_copy(update={"items": (), "total": plan([enough * parties + over]).total})
    short = short.model_copy(update={"items": plan([enough * parties + over]).items})
    assert flagged(short) == {"C11"}
    assert flagged(short.model_copy(update={"fits": False})) == set()


@given(DAYS)
def test_c11_a_buffer_is_room_that_is_left(flagged: Flagged, days) -> None:
    assert flagged(plan(days, capacity=f"{sum(days)} days", buffer=True)) == {"C11"}
    assert flagged(plan(days, capacity=f"{sum(days) + 1} days", buffer=True)) == set()


@given(DAYS, st.integers(-5, 5).filter(bool))
def test_c11_items_that_do_not_add_up_are_flagged(flagged: Flagged, days, off) -> None:
    assume(sum(days) + off >= 0)
    assert flagged(plan(days, total=sum(days) + off)) == {"C11"}


@given(DAYS, st.integers(0, 5), st.integers(-5, 5))
def test_c11_no_party_has_more_than_its_days(flagged: Flagged, days, spare, off) -> None:
    loads = [Load(owner=f"{d}", days=f"{d} days", capacity=f"{d + spare} days") for d in days]
    assert flagged(plan(days, loads=loads)) == set()
    heavier = loads[0].model_copy(update={"capacity": plan([days[0]], total=max(0, days[0] - 1)).total})
    assert flagged(plan(days, loads=[heavier, *loads[1:]])) == {"C11"}
    assert flagged(plan(days, loads=loads[1:])) == ({"C11"} if len(days) > 1 else set())


# --- C15 --------------------------------------------------------------------------------------------------


@given(st.integers(0, 999), st.integers(1, 999), st.sampled_from(["ms", "%"]), st.booleans(), st.booleans())
def test_c15_a_status_follows_figure_and_target(flagged: Flagged, value, target, unit, above, warns) -> None:
    assume(value != target)
    missed = value < target if above else value > target
    right = "missed" if missed else ("warning" if warns else "ok")
    wrong = "ok" if missed else "missed"
    row = Row(
        title="Latency",
        value=f"{value}.00 {unit}",
        target=f"{target}.00 {unit}",
        direction="above" if above else "below",
        status=right,
    )
    assert flagged(row) == set()
    assert flagged(row.model_copy(update={"status": wrong})) == {"C15"}
    assert flagged(row.model_copy(update={"status": "not available"})) == set()


@pytest.mark.parametrize("direction", ["above", "below"])
def test_c15_a_target_is_strict(flagged: Flagged, direction) -> None:
    row = Row(title="Tickets", value=50, target=50, direction=direction, status="missed")
    assert flagged(row) == set()
    assert flagged(row.model_copy(update={"status": "ok"})) == {"C15"}


STATUSES = st.lists(st.sampled_from(["ok", "warning", "missed", "not available"]), max_size=5)


@given(STATUSES, st.integers(0, 2), st.booleans(), st.booleans())
def test_c15_a_grade_follows_its_rows(flagged: Flagged, statuses, incidents, concern, ground) -> None:
    rows = {f"Row {place}": status for place, status in enumerate(statuses)}
    concerns = ("an error budget is spent",) if concern else ()
    grounds = ("an error budget is spent in part",) if ground else ()
    bad = "missed" in statuses or concern
    wrong = {
        "EXCELLENT": bad or "warning" in statuses or incidents > 0,
        "GOOD": bad,
        "NOT GRADED": bad,
        "NEEDS ATTENTION": not bad and not ground,
        "POOR": not bad and not ground,
    }
    for grade, contradicts in wrong.items():
        graded = Graded(grade=grade, rows=rows, incidents=incidents, concerns=concerns, grounds=grounds)
        assert flagged(graded) == ({"C15"} if contradicts else set()), grade


# --- C16 --------------------------------------------------------------------------------------------------


@given(
    st.sampled_from(["uptime", "p95_response_time", "cost_per_user"]), st.integers(1, 999), st.integers(1, 99)
)
def test_c16_a_metric_has_one_target(flagged: Flagged, metric, value, off) -> None:
    one = Target(report="Success Metrics", metric=metric, value=f"{value} ms", direction="below")
    same = one.model_copy(update={"report": "Alerts"})
    other = Target(report="Alerts", metric=metric, value=f"{value + off} ms", direction="below")
    assert flagged(one, same) == set()
    assert flagged(other, one) == {"C16"}
    assert flagged(one, same.model_copy(update={"direction": "above"})) == {"C16"}
    assert flagged(one, other.model_copy(update={"metric": "mean_response_time"})) == set()


def test_c16_a_target_is_in_the_table_where_there_is_one(flagged: Flagged) -> None:
    table = Target(report="Objectives", metric="p95", value="200 ms", direction="below", table=True)
    mean = Target(report="Weekly", metric="mean", value="200 ms", direction="below")
    assert flagged(table, mean) == {"C16"}
    assert flagged(table, mean, mean.model_copy(update={"table": True})) == set()


# --- C17 --------------------------------------------------------------------------------------------------


def experiment(**changes: object) -> Experiment:
    arms = (
        Arm(name="A", rate="87.0%", n=2000, conversions=1740),
        Arm(name="B", rate="82.0%", n=2000, conversions=1640),
    )
    stated = {"what": "form", "arms": arms, "winner": "A", "interval": ("1.5%", "8.5%"), "p": "0.001"}
    return Experiment(**{**stated, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"arms": (Arm(name="A", rate="87%"), Arm(name="B", rate="82%"))},
        {"arms": (Arm(name="A", rate="87%", n=2000), Arm(name="B", rate="82%"))},
        {"interval": None, "p": None},
        {"interval": ("−2.7%", "12.7%")},
        {"p": "0.33"},
        {"winner": "B"},
        {"winner": "C"},
        {"better": "lower"},
    ],
)
def test_c17_a_winner_that_cannot_be_told_is_flagged(flagged: Flagged, changes) -> None:
    assert flagged(experiment()) == set()
    assert flagged(experiment(**changes)) == {"C17"}
    if "arms" in changes or "p" in changes:
        assert flagged(experiment(**changes, winner="")) == set()


@given(st.integers(1, 10**5), st.integers(0, 10**5), st.integers(2, 50))
def test_c17_a_rate_is_its_conversions(flagged: Flagged, percent: Percent, converted, rest, off) -> None:
    n = converted + rest

    def stated(rate: Fraction) -> Experiment:
        arm = Arm(name="A", rate=percent(rate, 0), n=n, conversions=converted)
        return experiment(arms=(arm,), winner="")

    assert flagged(stated(Fraction(converted, n))) == set()
    assert flagged(stated(Fraction(converted, n) + Fraction(off, 100))) == {"C17"}


# --- C18 --------------------------------------------------------------------------------------------------


@given(st.sampled_from(["dark-mode", "two-factor"]), st.integers(1, 30), st.integers(1, 30), st.booleans())
def test_c18_an_item_is_in_one_sprint(flagged: Flagged, item, sprint, other, later) -> None:
    first = SprintAssignment(report="Trend", item=item, sprint=sprint)
    second = SprintAssignment(report="Backlog", item=item, sprint=other, or_later=later)
    contradicts = sprint < other if later else sprint != other
    assert flagged(first, second) == ({"C18"} if contradicts else set())
    assert flagged(second, first) == flagged(first, second)
    assert flagged(first, second.model_copy(update={"item": "another"})) == set()
    both = [each.model_copy(update={"or_later": True}) for each in (first, second)]
    assert flagged(*both) == set()


# --- C19 --------------------------------------------------------------------------------------------------


@given(st.integers(1, 20), st.integers(0, 10), st.integers(0, 10), st.integers(1, 60))
def test_c19_what_is_advised_is_what_is_paid_for(flagged: Flagged, current, least, more, paid) -> None:
    advice = Scaling(scenario="6 months", current=current, least_added=least, most_added=least + more)
    line = CostLine(scenario="6 months", resource="pods", instances=paid, cost=f"${40 * paid}")
    right = current + least <= paid <= current + least + more
    assert flagged(advice, line) == (set() if right else {"C19"})
    assert flagged(advice, line.model_copy(update={"scenario": "now"})) == set()


@given(st.integers(1, 500), st.integers(1, 50), st.integers(1, 50), st.integers(2, 100))
def test_c19_one_resource_has_one_price(flagged: Flagged, price, one, other, off) -> None:
    first = CostLine(scenario="now", resource="pods", instances=one, cost=f"${price * one}")
    second = CostLine(scenario="later", resource="pods", instances=other, cost=f"${price * other}")
    dearer = CostLine(scenario="later", resource="pods", instances=other, cost=f"${(price + off) * other}")
    assert flagged(first, second) == set()
    assert flagged(first, dearer) == {"C19"}
    assert flagged(first, dearer.model_copy(update={"resource": "databases"})) == set()


@given(st.integers(1, 100), st.integers(10_000, 100_000), st.integers(0, 100), st.integers(2, 20))
def test_c19_a_budget_is_its_share_of_the_whole(
    flagged: Flagged, printed: Printed, percent: Percent, failing, whole, bad, off
) -> None:
    share = Fraction(failing, 10_000)
    allowed, spent = share * whole, Fraction(bad) / (share * whole)
    budget = Allowance(
        what="downtime",
        failing=percent(share, 2),
        whole=f"{whole} min",
        allowed=f"{printed(allowed, 1)} min",
        bad=f"{bad}.0 min",
        spent=percent(spent, 0),
        left=percent(1 - spent, 0),
    )
    assert flagged(budget) == set()
    assert flagged(
        budget.model_copy(update={"spent": Figure.printed(percent(spent + Fraction(off, 100), 0))})
    ) == {"C19"}
    assert flagged(budget.model_copy(update={"spent": None})) == set()


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({}, set()),
        ({"allowed": "12.0 min"}, {"C19"}),
        ({"spent": "60%", "left": "40%"}, {"C19"}),
        ({"left": "49%"}, {"C19"}),
    ],
)
def test_c19_what_is_allowed_spent_and_left_follow_one_another(flagged: Flagged, changes, rules) -> None:
    stated = {"failing": "0.10%", "whole": "10000 min", "allowed": "10.0 min", "bad": "5.0 min"}
    assert flagged(Allowance(what="x", **{**stated, "spent": "50%", "left": "50%", **changes})) == rules
