"""Features judged by rule: which to sunset, which fall short, which say too little to be judged."""

from __future__ import annotations

from datetime import UTC, datetime

from postlaunch.facts import Definition, Fact, Measurement
from postlaunch.settings import Settings
from postlaunch.settings_analytics import Analytics, FeatureSettings, FunnelSettings
from postlaunch.settings_objectives import DEFAULT_OBJECTIVES
from postlaunch.settings_product import Product
from postlaunch.tools import definitions_analytics as definitions
from postlaunch.tools.feature_review import feature_review
from postlaunch.windows import Window

SPAN = Window(start=datetime(2025, 10, 27, tzinfo=UTC), end=datetime(2025, 11, 24, tzinfo=UTC), zone="UTC")
STEPS = ("visit", "start", "submit", "verified")
SETTINGS = Settings(
    analytics=Analytics(
        features=(
            FeatureSettings(title="Log-in", event="login"),
            FeatureSettings(title="Export", event="exported"),
            FeatureSettings(title="Roles", event="role_assigned", role="admin"),
        ),
        funnels=(FunnelSettings(title="Registration Funnel", steps=STEPS),),
        labels={"verified": "E-mail verification"},
    ),
    product=Product(sunset_adoption=0.1, mature_audience=100),
)


def fact(
    definition: Definition, value: float, before: float | None = None, entity: str = "login", role: str = ""
) -> Fact:
    asked: dict[str, object] = {"role": role} if role else {}
    if entity in STEPS:
        asked = {"steps": list(STEPS), "mode": "ordered"}
    return Fact(
        name=definition.name,
        value=value,
        unit=definition.unit,
        entity=entity,
        window=SPAN,
        definition=definition,
        measurement=Measurement.model_validate(
            {"name": "funnel" if entity in STEPS else "feature_adoption", "parameters": asked}
            | {"source": "events", "fingerprint": "f"}
        ),
        n=1000,
        baseline=before,
        baseline_window=None if before is None else SPAN.before(),
    )


def feature(
    event: str,
    adoption: float,
    before: float | None = None,
    *,
    audience: float = 1000,
    audience_before: float | None = 800,
    role: str = "",
) -> tuple[Fact, ...]:
    return (
        fact(definitions.FEATURE_ADOPTION, adoption, before, event, role),
        fact(definitions.AUDIENCE, audience, audience_before, event, role),
    )


def drops(**lost: float) -> tuple[Fact, ...]:
    return tuple(fact(definitions.FUNNEL_DROP_POINTS, value, entity=step) for step, value in lost.items())


def test_a_feature_that_hardly_anybody_uses_and_fewer_than_before_is_one_to_sunset() -> None:
    review = feature_review(feature("exported", 0.04, 0.06), SETTINGS, basis="b")
    [one] = review.sunset.items
    assert (one.title, one.event) == ("Export", "exported")
    assert one.because.text == "4% of 1,000 users have tried it, −2 pp from 6%"
    assert len(one.because.facts) == 2
    assert review.underperforming.items == ()


def test_a_feature_that_is_little_used_and_grows_is_underperforming_and_stays() -> None:
    review = feature_review(feature("exported", 0.06, 0.04), SETTINGS)
    assert review.sunset.items == ()
    [one] = review.underperforming.items
    assert one.because.text == "6% of 1,000 users have tried it; the objective is 60%"


def test_nothing_is_sunset_on_a_first_measurement() -> None:
    review = feature_review(feature("exported", 0.04), SETTINGS)
    assert review.sunset.items == ()
    assert [one.title for one in review.underperforming.items] == ["Export"]


def test_nothing_is_sunset_that_had_too_few_users_before() -> None:
    review = feature_review(feature("exported", 0.04, 0.06, audience_before=99), SETTINGS)
    assert review.sunset.items == ()


def test_a_feature_of_a_small_audience_is_named_and_not_judged() -> None:
    review = feature_review(feature("role_assigned", 0.01, 0.5, audience=12, role="admin"), SETTINGS)
    assert (review.sunset.items, review.underperforming.items) == ((), ())
    assert [said.text for said in review.unjudged] == [
        "Roles: not judged, its audience of 12 is smaller than 100"
    ]
    assert review.sunset.reason == "None: no audience is large enough to judge a feature by"


def test_a_feature_is_judged_over_its_own_audience() -> None:
    everybody = feature("role_assigned", 0.02, 0.03)
    admins = feature("role_assigned", 0.75, 0.7, role="admin")
    review = feature_review((*everybody, *admins), SETTINGS)
    assert (review.sunset.items, review.underperforming.items) == ((), ())


def test_the_objective_itself_is_not_met_by_reaching_it() -> None:
    assert feature_review(feature("login", 0.6), SETTINGS).underperforming.items
    assert not feature_review(feature("login", 0.61), SETTINGS).underperforming.items


def test_healthy_features_give_an_explicit_none_with_its_reason() -> None:
    review = feature_review((*feature("login", 0.9, 0.91), *feature("exported", 0.7, 0.6)), SETTINGS)
    assert review.sunset.reason == "None currently: none of 2 features has an adoption below 10% that falls"
    assert review.underperforming.reason == (
        "None currently: every feature judged meets the objective of adoption"
    )
    assert review.adoption is not None
    assert [point.label for point in review.adoption.points] == ["Log-in", "Export"]


def test_the_step_that_loses_most_is_underperforming_under_its_label() -> None:
    lost = drops(start=0.06, submit=0.03, verified=0.13)
    dropped = fact(definitions.FUNNEL_DROPPED, 680, entity="verified")
    [one] = feature_review((*lost, dropped), SETTINGS).underperforming.items
    assert (one.title, one.event) == ("E-mail verification", "verified")
    assert one.because.text == (
        "13 pp are lost before this step (680 users), more than before any other of the Registration Funnel"
    )


def test_a_step_that_loses_little_is_none() -> None:
    review = feature_review(drops(start=0.02, submit=0.03), SETTINGS)
    assert review.underperforming.reason == (
        "None currently: no step of a funnel loses enough to be looked into"
    )
    assert review.sunset.reason == "not available: the adoption of no feature was measured"


def test_without_figures_of_use_nothing_is_concluded() -> None:
    assert feature_review((), SETTINGS).sunset.reason == (
        "not available: no source of feature use is configured"
    )
    assert feature_review((), SETTINGS, reason="no event").sunset.reason == "not available: no event"
    assert not feature_review((), SETTINGS).available


def test_without_an_objective_only_the_funnel_can_fall_short() -> None:
    objectives = {name: row for name, row in DEFAULT_OBJECTIVES.items() if name != "feature_adoption"}
    settings = SETTINGS.model_copy(update={"objectives": objectives})
    assert feature_review(feature("login", 0.3), settings).underperforming.items == ()
