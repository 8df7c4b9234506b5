"""The monthly review, typed: one page that says what the month was and what is to be decided.

It sums up three reports of the same month and links to them; it measures nothing that they have measured. The
security review and the competitive analysis are its own.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from postlaunch.facts import Frozen, Quantity, Unavailable
from postlaunch.reports.analytics_figures import KeyFigure
from postlaunch.reports.competition import Competition
from postlaunch.reports.health import Grade, MetricRow
from postlaunch.reports.judged import Sentence
from postlaunch.reports.performance_capacity import CostScenario, Projection
from postlaunch.reports.realised import NOT_WATCHED, RealisedItem
from postlaunch.reports.report import Listing, Report, span_name
from postlaunch.reports.security import SecurityReview
from postlaunch.windows import Moment

Part = Literal["health", "performance", "analytics"]

NOT_REVIEWED = Unavailable(reason="the performance-monitor took no part")


class ReviewedReport(Frozen):
    """One of the three reports that are summed up.

    Attributes:
        file: its files' name without ending, in the folder of this review; empty where there is none.
        says: its own first lines.
        reason: why there is none; empty where there is.
    """

    part: Part
    title: str
    file: str = ""
    says: tuple[Sentence, ...] = ()
    reason: str = ""


class ToDecide(Frozen):
    """One thing that somebody is to decide.

    Attributes:
        about: which part of the review it comes from.
        what: what to do, or to choose, with the figures behind it.
        decides: who.
    """

    about: str
    what: Sentence
    decides: str


class ReviewedIncident(Frozen):
    """An incident of the month, as the ledger has it.

    Attributes:
        severity: empty while nobody judged it.
        cause: of its report; empty where there is none.
        file: the name of its report's files without ending; empty where there is none here.
    """

    id: str
    severity: str
    status: Literal["open", "resolved"]
    started_at: Moment
    ended_at: Moment
    summary: str = ""
    file: str = ""


class OpenAction(Frozen):
    """Something to be done after an incident that nobody has closed.

    Attributes:
        overdue: its day was past when the review was made.
    """

    id: str
    owner: str
    action: str
    due: date
    overdue: bool


class Scaling(Frozen):
    """How long capacity lasts, and what that costs: as the performance report says.

    Attributes:
        pods: those that run now.
        per_user: cost per user and month.
    """

    pods: Quantity = NOT_REVIEWED
    projections: Listing[Projection]
    scenarios: tuple[CostScenario, ...] = ()
    per_user: Quantity = NOT_REVIEWED


class MonthlyReview(Report):
    """What a month was, in health, performance and use, and what is to be decided.

    Attributes:
        grade: of the month's health.
        headline: what the month was, in a few sentences.
        decide: the most pressing first.
        metrics: the key metrics of health.
        usage: growth and retention of users.
        business: figures against the objectives of the business.
        realised: what deployed items were to bring, and brought.
    """

    kind: Literal["monthly_review"] = "monthly_review"
    title: str = "Monthly Review"
    grade: Grade
    headline: tuple[Sentence, ...]
    decide: Listing[ToDecide]
    reports: tuple[ReviewedReport, ...]
    metrics: Listing[MetricRow]
    scaling: Scaling
    usage: Listing[KeyFigure]
    business: Listing[MetricRow]
    incidents: Listing[ReviewedIncident]
    actions: Listing[OpenAction]
    realised: Listing[RealisedItem] = NOT_WATCHED
    security: SecurityReview
    competition: Competition

    @property
    def month(self) -> str:
        """ "October 2025"."""
        return f"{self.window.local(self.window.start):%B %Y}"

    @property
    def stem(self) -> str:
        """As its files are named: "monthly-review-2025-10"."""
        return f"monthly-review-{span_name(self.window)}"

    def part(self, name: Part) -> ReviewedReport:
        """What is reviewed of one part."""
        return next(one for one in self.reports if one.part == name)
