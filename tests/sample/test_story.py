"""The files of the sample tell one story: what one of them says, the others do not deny."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from postlaunch.sample.generate import Sample
from postlaunch.sample.truth import Truth
from postlaunch.settings_file import load_settings

if TYPE_CHECKING:
    from conftest import Default

Ask = Callable[[str], list[Any]]
"""Runs a query over the files; rows of one column are given as its values."""


@pytest.fixture(scope="module", params=["full", "other_full"])
def sample(request: pytest.FixtureRequest) -> Sample:
    """Two seeds."""
    found: Sample = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def truth(sample: Sample) -> Truth:
    return sample.read_truth()


@pytest.fixture(scope="module")
def ask(sample: Sample) -> Iterator[Ask]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'America/Los_Angeles'")
        for name in ("requests", "events", "resources"):
            path = getattr(sample, name)
            connection.execute(f"CREATE TABLE {name} AS SELECT *, epoch_ms(\"time\") AS ms FROM '{path}'")

        def asked(query: str) -> list[Any]:
            rows = connection.execute(query).fetchall()
            return [row[0] if len(row) == 1 else row for row in rows]

        yield asked


def moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def lines(path: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# --- requests and events are of the same visits -------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "request_of_it"),
    [
        ("login", "path = '/auth/login' AND status = 200"),
        ("logout", "path = '/auth/logout' AND status = 200"),
        ("dashboard_viewed", "path LIKE '/users?page=1&%' AND status = 200"),
        ("profile_viewed", "regexp_full_match(path, '/users/[0-9]+') AND method = 'GET' AND status = 200"),
        ("profile_updated", "method = 'PUT' AND status = 200"),
        ("role_assigned", "method = 'POST' AND path LIKE '/users/%/roles' AND status = 201"),
    ],
)
def test_what_is_recorded_was_asked_for_and_answered(ask: Ask, event: str, request_of_it: str) -> None:
    recorded = f'SELECT "time", "user" FROM events WHERE event = \'{event}\''
    asked = f'SELECT "time", "user" FROM requests WHERE {request_of_it}'
    assert ask(f"SELECT count(*) FROM ({recorded} EXCEPT ALL {asked})") == [0]
    if event not in ("dashboard_viewed",):
        assert ask(f"SELECT count(*) FROM ({asked} EXCEPT ALL {recorded})") == [0]


def test_an_account_is_made_by_a_201_and_by_nothing_else(ask: Ask, truth: Truth) -> None:
    created = ask("SELECT ms FROM requests WHERE path = '/auth/register' AND status = 201")
    start = truth.weeks[0].start
    signed_up = ask("SELECT ms FROM events WHERE event = 'signed_up'")
    assert sorted(created) == sorted(ms for ms in signed_up if moment(ms) >= start)
    assert len(signed_up) > 3 * len(created) > 0, "most accounts came with the launch"


def test_the_users_of_the_log_are_those_who_signed_in(ask: Ask) -> None:
    in_log = ask('SELECT DISTINCT "user" FROM requests WHERE "user" IS NOT NULL')
    assert set(in_log) == set(ask("SELECT DISTINCT \"user\" FROM events WHERE event = 'login'"))


def test_nobody_signs_in_before_having_an_account(ask: Ask) -> None:
    early = """
        SELECT count(*) FROM events JOIN (
            SELECT "user", "time" AS joined FROM events WHERE event = 'signed_up'
        ) USING ("user")
        WHERE "time" < joined
            AND event NOT IN ('page_view_register', 'register_started', 'register_submitted')
    """
    assert ask(early) == [0]


def test_visitors_have_no_role_and_users_keep_theirs(ask: Ask) -> None:
    assert ask("SELECT count(*) FROM events WHERE \"user\" LIKE 'v%' AND role IS NOT NULL") == [0]
    assert ask("SELECT count(*) FROM events WHERE \"user\" NOT LIKE 'v%' AND role IS NULL") == [0]
    assert ask('SELECT "user" FROM events GROUP BY "user" HAVING count(DISTINCT role) > 1') == []
    only = set(ask("SELECT DISTINCT event FROM events WHERE \"user\" LIKE 'v%'"))
    assert only == {"page_view_register", "register_started", "register_submitted"}


def test_only_administrators_assign_roles(ask: Ask) -> None:
    assert set(ask("SELECT DISTINCT role FROM events WHERE event = 'role_assigned'")) == {"admin"}


# --- the maintenance and the incident -----------------------------------------------------------------------


def test_nothing_is_answered_while_the_node_restarts(sample: Sample, ask: Ask) -> None:
    [maintenance] = [change for change in lines(sample.changes) if change["kind"] == "maintenance"]
    assert maintenance["planned"]
    start, end = maintenance["at"], maintenance["ended_at"]
    assert datetime.fromisoformat(end) - datetime.fromisoformat(start) == timedelta(minutes=2)
    inside = f"BETWEEN TIMESTAMPTZ '{start}' AND TIMESTAMPTZ '{end}' - INTERVAL 1 MILLISECOND"
    assert ask(f'SELECT count(*) FROM requests WHERE "time" {inside}') == [0]
    assert ask(f"SELECT count(*) FROM events WHERE event <> 'page_view_register' AND \"time\" {inside}") == [
        0
    ]


def test_the_incident_is_busy_and_fails_enough_to_be_found(truth: Truth) -> None:
    incident = truth.incident
    assert incident.requests / (incident.minutes * 60) >= 20
    assert incident.failed >= 200
    assert set(incident.by_status) == {"500", "503"}
    assert len(incident.by_endpoint) >= 5
    assert set(incident.by_pod) == {"web-1", "web-2", "web-3"}
    assert 0 < incident.users < incident.failed


def test_the_incident_keeps_its_size_in_a_small_sample(small: Sample) -> None:
    incident = small.read_truth().incident
    assert incident.requests / (incident.minutes * 60) >= 20
    assert incident.failed >= 200


def test_alerts_fire_when_their_rules_say_so_and_at_no_other_time(ask: Ask, truth: Truth) -> None:
    per_minute = """
        SELECT ms // 60000 AS minute,
               count(*) FILTER (WHERE status >= 500) > 0.05 * count(*) AS failing,
               quantile_disc(latency_ms, 0.95) > 500 AS slow
        FROM requests GROUP BY ALL HAVING count(*) >= 20
    """
    for rule, column, length in (("HighErrorRate", "failing", 2), ("HighResponseTime", "slow", 5)):
        held = set(ask(f"SELECT minute FROM ({per_minute}) WHERE {column}"))
        due = {minute + 1 for minute in held if all(minute - back in held for back in range(length))}
        begun = {minute for minute in due if minute - 1 not in due}
        fired = {alert.fired.timestamp() / 60 for alert in truth.alerts if alert.rule == rule}
        assert begun == fired
        assert len(fired) == 1


def test_the_alert_comes_after_the_errors_and_goes_when_they_are_gone(truth: Truth) -> None:
    incident = truth.incident
    assert incident.first_failure < incident.fired <= incident.start + timedelta(minutes=2)
    assert incident.fired < incident.fixed < incident.restarted < incident.resolved <= incident.end


def test_the_log_of_alerts_tells_the_steps_in_order(sample: Sample) -> None:
    steps = [line["milestone"] for line in lines(sample.alerts) if "milestone" in line]
    assert steps == [
        "investigation", "root_cause", "decision", "fix_applied", "restarted", "recovered", "closed",
    ]  # fmt: skip


def test_connections_run_out_in_the_incident_alone(ask: Ask, truth: Truth) -> None:
    incident = truth.incident
    assert incident.most_in_use == incident.pool_before == 10
    assert incident.most_in_use_before <= 8
    assert 10 < incident.most_in_use_after < incident.pool_after == 20
    assert incident.most_cpu_share < 0.7, "the processor is not what ran out"
    full = ask("SELECT DISTINCT ms FROM resources WHERE pool_in_use = pool_size")
    assert {incident.start <= moment(ms) < incident.end for ms in full} == {True}
    assert ask("SELECT max(pool_in_use) FROM resources WHERE pool_size = 10") == [10]


def test_the_change_answers_the_alert_and_the_pool_shows_it(sample: Sample, ask: Ask, truth: Truth) -> None:
    fix, restart = [change for change in lines(sample.changes) if "incident" in change]
    assert (fix["before"], fix["after"]) == ("10", "20")
    assert {fix["incident"], restart["incident"]} == {"HighErrorRate-1"}
    larger = ask("SELECT min(ms) FROM resources WHERE pool_size = 20 GROUP BY pod")
    back = datetime.fromisoformat(restart["ended_at"])
    assert all(timedelta(0) <= moment(ms) - back < timedelta(minutes=1) for ms in larger)


def test_the_load_test_tried_fewer_database_operations_than_came(sample: Sample, truth: Truth) -> None:
    text = sample.launch.read_text(encoding="utf-8")
    assert "concurrent_database_operations: 8" in text
    assert truth.incident.most_in_use_after > 8


# --- growth, health and the objectives ----------------------------------------------------------------------


def test_the_weeks_grow_and_the_incident_alone_makes_the_last_one_worse(truth: Truth) -> None:
    requests = [week.requests for week in truth.weeks]
    assert sum(requests[5:]) > 1.1 * sum(requests[:5])
    registrations = [week.registrations for week in truth.weeks]
    assert sum(registrations[5:]) > sum(registrations[:5])
    assert truth.this_week.active_users > truth.weeks[0].active_users
    assert max(week.error_rate for week in truth.weeks[:-1]) < 0.001 < truth.this_week.error_rate < 0.01
    assert [week.down_minutes for week in truth.weeks] == [0] * 9 + [1]


def test_response_times_rise_a_little_each_week_and_stay_under_their_objective(truth: Truth) -> None:
    means = [week.endpoints["GET /users"].latency.mean for week in truth.weeks[:-1]]
    weekly = (means[-1] / means[0]) ** (1 / (len(means) - 1)) - 1
    assert weekly == pytest.approx(truth.growth.weekly_slowdown, abs=0.003)
    assert all(160 < week.latency.p95 < 200 for week in truth.weeks)


def test_image_uploads_make_the_slowest_endpoint_and_the_list_the_hot_one(truth: Truth) -> None:
    for week in truth.weeks:
        slowest, second = week.slowest[:2]
        assert slowest == "PUT /users/:id"
        assert week.endpoints[slowest].latency.mean > 1.3 * week.endpoints[second].latency.mean
        assert week.busiest[0] == "GET /users"
        assert week.first_page_share == pytest.approx(0.5, abs=0.05)
        load = {name: one.requests * one.latency.mean for name, one in week.endpoints.items()}
        assert max(load, key=lambda name: load[name]) == "GET /users"


def test_errors_before_the_incident_are_of_image_uploads(truth: Truth) -> None:
    for week in truth.weeks[:-1]:
        failed = {name: one.server_errors for name, one in week.endpoints.items() if one.server_errors}
        assert set(failed) <= {"PUT /users/:id"}


@pytest.mark.parametrize("status", [401, 403, 404, 422, 429])
def test_every_usual_client_error_occurs(truth: Truth, status: int) -> None:
    counts = [week.errors.get(str(status), 0) for week in truth.weeks]
    assert sum(count > 0 for count in counts) >= 9
    assert sum(counts) > 50


def test_weekends_and_nights_are_quieter(ask: Ask) -> None:
    weekend, workday = ask("""
        SELECT avg(requests) FROM (
            SELECT "time"::DATE AS day, count(*) AS requests FROM requests
            WHERE "time" < TIMESTAMPTZ '2025-11-17 00:00' GROUP BY day
        ) GROUP BY isodow(day) >= 6 ORDER BY isodow(day) >= 6 DESC
    """)
    assert weekend < 0.85 * workday
    night, noon = ask("""
        SELECT count(*) FROM requests
        WHERE hour("time") IN (3, 11) AND "time" < TIMESTAMPTZ '2025-11-17 00:00'
        GROUP BY hour("time") ORDER BY hour("time")
    """)
    assert 0.15 < night / noon < 0.5


def test_the_objectives_are_met_but_for_the_incident(truth: Truth) -> None:
    month = next(iter(truth.spans.values()))
    assert month.activity.growth is not None
    assert month.activity.growth > 0.10
    assert max(truth.tickets_by_week.values()) < 50
    assert all(feature.users > 0.6 * feature.audience for feature in month.adoption)
    assert all(week.uptime >= 0.999 for week in truth.weeks)
    october = next(cost for cost in truth.costs if cost.month == month.label)
    assert october.per_active_user is not None
    assert october.per_active_user < 0.50


def test_retention_levels_off_a_little_above_its_objective(truth: Truth) -> None:
    month = next(iter(truth.spans.values()))
    one, seven, thirty = (day.on_day / day.cohort for day in month.retention)
    assert one > seven > thirty
    assert 0.33 < thirty < 0.55


def test_at_the_default_scale_retention_meets_its_objective(default: Default) -> None:
    truth = default.sample.read_truth()
    for label in ("2025-10", "28 days"):
        thirty = truth.spans[label].retention[-1]
        assert 0.40 < thirty.on_day / thirty.cohort < 0.47


def test_most_are_lost_between_beginning_the_form_and_sending_it(truth: Truth) -> None:
    funnel = next(iter(truth.spans.values())).funnel
    lost = {step.event: step.dropped for step in funnel}
    assert max(lost, key=lambda event: lost[event]) == "register_submitted"


def test_resources_follow_traffic_are_stable_and_last_for_months(ask: Ask, truth: Truth) -> None:
    busy, quiet = ask("""
        SELECT avg(cpu_cores) FROM resources WHERE hour("time") IN (3, 11)
        GROUP BY hour("time") ORDER BY hour("time") DESC
    """)
    assert busy > 1.3 * quiet
    used = [next(iter(week.pods.values())) for week in truth.resources]
    assert all(0.3 < one.memory_share < 0.45 and one.most_memory_share < 0.6 for one in used)
    assert all(later.disk_bytes > earlier.disk_bytes for earlier, later in pairwise(used))
    assert used[-1].disk_share < 0.25
    near = truth.forecasts[0]
    assert truth.incident.most_cpu_share * near.factor > 0.7 > truth.incident.most_cpu_share


def test_slow_queries_are_logged_more_often_each_week(truth: Truth) -> None:
    slow = [week.slow_queries for week in truth.logs]
    assert sum(slow[5:]) > 2 * sum(slow[:5]) > 0


# --- the contradictions that the specification's own figures have, and the sample must not ------------------


def test_the_weeks_500s_include_those_of_the_incident(truth: Truth) -> None:
    server_errors = sum(count for status, count in truth.this_week.errors.items() if status >= "500")
    assert server_errors >= truth.incident.server_errors >= truth.incident.failed


def test_the_incident_is_never_busier_than_the_peak(truth: Truth) -> None:
    assert truth.incident.requests / (truth.incident.minutes * 60) <= truth.this_week.peak_per_second
    assert truth.incident.peak_per_second <= truth.this_week.peak_per_second


def test_no_more_users_are_affected_than_were_active(truth: Truth) -> None:
    assert truth.incident.users <= truth.this_week.active_users


def test_endpoints_add_up_and_are_sorted(truth: Truth) -> None:
    for week in truth.weeks:
        counts = [week.endpoints[name].requests for name in week.busiest]
        assert counts == sorted(counts, reverse=True)
        assert sum(counts) == week.requests
        assert sum(endpoint.share for endpoint in week.endpoints.values()) == pytest.approx(1)


def test_growth_compounds_to_the_forecasts(truth: Truth) -> None:
    for forecast in truth.forecasts:
        assert forecast.factor == pytest.approx((1 + truth.growth.weekly) ** forecast.weeks)
        assert forecast.peak_per_second == pytest.approx(truth.this_week.peak_per_second * forecast.factor)
    before = truth.weeks[:-1]
    assert before[-1].requests == pytest.approx(
        before[0].requests * (1 + truth.growth.weekly) ** (len(before) - 1), rel=0.06
    )


def test_there_are_no_more_active_users_than_users(truth: Truth) -> None:
    for span in truth.spans.values():
        activity = span.activity
        assert activity.monthly is not None
        assert activity.weekly is not None
        assert activity.mean_daily <= activity.weekly <= activity.monthly <= activity.total
        assert all(feature.users <= feature.audience <= activity.total for feature in span.adoption)


def test_everything_comes_after_the_launch(sample: Sample, ask: Ask, truth: Truth) -> None:
    launch = datetime.fromisoformat(lines(sample.changes)[0]["at"])
    assert launch < moment(ask("SELECT min(ms) FROM events")[0])
    assert launch + timedelta(days=6) < truth.weeks[0].start
    assert launch < truth.experiment.start


def test_uptime_is_what_the_down_minutes_leave(truth: Truth) -> None:
    for week in truth.weeks:
        observed = week.minutes_covered * ((week.end - week.start) / timedelta(minutes=1))
        assert week.uptime == pytest.approx(1 - week.down_minutes / observed)


def test_the_funnel_adds_up(truth: Truth) -> None:
    for span in truth.spans.values():
        for step, after in pairwise(span.funnel):
            assert step.users == after.users + after.dropped + step.in_progress


def test_registrations_are_most_of_the_calls_to_register(truth: Truth) -> None:
    for week in truth.weeks:
        assert 0.7 < week.registrations / week.endpoints["POST /auth/register"].requests <= 1


def test_the_experiment_has_its_numbers_and_a_loser(sample: Sample, ask: Ask, truth: Truth) -> None:
    experiment = truth.experiment
    a, b = experiment.arms["A"], experiment.arms["B"]
    assert abs(a.users - b.users) <= 1
    assert experiment.loser == "B"
    assert a.conversions / a.users - b.conversions / b.users == pytest.approx(0.05, abs=0.005)
    assert a.seconds < b.seconds
    assert a.rating > b.rating
    [plan] = load_settings(sample.settings, environment={}).analytics.experiments
    zone = ZoneInfo(truth.zone)
    assert (plan.start, plan.end) == (
        experiment.start.astimezone(zone).date(),
        (experiment.end - timedelta(seconds=1)).astimezone(zone).date(),
    )
    first, last = ask("SELECT min(ms), max(ms) FROM events WHERE variant IS NOT NULL")[0]
    assert experiment.start <= moment(first) < moment(last) < experiment.end
    assert ask("SELECT count(*) FROM events WHERE event = 'login_form_shown'") == [a.users + b.users]
