"""Facts and quantities: what they refuse to state."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from postlaunch.facts import (
    Assumed,
    Definition,
    Derived,
    Evidence,
    Fact,
    Forecast,
    Measured,
    Measurement,
    Quantity,
    Unavailable,
    Unit,
    change_between,
    measured_in,
)
from postlaunch.windows import Window

WEEK = Window(start=datetime(2025, 11, 17, tzinfo=UTC), end=datetime(2025, 11, 24, tzinfo=UTC))
ERROR_RATE = Definition(
    name="error_rate", title="Error Rate", statement="5xx ÷ all requests", unit="ratio", better="lower"
)
SUMMARY = Measurement(name="request_summary", parameters={"a": 1}, source="requests", fingerprint="f")


def fact(value: float, baseline: float | None = None) -> Fact:
    return Fact(
        name="error_rate",
        value=value,
        unit="ratio",
        window=WEEK,
        definition=ERROR_RATE,
        measurement=SUMMARY,
        n=1000,
        baseline=baseline,
    )


def test_the_id_of_a_fact_follows_everything_it_states() -> None:
    assert fact(0.01).id == fact(0.01).id
    assert len({fact(0.01).id, fact(0.02).id, fact(0.01, 0.01).id}) == 3


def test_a_changed_copy_of_a_fact_has_an_id_of_its_own() -> None:
    first = fact(1.0)
    first_id = first.id
    changed = first.model_copy(update={"value": 2.0})
    assert changed.id == fact(2.0).id != first_id
    assert first.model_copy().id == first_id
    assert first == fact(1.0), "what was worked out is no part of a value"


def test_a_measurement_is_the_same_whatever_the_order_of_its_parameters() -> None:
    one = Measurement(name="m", parameters={"a": 1, "b": 2}, source="s", fingerprint="f")
    other = Measurement(name="m", parameters={"b": 2, "a": 1}, source="s", fingerprint="f")
    assert one.id == other.id


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_fact_is_finite(value: float) -> None:
    with pytest.raises(ValidationError):
        fact(value)


@pytest.mark.parametrize(
    ("before", "after", "unit", "kind", "value"),
    [
        (0.9995, 0.9997, "ratio", "points", 0.0002),
        (0.0005, 0.0008, "ratio", "points", 0.0003),
        (100.0, 116.0, "count", "relative", 0.16),
        (0.0, 5.0, "count", "new", 0.0),
        (5.0, 5.0, "count", "none", 0.0),
        (5.0, 0.0, "count", "relative", -1.0),
    ],
)
def test_change_follows_the_house_rule(
    before: float, after: float, unit: Unit, kind: str, value: float
) -> None:
    change = change_between(before, after, unit)
    assert (change.kind, change.value) == (kind, pytest.approx(value))


def test_evidence_refuses_a_fact_that_was_changed() -> None:
    body = Evidence.of(fact(0.01)).model_dump(mode="json")
    [key] = body["facts"]
    body["facts"][key]["value"] = 0.001
    with pytest.raises(ValidationError, match="it was changed"):
        Evidence.model_validate(body)


def test_a_derived_quantity_refuses_a_value_that_does_not_follow() -> None:
    body = Derived.of("sum", Measured.of(fact(0.5)), Measured.of(fact(0.25)), unit="ratio").model_dump()
    body["value"] = 0.8
    with pytest.raises(ValidationError, match="sum of the inputs"):
        Derived.model_validate(body)


def test_a_forecast_lies_inside_its_interval() -> None:
    with pytest.raises(ValidationError, match="inside its interval"):
        Forecast(value=5, low=6, high=7, level=0.9, unit="count", at=WEEK.end, method="m")


@pytest.mark.parametrize(
    "quantity",
    [
        Measured.of(fact(0.5)),
        Assumed(value=3, unit="days", who="ana", basis="experience"),
        Derived.of("ratio", Measured.of(fact(0.5)), Measured.of(fact(0.25)), unit="number"),
        Forecast(value=5, low=4, high=7, level=0.9, unit="count", at=WEEK.end, method="m"),
        Unavailable(reason="no probe"),
    ],
)
def test_every_kind_of_quantity_survives_json(quantity: Quantity) -> None:
    adapter: TypeAdapter[Quantity] = TypeAdapter(Quantity)
    assert adapter.validate_json(adapter.dump_json(quantity)) == quantity


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8))
def test_derived_sums_recompute_from_json(values: list[float]) -> None:
    inputs = [Assumed(value=value, unit="number", who="w", basis="b") for value in values]
    derived = Derived.of("sum", *inputs, unit="number")
    assert Derived.model_validate_json(derived.model_dump_json()).value == pytest.approx(math.fsum(values))


def test_measured_figures_are_found_however_deep() -> None:
    inner = Measured.of(fact(0.25))
    derived = Derived.of("sum", Measured.of(fact(0.5)), inner, unit="ratio")
    assert [item.value for item in measured_in(derived)] == [0.5, 0.25]
