"""The phase-7 specification's own six items fall into its own tiers by rule."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from postlaunch.reports.backlog import BacklogReport
from postlaunch.settings import Capacity, Settings
from postlaunch.settings_sources import Sources, TableSource
from postlaunch.sources.candidates import CandidateTable, open_candidates
from postlaunch.tools.backlog import build_backlog
from postlaunch.windows import parse_week

backlog_of = partial(
    build_backlog, window=parse_week("2025-W47", "UTC"), at=datetime(2025, 11, 24, tzinfo=UTC)
)

FILE = Path(__file__).with_name("specification_candidates.yaml")


def backlog() -> BacklogReport:
    settings = Settings(folder=FILE.parent, sources=Sources(candidates=TableSource(path=FILE.name)))
    return backlog_of(open_candidates(settings), None, settings, sprint=4)


@pytest.mark.parametrize(
    ("item", "tier", "band", "decision"),
    [
        ("password-reset", "Must", "High", "Must"),
        ("two-factor", "Must", "High", "Must"),
        ("permission-caching", "Should", "Medium", "Should"),
        ("dark-mode", "Should", "Medium", "Should"),
        ("data-export", "Could", "Low", "Could"),
        ("custom-roles", "Could", "Low", "Defer"),
    ],
)
def test_each_item_falls_into_the_specifications_tier_and_band(
    item: str, tier: str, band: str, decision: str
) -> None:
    found = backlog().item(item)
    assert found is not None
    assert (found.tier, found.roi.band, found.decision) == (tier, band, decision)


def test_the_sixth_item_is_put_off_to_the_sprint_it_declares() -> None:
    found = backlog().item("custom-roles")
    assert found is not None
    assert found.defer_to == "Sprint 6+"
    assert "django-backend-expert" in backlog().scope.left_out[0].reason


def test_the_recommended_scope_fits_with_one_party_per_owner() -> None:
    scope = backlog().scope
    assert scope.fits
    assert {"password-reset", "two-factor", "permission-caching", "dark-mode"} <= set(scope.ids)
    assert "django-backend-expert: 4.5 of 9 days" in scope.proof


def test_the_four_items_with_testing_are_the_specifications_thirteen_days() -> None:
    settings = Settings(folder=FILE.parent, sources=Sources(candidates=TableSource(path=FILE.name)))
    chosen = ("password-reset", "two-factor", "permission-caching", "dark-mode")
    scope = backlog_of(open_candidates(settings), None, settings, sprint=4, chosen=chosen).scope
    assert round(scope.total_days) == 13
    assert scope.fits


def test_the_same_items_do_not_fit_ten_days_of_one_person() -> None:
    one = "security-expert"
    settings = Settings(
        folder=FILE.parent,
        sources=Sources(candidates=TableSource(path=FILE.name)),
        capacity=Capacity(testing_owner=one),
    )
    items = open_candidates(settings).items[:4]
    alone = tuple(item.model_copy(update={"effort": {one: item.effort_days}}) for item in items)
    table = CandidateTable(fingerprint="one person", items=alone)
    scope = backlog_of(table, None, settings, sprint=4, chosen=[item.id for item in items]).scope
    assert not scope.fits
    assert scope.infeasible == ("security-expert: 12.98 days of work, 9 to plan",)
