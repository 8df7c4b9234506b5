"""Between typed records and rows: a record's field and its column have one name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy import Connection, Executable, RowMapping, Table, select

Record = TypeVar("Record", bound=BaseModel)


def storable(value: object) -> object:
    """The same JSON value with every lone surrogate replaced by "?".

    Text from a terminal or a model may hold half a character, which no database stores as UTF-8.
    """
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    return value


def values_of(record: BaseModel) -> dict[str, object]:
    """A record's fields as column values: moments stay moments, everything nested becomes JSON."""
    json_fields = {name: storable(value) for name, value in record.model_dump(mode="json").items()}
    moments = {name: value for name, value in record if isinstance(value, datetime)}
    return {**json_fields, **moments}


def record_of(kind: type[Record], row: RowMapping) -> Record:
    """The record that a row stores; columns that are no field of it are the ledger's own."""
    return kind.model_validate({name: row[name] for name in kind.model_fields})


def records_of(kind: type[Record], rows: Iterable[RowMapping]) -> tuple[Record, ...]:
    """The records that these rows store, in their order."""
    return tuple(record_of(kind, row) for row in rows)


def one_or_none(connection: Connection, statement: Executable, kind: type[Record]) -> Record | None:
    """The one record a statement finds, or None."""
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else record_of(kind, row)


def all_of(connection: Connection, statement: Executable, kind: type[Record]) -> tuple[Record, ...]:
    """Every record a statement finds."""
    return records_of(kind, connection.execute(statement).mappings())


def beginning_with(connection: Connection, table: Table, text: str, kind: type[Record]) -> tuple[Record, ...]:
    """The record whose id is `text`, or else those (at most 20) whose ids begin so; none for no text."""
    if not text:
        return ()
    exact = all_of(connection, select(table).where(table.c.id == text), kind)
    begun = select(table).where(table.c.id.startswith(text, autoescape=True)).order_by(table.c.id)
    return exact or all_of(connection, begun.limit(20), kind)
