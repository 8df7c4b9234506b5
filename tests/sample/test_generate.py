"""What the sample promises: the same bytes for the same seed, complete files, and a coherent story."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import pytest

from postlaunch.sample.generate import DEMO_SCALE, Sample, generate
from postlaunch.sample.people import FIRST_ID, FIRST_USERS
from postlaunch.settings_file import load_settings
from postlaunch.sources.candidates import open_candidates
from postlaunch.sources.tickets import open_tickets


class Line(NamedTuple):
    """What the tests look at in a line of the log."""

    time: int
    path: str
    status: int
    pod: str
    user: str | None


@pytest.fixture(scope="session")
def log(full: Sample) -> list[Line]:
    """The lines of the full sample's log, in the file's order."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            'SELECT epoch_ms("time"), path, status, pod, "user" FROM read_parquet($path)',
            {"path": str(full.requests)},
        ).fetchall()
    return [Line(*row) for row in rows]


def contents(sample: Sample) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sample.folder.iterdir()}


def test_the_same_seed_gives_the_same_bytes(small: Sample, tmp_path: Path) -> None:
    again = generate(tmp_path / "again", scale=0.05)
    assert contents(again) == contents(small)


def test_another_seed_gives_other_requests_and_tickets(small: Sample, tmp_path: Path) -> None:
    other = generate(tmp_path / "other", seed=8, scale=0.05)
    assert other.requests.read_bytes() != small.requests.read_bytes()
    assert other.tickets.read_bytes() != small.tickets.read_bytes()


def test_another_end_moves_everything_to_its_weeks(tmp_path: Path) -> None:
    sample = generate(tmp_path, end=datetime(2026, 3, 16, 7, tzinfo=UTC), scale=0.05)
    truth = sample.read_truth()
    assert [week.label for week in truth.weeks[-2:]] == ["2026-W10", "2026-W11"]
    assert truth.last_week.end - truth.last_week.start == timedelta(hours=167), "a DST week"
    assert truth.this_week.start <= truth.incident.start < truth.this_week.end


def test_the_settings_name_every_file_of_the_sample(small: Sample) -> None:
    settings = load_settings(small.settings, environment={})
    assert settings.sources.requests is not None
    assert [settings.path(path) for path in settings.sources.requests.paths] == [small.requests.resolve()]
    assert len(open_tickets(settings).tickets) == 300
    assert len(open_candidates(settings).items) == 10


def test_the_full_sample_has_its_promised_size(full: Sample) -> None:
    truth = full.read_truth()
    assert 600_000 <= sum(week.requests for week in truth.weeks) <= 800_000
    assert sum(path.stat().st_size for path in full.folder.iterdir()) < 30_000_000


def test_the_log_holds_exactly_the_requests_of_the_truth(full: Sample, log: list[Line]) -> None:
    truth = full.read_truth()
    statuses = Counter(str(line.status) for line in log)
    errors = Counter[str]()
    for week in truth.weeks:
        errors.update(week.errors)
    assert statuses.total() == sum(week.requests for week in truth.weeks)
    assert {status: count for status, count in statuses.items() if status >= "400"} == dict(errors)


def test_lines_are_in_order_within_a_pod_and_interleaved_between_pods(log: list[Line]) -> None:
    by_pod: dict[str, list[int]] = {}
    for line in log:
        by_pod.setdefault(line.pod, []).append(line.time)
    times = [line.time for line in log]
    assert len(by_pod) == 3
    assert all(pod == sorted(pod) for pod in by_pod.values())
    assert times != sorted(times)


def test_the_incident_is_busy_and_fails_enough_to_be_found(full: Sample) -> None:
    incident = full.read_truth().incident
    assert incident.requests / (incident.minutes * 60) >= 20
    assert incident.failed >= 200
    assert set(incident.by_status) == {"500", "503"}
    assert len(incident.by_endpoint) >= 5
    assert set(incident.by_pod) == {"web-1", "web-2", "web-3"}
    assert 0 < incident.users < incident.failed


def test_the_week_grows_and_the_incident_alone_makes_it_worse(full: Sample) -> None:
    truth = full.read_truth()
    last, this = truth.last_week, truth.this_week
    assert this.requests > last.requests
    assert this.active_users > last.active_users
    registrations = [week.registrations for week in truth.weeks]
    assert sum(registrations[5:]) > sum(registrations[:5])
    assert last.error_rate < 0.001 < this.error_rate < 0.01
    assert last.down_minutes == 0 < this.down_minutes
    assert min(last.minutes_covered, this.minutes_covered) > 0.9


def test_image_uploads_make_the_slowest_endpoint(full: Sample) -> None:
    for week in full.read_truth().weeks:
        slowest, second = week.slowest[:2]
        assert slowest == "PUT /users/:id"
        assert week.endpoints[slowest].latency.mean > 1.3 * week.endpoints[second].latency.mean
        assert week.latency.p95 < 200


def test_weekends_are_quieter_than_working_days(log: list[Line]) -> None:
    zone = ZoneInfo("America/Los_Angeles")
    days = Counter(str(datetime.fromtimestamp(line.time / 1000, zone).date()) for line in log)
    assert max(days["2025-11-15"], days["2025-11-16"]) < min(days["2025-11-10"], days["2025-11-14"])


@pytest.mark.parametrize("status", [401, 403, 404, 422, 429])
def test_every_usual_client_error_occurs(full: Sample, status: int) -> None:
    counts = [week.errors[str(status)] for week in full.read_truth().weeks]
    assert min(counts) > 0
    assert sum(counts) > 50


# --- the contradictions that the specification's own figures have, and the sample must not ------------------


def test_the_weeks_500s_include_those_of_the_incident(full: Sample) -> None:
    truth = full.read_truth()
    server_errors = sum(count for status, count in truth.this_week.errors.items() if status >= "500")
    assert server_errors >= truth.incident.server_errors >= truth.incident.failed


def test_the_incident_is_never_busier_than_the_peak(full: Sample) -> None:
    truth = full.read_truth()
    assert truth.incident.requests / (truth.incident.minutes * 60) <= truth.this_week.peak_per_second
    assert truth.incident.peak_per_second <= truth.this_week.peak_per_second


def test_no_more_users_are_affected_than_were_active(full: Sample) -> None:
    truth = full.read_truth()
    assert truth.incident.users <= truth.this_week.active_users


def test_endpoints_add_up_and_are_sorted(full: Sample) -> None:
    for week in full.read_truth().weeks:
        counts = [week.endpoints[name].requests for name in week.busiest]
        assert counts == sorted(counts, reverse=True)
        assert sum(counts) == week.requests
        assert sum(endpoint.share for endpoint in week.endpoints.values()) == pytest.approx(1)


def test_registrations_are_most_of_the_calls_to_register(full: Sample) -> None:
    for week in full.read_truth().weeks:
        assert 0.7 < week.registrations / week.endpoints["POST /auth/register"].requests <= 1


def test_nobody_new_acts_before_there_was_a_registration(log: list[Line]) -> None:
    registered = 0
    newcomers: set[str] = set()
    for line in sorted(log, key=lambda line: line.time):
        registered += line.path == "/auth/register" and line.status == 201
        if line.user and int(line.user) >= FIRST_ID + round(FIRST_USERS * DEMO_SCALE):
            newcomers.add(line.user)
            assert len(newcomers) <= registered


def test_uptime_is_what_the_down_minutes_leave(full: Sample) -> None:
    for week in full.read_truth().weeks:
        observed = week.minutes_covered * ((week.end - week.start) / timedelta(minutes=1))
        assert week.uptime == pytest.approx(1 - week.down_minutes / observed)


# --- tickets ------------------------------------------------------------------------------------------------


def rows(sample: Sample) -> list[dict[str, str]]:
    with sample.tickets.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_tickets_number_300_and_keep_under_the_objective_each_week(full: Sample) -> None:
    truth = full.read_truth()
    assert truth.tickets == len(rows(full)) == sum(truth.tickets_by_week.values()) == 300


def test_every_ticket_belongs_to_one_theme(full: Sample) -> None:
    themes = full.read_truth().themes
    filed = [ticket for theme in themes.values() for ticket in theme.tickets]
    assert sorted(filed) == sorted(row["ticket_id"] for row in rows(full))


def test_some_people_write_twice_and_spell_themselves_differently(full: Sample) -> None:
    requesters = [row["requester"] for row in rows(full)]
    assert len({name.casefold() for name in requesters}) < len(set(requesters)) < len(requesters)
    sms = full.read_truth().themes["password_reset_sms"]
    assert sms.requesters < len(sms.tickets)


def test_people_write_in_their_own_words(full: Sample) -> None:
    sms = set(full.read_truth().themes["password_reset_sms"].tickets)
    bodies = {row["body"] for row in rows(full) if row["ticket_id"] in sms}
    assert len(bodies) > 0.9 * len(sms)


def test_kinds_are_sometimes_missing_and_sometimes_wrong(full: Sample) -> None:
    truth = full.read_truth()
    kinds = {row["ticket_id"]: row["type"] for row in rows(full)}
    features = [
        kinds[ticket] for name in ("dark_mode", "two_factor") for ticket in truth.themes[name].tickets
    ]
    assert "" in features
    assert features.count("feature") > len(features) / 2


def test_complaints_about_the_incident_come_after_it(full: Sample) -> None:
    truth = full.read_truth()
    outage = set(truth.themes["outage"].tickets)
    written = [datetime.fromisoformat(row["created_at"]) for row in rows(full) if row["ticket_id"] in outage]
    assert all(moment > truth.incident.start for moment in written)


def test_one_ticket_gives_orders(full: Sample) -> None:
    truth = full.read_truth()
    texts = {row["ticket_id"]: row["body"] for row in rows(full)}
    assert len(truth.attacks) == 1
    assert "approve everything" in texts[truth.attacks[0]]


# --- candidates ---------------------------------------------------------------------------------------------


def test_candidates_and_tickets_know_each_other(small: Sample) -> None:
    items = {item.id for item in open_candidates(load_settings(small.settings, environment={})).items}
    asked = {theme.candidate for theme in small.read_truth().themes.values() if theme.candidate}
    assert asked <= items


def test_not_every_candidate_fits_the_capacity(small: Sample) -> None:
    items = open_candidates(load_settings(small.settings, environment={})).items
    capacity = small.read_truth().capacity
    wanted = Counter[str]()
    for item in items:
        wanted.update({owner: round(days * 100) for owner, days in item.effort.items()})
    assert any(days > capacity[owner] * 100 for owner, days in wanted.items())
    assert all(max(item.effort.values()) <= 10 for item in items)
