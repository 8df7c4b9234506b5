"""The report on the embedded sample: every measured figure of it is the truth, at the precision printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import fsum

import pytest

from postlaunch.agents.analytics_specialist import ANALYTICS_SPECIALIST
from postlaunch.agents.bench import Assignment, Bench
from postlaunch.agents.judgement import Provenance, VerifiedJudgement
from postlaunch.facts import Derived, Fact, measured_in
from postlaunch.printing import value_text
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.consistency.checking import check
from postlaunch.sample.generate import generate
from postlaunch.sample.truth import SpanTruth, Truth
from postlaunch.settings import Settings
from postlaunch.settings_file import load_settings
from postlaunch.sources.costs import CostTable
from postlaunch.sources.opening import open_sources
from postlaunch.testing import MemoryRecorder
from postlaunch.tools.experiment_analysis import ArmData, Observed, analyse
from postlaunch.tools.experiment_statistics import Sample as ArmSample
from postlaunch.tools.measurement import Source
from postlaunch.windows import Window, weeks_of

MONTH = 365.2425 / 12
"""Days of a month, on average."""

COUNTED_BY_WORDS = frozenset({"group_requesters"})
"""Read out of people's words: their error is known and bounded (`tests/sample/test_feature_requests.py`)."""


@dataclass(frozen=True)
class World:
    """The sample opened with its own settings, and its truth."""

    truth: Truth
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
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A tenth of the sample's users."""
    folder, staging = tmp_path_factory.mktemp("sample"), tmp_path_factory.mktemp("staged")
    sample = generate(folder, scale=0.1)
    settings = load_settings(sample.settings, environment={}, flags={"reports.staging": str(staging)})
    wanted = dict.fromkeys(("requests", "resources", "logs"))
    settings = settings.model_copy(update={"sources": settings.sources.model_copy(update=wanted)})
    opened = open_sources(settings, lambda: sample.as_of + timedelta(days=1))
    yield World(sample.read_truth(), settings, opened)
    for source in opened.values():
        if close := getattr(source, "close", None):
            close()


@pytest.fixture(scope="module")
def report(world: World) -> AnalyticsReport:
    """On the newest 28 days, beside the 28 before."""
    return world.report(world.truth.spans["28 days"], world.truth.spans["28 days before"])


# --- what the truth says of a fact ----------------------------------------------------------------------


class Expected:
    """What the truth says of the figures of a span; a figure that it does not know fails the test."""

    def __init__(self, world: World, span: SpanTruth) -> None:
        self.world, self.truth, self.span = world, world.truth, span
        self.experiment = _experiment(world)

    def of(self, fact: Fact) -> float:
        """The true value of a figure of the span."""
        simple = self._simple()
        if fact.name in simple:
            return simple[fact.name]
        for begin, find in self._by_entity().items():
            if fact.name.startswith(begin):
                return find(fact)
        raise AssertionError(f"nothing is known of {fact.name}")

    def _simple(self) -> dict[str, float | None]:
        activity, sessions = self.span.activity, self.span.sessions
        kept = {
            f"day_{one.day}_retention{suffix}": came / one.cohort
            for one in self.span.retention
            for suffix, came in (("", one.on_day), ("_unbounded", one.on_day_or_later))
        }
        return kept | {
            "total_users": activity.total,
            "new_users": activity.new,
            "user_growth": activity.growth,
            "daily_active_users": activity.mean_daily,
            "weekly_active_users": activity.weekly,
            "monthly_active_users": activity.monthly,
            "stickiness": activity.stickiness,
            "users_in_span": activity.in_span,
            "sessions": sessions.sessions,
            "mean_session": sessions.mean_minutes,
            "median_session": sessions.median_minutes,
            "engaged_users": sessions.engaged,
            "engaged_share": sessions.engaged / sessions.users,
            "power_users": sessions.power,
            "power_share": sessions.power / sessions.users,
            "support_ticket_rate": self._tickets(),
            "cost_a_month": self._cost(),
        }

    def _by_entity(self) -> dict[str, Callable[[Fact], float]]:
        flow = self.span.flow
        return {
            "funnel_": self._funnel,
            "feature_": self._feature,
            "day_active_users": lambda fact: self.span.active_by_day[fact.entity],
            "sessions_with_event": lambda fact: flow[fact.entity].sessions / self.span.sessions.with_visitors,
            "event_position": lambda fact: flow[fact.entity].mean_step,
            "tracked_events": lambda fact: self.span.events[fact.entity],
            "untracked_events": lambda fact: self.span.events[fact.entity],
            "property_filled": lambda fact: 1.0,
            "experiment_": lambda fact: self.experiment[fact.name, fact.entity],
        }

    def _tickets(self) -> float:
        """Those of the span's ISO weeks, a week."""
        weeks = weeks_of(self.world.window(self.span))
        return fsum(self.truth.tickets_by_week.get(week.label, 0) for week in weeks) / len(weeks)

    def _cost(self) -> float:
        """At the pace of the span's days: the bill as it is written, which the months' truth is a sum of."""
        table = self.world.sources["costs"]
        assert isinstance(table, CostTable)
        for month in self.truth.costs:
            lines = [line.amount for line in table.lines if f"{line.day:%Y-%m}" == month.month]
            assert fsum(lines) == pytest.approx(month.amount)
        window = self.world.window(self.span)
        first, end = window.local(window.start).date(), window.local(window.end).date()
        inside = [line for line in table.lines if first <= line.day < end]
        days: set[date] = {line.day for line in inside}
        return fsum(line.amount for line in inside) / len(days) * MONTH

    def _funnel(self, fact: Fact) -> float:
        place = [step.event for step in self.span.funnel].index(fact.entity)
        step, first = self.span.funnel[place], self.span.funnel[0].users
        before = self.span.funnel[max(place - 1, 0)].users
        return {
            "funnel_users": step.users,
            "funnel_from_first": step.users / first,
            "funnel_from_previous": step.users / before,
            "funnel_dropped": step.dropped,
            "funnel_drop_points": step.dropped / first,
            "funnel_drop": step.dropped / before,
            "funnel_in_progress": step.in_progress,
        }[fact.name]

    def _feature(self, fact: Fact) -> float:
        feature = next(one for one in self.span.adoption if one.event == fact.entity)
        return {
            "feature_users": feature.users,
            "feature_audience": feature.audience,
            "feature_adoption": feature.users / feature.audience,
        }[fact.name]


def _experiment(world: World) -> dict[tuple[str, str], float]:
    """The experiment's figures from the truth's counts: those of the arms as they are, the statistics by the
    analysis, which `tests/tools/test_experiment_analysis.py` holds against known values.
    """
    [plan] = world.settings.analytics.experiments
    truth = world.truth.experiment
    arms = {
        name: ArmData(
            arm.users,
            {
                "Conversion": ArmSample.proportion(arm.conversions, arm.users),
                "Profile updates": ArmSample.proportion(arm.profile_updates, arm.users),
                "Time to submit": ArmSample(arm.conversions, arm.seconds, arm.seconds_deviation**2),
                "User feedback": ArmSample(arm.rated, arm.rating, arm.rating_deviation**2),
            },
        )
        for name, arm in truth.arms.items()
    }
    analysis = analyse(plan, Observed(arms=arms, ended=True))
    assert analysis.split_p is not None
    assert analysis.power is not None
    found: dict[tuple[str, str], float] = {
        ("experiment_split_p", plan.name): analysis.split_p,
        ("experiment_power", plan.name): analysis.power,
        ("experiment_mixed_users", plan.name): 0,
        ("experiment_looks", plan.name): 1,
    }
    for name, arm in arms.items():
        found["experiment_users", f"{plan.name}: {name}"] = arm.users or 0
        for metric, sample in arm.samples.items():
            figure = "conversion_rate" if sample.is_proportion else "mean"
            found[f"experiment_{figure}", f"{plan.name}: {name}, {metric}"] = sample.mean
    for item in (*analysis.primary, *analysis.secondary, *analysis.guardrails):
        entity = f"{plan.name}: {item.arm}, {item.metric.name}"
        lift = "experiment_lift_points" if item.difference.control.is_proportion else "experiment_lift"
        relative, around = item.difference.relative, item.relative_interval
        assert relative is not None
        assert around is not None
        found |= {
            (lift, entity): item.difference.estimate,
            (f"{lift}_low", entity): item.interval.low,
            (f"{lift}_high", entity): item.interval.high,
            ("experiment_relative_lift", entity): relative,
            ("experiment_relative_lift_low", entity): around.low,
            ("experiment_relative_lift_high", entity): around.high,
            ("experiment_p", entity): item.p,
        }
    return found


# --- the tests ------------------------------------------------------------------------------------------


def test_every_measured_figure_of_the_report_is_the_truth(world: World, report: AnalyticsReport) -> None:
    now = Expected(world, world.truth.spans["28 days"])
    before = Expected(world, world.truth.spans["28 days before"])
    compared = 0
    for quantity in measured_in(report):
        fact = report.fact(quantity.fact)
        if fact.name in COUNTED_BY_WORDS:
            continue
        true = (now if quantity.part == "value" else before).of(fact)
        printed = value_text(quantity.value, quantity.unit)
        assert printed == value_text(true, quantity.unit), f"{fact.name} of {fact.entity}"
        compared += 1
    assert compared > 200


def test_the_report_on_the_last_month_is_the_truth_too(world: World) -> None:
    span = next(iter(world.truth.spans.values()))
    report = world.report(span)
    expected = Expected(world, span)
    facts = {quantity.fact: quantity for quantity in measured_in(report) if quantity.part == "value"}
    for identity, quantity in facts.items():
        fact = report.fact(identity)
        whole = fact.window.start == report.window.start
        if fact.name in COUNTED_BY_WORDS | {"support_ticket_rate"} or not whole:
            continue
        assert value_text(quantity.value, quantity.unit) == value_text(expected.of(fact), quantity.unit)
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
