"""The verdicts of a backlog, for a model to see and dispute: fit, tier, route, severity, features."""

from __future__ import annotations

from collections.abc import Iterator

from postlaunch.agents.judgement import Verdict
from postlaunch.facts import Measured
from postlaunch.reports.backlog import BacklogReport


def verdicts_of(report: BacklogReport) -> tuple[Verdict, ...]:
    """What the rules decided, by subject."""
    return (*_scope(report), *_items(report), *_security(report), *_features(report))


def _scope(report: BacklogReport) -> Iterator[Verdict]:
    scope = report.scope
    because = "; ".join(scope.infeasible or scope.proof) or "nothing is in the scope"
    yield Verdict(
        rule="fit", subject="scope", value="fits" if scope.fits else "does not fit", because=because
    )


def _items(report: BacklogReport) -> Iterator[Verdict]:
    for item in report.items:
        yield Verdict(rule="tier", subject=item.id, value=item.decision, because=item.because)
        yield Verdict(
            rule="route", subject=item.id, value=f"Phase {item.route.phase}", because=item.route.because
        )


def _security(report: BacklogReport) -> Iterator[Verdict]:
    for found in report.security.listed.items:
        facts = (found.score.fact,) if isinstance(found.score, Measured) else ()
        yield Verdict(
            rule="severity", subject=found.id, value=found.severity, because=found.rated_by, facts=facts
        )


def _features(report: BacklogReport) -> Iterator[Verdict]:
    review = report.feature_review
    for value, listing in (("to sunset", review.sunset), ("underperforming", review.underperforming)):
        for feature in listing.items:
            yield Verdict(
                rule="feature",
                subject=feature.title,
                value=value,
                because=feature.because.text,
                facts=feature.because.facts,
            )
