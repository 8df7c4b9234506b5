"""Where another common definition of a figure gives something else: a reader may have that one in mind."""

from __future__ import annotations

from collections.abc import Iterator
from math import fsum

from postlaunch.agents.analytics_measured import (
    RETENTION_DAYS,
    adoption_asked,
    funnel_asked,
    funnel_otherwise,
    other_modes,
    use_asked,
)
from postlaunch.agents.analytics_results import Results
from postlaunch.agents.analytics_users import ACTIVE, GROWTH, audience_name
from postlaunch.facts import Fact
from postlaunch.printing import value_text
from postlaunch.reports.judged import Sentence, said
from postlaunch.settings_analytics import FeatureSettings, FunnelSettings

DIFFERENT = 0.05
"""Two definitions differ by more than 5 points."""

WEEK = 7


def otherwise(span: Results) -> tuple[Sentence, ...]:
    """A line for each figure that another common definition changes by more than 5 points."""
    return (
        *_retention(span),
        *_stickiness(span),
        *(line for feature in span.analytics.features for line in _adoption(span, feature)),
        *(line for funnel in span.analytics.funnels for line in _funnel(span, funnel)),
        *(Sentence(text=f"Not compared: {why}") for why in span.not_compared if not span.problems),
    )


def _differ(one: float, other: float) -> bool:
    return abs(one - other) > DIFFERENT + 1e-12


def _retention(span: Results) -> Iterator[Sentence]:
    for day in RETENTION_DAYS:
        on_day = span.fact("retention", f"day_{day}_retention")
        later = span.fact("retention", f"day_{day}_retention_unbounded")
        if on_day and later and _differ(on_day.value, later.value):
            yield said(
                "Retention of day {day} is {on_day} on that day, and {later} on that day or a later one",
                day=f"{day}",
                on_day=on_day,
                later=later,
            )


def _stickiness(span: Results) -> Iterator[Sentence]:
    ours, weekly = span.fact(ACTIVE, "stickiness"), span.fact(ACTIVE, "weekly_active_users")
    listed = sorted(span.facts("active_users_by_day", "day_active_users"), key=lambda fact: fact.entity)
    if ours is None or weekly is None or not weekly.value or len(listed) < WEEK:
        return
    days = listed[-WEEK:]
    share = fsum(fact.value for fact in days) / WEEK / weekly.value
    if _differ(ours.value, share):
        yield _beside(
            f"Stickiness is {_share(ours.value)} as daily ÷ monthly active users, and {_share(share)} as "
            "daily ÷ weekly active users of the last 7 days",
            (ours, *days, weekly),
        )


def _adoption(span: Results, feature: FeatureSettings) -> Iterator[Sentence]:
    asked, event = adoption_asked(feature.role), feature.event
    ours, tried = (span.fact(asked, name, event) for name in ("feature_adoption", "feature_users"))
    if ours is None or tried is None:
        return
    used, active = span.fact(use_asked(feature), "users_of_kind", event), _active(span)
    begin = f"Adoption of {feature.title} is {_share(ours.value)} of all {audience_name(feature)}"
    if used and active and active.value and _differ(ours.value, used.value / active.value):
        share = _share(used.value / active.value)
        yield _beside(
            f"{begin}, whenever they tried it; {share} of those active in the span used it in the span",
            (ours, used, active),
        )
    total = span.fact(GROWTH, "total_users")
    if feature.role and total and total.value and _differ(ours.value, tried.value / total.value):
        yield _beside(
            f"{begin}; those who tried it are {_share(tried.value / total.value)} of all users of any role",
            (ours, tried, total),
        )


def _active(span: Results) -> Fact | None:
    return span.fact("users_active_in", "users_in_span")


def _funnel(span: Results, funnel: FunnelSettings) -> Iterator[Sentence]:
    reached = span.facts(funnel_asked(funnel), "funnel_from_first")
    if len(reached) < len(funnel.steps):
        return
    ours = reached[-1]
    others = [
        fact
        for mode in other_modes(funnel)
        for fact in span.facts(funnel_otherwise(funnel, mode), "funnel_completed")
        if _differ(ours.value, fact.value)
    ]
    if others:
        told = "; ".join(f"{_share(fact.value)} {fact.note}" for fact in others)
        yield _beside(
            f"The funnel {funnel.title} is finished by {_share(ours.value)} {ours.note}; by {told}",
            (ours, *others),
        )


def _share(value: float) -> str:
    return value_text(value, "ratio")


def _beside(text: str, facts: tuple[Fact, ...]) -> Sentence:
    return Sentence(text=text, facts=tuple(dict.fromkeys(fact.id for fact in facts)))
