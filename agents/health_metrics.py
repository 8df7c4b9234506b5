"""The figures of the health report that stand against targets: key metrics, budgets, trend, charts."""

from __future__ import annotations

from dataclasses import dataclass

from postlaunch.agents.health_week import NO_LATENCY, NO_USERS, Week
from postlaunch.facts import Fact, Measured, Unavailable
from postlaunch.reports.health import ErrorBudget, MetricRow
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.report import Listing
from postlaunch.reports.series import Point, Series
from postlaunch.tools.error_budget import occurrence_budget, request_budget, time_budget
from postlaunch.tools.verdicts import RowVerdict, pace_verdict, row_status


@dataclass(frozen=True)
class Metric:
    """One row of the key metrics: where its figure comes from, and which objective it is set against.

    Attributes:
        asked: the measurement that gives it.
        objective: a key of the settings' table, or "" for none.
        missing: why the measurement may have worked and yet not given it.
        shown_if_missing: whether the row stands in the report without a figure, with the reason.
        stands_in_for: shown only where the figure of this name could not be measured, and not rated.
        elsewhere: measurement and figure of another source, for where the first has none.
        a_week: measurement and figure for a span that is no week, where the objective is for one.
    """

    name: str
    title: str
    asked: str
    objective: str = ""
    missing: str = ""
    shown_if_missing: bool = True
    stands_in_for: str = ""
    elsewhere: tuple[str, str] | None = None
    a_week: tuple[str, str] | None = None

    def found(self, week: Week) -> tuple[str, Fact | None]:
        """Which measurement gives the figure, and the figure."""
        if self.a_week is not None and self.a_week[0] in week.results:
            asked, name = self.a_week
            return asked, week.fact(asked, name)
        fact = week.fact(self.asked, self.name)
        if fact is None and self.elsewhere is not None and self.elsewhere[0] in week.results:
            asked, name = self.elsewhere
            return asked, week.fact(asked, name)
        return self.asked, fact


METRICS = (
    Metric("uptime", "Uptime", "uptime", "uptime"),
    Metric("mean_response_time", "Avg Response Time", "request_summary", "mean_response_time", NO_LATENCY),
    Metric("p95_response_time", "95th Percentile", "request_summary", "p95_response_time", NO_LATENCY),
    Metric("error_rate", "Error Rate", "request_summary", "error_rate"),
    Metric(
        "active_users",
        "Active Users",
        "request_summary",
        missing=NO_USERS,
        elsewhere=("active_in_events", "users_in_span"),
    ),
    Metric(
        "new_registrations", "New Registrations", "registrations", elsewhere=("joined_in_events", "new_users")
    ),
    # Beyond the specification's six rows:
    Metric("total_requests", "Total Requests", "request_summary"),
    Metric("availability", "Availability (by requests)", "request_summary", stands_in_for="uptime"),
    Metric("client_error_rate", "Client Errors (4xx)", "request_summary"),
    Metric(
        "support_tickets",
        "Support Tickets",
        "ticket_volume",
        "support_tickets",
        shown_if_missing=False,
        a_week=("support_ticket_rate", "support_ticket_rate"),
    ),
)
UNRATED = RowVerdict(
    status="not available", because=Sentence(text="not rated: the error rate, its complement, is")
)
SUMMARY = ("uptime", "mean_response_time", "error_rate")


def metric_rows(week: Week) -> tuple[MetricRow, ...]:
    """The key metrics, in the specification's order, then ours."""
    rows = ((metric, *metric.found(week)) for metric in METRICS if _needed(week, metric))
    return tuple(
        _row(week, metric, asked, fact) for metric, asked, fact in rows if fact or metric.shown_if_missing
    )


def _needed(week: Week, metric: Metric) -> bool:
    named = metric.stands_in_for
    return not named or week.fact(named, named) is None


def _row(week: Week, metric: Metric, asked: str, fact: Fact | None) -> MetricRow:
    target = week.target(metric.objective) if metric.objective else None
    reason = week.reason(asked, metric.missing)
    verdict = row_status(fact, target, week.settings.verdicts, reason=reason)
    if metric.stands_in_for and fact:
        verdict = UNRATED
    return MetricRow(
        metric=metric.name,
        title=metric.title if fact is None or asked == metric.asked else _titled(metric, asked),
        this=Unavailable(reason=reason) if fact is None else Measured.of(fact),
        last=Unavailable(reason=reason) if fact is None else Measured.baseline_of(fact),
        change=None if fact is None else fact.change,
        target=target,
        status=verdict.status,
        because=verdict.because,
        definition="" if fact is None else fact.definition.statement,
        n=None if fact is None else fact.n,
    )


def _titled(metric: Metric, asked: str) -> str:
    """A count a week says so: in a report on a month it is no count of the month."""
    return f"{metric.title} a Week" if metric.a_week and metric.a_week[0] == asked else metric.title


def error_budgets(week: Week) -> Listing[ErrorBudget]:
    """What is spent of the budgets of the uptime and the error-rate objectives."""
    budgets: list[ErrorBudget | None] = []
    uptime, errors = week.target("uptime"), week.target("error_rate")
    down = week.fact("uptime_of_objective", "down_minutes") or week.fact("uptime", "down_minutes")
    rate = week.fact("request_summary", "error_rate")
    if uptime and down:
        budgets.append(time_budget(uptime, down))
    if errors and rate:
        budgets.append(occurrence_budget(errors, rate))
    items = tuple(budget for budget in budgets if budget is not None)
    return Listing[ErrorBudget](
        items=items, reason="" if items else week.reason("request_summary", "no data")
    )


def uptime_by_requests(week: Week) -> ErrorBudget | None:
    """The budget of the uptime objective by requests that failed, beside that by minutes down."""
    uptime = week.target("uptime")
    rate = week.fact("requests_of_objective", "error_rate") or week.fact("request_summary", "error_rate")
    return request_budget(uptime, rate) if uptime and rate else None


def trend(week: Week) -> Sentence:
    """The verdict on the response time against the week before."""
    fact = week.fact("request_summary", "mean_response_time")
    reason = week.reason("request_summary", NO_LATENCY)
    return pace_verdict(fact, week.settings.verdicts, reason=reason)


def trend_parts(week: Week) -> tuple[Sentence, ...]:
    """How much of the change came from speed, and how much from traffic moving between endpoints."""
    rate, mix = week.fact("mix_shift", "rate_effect"), week.fact("mix_shift", "mix_effect")
    if rate is None or mix is None:
        return ()
    return (said("of the change, {rate} from speed and {mix} from the mix of traffic", rate=rate, mix=mix),)


DAYS = (
    ("day_requests", "Requests per day", ""),
    ("day_error_rate", "Error rate per day", "error_rate"),
    ("day_mean_response_time", "Average response time per day", "mean_response_time"),
)


def series(week: Week) -> tuple[Series, ...]:
    """The figures of each day, for the charts."""
    return tuple(
        Series(
            metric=name,
            title=title,
            unit=facts[0].unit,
            points=tuple(Point(label=fact.entity, value=Measured.of(fact)) for fact in facts),
            target=week.target(objective) if objective else None,
        )
        for name, title, objective in DAYS
        if (facts := sorted(week.facts("requests_by_day", name), key=lambda fact: fact.entity))
    )
