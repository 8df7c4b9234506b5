"""Notes on competitors: each claim has its source and its date."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from postlaunch.errors import SourceError
from postlaunch.sources.competitors import Claim

NOTES = """
positioning: {text: the fast one, source: product brief, date: 2025-11-01}
competitors:
  - name: Acme
    summary: {text: a platform, source: https://acme.example, date: 2025-11-02}
    advantage: {text: mature, source: https://acme.example/features, date: 2025-11-03}
    disadvantage: {text: expensive, source: sales calls, date: 2025-11-04}
    edge: {text: simpler, source: win notes, date: 2025-11-05}
  - name: Other
    edge: {text: open, source: win notes, date: 2025-11-05}
"""


def test_every_claim_of_a_note_has_its_own_source_and_date(open_table) -> None:
    table = open_table("competitors", NOTES, name="c.yaml")
    acme, other = table.notes
    assert acme.disadvantage == Claim(text="expensive", source="sales calls", date=date(2025, 11, 4))
    assert [claim.date.day for claim in (acme.summary, acme.advantage, acme.edge)] == [2, 3, 5]
    assert (other.summary, other.edge.text) == (None, "open")
    assert table.positioning == Claim(text="the fast one", source="product brief", date=date(2025, 11, 1))


def test_a_flat_row_may_have_one_source_and_date_for_all_its_claims(open_table) -> None:
    text = (
        "competitor,strengths,weaknesses,url,date,weaknesses_source\n"
        "Acme,mature,expensive,acme.example,2025-11-02,\n"
    )
    (note,) = open_table("competitors", text).notes
    assert note.advantage == Claim(text="mature", source="acme.example", date=date(2025, 11, 2))
    assert note.disadvantage.source == "acme.example"


def test_a_claims_own_source_goes_before_the_rows(open_table) -> None:
    row = {"name": "Acme", "edge": "fast", "edge_source": "bench", "source": "x", "date": "2025-11-02"}
    assert open_table("competitors", [row]).notes[0].edge.source == "bench"


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"source": ""}, "edge: it names no source"),
        ({"date": ""}, "edge: it has no date"),
        ({"date": "lately"}, 'date: "lately" is not a date'),
        ({"edge": ""}, "nothing is said of it"),
        ({"name": ""}, "name: there is none"),
        ({"name": "Acme"}, '"Acme" stands in line 1 already'),
    ],
)
def test_a_row_without_what_a_claim_needs_says_why(open_table, other: dict[str, Any], reason: str) -> None:
    row = {"name": "Acme", "edge": "fast", "source": "x", "date": "2025-11-02"}
    table = open_table("competitors", [row, {**row, "name": "Other", **other}])
    assert len(table.notes) == 1
    assert table.rejected[0].reason.startswith(reason)


@pytest.mark.parametrize(
    ("positioning", "said"),
    [
        ("fast", "positioning is no claim"),
        ("{text: fast, source: brief}", "positioning: no date"),
        ("{text: fast, date: 2025-11-01}", "positioning: source is missing"),
    ],
)
def test_a_positioning_that_is_no_claim_is_an_error(open_table, positioning: str, said: str) -> None:
    text = NOTES.replace("{text: the fast one, source: product brief, date: 2025-11-01}", positioning)
    with pytest.raises(SourceError, match=said) as caught:
        open_table("competitors", text, name="c.yaml")
    assert caught.value.remedy


def test_without_a_positioning_there_is_none(open_table) -> None:
    row = {"name": "Acme", "edge": "fast", "source": "x", "date": "2025-11-02"}
    assert open_table("competitors", [row]).positioning is None
    assert open_table("competitors", {"competitors": [row]}).positioning is None
