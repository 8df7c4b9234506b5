"""One place prints figures: rounding, units, and never a rate that looks like nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.facts import Assumed, Change, Derived, Forecast, Unavailable, Unit
from postlaunch.printing import change_text, quantity_text, value_text
from postlaunch.windows import parse_week


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0008, "ratio", "0.08%"),
        (0.38671875, "ratio", "38.67%"),
        (0.9997, "ratio", "99.97%"),
        (1.0, "ratio", "100%"),
        (0.0, "ratio", "0%"),
        (0.00000034, "ratio", "0.00003%"),
        (0.999999, "ratio", "99.9999%"),
        (101.5, "ms", "102 ms"),
        (1.25, "ms", "1.3 ms"),
        (1247890, "count", "1,247,890"),
        (1, "days", "1 day"),
        (2.5, "days", "2.5 days"),
        (500, "money", "$500"),
        (0.5, "money", "$0.50"),
        (198_000_000, "bytes", "198 MB"),
        (512 * 2**20, "bytes", "536.9 MB"),
        (999_960_000, "bytes", "1 GB"),
        (20.4, "per_second", "20.4/s"),
        (1763475300, "moment", "2025-11-18 14:15 UTC"),
        (-0.001, "number", "0"),
        (-0.2, "ms", "−0.2 ms"),
        (-1234.5, "money", "−$1,234.50"),
        (-0.05, "ratio", "−5%"),
        (-2000, "bytes", "−2 KB"),
    ],
)
def test_values_print_with_their_unit(value: float, unit: Unit, text: str) -> None:
    assert value_text(value, unit) == text


def test_a_moment_prints_in_the_zone_of_its_window() -> None:
    assert value_text(1763475300, "moment", zone="America/Los_Angeles") == "2025-11-18 06:15 PST"


@given(st.floats(min_value=1e-8, max_value=1 - 1e-8))
def test_a_ratio_between_nothing_and_all_never_prints_as_either(value: float) -> None:
    assert value_text(value, "ratio") not in ("0%", "100%")


@given(st.floats(-1e9, 1e9), st.sampled_from(["count", "ms", "days", "number", "minutes"]))
def test_there_is_no_negative_zero(value: float, unit: Unit) -> None:
    assert not re.match(r"[-−]0(\.0+)?\b(?!\.\d*[1-9])", value_text(value, unit))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (Change(kind="points", value=0.0003), "+0.03 pp"),
        (Change(kind="points", value=-0.000001), "−0.0001 pp"),
        (Change(kind="relative", value=0.16), "+16%"),
        (Change(kind="relative", value=-0.041), "−4.1%"),
        (Change(kind="new"), "new"),
        (Change(kind="none"), "no change"),
    ],
)
def test_changes_print_with_sign_and_kind(change: Change, text: str) -> None:
    assert change_text(change) == text


def test_every_kind_of_quantity_says_what_it_is() -> None:
    assumed = Assumed(value=500, unit="money", who="ana", basis="invoices")
    forecast = Forecast(
        value=280,
        low=250,
        high=320,
        level=0.9,
        unit="per_second",
        at=parse_week("2026-W01", "UTC").end,
        method="compound growth",
    )
    assert quantity_text(assumed) == "$500 (assumed)"
    assert (
        quantity_text(Derived.of("product", assumed, assumed, unit="money")) == "$250,000 (from assumptions)"
    )
    assert quantity_text(forecast) == "280/s (forecast, 250/s to 320/s at 90%)"
    assert quantity_text(Unavailable(reason="no probe")) == "not available: no probe"
