"""Records of a small file into typed rows: what does not fit is set aside with its reason, and counted.

A source of this kind says which columns it looks for and how one row is read; finding, refusing and counting
is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from postlaunch.errors import SourceError
from postlaunch.facts import digest_of
from postlaunch.settings import Settings
from postlaunch.settings_sources import TableSource
from postlaunch.sources.columns import (
    Aliases,
    CellError,
    Columns,
    line_of,
    list_of,
    looked_for,
    match_columns,
    near_field,
    number_of,
    text_of,
)
from postlaunch.sources.dates import DateOrder, date_order, moment_of
from postlaunch.sources.tables import Record, RejectedRow, Table, clean
from postlaunch.windows import Clock

FUTURE = "dated in the future"
"""Why a row is set aside that lies more than a day after the clock."""

DEEPEST = 3
"""Objects inside objects whose keys become columns: "incident.service.name"."""

Row = TypeVar("Row")


@dataclass(frozen=True)
class RowKind:
    """What a source calls its rows, and what each must have.

    Attributes:
        source: its name in the settings.
        noun: one row: "change".
        required: of each group one column at least must be there.
        example: a mapping, for the remedy: 'at = "Deployed on"'.
    """

    source: str
    noun: str
    aliases: Aliases
    required: tuple[tuple[str, ...], ...]
    example: str


@dataclass(frozen=True)
class Cells:
    """The cells of one row, by our fields. Every reader names the field in its `CellError`.

    Attributes:
        zone: of moments that name none.
        latest: later moments are refused as `FUTURE`.
        orders: of the dates with slashes, by field.
        name: the row where it has no id: "line 14".
    """

    cells: Mapping[str, object]
    columns: Columns
    zone: ZoneInfo
    latest: datetime
    orders: Mapping[str, DateOrder]
    name: str

    def cell(self, field: str) -> object:
        """As the file has it."""
        return self.columns.cell(self.cells, field)

    def empty(self, field: str) -> bool:
        """Whether the file says nothing there."""
        cell = self.cell(field)
        return cell is None or (isinstance(cell, str) and not cell.strip())

    def line(self, field: str, length: int = 500) -> str:
        """Text on one line."""
        with naming(field):
            return line_of(self.cell(field), length)

    def text(self, field: str) -> str:
        """Text with its line ends."""
        with naming(field):
            return text_of(self.cell(field))

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of texts."""
        with naming(field):
            return list_of(self.cell(field))

    def number(self, field: str, *, low: float | None = None) -> float | None:
        """A finite number; None for an empty cell."""
        with naming(field):
            return number_of(self.cell(field), low=low)

    def word(self, field: str, words: Mapping[str, str]) -> str | None:
        """What a cell's word stands for; None for an empty cell."""
        if self.empty(field):
            return None
        written = self.line(field)
        found = words.get(plain_word(written))
        if found is None:
            known = ", ".join(dict.fromkeys(words.values()))
            raise CellError(f'{field}: "{clean(written, 60)}" is none of {known}')
        return found

    def moment(self, field: str, *, announced: bool = False) -> datetime:
        """The moment a cell states, in UTC; one in the future only where it may be announced."""
        with naming(field):
            moment = moment_of(self.cell(field), self.zone, self.orders.get(field, "unknown"))
        if moment > self.latest and not announced:
            raise CellError(FUTURE)
        return moment

    def moment_or_none(self, field: str, *, announced: bool = False) -> datetime | None:
        """The same; None for an empty cell."""
        return None if self.empty(field) else self.moment(field, announced=announced)


@dataclass(frozen=True)
class Rows(Generic[Row]):
    """The rows of one file in its order, and what became of the others.

    Attributes:
        notes: what a reader must know of how the file was read.
    """

    table: Table
    columns: Columns
    rows: tuple[Row, ...]
    rejected: tuple[RejectedRow, ...]
    notes: tuple[str, ...]
    zone: str
    how: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """Digest of the file's content, of how it was read, and of how much lay in the future."""
        future = sum(row.reason == FUTURE for row in self.rejected)
        return digest_of(
            {"content": self.table.digest, "fields": dict(self.how), "zone": self.zone, "future": future}
        )


def plain_word(written: str) -> str:
    """A word as lists of known words hold it: lower case, with "_" between its parts."""
    return "_".join(written.casefold().replace("-", " ").replace("_", " ").split())


@contextmanager
def naming(field: str) -> Iterator[None]:
    """Puts the field's name before the reason of a `CellError`."""
    try:
        yield
    except CellError as error:
        raise CellError(f"{field}: {error}") from None


def latest_moment(clock: Clock) -> datetime:
    """The latest moment a record may be dated: a day after the clock, for clocks and zones that are off."""
    return clock().astimezone(UTC) + timedelta(days=1)


def read_rows(
    settings: Settings,
    source: TableSource,
    kind: RowKind,
    table: Table,
    row_of: Callable[[Cells], Row],
    clock: Clock,
    dates: Sequence[str] = (),
    identity: Callable[[Row], str] | None = None,
) -> Rows[Row]:
    """Read every record of a table as a row.

    Args:
        dates: fields that hold moments; where a date has slashes, the whole column settles their order.
        identity: by which two rows are the same one; the second is set aside.

    Raises:
        SourceError: a mapping is wrong, a needed column is missing, or there are records and none is a row.
    """
    table = flat(table)
    columns = match_columns(table, kind.aliases, source.fields, kind.source)
    _refuse_foreign(table, columns, kind)
    zone = settings.application.timezone
    orders = {
        field: date_order(columns.cell(record.cells, field) for record in table.records) for field in dates
    }
    rows: list[Row] = []
    places: dict[str, str] = {}
    rejected = list(table.rejected)
    for record in table.records:
        name = f"{table.row_word} {record.row}"
        cells = Cells(record.cells, columns, ZoneInfo(zone), latest_moment(clock), orders, name)
        try:
            row = row_of(cells)
            if identity is not None:
                _once(identity(row), name, places)
            rows.append(row)
        except CellError as error:
            rejected.append(RejectedRow(row=record.row, reason=str(error), text=_shown(record)))
    rejected.sort(key=lambda row: row.row)
    if rejected and not rows:
        raise _no_row(table, kind, rejected)
    notes = table.notes + _misspelt(table, columns, kind.aliases)
    return Rows(table, columns, tuple(rows), tuple(rejected), notes, zone, source.fields)


def _once(identity: str, name: str, places: dict[str, str]) -> None:
    """Refuses a row that is there already; `places` are those of the rows before it."""
    if identity in places:
        raise CellError(f'"{identity}" stands in {places[identity]} already')
    places[identity] = name


def flat(table: Table) -> Table:
    """The table with objects in its cells laid out as columns: {"incident": {"id": 7}} has "incident.id"."""
    if not any(isinstance(cell, dict) for record in table.records for cell in record.cells.values()):
        return table
    records = tuple(replace(record, cells=dict(_leaves(record.cells))) for record in table.records)
    columns = tuple(dict.fromkeys(name for record in records for name in record.cells))
    return replace(table, records=records, columns=columns)


def _leaves(cells: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, cell in cells.items():
        if isinstance(cell, dict) and cell and prefix.count(".") < DEEPEST:
            yield from _leaves({str(name): value for name, value in cell.items()}, f"{prefix}{key}.")
        else:
            yield prefix + key, cell


def _shown(record: Record) -> str:
    return clean(" ".join(str(cell) for cell in record.cells.values() if isinstance(cell, (str, int, float))))


def _refuse_foreign(table: Table, columns: Columns, kind: RowKind) -> None:
    missing = [group for group in kind.required if not any(field in columns.of for field in group)]
    if missing and table.records:
        fields = [field for group in missing for field in group]
        raise SourceError(
            f"{table.path.name}: no row is a {kind.noun}; columns found: {', '.join(table.columns)[:300]}; "
            f"looked for: {looked_for(kind.aliases, fields)}",
            f"[sources.{kind.source}.fields] in postlaunch.toml maps them, e.g. {kind.example}",
            source=kind.source,
        )


def _misspelt(table: Table, columns: Columns, aliases: Aliases) -> tuple[str, ...]:
    """Columns that no field uses and whose name is close to a field's that was not found."""
    near = {column: near_field(column, aliases) for column in columns.unread}
    return tuple(
        f'{table.path.name}: the column "{clean(column, 60)}" is not read; is it {field}?'
        for column, field in near.items()
        if field is not None and field not in columns.of
    )


def _no_row(table: Table, kind: RowKind, rejected: Sequence[RejectedRow]) -> SourceError:
    first = rejected[0]
    return SourceError(
        f"{table.path.name}: none of {len(rejected)} rows is a {kind.noun}; "
        f"{table.row_word} {first.row}: {first.reason}",
        f"correct the rows, or map the columns under [sources.{kind.source}.fields] in postlaunch.toml",
        source=kind.source,
    )
