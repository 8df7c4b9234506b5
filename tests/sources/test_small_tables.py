"""What every small table keeps to: formats, mappings, rows set aside, broken files, fingerprints."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from postlaunch.errors import SourceError, UsageError
from postlaunch.settings import Application, Settings
from postlaunch.settings_sources import Sources, TableSource
from postlaunch.sources.opening import OPENERS
from postlaunch.sources.tables import RejectedRow

LATER = datetime(2025, 12, 1, tzinfo=UTC)
MOMENT = "2025-11-18T12:00:00Z"
ROWS: dict[str, dict[str, str]] = {
    "changes": {"id": "7", "at": MOMENT, "kind": "deployment", "title": "v1.0.1"},
    "alerts": {"at": MOMENT, "kind": "fired", "rule": "HighErrorRate"},
    "costs": {"day": "2025-11-18", "service": "compute", "amount": "4.00"},
    "vulnerabilities": {"id": "CVE-2025-1", "package": "django", "scanned_at": MOMENT},
    "competitors": {"name": "Acme", "edge": "faster", "source": "acme.example", "date": "2025-11-18"},
    "tickets": {"id": "7", "created_at": MOMENT, "subject": "Dark mode, please"},
}
HELD: dict[str, Callable[[Any], Sequence[Any]]] = {
    "changes": lambda table: table.changes,
    "alerts": lambda table: table.records,
    "costs": lambda table: table.lines,
    "vulnerabilities": lambda table: table.findings,
    "competitors": lambda table: table.notes,
    "tickets": lambda table: table.tickets,
}
DATES = {
    "changes": "at",
    "alerts": "at",
    "costs": "day",
    "vulnerabilities": "scanned_at",
    "tickets": "created_at",
}
QUIET = ("changes", "alerts", "vulnerabilities")
"""Sources of which there may be nothing to tell: no alert fired."""


def opened(
    folder: Path,
    source: str,
    content: str | bytes,
    name: str,
    *,
    zone: str = "UTC",
    fields: dict[str, str] | None = None,
) -> Any:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    table = TableSource(path=name, fields=fields or {})
    settings = Settings(
        folder=folder, application=Application(timezone=zone), sources=Sources(**{source: table})
    )
    return OPENERS[source](settings, lambda: LATER)


def as_csv(*rows: dict[str, str]) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [";".join(columns), *(";".join(row.get(name, "") for name in columns) for row in rows)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("source", ROWS)
@pytest.mark.parametrize("name", ["t.csv", "t.json", "t.jsonl", "t.yaml"])
def test_the_same_rows_are_read_from_every_format(tmp_path: Path, source: str, name: str) -> None:
    row = ROWS[source]
    written = {
        "t.csv": as_csv(row),
        "t.json": json.dumps({source: [row], "page": 1}),
        "t.jsonl": json.dumps(row) + "\n",
        "t.yaml": yaml.safe_dump([row]),
    }
    table = opened(tmp_path, source, written[name], name)
    assert HELD[source](table) == HELD[source](opened(tmp_path, source, as_csv(row), "other.csv"))
    assert len(HELD[source](table)) == 1
    assert table.rejected == ()


@pytest.mark.parametrize("source", ROWS)
def test_every_field_can_be_mapped(tmp_path: Path, source: str) -> None:
    row = ROWS[source]
    renamed = {f"Col {place}": cell for place, cell in enumerate(row.values())}
    mapping = {name: f"Col {place}" for place, name in enumerate(row)}
    table = opened(tmp_path, source, as_csv(renamed), "t.csv", fields=mapping)
    assert HELD[source](table) == HELD[source](opened(tmp_path, source, as_csv(row), "other.csv"))


@pytest.mark.parametrize("source", ROWS)
@pytest.mark.parametrize("fields", [{"colour": "Col 1"}, {"source": "Nowhere"}, {"title": "Nowhere"}])
def test_a_wrong_mapping_is_named(tmp_path: Path, source: str, fields: dict[str, str]) -> None:
    with pytest.raises(SourceError, match=r"is no field|no column") as caught:
        opened(tmp_path, source, as_csv(ROWS[source]), "t.csv", fields=fields)
    assert caught.value.remedy


@pytest.mark.parametrize("source", ROWS)
def test_a_column_that_may_be_misspelt_is_told_of(tmp_path: Path, source: str) -> None:
    first = next(name for name in ROWS[source] if name not in ("name", "at", "day", "id", "created_at"))
    row = {**ROWS[source], "planed": "1", "thresholt": "1", "quantitiy": "1", "instaled": "1", "sumary": "x"}
    row |= {"requestor": "x", first: ROWS[source][first]}
    table = opened(tmp_path, source, as_csv(row), "t.csv")
    said = table.remarks if source == "competitors" else table.notes
    assert any("is not read; is it " in note for note in said)


@pytest.mark.parametrize("source", ROWS)
def test_a_row_that_does_not_fit_is_set_aside_with_its_place_and_reason(tmp_path: Path, source: str) -> None:
    row = ROWS[source]
    table = opened(tmp_path, source, as_csv(row, dict.fromkeys(row, "?")), "t.csv")
    assert len(HELD[source](table)) == 1
    (rejected,) = table.rejected
    assert isinstance(rejected, RejectedRow)
    assert (rejected.row, rejected.text) == (3, " ".join("?" * len(row)))
    assert rejected.reason


@pytest.mark.parametrize("source", DATES)
def test_a_row_of_the_future_is_set_aside_and_is_part_of_the_fingerprint(tmp_path: Path, source: str) -> None:
    row = ROWS[source]
    content = as_csv(row, {**row, DATES[source]: "2025-12-24T00:00:00Z", "id": "2"})
    early = opened(tmp_path, source, content, "t.csv")
    assert [rejected.reason for rejected in early.rejected] == ["dated in the future"]
    settings = Settings(folder=tmp_path, sources=Sources(**{source: TableSource(path="t.csv")}))
    late = OPENERS[source](settings, lambda: datetime(2026, 1, 1, tzinfo=UTC))
    assert len(HELD[source](late)) == 2
    assert late.fingerprint != early.fingerprint


@pytest.mark.parametrize("source", [source for source in DATES if source != "costs"])
def test_a_moment_without_a_zone_is_the_applications(tmp_path: Path, source: str) -> None:
    row = {**ROWS[source], DATES[source]: "2025-11-18 14:15"}
    table = opened(tmp_path, source, as_csv(row), "t.csv", zone="America/Los_Angeles")
    moment = getattr(HELD[source](table)[0], DATES[source])
    assert moment == datetime(2025, 11, 18, 22, 15, tzinfo=UTC)
    assert table.zone == "America/Los_Angeles"


@pytest.mark.parametrize("source", ROWS)
@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "t.csv", "is empty"),
        (b"\x00\x01\x02\xff", "t.csv", "is binary"),
        (b"\x1f\x8b\x08\x00\x00\x00", "t.csv", "is binary"),
        (b"sku,price\n1,2\n", "t.csv", "columns found: sku, price; looked for: "),
        (b'[{"id": 1}', "t.json", "not JSON"),
        (b"- [1\n", "t.yaml", "not YAML"),
        (b"x", "t.xlsx", "the ending"),
    ],
)
def test_a_broken_file_is_an_error_with_a_remedy(tmp_path: Path, source, content, name, said) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        opened(tmp_path, source, content, name)
    assert caught.value.remedy
    assert caught.value.source == source


@pytest.mark.parametrize("source", ROWS)
def test_a_file_in_which_no_row_fits_is_an_error_with_the_first_reason(tmp_path: Path, source: str) -> None:
    with pytest.raises(SourceError, match=r"none of 1 rows is a .*; line 2: .+") as caught:
        opened(tmp_path, source, as_csv(dict.fromkeys(ROWS[source], "?")), "t.csv")
    assert f"[sources.{source}.fields]" in caught.value.remedy


@pytest.mark.parametrize("source", QUIET)
@pytest.mark.parametrize(("content", "name"), [("[]", "t.json"), ("header", "t.csv")])
def test_nothing_to_tell_is_no_error(tmp_path: Path, source: str, content: str, name: str) -> None:
    header = ";".join(ROWS[source]) + "\n"
    table = opened(tmp_path, source, header if content == "header" else content, name)
    assert HELD[source](table) == ()


@pytest.mark.parametrize("source", sorted(set(ROWS) - set(QUIET)))
def test_where_there_must_be_something_nothing_is_an_error(tmp_path: Path, source: str) -> None:
    with pytest.raises(SourceError, match="holds no record"):
        opened(tmp_path, source, "[]", "t.json")


@pytest.mark.parametrize("source", ROWS)
def test_the_fingerprint_is_of_content_and_reading_not_of_names(tmp_path: Path, source: str) -> None:
    row = ROWS[source]
    content = as_csv(row)
    first = opened(tmp_path, source, content, "t.csv").fingerprint
    assert opened(tmp_path, source, content, "renamed.csv").fingerprint == first
    assert opened(tmp_path, source, as_csv(row, row), "t.csv").fingerprint != first
    assert opened(tmp_path, source, content, "t.csv", zone="Asia/Kolkata").fingerprint != first
    name = next(iter(row))
    assert opened(tmp_path, source, content, "t.csv", fields={name: name}).fingerprint != first


@pytest.mark.parametrize("source", [*ROWS, "launch"])
def test_a_source_that_is_not_configured_is_a_usage_error(source: str) -> None:
    with pytest.raises(UsageError, match="configured") as caught:
        OPENERS[source](Settings(), lambda: LATER)
    assert f"[sources.{source}]" in caught.value.remedy


@pytest.mark.parametrize("source", ROWS)
def test_control_characters_do_not_reach_a_row(tmp_path: Path, source: str) -> None:
    row = {**ROWS[source], "title": "a\x1b[31mb\u202e", "text": "a\x1b[31mb\u202e", "service": "a\x1b[31mb"}
    row |= {"edge": "a\x1b[31mb\u202e", "subject": "a\x1b[31mb\u202e"}
    (held,) = HELD[source](opened(tmp_path, source, as_csv(row), "t.csv"))
    assert "a[31mb" in str(held) or "a [31mb" in str(held)
    assert not any(mark in held.model_dump_json() for mark in ("u001b", "\u202e"))
