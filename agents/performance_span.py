"""What the performance-monitor measured for one span, and how its figures are looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from postlaunch.facts import Fact, Measured, Quantity, Unavailable
from postlaunch.reports.targets import Target
from postlaunch.settings import Settings
from postlaunch.settings_performance import Performance
from postlaunch.sources.candidates import CandidateItem
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.windows import Window

NO_LATENCY = "the request log has no response times"


@dataclass(frozen=True)
class Span:
    """The results of one span's measurements, by the name under which they were asked for.

    Attributes:
        window: the span reported on.
        newest: its last whole ISO week that was measured, or the span itself where it has none.
        now: whose pods and limits are those of now: `newest`, or 7 days to the end of what was observed.
        typical: the last whole ISO week without a day set aside; `newest` where none is.
        oldest: the first one without; None where that is `typical`.
        lately: 28 days to the end of what was observed, in which peaks are looked for.
        set_aside: days far outside every pattern of requests or of response times.
        month: the days whose cost is taken for a month's.
        results: e.g. "weeks", "trend"; a name that was not asked for is not there.
        items: the candidate items; `committed` are ids of those that an earlier sprint took.
        sprint: number of the next sprint; None where it is not known.
    """

    settings: Settings
    window: Window
    newest: Window
    now: Window
    typical: Window
    oldest: Window | None
    lately: Window
    month: Window
    results: Mapping[str, MeasurementResult]
    items: tuple[CandidateItem, ...] = ()
    committed: frozenset[str] = frozenset()
    set_aside: tuple[date, ...] = ()
    sprint: int | None = None

    @property
    def rules(self) -> Performance:
        """The numbers of the verdict tables."""
        return self.settings.performance

    @property
    def currency(self) -> str:
        """The sign that money is printed with."""
        return self.settings.application.currency

    def fact(self, asked: str, name: str, entity: str = "application") -> Fact | None:
        """One figure, or None where it was not measured."""
        result = self.results.get(asked)
        return result.fact(name, entity) if result else None

    def facts(self, asked: str, name: str) -> tuple[Fact, ...]:
        """Every figure of a name, in the order measured."""
        result = self.results.get(asked)
        return result.named(name) if result else ()

    def by_entity(self, asked: str, name: str) -> dict[str, Fact]:
        """Every figure of a name, by what it is of."""
        return {fact.entity: fact for fact in self.facts(asked, name)}

    def quantity(self, asked: str, name: str, entity: str = "application", *, reason: str = "") -> Quantity:
        """One figure as a report prints it, or the reason why there is none."""
        fact = self.fact(asked, name, entity)
        return self.unavailable(asked, reason) if fact is None else Measured.of(fact)

    def unavailable(self, asked: str, otherwise: str = "") -> Unavailable:
        """Why a measurement gave nothing, and what would."""
        result = self.results.get(asked)
        remedy = result.remedy if result is not None and result.status != "ok" else ""
        return Unavailable(reason=self.reason(asked, otherwise), remedy=remedy)

    def reason(self, asked: str, otherwise: str = "") -> str:
        """Why a measurement gave nothing; `otherwise` when it gave something, but not this."""
        result = self.results.get(asked)
        if result is None:
            return otherwise or "not measured"
        if result.status == "error":
            return f"the source {result.measurement.source} failed: {result.reason}"
        if result.status == "no_data":
            return result.reason or otherwise or "no data"
        return otherwise or "not measured"

    def target(self, objective: str) -> Target | None:
        """An objective of the settings, where it is set."""
        row = self.settings.objectives.get(objective)
        return None if row is None else Target.of(objective, row)

    def every_fact(self) -> Iterator[Fact]:
        """Every fact of the span, in the order in which the measurements were asked for."""
        for result in self.results.values():
            yield from result.facts

    def known(self) -> dict[str, Fact]:
        """The facts by id."""
        return {fact.id: fact for fact in self.every_fact()}

    @property
    def sprint_name(self) -> str:
        """The next sprint as it is called: "Sprint 4"."""
        return f"Sprint {self.sprint}" if self.sprint is not None else "the next sprint"

    @property
    def problems(self) -> tuple[str, ...]:
        """Configured sources that failed, in words, each once."""
        failed = (
            f"{result.measurement.source}: {result.reason}"
            for result in self.results.values()
            if result.status == "error"
        )
        return tuple(dict.fromkeys(failed))
