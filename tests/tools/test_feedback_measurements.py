"""The measurements over tickets and candidates, as a report runs them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from postlaunch.errors import UsageError
from postlaunch.sources.candidates import CandidateItem, CandidateTable
from postlaunch.sources.tickets import Ticket, TicketTable
from postlaunch.tools import feedback_measurements, planning_measurements
from postlaunch.tools.measurement import Limits, MeasurementResult, run_measurement
from postlaunch.windows import Window, iso_week_of

WEEK = iso_week_of(datetime(2025, 11, 18, tzinfo=UTC).date(), "UTC")
assert feedback_measurements
assert planning_measurements


def ticket(identity: str, day: int, text: str, kind: str = "feature", requester: str = "") -> Ticket:
    return Ticket(
        id=identity,
        created_at=datetime(2025, 11, day, 12, tzinfo=UTC),
        requester=requester or identity,
        text=text,
        kind=kind,
    )


TABLE = TicketTable(
    fingerprint="tickets",
    tickets=(
        ticket("A", 11, "please add dark mode"),
        ticket("B", 12, "login error", kind="bug"),
        ticket("C", 18, "dark mode please", requester="ann"),
        ticket("D", 19, "Dark theme, or dark mode", requester="ANN"),
        ticket("E", 20, "exports to CSV please"),
        ticket("F", 20, "we export CSV daily, add scheduled exports"),
        ticket("G", 21, "login fails", kind="bug"),
    ),
)
DARK = {"candidate": "dark", "title": "Dark mode"}


def measured(name: str, **parameters: object) -> MeasurementResult:
    return run_measurement(name, parameters, {"tickets": TABLE})


def test_ticket_volume_counts_the_window_and_compares_it() -> None:
    result = measured("ticket_volume", window=WEEK, baseline=WEEK.before())
    total = result.fact("support_tickets")
    assert total is not None
    assert (total.value, total.baseline) == (5, 2)
    assert {fact.entity: (fact.value, fact.baseline) for fact in result.named("tickets_of_kind")} == {
        "feature": (4, 1),
        "bug": (1, 1),
    }


def test_a_quiet_week_inside_the_file_is_zero_and_one_outside_is_no_data() -> None:
    spread = TicketTable(fingerprint="f", tickets=(ticket("A", 3, "x"), ticket("B", 27, "y")))
    quiet = run_measurement("ticket_volume", {"window": WEEK}, {"tickets": spread})
    assert quiet.facts[0].value == 0
    later = iso_week_of(datetime(2026, 1, 5, tzinfo=UTC).date(), "UTC")
    outside = run_measurement("ticket_volume", {"window": later}, {"tickets": spread})
    assert outside.status == "no_data"
    assert "Nov 3–27, 2025" in outside.reason


def test_a_week_before_the_file_begins_is_no_baseline_of_zero() -> None:
    result = measured("ticket_volume", window=WEEK.before(), baseline=WEEK.before().before())
    assert result.facts[0].baseline is None


def test_a_partial_window_counts_only_what_was_observed() -> None:
    cut = WEEK.cut(datetime(2025, 11, 19, tzinfo=UTC))
    assert measured("ticket_volume", window=cut).facts[0].value == 1


def test_no_sample_of_a_ticket_ends_within_an_address() -> None:
    text = f"{'dark mode please ' * 17}anna.kowalska@example.com"
    table = TicketTable(fingerprint="f", tickets=(ticket("A", 11, text),))
    [sample] = run_measurement("tickets_about", {"words": ["dark"]}, {"tickets": table}).texts
    assert sample["text"] == "dark mode please " * 17


def test_request_groups_counts_people_with_their_tickets_as_evidence() -> None:
    result = measured("request_groups", anchors=[DARK])
    facts = {(fact.name, fact.entity): fact.value for fact in result.facts}
    assert facts["group_requesters", "G1"] == 2
    assert facts["group_tickets", "G1"] == 3
    assert facts["feature_requests", "application"] == 5
    assert result.texts[0]["tickets"] == ["A", "C", "D"]
    assert result.texts[0]["candidate"] == "dark"


def test_request_groups_say_how_requests_were_compared() -> None:
    result = measured("request_groups", anchors=[DARK])
    assert result.measurement.parameters["vectors"] == "words"
    assert "feature requests were grouped by their words" in result.notes


def test_request_groups_of_one_week_leave_the_other_out() -> None:
    result = measured("request_groups", anchors=[DARK], window=WEEK)
    assert result.facts[0].window == WEEK
    assert {fact.entity: fact.value for fact in result.named("group_requesters")}["G2"] == 1


def test_a_merge_is_part_of_the_measurement_and_can_be_run_again() -> None:
    result = measured("request_groups", anchors=[DARK], merges=[["G1", "G2"]])
    fact = result.fact("group_requesters", "G1")
    assert fact is not None
    assert fact.value == 4
    again = run_measurement(result.measurement.name, result.measurement.parameters, {"tickets": TABLE})
    assert again == result


def test_a_merge_of_unknown_groups_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="G9"):
        measured("request_groups", merges=[["G1", "G9"]])


def test_groups_beyond_the_limit_are_said_to_be_left_out() -> None:
    result = run_measurement("request_groups", {"anchors": [DARK]}, {"tickets": TABLE}, Limits(rows=3))
    assert len(result.named("group_requesters")) == 1
    assert "1 smaller groups are not listed" in result.notes


def test_tickets_about_finds_inflections_in_tickets_of_every_kind() -> None:
    result = measured("tickets_about", words=["exporting", "log in", "logins"])
    tickets, people = result.facts
    assert (tickets.value, people.value, tickets.n) == (4, 4, 7)
    assert [text["id"] for text in result.texts] == ["G", "F", "E", "B"]


def test_tickets_about_nothing_is_zero_and_not_missing() -> None:
    result = measured("tickets_about", words=["blockchain"])
    assert result.status == "ok"
    assert result.facts[0].value == 0


def test_tickets_about_something_are_not_counted_of_a_span_that_the_file_ends_in() -> None:
    begin, end = datetime(2025, 11, 17, tzinfo=UTC), datetime(2025, 11, 24, tzinfo=UTC)
    cut = measured("tickets_about", words=["login"], window=Window(start=begin, end=end))
    assert (cut.status, cut.reason) == ("no_data", "the tickets end 2025-11-21, before the span does")
    calm = Window(start=begin, end=end - timedelta(hours=12))
    assert measured("tickets_about", words=["login"], window=calm).facts[0].value == 1


def test_a_span_without_tickets_is_no_data_with_the_files_own_span() -> None:
    far = Window(start=datetime(2030, 1, 1, tzinfo=UTC), end=datetime(2030, 1, 2, tzinfo=UTC))
    for name, more in (("request_groups", {}), ("tickets_about", {"words": ["x"]})):
        result = measured(name, window=far, **more)
        assert result.status == "no_data"
        assert "Nov 11–21, 2025" in result.reason


def test_declared_effort_and_rice_can_be_cited_and_say_that_they_are_declared() -> None:
    item = CandidateItem(id="a", title="A", effort={"ann": 2}, reach=100, impact=2, confidence=0.5)
    table = CandidateTable(fingerprint="c", items=(item, CandidateItem(id="b", title="B", effort={"ann": 1})))
    result = run_measurement("candidate_effort", {"window": WEEK}, {"candidates": table})
    assert {fact.key: fact.value for fact in result.facts} == {
        ("effort_days", "a"): 2,
        ("rice", "a"): 50,
        ("effort_days", "b"): 1,
    }
    assert {fact.note for fact in result.facts} == {"declared, not measured"}


def test_tickets_without_a_span_are_measured_over_the_whole_file() -> None:
    window = measured("request_groups").facts[0].window
    assert window.start == TABLE.tickets[0].created_at
    assert window.end == TABLE.tickets[-1].created_at + timedelta(seconds=1)
