"""Candidate items for the next sprint: what each would cost, bring and need, as its owner declares it.

A candidates file is short and written by hand, and what it says decides a plan. So a wrong item is an error
that names the item and the field, never a row set aside: a plan must not change because a row was misspelt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from postlaunch.errors import SourceError, UsageError
from postlaunch.facts import digest_of
from postlaunch.roster import Roster
from postlaunch.settings import Settings
from postlaunch.settings_handoffs import Way
from postlaunch.sources.candidate_cells import item_of
from postlaunch.sources.candidate_items import CandidateItem
from postlaunch.sources.columns import (
    Aliases,
    CellError,
    Columns,
    looked_for,
    match_columns,
    near_field,
)
from postlaunch.sources.tables import Table, read_table

KEPT_FOR_MESSAGES = frozenset({*get_args(Way), "handler"})
"""How the keys of messages end: an item of such an id would have the key of another item's message."""

__all__ = ["CandidateItem", "CandidateTable", "dependency_problems", "open_candidates"]

SOURCE = "candidates"
ALIASES: Aliases = {
    "id": ("id", "key", "item", "item_id"),
    "title": ("title", "name", "feature", "summary"),
    "description": ("description", "details"),
    "keywords": ("keywords", "keyword", "tags", "words"),
    "addresses": ("addresses",),
    "business_impact": ("business_impact", "business_value"),
    "effort": ("effort", "effort_by_owner"),
    "effort_days": ("effort_days", "days", "estimate", "estimate_days"),
    "skills": ("skills", "skill_days", "effort_by_skill"),
    "owners": ("owners", "owner", "assign_to", "assignees", "assignee"),
    "reach": ("reach",),
    "impact": ("impact",),
    "confidence": ("confidence",),
    "monthly_benefit": ("monthly_benefit", "benefit_per_month"),
    "cost": ("cost",),
    "unlocks_revenue": ("unlocks_revenue",),
    "required_by": ("required_by",),
    "benefit_basis": ("benefit_basis", "basis"),
    "declared_by": ("declared_by", "who"),
    "depends_on": ("depends_on", "dependencies", "blocked_by"),
    "components": ("components", "component"),
    "touches": ("touches",),
    "new_capability": ("new_capability",),
    "brief_approved": ("brief_approved",),
    "route": ("route", "phase"),
    "success_measure": ("success_measure", "success_metric"),
    "success_target": ("success_target", "target"),
    "acceptance_criteria": ("acceptance_criteria", "criteria"),
    "risks": ("risks", "risk"),
    "notes": ("notes", "note"),
    "defer_to": ("defer_to",),
    "requests": ("requests", "user_requests"),
}


@dataclass(frozen=True)
class CandidateTable:
    """The candidates of one file, in its order.

    Attributes:
        notes: what a reader must know, e.g. columns that were not read.
    """

    fingerprint: str
    items: tuple[CandidateItem, ...]
    notes: tuple[str, ...] = ()
    path: str = ""
    name: str = SOURCE


def open_candidates(settings: Settings) -> CandidateTable:
    """Read the candidate items that the settings name.

    Raises:
        UsageError: the settings name none.
        SourceError: the file cannot be read, or an item of it is wrong; item and field are named.
    """
    source = settings.sources.candidates
    if source is None:
        raise UsageError(
            "no source of candidates is configured", "add [sources.candidates] to postlaunch.toml"
        )
    table = read_table(settings.path(source.path), SOURCE)
    columns = match_columns(table, ALIASES, source.fields, SOURCE)
    _refuse_foreign(table, columns)
    roster = Roster.from_settings(settings)
    problems = [f"{table.path.name}, {table.row_word} {row.row}: {row.reason}" for row in table.rejected]
    items: list[CandidateItem] = []
    places: list[str] = []
    for record in table.records:
        try:
            items.append(item_of(record, columns, roster, table.path.name))
            places.append(table.place(record.row))
        except CellError as error:
            name = columns.cell(record.cells, "id") or columns.cell(record.cells, "title") or "without an id"
            problems.append(f'{table.place(record.row)}, item "{name}", {error}')
    problems = problems or dependency_problems(items, places)
    if problems:
        raise SourceError(_listed(problems, table), "correct the file", source=SOURCE)
    return CandidateTable(
        fingerprint=digest_of(
            {
                "content": table.digest,
                "fields": source.fields,
                "roster": [party.model_dump(mode="json") for party in roster.parties],
            }
        ),
        items=tuple(items),
        notes=table.notes + _unread(table, columns),
        path=str(table.path),
    )


def dependency_problems(items: Sequence[CandidateItem], places: Sequence[str]) -> list[str]:
    """Ids that may not be, unknown dependencies and cycles, each naming the place, the item and the field.

    Args:
        places: where each item stands: "items.csv, line 3".
    """
    first: dict[str, str] = {}
    problems = []
    for item, place in zip(items, places, strict=True):
        if item.id in first:
            problems.append(
                f'{place}, item "{item.id}", id: the item of {first[item.id]} has it too: rename one'
            )
        first.setdefault(item.id, place)
    for item, place in zip(items, places, strict=True):
        problems += [
            f'{place}, item "{item.id}", depends_on: there is no item "{other}"'
            for other in item.depends_on
            if other not in first
        ]
    for item, place in zip(items, places, strict=True):
        _, slash, end = item.id.rpartition("/")
        if slash and end in KEPT_FOR_MESSAGES:
            why = f'ids that end in "/{end}" are kept for messages: leave the end out'
            problems.append(f'{place}, item "{item.id}", id: {why}')
    if not problems and (cycle := _cycle({item.id: item.depends_on for item in items})):
        problems.append(
            f'{first[cycle[0]]}, item "{cycle[0]}", depends_on: a cycle: {" → ".join(cycle)}; leave one of '
            "these dependencies out"
        )
    return problems


def _cycle(depends_on: Mapping[str, Sequence[str]]) -> list[str]:
    """One cycle as the ids along it, the first repeated at the end; empty where there is none."""
    done: set[str] = set()
    for start in depends_on:
        path: list[str] = []
        stack = [(start, iter(depends_on[start]))] if start not in done else []
        while stack:
            item, rest = stack[-1]
            if len(path) < len(stack):
                path.append(item)
            following = next((other for other in rest if other not in done), None)
            if following is None:
                done.add(item)
                stack.pop()
                path.pop()
            elif following in path:
                return [*path[path.index(following) :], following]
            else:
                stack.append((following, iter(depends_on[following])))
    return []


def _refuse_foreign(table: Table, columns: Columns) -> None:
    missing = [field for field in ("id", "title") if field not in columns.of]
    if not {"effort", "effort_days", "skills"} & set(columns.of):
        missing += ["effort", "effort_days"]
    if missing:
        raise SourceError(
            f"{table.path.name}: no row is a candidate item; columns found: "
            f"{', '.join(table.columns) or 'none'}; looked for: {looked_for(ALIASES, missing)}",
            '[sources.candidates.fields] in postlaunch.toml maps them, e.g. title = "Feature"',
            source=SOURCE,
        )


def _listed(problems: list[str], table: Table) -> str:
    shown = "; ".join(problems[:5])
    more = f"; and {len(problems) - 5} more" if len(problems) > 5 else ""
    return shown + more if table.path.name in shown else f"{table.path.name}: {shown}{more}"


def _unread(table: Table, columns: Columns) -> tuple[str, ...]:
    notes = []
    for column in columns.unread:
        field = near_field(column, ALIASES)
        meant = (
            f"; {field} was not given: is that what it means?" if field and field not in columns.of else ""
        )
        notes.append(f'{table.path.name}: the column "{column}" is not read{meant}')
    return tuple(notes)
