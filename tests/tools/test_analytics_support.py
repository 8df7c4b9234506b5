"""Support tickets a week, whatever the window's length."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import postlaunch.tools.analytics  # registers the measurements  # noqa: F401
from postlaunch.sources.tickets import Ticket, TicketTable
from postlaunch.tools.measurement import MeasurementResult, run_measurement
from postlaunch.windows import Window

START = datetime(2025, 11, 3, tzinfo=UTC)


def measured(first: int, last: int, **parameters: object) -> MeasurementResult:
    """The rate from one day to another, of three tickets a day in the first 28."""
    tickets = tuple(
        Ticket(id=f"{place}", created_at=START + timedelta(hours=8 * place)) for place in range(3 * 28)
    )
    window = Window(start=START + timedelta(days=first), end=START + timedelta(days=last))
    source = TicketTable(fingerprint="f", tickets=tickets)
    return run_measurement("support_ticket_rate", {"window": window, **parameters}, {"tickets": source})


def test_the_rate_is_a_week_of_a_month_of_tickets() -> None:
    fact = measured(0, 28).facts[0]
    assert (fact.value, fact.n) == (21, 84)


def test_a_part_of_a_week_is_measured_by_its_days() -> None:
    partial = Window(start=START, end=START + timedelta(days=7), cut_at=START + timedelta(days=2))
    assert measured(0, 7, window=partial).facts[0].value == 6 / (2 / 7)


def test_the_week_before_is_compared_with_where_tickets_cover_it() -> None:
    before = Window(start=START, end=START + timedelta(days=7))
    assert measured(7, 14, baseline=before).facts[0].baseline == 21
    earlier = Window(start=START - timedelta(days=7), end=START)
    assert measured(0, 7, baseline=earlier).facts[0].baseline is None


def test_a_window_that_the_tickets_do_not_cover_is_no_data() -> None:
    assert measured(40, 47).reason == "the tickets do not cover the window"


def test_a_span_before_that_the_tickets_cover_in_part_is_not_compared_and_the_report_says_so() -> None:
    half = measured(7, 21, baseline=Window(start=START - timedelta(days=7), end=START + timedelta(days=7)))
    assert half.facts[0].baseline is None
    assert half.notes == (
        "the tickets begin 2025-11-03, after the span before does: the rate is not compared",
    )
    calm = measured(7, 14, baseline=Window(start=START - timedelta(days=1), end=START + timedelta(days=7)))
    assert calm.facts[0].baseline is not None
    assert calm.notes == ()


def test_tickets_that_begin_in_the_window_are_said_to_be_too_few() -> None:
    assert measured(-7, 7).notes == (
        "the tickets begin 2025-11-03, after the window does: the rate may be too low",
    )
    assert measured(-1, 7).notes == ()


def test_tickets_that_end_before_the_window_does_give_no_rate() -> None:
    assert measured(21, 31).reason == "the tickets end 2025-11-30, before the span does"
    assert measured(21, 29).reason == ""
    until_now = Window(start=START, end=START + timedelta(days=35), cut_at=START + timedelta(days=29))
    assert measured(0, 35, window=until_now).reason == ""
