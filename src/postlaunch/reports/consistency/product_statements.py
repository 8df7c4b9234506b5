"""What a backlog states of security, features and competitors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from postlaunch.facts import Fact, Measured, Quantity
from postlaunch.printing import value_text
from postlaunch.reports.backlog import BacklogReport
from postlaunch.reports.consistency import plan_statements as plans
from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.statements import Breakdown, Entry, Ranking, Share, Statement
from postlaunch.reports.features import ReviewedFeature
from postlaunch.reports.security import SecurityReview
from postlaunch.reports.targets import Target
from postlaunch.windows import Window


def product_statements(report: BacklogReport) -> Iterator[Statement]:
    """Their figures that stand in some relation to one another, or to another report's."""
    yield from security_statements(report.title, report.window, report.security)
    yield from _features(report)
    yield from _claims(report)


# --- security ---------------------------------------------------------------------------------------------


def security_statements(title: str, window: Window, review: SecurityReview) -> Iterator[Statement]:
    """The counts by severity add up to the whole, and hold the lines of each; lines of one stand by score.

    Args:
        title, window: of the report that prints the review.
    """
    total = _figure(review.total, window)
    counts = [(one.severity, _figure(one.count, window)) for one in review.counts]
    parts = tuple(count for _, count in counts if count is not None)
    if total is not None and parts:
        yield Breakdown(report=title, window=window, what="open vulnerabilities", whole=total, parts=parts)
    lines = Counter(found.severity for found in review.listed.items)
    for severity, count in counts:
        if count is not None:
            yield Breakdown(
                report=title,
                window=window,
                what=f"vulnerabilities listed as {severity}",
                whole=count,
                parts=(_count(lines[severity]),),
                complete=False,
            )
        yield Ranking(
            report=title,
            window=window,
            what=f"Security Findings, {severity}",
            entries=tuple(
                Entry(name=found.name, value=score)
                for found in review.listed.items
                if found.severity == severity and (score := _figure(found.score, window)) is not None
            ),
        )


# --- features ---------------------------------------------------------------------------------------------


def _features(report: BacklogReport) -> Iterator[Statement]:
    """Adoption is users ÷ audience; what is called underperforming misses the objective."""
    review = report.feature_review
    target = review.adoption.target if review.adoption else None
    if target is not None:
        yield plans.Target(
            report=report.title, metric="feature_adoption", value=_goal(target), direction=target.direction
        )
    for feature in (*review.sunset.items, *review.underperforming.items):
        adoption = _fact(report, feature.figure)
        if adoption is not None and adoption.name == "feature_adoption":
            yield from _adoption(report, feature, adoption, target)


def _adoption(
    report: BacklogReport, feature: ReviewedFeature, adoption: Fact, target: Target | None
) -> Iterator[Statement]:
    value = _stated(adoption)
    users, audience = (_beside(report, adoption, name) for name in ("feature_users", "feature_audience"))
    if users is not None and audience is not None:
        yield Share(
            report=report.title,
            window=adoption.window,
            what=feature.title,
            part=_stated(users),
            whole=_stated(audience),
            share=value,
        )
    if target is not None:
        yield plans.Row(
            report=report.title,
            window=adoption.window,
            title=feature.title,
            value=value,
            target=_goal(target),
            direction=target.direction,
            status="missed",
        )


def _fact(report: BacklogReport, quantity: Quantity) -> Fact | None:
    return report.evidence.facts.get(quantity.fact) if isinstance(quantity, Measured) else None


def _beside(report: BacklogReport, fact: Fact, name: str) -> Fact | None:
    """Another figure of the same measurement, on the same entity."""
    for other in report.evidence.facts.values():
        if other.key == (name, fact.entity) and other.measurement == fact.measurement:
            return other
    return None


# --- competitors ------------------------------------------------------------------------------------------


def _claims(report: BacklogReport) -> Iterator[Statement]:
    claims, stale = (
        _figure(quantity, report.window) for quantity in (report.competition.claims, report.competition.stale)
    )
    if claims is not None and stale is not None:
        yield Breakdown(
            report=report.title, what="stale claims", whole=claims, parts=(stale,), complete=False
        )


# --- figures ----------------------------------------------------------------------------------------------


def _figure(quantity: Quantity, window: Window) -> Figure | None:
    return Figure.stated(quantity, zone=window.zone)


def _stated(fact: Fact) -> Figure:
    return Figure.of(fact.value, fact.unit, value_text(fact.value, fact.unit, zone=fact.window.zone))


def _goal(target: Target) -> Figure:
    return Figure.of(target.value, target.unit, target.text())


def _count(number: int) -> Figure:
    return Figure.of(number, "count", value_text(number, "count"))
