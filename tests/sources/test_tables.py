"""Files of records, whole and broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from postlaunch.errors import SourceError
from postlaunch.sources import tables
from postlaunch.sources.tables import Table, read_table


def table(folder: Path, name: str, content: str | bytes) -> Table:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, "tickets")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_of_a_csv_is_found(tmp_path: Path, delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in (["id", "text"], ["1", "a b"], ["2", "c"]))
    assert table(tmp_path, "t.csv", text).columns == ("id", "text")


def test_a_comma_in_the_text_does_not_beat_the_semicolon_between_columns(tmp_path: Path) -> None:
    text = 'id;text;kind\n1;"a, b, c";x\n2;d, e;y\n3;f;z\n'
    assert table(tmp_path, "t.csv", text).records[1].cells["text"] == "d, e"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path, encoding: str) -> None:
    found = table(tmp_path, "t.csv", "id,text\n1,Grüße\n".encode(encoding))
    assert found.records[0].cells == {"id": "1", "text": "Grüße"}
    assert not found.notes


def test_a_file_that_is_not_utf_8_is_read_as_windows_1252_and_says_so(tmp_path: Path) -> None:
    found = table(tmp_path, "t.csv", "id,text\n1,Grüße\n".encode("cp1252"))
    assert found.records[0].cells["text"] == "Grüße"
    assert "Windows-1252" in found.notes[0]


def test_a_row_is_numbered_by_the_line_it_starts_on(tmp_path: Path) -> None:
    found = table(tmp_path, "t.csv", 'id,text\n1,"two\nlines"\n\n2,b\n')
    assert [record.row for record in found.records] == [2, 5]


def test_a_row_wider_than_the_header_is_set_aside_with_its_line(tmp_path: Path) -> None:
    found = table(tmp_path, "t.csv", "id,text\n1,a\n2,b,c\n3,d\n")
    assert [record.cells["id"] for record in found.records] == ["1", "3"]
    assert [(row.row, row.reason) for row in found.rejected] == [(3, "3 cells under 2 columns")]


def test_a_quote_that_is_never_closed_names_its_line_instead_of_swallowing_the_rest(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"t\.csv, line 3: .*never closed"):
        table(tmp_path, "t.csv", 'id,text\n1,a\n2,"b\n3,c\n4,d\n')


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.json", '[{"id": 1, "text": "a"}, {"id": 2}]'),
        ("t.json", '{"tickets": [{"id": 1, "text": "a"}, {"id": 2}], "page": 1}'),
        ("t.json", '{"id": 1, "text": "a"}\n{"id": 2}\n'),
        ("t.jsonl", '{"id": 1, "text": "a"}\n\n{"id": 2}\n'),
        ("t.yaml", "- {id: 1, text: a}\n- {id: 2}\n"),
        ("t.yml", "tickets:\n  - {id: 1, text: a}\n  - {id: 2}\n"),
    ],
)
def test_records_are_read_from_json_json_lines_and_yaml(tmp_path: Path, name: str, text: str) -> None:
    assert [record.cells["id"] for record in table(tmp_path, name, text).records] == [1, 2]


def test_a_broken_line_of_json_lines_is_set_aside(tmp_path: Path) -> None:
    found = table(tmp_path, "t.jsonl", '{"id": 1}\n{"id": \n[1]\n{"id": 2}\n')
    assert len(found.records) == 2
    assert [row.row for row in found.rejected] == [2, 3]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b" \n\n", "is empty"),
        ("t.csv", b"id,text\n", "holds no record"),
        ("t.csv", b"id,id\n1,2\n", "two columns are named id"),
        ("t.csv", b"\x1f\x8b\x08\x00\x00\x00", "is binary"),
        ("t.json", b"[1, 2]", "record 1 is not an object"),
        ("t.json", b'{"a": 1}', "an object with 0 lists"),
        ("t.json", b'[{"id": 1}', r"t\.json, line 1: not JSON"),
        ("t.json", b"[" * 100_000, "nested too deeply"),
        ("t.yaml", b"- id: 1\n  id: 2\n", r'line 2: the key "id" is given twice'),
        ("t.yaml", b"- id: [1\n", "not YAML"),
        ("t.yaml", b"- !!python/object/apply:os.system ['true']\n", "not YAML"),
        ("t.xlsx", b"PK", "the ending"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_why(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(SourceError, match=reason):
        table(tmp_path, name, content)


def test_a_missing_file_and_a_folder_are_errors_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    for name in ("missing.csv", "folder.csv"):
        with pytest.raises(SourceError) as caught:
            read_table(tmp_path / name, "tickets")
        assert "[sources.tickets]" in caught.value.remedy


def test_a_file_over_the_limit_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MAX_BYTES", 10)
    with pytest.raises(SourceError, match="at most"):
        table(tmp_path, "t.csv", "id,text\n1,aaaaaaaaaa\n")


def test_the_digest_changes_with_the_content(tmp_path: Path) -> None:
    first = table(tmp_path, "t.csv", "id,text\n1,a\n").digest
    assert table(tmp_path, "t.csv", "id,text\n1,b\n").digest != first
