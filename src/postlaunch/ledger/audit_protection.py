"""The database's own protections: whether each is there, as the migrations make it, and switched on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, Executable, ScalarSelect, Select, String, column, func, select, table

from postlaunch.facts import Frozen

TRIGGER = re.compile(r"CREATE TRIGGER (\w+)\s.*?(?=\n\n|\Z)", re.DOTALL)
FUNCTION = re.compile(r"CREATE FUNCTION (\w+)\(\).*?\$\$(.*?)\$\$", re.DOTALL)
SWITCHED_ON = ("O", "A")
"""What PostgreSQL says of a trigger that fires in an ordinary session."""


class Protection(Frozen):
    """One trigger, or the function that triggers of PostgreSQL call, as the database keeps it.

    Attributes:
        text: its statement (of a function its body), as `_told` writes it.
        on: whether it is switched on.
    """

    text: str
    on: bool = True


def protections(connection: Connection) -> dict[str, Protection]:
    """Those that the ledger's database has, by name."""
    if connection.dialect.name == "sqlite":
        of_sqlite = select(column("name", String), column("sql", String)).select_from(table("sqlite_master"))
        rows = connection.execute(of_sqlite.where(column("type") == "trigger"))
        return {row.name: Protection(text=_told(row.sql)) for row in rows}
    found = {row.proname: Protection(text=_told(row.prosrc)) for row in connection.execute(_functions())}
    for row in connection.execute(_triggers()):
        found[row.tgname] = Protection(text=_told(row.definition), on=row.tgenabled in SWITCHED_ON)
    return found


def _functions() -> Executable:
    query = select(column("proname", String), column("prosrc", String)).select_from(table("pg_proc"))
    return query.where(column("pronamespace") == _schema(), column("pronargs") == 0)


def _triggers() -> Executable:
    tables: Select[Any] = select(column("oid")).select_from(table("pg_class"))
    definition = func.pg_get_triggerdef(column("oid"), type_=String).label("definition")
    query = select(column("tgname", String), definition, column("tgenabled", String))
    of_ours = column("tgrelid").in_(tables.where(column("relnamespace") == _schema()))
    return query.select_from(table("pg_trigger")).where(of_ours)


def _schema() -> ScalarSelect[Any]:
    """The schema of the ledger's tables, as PostgreSQL numbers it."""
    named: Select[Any] = select(column("oid")).select_from(table("pg_namespace"))
    return named.where(column("nspname") == func.current_schema()).scalar_subquery()


def _told(text: str) -> str:
    """A statement without what each database adds or leaves out when it gives it back."""
    return " ".join(text.replace("postlaunch.", "").replace('"', "").split()).rstrip("; ")


def _made(dialect: str) -> dict[str, str]:
    """What the migrations make, by name."""
    folder = files("postlaunch.ledger.migrations.versions")
    named = [one for one in folder.iterdir() if one.name.endswith(f".{dialect}.sql")]
    scripts = [one.read_text(encoding="utf-8") for one in named]
    triggers = {found[1]: _told(found[0]) for text in scripts for found in TRIGGER.finditer(text)}
    return triggers | {found[1]: _told(found[2]) for text in scripts for found in FUNCTION.finditer(text)}


def problems_with_protections(stored: Mapping[str, Protection], dialect: str) -> Iterator[str]:
    """What the migrations made and is not there, is another, or is switched off."""
    for name, text in sorted(_made(dialect).items()):
        what = f"the database's own protection {name}"
        if name not in stored:
            yield f"{what} was taken off"
        elif stored[name].text != text:
            yield f"{what} was replaced by another of its name"
        elif not stored[name].on:
            yield f"{what} was switched off"
