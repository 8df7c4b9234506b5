"""Requests in a Parquet file: which column holds what, and its rows in ranges under our names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from postlaunch.errors import SourceError
from postlaunch.settings_sources import RequestSource
from postlaunch.sources.json_keys import keys_found
from postlaunch.sources.lines import LogFile
from postlaunch.sources.log_formats import ALIASES, REQUIRED, LogFormat, latency_factor

if TYPE_CHECKING:
    import duckdb
    from duckdb.sqltypes import DuckDBPyType

RANGE = 400_000
"""Rows parsed at a time."""

ROWS = "request_rows"
"""The view that `parquet_rows.sql` reads."""

NUMBER = "file_row_number"
PLAIN_TIMES = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
ZONED_TIME = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True)
class RowRange:
    """Some rows of a Parquet file; `first` and `last` are counted from 0."""

    first: int
    last: int


def parquet_format(
    connection: duckdb.DuckDBPyConnection, file: LogFile, settings: RequestSource
) -> LogFormat:
    """Which columns hold what is needed.

    Raises:
        SourceError: no column for the time or the status is found, or the settings map to one that is not
            there.
    """
    columns = list(_columns(connection.read_parquet(str(file.path), binary_as_string=True)))
    mapped = {str(ours): key for ours, key in settings.fields.items()}
    keys = keys_found([dict.fromkeys(columns)], ALIASES, mapped)
    absent = [f'"{key}" for the {name}' for name, key in mapped.items() if key not in columns]
    missing = [name for name in REQUIRED if name not in keys]
    if missing or absent:
        lacks = absent[0] if absent else f"known to hold the {' or the '.join(missing)}"
        raise SourceError(
            f"{file.path} has no column {lacks}; columns found: {', '.join(columns)[:300]}",
            f'map it: [sources.requests.fields] {(missing or list(mapped))[0]} = "column"',
            source="requests",
        )
    return LogFormat(kind="parquet", keys=keys, latency_factor=latency_factor(keys, settings))


def ranges(connection: duckdb.DuckDBPyConnection, file: LogFile) -> Iterator[RowRange]:
    """All rows of a file, a range at a time."""
    rows = connection.read_parquet(str(file.path)).count("*").fetchall()[0][0]
    for first in range(0, rows, RANGE):
        yield RowRange(first, min(first + RANGE, rows) - 1)


def open_rows(connection: duckdb.DuckDBPyConnection, file: LogFile, form: LogFormat) -> None:
    """A file's rows as the view `request_rows`, with a column for each of our names, for every cursor."""
    from duckdb import ColumnExpression, ConstantExpression

    rows = connection.read_parquet(str(file.path), binary_as_string=True, file_row_number=True)
    kinds = _columns(rows)
    time = form.keys["time"]
    forms = {"time_zoned": ZONED_TIME, "time_plain": "TIMESTAMP", "time_written": "VARCHAR"}
    holder = "time_zoned" if kinds[time] == ZONED_TIME else "time_written"
    if kinds[time] in PLAIN_TIMES:
        holder = "time_plain"
    absent = ConstantExpression(None)
    found = [ColumnExpression(NUMBER).alias("number")]
    for name, kind in forms.items():
        value = _reaching(time, rows) if name == holder else absent
        found.append(value.cast(_type(kind)).alias(name))
    for name in ALIASES:
        if name != "time":
            key = form.keys.get(name)
            value = _reaching(key, rows) if key else absent.cast(_type("VARCHAR"))
            found.append(value.alias(name))
    rows.select(*found).create_view(ROWS, replace=True)


def _type(name: str) -> DuckDBPyType:
    import duckdb

    return duckdb.sqltype(name)


def _columns(rows: duckdb.DuckDBPyRelation) -> Mapping[str, str]:
    """Every column and its type; those inside objects are dotted."""
    found: dict[str, str] = {}
    for name, kind in zip(rows.columns, rows.types, strict=True):
        if name != NUMBER:
            found.update(_inside(name, kind))
    return found


def _inside(name: str, kind: DuckDBPyType) -> Iterator[tuple[str, str]]:
    from duckdb.sqltypes import DuckDBPyType

    if kind.id != "struct":
        yield name, str(kind)
        return
    for child, inner in kind.children:
        if isinstance(inner, DuckDBPyType):
            yield from _inside(f"{name}.{child}", inner)


def _reaching(key: str, rows: duckdb.DuckDBPyRelation) -> duckdb.Expression:
    """A column, or what an object in it holds; "http.status" may be either."""
    from duckdb import ColumnExpression, ConstantExpression, FunctionExpression

    column = max((name for name in rows.columns if f"{key}.".startswith(f"{name}.")), key=len)
    found: duckdb.Expression = ColumnExpression(column)
    rest = key.removeprefix(column).removeprefix(".")
    for step in rest.split(".") if rest else ():
        found = FunctionExpression("struct_extract", found, ConstantExpression(step))
    return found
