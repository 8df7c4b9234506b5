"""Growth, dates, uptime and alerts: C5, C8, C9, C10."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.plan_statements import Arm, Experiment
from postlaunch.reports.consistency.statements import Change, Observation
from postlaunch.reports.consistency.time_rules import days_of_months
from postlaunch.reports.consistency.time_statements import (
    AlertRule,
    Downtime,
    Firing,
    Growth,
    Lifetime,
    Observed,
    Projection,
    Retention,
    Uptime,
)
from postlaunch.reports.consistency.time_statements import Span as Spell
from postlaunch.windows import Window

Flagged = Callable[..., set[str]]
Printed = Callable[[Fraction, int], str]
Span = Callable[[int, int], Window]

DAY = 1440


# --- C5 ---------------------------------------------------------------------------------------------------


def projected(
    start: Fraction, rate: Fraction, periods: int, unit: str, end: Fraction, printed: Printed
) -> tuple:
    return (
        Growth(report="Analytics", metric="users", rate=f"{printed(rate * 100, 1)}%", per=unit),
        Projection(
            report="Trend",
            what="peak load",
            basis="users",
            start=f"{printed(start, 1)} req/s",
            end=f"{printed(end, 1)} req/s",
            horizon=periods,
            unit=unit,
        ),
    )


RATES = st.fractions(Fraction(-1, 2), Fraction(1, 2), max_denominator=1000)
STARTS = st.fractions(10, 1000, max_denominator=100)


@given(STARTS, RATES, st.integers(1, 12), st.sampled_from(["week", "month"]))
def test_c5_a_projection_by_its_own_growth_passes(
    flagged: Flagged, printed: Printed, start, rate, periods, unit
) -> None:
    assert flagged(*projected(start, rate, periods, unit, start * (1 + rate) ** periods, printed)) == set()


@given(STARTS, st.fractions(Fraction(1, 20), Fraction(1, 2), max_denominator=1000), st.integers(3, 12))
def test_c5_growth_a_week_taken_for_growth_a_month_is_flagged(
    flagged: Flagged, printed: Printed, start, rate, months
) -> None:
    growth, projection = projected(start, rate, months, "month", start * (1 + rate) ** months, printed)
    assert flagged(growth.model_copy(update={"per": "week"}), projection) == {"C5"}
    assert flagged(growth.model_copy(update={"metric": "orders", "per": "week"}), projection) == set()


@given(st.integers(1, 24))
def test_c5_months_are_as_long_as_the_calendar_makes_them(flagged: Flagged, months) -> None:
    least, most = days_of_months(months)
    assert 28 * months <= least <= most <= 31 * months
    growth = Growth(metric="users", rate="1.0%", per="week")
    for days in (least, most):
        end = 1000 * 1.01 ** (days / 7)
        projection = Projection(
            what="load", basis="users", start="1000.0 req/s", end=f"{end:.1f} req/s", horizon=months
        )
        assert flagged(growth, projection) == set()


def test_c5_the_months_of_a_quarter() -> None:
    assert days_of_months(1) == (28, 31)
    assert days_of_months(3) == (89, 92)
    assert days_of_months(12) == (365, 366)


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 2), st.integers(2, 90))
def test_c5_a_change_is_that_between_its_figures(
    flagged: Flagged, printed: Printed, before, after, decimals, off
) -> None:
    change = Fraction(after - before, before) * 100

    def stated(percent: Fraction) -> Change:
        return Change(what="Users", before=before, after=after, change=f"{printed(percent, decimals)}%")

    assert flagged(stated(change)) == set()
    assert flagged(stated(change + off)) == {"C5"}


# --- C8 ---------------------------------------------------------------------------------------------------


@given(st.integers(0, 100), st.integers(1, 100), st.sampled_from(["observation", "observed", "experiment"]))
def test_c8_what_was_seen_before_the_application_was_live_is_flagged(
    flagged: Flagged, span: Span, start, minutes, kind
) -> None:
    window = span(start, minutes)
    stated = {
        "observation": Observation(window=window, metric="users", value=5),
        "observed": Observed(window=window, what="week 1 of a trend"),
        "experiment": Experiment(window=window, what="a test", arms=(Arm(name="A", rate="5%"),)),
    }[kind]
    assert flagged(Lifetime(live_since=window.end), stated) == {"C8"}
    assert flagged(stated, Lifetime(live_since=window.start)) == set()


def test_c8_a_month_may_begin_before_the_launch_but_no_experiment(flagged: Flagged, span: Span) -> None:
    live = Lifetime(live_since=span(500, 1).start)
    assert flagged(live, Observation(window=span(0, 1000), metric="users", value=5)) == set()
    assert flagged(live, Observed(window=span(0, 1000), what="an experiment")) == {"C8"}


@given(st.integers(1, 90), st.integers(0, 180))
def test_c8_retention_needs_as_many_days_of_life(flagged: Flagged, span: Span, day, lived) -> None:
    live = span(0, 1).start
    known = Retention(day=day, value="41%", known_at=live + timedelta(days=lived))
    assert flagged(Lifetime(live_since=live), known) == (set() if lived >= day else {"C8"})


@given(st.integers(0, 500), st.integers(1, 500), st.integers(-200, 200))
def test_c8_a_spell_lasts_from_its_start_to_its_end(
    flagged: Flagged, span: Span, start, minutes, off
) -> None:
    window = span(start, minutes)
    assume(minutes + off >= 0)
    spell = Spell(
        what="INC-1", start=window.start, end=window.end, length=f"{minutes + off} min", window=span(0, 1001)
    )
    assert flagged(spell) == ({"C8"} if off else set())
    printed_to_the_minute = spell.model_copy(update={"resolution": 60})
    assert flagged(printed_to_the_minute) == ({"C8"} if abs(off) > 1 else set())


@pytest.mark.parametrize(("minutes", "rules"), [(8.99, set()), (9.0, {"C8"}), (7.0, {"C8"}), (7.01, set())])
def test_c8_two_moments_cut_to_the_minute_are_less_than_a_minute_off(
    flagged: Flagged, span: Span, minutes, rules
) -> None:
    window, length = span(10, 8), Figure.of(minutes, "minutes", f"{minutes} min")
    spell = Spell(what="INC-1", start=window.start, end=window.end, length=length, resolution=60)
    assert flagged(spell) == rules


def test_c8_steps_are_in_order_and_a_spell_in_its_window(flagged: Flagged, span: Span) -> None:
    inside, moments = span(10, 20), [span(minute, 1).start for minute in (12, 15, 29)]
    spell = Spell(what="INC-1", start=inside.start, end=inside.end, steps=moments, window=span(0, 100))
    assert flagged(spell) == set()
    assert flagged(spell.model_copy(update={"steps": tuple(moments[::-1])})) == {"C8"}
    assert flagged(spell.model_copy(update={"start": inside.end, "end": inside.start})) == {"C8"}
    assert flagged(spell.model_copy(update={"window": span(50, 100)})) == {"C8"}


# --- C9 ---------------------------------------------------------------------------------------------------


@given(st.integers(1, 100_000), st.lists(st.integers(1, 100), max_size=5), st.integers(2, 4))
def test_c9_downtime_is_what_uptime_leaves(
    flagged: Flagged, printed: Printed, span: Span, minutes, down, decimals
) -> None:
    assume(sum(down) <= minutes)
    share = Fraction(minutes - sum(down), minutes)
    uptime = Uptime(
        report="Weekly",
        window=span(0, DAY),
        value=f"{printed(share * 100, decimals)}%",
        minutes=f"{minutes} min",
        down=[f"{length} min" for length in down],
    )
    assert flagged(uptime) == set()


@given(st.integers(10_000, 100_000), st.integers(0, 100), st.integers(20, 100))
def test_c9_downtime_that_is_missing_or_too_long_is_flagged(
    flagged: Flagged, printed: Printed, span: Span, minutes, down, more
) -> None:
    share = Fraction(minutes - down - more, minutes)
    week, within = span(0, DAY), span(10, 100)
    value = f"{printed(share * 100, 3)}%"
    listed = Uptime(window=week, value=value, minutes=f"{minutes} min", down=[f"{down}.0 min"])
    assert flagged(listed) == {"C9"}
    unlisted = listed.model_copy(update={"down": None})
    longer = Downtime(window=within, what="an outage", minutes=f"{down + 2 * more} min")
    assert flagged(unlisted) == set()
    assert flagged(longer, unlisted) == {"C9"}
    assert flagged(unlisted, longer.model_copy(update={"window": span(2 * DAY, 100)})) == set()
    assert flagged(unlisted, longer.model_copy(update={"minutes": listed.down[0]})) == set()


# --- C10 --------------------------------------------------------------------------------------------------


@given(st.integers(1, 50), st.integers(-49, 50), st.integers(0, 10), st.integers(0, 10), st.booleans())
def test_c10_an_alert_fires_only_by_its_rule(
    flagged: Flagged, threshold, beyond, lasting, after, below
) -> None:
    assume(threshold + beyond > 0 and threshold - beyond > 0)
    extreme = threshold - beyond if below else threshold + beyond
    rule = AlertRule(
        name="HighErrorRate",
        threshold=f"{threshold}%",
        fires="below" if below else "above",
        lasting=f"{lasting} min",
    )
    firing = Firing(alert="HighErrorRate", extreme=f"{extreme}%", after=f"{after} min")
    impossible = beyond < 0 or after < lasting
    assert flagged(rule, firing) == ({"C10"} if impossible else set())
    assert flagged(rule, firing.model_copy(update={"alert": "another"})) == set()


@pytest.mark.parametrize(("extreme", "rules"), [("4.96%", set()), ("4.4%", {"C10"})])
def test_c10_a_threshold_as_printed_leaves_its_rounding_open(flagged: Flagged, extreme, rules) -> None:
    rule = AlertRule(name="A", threshold="5%", lasting="0 min")
    assert flagged(rule, Firing(alert="A", extreme=extreme, after="3 min")) == rules
