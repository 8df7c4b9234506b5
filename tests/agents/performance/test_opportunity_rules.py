"""Opportunities by rule, on figures that are made up one by one."""

from __future__ import annotations

from typing import Any

import pytest
from gradual_slowdown import (
    SLOWDOWN,
    Figures,
    span,
)

from postlaunch.agents.performance_opportunities import declared_mean, opportunities
from postlaunch.facts import Derived
from postlaunch.printing import quantity_text
from postlaunch.sources.candidates import CandidateItem
from postlaunch.tools import definitions_performance as definitions
from postlaunch.tools.definitions_feedback import EFFORT_DAYS


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
