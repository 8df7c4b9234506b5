"""What the analytics-specialist measured for one span, and how its figures are looked up and printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from postlaunch.facts import Fact, Measured, Quantity, Unavailable
from postlaunch.reports.analytics_figures import KeyFigure
from postlaunch.reports.targets import Target
from postlaunch.settings import Settings
from postlaunch.settings_analytics import Analytics, Experiment
from postlaunch.tools.experiments import window_of
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.windows import Window

OTHERWISE = "by another definition: "
"""How what is asked for begins that is only set beside a figure; a model asks for it when it wants it."""

FLOW_LEAST = 0.1
"""Share of sessions from which an event belongs to the most common flow."""


@dataclass(frozen=True)
class Results:
    """The results of one span's measurements, by the name under which they were asked for.

    Attributes:
        results: e.g. "user_growth", "funnel Registration"; a name that was not asked for is not there.
    """

    settings: Settings
    window: Window
    results: Mapping[str, MeasurementResult]

    @property
    def analytics(self) -> Analytics:
        """What the report is about."""
        return self.settings.analytics

    def fact(self, asked: str, name: str, entity: str = "application") -> Fact | None:
        """One figure, or None where it was not measured."""
        result = self.results.get(asked)
        return result.fact(name, entity) if result else None

    def facts(self, asked: str, name: str) -> tuple[Fact, ...]:
        """Every figure of a name, in the order measured."""
        result = self.results.get(asked)
        return result.named(name) if result else ()

    def quantity(self, asked: str, name: str, entity: str = "application", *, reason: str = "") -> Quantity:
        """One figure as a report prints it, or the reason why there is none."""
        fact = self.fact(asked, name, entity)
        return Unavailable(reason=self.reason(asked, reason)) if fact is None else Measured.of(fact)

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

    def note(self, asked: str, beginning: str) -> str:
        """The note of a measurement that begins so, without its beginning; empty where there is none."""
        result = self.results.get(asked)
        told = (note for note in (result.notes if result else ()) if note.startswith(beginning))
        return next((note.removeprefix(beginning) for note in told), "")

    def key_figure(
        self,
        asked: str,
        name: str,
        title: str,
        *,
        reason: str = "",
        share: Quantity | None = None,
        of: str = "",
    ) -> KeyFigure:
        """A figure of the whole application with what it means and what it was before."""
        fact = self.fact(asked, name)
        if fact is None:
            missing = Unavailable(reason=self.reason(asked, reason))
            return KeyFigure(metric=name, title=title, this=missing, last=missing)
        return KeyFigure(
            metric=name,
            title=title,
            this=Measured.of(fact),
            last=Measured.baseline_of(fact),
            change=fact.change,
            share=share,
            share_of=of if share is not None else "",
            definition=fact.definition.statement,
            note=fact.note,
            n=fact.n,
        )

    def target(self, objective: str) -> Target | None:
        """An objective of the settings, where it is set."""
        row = self.settings.objectives.get(objective)
        return None if row is None else Target.of(objective, row)

    def every_fact(self) -> Iterator[Fact]:
        """Every fact of the span, in the order in which the measurements were asked for."""
        for result in self.results.values():
            yield from result.facts

    @property
    def problems(self) -> tuple[str, ...]:
        """Configured sources that failed, in words, each once."""
        failed = (
            f"{result.measurement.source}: {result.reason}"
            for asked, result in self.results.items()
            if result.status == "error" and not asked.startswith(OTHERWISE)
        )
        return tuple(dict.fromkeys(failed))

    @property
    def not_compared(self) -> tuple[str, ...]:
        """What could not be set beside a figure because its query failed, with the reason."""
        return tuple(
            f"{asked.removeprefix(OTHERWISE)}: {result.reason}"
            for asked, result in self.results.items()
            if result.status == "error" and asked.startswith(OTHERWISE)
        )


def outside(plan: Experiment, window: Window) -> str:
    """Why an experiment is not of a window, or nothing."""
    span = window_of(plan, window.zone)
    if span.end <= window.start:
        return f"it ended on {plan.end}, before the span"
    if span.start >= window.observed_end:
        return f"it begins on {plan.start}, after the span"
    return ""


def flow_steps(span: Results) -> tuple[Fact, ...]:
    """The shares of sessions of the events that the flow shows."""
    return tuple(share for share in span.facts("flows", "sessions_with_event") if share.value >= FLOW_LEAST)
