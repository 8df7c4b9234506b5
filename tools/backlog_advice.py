"""What a backlog says and recommends by rule: what to decide, what it rests on, what has no item yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from postlaunch.facts import Measured, Quantity
from postlaunch.printing import value_text
from postlaunch.reports.backlog import FeatureRequest
from postlaunch.reports.colleagues import Colleague
from postlaunch.reports.competition import Competition
from postlaunch.reports.features import FeatureReview
from postlaunch.reports.judged import Recommendation, Sentence
from postlaunch.reports.scope import Scope
from postlaunch.reports.security import SecurityReview, Vulnerability
from postlaunch.tools.fates import NO_ITEM
from postlaunch.tools.measurement import MeasurementResult

# --- the first lines --------------------------------------------------------------------------------------


def headline(
    sprint: int,
    scope: Scope,
    listed: Sequence[FeatureRequest],
    colleagues: Sequence[Colleague],
    security: SecurityReview,
) -> tuple[Sentence, ...]:
    """What cannot wait, what is due but not in the scope, what there is to decide, the one thing people
    ask for most, and what has no item.
    """
    urgent = tuple(_urgent(found) for found in security.routed("hotfix"))
    urgent += due_outside(security, scope)
    left = [finding for one in colleagues for finding in one.findings if finding.becomes == NO_ITEM]
    without = (
        "1 finding of the other specialists has"
        if len(left) == 1
        else (f"{len(left)} findings of the other specialists have")
    )
    loose = (Sentence(text=f"{without} no candidate item yet."),) if left else ()
    return (*urgent, _to_decide(sprint, scope, listed), *loose)


def _urgent(found: Vulnerability) -> Sentence:
    return Sentence(
        text=f"{found.name} is {found.rating}: a hotfix now, not for a sprint.", facts=_facts(found.score)
    )


def due_outside(security: SecurityReview, scope: Scope) -> tuple[Sentence, ...]:
    """The vulnerabilities that the rules send to the next sprint and the scope has no item for, by severity
    and by whether there is an item.
    """
    missing: dict[tuple[str, str], list[Vulnerability]] = {}
    for found in security.routed("next sprint"):
        if not set(found.items) & set(scope.ids):
            why = f"put off: item {', '.join(found.items)}" if found.items else "no candidate item yet"
            missing.setdefault((found.severity, why), []).append(found)
    return tuple(
        Sentence(
            text=f"{len(some)} {severity} {'vulnerability' if len(some) == 1 else 'vulnerabilities'} "
            f"({', '.join(found.name for found in some)}) {'is' if len(some) == 1 else 'are'} "
            f"not in this scope: {why}.",
            facts=tuple(fact for found in some for fact in _facts(found.score)),
        )
        for (severity, why), some in missing.items()
    )


def _to_decide(sprint: int, scope: Scope, listed: Sequence[FeatureRequest]) -> Sentence:
    days = value_text(scope.total_days, "days")
    fits = "fits" if scope.fits else "does not fit"
    items = "1 item" if len(scope.ids) == 1 else f"{len(scope.ids)} items"
    left = ", ".join(item.title for item in scope.left_out)
    decide = (
        f"Decide on sprint {sprint}: {items}, {days} of work with testing and documentation; {fits}"
        + (f". Left out: {left}" if left else "")
        if scope.ids
        else f"Nothing can be put into sprint {sprint}: no candidate item fits, or none is declared"
    )
    if not listed or not isinstance(listed[0].requesters, Measured):
        return Sentence(text=f"{decide}.")
    top = listed[0]
    people = value_text(listed[0].requesters.value, "count")
    return Sentence(
        text=f"{decide}. Most asked for: {top.label}, by {people} people.", facts=(listed[0].requesters.fact,)
    )


def basis(
    requests: MeasurementResult | None, colleagues: Sequence[Colleague], features: FeatureReview
) -> str:
    """Which of usage data, requests and ROI there were, and where they come from."""
    counted = requests is not None and requests.status == "ok"
    feedback = "requests counted from support tickets" if counted else "requests as declared"
    roi = "ROI from benefit and cost as declared in the candidates file"
    heard = [colleague.name for colleague in colleagues if colleague.findings]
    also = f"; and on what {_listed(heard)} found" if heard else ""
    if features.available:
        return f"Based on usage data ({features.basis}), {feedback}, and {roi}{also}"
    missing = features.sunset.reason.removeprefix("not available: ")
    if missing == "no source of feature use is configured":
        missing = "no source of feature use"
    return f"Based on {feedback}, and {roi}{also}; usage data is not available: {missing}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# --- what to do beside the sprint -------------------------------------------------------------------------


def backlog_advice(
    colleagues: Sequence[Colleague],
    security: SecurityReview,
    features: FeatureReview,
    competition: Competition,
    sprint: int,
) -> tuple[Recommendation, ...]:
    """What the rules recommend beside the scope, the most urgent first."""
    return (
        *_vulnerabilities(security, sprint),
        *_findings_without_items(colleagues),
        *_to_sunset(features),
        *_stale_claims(competition),
    )


def _vulnerabilities(security: SecurityReview, sprint: int) -> Iterator[Recommendation]:
    for found in security.routed("hotfix"):
        yield _update(found, "in a hotfix, now")
    for found in security.routed("next sprint"):
        if not found.items:
            yield _update(found, f"in sprint {sprint}: make it a candidate item")
    for found in security.routed("to be rated"):
        yield Recommendation(
            target=found.name,
            action=Sentence(text="Rate it: nobody did"),
            rationale=Sentence(text=found.rated_by, facts=_facts(found.since)),
        )


def _update(found: Vulnerability, when: str) -> Recommendation:
    fixed = f"Update {found.package} to {found.fixed_in}" if found.fixed_in else f"Take {found.package} out"
    known = " and known to be used in attacks" if found.exploited else ""
    return Recommendation(
        target=found.id,
        action=Sentence(text=f"{fixed} {when}"),
        rationale=Sentence(
            text=f"{found.name} is {found.rating}{known}", facts=(*_facts(found.score), *_facts(found.since))
        ),
    )


def _findings_without_items(colleagues: Sequence[Colleague]) -> Iterator[Recommendation]:
    for colleague in colleagues:
        for finding in colleague.findings:
            if finding.becomes == NO_ITEM:
                yield Recommendation(
                    target=finding.title,
                    action=Sentence(text="Estimate the effort and make it a candidate item"),
                    rationale=Sentence(
                        text=f"{colleague.name}: {finding.finding.text}", facts=finding.finding.facts
                    ),
                )


def _to_sunset(features: FeatureReview) -> Iterator[Recommendation]:
    for feature in features.sunset.items:
        yield Recommendation(
            target=feature.title,
            action=Sentence(text="Decide whether to sunset it"),
            rationale=feature.because,
        )


def _stale_claims(competition: Competition) -> Iterator[Recommendation]:
    if isinstance(competition.stale, Measured) and competition.stale.value:
        stale = value_text(competition.stale.value, "count")
        yield Recommendation(
            target="the notes on competitors",
            action=Sentence(text="Look again at the stale claims"),
            rationale=Sentence(
                text=f"claims older than {competition.months} months: {stale}",
                facts=_facts(competition.stale),
            ),
        )


def _facts(quantity: Quantity) -> tuple[str, ...]:
    return (quantity.fact,) if isinstance(quantity, Measured) else ()
