"""RICE, ROI, tiers and routes by their tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.facts import Assumed, Derived, Measured, Quantity, Unavailable
from postlaunch.settings import Verdicts
from postlaunch.sources.candidates import CandidateItem
from postlaunch.tools.planning import Appraisal, appraise, roi_band
from postlaunch.tools.routing import route_of
from postlaunch.tools.tiers import assign_tiers

NO_REQUESTS = Unavailable(reason="none")


def item(identity: str = "a", days: float = 2, **fields: object) -> CandidateItem:
    return CandidateItem.model_validate(
        {"id": identity, "title": identity.title(), "effort": {"ann": days}, **fields}
    )


def appraised(identity: str = "a", requests: Quantity = NO_REQUESTS, **fields: object) -> Appraisal:
    return appraise(item(identity, **fields), requests, Verdicts())  # type: ignore[arg-type]


def test_rice_is_reach_times_impact_times_confidence_by_effort() -> None:
    rice = appraised(reach=100, impact=2, confidence=0.8, days=4).rice
    assert isinstance(rice, Derived)
    assert rice.value == 40


def test_counted_requesters_are_the_reach_where_none_is_declared() -> None:
    counted = Measured(fact="F1", value=30, unit="count")
    found = appraised(requests=counted, impact=1, confidence=1.0, days=3)
    assert isinstance(found.rice, Derived)
    assert found.rice.value == 10
    assert found.reach_basis == "requesters"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"impact": 1, "confidence": 0.8}, "no reach is declared"),
        ({"reach": 5, "confidence": 0.8}, "no impact declared"),
        ({"reach": 5}, "no impact and no confidence declared"),
    ],
)
def test_rice_without_an_input_is_not_available_and_says_which(
    fields: dict[str, object], reason: str
) -> None:
    rice = appraised(**fields).rice
    assert isinstance(rice, Unavailable)
    assert reason in rice.reason


def test_every_input_of_a_score_says_who_stated_it() -> None:
    rice = appraised(reach=5, impact=1, confidence=0.5, declared_by="Eve").rice
    assert isinstance(rice, Derived)
    benefit, effort = rice.inputs
    assert isinstance(benefit, Derived)
    assert isinstance(effort, Derived)
    for assumed in (*benefit.inputs, *effort.inputs):
        assert isinstance(assumed, Assumed)
        assert assumed.who == "Eve"


def test_an_edited_effort_is_the_editors_statement() -> None:
    effort = appraise(item(), NO_REQUESTS, Verdicts(), effort_by="an editor").effort
    assert isinstance(effort.inputs[0], Assumed)
    assert effort.inputs[0].who == "an editor"


def test_roi_is_net_benefit_over_the_horizon_by_cost() -> None:
    roi = appraised(monthly_benefit=500, cost=2400, benefit_basis="support hours").roi
    assert isinstance(roi.value, Derived)
    assert roi.value.value == 1.5
    assert roi.band == "High"
    assert roi.because == "$500 a month (support hours), 150% of its cost over 12 months; all declared"


@pytest.mark.parametrize(
    ("roi", "band"), [(1.0, "High"), (0.999, "Medium"), (0.2, "Medium"), (0.199, "Low"), (-1, "Low")]
)
def test_the_bands_begin_at_their_thresholds(roi: float, band: str) -> None:
    assert roi_band(roi, Verdicts()) == band


def test_declared_revenue_makes_roi_high_without_a_figure() -> None:
    roi = appraised(unlocks_revenue=True, benefit_basis="two offers").roi
    assert roi.band == "High"
    assert isinstance(roi.value, Unavailable)
    assert roi.because == "unlocks declared revenue: two offers"


@pytest.mark.parametrize(
    "fields", [{}, {"monthly_benefit": 5}, {"cost": 5}, {"monthly_benefit": 5, "cost": 0}]
)
def test_roi_without_benefit_or_cost_has_no_band(fields: dict[str, object]) -> None:
    roi = appraised(**fields).roi
    assert roi.band is None
    assert isinstance(roi.value, Unavailable)


# --- tiers ------------------------------------------------------------------------------------------------


def scored(
    identity: str, rice: float, roi: float | None = None, days: float = 1, **more: object
) -> Appraisal:
    money = {} if roi is None else {"monthly_benefit": (1 + roi) * 100, "cost": 1200}
    return appraised(
        identity,
        reach=rice * days,
        impact=1,
        confidence=1.0,
        days=days,
        **money,
        **more,  # type: ignore[arg-type]
    )


def tiers(*appraisals: Appraisal, **more: object) -> dict[str, str]:
    return {key: found.tier for key, found in assign_tiers(appraisals, **more).items()}  # type: ignore[arg-type]


def test_the_thirds_of_rice_and_the_band_give_the_tier() -> None:
    assert tiers(
        scored("top-high", 60, 2),
        scored("top-low", 50, 0),
        scored("mid-high", 40, 2),
        scored("mid-low", 30, 0),
        scored("last-medium", 20, 0.5),
        scored("last-low", 10, 0),
    ) == {
        "top-high": "Must",
        "top-low": "Should",
        "mid-high": "Should",
        "mid-low": "Should",
        "last-medium": "Should",
        "last-low": "Could",
    }


def test_what_is_required_is_a_must_whatever_its_score() -> None:
    found = assign_tiers([scored("a", 10, 0), scored("b", 1, 0, required_by="GDPR")])
    assert found["b"].tier == "Must"
    assert found["b"].because == "required by: GDPR (declared)"


def test_a_pin_makes_a_must() -> None:
    assert tiers(scored("a", 10, 0), scored("b", 1, 0), pinned={"b"})["b"] == "Must"


def test_equal_scores_share_a_tier() -> None:
    found = tiers(*(scored(name, 10, 2) for name in "abcdef"))
    assert set(found.values()) == {"Must"}


def test_an_item_without_score_and_roi_is_a_could() -> None:
    found = assign_tiers([appraised("a")])
    assert (found["a"].tier, found["a"].because) == ("Could", "ROI is not available; RICE is not available")


def test_musts_that_earned_it_stop_at_the_ceiling_best_first() -> None:
    # Of nine scores three are in the top third; a ceiling of five days holds the first two.
    rows = [scored(f"m{place}", 90 - place, 2, days=2.5) for place in range(3)]
    rows += [scored(f"r{place}", place + 1, 0) for place in range(6)]
    found = assign_tiers(rows, must_days=5)
    assert [found[f"m{place}"].tier for place in range(3)] == ["Must", "Must", "Should"]
    assert "Musts may take 5 days" in found["m2"].because


def test_required_musts_stay_over_the_ceiling_and_leave_no_room_for_others() -> None:
    rows = [scored("law", 1, 0, days=9, required_by="law"), scored("top", 90, 2), scored("x", 0.5)]
    found = tiers(*rows, must_days=5)
    assert (found["law"], found["top"]) == ("Must", "Should")


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(-1, 3), st.integers(1, 8)), min_size=1, max_size=9),
    st.integers(0, 30),
)
def test_musts_by_merit_never_pass_the_ceiling(rows: list[tuple[int, int, int]], must_days: int) -> None:
    made = [scored(f"i{place}", *row) for place, row in enumerate(rows)]
    found = assign_tiers(made, must_days=must_days)
    assert sum(a.item.effort_days for a in made if found[a.item.id].tier == "Must") <= must_days


# --- routes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdicts", "fields", "phase", "reason"),
    [
        (Verdicts(discover_new=False), {"new_capability": True}, 3, "touches neither"),
        (Verdicts(complex_touches=("schema",)), {"touches": ["public_api"]}, 3, "touches no schema, and at"),
        (Verdicts(complex_touches=("schema",)), {"touches": ["public_api", "schema"]}, 2, "touches: schema"),
        (Verdicts(complex_touches=()), {"touches": ["schema"]}, 3, "touches at most 2 components"),
        (Verdicts(many_components=3), {"components": ["a", "b", "c"]}, 3, "at most 3 components"),
        (Verdicts(large_effort_days=8), {"days": 7}, 3, "touches neither"),
    ],
)
def test_every_criterion_of_the_route_is_a_setting(
    verdicts: Verdicts, fields: dict[str, object], phase: int, reason: str
) -> None:
    route = route_of(item(**fields), verdicts)  # type: ignore[arg-type]
    assert (route.phase, reason in route.because) == (phase, True)


@pytest.mark.parametrize(
    ("fields", "phase", "reason"),
    [
        ({"new_capability": True}, 1, "new user-facing capability"),
        ({"days": 5.5}, 1, "effort of 5.5 days is over 5 days"),
        ({"days": 5}, 3, "touches neither"),
        ({"new_capability": True, "days": 9, "brief_approved": True}, 3, "its brief is approved"),
        ({"touches": ["public_api", "schema"]}, 2, "touches: public API, schema"),
        ({"new_capability": True, "brief_approved": True, "touches": ["schema"]}, 2, "touches: schema"),
        ({"components": ["a", "b", "c"]}, 2, "touches 3 components, more than 2"),
        ({"components": ["a", "b"]}, 3, "at most 2 components"),
        ({"route": 3, "new_capability": True, "declared_by": "Eve"}, 3, "declared by Eve"),
    ],
)
def test_the_route_follows_the_table_and_says_why(fields: dict[str, object], phase: int, reason: str) -> None:
    route = route_of(item(**fields), Verdicts())  # type: ignore[arg-type]
    assert route.phase == phase
    assert reason in route.because
