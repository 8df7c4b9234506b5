"""What is measured around an incident: load, users, allowance, resources, errors logged, records."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from postlaunch.sources.alerts import AlertRecord
from postlaunch.sources.changes import Change
from postlaunch.tools import (  # noqa: F401  (registers what is measured)
    incident_event_users,
    incident_logs,
    incident_records,
    incident_requests,
    incident_resources,
)
from postlaunch.tools.incident_records import alerts_seen, changes_seen
from postlaunch.tools.measurement import run_measurement


def failing(helpers: Any, first: int, last: int, failed: int = 15, **fields: Any) -> list[Any]:
    return [helpers.Minute(place, failed=failed, **fields) for place in range(first, last)]


def values(result: Any) -> dict[str, float]:
    assert result.status == "ok", result.reason
    return {fact.name: fact.value for fact in result.facts}


# --- requests ---------------------------------------------------------------------------------------------


def test_load_is_the_busiest_minute_against_that_of_the_days_before(world: Any, helpers: Any) -> None:
    log = world.requests(
        [helpers.Minute(-200, requests=60)],
        helpers.quiet(-190, -30),
        [helpers.Minute(-20, requests=300)],  # within the hour before, so no measure of the usual
        failing(helpers, 0, 3, requests=90, users=25),
        helpers.quiet(3, 10),
    )
    found = values(world.measure("incident_load", log, window=helpers.span(0, 3)))
    assert found["incident_peak_requests_per_second"] == 1.5
    assert found["earlier_peak_requests_per_second"] == 1.0
    assert found["hour_before_peak_requests_per_second"] == 5.0
    assert found["incident_peak_users"] == 25


def test_load_without_days_before_has_nothing_to_compare_with(world: Any, helpers: Any) -> None:
    log = world.requests(helpers.quiet(-30, 0), failing(helpers, 0, 3))
    found = values(world.measure("incident_load", log, window=helpers.span(0, 3)))
    assert "earlier_peak_requests_per_second" not in found


def test_users_of_the_incident_and_of_the_week(world: Any, helpers: Any) -> None:
    log = world.requests(
        helpers.quiet(-60 * 24 * 8, -60 * 24 * 8 + 1, users=29),  # more than a week ago
        helpers.quiet(-60 * 24, -60 * 24 + 1, users=20),
        failing(helpers, 0, 3, users=8),
    )
    found = values(world.measure("incident_users", log, window=helpers.span(0, 3)))
    assert (found["incident_active_users"], found["incident_week_users"]) == (8, 20)


def test_a_log_without_users_says_that_addresses_are_none(world: Any, helpers: Any) -> None:
    log = world.requests(failing(helpers, 0, 3, users=0))
    result = world.measure("incident_users", log, window=helpers.span(0, 3))
    assert result.status == "no_data"
    assert "addresses are not users" in result.reason


def test_the_allowance_counts_every_failure_and_down_minute_of_the_window(world: Any, helpers: Any) -> None:
    log = world.requests(
        failing(helpers, -60 * 24 * 3, -60 * 24 * 3 + 2, failed=20),  # an earlier incident
        helpers.quiet(-100, 0),
        failing(helpers, 0, 4, failed=10),
        failing(helpers, 4, 30, failed=29),  # after the end asked for
    )
    found = values(world.measure("incident_allowance", log, window=helpers.span(0, 4), days=30))
    assert found["allowance_failed"] == 2 * 20 + 4 * 10
    assert found["allowance_requests"] == (2 + 100 + 4) * 30
    assert found["allowance_down_minutes"] == 2


def test_an_allowance_that_the_log_does_not_reach_back_to_is_a_lower_bound(world: Any, helpers: Any) -> None:
    log = world.requests(helpers.quiet(-100, 0), failing(helpers, 0, 4))
    result = world.measure("incident_allowance", log, window=helpers.span(0, 4), days=30)
    assert all("lower bound" in fact.note for fact in result.facts)


def test_the_burn_rate_needs_both_the_long_and_the_short_window(world: Any, helpers: Any) -> None:
    """Four minutes of 50 %: 120 of 1,800 in the hour, 60 of 150 … in five minutes; over 0.1 % allowed."""
    log = world.requests(helpers.quiet(-400, 0), failing(helpers, 0, 4), helpers.quiet(4, 60))
    found = values(world.measure("incident_burn_rate", log, window=helpers.span(0, 4), allowed=0.001))
    assert found["burn_rate_hour"] == pytest.approx(60 / 1800 / 0.001)
    assert found["burn_rate_six_hours"] == pytest.approx(60 / 10_800 / 0.001)


def test_the_burn_rate_at_the_start_of_a_log_is_of_what_there_is(world: Any, helpers: Any) -> None:
    log = world.requests(failing(helpers, 0, 4), helpers.quiet(4, 60))
    found = values(world.measure("incident_burn_rate", log, window=helpers.span(0, 4), allowed=0.01))
    assert found["burn_rate_hour"] == pytest.approx(50)


# --- resources --------------------------------------------------------------------------------------------


def sample(place: float, pod: str = "web-1", **figures: float) -> dict[str, Any]:
    return {"place": place, "pod": pod, "pool_size": 10, "memory_limit_bytes": 1000, **figures}


def of(result: Any, name: str, entity: str = "pod web-1") -> Any:
    return result.fact(name, entity)


def test_a_resource_is_measured_against_its_limit_in_each_pod_and_before(world: Any, helpers: Any) -> None:
    log = world.resources(
        [
            *(sample(place, pool_in_use=4) for place in range(-60, 0)),
            *(sample(place, pool_in_use=10 if place < 6 else 5) for place in range(0, 8)),
            *(sample(place, "web-2", pool_in_use=3) for place in range(-60, 8)),
        ]
    )
    result = world.measure(
        "incident_resources",
        log,
        window=helpers.span(0, 8),
        baseline=helpers.span(-60, 0),
        resources=("pool",),
    )
    peak = of(result, "incident_pool_peak")
    assert (peak.value, peak.baseline, peak.n) == (10, 4, 8)
    assert of(result, "incident_pool_limit").value == 10
    share = of(result, "incident_pool_peak_share")
    assert (share.value, share.baseline) == (1.0, 0.4)
    at_limit = of(result, "incident_pool_at_limit")
    assert (at_limit.value, at_limit.baseline) == (0.75, 0)
    assert of(result, "incident_pool_peak_share", "pod web-2").value == 0.3
    assert result.fact("incident_pods").value == 2


def test_the_limit_is_the_newest_and_shares_are_of_the_limit_of_their_moment(
    world: Any, helpers: Any
) -> None:
    log = world.resources([sample(0, pool_in_use=10), {**sample(1, pool_in_use=15), "pool_size": 20}])
    result = world.measure("incident_resources", log, window=helpers.span(0, 8), resources=("pool",))
    assert of(result, "incident_pool_limit").value == 20
    assert of(result, "incident_pool_peak").value == 15
    assert of(result, "incident_pool_peak_share").value == 1.0


def test_a_figure_without_a_limit_has_no_share_and_one_not_sampled_is_not_there(
    world: Any, helpers: Any
) -> None:
    log = world.resources([{"place": 0, "memory_bytes": 500.0}, {"place": 1, "memory_bytes": 700.0}])
    result = world.measure("incident_resources", log, window=helpers.span(0, 8))
    names = {fact.name for fact in result.facts}
    assert "incident_memory_peak" in names
    assert "incident_memory_peak_share" not in names
    assert not any("pool" in name for name in names)


def test_restarts_are_seen_by_memory_that_falls_and_by_gaps(world: Any, helpers: Any) -> None:
    steady = [sample(place, "web-1", memory_bytes=500) for place in range(-30, 10)]
    killed = [sample(place, "web-2", memory_bytes=990 if place < 3 else 200) for place in range(-30, 10)]
    gone = [sample(place, "web-3", memory_bytes=500) for place in range(-30, 10) if not 2 <= place < 7]
    log = world.resources([*steady, *killed, *gone])
    result = world.measure("incident_resources", log, window=helpers.span(0, 10))
    restarts = {fact.entity: fact.value for fact in result.named("incident_pod_restarts")}
    assert restarts == {"pod web-1": 0, "pod web-2": 1, "pod web-3": 1}


def test_a_pod_that_stopped_reporting_is_missed(world: Any, helpers: Any) -> None:
    log = world.resources(
        [
            *(sample(place, memory_bytes=500) for place in range(-30, 10)),
            *(sample(place, "web-2", memory_bytes=500) for place in range(-30, 0)),
        ]
    )
    pods = world.measure("incident_resources", log, window=helpers.span(0, 10)).fact("incident_pods")
    assert (pods.value, pods.baseline) == (1, 2)


def test_no_sample_in_the_window_is_no_data(world: Any, helpers: Any) -> None:
    log = world.resources([sample(-60, memory_bytes=1)])
    assert world.measure("incident_resources", log, window=helpers.span(0, 8)).status == "no_data"
    shares = world.measure("resource_shares", log, window=helpers.span(0, 8), resource="pool")
    assert shares.status == "no_data"


def test_shares_over_time_are_those_of_the_pod_that_uses_most(world: Any, helpers: Any) -> None:
    log = world.resources(
        [sample(0, pool_in_use=4), sample(0, "web-2", pool_in_use=9), sample(1, pool_in_use=10)]
    )
    result = world.measure("resource_shares", log, window=helpers.span(0, 8), resource="pool")
    assert [(fact.entity, fact.value) for fact in result.facts] == [("14:15", 0.9), ("14:16", 1.0)]


# --- application log --------------------------------------------------------------------------------------


def test_errors_are_counted_by_kind_against_those_before(world: Any, helpers: Any) -> None:
    log = world.logs(
        [
            *((place, "error", "mail <*> bounced") for place in (-50, -20, 1)),
            *((place, "warning", "slow query <*>") for place in (1, 2, 3)),
            *((place, "error", "pool of <*> exhausted") for place in (2, 3, 4, 5)),
            (6, "critical", "pool of <*> exhausted"),
        ]
    )
    result = world.measure(
        "incident_log_errors", log, window=helpers.span(0, 8), baseline=helpers.span(-60, 0)
    )
    total = result.fact("incident_log_errors")
    assert (total.value, total.baseline) == (6, 2)
    kinds = [(fact.entity, fact.value, fact.baseline) for fact in result.named("incident_log_lines")]
    assert kinds == [("pool of <*> exhausted", 5, 0), ("mail <*> bounced", 1, 2)]
    first = result.fact("incident_log_first", "pool of <*> exhausted")
    assert first.value == helpers.at(2).timestamp()


def test_no_errors_are_zero_and_a_log_that_ended_before_is_no_data(world: Any, helpers: Any) -> None:
    log = world.logs([(-10, "info", "started"), (20, "info", "still here")])
    result = world.measure("incident_log_errors", log, window=helpers.span(0, 8))
    assert result.fact("incident_log_errors").value == 0
    assert world.measure("incident_log_errors", log, window=helpers.span(30, 38)).status == "no_data"


def test_long_templates_cut_alike_stay_apart(world: Any, helpers: Any) -> None:
    log = world.logs([(1, "error", "x" * 200 + "a"), (2, "error", "x" * 200 + "b")])
    result = world.measure("incident_log_errors", log, window=helpers.span(0, 8))
    names = [fact.entity for fact in result.named("incident_log_lines")]
    assert len(set(names)) == 2


# --- records ----------------------------------------------------------------------------------------------


def test_changes_in_the_window_or_still_going_on_are_listed_with_their_words(
    world: Any, helpers: Any
) -> None:
    table = world.changes(
        Change(id="C-1", at=helpers.at(-300), kind="maintenance", ended_at=helpers.at(2), planned=True),
        Change(id="C-2", at=helpers.at(-200), kind="deployment", title="v1.0.0"),
        Change(id="C-3", at=helpers.at(5), kind="configuration", title="Pool", before="10", after="20"),
        Change(id="C-3", at=helpers.at(6), kind="restart", title="Pods"),
        Change(id="C-4", at=helpers.at(60), kind="deployment"),
    )
    result = world.measure("incident_changes", table, window=helpers.span(-60, 30))
    assert result.fact("incident_changes").value == 3
    seen = changes_seen(result)
    assert [(one.fact.entity, one.change.kind) for one in seen] == [
        ("change C-1", "maintenance"),
        ("change C-3", "configuration"),
        ("change C-3 (2)", "restart"),
    ]
    assert seen[1].title == "Pool (10 → 20)"
    assert seen[1].fact.value == helpers.at(5).timestamp()


def test_no_change_is_zero_changes(world: Any, helpers: Any) -> None:
    result = world.measure("incident_changes", world.changes(), window=helpers.span(0, 8))
    assert (result.status, result.fact("incident_changes").value) == ("ok", 0)


def record(helpers: Any, minute: float, kind: str, alert: str = "A-1", **fields: Any) -> AlertRecord:
    return AlertRecord(at=helpers.at(minute), kind=kind, alert=alert, **fields)


def test_the_records_of_an_alert_near_the_span_are_followed_and_others_are_not(
    world: Any, helpers: Any
) -> None:
    table = world.alerts(
        record(helpers, -40, "fired", "A-0", rule="Disk"),
        record(helpers, -30, "resolved", "A-0"),
        record(helpers, 2, "fired", rule="HighErrorRate", value=0.12, threshold=0.05),
        record(helpers, 3, "note", alert="", milestone="investigation", text="Started"),
        record(helpers, 8, "resolved"),
        record(helpers, 240, "note", milestone="closed"),
        record(helpers, 300, "fired", "A-2"),
        record(helpers, 60 * 30, "note", text="a day later"),
    )
    seen = alerts_seen(world.measure("incident_alerts", table, window=helpers.span(0, 8), near_minutes=20))
    assert [one.record.kind for one in seen] == ["fired", "note", "resolved", "note"]
    assert (seen[0].name, seen[0].record.value) == ("HighErrorRate", 0.12)
    assert seen[-1].record.milestone == "closed"


def test_a_source_that_is_not_configured_is_no_data(helpers: Any) -> None:
    for name in ("incident_alerts", "incident_changes", "incident_log_errors", "incident_resources"):
        result = run_measurement(name, {"window": helpers.span(0, 8)}, {})
        assert result.status == "no_data"
        assert "is configured" in result.reason
    assert (alerts_seen(None), changes_seen(result)) == ((), ())


# --- product events ---------------------------------------------------------------------------------------


def test_users_with_an_event_are_counted_in_the_incident_and_in_the_week(
    helpers: Any, open_event_log: Any
) -> None:
    events = open_event_log(
        [
            {"time": (helpers.at(minute)).isoformat(), "user": user, "event": "login"}
            for minute, user in ((-60 * 24 * 9, "z"), (-100, "a"), (-90, "b"), (1, "a"), (2, "c"), (20, "d"))
        ]
    )
    result = run_measurement("incident_event_users", {"window": helpers.span(0, 8)}, {"events": events})
    found = values(result)
    assert (found["incident_event_users"], found["incident_event_week_users"]) == (2, 3)
    assert events.coverage.last - helpers.at(20) < timedelta(seconds=1)
