"""A figure as a report states it: its text, its value in base units, and how finely it was printed."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import BeforeValidator

from postlaunch.facts import Frozen, Measured, Quantity, Unavailable, Unit
from postlaunch.printing import quantity_text
from postlaunch.reports.consistency.intervals import Interval

FLOAT_NOISE = Fraction(1, 2**30)
"""Relative error that a figure computed in doubles may carry: that of 1 − 0.99999, and far below any print.
"""

PRINTED = re.compile(
    r"^(?P<about>~|≈|about )?\s*(?P<sign>[+−-]?)\s*(?P<currency>[$€£]?)"
    r"(?P<digits>\d[\d,]*(?:\.\d+)?)\s*(?P<scale>(?:[KM](?!B))?)\s*(?P<unit>\D*)$"
)
SCALES = {"": 1, "K": 1_000, "M": 1_000_000}
UNITS: dict[str, tuple[Unit, Fraction]] = {
    "%": ("ratio", Fraction(1, 100)),
    "pp": ("points", Fraction(1, 100)),
    "ms": ("ms", Fraction(1)),
    "s": ("ms", Fraction(1000)),
    "min": ("minutes", Fraction(1)),
    "minutes": ("minutes", Fraction(1)),
    "h": ("hours", Fraction(1)),
    "hours": ("hours", Fraction(1)),
    "day": ("days", Fraction(1)),
    "days": ("days", Fraction(1)),
    "/s": ("per_second", Fraction(1)),
    "req/s": ("per_second", Fraction(1)),
    "B": ("bytes", Fraction(1)),
    "KB": ("bytes", Fraction(1000)),
    "MB": ("bytes", Fraction(1000**2)),
    "GB": ("bytes", Fraction(1000**3)),
}
"""How a unit is printed → the unit, and what one of it is in base units."""


class Figure(Frozen):
    """One figure as stated.

    Attributes:
        text: as the report prints it.
        value: in base units (a ratio is 0.38, not 38).
        step: the place value of the last digit printed, in base units; 0 where the value itself is known.
        fact: the fact, and which of its two figures, where this was measured; empty where it was typed,
            reckoned or read from a print.
    """

    text: str
    value: Fraction
    unit: Unit
    step: Fraction = Fraction(0)
    fact: str = ""

    @property
    def interval(self) -> Interval:
        """Every value that it may stand for."""
        if self.step or self.value.denominator == 1:
            return Interval.rounded(self.value, self.step)
        noise = abs(self.value) * FLOAT_NOISE
        return Interval(self.value - noise, self.value + noise)

    def __str__(self) -> str:
        return self.text

    @classmethod
    def of(cls, value: float, unit: Unit, text: str) -> Figure:
        """A figure whose value is known, not only its print."""
        if not math.isfinite(value):
            raise ValueError(f"{value} is no figure")
        return cls(text=text, value=Fraction(Decimal(repr(value))), unit=unit)

    @classmethod
    def stated(cls, quantity: Quantity, *, zone: str = "UTC", currency: str = "$") -> Figure | None:
        """The figure that a quantity of a report prints; None where there is none."""
        if isinstance(quantity, Unavailable):
            return None
        figure = cls.of(quantity.value, quantity.unit, quantity_text(quantity, zone=zone, currency=currency))
        if isinstance(quantity, Measured):
            return figure.model_copy(update={"fact": f"{quantity.fact} {quantity.part}"})
        return figure

    @classmethod
    def printed(cls, text: str) -> Figure:
        """A figure read from its print: "38%", "102ms", "~150", "50K", "$120", "1,247,890", "180 req/s".

        A whole number without a unit is a count, and whole days of work are as declared: both exact, unless
        scaled ("50K") or marked "~". What is marked "~" is as fine as its last digit that is not 0.

        Raises:
            ValueError: the text is no figure.
        """
        match = PRINTED.match(text.strip())
        if match is None:
            raise ValueError(f'"{text}" is no figure')
        unit, base = _unit(match["unit"].strip(), match["currency"], match["digits"])
        number = Decimal(match["digits"].replace(",", ""))
        place = Fraction(Decimal(1).scaleb(int(number.as_tuple().exponent)))
        if match["about"]:
            place = _last_digit(number)
        size = base * SCALES[match["scale"]]
        exact = unit in ("count", "days") and place == 1 and not match["scale"] and not match["about"]
        sign = -1 if match["sign"] in ("-", "−") else 1
        step = Fraction(0) if exact else place * size
        return cls(text=text, value=sign * Fraction(number) * size, unit=unit, step=step)


def _unit(name: str, currency: str, digits: str) -> tuple[Unit, Fraction]:
    if currency:
        return "money", Fraction(1)
    if not name:
        return ("number" if "." in digits else "count"), Fraction(1)
    if name not in UNITS:
        raise ValueError(f'"{name}" is no unit of a figure: one of {", ".join(UNITS)}')
    return UNITS[name]


def _last_digit(number: Decimal) -> Fraction:
    """The place value of the last digit that is not zero: 10 for 150."""
    return Fraction(Decimal(1).scaleb(int(number.normalize().as_tuple().exponent)))


def _read(value: object) -> object:
    if isinstance(value, int):
        return Figure.printed(str(value))
    return Figure.printed(value) if isinstance(value, str) else value


Stated = Annotated[Figure, BeforeValidator(_read)]
"""A figure; where it is written as text, it is read as printed."""
