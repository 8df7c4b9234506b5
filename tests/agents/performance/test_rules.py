"""Causes and opportunities by rule, on figures that are made up one by one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from postlaunch.agents.performance_ahead import objectives_ahead
from postlaunch.agents.performance_conclusion import conclusion
from postlaunch.agents.performance_factors import factors
from postlaunch.agents.performance_opportunities import declared_mean, opportunities
from postlaunch.agents.performance_span import Span
from postlaunch.agents.performance_weeks import standings, trend
from postlaunch.facts import Derived, Fact, Measurement
from postlaunch.printing import quantity_text
from postlaunch.reports.performance import Factor
from postlaunch.settings import Settings
from postlaunch.sources.candidates import CandidateItem
from postlaunch.tools import (
    definitions_analytics,
    definitions_capacity,
    definitions_logs,
    definitions_resources,
)
from postlaunch.tools import definitions_performance as definitions
from postlaunch.tools.definitions_feedback import EFFORT_DAYS
from postlaunch.tools.definitions_request_groups import (
    ENDPOINTS_FASTER,
    ENDPOINTS_SLOWER,
    MIX_EFFECT,
    RATE_EFFECT,
)
from postlaunch.tools.definitions_requests import (
    MEAN_RESPONSE_TIME,
    P95_RESPONSE_TIME,
    TOTAL_REQUESTS,
)
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.windows import Window, parse_week

WINDOW = Window(start=datetime(2025, 9, 29, tzinfo=UTC), end=datetime(2025, 11, 24, tzinfo=UTC))
NEWEST, OLDEST = parse_week("2025-W47", "UTC"), parse_week("2025-W40", "UTC")
STEP = datetime(2025, 11, 4, tzinfo=UTC)

Figures = tuple[tuple[Any, ...], ...]
"""Of one measurement: definition, value, and where needed baseline and entity."""


def fact(
    name: str, definition: Any, value: float, before: float | None = None, entity: str = "application"
) -> Fact:
    return Fact(
        name=definition.name,
        value=value,
        unit=definition.unit,
        entity=entity,
        window=WINDOW,
        definition=definition,
        measurement=Measurement(name=name, source="made", fingerprint="f"),
        n=56,
        baseline=before,
    )


RAMP: Figures = (
    (definitions.TREND_DAYS, 56),
    (definitions.TREND_P, 1e-6),
    (definitions.TREND_CORRELATION, 0.2),
    (definitions.TREND_PREFERENCE, 20),
    (definitions.TREND_LEVEL, 110, 100),
    (definitions.TREND_SLOPE, 1.25),
    (definitions.TREND_SLOPE_SHARE, 0.0125),
)
STEPPED: Figures = (*RAMP[:5], (definitions.TREND_STEP_ON, STEP.timestamp()))
FLAT: Figures = RAMP[:4]

SLOWDOWN: dict[str, Figures] = {
    "trend": RAMP,
    "mix": (
        (MEAN_RESPONSE_TIME, 110, 100),
        (RATE_EFFECT, 9.5),
        (MIX_EFFECT, 0.5),
        (ENDPOINTS_SLOWER, 9),
        (ENDPOINTS_FASTER, 1),
    ),
    "summary": (
        (MEAN_RESPONSE_TIME, 110, 100),
        (P95_RESPONSE_TIME, 190, 180),
        (TOTAL_REQUESTS, 1_400_000, 1_200_000),
    ),
    "typical": ((TOTAL_REQUESTS, 1_400_000, 1_200_000),),
    "growth": ((definitions.TRAFFIC_GROWTH, 0.022), (definitions.USER_GROWTH_WEEKLY, 0.02)),
    "hours": ((definitions.PACE_SLOPE, 0.0001), (definitions.PACE_FIT, 0.1)),
    "endpoint_changes": (
        (definitions.ENDPOINTS_COMPARED, 10),
        (definitions.USUAL_CHANGE, 0.1),
        (definitions.ENDPOINTS_NEW, 0),
        (definitions.NEW_SHARE, 0),
        (definitions.SPEED_EFFECT, 4, None, "GET /users"),
        (definitions.LOAD_MEAN, 165, 150, "GET /users"),
    ),
    "resources": ((definitions_resources.CPU.p95, 0.3), (definitions_resources.MEMORY.p95, 0.4)),
    "changes": ((definitions_capacity.CHANGES, 2),),
    "slow_queries": ((definitions_logs.SLOW_QUERIES, 900, 300), (definitions_logs.SLOW_QUERIES_NEW, 0)),
    "data": ((definitions_analytics.TOTAL_USERS, 13_000, 11_000),),
}
"""A gradual slowdown, spread over the endpoints, with users growing meanwhile."""


def span(figures: Mapping[str, Figures], items: tuple[CandidateItem, ...] = (), **more: Any) -> Span:
    """A span whose measurements gave these figures; those not named had no source."""
    results = {}
    for name, rows in figures.items():
        facts = tuple(fact(name, *row) for row in rows)
        results[name] = MeasurementResult(measurement=facts[0].measurement, status="ok", facts=facts)
    for name in set(SLOWDOWN) - set(figures):
        results[name] = MeasurementResult(
            measurement=Measurement(name=name, source=name, fingerprint=""),
            status="no_data",
            reason=f"no source of {name} is configured",
            remedy=f"add [sources.{name}] to postlaunch.toml",
        )
    spans = {
        "newest": NEWEST,
        "now": NEWEST,
        "typical": NEWEST,
        "oldest": OLDEST,
        "lately": WINDOW,
        "month": WINDOW,
    }
    body: dict[str, Any] = {"settings": Settings(), "sprint": 4, **spans, **more}
    return Span(window=WINDOW, results=results, items=items, **body)


def checked(**changes: Figures | None) -> dict[str, Factor]:
    """The factors of the slowdown by name, with some measurements answering otherwise, or not at all."""
    figures = {name: rows for name, rows in {**SLOWDOWN, **changes}.items() if rows}
    found = span(figures)
    return {factor.name: factor for factor in factors(found, trend(found))}


def explaining(**changes: Figures | None) -> list[str]:
    return [name for name, factor in checked(**changes).items() if factor.verdict == "explains"]


def with_(name: str, *rows: tuple[Any, ...]) -> Figures:
    """A measurement of the slowdown with some figures replaced."""
    replaced = {(row[0].name, row[3] if len(row) > 3 else "") for row in rows}
    kept = [row for row in SLOWDOWN[name] if (row[0].name, row[3] if len(row) > 3 else "") not in replaced]
    return (*kept, *rows)


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


# --- opportunities ----------------------------------------------------------------------------------------


def endpoint(
    name: str, requests: float, load: float, mean: float, p95: float = 300, day: float = 30_000
) -> Figures:
    return (
        (definitions.LOAD_SHARE, load, None, name),
        (definitions.LOAD_SHARE_OF_REQUESTS, requests, None, name),
        (definitions.LOAD_REQUESTS_PER_DAY, day, None, name),
        (definitions.LOAD_MEAN, mean, None, name),
        (definitions.LOAD_P95, p95, None, name),
    )


LOAD: Figures = (
    *endpoint("GET /users", 0.18, 0.27, 156),
    *endpoint("PUT /users/:id", 0.05, 0.12, 245),
    *endpoint("GET /permissions", 0.25, 0.05, 22, 40),
    *endpoint("POST /auth/login", 0.27, 0.26, 100, 150),
)


def item(id_: str, **more: Any) -> CandidateItem:
    return CandidateItem.model_validate(
        {"id": id_, "title": id_.replace("-", " "), "effort": {"a": 0.25}, **more}
    )


CACHE = item(
    "cache-users",
    addresses=("GET /users",),
    success_measure="mean response time of GET /users",
    success_target="below 80 ms",
    declared_by="Ada",
)


def found(*items: CandidateItem, load: Figures = LOAD, **more: Any) -> Any:
    effort = tuple((EFFORT_DAYS, one.effort_days, None, one.id) for one in items)
    figures: dict[str, Figures] = {"load": load, "summary": SLOWDOWN["summary"]}
    return opportunities(span({**figures, "effort": effort} if effort else figures, items, **more))


def test_opportunities_are_told_by_their_signs_and_ranked_by_priority_then_load() -> None:
    assert [(one.number, one.endpoint, one.kind, one.priority) for one in found().items] == [
        (1, "GET /users", "hot read", "HIGH"),
        (2, "GET /permissions", "repeated small read", "HIGH"),
        (3, "PUT /users/:id", "slow write", "MEDIUM"),
    ]


def test_what_a_candidate_declares_comes_before_what_the_settings_assume() -> None:
    one = found(CACHE).items[0]
    assert (one.title, one.candidate) == ("cache users", "cache-users")
    assert (one.optimised.kind, one.optimised.value, one.optimised.who) == ("assumed", 80, "Ada")
    assert (one.effort.kind, one.effort.value) == ("derived", 2)
    assert one.saved.value == pytest.approx(76)
    assert one.load_saved.value == pytest.approx(0.27 * 76 / 156)
    assert one.mean_saved.value == pytest.approx(0.18 * 76)
    assert quantity_text(one.load_saved).endswith("(from assumptions)")
    assert one.declared == "mean response time of GET /users: below 80 ms"


def test_without_a_candidate_the_settings_assume_and_say_on_what_basis() -> None:
    one = found().items[0]
    assert one.title == "Cache GET /users"
    assert isinstance(one.optimised, Derived)
    assert one.optimised.value == pytest.approx(0.5 * 12 + 0.5 * 156)
    assert "a default of the settings" in one.optimised.statement
    assert (one.effort.kind, one.effort.value, one.effort.who) == ("assumed", 4, "the settings")


def test_an_item_that_an_earlier_sprint_took_is_not_proposed_again() -> None:
    assert found(CACHE, committed=frozenset({"cache-users"})).items[0].candidate == ""


def test_much_effort_makes_a_large_share_medium() -> None:
    long = CACHE.model_copy(update={"effort": {"a": 1.5}})
    one = next(one for one in found(long).items if one.endpoint == "GET /users")
    assert one.priority == "MEDIUM"
    assert one.because.text == "27% of the load: at least 20%, but more than 1 day of work"


def test_the_next_sprint_takes_what_is_high_or_else_what_is_medium() -> None:
    assert {one.priority: one.sprint for one in found().items} == {"HIGH": 4, "MEDIUM": None}
    assert [one.sprint for one in found(load=endpoint("PUT /users/:id", 0.05, 0.12, 245)).items] == [4]


def test_what_saves_next_to_nothing_is_no_opportunity() -> None:
    assert found(load=endpoint("GET /fast", 0.19, 0.06, 12)).items == ()
    assert found(load=endpoint("GET /hardly-slower", 0.19, 0.06, 14)).items == ()
    nothing = found(load=endpoint("GET /little", 0.01, 0.01, 50))
    assert nothing.reason == "None: no endpoint is a large share of the load, or over its target"


def test_a_slow_endpoint_is_brought_to_its_target_and_no_further() -> None:
    (one,) = found(load=endpoint("GET /report", 0.01, 0.04, 450)).items
    assert (one.kind, one.optimised.value, one.priority) == ("slow endpoint", 200, "LOW")
    assert "nothing says that more is possible" in one.optimised.basis


def test_without_response_times_no_opportunity_is_told() -> None:
    nothing = opportunities(span({"summary": SLOWDOWN["summary"]}))
    assert nothing.reason.startswith("not available: ")


@pytest.mark.parametrize(
    ("measure", "target", "mean"),
    [
        ("mean response time of GET /users", "below 80 ms", 80),
        ("average latency", "under 0.2 s", 200),
        ("", "12.5 milliseconds", 12.5),
        ("p95 response time of PUT /users/:id", "below 200 ms", None),
        ("95th percentile of the response time", "below 200 ms", None),
        ("tickets about slow lists", "below 20", None),
        ("time until the mail arrives", "within 30 seconds", None),
        ("mean response time", "half of today's", None),
    ],
)
def test_a_declared_success_counts_where_it_is_a_mean_response_time(
    measure: str, target: str, mean: float | None
) -> None:
    assert declared_mean(item("x", success_measure=measure, success_target=target)) == mean
