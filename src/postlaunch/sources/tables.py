"""Files of records: CSV, JSON, JSON lines and YAML, read whole, each row with its place in the file.

Nothing here knows what the records mean. A file that cannot be read raises `SourceError` with the file and,
where there is one, the row; a single bad row of CSV or JSON lines is set aside with its reason.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

import yaml

from postlaunch.errors import SourceError
from postlaunch.facts import Frozen

MAX_BYTES = 64 * 1024 * 1024
"""Largest CSV, JSON or JSON lines file: such a file is held in memory whole."""

MAX_YAML_BYTES = 4 * 1024 * 1024
"""Largest YAML file: parsing takes about a second per megabyte."""

DELIMITERS = (",", ";", "\t", "|")
Kind = Literal["csv", "json", "json lines", "yaml"]

ENDINGS: Mapping[str, Kind] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".json": "json",
    ".jsonl": "json lines",
    ".ndjson": "json lines",
    ".yaml": "yaml",
    ".yml": "yaml",
}


class RejectedRow(Frozen):
    """A row that was set aside.

    Attributes:
        row: the line of a CSV or JSON lines file (1 is the first), else the record's number.
        reason: in words.
        text: what stood there, cut to 200 characters and without control characters.
    """

    row: int
    reason: str
    text: str = ""


@dataclass(frozen=True)
class Record:
    """One row: where it stands, and its cells by column as the file spells it."""

    row: int
    cells: Mapping[str, object]


@dataclass(frozen=True)
class Table:
    """A file of records.

    Attributes:
        row_word: what `row` counts: "line" or "record".
        digest: SHA-256 of the file's bytes.
        notes: what a reader must know, e.g. a fallback encoding.
    """

    path: Path
    row_word: str
    columns: tuple[str, ...]
    records: tuple[Record, ...]
    digest: str
    rejected: tuple[RejectedRow, ...] = ()
    notes: tuple[str, ...] = ()

    def place(self, row: int) -> str:
        """A row as an error names it: "tickets.csv, line 14"."""
        return f"{self.path.name}, {self.row_word} {row}"


def clean(text: str, length: int = 200) -> str:
    """Text from outside on one line, without control characters, cut to a length."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * length]).split())
    return line if len(line) <= length else line[: length - 1] + "…"


Layout = Callable[[object], object]
"""Makes a list of records of a document that is none, or gives the document back as it is."""


def as_it_is(document: object) -> object:
    """The layout of a document that is a list of records, or an object that holds one list."""
    return document


def read_table(path: Path, source: str, *, may_be_empty: bool = False, layout: Layout = as_it_is) -> Table:
    """Read a file of records.

    Args:
        source: its name in the settings, for errors.
        may_be_empty: a header without rows, or an empty list, says that there are none.
        layout: applied to a JSON or YAML document before its records are taken.

    Raises:
        SourceError: the file is missing, too big, empty, binary, not what its ending says, or has no record.
    """
    kind = _kind(path, source, ENDINGS)
    raw = _bytes(path, MAX_YAML_BYTES if kind == "yaml" else MAX_BYTES, source)
    text, notes = _decoded(raw, path, source)
    rejected: list[RejectedRow] = []
    with _explained(path, source):
        if kind == "csv":
            records = list(_csv_records(text, rejected))
        elif kind == "json":
            records, kind = _json_records(text, rejected, layout)
        elif kind == "json lines":
            records = list(_json_lines(text, rejected))
        else:
            records = list(_listed(layout(_yaml(text))))
    if not records and not rejected and not may_be_empty:
        raise SourceError(f"{path.name} holds no record", "is this the right file?", source=source)
    return Table(
        path=path,
        row_word="line" if kind in ("csv", "json lines") else "record",
        columns=tuple(dict.fromkeys(name for record in records for name in record.cells)),
        records=tuple(records),
        digest=hashlib.sha256(raw).hexdigest(),
        rejected=tuple(rejected),
        notes=notes,
    )


@dataclass(frozen=True)
class Document:
    """A JSON or YAML file as one value, and its text; `digest` and `notes` are as a table's."""

    path: Path
    value: object
    text: str
    digest: str
    notes: tuple[str, ...] = ()


def read_document(path: Path, source: str) -> Document:
    """Read a JSON or YAML file as it is.

    Raises:
        SourceError: the file is missing, too big, empty, binary, or not what its ending says.
    """
    kind = _kind(path, source, {end: kind for end, kind in ENDINGS.items() if kind in ("json", "yaml")})
    raw = _bytes(path, MAX_YAML_BYTES, source)
    text, notes = _decoded(raw, path, source)
    with _explained(path, source):
        value = _yaml(text) if kind == "yaml" else _json(text)
    return Document(path=path, value=value, text=text, digest=hashlib.sha256(raw).hexdigest(), notes=notes)


class _Unreadable(Exception):
    """The whole file cannot be read, for a reason and at a line."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.line = line


@contextmanager
def _explained(path: Path, source: str) -> Iterator[None]:
    """What is wrong with the whole file, in words."""
    try:
        yield
    except _Unreadable as error:
        place = path.name if error.line is None else f"{path.name}, line {error.line}"
        raise SourceError(f"{place}: {error}", "correct the file", source=source) from error
    except RecursionError as error:
        raise SourceError(f"{path.name}: nested too deeply", "correct the file", source=source) from error


def _kind(path: Path, source: str, endings: Mapping[str, Kind]) -> Kind:
    kind = endings.get(path.suffix.lower())
    if kind is None:
        raise SourceError(
            f'{path.name}: the ending "{path.suffix}" is none that {source} can be read from',
            f"give one of: {', '.join(endings)}",
            source=source,
        )
    return kind


def _bytes(path: Path, limit: int, source: str) -> bytes:
    try:
        size = path.stat().st_size
        if size > limit:
            raise SourceError(
                f"{path.name} is {size / 1e6:,.0f} MB; at most {limit / 1e6:,.0f} MB are read",
                "export a shorter span",
                source=source,
            )
        raw = path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"{path}: {error.strerror or error}", f"check [sources.{source}] path", source=source
        ) from error
    if not raw.strip():
        raise SourceError(f"{path.name} is empty", "is this the right file?", source=source)
    return raw


def _decoded(raw: bytes, path: Path, source: str) -> tuple[str, tuple[str, ...]]:
    """The text: UTF-8 or UTF-16 by its mark, UTF-8, else Windows-1252 with a note."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif b"\0" in raw:
        raise SourceError(f"{path.name} is binary, not text", "is this the right file?", source=source)
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        note = (f"{path.name} is not UTF-8; it was read as Windows-1252",) if encoding == "cp1252" else ()
        return text.replace("\r\n", "\n").replace("\r", "\n"), note
    raise SourceError(
        f"{path.name} is neither UTF-8, UTF-16 nor Windows-1252", "save it as UTF-8", source=source
    )


# --- CSV ------------------------------------------------------------------------------------------------


def _delimiter(text: str) -> str:
    """The delimiter under which most of the first rows are as wide as the header, and widest."""

    def merit(delimiter: str) -> tuple[float, int]:
        rows = islice(csv.reader(io.StringIO(text[:65536]), delimiter=delimiter), 40)
        try:
            widths = [len(cells) for cells in rows if cells]
        except csv.Error:
            return (0.0, 0)
        if not widths or widths[0] < 2:
            return (0.0, 0)
        return (sum(width == widths[0] for width in widths) / len(widths), widths[0])

    return max(DELIMITERS, key=merit)


def _csv_records(text: str, rejected: list[RejectedRow]) -> Iterator[Record]:
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=True)
    header: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise _Unreadable("a quoted field opens here and is never closed", line) from error
            rejected.append(RejectedRow(row=line, reason=str(error)))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = _header(cells, line)
            continue
        if any(cell.strip() for cell in cells[len(header) :]):
            rejected.append(
                RejectedRow(
                    row=line,
                    reason=f"{len(cells)} cells under {len(header)} columns",
                    text=clean(" ".join(cells)),
                )
            )
            continue
        yield Record(line, dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=False)))


def _header(cells: list[str], line: int) -> list[str]:
    names = [cell.strip() for cell in cells]
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        raise _Unreadable(f"two columns are named {', '.join(sorted(twice))}", line)
    return [name or f"column {place}" for place, name in enumerate(names, start=1)]


# --- JSON and YAML ----------------------------------------------------------------------------------------


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _Unreadable(f"not JSON: {error.msg}", error.lineno) from error
    except ValueError as error:
        raise _Unreadable(f"not JSON: {error}") from error


def _json_records(text: str, rejected: list[RejectedRow], layout: Layout) -> tuple[list[Record], Kind]:
    try:
        document = _json(text)
    except _Unreadable as error:
        if "Extra data" in str(error) and text.lstrip().startswith("{"):
            return list(_json_lines(text, rejected)), "json lines"
        raise
    return list(_listed(layout(document))), "json"


def _json_lines(text: str, rejected: list[RejectedRow]) -> Iterator[Record]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            rejected.append(RejectedRow(row=number, reason=f"not JSON: {error}", text=clean(line)))
            continue
        if isinstance(value, dict):
            yield Record(number, value)
        else:
            rejected.append(RejectedRow(row=number, reason="not a JSON object", text=clean(line)))


class _UniqueKeyLoader(yaml.SafeLoader):
    """Safe YAML in which a key given twice is an error, not the last one's silent win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    raise _Unreadable(f'the key "{key.value}" is given twice', key.start_mark.line + 1)
                seen.add(key.value)
        made: dict[object, object] = super().construct_mapping(node, deep=deep)
        return made


def _yaml(text: str) -> object:
    try:
        document: object = yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise _Unreadable(f"not YAML: {error.problem or error.context}", line) from error
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise _Unreadable(f"not YAML: {error}") from error
    return document


def _listed(document: object) -> Iterator[Record]:
    """The records of a list, or of the one list that an object holds."""
    if isinstance(document, dict):
        lists = [value for value in document.values() if isinstance(value, list)]
        if len(lists) != 1:
            raise _Unreadable(f"a list of records is wanted; this is an object with {len(lists)} lists")
        document = lists[0]
    if not isinstance(document, list):
        raise _Unreadable("a list of records is wanted")
    for number, value in enumerate(document, start=1):
        if not isinstance(value, dict):
            raise _Unreadable(f"record {number} is not an object of fields")
        yield Record(number, {str(key): cell for key, cell in value.items()})
