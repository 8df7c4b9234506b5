"""The product analytics report, typed. It holds what was measured and what was decided; it computes neither.

The sections are put together by the analytics-specialist; their parts are in `analytics_figures` and
`analytics_experiments`.
"""

from __future__ import annotations

from typing import Literal

from postlaunch.facts import Frozen
from postlaunch.reports.analytics_experiments import ExperimentResult
from postlaunch.reports.analytics_figures import (
    Benchmarks,
    FeatureUse,
    Flow,
    Funnel,
    KeyFigure,
    RetentionDay,
    Tracking,
)
from postlaunch.reports.backlog import FeatureRequest
from postlaunch.reports.health import MetricRow
from postlaunch.reports.judged import Recommendation, Sentence
from postlaunch.reports.realised import NOT_WATCHED, RealisedItem
from postlaunch.reports.report import Listing, Report, span_name
from postlaunch.reports.series import Series
from postlaunch.windows import DAY, ISO_WEEK, MONTH, Moment

Standing = Literal["met", "missed", "warning", "not rated"]


class AnalyticsHeadline(Frozen):
    """What a product manager must know and decide.

    Attributes:
        standing: of the objectives that concern users.
        know: the objectives missed and met, what an experiment shows, where a funnel loses most.
        since: what `changed` is compared with.
        decide: what is to be decided; "nothing" is said, not left out.
        decides: who.
        remarks: what the specialist adds.
    """

    standing: Standing
    know: tuple[Sentence, ...]
    since: str
    changed: tuple[Sentence, ...]
    decide: tuple[Sentence, ...]
    decides: str
    remarks: tuple[Sentence, ...] = ()


class AnalyticsReport(Report):
    """How the application is used in one span: a month, or any other.

    Attributes:
        coverage: what the events cover.
        live_since: when the application went live, where the launch record says so.
        growth: total and new users, active users by month, day and week, stickiness.
        retention: on days 1, 7 and 30 after joining.
        time: on the platform: sessions, engaged and power users.
        request_span: which tickets the feature requests are counted over.
        request_advice: what becomes of them, for the backlog of `sprint`.
        sprint: "Sprint 4", or "the next sprint".
        experiments: those that ran in the span; `left_out` says why the others are not there.
        business: figures against their objectives; `declared`: what else success was to be measured by, as
            the launch record says.
        realised: what deployed items were to bring, and brought.
        otherwise: figures that another common definition changes by more than 5 points, with both.
    """

    kind: Literal["analytics"] = "analytics"
    title: str = "Product Analytics Report"
    coverage: tuple[Sentence, ...]
    live_since: Moment | None = None
    headline: AnalyticsHeadline
    growth: tuple[KeyFigure, ...]
    growth_remarks: tuple[Sentence, ...] = ()
    retention: tuple[RetentionDay, ...]
    benchmarks: Benchmarks
    adoption: Listing[FeatureUse]
    adoption_remarks: tuple[Sentence, ...] = ()
    funnels: Listing[Funnel]
    flow: Flow
    time: tuple[KeyFigure, ...]
    requests: Listing[FeatureRequest]
    request_span: str = ""
    request_advice: tuple[Sentence, ...]
    sprint: str
    experiments: Listing[ExperimentResult]
    left_out: tuple[Sentence, ...] = ()
    business: tuple[MetricRow, ...]
    declared: tuple[Sentence, ...] = ()
    realised: Listing[RealisedItem] = NOT_WATCHED
    tracking: Tracking
    otherwise: tuple[Sentence, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    series: tuple[Series, ...] = ()

    @property
    def span(self) -> tuple[str, str]:
        """What kind of span it is, and which: ("Month", "November 2025"), ("Span", "Oct 27–30, 2025")."""
        window = self.window
        if MONTH.match(window.label):
            return "Month", f"{window.local(window.start):%B %Y}"
        kinds = ((ISO_WEEK, "Week"), (DAY, "Day"))
        kind = next((name for pattern, name in kinds if pattern.match(window.label)), "Span")
        if window.hours < 24:
            first, last = window.local(window.start), window.local(window.observed_end)
            return kind, f"{first:%Y-%m-%d %H:%M} to {last:%H:%M}"
        return kind, window.days()

    @property
    def short_span(self) -> str:
        """The span in a few letters, for beside a title: "Nov", "2025-W47", "28 days", "5 hours"."""
        window = self.window
        if MONTH.match(window.label):
            return f"{window.local(window.start):%b}"
        if window.label:
            return window.label
        number, unit = (window.hours / 24, "day") if window.hours >= 24 else (window.hours, "hour")
        return f"{number:.0f} {unit}{'' if round(number) == 1 else 's'}"

    @property
    def stem(self) -> str:
        """As its files are named: "analytics-2025-11", "analytics-2025-10-27-28-days"."""
        window = self.window
        if window.label:
            return f"analytics-{window.label}"
        if window.hours < 24:
            return f"analytics-{window.local(window.start):%Y-%m-%d-%H%M}"
        return f"analytics-{span_name(window)}-{self.short_span.replace(' ', '-')}"
