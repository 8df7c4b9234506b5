"""The weekly health report, typed. It holds what was measured and what was decided; it computes neither.

The verdicts are given by `postlaunch.tools.verdicts`; the sections are put together by the
monitoring-specialist.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import model_validator

from postlaunch.facts import Change, Forecast, Frozen, Quantity, Unavailable, change_between
from postlaunch.reports.judged import NEEDS_A_MODEL, Recommendation, Sentence
from postlaunch.reports.report import Listing, Report, period_name, span_name
from postlaunch.reports.series import Series
from postlaunch.reports.targets import Target

RowStatus = Literal["ok", "warning", "missed", "not available"]
Grade = Literal["EXCELLENT", "GOOD", "NEEDS ATTENTION", "POOR", "NOT GRADED"]
Severity = Literal["SEV-1", "SEV-2", "SEV-3", "SEV-4"]
EndpointRating = Literal["investigate", "watch", "acceptable", "not rated"]

ResourceName = Literal["memory", "cpu", "disk", "pool"]
TrendVerdict = Literal["rising", "falling", "stable"]
ScalingAdvice = Literal["scale now", "plan", "not yet", "not available"]

NOTHING_RECORDED = "not recorded: no incident or deployment record is configured"
NO_MAINTENANCE = Unavailable(reason="no planned maintenance is recorded in the window")


class MetricRow(Frozen):
    """One row of the key metrics.

    Attributes:
        metric: the definition's name.
        definition: its semantics in one line; empty when nothing was measured.
        n: observations behind `this`.
        because: why the status is what it is.
    """

    metric: str
    title: str
    this: Quantity
    last: Quantity
    change: Change | None = None
    target: Target | None = None
    status: RowStatus
    because: Sentence
    definition: str = ""
    n: int | None = None

    @model_validator(mode="after")
    def _change_follows(self) -> MetricRow:
        if isinstance(self.this, Unavailable) or isinstance(self.last, Unavailable):
            expected = None
        else:
            expected = change_between(self.last.value, self.this.value, self.this.unit)
        if self.change != expected:
            raise ValueError(f"{self.title}: the change stated is not the change between the two figures")
        return self


class ErrorBudget(Frozen):
    """How much failure an objective allows over its window, and how much of it is gone.

    Attributes:
        method: "time-slices" counts minutes down, "occurrences" counts failed requests.
        allowed: what the target allows, in minutes or as a share of requests.
        bad: what was measured.
        spent: share of the budget; above 1 it is overspent.
        left: 1 − spent.
        burn_rate: how many times faster than evenly it was spent in the span measured.
        complete: whether the span measured covers the objective's window; if not, `spent` is a lower bound.
    """

    target: Target
    method: Literal["time-slices", "occurrences"]
    allowed: Quantity
    bad: Quantity
    spent: Quantity
    left: Quantity
    burn_rate: Quantity
    complete: bool


class Incident(Frozen):
    """A spell of elevated errors seen in the requests.

    Attributes:
        failed, requests: within the spell.
        error_rate: failed ÷ requests, within the spell.
        window_share: failed ÷ all requests of the window.
        where: the endpoints, status codes and pods that failed, as measured.
        record: id of the incident's record; empty where none is known.
        root_cause, resolution: with the record that each was taken from, or why there is none.
    """

    number: int
    title: str
    severity: Severity
    status: Literal["Open", "Resolved"]
    start: Quantity
    duration: Quantity
    failed: Quantity
    requests: Quantity
    error_rate: Quantity
    window_share: Quantity
    users: Quantity
    where: tuple[Sentence, ...] = ()
    record: str = ""
    root_cause: tuple[Sentence, ...] = (Sentence(text=NEEDS_A_MODEL),)
    resolution: tuple[Sentence, ...] = (Sentence(text=NOTHING_RECORDED),)


class Outage(Frozen):
    """A run of minutes in which the application was down.

    Attributes:
        planned: "yes", "no", or why that is not known.
    """

    start: Quantity
    duration: Quantity
    error_share: Quantity
    cause: Sentence = Sentence(text=NEEDS_A_MODEL)
    planned: str = "not known: no maintenance calendar is configured"


class Maintenance(Frozen):
    """Planned maintenance as changes record it, whether or not anything was down in it."""

    title: str
    change: str
    start: Quantity
    duration: Quantity


class TopEndpoint(Frozen):
    """An endpoint by its traffic."""

    endpoint: str
    requests: Quantity
    share: Quantity


class ErrorType(Frozen):
    """A status code of 400 or above; `share` is of all errors."""

    error: str
    count: Quantity
    share: Quantity


class SlowEndpoint(Frozen):
    """An endpoint by its mean response time, and its verdict.

    Attributes:
        comments: what the specialist has to say about it.
    """

    endpoint: str
    mean: Quantity
    p95: Quantity
    requests: Quantity
    rating: EndpointRating
    because: Sentence
    comments: tuple[Sentence, ...] = ()


class ResourceUse(Frozen):
    """What was used of one resource, on average, of its limit.

    Attributes:
        share: used ÷ limit.
        p95, peak: of the share, over the samples.
    """

    resource: ResourceName
    title: str
    used: Quantity
    limit: Quantity
    share: Quantity
    p95: Quantity
    peak: Quantity


class PodUse(Frozen):
    """What one pod used, and how often its memory fell sharply, as it does when a pod is restarted."""

    pod: str
    uses: tuple[ResourceUse, ...]
    falls: Quantity


class ResourceTrend(Frozen):
    """How the share of its limit that a resource uses moves from week to week.

    Attributes:
        entity: "application" for all pods together, or one pod.
        slope, low, high: change of the share per week, with its interval.
        reaches: days until it meets its limit, where it rises.
    """

    resource: ResourceName
    title: str
    entity: str
    slope: Quantity
    low: Quantity
    high: Quantity
    verdict: TrendVerdict
    because: Sentence
    reaches: Forecast | Unavailable


class OpenAction(Frozen):
    """Something to be done after an incident that nobody has closed.

    Attributes:
        owner: a party of the roster.
        days: to the day it is due, or since that day where it is overdue.
    """

    id: str
    owner: str
    action: str
    due: date
    days: Quantity
    overdue: bool


class ActionItems(Frozen):
    """What is to be done after incidents, as the report's run knew it.

    Attributes:
        listed: the open ones, the earliest due first.
    """

    open: Quantity
    overdue: Quantity
    listed: Listing[OpenAction]


_UNTRACKED = Unavailable(reason="no incident asked for anything yet")
NOTHING_TRACKED = ActionItems(
    open=_UNTRACKED, overdue=_UNTRACKED, listed=Listing[OpenAction](reason=_UNTRACKED.reason)
)
"""Of a report whose run was handed no action items."""


class Resources(Frozen):
    """Average use per pod, each pod, how it moves, and the verdicts with the figure that decided each."""

    uses: Listing[ResourceUse]
    pods: tuple[PodUse, ...] = ()
    trends: tuple[ResourceTrend, ...] = ()
    trend: Sentence
    scaling: Sentence
    advice: ScalingAdvice


class LaunchRow(Frozen):
    """A metric just after the launch, as its record states it, and now."""

    title: str
    launch: Quantity
    now: Quantity
    change: Change | None = None

    @model_validator(mode="after")
    def _change_follows(self) -> LaunchRow:
        if isinstance(self.launch, Unavailable) or isinstance(self.now, Unavailable):
            expected = None
        else:
            expected = change_between(self.launch.value, self.now.value, self.now.unit)
        if self.change != expected:
            raise ValueError(f"{self.title}: the change stated is not the change since the launch")
        return self


class SinceLaunch(Frozen):
    """The window beside the launch.

    Attributes:
        record: what the launch left: version, date, alert rules, runbooks; which of the rules fired.
    """

    rows: Listing[LaunchRow]
    record: tuple[Sentence, ...] = ()


class Headline(Frozen):
    """What a person at seven in the morning needs.

    Attributes:
        why: the rows that decided the grade.
        changed: against the last report, or against the last window when this is the first.
        since: what it is compared with, in words.
        do: what to do now; "nothing" is said, not left out.
        decides: who.
        remarks: what the specialist adds.
    """

    grade: Grade
    why: tuple[Sentence, ...]
    since: str
    changed: tuple[Sentence, ...]
    do: Sentence
    decides: str
    remarks: tuple[Sentence, ...] = ()


class HealthReport(Report):
    """One week of the application's health.

    Attributes:
        coverage: what the data covers: lines, span, minutes.
        summary: the rows set against targets under the grade, in the specification's order.
        unmeasured: titles of the objectives that could not be measured.
        uptime_by_requests: the uptime objective's budget by failed requests; no grade goes by it.
        action: what to do about the errors, naming endpoint and trigger.
        trend: verdict on the response time.
        trend_remarks: what the specialist adds to it.
        actions: what is still to be done after incidents, these and earlier ones.
        uptime_unplanned: uptime without the minutes of planned maintenance.
        maintenance: planned maintenance in the window, as recorded.
        launch: the window beside the launch.
    """

    kind: Literal["weekly_health"] = "weekly_health"
    title: str = "Weekly Health Report"
    coverage: tuple[Sentence, ...]
    headline: Headline
    summary: tuple[MetricRow, ...]
    total_requests: Quantity
    unmeasured: tuple[str, ...] = ()
    metrics: tuple[MetricRow, ...]
    budgets: Listing[ErrorBudget]
    uptime_by_requests: ErrorBudget | None = None
    actions: ActionItems = NOTHING_TRACKED
    incidents: Listing[Incident]
    downtime: Listing[Outage]
    uptime_unplanned: Quantity = NO_MAINTENANCE
    maintenance: tuple[Maintenance, ...] = ()
    top_endpoints: Listing[TopEndpoint]
    errors: Listing[ErrorType]
    action: tuple[Sentence, ...]
    slowest: Listing[SlowEndpoint]
    trend: Sentence
    trend_remarks: tuple[Sentence, ...] = ()
    resources: Resources
    resource_remarks: tuple[Sentence, ...] = ()
    launch: SinceLaunch
    recommendations: tuple[Recommendation, ...] = ()
    series: tuple[Series, ...] = ()

    @property
    def stem(self) -> str:
        """As its files are named: "weekly-health-2025-W47", "monthly-health-2025-10"."""
        kinds = {"week": "weekly-health", "month": "monthly-health", "day": "daily-health", "span": "health"}
        return f"{kinds[period_name(self.window)]}-{span_name(self.window)}"

    @property
    def period(self) -> str:
        """What the window is called: "week", "month", "day", or "span"."""
        return period_name(self.window)
