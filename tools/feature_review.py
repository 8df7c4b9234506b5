"""How features perform, by rule (`docs/definitions.md`, "Feature review"), from figures of product analytics.

* To sunset: adoption below `product.sunset_adoption`, lower than in the span compared with, over an audience
  of at least `product.mature_audience` users in both.
* Underperforming: adoption at or below the objective `feature_adoption`, over such an audience; and of each
  funnel the step before which most are lost, where that is at least `analytics.drop_attention` of those who
  start.

A feature of a smaller audience is named and not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from postlaunch.facts import Fact, Measured
from postlaunch.reports.features import NO_FEATURE_USE, FeatureReview, ReviewedFeature
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.report import Listing
from postlaunch.reports.series import Point, Series
from postlaunch.reports.targets import Target
from postlaunch.settings import Settings
from postlaunch.tools.verdicts import met

FIGURES = frozenset(
    {
        "feature_adoption",
        "feature_audience",
        "feature_users",
        "funnel_users",
        "funnel_dropped",
        "funnel_drop_points",
        "funnel_from_first",
    }
)
"""The figures of product analytics that features are judged by."""


@dataclass(frozen=True)
class _Feature:
    """One feature of the settings with its figures."""

    title: str
    adoption: Fact
    audience: Fact


def feature_review(
    facts: Sequence[Fact], settings: Settings, *, basis: str = "", reason: str = ""
) -> FeatureReview:
    """Judge the features whose figures are among these facts.

    Args:
        basis: who measured them.
        reason: why there are none, where there are none.
    """
    found = [fact for fact in facts if fact.name in FIGURES]
    features = list(_features(found, settings))
    steps = list(_worst_steps(found, settings))
    if not features and not _funnels_counted(found):
        why = f"not available: {reason}" if reason else NO_FEATURE_USE
        missing = Listing[ReviewedFeature](reason=why)
        return FeatureReview(sunset=missing, underperforming=missing)
    judged = [feature for feature in features if _mature(feature, settings)]
    sunset = [feature for feature in judged if _fading(feature, settings)]
    short = [feature for feature in judged if feature not in sunset and _short(feature, settings)]
    weak = [_below_objective(feature, settings) for feature in short] + steps
    return FeatureReview(
        sunset=Listing(
            items=tuple(_to_sunset(feature) for feature in sunset),
            reason="" if sunset else _none_to_sunset(features, judged, settings),
        ),
        underperforming=Listing(
            items=tuple(weak), reason="" if weak else _none_underperforming(found, features, judged)
        ),
        basis=basis,
        unjudged=tuple(_unjudged(feature, settings) for feature in features if feature not in judged),
        adoption=_series(features, settings),
    )


# --- features ---------------------------------------------------------------------------------------------


def _features(facts: Sequence[Fact], settings: Settings) -> Iterator[_Feature]:
    """The features of the settings that were measured, in their order."""
    for feature in settings.analytics.features:
        adoption = _of(facts, "feature_adoption", feature.event, feature.role)
        audience = _of(facts, "feature_audience", feature.event, feature.role)
        if adoption and audience:
            yield _Feature(feature.title, adoption, audience)


def _of(facts: Sequence[Fact], name: str, event: str, role: str) -> Fact | None:
    """The newest fact of a feature: its event, of the audience with this role."""
    same = [
        fact
        for fact in facts
        if fact.key == (name, event) and (fact.measurement.parameters.get("role") or "") == role
    ]
    return max(same, key=lambda fact: fact.window.observed_end, default=None)


def _mature(feature: _Feature, settings: Settings) -> bool:
    return feature.audience.value >= settings.product.mature_audience


def _fading(feature: _Feature, settings: Settings) -> bool:
    """Whether hardly anybody uses it, fewer than before, and there were enough to say so then, too."""
    now, audience = feature.adoption, feature.audience
    if now.baseline is None or audience.baseline is None:
        return False
    enough = audience.baseline >= settings.product.mature_audience
    return enough and now.value < settings.product.sunset_adoption and now.value < now.baseline


def _target(settings: Settings) -> Target | None:
    objective = settings.objectives.get("feature_adoption")
    return Target.of("feature_adoption", objective) if objective else None


def _short(feature: _Feature, settings: Settings) -> bool:
    target = _target(settings)
    return target is not None and not met(feature.adoption.value, target)


def _to_sunset(feature: _Feature) -> ReviewedFeature:
    because = said(
        "{adoption} of {audience} users have tried it, {adoption.change} from {adoption.before}",
        adoption=feature.adoption,
        audience=feature.audience,
    )
    return _reviewed(feature, because)


def _below_objective(feature: _Feature, settings: Settings) -> ReviewedFeature:
    target = _target(settings)
    because = said(
        "{adoption} of {audience} users have tried it; the objective is {goal}",
        adoption=feature.adoption,
        audience=feature.audience,
        goal=target.text() if target else "not set",
    )
    return _reviewed(feature, because)


def _reviewed(feature: _Feature, because: Sentence) -> ReviewedFeature:
    return ReviewedFeature(
        title=feature.title,
        event=feature.adoption.entity,
        figure=Measured.of(feature.adoption),
        because=because,
    )


def _unjudged(feature: _Feature, settings: Settings) -> Sentence:
    return said(
        "{title}: not judged, its audience of {audience} is smaller than {least}",
        title=feature.title,
        audience=feature.audience,
        least=str(settings.product.mature_audience),
    )


def _none_to_sunset(features: Sequence[_Feature], judged: Sequence[_Feature], settings: Settings) -> str:
    if not features:
        return "not available: the adoption of no feature was measured"
    if not judged:
        return "None: no audience is large enough to judge a feature by"
    least = f"{settings.product.sunset_adoption:.0%}"
    number = "1 feature" if len(judged) == 1 else f"{len(judged)} features"
    return f"None currently: none of {number} has an adoption below {least} that falls"


def _none_underperforming(
    facts: Sequence[Fact], features: Sequence[_Feature], judged: Sequence[_Feature]
) -> str:
    parts = []
    if judged:
        parts.append("every feature judged meets the objective of adoption")
    elif features:
        parts.append("no audience is large enough to judge a feature by")
    if _funnels_counted(facts):
        parts.append("no step of a funnel loses enough to be looked into")
    return f"None currently: {', and '.join(parts)}"


def _series(features: Sequence[_Feature], settings: Settings) -> Series | None:
    if not features:
        return None
    return Series(
        metric="feature_adoption",
        title="Adoption of features",
        unit="ratio",
        points=tuple(Point(label=feature.title, value=Measured.of(feature.adoption)) for feature in features),
        target=_target(settings),
        form="steps",
    )


# --- funnels ----------------------------------------------------------------------------------------------


def _funnels_counted(facts: Sequence[Fact]) -> bool:
    return any(fact.name == "funnel_drop_points" for fact in facts)


def _worst_steps(facts: Sequence[Fact], settings: Settings) -> Iterator[ReviewedFeature]:
    """Of each funnel the step before which most are lost, where that is enough to be looked into."""
    drops: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.name == "funnel_drop_points":
            drops.setdefault(fact.measurement.id, []).append(fact)
    for lost in drops.values():
        worst = max(lost, key=lambda fact: fact.value)
        if worst.value >= settings.analytics.drop_attention:
            yield _step(worst, facts, settings)


def _step(worst: Fact, facts: Sequence[Fact], settings: Settings) -> ReviewedFeature:
    dropped = next(
        (
            fact
            for fact in facts
            if fact.name == "funnel_dropped"
            and (fact.entity, fact.measurement.id) == (worst.entity, worst.measurement.id)
        ),
        None,
    )
    event = worst.entity.partition(" (step ")[0]
    label = settings.analytics.label(event)
    funnel = _funnel_of(worst, settings)
    most = f"more than before any other of the {funnel}"
    if dropped:
        template = "{drop} are lost before this step ({dropped} users), {most}"
        because = said(template, drop=worst, dropped=dropped, most=most)
    else:
        because = said("{drop} are lost before this step, {most}", drop=worst, most=most)
    return ReviewedFeature(title=label, event=event, figure=Measured.of(worst), because=because)


def _funnel_of(fact: Fact, settings: Settings) -> str:
    """What a funnel is called, by its steps and mode."""
    asked = fact.measurement.parameters
    for funnel in settings.analytics.funnels:
        if list(funnel.steps) == asked.get("steps") and funnel.mode == asked.get("mode"):
            title = funnel.title
            return title if title.casefold().endswith("funnel") else f"{title} funnel"
    return "funnel"
