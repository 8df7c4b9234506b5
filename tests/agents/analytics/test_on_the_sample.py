"""The report on the embedded sample: every measured figure of it is the truth, at the precision printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import oracle
import pytest

from postlaunch.agents.analytics_specialist import ANALYTICS_SPECIALIST
from postlaunch.agents.bench import Assignment, Bench
from postlaunch.agents.judgement import Provenance, VerifiedJudgement
from postlaunch.facts import Derived, measured_in
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.consistency.checking import check
from postlaunch.sample.truth import SpanTruth, Truth
from postlaunch.settings import Settings
from postlaunch.settings_file import load_settings
from postlaunch.sources.opening import open_sources
from postlaunch.testing import MemoryRecorder
from postlaunch.tools.measurement import Source
from postlaunch.windows import Window

if TYPE_CHECKING:
    from conftest import Samples


@dataclass(frozen=True)
class World:
    """The sample opened with its own settings, its truth, and what every figure of it must be."""

    truth: Truth
    expected: oracle.Expected
    settings: Settings
    sources: Mapping[str, Source]

    def window(self, span: SpanTruth) -> Window:
        label = span.label if span.label[:2] == "20" else ""
        return Window(start=span.start, end=span.end, zone=self.truth.zone, label=label)

    def report(self, span: SpanTruth, before: SpanTruth | None = None) -> AnalyticsReport:
        """By rules alone."""
        window = self.window(span)
        assignment = Assignment(
            workflow="monthly_review",
            question="How is it used?",
            window=window,
            baseline=self.window(before) if before else window.before(),
        )
        bench = Bench(
            settings=self.settings,
            sources=self.sources,
            recorder=MemoryRecorder(),
            clock=lambda: self.truth.as_of + timedelta(hours=1),
        )
        found = ANALYTICS_SPECIALIST.measure(bench, assignment)
        nobody = VerifiedJudgement(provenance=Provenance(reason="no model is configured"))
        return AnalyticsReport.model_validate(ANALYTICS_SPECIALIST.compose(bench, assignment, found, nobody))


@pytest.fixture(scope="module")
def world(samples: Samples) -> Iterator[World]:
    """A tenth of the sample's users."""
    sample = samples.of(0.1)
    settings = load_settings(sample.settings, environment={})
    wanted = dict.fromkeys(("requests", "resources", "logs"))
    settings = settings.model_copy(update={"sources": settings.sources.model_copy(update=wanted)})
    opened = open_sources(settings, lambda: sample.as_of + timedelta(days=1))
    yield World(sample.read_truth(), oracle.Expected(oracle.World(sample)), settings, opened)
    for source in opened.values():
        if close := getattr(source, "close", None):
            close()


@pytest.fixture(scope="module")
def report(world: World) -> AnalyticsReport:
    """On the newest 28 days, beside the 28 before."""
    return world.report(world.truth.spans["28 days"], world.truth.spans["28 days before"])


# --- the tests ------------------------------------------------------------------------------------------


def test_every_measured_figure_of_the_report_is_the_truth(world: World, report: AnalyticsReport) -> None:
    assert len(measured_in(report)) > 200
    assert oracle.wrong_in(report, world.expected) == []


def test_the_report_on_the_last_month_is_the_truth_too(world: World) -> None:
    report = world.report(next(iter(world.truth.spans.values())))
    assert len(measured_in(report)) > 120
    assert oracle.wrong_in(report, world.expected) == []
    assert report.span == ("Month", "October 2025")


def test_what_is_derived_is_computed_from_what_is_measured(report: AnalyticsReport) -> None:
    monthly = next(key for key in report.growth if key.metric == "monthly_active_users")
    cost = next(row for row in report.business if row.metric == "cost_per_user")
    funnel = report.funnels.items[0]
    for quantity in (monthly.share, cost.this, funnel.whole_drop, funnel.whole_in_progress):
        assert isinstance(quantity, Derived)
        assert Derived.model_validate(quantity.model_dump()) == quantity


def test_the_samples_report_contradicts_nothing(report: AnalyticsReport) -> None:
    assert check(report) == ()
    assert report.problems == ()


def test_the_step_that_loses_most_is_found_and_the_losing_variant_never_wins(
    world: World, report: AnalyticsReport
) -> None:
    truth = max(world.truth.spans["28 days"].funnel, key=lambda step: step.dropped)
    assert report.funnels.items[0].actions.items[0].event == truth.event
    winners = {metric.winner for metric in report.experiments.items[0].metrics}
    assert world.truth.experiment.loser not in winners


def test_every_event_that_is_configured_comes(report: AnalyticsReport) -> None:
    assert {event.status for event in report.tracking.events.items} <= {"seen", "not used"}
    assert {item.status for item in report.tracking.properties} == {"filled"}


def test_an_experiment_of_another_month_is_left_out(world: World) -> None:
    october = next(iter(world.truth.spans.values()))
    report = world.report(october)
    assert report.experiments.items == ()
    assert "after the span" in report.left_out[0].text
