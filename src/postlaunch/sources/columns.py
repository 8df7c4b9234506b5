"""Which column holds which field, and what a cell says: text, number, flag, list, moment.

Every reader takes a cell as CSV, JSON or YAML gives it and raises `CellError` with the reason, which the
source prints with the file, the row and the field.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postlaunch.errors import SourceError
from postlaunch.sources.tables import Table, clean

Aliases = Mapping[str, tuple[str, ...]]
"""Our field → the column names it is found under, most telling first."""

TRUE = frozenset({"true", "yes", "y", "1", "x"})
FALSE = frozenset({"", "false", "no", "n", "0"})


class CellError(ValueError):
    """A cell does not say what its field needs."""


@dataclass(frozen=True)
class Columns:
    """Which column of a table holds which field; `unread` are the columns that no field uses."""

    of: Mapping[str, str]
    unread: tuple[str, ...]

    def cell(self, cells: Mapping[str, object], field: str) -> object:
        """The cell of a field, or None where the table or the record has none."""
        column = self.of.get(field)
        return None if column is None else cells.get(column)


def _plain(name: str) -> str:
    return re.sub(r"[\s_.-]+", "_", name.strip().casefold()).strip("_")


def match_columns(table: Table, aliases: Aliases, mapping: Mapping[str, str], source: str) -> Columns:
    """Find each field's column: where the settings map it, else the first alias the table has.

    Raises:
        SourceError: the settings map a field that does not exist, or to a column that does not.
    """
    for field, column in mapping.items():
        if field not in aliases:
            raise SourceError(
                f'[sources.{source}] fields: "{field}" is no field of {source}',
                f"one of: {', '.join(aliases)}",
                source=source,
            )
        if column not in table.columns:
            raise SourceError(
                f'[sources.{source}] fields: {table.path.name} has no column "{column}" for {field}',
                f"columns found: {', '.join(table.columns)}",
                source=source,
            )
    free = {_plain(column): column for column in table.columns if column not in mapping.values()}
    found = dict(mapping)
    for field, names in aliases.items():
        if field not in found:
            column_name = next((free.pop(_plain(name)) for name in names if _plain(name) in free), None)
            if column_name is not None:
                found[field] = column_name
    return Columns(of=found, unread=tuple(column for column in table.columns if column not in found.values()))


def looked_for(aliases: Aliases, fields: Sequence[str]) -> str:
    """The columns looked for, as an error lists them: "created_at (or created, date)"."""
    return "; ".join(
        f"{aliases[field][0]} (or {', '.join(aliases[field][1:])})"
        if aliases[field][1:]
        else aliases[field][0]
        for field in fields
    )


def near_field(column: str, aliases: Aliases) -> str | None:
    """The field whose name a column that was not read may have misspelt."""
    names = {_plain(alias): field for field, known in aliases.items() for alias in known}
    close = difflib.get_close_matches(_plain(column), names, n=1, cutoff=0.8)
    return names[close[0]] if close else None


# --- cells ------------------------------------------------------------------------------------------------


def text_of(cell: object, length: int = 20_000) -> str:
    """Text without control characters (line ends stay), cut to a length."""
    if cell is None:
        return ""
    if isinstance(cell, (dict, list, tuple, set)):
        raise CellError("a text is wanted, not a list or an object")
    return "".join(c for c in str(cell)[:length] if c in "\n\t" or c.isprintable()).strip()


def line_of(cell: object, length: int = 500) -> str:
    """Text on one line."""
    return clean(text_of(cell), length)


def number_of(cell: object, *, low: float | None = None, high: float | None = None) -> float | None:
    """A finite number within [low, high]; None for an empty cell."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if isinstance(cell, bool) or not isinstance(cell, (int, float, str)):
        raise CellError(f"{_quoted(cell)} is not a number")
    try:
        value = float(cell)
    except (ValueError, OverflowError):
        raise CellError(f"{_quoted(cell)} is not a number") from None
    if not math.isfinite(value):
        raise CellError(f"{_quoted(cell)} is not a finite number")
    if low is not None and value < low:
        raise CellError(f"{_quoted(cell)} is less than {low:g}")
    if high is not None and value > high:
        raise CellError(f"{_quoted(cell)} is more than {high:g}")
    return value


def flag_of(cell: object) -> bool:
    """True or false; an empty cell is false."""
    if cell is None or isinstance(cell, bool):
        return bool(cell)
    word = str(cell).strip().casefold() if isinstance(cell, (str, int, float)) else "?"
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise CellError(f"{_quoted(cell)} is neither yes nor no")


def list_of(cell: object, *, separators: str = ";|,\n") -> tuple[str, ...]:
    """A list of texts; a single text is split at the separators."""
    if cell is None:
        return ()
    if isinstance(cell, (list, tuple)):
        parts = [line_of(part) for part in cell]
    else:
        parts = [clean(part, 500) for part in re.split(f"[{re.escape(separators)}]", text_of(cell))]
    return tuple(dict.fromkeys(part for part in parts if part))


def days_by_owner(cell: object) -> dict[str, float]:
    """Days per owner: an object, or a text such as "django-backend-expert: 2; react: 1"."""
    if isinstance(cell, dict):
        pairs = [(line_of(owner), days) for owner, days in cell.items()]
    else:
        pairs = []
        for part in list_of(cell):
            owner, _, days = part.replace("=", ":").partition(":")
            pairs.append((owner.strip(), days))
    found: dict[str, float] = {}
    for owner, days in pairs:
        value = number_of(days, low=0, high=1000)
        if not owner or value is None:
            raise CellError(f'{_quoted(f"{owner}: {days}")} is not "owner: days"')
        if owner in found:
            raise CellError(f"{owner} is given twice")
        found[owner] = value
    return found


def _quoted(cell: object) -> str:
    return f'"{clean(str(cell), 60)}"' if isinstance(cell, (str, int, float, bool)) else type(cell).__name__
