"""Causes and the conclusion by rule, on figures that are made up one by one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from gradual_slowdown import (
    FLAT,
    SLOWDOWN,
    STEP,
    STEPPED,
    Figures,
    checked,
    explaining,
    span,
    with_,
)

from postlaunch.agents.performance_ahead import objectives_ahead
from postlaunch.agents.performance_conclusion import conclusion
from postlaunch.agents.performance_factors import factors
from postlaunch.agents.performance_weeks import standings, trend
from postlaunch.tools import (
    definitions_analytics,
    definitions_capacity,
    definitions_logs,
    definitions_resources,
)
from postlaunch.tools import definitions_performance as definitions
from postlaunch.tools.definitions_request_groups import (
    ENDPOINTS_FASTER,
    ENDPOINTS_SLOWER,
    MIX_EFFECT,
    RATE_EFFECT,
)
from postlaunch.tools.definitions_requests import (
    MEAN_RESPONSE_TIME,
    P95_RESPONSE_TIME,
)

# --- causes -----------------------------------------------------------------------------------------------


def test_the_factors_stand_in_the_specifications_order_before_ours() -> None:
    assert list(checked()) == [
        "User growth",
        "Data size",
        "Database indexes",
        "Slow queries",
        "Slow endpoints introduced",
        "Traffic growth",
        "Traffic mix",
        "Resources (CPU, memory, connections)",
        "Deployments and changes",
    ]


def test_growth_of_the_data_explains_by_elimination_alone() -> None:
    data = checked()["Data size"]
    assert explaining() == ["Data size"]
    assert data.because.text.startswith(
        "users known: 11,000 → 13,000 (+18%); the slowdown is gradual, 9 endpoints"
    )
    assert data.because.text.endswith("by elimination, not by proof")
    assert data.of == "users known"


def test_what_grew_meanwhile_is_no_cause_beside_one_that_is() -> None:
    full = with_("resources", (definitions_resources.CPU.p95, 0.93))
    assert explaining(resources=full) == ["Resources (CPU, memory, connections)"]
    assert "explained already by" in checked(resources=full)["Data size"].because.text


@pytest.mark.parametrize(
    "changes",
    [
        {"trend": STEPPED},
        {"data": ((definitions_analytics.TOTAL_USERS, 11_050, 11_000),)},
        {"mix": with_("mix", (ENDPOINTS_SLOWER, 3), (ENDPOINTS_FASTER, 7))},
    ],
    ids=["a step", "data that hardly grew", "few endpoints slower"],
)
def test_growth_of_the_data_explains_neither_steps_nor_what_few_endpoints_have(changes: Any) -> None:
    assert "Data size" not in explaining(**changes)


def test_traffic_explains_as_far_as_busier_hours_are_slower() -> None:
    """200,000 requests more a week are 0.331 a second; 8 % slower for each makes 2.9 of 9.5 ms, 20 % 7.3."""
    little = ((definitions.PACE_SLOPE, 0.08), (definitions.PACE_FIT, 0.9))
    much = ((definitions.PACE_SLOPE, 0.2), (definitions.PACE_FIT, 0.9))
    assert "2.9 ms of 9.5 ms" in checked(hours=little)["Traffic growth"].because.text
    assert "Traffic growth" not in explaining(hours=little)
    assert explaining(hours=much) == ["User growth", "Traffic growth"]
    vague = ((definitions.PACE_SLOPE, 0.2), (definitions.PACE_FIT, 0.3))
    assert "are not slower (R² 0.3)" in checked(hours=vague)["Traffic growth"].because.text


def test_a_shift_of_the_mix_explains_what_it_makes_of_the_change() -> None:
    """Every endpoint faster, the mean slower: trap 11 of the definitions."""
    shifted = with_("mix", (RATE_EFFECT, -3), (MIX_EFFECT, 13), (ENDPOINTS_SLOWER, 0), (ENDPOINTS_FASTER, 10))
    assert explaining(mix=shifted) == ["Traffic mix"]
    told = [said.text for said in trend(span({**SLOWDOWN, "mix": shifted})).remarks]
    assert "a mix shift: the mean rose though 10 endpoints became faster and 0 slower" in told


def test_one_endpoint_that_rose_beyond_the_others_explains_what_it_makes() -> None:
    slow = with_(
        "endpoint_changes",
        (definitions.SPEED_EFFECT, 7, None, "GET /users"),
        (definitions.LOAD_MEAN, 240, 150, "GET /users"),
    )
    assert explaining(endpoint_changes=slow) == ["Slow endpoints introduced"]
    because = checked(endpoint_changes=slow)["Slow endpoints introduced"].because.text
    assert because == "GET /users became slower beyond the others (150 ms → 240 ms) and makes 7 ms of it"


@pytest.mark.parametrize(
    ("moment", "explains"),
    [
        (STEP + timedelta(hours=9), True),
        (STEP - timedelta(hours=9), True),
        (STEP - timedelta(hours=33), False),
        (STEP + timedelta(hours=25), False),
    ],
    ids=["the same day", "the evening before", "two days before", "the day after"],
)
def test_a_change_explains_a_step_that_begins_with_it(moment: datetime, explains: bool) -> None:
    changes = (
        (definitions_capacity.CHANGES, 1),
        (definitions_capacity.CHANGE_AT, moment.timestamp(), None, "deployment 2.1 (c1)"),
    )
    factor = checked(trend=STEPPED, changes=changes)["Deployments and changes"]
    assert (factor.verdict == "explains") is explains
    assert ("deployment 2.1 (c1) began" in factor.because.text) is explains


def test_a_ramp_has_no_date_that_a_change_could_explain() -> None:
    changes = (
        (definitions_capacity.CHANGES, 1),
        (definitions_capacity.CHANGE_AT, STEP.timestamp(), None, "c1"),
    )
    assert "Deployments and changes" not in explaining(changes=changes)


@pytest.mark.parametrize(
    ("took", "explains", "said"),
    [
        (9_800_000, True, "1 new kinds make 7 ms of"),
        (2_800_000, False, "make 2 ms of"),
        (None, False, "not told"),
    ],
)
def test_slow_queries_explain_by_what_new_ones_took_of_the_slowdown(
    took: float | None, explains: bool, said: str
) -> None:
    time = () if took is None else ((definitions_logs.SLOW_QUERIES_NEW_TIME, took),)
    rows = with_("slow_queries", (definitions_logs.SLOW_QUERIES_NEW, 1), *time)
    factor = checked(slow_queries=rows)["Slow queries"]
    assert (factor.verdict == "explains") is explains
    assert said in factor.because.text


def test_more_slow_queries_of_the_same_kinds_are_the_slowdown_and_no_cause_of_it() -> None:
    factor = checked()["Slow queries"]
    assert factor.verdict == "does not explain"
    assert (
        factor.because.text
        == "300 → 900 lines of the log, 0 new kinds; more of the same is the slowdown itself"
    )


def test_slow_queries_that_cannot_be_compared_are_not_available() -> None:
    factor = checked(slow_queries=((definitions_logs.SLOW_QUERIES, 900),))["Slow queries"]
    assert (factor.verdict, factor.because.text) == (
        "not available",
        "the application's log does not cover the week compared with",
    )


@pytest.mark.parametrize(
    "name", ["growth", "hours", "endpoint_changes", "slow_queries", "resources", "changes", "data"]
)
def test_a_factor_without_its_source_is_not_available_and_says_what_would_give_it(name: str) -> None:
    absent = [factor for factor in checked(**{name: None}).values() if factor.verdict == "not available"]
    named = [factor for factor in absent if factor.name != "Database indexes"]
    assert named
    assert all(factor.because.text == f"no source of {name} is configured" for factor in named)


def test_without_a_slowdown_there_is_nothing_to_explain() -> None:
    verdicts = {factor.verdict for factor in checked(trend=FLAT).values()}
    assert verdicts == {"nothing to explain", "not available"}


# --- conclusion -------------------------------------------------------------------------------------------


def concluded(**changes: Figures | None) -> str:
    found = span({name: rows for name, rows in {**SLOWDOWN, **changes}.items() if rows})
    verdict = trend(found)
    return conclusion(found, verdict, factors(found, verdict), standings(found)).text


def test_the_conclusion_names_the_cause_the_target_and_when_it_is_reached() -> None:
    assert concluded() == (
        "slower because of data size (by elimination); 110 ms on average is within the target of < 200 ms; "
        "Avg Response Time reaches 200 ms in about 72 weeks, from 110 ms at the end of the span at 1.3 ms a "
        "week (by the line of the trend)"
    )


TAILS: Figures = tuple(
    (definitions.WEEK_P95_RESPONSE_TIME, 170 + 2 * place, None, f"2025-W{40 + place}") for place in range(7)
)
"""The 95th percentile by the week, 2 ms more from each to the next."""
BURST: Figures = (*TAILS, (definitions.WEEK_P95_RESPONSE_TIME, 198, None, "2025-W47"))


def test_the_objective_that_is_missed_first_comes_first_without_days_set_aside() -> None:
    """By the seven weeks before the burst: 182 ms in the middle of W46, 185 ms at the end of W47."""
    figures = {**SLOWDOWN, "weeks": BURST}
    found = span(figures, set_aside=(date(2025, 11, 18),))
    told = [one.text for one in objectives_ahead(found, trend(found), standings(found))]
    assert told[0] == (
        "95th Percentile reaches 200 ms in about 8 weeks, from 185 ms at the end of the span at 2 ms a week "
        "(by the median slope of the 7 weeks without a day set aside)"
    )
    assert told[1].startswith("Avg Response Time reaches 200 ms in about 72 weeks, from 110 ms")


@pytest.mark.parametrize(
    "changes",
    [
        {"trend": FLAT},
        {"trend": STEPPED},
        {"summary": ((MEAN_RESPONSE_TIME, 210, 100), (P95_RESPONSE_TIME, 220, 180))},
    ],
    ids=["no trend", "a step", "missed already"],
)
def test_nothing_lies_ahead_without_a_ramp_or_of_an_objective_missed_already(changes: Any) -> None:
    found = span({**SLOWDOWN, "weeks": TAILS, **changes})
    assert objectives_ahead(found, trend(found), standings(found)) == ()


def test_two_weeks_are_no_course() -> None:
    found = span({**SLOWDOWN, "weeks": TAILS[:2]})
    told = [one.text for one in objectives_ahead(found, trend(found), standings(found))]
    assert [one.startswith("Avg Response Time") for one in told] == [True]


def test_a_slowdown_that_nothing_explains_has_an_open_cause() -> None:
    assert concluded(data=None).startswith("the cause is open: none of the factors checked explains")


def test_no_trend_and_no_data_conclude_nothing() -> None:
    assert concluded(trend=FLAT).startswith("nothing to explain: no trend; 110 ms on average is within")
    assert concluded(trend=None).startswith("no trend can be told: no source of trend is configured")
