"""Costs as bills and their exports write them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest


def line(**other: Any) -> dict[str, Any]:
    return {"day": "2025-11-18", "service": "compute", "amount": 4, **other}


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("day,service,amount,quantity,unit", "2025-11-18,compute,4.0,3,pod"),
        (
            "identity/LineItemId,lineItem/UsageStartDate,lineItem/ProductCode,lineItem/UnblendedCost,"
            "lineItem/UsageAmount,pricing/unit",
            "x,2025-11-18T00:00:00Z,compute,4.0,3,pod",
        ),
        (
            "BilledCost,ChargePeriodStart,ConsumedQuantity,ConsumedUnit,ServiceName",
            "4.0,2025-11-18T00:00:00Z,3,pod,compute",
        ),
        ("UsageDate,MeterCategory,PreTaxCost,Quantity,UnitOfMeasure", "11/18/2025,compute,4.0,3,pod"),
    ],
)
def test_a_line_is_found_under_the_names_of_bills(open_table, header: str, row: str) -> None:
    (found,) = open_table("costs", f"{header}\n{row}\n").lines
    assert found.model_dump() == {
        "day": date(2025, 11, 18),
        "service": "compute",
        "amount": 4.0,
        "quantity": 3.0,
        "unit": "pod",
    }


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("$1,204.50", 1204.5),
        ("4.10 €", 4.1),
        ("USD 12", 12),
        ("-3.5", -3.5),
        ("-$3.50", -3.5),
        ("1e-3", 0.001),
        (0, 0),
    ],
)
def test_an_amount_may_bear_its_currency_and_may_be_a_credit(open_table, written, amount: float) -> None:
    assert open_table("costs", [line(amount=written)]).lines[0].amount == amount


@pytest.mark.parametrize("written", ["2025-11-18", "2025-11-18T00:00:00Z", "2025-11-18 23:59:59-08:00"])
def test_the_day_is_the_one_that_the_bill_writes_in_any_zone(open_table, written: str) -> None:
    table = open_table("costs", [line(day=written)], zone="America/Los_Angeles")
    assert table.lines[0].day == date(2025, 11, 18)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"amount": ""}, "amount: there is none"),
        ({"amount": "a lot"}, 'amount: "a lot" is not a number'),
        ({"amount": "1.204,50"}, "amount: "),
        ({"service": " "}, "service: it is not named"),
        ({"day": "2025-02-30"}, 'day: "2025-02-30" is not a date'),
        ({"day": ""}, "day: no date"),
        ({"quantity": -1}, 'quantity: "-1" is less than 0'),
    ],
)
def test_a_row_that_is_no_cost_line_says_why(open_table, other: dict[str, Any], reason: str) -> None:
    table = open_table("costs", [line(), line(**other)])
    assert len(table.lines) == 1
    assert table.rejected[0].reason.startswith(reason)


def test_lines_stand_by_day_and_a_service_may_have_several(open_table) -> None:
    table = open_table("costs", [line(amount=1), line(day="2025-11-17", amount=2), line(amount=3)])
    assert [found.amount for found in table.lines] == [2, 1, 3]
