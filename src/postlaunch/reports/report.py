"""What every report has: whom it is about, when, who analysed, and the evidence its figures stand on."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import Field, model_validator

from postlaunch.facts import Evidence, Fact, Frozen, measured_in
from postlaunch.reports.judged import Dispute, Hypothesis, Provenance, Sentence
from postlaunch.windows import DAY, ISO_WEEK, MONTH, Moment, Window

Item = TypeVar("Item")

SCHEMA_VERSION = 1


class Listing(Frozen, Generic[Item]):
    """The items of one section, or why there are none."""

    items: tuple[Item, ...] = ()
    reason: str = ""

    @model_validator(mode="after")
    def _never_silent(self) -> Listing[Item]:
        if not self.items and not self.reason:
            raise ValueError("an empty section says why it is empty")
        return self


class Report(Frozen):
    """The part that all reports share; a kind of report adds its sections.

    A report does not load when a figure in it is not what the evidence says.

    Attributes:
        kind: names the report's templates, e.g. "weekly_health".
        window: the span reported on.
        problems: configured sources that failed, in words.
        notes: what a reader must know of the data: bots, rejected lines, a sampled log, a partial window.
    """

    schema_version: int = SCHEMA_VERSION
    kind: str
    title: str
    application: str
    version: str = ""
    currency: str = "$"
    window: Window
    generated_at: Moment
    notes: tuple[Sentence, ...] = ()
    problems: tuple[str, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    provenance: Provenance = Provenance()
    evidence: Evidence = Field(default_factory=Evidence)

    @model_validator(mode="after")
    def _every_figure_is_in_evidence(self) -> Report:
        for quantity in measured_in(self):
            if not self.evidence.supports(quantity):
                raise ValueError(f"the evidence does not say {quantity.value} for the fact {quantity.fact}")
        for fact in cited_in(self):
            if fact not in self.evidence.facts:
                raise ValueError(f"a sentence cites the fact {fact}, which is not in the evidence")
        return self

    @property
    def stem(self) -> str:
        """As its files are named, without their ending; one name for each thing reported on."""
        return f"{self.kind.replace('_', '-')}-{span_name(self.window)}"

    @property
    def subject(self) -> str:
        """The application with its version, "v" before one that is a number: "Shop v1.0.0"."""
        mark = "v" if self.version[:1].isdigit() else ""
        return f"{self.application} {mark}{self.version}".strip()

    def fact(self, identity: str) -> Fact:
        """The fact of this id."""
        return self.evidence.facts[identity]


def span_name(window: Window) -> str:
    """A window in a file's name: its label, else its first day."""
    return window.label or f"{window.local(window.start):%Y-%m-%d}"


def period_name(window: Window) -> str:
    """What a window is called in a column's head: "week", "month", "day", or "span" for one of no cadence."""
    forms = {"week": ISO_WEEK, "month": MONTH, "day": DAY}
    return next((name for name, form in forms.items() if form.match(window.label)), "span")


def cited_in(report: Report) -> tuple[str, ...]:
    """The ids of every fact that a sentence of the report cites."""
    found: dict[str, None] = {}

    def walk(value: object) -> None:
        if isinstance(value, Sentence):
            found.update(dict.fromkeys(value.facts))
        elif isinstance(value, Hypothesis):
            found.update(dict.fromkeys(value.evidence))
        if isinstance(value, Frozen) and not isinstance(value, (Evidence, Sentence)):
            for name in type(value).model_fields:
                walk(getattr(value, name))
        elif isinstance(value, tuple):
            for item in value:
                walk(item)

    walk(report)
    return tuple(found)
