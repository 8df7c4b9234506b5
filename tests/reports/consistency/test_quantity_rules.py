"""One quantity stated more than once: C2, C6, C7, C13, C14."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from postlaunch.facts import Measured
from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.plan_statements import Attempts
from postlaunch.reports.consistency.statements import Observation
from postlaunch.windows import Window

Flagged = Callable[..., set[str]]
Printed = Callable[[Fraction, int], str]
Span = Callable[[int, int], Window]

COUNTS = st.integers(1, 10**6)
OF = st.sampled_from([{}, {"endpoint": "GET /users"}, {"status": "500", "region": "eu"}])


def peak(rate: str, window: Window | None, of: dict[str, str] | None = None) -> Observation:
    return Observation(
        report="Trend",
        window=window,
        metric="requests",
        statistic="peak",
        per="second",
        value=rate,
        of=of or {},
    )


def total(number: int, window: Window, of: dict[str, str] | None = None) -> Observation:
    return Observation(report="Incident", window=window, metric="requests", value=number, of=of or {})


# --- C2 ---------------------------------------------------------------------------------------------------


@given(st.integers(1, 10_000), st.integers(0, 50), st.integers(1, 50), OF)
def test_c2_what_the_peak_can_hold_passes_and_one_more_is_flagged(
    flagged: Flagged, span: Span, rate, start, minutes, of
) -> None:
    window = span(start, minutes)
    stated = peak(f"{rate} req/s", span(0, 100))
    most = (2 * rate + 1) * 30 * minutes  # the rate may be rounded down from almost half a request more
    assert flagged(stated, total(most - 1, window, of)) == set()
    assert flagged(stated, total(most, window, of)) == {"C2"}


@given(st.integers(1, 10_000))
def test_c2_what_is_not_all_under_the_peak_is_not_compared(flagged: Flagged, span: Span, rate) -> None:
    stated = peak(f"{rate} req/s", span(0, 100), {"pod": "web-1"})
    assert flagged(stated, total(10**9, span(0, 8))) == set()
    assert flagged(stated, total(10**9, span(90, 20), {"pod": "web-1"})) == set()


def test_c2_a_span_that_cuts_minutes_touches_them_all(flagged: Flagged, span: Span) -> None:
    minute = span(10, 1)
    across = Window(start=minute.start.replace(second=30), end=minute.end.replace(second=30))
    assert flagged(peak("10.00 req/s", span(0, 100)), total(1_150, across)) == set()
    assert flagged(peak("10.00 req/s", span(0, 100)), total(1_150, minute)) == {"C2"}


@given(st.integers(1, 1000), st.integers(1, 1000))
def test_c2_a_mean_above_the_peak_is_flagged(flagged: Flagged, span: Span, one, other) -> None:
    low, high = sorted((one, other))
    assume(low < high)

    def mean(rate: int) -> Observation:
        return Observation(
            window=span(0, 100), metric="requests", statistic="mean", per="second", value=f"{rate} req/s"
        )

    assert flagged(peak(f"{low} req/s", span(0, 100)), mean(high)) == {"C2"}
    assert flagged(peak(f"{high} req/s", span(0, 100)), mean(low)) == set()


# --- C6 ---------------------------------------------------------------------------------------------------


@given(COUNTS, COUNTS, OF, st.sampled_from(["total_users", "pods", "cost"]), st.booleans())
def test_c6_two_values_for_one_quantity_are_flagged(
    flagged: Flagged, span: Span, value, more, of, metric, present
) -> None:
    week = span(0, 10_080)
    one = Observation(report="A", window=week, metric=metric, value=value, of=of)
    other = Observation(
        report="B", window=None if present else week, metric=metric, value=value + more, of=of
    )
    assert flagged(one, other) == {"C6"}
    assert flagged(one, one.model_copy(update={"report": "B"})) == set()
    assert flagged(one, other.model_copy(update={"window": span(20_000, 10_080)})) == set()
    counted = one.model_copy(update={"counted_from": "as it stood"})
    assert flagged(counted, other) == {"C6"}
    assert flagged(counted, other.model_copy(update={"counted_from": "as it stood"})) == {"C6"}
    assert flagged(counted, other.model_copy(update={"counted_from": "as decided since"})) == set()


@given(st.integers(1_000, 10**6))
def test_c6_a_value_and_its_rounding_agree(flagged: Flagged, printed: Printed, span: Span, value) -> None:
    week = span(0, 10_080)
    scaled = f"{printed(Fraction(value, 1000), 0)}K"
    exact = Observation(report="A", window=week, metric="users", value=f"{value:,}")
    rounded = Observation(report="B", window=week, metric="users", value=scaled)
    off = Observation(report="B", window=week, metric="users", value=f"{int(scaled[:-1]) + 2}K")
    assert flagged(exact, rounded) == set()
    assert flagged(exact, off) == {"C6"}


# --- C7 ---------------------------------------------------------------------------------------------------


def daily(rate: str, window: Window | None) -> Observation:
    return Observation(
        report="Trend", window=window, metric="requests", statistic="mean", per="day", value=rate
    )


@given(st.integers(7, 10**7), st.booleans(), st.integers(2, 1000))
def test_c7_a_rate_is_its_total_over_the_days(
    flagged: Flagged, printed: Printed, span: Span, week_total, present, off
) -> None:
    week = span(0, 7 * 1440)
    rate = Fraction(week_total, 7)
    stated = total(week_total, week)
    honest = daily(f"{printed(rate, 1)}", None if present else week)
    honest = honest.model_copy(update={"value": honest.value.model_copy(update={"unit": "count"})})
    wrong = honest.value.model_copy(update={"value": honest.value.value + off})
    assert flagged(stated, honest) == set()
    assert flagged(stated, honest.model_copy(update={"value": wrong})) == {"C7"}


@given(st.integers(1, 10**5), st.integers(1, 1000))
def test_c7_a_week_cannot_hold_more_than_the_rate_gives_its_month(
    flagged: Flagged, span: Span, rate, over
) -> None:
    month, week = span(0, 30 * 1440), span(0, 7 * 1440)
    assert flagged(daily(f"{rate}", month), total(30 * rate + over, week)) == {"C7"}
    assert flagged(daily(f"{rate}", month), total(30 * rate, week)) == set()


def test_c7_a_day_of_the_calendar_may_have_23_hours(flagged: Flagged) -> None:
    week = Window(start="2026-03-02T08:00Z", end="2026-03-09T07:00Z", zone="America/Los_Angeles")
    assert week.hours == 167
    assert flagged(daily("100", week), total(700, week)) == set()


# --- C13 --------------------------------------------------------------------------------------------------


def people(
    number: int | Figure | None, days: int, window: Window | None, statistic: str = "total"
) -> Observation:
    return Observation(
        report=f"Report {days}",
        window=window,
        metric="active_users",
        value=f"{number:,}" if isinstance(number, int) else number,
        trailing_days=days,
        statistic=statistic,
    )


@given(st.integers(1, 10**6), st.sampled_from([(1, 7), (1, 30), (7, 30)]), st.booleans())
def test_c13_one_number_for_two_populations_is_flagged(
    flagged: Flagged, span: Span, number, days, swapped
) -> None:
    shorter = people(number, days[0], span(0, 40_000), "mean")
    longer = people(number, days[1], span(0, 10_080))
    assert flagged(*((longer, shorter) if swapped else (shorter, longer))) == {"C13"}
    always = Observation(metric="stickiness", value="100%")
    assert flagged(shorter, longer, always) == set()


def measured(fact: str, number: int) -> Figure | None:
    return Figure.stated(Measured(fact=fact, value=number, unit="count"))


@pytest.mark.parametrize(
    ("day", "week", "rules"),
    [
        (measured("Fday", 4), measured("Fweek", 4), set()),
        (measured("Fweek", 4), measured("Fweek", 4), {"C13"}),
        (4, measured("Fweek", 4), {"C13"}),
        (measured("Fday", 5), measured("Fweek", 4), {"C13"}),
    ],
)
def test_c13_regulars_who_come_every_day_are_as_many_in_a_week_where_both_were_measured(
    flagged: Flagged, span: Span, day, week, rules
) -> None:
    """Not where one fact has both names, where a figure was typed, or where the week has fewer."""
    window = span(0, 10_080)
    assert flagged(people(day, 1, window, "mean"), people(week, 7, window)) == rules


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.sampled_from([(1, 7), (1, 30), (7, 30)]))
def test_c13_fewer_in_the_longer_time_are_flagged_and_more_pass(
    flagged: Flagged, span: Span, number, more, days
) -> None:
    day, month = span(1440, 1440), span(0, 43_200)
    assert flagged(people(number + more, days[0], day), people(number, days[1], month)) == {"C13"}
    assert flagged(people(number, days[0], day), people(number + more, days[1], month)) == set()
    apart = people(number, days[1], span(90_000, 1440))
    assert flagged(people(number + more, days[0], None), people(number, days[1], None)) == {"C13"}
    assert flagged(people(number, days[0], day), apart) == set()
    quiet = people(number, days[1], day)
    assert flagged(people(number, days[0], month), people(number + more, days[1], day)) == set()
    assert flagged(people(number + more, days[0], month, "mean"), quiet) == set()


@pytest.mark.parametrize(
    ("definitions", "rules"), [(("by day", "by week"), {"C13"}), (("by week",) * 2, set())]
)
def test_c13_one_title_has_one_definition(flagged: Flagged, definitions, rules) -> None:
    one, other = (
        Observation(report=text, metric=text, value=4_523, title="Active Users", definition=text)
        for text in definitions
    )
    assert flagged(one, other) == rules


# --- C14 --------------------------------------------------------------------------------------------------


@given(COUNTS, st.integers(0, 10**6), st.integers(1, 10**6), st.sampled_from(["Sign-ups", "Payments"]))
def test_c14_tries_that_neither_succeeded_nor_failed_are_flagged(
    flagged: Flagged, successes, failures, unexplained, what
) -> None:
    def attempts(tries: int) -> Attempts:
        return Attempts(what=what, tries=tries, successes=f"{successes:,}", failures=failures)

    assert flagged(attempts(successes + failures + unexplained)) == {"C14"}
    assert flagged(attempts(successes + failures)) == set()
    assert flagged(attempts(successes - 1)) == {"C14"}
