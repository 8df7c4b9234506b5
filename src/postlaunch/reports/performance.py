"""The performance trend report, typed. It holds what was measured and what was decided; it computes neither.

What is planned (capacity, scaling, cost) stands in `performance_capacity`. The verdicts are given by
`postlaunch.tools.performance_verdicts`; the sections are put together by the performance-monitor.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from postlaunch.facts import Change, Frozen, Quantity, Unavailable, change_between
from postlaunch.reports.judged import Recommendation, Sentence
from postlaunch.reports.performance_capacity import CapacityPlan, CostImpact
from postlaunch.reports.report import Listing, Report, span_name
from postlaunch.reports.series import Series
from postlaunch.reports.targets import Target
from postlaunch.windows import MONTH, Window

TrendShape = Literal["ramp", "step", "none", "not enough data", "not available"]
FactorVerdict = Literal["explains", "does not explain", "nothing to explain", "not available"]
Priority = Literal["HIGH", "MEDIUM", "LOW"]
OpportunityKind = Literal["hot read", "slow write", "repeated small read", "slow endpoint"]
RowStatus = Literal["ok", "warning", "missed", "not available"]


class WeekRow(Frozen):
    """One whole ISO week of the span.

    Attributes:
        delta: mean − the mean of the week before, in ms.
        change: the same, relative; None where there is no week before.
    """

    label: str
    window: Window
    mean: Quantity
    p95: Quantity
    requests: Quantity
    peak: Quantity
    delta: Quantity
    change: Change | None = None
    before: Quantity

    @property
    def this(self) -> Quantity:
        """The week's figure, as rows of key metrics call it."""
        return self.mean

    @property
    def last(self) -> Quantity:
        """That of the week before."""
        return self.before

    @model_validator(mode="after")
    def _change_follows(self) -> WeekRow:
        if isinstance(self.mean, Unavailable) or isinstance(self.before, Unavailable):
            expected = None
        else:
            expected = change_between(self.before.value, self.mean.value, self.mean.unit)
        if self.change != expected:
            raise ValueError(f"{self.label}: the change stated is not the change between the two weeks")
        return self


class TrendVerdict(Frozen):
    """What became of the response time over the span.

    Attributes:
        direction: of a ramp or a step; empty where there is none.
        verdict: in words, with its mark: "⚠️ Gradual degradation".
        because: size, span and slope, or date, in plain words.
        tested: the statistics behind it.
        days, p: tested days, and the probability of such a trend without any change.
        method: how it was tested.
        remarks: mix against speed, days set aside, what the specialist adds.
    """

    shape: TrendShape
    direction: Literal["slower", "faster", ""] = ""
    verdict: str
    because: Sentence
    tested: Sentence | None = None
    days: Quantity
    p: Quantity
    method: str
    remarks: tuple[Sentence, ...] = ()


class Factor(Frozen):
    """One supposed cause of a change, checked.

    Attributes:
        figure: what was measured of it; `of` names what is counted, where the name does not: "users known".
        because: why it explains the change or does not, with its figures.
    """

    name: str
    figure: Quantity
    of: str = ""
    verdict: FactorVerdict
    because: Sentence


class Standing(Frozen):
    """A response time or a cost set against its objective."""

    metric: str
    title: str
    value: Quantity
    target: Target | None
    status: RowStatus
    because: Sentence


class Opportunity(Frozen):
    """Something that could be made faster, what it would bring, and what it would take.

    Attributes:
        endpoint: as measured: "GET /users".
        impact: which traffic it affects, in words.
        current: mean response time now; `current_p95` beside it.
        optimised: the mean that is expected, and on what that rests.
        saved: current − optimised, per request.
        load_saved: share of the time spent on all requests that would be saved.
        mean_saved: by how much the mean of all requests would fall.
        effort: in hours.
        because: the row of the table that gave the priority.
        candidate: id of the candidate item that addresses it; empty where there is none.
        sprint: number of the sprint that it is recommended for; None where it is not, or that is not known.
        declared: what the item declares as its success, where it does.
    """

    number: int = Field(ge=1)
    title: str
    kind: OpportunityKind
    endpoint: str
    impact: Sentence
    requests_a_day: Quantity
    share_of_requests: Quantity
    share_of_load: Quantity
    current: Quantity
    current_p95: Quantity
    optimised: Quantity
    saved: Quantity
    load_saved: Quantity
    mean_saved: Quantity
    effort: Quantity
    priority: Priority
    because: Sentence
    candidate: str = ""
    declared: str = ""
    sprint: int | None = Field(default=None, ge=1)
    comments: tuple[Sentence, ...] = ()


class Headline(Frozen):
    """What a person needs first.

    Attributes:
        do: what to do now; "nothing" is said, not left out.
        why: the trend and how the response time stands against its objective.
        decides: who.
        remarks: what the specialist adds.
    """

    do: Sentence
    why: tuple[Sentence, ...]
    decides: str
    remarks: tuple[Sentence, ...] = ()


class PerformanceReport(Report):
    """How response times and load developed, why, what to do about it, and how long capacity lasts.

    Attributes:
        coverage: what the data covers.
        standing: mean and 95th percentile of the newest week against their objectives.
        conclusion: of the root cause analysis, against the target.
        conclusion_remarks: what the specialist adds to it.
        recommendation: the last line, with its sprint and the cost avoided.
    """

    kind: Literal["performance"] = "performance"
    title: str = "Performance Trend Report"
    coverage: tuple[Sentence, ...]
    headline: Headline
    weeks: Listing[WeekRow]
    standing: tuple[Standing, ...]
    trend: TrendVerdict
    factors: tuple[Factor, ...]
    conclusion: Sentence
    conclusion_remarks: tuple[Sentence, ...] = ()
    opportunities: Listing[Opportunity]
    capacity: CapacityPlan
    cost: CostImpact
    recommendation: Sentence
    recommendations: tuple[Recommendation, ...] = ()
    series: tuple[Series, ...] = ()

    @property
    def stem(self) -> str:
        """As its files are named: "performance-2025-11", or by its newest week, "performance-2025-W47"."""
        newest = self.weeks.items[-1].label if self.weeks.items else ""
        return f"performance-{self.window.label or newest or span_name(self.window)}"

    @property
    def is_month(self) -> bool:
        """Whether the span is a calendar month."""
        return bool(MONTH.match(self.window.label))

    @property
    def span_text(self) -> str:
        """The span as the head prints it: "November 2025" for a month, else its days."""
        return f"{self.window.local(self.window.start):%B %Y}" if self.is_month else self.window.days()
