"""What the Markdown and HTML renderers share: the templates, and a report's figures as text.

A kind of report is rendered by the templates named after it: `templates/<kind>.md.j2` and
`templates/<kind>.html.j2`. They print figures only through a `Page`, so that the same figure reads the same
in every format.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

import jinja2

from postlaunch.facts import (
    Assumed,
    Change,
    Derived,
    Evidence,
    Fact,
    Forecast,
    Measured,
    Measurement,
    Unavailable,
)
from postlaunch.printing import change_text, fact_text, quantity_text, rounded, value_text, window_text
from postlaunch.reports.health import MetricRow, RowStatus
from postlaunch.windows import Window

AnyQuantity = Measured | Derived | Assumed | Forecast | Unavailable

STATUS_MARKS = {
    "ok": "✅ ok",
    "warning": "⚠️ warning",
    "missed": "❌ missed",
    "not available": "– not available",
}
GRADE_MARKS = {
    "EXCELLENT": "✅ EXCELLENT",
    "GOOD": "✅ GOOD",
    "NEEDS ATTENTION": "⚠️ NEEDS ATTENTION",
    "POOR": "❌ POOR",
    "NOT GRADED": "– NOT GRADED",
}


class Rendered(Protocol):
    """What a report must have to be rendered; the rest is between it and its templates."""

    @property
    def kind(self) -> str:
        """Names its templates."""
        ...

    @property
    def currency(self) -> str:
        """The sign that money is printed with."""
        ...

    @property
    def window(self) -> Window | None:
        """The span reported on; its zone is the one that moments are printed in."""
        ...

    @property
    def evidence(self) -> Evidence:
        """Every fact cited."""
        ...


class Page:
    """A report's figures as its templates print them. Facts are numbered E1 … En in evidence order."""

    def __init__(self, report: Rendered) -> None:
        self._facts = report.evidence.facts
        self._evidence = report.evidence
        self._currency = report.currency
        self._zone = report.window.zone if report.window else "UTC"
        self._refs = {identity: f"E{place}" for place, identity in enumerate(self._facts, 1)}

    def figure(self, quantity: AnyQuantity) -> str:
        """A quantity with its unit, and the mark of its kind where it is no measurement."""
        return quantity_text(quantity, zone=self._zone, currency=self._currency)

    def bare(self, quantity: AnyQuantity) -> str:
        """A quantity without that mark, for where the sentence itself names what it leans on."""
        if isinstance(quantity, Unavailable):
            return self.figure(quantity)
        return value_text(quantity.value, quantity.unit, zone=self._zone, currency=self._currency)

    def counted(self, quantity: AnyQuantity, noun: str) -> str:
        """A count with what is counted: "142 requests", "1 request"."""
        if isinstance(quantity, Unavailable):
            return f"{noun}s {self.figure(quantity)}"
        return f"{self.figure(quantity)} {noun if quantity.value == 1 else f'{noun}s'}"

    def change(self, row: MetricRow) -> str:
        """How a row moved: percentage points for rates, milliseconds for times, relative for the rest."""
        return self.moved(row.last, row.this, row.change)

    def moved(self, before: AnyQuantity, after: AnyQuantity, change: Change | None) -> str:
        """How a figure moved from one to another, by the same rule; a dash where one of them is missing."""
        if change is None or isinstance(before, Unavailable) or isinstance(after, Unavailable):
            return "–"
        if after.unit == "ms" and change.kind == "relative":
            moved = after.value - before.value
            # A decimal more under 10 ms, as for every time, and where 85 ms − 75 ms would read +11 ms.
            whole = rounded(after.value, 0) - rounded(before.value, 0) == rounded(moved, 0)
            decimals = 0 if whole and abs(moved) >= 10 else 1
            if rounded(moved, decimals) == 0:  # a difference in what is never printed
                return "no change"
            size = f"{abs(rounded(moved, decimals)):,}".removesuffix(".0")
            return f"{'+' if moved > 0 else '−'}{size} ms ({change_text(change)})"
        return change_text(change)

    def status(self, row: MetricRow) -> str:
        """A row's status as mark and word; a figure with neither target nor baseline is not rated."""
        if row.status == "not available" and not isinstance(row.this, Unavailable):
            return "– not rated"
        return STATUS_MARKS[row.status]

    def mark(self, status: RowStatus) -> str:
        """A status as mark and word."""
        return STATUS_MARKS[status]

    def signed(self, quantity: AnyQuantity) -> str:
        """A difference with its sign: "+2.7 pp", "−5.1"."""
        if isinstance(quantity, Unavailable):
            return self.figure(quantity)
        sign = "−" if quantity.value < 0 else "+" if quantity.value > 0 else ""
        return f"{sign}{self.figure(quantity.model_copy(update={'value': abs(quantity.value)}))}"

    def share(self, value: float) -> str:
        """A share that is no measurement, such as an intended one: "50%"."""
        return value_text(value, "ratio")

    def dates(self, first: date, last: date) -> str:
        """Days, the last one included: "Nov 1–15, 2025"."""
        start, end = (datetime.combine(day, time(12), UTC) for day in (first, last))
        return Window(start=start, end=end + timedelta(microseconds=1)).days()

    def ref(self, fact: str) -> str:
        """The number of a fact in the appendix."""
        return self._refs[fact]

    def refs(self, facts: Sequence[str]) -> str:
        """The numbers of several facts: "E3, E5"."""
        return ", ".join(self._refs[fact] for fact in facts)

    def source(self, quantity: AnyQuantity) -> Fact | None:
        """The fact behind a measured quantity; of a derived one, the first that it was computed from."""
        if isinstance(quantity, Measured):
            return self._facts[quantity.fact]
        if isinstance(quantity, Derived):
            return next(filter(None, map(self.source, quantity.inputs)), None)
        return None

    def meaning(self, quantity: AnyQuantity) -> str:
        """One line on what a figure is and what it stands on."""
        fact = self.source(quantity)
        if isinstance(quantity, Derived):
            return f"derived: {quantity.statement or quantity.formula}"
        if fact is not None:
            parts = [fact.definition.statement, f"n = {fact.n:,}", fact.note]
            return " · ".join(part for part in parts if part)
        if isinstance(quantity, Assumed):
            return f"assumed by {quantity.who}: {quantity.basis}"
        if isinstance(quantity, Forecast):
            return f"forecast by {quantity.method}"
        return ""

    def fact_value(self, fact: Fact) -> str:
        """A fact's value as printed everywhere."""
        return fact_text(fact, currency=self._currency)

    def fact_baseline(self, fact: Fact) -> str:
        """What a fact was compared with, as printed; a dash where it was not."""
        if fact.baseline is None:
            return "–"
        return value_text(fact.baseline, fact.unit, zone=fact.window.zone, currency=self._currency)

    def evidence(self) -> tuple[tuple[Measurement, tuple[Fact, ...]], ...]:
        """The facts under the measurements that gave them."""
        facts = self._facts.values()
        return tuple(
            (measurement, tuple(fact for fact in facts if fact.measurement == measurement))
            for measurement in self._evidence.measurements()
        )

    def parameters(self, measurement: Measurement) -> str:
        """A measurement's parameters, exactly: with them and its name it can be run again."""
        return json.dumps(measurement.parameters, ensure_ascii=False, sort_keys=True)

    def days(self, number: float) -> str:
        """Days of work: "1 day", "2.5 days"."""
        return value_text(number, "days")

    def money(self, amount: float) -> str:
        """An amount in the settings' currency."""
        return value_text(amount, "money", currency=self._currency)

    def span(self, window: Window) -> str:
        """A window for a person."""
        return window_text(window)

    def at(self, moment: datetime) -> str:
        """A moment on the application's clock."""
        return value_text(moment.timestamp(), "moment", zone=self._zone)


def templates(**options: object) -> jinja2.Environment:
    """An environment over the package's templates; an undefined name is an error, never an empty place."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("postlaunch.reports", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        **options,  # type: ignore[arg-type]
    )
