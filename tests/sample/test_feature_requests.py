"""Feature requests of the sample: counted by words, so with an error that is known and bounded."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import pytest

from postlaunch.tools.measurement import run_measurement

if TYPE_CHECKING:
    from conftest import Known

importlib.import_module("postlaunch.tools.feedback_measurements")


@pytest.fixture(scope="module")
def counted(known: Known) -> dict[str, int]:
    """Distinct requesters per candidate, as the grouping counts them."""
    anchors = [
        {
            "candidate": item.id,
            "title": item.title,
            "keywords": item.keywords,
            "description": item.description,
        }
        for item in known.candidates.items
    ]
    result = run_measurement("request_groups", {"anchors": anchors}, known.sources)
    groups = {str(text["group"]): str(text["candidate"]) for text in result.texts}
    return {
        groups[fact.entity]: int(fact.value)
        for fact in result.named("group_requesters")
        if groups.get(fact.entity)
    }


def test_the_five_requests_are_ranked_as_they_were_made(known: Known, counted: dict[str, int]) -> None:
    asked = [theme for theme in known.truth.themes.values() if theme.kind == "feature" and theme.candidate]
    expected = [theme.candidate for theme in sorted(asked, key=lambda theme: -theme.requesters)]
    assert sorted(counted, key=lambda candidate: -counted[candidate])[:5] == expected


def test_requests_are_never_counted_too_high_and_seldom_far_too_low(
    known: Known, counted: dict[str, int]
) -> None:
    asked = [theme for theme in known.truth.themes.values() if theme.kind == "feature" and theme.candidate]
    ratios = sorted(counted[theme.candidate] / theme.requesters for theme in asked)
    assert ratios[-1] <= 1.1
    assert ratios[0] >= 0.6
    assert ratios[len(ratios) // 2] >= 0.75
