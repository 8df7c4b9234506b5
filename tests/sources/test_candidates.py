"""Candidate items, right and wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from postlaunch.errors import SourceError
from postlaunch.settings import Party, Settings
from postlaunch.settings_sources import Sources, TableSource
from postlaunch.sources.candidates import CandidateTable, open_candidates


def candidates(folder: Path, text: str, name: str = "items.yaml") -> CandidateTable:
    (folder / name).write_text(text, encoding="utf-8")
    return open_candidates(
        Settings(
            folder=folder,
            sources=Sources(candidates=TableSource(path=name)),
            roster=(Party(name="ann", kind="person"), Party(name="bob", kind="person")),
        )
    )


def test_effort_is_given_in_days_per_owner(tmp_path: Path) -> None:
    item = candidates(tmp_path, "- {id: a, title: A, effort: {ann: 2, Bob: 1.5}}").items[0]
    assert item.effort == {"ann": 2, "bob": 1.5}
    assert not item.effort_assumed


def test_one_total_is_split_evenly_and_marked_assumed(tmp_path: Path) -> None:
    item = candidates(tmp_path, "- {id: a, title: A, effort_days: 3, owners: [ann, bob]}").items[0]
    assert item.effort == {"ann": 1.5, "bob": 1.5}
    assert item.effort_assumed


def test_two_names_of_one_party_add_up(tmp_path: Path) -> None:
    text = "- {id: a, title: A, effort: {performance-monitor: 1, performance-optimizer: 2}}"
    assert candidates(tmp_path, text).items[0].effort == {"performance-optimizer": 3}


def test_a_csv_holds_everything_a_yaml_file_can(tmp_path: Path) -> None:
    text = (
        "id,title,effort,confidence,impact,touches,unlocks_revenue,depends_on,acceptance_criteria\n"
        'a,A,ann: 2; bob=1,80%,high,"schema, public api",yes,,"one, or two; three"\n'
        "b,B,ann: 1,,,,,a,\n"
    )
    first, second = candidates(tmp_path, text, "items.csv").items
    assert first.effort == {"ann": 2, "bob": 1}
    assert (first.confidence, first.impact) == (0.8, 2)
    assert first.touches == ("schema", "public_api")
    assert first.unlocks_revenue
    assert first.acceptance_criteria == ("one, or two", "three")
    assert second.depends_on == ("a",)


def test_an_item_says_what_it_addresses(tmp_path: Path) -> None:
    listed = '- {id: a, title: A, effort: {ann: 1}, addresses: ["PUT /users/:id", connection pool]}'
    in_a_cell = "id,title,effort,addresses\na,A,ann: 1,PUT /users/:id; connection pool\n"
    for text, name in ((listed, "items.yaml"), (in_a_cell, "items.csv")):
        assert candidates(tmp_path, text, name).items[0].addresses == ("PUT /users/:id", "connection pool")


def test_who_declared_an_item_is_the_file_where_nobody_is_named(tmp_path: Path) -> None:
    text = "- {id: a, title: A, effort: {ann: 1}}\n- {id: b, title: B, effort: {ann: 1}, declared_by: Eve}"
    assert [item.declared_by for item in candidates(tmp_path, text).items] == ["items.yaml", "Eve"]


def test_a_column_that_is_not_read_is_said_with_what_it_may_mean(tmp_path: Path) -> None:
    notes = candidates(tmp_path, "- {id: a, title: A, effort: {ann: 1}, monthly_benfit: 5}").notes
    assert "monthly_benfit" in notes[0]
    assert "monthly_benefit was not given" in notes[0]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("effort: {ann: -1}", 'item "a", effort: "-1" is less than 0'),
        ("effort: {ann: .nan}", 'effort: "nan" is not a finite number'),
        ("effort: {ann: .inf}", 'effort: "inf" is not a finite number'),
        ("effort: {ann: soon}", 'effort: "soon" is not a number'),
        ("effort: {ann: true}", 'effort: "True" is not a number'),
        ("effort: {ann: 0}", "effort: more than zero days"),
        ("effort: {}", "effort: more than zero days"),
        ("effort: {ann: 5000}", "is more than 1000"),
        ("effort: {an: 1}", r'"an" is not in the roster; near it: ann'),
        ("effort_days: 2", "owners: effort_days is one total"),
        ("effort_days: 0, owners: [ann]", "effort_days: more than zero days"),
        ("effort: {ann: 1}, confidence: 0.7", "confidence: one of 1, 0.8, 0.5"),
        ("effort: {ann: 1}, impact: 4", "impact: one of 3, 2, 1, 0.5, 0.25"),
        ("effort: {ann: 1}, cost: -5", "cost: "),
        ("effort: {ann: 1}, reach: .nan", "reach: "),
        ("effort: {ann: 1}, route: 4", "route: "),
        ("effort: {ann: 1}, requests: 1.5", "requests: "),
        ("effort: {ann: 1}, touches: [heart]", 'touches: "heart" is none of'),
        ("effort: {ann: 1}, unlocks_revenue: maybe", "unlocks_revenue: "),
        ("effort: {ann: 1}, depends_on: [z]", 'depends_on: there is no item "z"'),
    ],
)
def test_a_wrong_field_is_an_error_that_names_item_and_field(
    tmp_path: Path, fields: str, reason: str
) -> None:
    with pytest.raises(SourceError, match=reason) as caught:
        candidates(tmp_path, f"- {{id: a, title: A, {fields}}}")
    assert 'item "a"' in str(caught.value)


def test_duplicate_ids_are_refused(tmp_path: Path) -> None:
    item = "- {id: a, title: A, effort: {ann: 1}}\n"
    said = 'items.yaml, record 2, item "a", id: the item of items.yaml, record 1 has it too'
    with pytest.raises(SourceError, match=said):
        candidates(tmp_path, item + item)


@pytest.mark.parametrize("end", ["file", "webhook", "github", "handler"])
def test_an_id_that_would_be_the_key_of_anothers_message_is_refused(tmp_path: Path, end: str) -> None:
    said = f'record 1, item "a/{end}", id: ids that end in "/{end}" are kept for messages'
    with pytest.raises(SourceError, match=said):
        candidates(tmp_path, f"- {{id: a/{end}, title: A, effort: {{ann: 1}}}}\n")
    assert candidates(tmp_path, f"- {{id: {end}, title: A, effort: {{ann: 1}}}}\n").items[0].id == end


def test_a_dependency_cycle_is_refused_with_its_path(tmp_path: Path) -> None:
    text = "".join(
        f"- {{id: {one}, title: T, effort: {{ann: 1}}, depends_on: [{other}]}}\n"
        for one, other in ("ab", "bc", "ca")
    )
    with pytest.raises(SourceError, match='record 1, item "a", depends_on: a cycle: a → b → c → a'):
        candidates(tmp_path, text)


def test_an_unknown_owner_is_refused_with_the_cell_and_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match='line 2, item "a", effort: "eve" is not in the roster') as refused:
        candidates(tmp_path, "id,title,effort\na,A,eve: 1\n", "items.csv")
    assert "known: monitoring-specialist, " in str(refused.value)
    assert "ann, bob" in str(refused.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "items.csv is empty"),
        (b"id,title,effort\n", "items.csv holds no record"),
        (b"\x00\x01\x02\xff", "items.csv is binary, not text"),
    ],
)
def test_a_file_without_items_is_an_error_with_its_name(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "items.csv").write_bytes(content)
    settings = Settings(folder=tmp_path, sources=Sources(candidates=TableSource(path="items.csv")))
    with pytest.raises(SourceError, match=said) as refused:
        open_candidates(settings)
    assert refused.value.remedy


def test_a_file_in_another_encoding_is_read_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_bytes("id,title,effort_days,owners\na,Café,1,Support\n".encode("cp1252"))
    settings = Settings(folder=tmp_path, sources=Sources(candidates=TableSource(path="items.csv")))
    table = open_candidates(settings)
    assert table.items[0].title == "Café"
    assert "not UTF-8" in table.notes[0]


# --- days of a skill --------------------------------------------------------------------------------------


def skilled(folder: Path, text: str) -> CandidateTable:
    (folder / "items.yaml").write_text(text, encoding="utf-8")
    return open_candidates(
        Settings(
            folder=folder,
            sources=Sources(candidates=TableSource(path="items.yaml")),
            roster=(Party(name="ann", skills=("React",)), Party(name="bob", skills=("react", "SQL"))),
        )
    )


def test_days_of_a_skill_stand_beside_or_instead_of_days_of_an_owner(tmp_path: Path) -> None:
    text = (
        "- {id: a, title: A, skills: {React: 2}}\n- {id: b, title: B, effort: {ann: 1}, skills: {sql: 0.5}}\n"
    )
    first, second = skilled(tmp_path, text).items
    assert (first.effort, first.skills, first.effort_days) == ({}, {"react": 2}, 2)
    assert (second.effort, second.skills, second.effort_days) == ({"ann": 1}, {"sql": 0.5}, 1.5)
    assert second.effort_by_owner == {"ann": 1, "anyone with sql": 0.5}


def test_a_skill_that_nobody_has_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    said = 'item "a", skills: nobody in the roster has the skill "cobol"; known: react, sql'
    with pytest.raises(SourceError, match=said):
        skilled(tmp_path, "- {id: a, title: A, skills: {cobol: 2}}")


def test_an_item_on_two_paths_is_no_cycle(tmp_path: Path) -> None:
    text = (
        "- {id: a, title: T, effort: {ann: 1}, depends_on: [b, c]}\n"
        "- {id: b, title: T, effort: {ann: 1}, depends_on: [d]}\n"
        "- {id: c, title: T, effort: {ann: 1}, depends_on: [d]}\n"
        "- {id: d, title: T, effort: {ann: 1}}\n"
    )
    assert len(candidates(tmp_path, text).items) == 4


def test_every_wrong_item_is_named_at_once(tmp_path: Path) -> None:
    text = "- {id: a, title: A, effort: {ann: -1}}\n- {id: b, title: B, effort: {ann: x}}\n"
    with pytest.raises(SourceError) as caught:
        candidates(tmp_path, text)
    assert "record 1" in str(caught.value)
    assert "record 2" in str(caught.value)


def test_a_file_of_something_else_names_the_columns_found_and_looked_for(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"columns found: sku; looked for: id \(or key"):
        candidates(tmp_path, "- {sku: 1}")
