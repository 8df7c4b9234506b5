"""Support tickets from a file of records."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from postlaunch.errors import SourceError, UsageError
from postlaunch.facts import Frozen, digest_of
from postlaunch.settings import Settings
from postlaunch.sources.columns import (
    Aliases,
    CellError,
    Columns,
    line_of,
    looked_for,
    match_columns,
    text_of,
)
from postlaunch.sources.dates import DateOrder, date_order, moment_of
from postlaunch.sources.tables import Record, RejectedRow, Table, clean, read_table
from postlaunch.windows import Moment

SOURCE = "tickets"
ALIASES: Aliases = {
    "id": ("id", "ticket_id", "ticket", "number"),
    "created_at": ("created_at", "created", "date", "time"),
    "requester": ("requester", "requester_id", "requester_email", "user", "user_id", "email", "customer"),
    "subject": ("subject", "title"),
    "text": ("text", "body", "description", "message"),
    "kind": ("kind", "type", "category"),
}


class Ticket(Frozen):
    """One ticket, as its writer wrote it.

    Attributes:
        id: as the file has it; "line 14" where the file has no such column.
        requester: who wrote it; empty where the file does not say.
        kind: as the file says: "bug", "feature", ...; empty where it does not.
    """

    id: str
    created_at: Moment
    requester: str = ""
    subject: str = ""
    text: str = ""
    kind: str = ""


@dataclass(frozen=True)
class TicketTable:
    """The tickets of one file, oldest first.

    Attributes:
        rejected: rows that hold no ticket, with their reasons.
        notes: what a reader must know of how the file was read.
        zone: IANA name of the zone in which moments without one were read.
    """

    fingerprint: str
    tickets: tuple[Ticket, ...]
    rejected: tuple[RejectedRow, ...] = ()
    notes: tuple[str, ...] = ()
    zone: str = "UTC"
    path: str = ""
    name: str = SOURCE


def open_tickets(settings: Settings) -> TicketTable:
    """Read the tickets that the settings name.

    Raises:
        UsageError: the settings name none.
        SourceError: the file cannot be read, or no row of it is a ticket.
    """
    source = settings.sources.tickets
    if source is None:
        raise UsageError("no source of tickets is configured", "add [sources.tickets] to postlaunch.toml")
    table = read_table(settings.path(source.path), SOURCE)
    columns = match_columns(table, ALIASES, source.fields, SOURCE)
    zone = settings.application.timezone
    tickets, rejected = _tickets(table, columns, ZoneInfo(zone))
    if not tickets:
        raise _no_ticket(table, columns, rejected)
    return TicketTable(
        fingerprint=digest_of({"content": table.digest, "fields": source.fields, "zone": zone}),
        tickets=tuple(sorted(tickets, key=lambda ticket: (ticket.created_at, ticket.id))),
        rejected=rejected,
        notes=table.notes + _notes(table, columns),
        zone=zone,
        path=str(table.path),
    )


def _tickets(table: Table, columns: Columns, zone: ZoneInfo) -> tuple[list[Ticket], tuple[RejectedRow, ...]]:
    order = date_order(columns.cell(record.cells, "created_at") for record in table.records)
    kept: dict[str, tuple[Ticket, int]] = {}
    rejected = list(table.rejected)
    for record in table.records:
        try:
            ticket = _ticket(record, table, columns, zone, order)
            if ticket.id in kept:
                raise CellError(
                    f"the id {ticket.id} is already that of {table.row_word} {kept[ticket.id][1]}"
                )
        except CellError as error:
            text = " ".join(str(cell) for cell in record.cells.values() if isinstance(cell, (str, int)))
            rejected.append(RejectedRow(row=record.row, reason=str(error), text=clean(text)))
        else:
            kept[ticket.id] = (ticket, record.row)
    return [ticket for ticket, _ in kept.values()], tuple(sorted(rejected, key=lambda row: row.row))


def _ticket(record: Record, table: Table, columns: Columns, zone: ZoneInfo, order: DateOrder) -> Ticket:
    cells = record.cells
    subject = line_of(columns.cell(cells, "subject"))
    text = text_of(columns.cell(cells, "text"))
    if not subject and not text:
        raise CellError("neither subject nor text")
    return Ticket(
        id=line_of(columns.cell(cells, "id"), 100) or f"{table.row_word} {record.row}",
        created_at=moment_of(columns.cell(cells, "created_at"), zone, order),
        requester=line_of(columns.cell(cells, "requester"), 200),
        subject=subject,
        text=text,
        kind=line_of(columns.cell(cells, "kind"), 60),
    )


def _no_ticket(table: Table, columns: Columns, rejected: tuple[RejectedRow, ...]) -> SourceError:
    missing = [field for field in ("created_at",) if field not in columns.of]
    if "subject" not in columns.of and "text" not in columns.of:
        missing += ["subject", "text"]
    if missing:
        return SourceError(
            f"{table.path.name}: no row is a ticket; columns found: {', '.join(table.columns) or 'none'}; "
            f"looked for: {looked_for(ALIASES, missing)}",
            '[sources.tickets.fields] in postlaunch.toml maps them, e.g. created_at = "Opened on"',
            source=SOURCE,
        )
    first = rejected[0]
    return SourceError(
        f"{table.path.name}: none of {len(rejected)} rows is a ticket; "
        f"{table.row_word} {first.row}: {first.reason}; columns found: {', '.join(table.columns)}; "
        f"looked for: {looked_for(ALIASES, list(ALIASES))}",
        "correct the rows, or map the columns under [sources.tickets.fields] in postlaunch.toml",
        source=SOURCE,
    )


def _notes(table: Table, columns: Columns) -> tuple[str, ...]:
    notes = []
    if "id" not in columns.of:
        notes.append(f"{table.path.name} has no id column: tickets are named by their {table.row_word}")
    if "requester" not in columns.of:
        notes.append(f"{table.path.name} names no requesters: each ticket counts as one of its own")
    return tuple(notes)
