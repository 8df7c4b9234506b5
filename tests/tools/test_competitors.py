"""What is noted of competitors: each claim with its source and day, old ones marked, nothing made up."""

from __future__ import annotations

from datetime import date

import pytest

from postlaunch.facts import Measured, Unavailable
from postlaunch.sources.competitors import Claim, CompetitorNote, CompetitorTable
from postlaunch.tools import competitors
from postlaunch.tools.competition import NO_POSITIONING, competition_of
from postlaunch.tools.competitors import months_before
from postlaunch.tools.measurement import MeasurementResult, run_measurement
from postlaunch.windows import parse_week

assert competitors

WEEK = parse_week("2025-W47", "UTC")


def claim(text: str, day: date = date(2025, 10, 1)) -> Claim:
    return Claim(text=text, source="analyst report", date=day)


NOTES = CompetitorTable(
    fingerprint="notes",
    notes=(
        CompetitorNote(
            name="Big Auth",
            summary=claim("a full platform"),
            advantage=claim("mature"),
            disadvantage=claim("expensive", date(2025, 5, 22)),
            edge=claim("simpler", date(2025, 5, 23)),
        ),
        CompetitorNote(name="Free Auth", advantage=claim("free tier")),
    ),
    positioning=claim("simple and self-hosted"),
)


def measured(source: CompetitorTable = NOTES, months: int = 6) -> MeasurementResult:
    return run_measurement("competitor_notes", {"window": WEEK, "months": months}, {"competitors": source})


def test_every_claim_keeps_its_source_and_its_day() -> None:
    first, second = competition_of(measured()).competitors.items
    assert first.advantage is not None
    assert (first.advantage.text, first.advantage.source) == ("mature", "analyst report")
    assert first.advantage.date == date(2025, 10, 1)
    assert (second.advantage is not None, second.edge, second.disadvantage) == (True, None, None)


def test_a_claim_older_than_the_months_asked_for_is_stale_and_one_of_that_very_day_is_not() -> None:
    first = competition_of(measured()).competitors.items[0]
    assert first.disadvantage is not None
    assert first.edge is not None
    assert first.disadvantage.stale
    assert not first.edge.stale
    assert competition_of(measured(months=7)).stale == Measured.of(measured(months=7).facts[2])
    assert measured(months=7).facts[2].value == 0


def test_claims_are_counted_and_only_counted() -> None:
    facts = {fact.key: fact.value for fact in measured().facts}
    assert facts == {
        ("competitors_noted", "application"): 2,
        ("competitor_claims", "application"): 6,
        ("stale_claims", "application"): 1,
        ("competitor_claims", "Big Auth"): 4,
        ("competitor_claims", "Free Auth"): 1,
    }


def test_a_claim_of_a_later_day_was_not_known_in_the_window() -> None:
    later = CompetitorTable(
        fingerprint="n", notes=(CompetitorNote(name="New", edge=claim("cheap", date(2025, 12, 1))),)
    )
    result = measured(later)
    assert (result.status, result.reason) == ("no_data", "no claim is dated on or before 2025-11-23")
    assert competition_of(result).competitors.reason.startswith("not available: no claim is dated")


def test_a_positioning_that_nobody_noted_is_not_made_up() -> None:
    silent = CompetitorTable(fingerprint="n", notes=NOTES.notes)
    found = competition_of(measured(silent))
    assert (found.positioning, found.positioning_note) == (None, NO_POSITIONING)


def test_without_a_source_the_analysis_says_so() -> None:
    found = competition_of(None)
    assert found.competitors.reason == "not available: no source of competitors is configured"
    assert isinstance(found.claims, Unavailable)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2025, 11, 23), 6, date(2025, 5, 23)),
        (date(2025, 8, 31), 6, date(2025, 2, 28)),
        (date(2025, 3, 31), 1, date(2025, 2, 28)),
        (date(2025, 1, 15), 1, date(2024, 12, 15)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
    ],
)
def test_months_are_of_the_calendar(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before
