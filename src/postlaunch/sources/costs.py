"""The source "costs": what the infrastructure cost, a line a day and service."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from postlaunch.errors import UsageError
from postlaunch.facts import Frozen
from postlaunch.settings import Settings
from postlaunch.sources.columns import Aliases, CellError, number_of
from postlaunch.sources.dates import moment_of
from postlaunch.sources.record_rows import FUTURE, Cells, RowKind, naming, read_rows
from postlaunch.sources.tables import RejectedRow, read_table
from postlaunch.windows import Clock, system_clock

SOURCE = "costs"

ALIASES: Aliases = {
    "day": (
        "day", "date", "usage_date", "UsageDate", "start", "time_period_start", "TimePeriod.Start",
        "lineItem/UsageStartDate", "line_item_usage_start_date", "ChargePeriodStart", "usage_start_time",
    ),
    "service": (
        "service", "service_name", "ServiceName", "service.description", "product", "ProductName",
        "product/ProductName", "lineItem/ProductCode", "line_item_product_code", "MeterCategory", "resource",
    ),
    "amount": (
        "amount", "cost", "unblended_cost", "UnblendedCost", "lineItem/UnblendedCost",
        "line_item_unblended_cost", "EffectiveCost", "BilledCost", "CostInBillingCurrency", "PreTaxCost",
        "total",
    ),
    "quantity": (
        "quantity", "usage_quantity", "UsageQuantity", "lineItem/UsageAmount", "line_item_usage_amount",
        "ConsumedQuantity", "usage.amount", "count",
    ),
    "unit": (
        "unit", "units", "usage_unit", "pricing/unit", "pricing_unit", "ConsumedUnit", "usage.unit",
        "UnitOfMeasure",
    ),
}  # fmt: skip

SIGN = r"\s*[^\d\s.,+-]{0,3}\s*"
MONEY = re.compile(rf"^(-?){SIGN}(-?)(\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?){SIGN}$")
"""An amount with its currency's sign and with thousands set apart: "$1,204.50"."""


class CostLine(Frozen):
    """What one service cost on one day.

    Attributes:
        day: as the bill writes it, in the vendor's own zone.
        amount: money in the application's currency; a credit is negative.
        quantity, unit: what was paid for: 3 "pod".
    """

    day: date
    service: str
    amount: float
    quantity: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class CostTable:
    """The lines of one file, by day, then in the file's order; a service may have several on a day.

    Attributes:
        rejected: rows that hold no cost, with their reasons.
        notes: what a reader must know of how the file was read.
        zone: IANA name of the application's zone; days are the vendor's.
    """

    fingerprint: str
    lines: tuple[CostLine, ...]
    rejected: tuple[RejectedRow, ...] = ()
    notes: tuple[str, ...] = ()
    zone: str = "UTC"
    path: str = ""
    name: str = SOURCE


KIND = RowKind(
    source=SOURCE,
    noun="cost line",
    aliases=ALIASES,
    required=(("day",), ("service",), ("amount",)),
    example='amount = "Total USD"',
)


def open_costs(settings: Settings, clock: Clock = system_clock) -> CostTable:
    """Read the costs that the settings name.

    Args:
        clock: lines dated more than a day after it are set aside.

    Raises:
        UsageError: the settings name none.
        SourceError: the file cannot be read, or no row of it is a cost line.
    """
    source = settings.sources.costs
    if source is None:
        raise UsageError("no source of costs is configured", "add [sources.costs] to postlaunch.toml")
    table = read_table(settings.path(source.path), SOURCE)
    read = read_rows(settings, source, KIND, table, _line, clock, dates=("day",))
    return CostTable(
        fingerprint=read.fingerprint,
        lines=tuple(sorted(read.rows, key=lambda line: line.day)),
        rejected=read.rejected,
        notes=read.notes,
        zone=read.zone,
        path=str(read.table.path),
    )


def _line(cells: Cells) -> CostLine:
    service = cells.line("service", 200)
    if not service:
        raise CellError("service: it is not named")
    with naming("amount"):
        amount = _money(cells.cell("amount"))
    if amount is None:
        raise CellError("amount: there is none")
    return CostLine(
        day=_day(cells),
        service=service,
        amount=amount,
        quantity=cells.number("quantity", low=0),
        unit=cells.line("unit", 60),
    )


def _money(cell: object) -> float | None:
    if isinstance(cell, str) and (written := MONEY.match(cell.strip())):
        return float(f"{written[1] or written[2]}{written[3].replace(',', '')}")
    return number_of(cell)


def _day(cells: Cells) -> date:
    """The calendar day as written: a bill's days are the vendor's, whatever the application's zone."""
    cell = cells.cell("day")
    if isinstance(cell, str) and re.match(r"^\d{4}-\d{2}-\d{2}", cell.strip()):
        with naming("day"):
            day = _iso(cell.strip()[:10])
    elif isinstance(cell, date):
        day = cell.date() if isinstance(cell, datetime) else cell
    else:
        with naming("day"):
            moment = moment_of(cell, cells.zone, cells.orders.get("day", "unknown"))
        day = moment.astimezone(cells.zone).date()
    if day > cells.latest.date():
        raise CellError(FUTURE)
    return day


def _iso(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CellError(f'"{text}" is not a date; write 2025-11-18') from None
