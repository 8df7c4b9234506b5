"""One candidate item of a backlog with its verdicts, as the report prints it."""

from __future__ import annotations

from collections.abc import Sequence

from postlaunch.facts import Measured
from postlaunch.reports.backlog import NOT_WRITTEN, BacklogItem, FeatureRequest
from postlaunch.reports.colleagues import Colleague
from postlaunch.reports.features import FeatureReview
from postlaunch.reports.judged import Sentence
from postlaunch.reports.scope import Scope
from postlaunch.reports.security import SecurityReview
from postlaunch.settings import Settings
from postlaunch.sources.candidates import CandidateItem
from postlaunch.tools.planning import Appraisal
from postlaunch.tools.routing import route_of
from postlaunch.tools.tiers import TierVerdict


def backlog_item(
    number: int,
    appraisal: Appraisal,
    verdict: TierVerdict,
    scope: Scope,
    settings: Settings,
    request: FeatureRequest | None,
    sprint: int,
) -> BacklogItem:
    """The item at its place in the backlog.

    Args:
        request: what people ask for that matches it; None where nobody does.
    """
    item = appraisal.item
    inside = item.id in scope.ids
    return BacklogItem(
        number=number,
        id=item.id,
        title=item.title,
        description=item.description,
        requests=appraisal.requests,
        requests_note=request.note if request else "",
        business_impact=item.business_impact,
        effort=appraisal.effort,
        effort_by_owner=item.effort_by_owner,
        effort_assumed=item.effort_assumed,
        owners=_owners(item, scope),
        roi=appraisal.roi,
        rice=appraisal.rice,
        rice_formula=appraisal.rice_formula,
        tier=verdict.tier,
        decision=verdict.tier if inside else "Defer",
        because=verdict.because,
        left_out_because=next((left.reason for left in scope.left_out if left.id == item.id), ""),
        route=route_of(item, settings.verdicts),
        in_scope=inside,
        defer_to="" if inside else item.defer_to or f"Sprint {sprint + 1}",
        tickets=request.tickets if request else (),
        against=request.against if request else (),
        acceptance_criteria=item.acceptance_criteria,
        acceptance_note="" if item.acceptance_criteria else NOT_WRITTEN,
        required_by="; ".join(filter(None, (item.required_by, verdict.required))),
        depends_on=item.depends_on,
        components=item.components,
        touches=item.touches,
        success_measure=item.success_measure,
        success_target=item.success_target,
        risks=item.risks,
        notes=item.notes,
    )


def _owners(item: CandidateItem, scope: Scope) -> tuple[str, ...]:
    """Who would do it: as the scope shares it out; where it is not in it, whom it names and which skills."""
    shared = next((inside.days for inside in scope.items if inside.id == item.id), item.effort_by_owner)
    return tuple(dict.fromkeys((*item.effort, *shared)))


FOUND = 4
"""Findings that are named at one item; there may be more."""


def with_findings(
    items: Sequence[BacklogItem],
    colleagues: Sequence[Colleague],
    security: SecurityReview,
    features: FeatureReview,
) -> tuple[BacklogItem, ...]:
    """The items with the findings that each addresses, and what is known of how their features are used."""
    found: dict[str, list[Sentence]] = {}
    for colleague in colleagues:
        for finding in colleague.findings:
            said = Sentence(text=f"{colleague.name}: {finding.finding.text}", facts=finding.finding.facts)
            for identity in finding.items:
                found.setdefault(identity, []).append(said)
    for one in security.listed.items:
        facts = (one.score.fact,) if isinstance(one.score, Measured) else ()
        for identity in one.items:
            found.setdefault(identity, []).append(Sentence(text=f"{one.name}: {one.rating}", facts=facts))
    return tuple(
        item.model_copy(update={"found": _first(found.get(item.id, [])), "usage": _usage(item.id, features)})
        for item in items
    )


def _first(found: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """The first findings, and how many more there are."""
    left = len(found) - FOUND
    return (*found[:FOUND], *((Sentence(text=f"and {left} more, above"),) if left > 0 else ()))


def _usage(identity: str, features: FeatureReview) -> str:
    """What the review says of the features that an item addresses; else why nothing is known."""
    if not features.available:
        return features.sunset.reason
    every = (*features.sunset.items, *features.underperforming.items)
    said = [f"{one.title}: {one.because.text}" for one in every if identity in one.items]
    return "; ".join(said) or "not available: no feature that was reviewed is this item's"
