"""How one candidate item is read from the cells of its row; every error names the field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import get_args

from pydantic import ValidationError

from postlaunch.errors import UsageError
from postlaunch.roster import Roster
from postlaunch.sources.candidate_items import CONFIDENCES, IMPACTS, CandidateItem, Touch
from postlaunch.sources.columns import (
    CellError,
    Columns,
    days_by_owner,
    flag_of,
    line_of,
    list_of,
    number_of,
    text_of,
)
from postlaunch.sources.tables import Record


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
    "addresses": list_of,
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


def item_of(record: Record, columns: Columns, roster: Roster, file: str) -> CandidateItem:
    """The item of one row, with its owners under their roster names.

    Raises:
        CellError: a field is wrong; its name and the reason.
    """
    fields: dict[str, object] = {}
    for field, reader in READERS.items():
        with _naming(field):
            fields[field] = reader(columns.cell(record.cells, field))
    with _naming("skills"):
        fields["skills"] = _by_skill(days_by_owner(columns.cell(record.cells, "skills") or {}), roster)
    if not fields["skills"] or not _no_effort(record, columns):
        fields["effort"], fields["effort_assumed"] = _effort(record, columns, roster)
    else:
        fields["effort"] = {}
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


def _no_effort(record: Record, columns: Columns) -> bool:
    return all(columns.cell(record.cells, name) in (None, "", {}) for name in ("effort", "effort_days"))


def _by_skill(days: Mapping[str, float], roster: Roster) -> dict[str, float]:
    """Days under the skills' names in the roster."""
    found: dict[str, float] = {}
    for name, value in days.items():
        try:
            skill = roster.skill(name)
        except UsageError as error:
            raise CellError(f"{error} ({error.remedy})") from None
        found[skill] = found.get(skill, 0.0) + value
    return {skill: value for skill, value in found.items() if value > 0}


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
