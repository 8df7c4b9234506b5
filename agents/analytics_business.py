"""The sections of the analytics report on business: figures against objectives, what people ask for."""

from __future__ import annotations

from collections.abc import Sequence

from postlaunch.agents.analytics_measured import TIME_TO_DEPLOY, adoption_asked
from postlaunch.agents.analytics_results import Results
from postlaunch.agents.analytics_users import growth_reason, why_no_adoption
from postlaunch.facts import Derived, Fact, Measured, Unavailable, change_between
from postlaunch.printing import value_text, window_text
from postlaunch.reports.backlog import FeatureRequest
from postlaunch.reports.health import MetricRow
from postlaunch.reports.judged import Sentence
from postlaunch.reports.report import Listing
from postlaunch.settings_analytics import FeatureSettings
from postlaunch.tools.analytics_verdicts import computed_status
from postlaunch.tools.backlog_requests import feature_requests, unshared_note
from postlaunch.tools.verdicts import row_status

COST_PER_USER = "cost a month ÷ users active in the month"
REQUESTS = "request_groups"
MOST_REQUESTS = 10
"""Groups of requests that are listed; the backlog has them all."""


def business(span: Results) -> tuple[MetricRow, ...]:
    """Growth, retention, tickets, cost, time to deploy and adoption against their objectives."""
    growth = "growth_of_objective" if "growth_of_objective" in span.results else "user_growth"
    young = span.note("retention", "day 30: ")
    return (
        _row(
            span,
            span.fact(growth, "user_growth"),
            "User growth, monthly",
            "user_growth",
            span.reason(growth, growth_reason(span, growth)),
        ),
        _row(
            span,
            span.fact("retention", "day_30_retention"),
            "Day-30 retention",
            "day_30_retention",
            span.reason("retention", young),
        ),
        _row(
            span,
            span.fact("support_ticket_rate", "support_ticket_rate"),
            "Support tickets a week",
            "support_tickets",
            span.reason("support_ticket_rate"),
        ),
        _cost_per_user(span),
        _row(
            span,
            span.fact(TIME_TO_DEPLOY, TIME_TO_DEPLOY),
            "Time to deploy enhancements",
            TIME_TO_DEPLOY,
            span.reason(TIME_TO_DEPLOY, "no hand-off was reported as deployed"),
        ),
        *(_of_feature(span, feature) for feature in span.analytics.features),
    )


def _cost_per_user(span: Results) -> MetricRow:
    """What a month costs for each user active in it: computed from two figures, and rated like the others."""
    cost, users = span.fact("costs", "cost_a_month"), span.fact("active_users_daily", "monthly_active_users")
    target, title = span.target("cost_per_user"), "Cost per user, monthly"
    if cost is None or users is None or not users.value:
        why = span.reason("costs") if cost is None else "no monthly active users were measured"
        nothing = Unavailable(reason=why)
        verdict = row_status(None, target, span.settings.verdicts, reason=why)
        return MetricRow(
            metric="cost_per_user",
            title=title,
            this=nothing,
            last=nothing,
            target=target,
            status=verdict.status,
            because=verdict.because,
        )
    currency = span.settings.application.currency
    each = Derived.of("ratio", Measured.of(cost), Measured.of(users), unit="money", statement=COST_PER_USER)
    printed = value_text(each.value, "money", currency=currency)
    verdict = computed_status(each.value, target, span.settings.verdicts, printed, currency=currency)
    last = _cost_before(cost, users)
    return MetricRow(
        metric="cost_per_user",
        title=title,
        this=each,
        last=last,
        change=None if isinstance(last, Unavailable) else change_between(last.value, each.value, "money"),
        target=target,
        status=verdict.status,
        because=verdict.because.model_copy(update={"facts": (cost.id, users.id)}),
        definition=f"{COST_PER_USER}; {cost.definition.statement}",
    )


def _cost_before(cost: Fact, users: Fact) -> Derived | Unavailable:
    before, active = Measured.baseline_of(cost), Measured.baseline_of(users)
    if isinstance(before, Unavailable) or isinstance(active, Unavailable) or not active.value:
        return Unavailable(reason="nothing to compare with")
    return Derived.of("ratio", before, active, unit="money", statement=COST_PER_USER)


def _of_feature(span: Results, feature: FeatureSettings) -> MetricRow:
    asked = adoption_asked(feature.role)
    fact = span.fact(asked, "feature_adoption", feature.event)
    missing = why_no_adoption(span, feature)
    return _row(span, fact, f"Adoption of {feature.title}", "feature_adoption", missing)


def _row(span: Results, fact: Fact | None, title: str, objective: str, reason: str) -> MetricRow:
    target = span.target(objective)
    verdict = row_status(fact, target, span.settings.verdicts, reason=reason)
    return MetricRow(
        metric=objective,
        title=title,
        this=Unavailable(reason=reason) if fact is None else Measured.of(fact),
        last=Unavailable(reason=reason) if fact is None else Measured.baseline_of(fact),
        change=None if fact is None else fact.change,
        target=target,
        status=verdict.status,
        because=verdict.because,
        definition="" if fact is None else _definition(span, fact),
        n=None if fact is None else fact.n,
    )


def _definition(span: Results, fact: Fact) -> str:
    """What the figure means; of when, where that is not the report's span."""
    spans = (span.window.start, span.window.observed_end), (fact.window.start, fact.window.observed_end)
    when = "" if spans[0] == spans[1] else f", {window_text(fact.window)}"
    return f"{fact.definition.statement}{when}"


# --- what people ask for ----------------------------------------------------------------------------------


def requests(span: Results) -> Listing[FeatureRequest]:
    """What people ask Support for, most of them first."""
    listed = feature_requests(span.results.get(REQUESTS))[:MOST_REQUESTS]
    if listed:
        return Listing[FeatureRequest](items=listed)
    reason = span.reason(REQUESTS, "no ticket up to the span's end asks for something")
    alone = unshared_note(span.results.get(REQUESTS))
    return Listing[FeatureRequest](reason=alone or f"not available: {reason}")


def request_span(span: Results) -> str:
    """Which tickets the requests are counted over."""
    facts = span.facts(REQUESTS, "feature_requests")
    return f"all tickets of {window_text(facts[0].window)}" if facts else ""


def request_advice(span: Results, sprint: str) -> tuple[Sentence, ...]:
    """What to take into a sprint's backlog: what at least the settings' share of all who ask, ask for."""
    listed = feature_requests(span.results.get(REQUESTS))
    everyone = sum(_people(item) for item in listed)
    least = span.analytics.request_share
    wanted = [item for item in listed if everyone and _people(item) >= least * everyone]
    share = value_text(least, "ratio")
    if not wanted:
        said = (
            f"none: nothing is asked for by {share} of those who ask"
            if listed
            else f"none: {unshared_note(span.results.get(REQUESTS)) or 'no request is known'}"
        )
        return (Sentence(text=said),)
    fates = (
        ("add", f"to the backlog of {sprint}", [item for item in wanted if item.candidate]),
        ("make a candidate item of", "first", [item for item in wanted if not item.candidate]),
    )
    return tuple(
        Sentence(
            text=f"{do} {_named(some)} {where} (asked for by at least {share} of those who ask)",
            facts=tuple(item.requesters.fact for item in some if isinstance(item.requesters, Measured)),
        )
        for do, where, some in fates
        if some
    )


def _people(item: FeatureRequest) -> float:
    return 0.0 if isinstance(item.requesters, Unavailable) else item.requesters.value


def _named(items: Sequence[FeatureRequest]) -> str:
    labels = [item.label for item in items]
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
