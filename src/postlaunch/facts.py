"""What a measurement is, what it found, and the five kinds of quantity a report may print.

A `Measurement` names a registered query, its validated parameters and the fingerprint of the source it
read. One run of it yields `Fact`s. A `Quantity` is what a report prints: a fact (`Measured`), arithmetic on
facts (`Derived`), a person's statement (`Assumed`), a projection (`Forecast`), or the reason why there is
none (`Unavailable`). Values are kept in base units (a ratio is 0.0008, not 0.08 %) and printed by
`postlaunch.printing`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from postlaunch.windows import Moment, Window

Unit = Literal[
    "ratio",  # 0..1, printed as a percentage
    "points",  # a difference of two ratios, printed in percentage points
    "count",  # whole things: requests, users, tickets
    "ms",  # milliseconds
    "minutes",
    "hours",
    "days",  # days of work or of the calendar
    "per_second",
    "bytes",
    "money",  # in the currency of the settings
    "number",  # a plain number: a RICE score, a factor
    "probability",  # 0..1 as statistics print it: 0.029, 2.5e-10
    "moment",  # seconds since 1970-01-01 UTC, printed in the window's zone
]


class Frozen(BaseModel):
    """A value: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's; what this value worked out of its fields and kept is not copied."""
        copied = super().model_copy(update=update, deep=deep)
        for kept in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[kept]
        return copied


def digest_of(value: object) -> str:
    """SHA-256 of the canonical JSON of a value (keys sorted, no spaces)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Definition(Frozen):
    """What a figure means.

    Attributes:
        name: the metric's name in `docs/definitions.md`, e.g. "error_rate".
        title: as a table prints it, e.g. "Error Rate".
        statement: the semantics in one line, e.g. "5xx ÷ all requests, request-weighted".
        better: which direction is good, or None where neither is.
    """

    name: str
    title: str
    statement: str
    unit: Unit
    better: Literal["higher", "lower"] | None = None


class Measurement(Frozen):
    """One query that was run: enough to run it again.

    Attributes:
        name: a name in the registry of measurements; never a query text.
        parameters: the validated parameters, as JSON.
        source: the name of the source in the settings, e.g. "requests".
        fingerprint: digest of the source's content and of how it was parsed.
    """

    name: str
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    source: str
    fingerprint: str

    @cached_property
    def id(self) -> str:
        """Content-addressed; the same query over the same data has the same id."""
        return "M" + digest_of(self.model_dump(mode="json"))[:12]


class Fact(Frozen):
    """One measured figure.

    Attributes:
        name: the definition's name.
        entity: what it was measured on: "application", "GET /users/:id", "pod web-1".
        window: when; `window.zone` is the zone it is printed in.
        n: how many observations stand behind `value`.
        baseline: the same figure for `baseline_window`, when the measurement compared.
        note: what a reader must know beside the definition ("bucket bounds (100–250 ms]", "lower bound").
    """

    name: str
    value: float
    unit: Unit
    entity: str = "application"
    window: Window
    definition: Definition
    measurement: Measurement
    n: int = Field(ge=0)
    baseline: float | None = None
    baseline_window: Window | None = None
    baseline_n: int | None = None
    note: str = ""

    @model_validator(mode="after")
    def _finite(self) -> Fact:
        if not math.isfinite(self.value) or (self.baseline is not None and not math.isfinite(self.baseline)):
            raise ValueError("a fact has a finite value; what has none is Unavailable")
        return self

    @cached_property
    def id(self) -> str:
        """Content-addressed over everything the fact states."""
        return "F" + digest_of(self.model_dump(mode="json"))[:16]

    @property
    def key(self) -> tuple[str, str]:
        """Which figure this is among those of its measurement: (name, entity)."""
        return (self.name, self.entity)

    @property
    def change(self) -> Change | None:
        """The change from the baseline, or None where nothing was compared."""
        return None if self.baseline is None else change_between(self.baseline, self.value, self.unit)


class Change(Frozen):
    """How a figure moved: percentage points for ratios, relative for the rest, "new" from zero."""

    kind: Literal["points", "relative", "new", "none"]
    value: float = 0.0

    @property
    def direction(self) -> Literal[-1, 0, 1]:
        """+1 up, -1 down, 0 unchanged."""
        if self.kind == "new":
            return 1
        return 0 if self.value == 0 else (1 if self.value > 0 else -1)


def change_between(before: float, after: float, unit: Unit) -> Change:
    """The change of a figure by the house rule (`docs/definitions.md`, "Change")."""
    if before == after:
        return Change(kind="none")
    if before == 0:
        return Change(kind="new")
    if unit == "ratio":
        return Change(kind="points", value=after - before)
    if unit == "moment":
        return Change(kind="none")
    return Change(kind="relative", value=(after - before) / abs(before))


# --- the five kinds of quantity -----------------------------------------------------------------------


class Measured(Frozen):
    """A fact, by its id; value and unit stand beside it for whoever reads the JSON.

    Attributes:
        part: which of the fact's two figures this is: its value, or the baseline it was compared with.
    """

    kind: Literal["measured"] = "measured"
    fact: str
    value: float
    unit: Unit
    part: Literal["value", "baseline"] = "value"

    @classmethod
    def of(cls, fact: Fact) -> Measured:
        """The quantity that prints this fact."""
        return cls(fact=fact.id, value=fact.value, unit=fact.unit)

    @classmethod
    def baseline_of(cls, fact: Fact) -> Measured | Unavailable:
        """The quantity that prints what this fact was compared with."""
        if fact.baseline is None:
            return Unavailable(reason="nothing to compare with")
        return cls(fact=fact.id, value=fact.baseline, unit=fact.unit, part="baseline")


Formula = Literal["sum", "difference", "product", "ratio", "minimum", "maximum", "minutes between"]

FORMULAS: Mapping[Formula, Callable[[list[float]], float]] = {
    "sum": math.fsum,
    "difference": lambda values: values[0] - math.fsum(values[1:]),
    "product": math.prod,
    "ratio": lambda values: values[0] / values[1],
    "minimum": min,
    "maximum": max,
    "minutes between": lambda values: (values[1] - values[0]) / 60,
}


class Derived(Frozen):
    """Arithmetic on other quantities, by a named formula; recomputed whenever it is loaded."""

    kind: Literal["derived"] = "derived"
    formula: Formula
    inputs: tuple[Annotated[Measured | Derived | Assumed, Field(discriminator="kind")], ...]
    value: float
    unit: Unit
    statement: str = ""

    @model_validator(mode="after")
    def _recomputes(self) -> Derived:
        again = FORMULAS[self.formula]([item.value for item in self.inputs])
        if not math.isclose(again, self.value, rel_tol=1e-9, abs_tol=1e-12):
            raise ValueError(f"{self.formula} of the inputs is {again}, not {self.value}")
        return self

    @classmethod
    def of(
        cls, formula: Formula, *inputs: Measured | Derived | Assumed, unit: Unit, statement: str = ""
    ) -> Derived:
        """Compute the formula over the inputs.

        Raises:
            ZeroDivisionError: a ratio to zero; print `Unavailable` instead.
        """
        value = FORMULAS[formula]([item.value for item in inputs])
        return cls(formula=formula, inputs=inputs, value=value, unit=unit, statement=statement)


class Assumed(Frozen):
    """A person's or a file's statement, not a measurement: who said it, and on what basis."""

    kind: Literal["assumed"] = "assumed"
    value: float
    unit: Unit
    who: str
    basis: str


class Forecast(Frozen):
    """A projection with its interval."""

    kind: Literal["forecast"] = "forecast"
    value: float
    low: float
    high: float
    level: float = Field(gt=0, lt=1)
    unit: Unit
    at: Moment
    method: str

    @model_validator(mode="after")
    def _inside(self) -> Forecast:
        if not self.low <= self.value <= self.high:
            raise ValueError("a forecast lies inside its interval")
        return self


class Unavailable(Frozen):
    """Why there is no figure, and what would give one."""

    kind: Literal["unavailable"] = "unavailable"
    reason: str
    remedy: str = ""


Quantity = Annotated[
    Measured | Derived | Assumed | Forecast | Unavailable,
    Field(discriminator="kind"),
]


class Evidence(Frozen):
    """The appendix of a report: every fact it cites, from which each can be measured again."""

    facts: dict[str, Fact] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _addressed(self) -> Evidence:
        for key, fact in self.facts.items():
            if key != fact.id:
                raise ValueError(f"the fact filed under {key} is {fact.id}: it was changed")
        return self

    @classmethod
    def of(cls, *facts: Fact) -> Evidence:
        """An appendix of these facts."""
        return cls(facts={fact.id: fact for fact in facts})

    def measurements(self) -> tuple[Measurement, ...]:
        """The distinct measurements behind the facts, in the order of their first use."""
        return tuple({fact.measurement.id: fact.measurement for fact in self.facts.values()}.values())

    def supports(self, quantity: Measured) -> bool:
        """Whether the fact is here and says what the quantity says."""
        fact = self.facts.get(quantity.fact)
        if fact is None:
            return False
        stated = fact.value if quantity.part == "value" else fact.baseline
        return (stated, fact.unit) == (quantity.value, quantity.unit)


def measured_in(model: BaseModel) -> list[Measured]:
    """Every `Measured` in a typed model, however deep, `Derived` inputs included."""
    found: list[Measured] = []

    def walk(value: object) -> None:
        if isinstance(value, Measured):
            found.append(value)
        elif isinstance(value, BaseModel):
            for name in type(value).model_fields:
                walk(getattr(value, name))
        elif isinstance(value, Mapping):
            for item in value.values():
                walk(item)
        elif isinstance(value, (list, tuple)):
            for item in value:
                walk(item)

    walk(model)
    return found


Derived.model_rebuild()
