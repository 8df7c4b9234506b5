"""Candidate items for the next sprint: what each would cost, bring and need, as its owner declares it.

A candidates file is short and written by hand, and what it says decides a plan. So a wrong item is an error
that names the item and the field, never a row set aside: a plan must not change because a row was misspelt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, ValidationError, model_validator

from postlaunch.errors import SourceError, UsageError
from postlaunch.facts import Frozen, digest_of
from postlaunch.roster import Roster
from postlaunch.settings import Settings
from postlaunch.sources.columns import (
    Aliases,
    CellError,
    Columns,
    days_by_owner,
    flag_of,
    line_of,
    list_of,
    looked_for,
    match_columns,
    near_field,
    number_of,
    text_of,
)
from postlaunch.sources.tables import Record, Table, read_table

SOURCE = "candidates"
ALIASES: Aliases = {
    "id": ("id", "key", "item", "item_id"),
    "title": ("title", "name", "feature", "summary"),
    "description": ("description", "details"),
    "keywords": ("keywords", "keyword", "tags", "words"),
    "business_impact": ("business_impact", "business_value"),
    "effort": ("effort", "effort_by_owner"),
    "effort_days": ("effort_days", "days", "estimate", "estimate_days"),
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
IMPACTS: Mapping[str, float] = {"massive": 3, "high": 2, "medium": 1, "low": 0.5, "minimal": 0.25}
CONFIDENCES: Mapping[str, float] = {"high": 1.0, "medium": 0.8, "low": 0.5}


def _one_of(steps: Mapping[str, float]) -> AfterValidator:
    def step(value: float) -> float:
        if value not in steps.values():
            raise ValueError(f"one of {', '.join(f'{known:g}' for known in steps.values())} is wanted")
        return value

    return AfterValidator(step)


Impact = Annotated[float, _one_of(IMPACTS)]
Confidence = Annotated[float, _one_of(CONFIDENCES)]
Touch = Literal["schema", "public_api", "security_model"]


class CandidateItem(Frozen):
    """One candidate. Everything in it is declared, not measured.

    Attributes:
        keywords: words and phrases that a ticket asking for this would use.
        effort: owner (by the roster's name) → working days.
        effort_assumed: the file gave one total, which was split evenly over the owners.
        reach: people or events it touches per sprint (RICE).
        impact: 3 massive, 2 high, 1 medium, 0.5 low, 0.25 minimal (RICE).
        confidence: 1.0, 0.8 or 0.5 (RICE).
        monthly_benefit: money a month, in the application's currency.
        cost: money, once.
        unlocks_revenue: a sale is known to wait for it.
        required_by: the contract, law, critical security finding or objective that requires it; or empty.
        benefit_basis: on what the declared benefit rests.
        declared_by: who states all this; the file where empty.
        touches: what of the architecture it changes.
        new_capability: users can do something that they could not do before.
        brief_approved: a feature brief for it was approved.
        route: the phase it should go to, where its owner declares one.
        success_measure, success_target: what will show that it worked, and how much of it.
        requests: a declared count of requests, used only where no tickets are read.
    """

    id: str = Field(min_length=1, max_length=100)
    title: str = Field(min_length=1, max_length=300)
    description: str = ""
    keywords: tuple[str, ...] = ()
    business_impact: str = ""
    effort: dict[str, float]
    effort_assumed: bool = False
    reach: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    impact: Impact | None = None
    confidence: Confidence | None = None
    monthly_benefit: float | None = Field(default=None, allow_inf_nan=False)
    cost: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    unlocks_revenue: bool = False
    required_by: str = ""
    benefit_basis: str = ""
    declared_by: str = ""
    depends_on: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    touches: tuple[Touch, ...] = ()
    new_capability: bool = False
    brief_approved: bool = False
    route: Literal[1, 2, 3] | None = None
    success_measure: str = ""
    success_target: str = ""
    acceptance_criteria: tuple[str, ...] = ()
    risks: str = ""
    notes: str = ""
    defer_to: str = ""
    requests: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _has_effort(self) -> Self:
        if not self.effort or not 0 < sum(self.effort.values()) < float("inf"):
            raise ValueError("effort: more than zero days are wanted, for at least one owner")
        if min(self.effort.values()) < 0:
            raise ValueError("effort: days are not negative")
        return self

    @property
    def effort_days(self) -> float:
        """Days of all owners together."""
        return sum(self.effort.values())


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
    for record in table.records:
        try:
            items.append(_item(record, columns, roster, table.path.name))
        except CellError as error:
            name = columns.cell(record.cells, "id") or columns.cell(record.cells, "title") or "without an id"
            problems.append(f'{table.place(record.row)}, item "{name}", {error}')
    problems = problems or dependency_problems(items)
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


def dependency_problems(items: Sequence[CandidateItem]) -> list[str]:
    """Duplicate ids, unknown dependencies and cycles, each naming the item and the field."""
    known: set[str] = set()
    problems = []
    for item in items:
        if item.id in known:
            problems.append(f'item "{item.id}", id: another item has it too')
        known.add(item.id)
    for item in items:
        problems += [
            f'item "{item.id}", depends_on: there is no item "{other}"'
            for other in item.depends_on
            if other not in known
        ]
    if not problems and (cycle := _cycle({item.id: item.depends_on for item in items})):
        problems.append(f'item "{cycle[0]}", depends_on: a cycle: {" → ".join(cycle)}')
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
    if "effort" not in columns.of and "effort_days" not in columns.of:
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


# --- one item ---------------------------------------------------------------------------------------------


def _choice(steps: Mapping[str, float], *, percent: bool = False) -> Callable[[object], float | None]:
    """A reader of one of a few numbers, also by its name ("high") or, where it is a share, in percent."""

    def reader(cell: object) -> float | None:
        if isinstance(cell, str) and cell.strip().casefold() in steps:
            return steps[cell.strip().casefold()]
        in_percent = percent and isinstance(cell, str) and cell.strip().endswith("%")
        value = number_of(str(cell).strip().removesuffix("%") if in_percent else cell)
        return value / 100 if percent and value is not None and value > 1 else value

    return reader


def _whole(cell: object) -> int | None:
    value = number_of(cell, low=0)
    if value is not None and value != int(value):
        raise CellError(f'"{value:g}" is not a whole number')
    return None if value is None else int(value)


def _touches(cell: object) -> tuple[str, ...]:
    parts = tuple(part.casefold().replace(" ", "_").replace("-", "_") for part in list_of(cell))
    for part in parts:
        if part not in get_args(Touch):
            raise CellError(f'"{part}" is none of {", ".join(get_args(Touch))}')
    return parts


def _criteria(cell: object) -> tuple[str, ...]:
    return list_of(cell, separators=";|\n")


READERS: Mapping[str, Callable[[object], object]] = {
    "id": line_of,
    "title": line_of,
    "description": text_of,
    "keywords": list_of,
    "business_impact": line_of,
    "reach": number_of,
    "impact": _choice(IMPACTS),
    "confidence": _choice(CONFIDENCES, percent=True),
    "monthly_benefit": number_of,
    "cost": number_of,
    "unlocks_revenue": flag_of,
    "required_by": line_of,
    "benefit_basis": line_of,
    "declared_by": line_of,
    "depends_on": list_of,
    "components": list_of,
    "touches": _touches,
    "new_capability": flag_of,
    "brief_approved": flag_of,
    "route": _whole,
    "success_measure": line_of,
    "success_target": line_of,
    "acceptance_criteria": _criteria,
    "risks": line_of,
    "notes": line_of,
    "defer_to": line_of,
    "requests": _whole,
}
"""How each field but the effort is read from its cell."""


def _item(record: Record, columns: Columns, roster: Roster, file: str) -> CandidateItem:
    fields: dict[str, object] = {}
    for field, reader in READERS.items():
        with _naming(field):
            fields[field] = reader(columns.cell(record.cells, field))
    fields["effort"], fields["effort_assumed"] = _effort(record, columns, roster)
    fields["declared_by"] = fields["declared_by"] or file
    try:
        return CandidateItem.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = f"{first['loc'][0]}: " if first["loc"] else ""
        raise CellError(where + first["msg"].removeprefix("Value error, ")) from None


@contextmanager
def _naming(field: str) -> Iterator[None]:
    """Puts the field's name before the reason of a `CellError`."""
    try:
        yield
    except CellError as error:
        raise CellError(f"{field}: {error}") from None


def _effort(record: Record, columns: Columns, roster: Roster) -> tuple[dict[str, float], bool]:
    """Days per owner, and whether they are one total split evenly."""
    cell = columns.cell(record.cells, "effort")
    per_owner = isinstance(cell, dict) or (isinstance(cell, str) and any(sign in cell for sign in ":="))
    if per_owner:
        with _naming("effort"):
            return _by_party(days_by_owner(cell), roster), False
    field = "effort" if cell not in (None, "") else "effort_days"
    with _naming(field):
        total = number_of(columns.cell(record.cells, field), low=0, high=1000)
        if not total:
            raise CellError("more than zero days are wanted")
    with _naming("owners"):
        owners = list_of(columns.cell(record.cells, "owners"))
        if not owners:
            raise CellError(f"{field} is one total: name at least one owner to do it")
        split = _by_party(dict.fromkeys(owners, total / len(owners)), roster)
    return split, len(split) > 1


def _by_party(days: Mapping[str, float], roster: Roster) -> dict[str, float]:
    """Days under the roster's names; two names of one party add up."""
    found: dict[str, float] = {}
    for owner, value in days.items():
        try:
            party = roster.resolve(owner)
        except UsageError as error:
            raise CellError(f"{error} ({error.remedy})") from None
        found[party.name] = found.get(party.name, 0.0) + value
    return {owner: value for owner, value in found.items() if value > 0}
