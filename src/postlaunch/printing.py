"""How a figure is printed: one place, one rounding policy.

Rounding is half up on the decimal value (38.67 % prints 38.7 %, never 38 %). A ratio that is not zero never
prints as 0 %, and one that is not whole never as 100 %: decimals are added until it shows. Bytes are in
powers of ten, as they are read: an MB is a million of them, and the 512Mi of a container are 536.9 MB.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from postlaunch.facts import (
    Assumed,
    Change,
    Derived,
    Fact,
    Forecast,
    Measured,
    Unavailable,
    Unit,
)
from postlaunch.windows import Window, zone_named

MINUS = "−"
"""Before every negative figure, in sentences as in tables."""


def rounded(value: float, decimals: int) -> Decimal:
    """Half up, on the shortest decimal that means this float."""
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _grouped(value: float, decimals: int) -> str:
    number = rounded(value, decimals)
    sign = MINUS if number < 0 else ""
    return f"{sign}{abs(number):,}"


def _trimmed(value: float, decimals: int) -> str:
    text = _grouped(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _ratio(value: float) -> str:
    percent = value * 100
    decimals = 2
    while decimals < 6 and (
        (percent != 0 and rounded(percent, decimals) == 0)
        or (percent != 100 and abs(rounded(percent, decimals)) == 100)
    ):
        decimals += 1
    return f"{_trimmed(percent, decimals)}%"


def _moment(value: float, zone: str) -> str:
    when = datetime.fromtimestamp(value, UTC).astimezone(zone_named(zone))
    return f"{when:%Y-%m-%d %H:%M} {when.tzname()}"


def _bytes(value: float) -> str:
    size = abs(value)
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if rounded(size, 1) < 1000 or unit == "TB":
            return f"{_trimmed(math.copysign(size, value), 0 if unit == 'B' else 1)} {unit}"
        size /= 1000
    raise AssertionError("unreachable")


def _money(value: float, currency: str) -> str:
    text = _grouped(value, 0) if value == int(value) else _grouped(value, 2)
    sign = MINUS if text.startswith(MINUS) else ""
    return f"{sign}{currency}{text.removeprefix(MINUS)}"


def value_text(value: float, unit: Unit, *, zone: str = "UTC", currency: str = "$") -> str:
    """A value with its unit: "0.08%", "102 ms", "1,247,890", "2025-11-18 14:15 PST"."""
    match unit:
        case "ratio":
            return _ratio(value)
        case "points":
            return f"{_trimmed(value * 100, 2)} pp"
        case "count":
            return _grouped(value, 0)
        case "ms":
            return f"{_grouped(value, 0) if abs(value) >= 10 else _trimmed(value, 1)} ms"
        case "minutes":
            return f"{_trimmed(value, 1)} min"
        case "hours":
            return f"{_trimmed(value, 1)} h"
        case "days":
            return f"{_trimmed(value, 2)} {'day' if value == 1 else 'days'}"
        case "per_second":
            return f"{_trimmed(value, 2)}/s"
        case "bytes":
            return _bytes(value)
        case "money":
            return _money(value, currency)
        case "number":
            return _trimmed(value, 2)
        case "probability":
            return _trimmed(value, 3) if value == 0 or value >= 0.001 else f"{value:.1e}"
        case "moment":
            return _moment(value, zone)


def change_text(change: Change) -> str:
    """A change as a table prints it: "+0.03 pp", "+16%", "new", "no change"."""
    if change.kind == "none":
        return "no change"
    if change.kind == "new":
        return "new"
    sign = "+" if change.value > 0 else MINUS
    size = abs(change.value) * 100
    if change.kind == "points":
        decimals = 2
        while decimals < 6 and rounded(size, decimals) == 0:
            decimals += 1
        return f"{sign}{_trimmed(size, decimals)} pp"
    decimals = 0 if size >= 10 else 1
    while decimals < 6 and rounded(size, decimals) == 0:
        decimals += 1
    return f"{sign}{_trimmed(size, decimals)}%"


def fact_text(fact: Fact, *, currency: str = "$") -> str:
    """A fact's value as printed everywhere; its note, where it bounds the value, stands behind it."""
    return value_text(fact.value, fact.unit, zone=fact.window.zone, currency=currency)


def quantity_text(
    quantity: Measured | Derived | Assumed | Forecast | Unavailable, *, zone: str = "UTC", currency: str = "$"
) -> str:
    """A quantity with the mark of its kind, so that an expectation never looks like a measurement."""
    if isinstance(quantity, Unavailable):
        return f"not available: {quantity.reason}"
    text = value_text(quantity.value, quantity.unit, zone=zone, currency=currency)
    if isinstance(quantity, Assumed):
        return f"{text} (assumed)"
    if isinstance(quantity, Forecast):
        low = value_text(quantity.low, quantity.unit, zone=zone, currency=currency)
        high = value_text(quantity.high, quantity.unit, zone=zone, currency=currency)
        return f"{text} (forecast, {low} to {high} at {value_text(quantity.level, 'ratio')})"
    if isinstance(quantity, Derived) and _leans_on_assumption(quantity):
        return f"{text} (from assumptions)"
    return text


def _leans_on_assumption(quantity: Derived) -> bool:
    return any(
        isinstance(item, Assumed) or (isinstance(item, Derived) and _leans_on_assumption(item))
        for item in quantity.inputs
    )


def window_text(window: Window) -> str:
    """A window for a person: "2025-W47 (Nov 17–23, 2025, UTC)", with "partial" where it is."""
    days = f"{window.days()}, {window.zone}"
    text = f"{window.label} ({days})" if window.label else days
    return f"{text}, partial" if window.partial else text
