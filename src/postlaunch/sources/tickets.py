"""Support tickets from a file of records."""

from __future__ import annotations

from dataclasses import dataclass, replace

from postlaunch.errors import UsageError
from postlaunch.facts import Frozen
from postlaunch.settings import Settings
from postlaunch.sources.columns import Aliases, CellError, Columns
from postlaunch.sources.record_rows import Cells, RowKind, read_rows
from postlaunch.sources.tables import RejectedRow, Table, read_table
from postlaunch.windows import Clock, Moment, system_clock

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
        supporters: who else asks for the same, by a reaction or a comment.
        source: where a feature request is from; empty for a support ticket.
        url: where it can be read; empty where that is not known.
    """

    id: str
    created_at: Moment
    requester: str = ""
    subject: str = ""
    text: str = ""
    kind: str = ""
    supporters: tuple[str, ...] = ()
    source: str = ""
    url: str = ""


@dataclass(frozen=True)
class TicketTable:
    """The tickets of one file, oldest first.

    Attributes:
        requests: feature requests from elsewhere, which are no support tickets.
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
    requests: tuple[Ticket, ...] = ()

    @property
    def asking(self) -> TicketTable:
        """The same with everybody who asks for something: the requests too, and each supporter of one as a
        ticket of their own ("#12+1").
        """
        if not self.requests:
            return self
        supported = [
            request.model_copy(update={"id": f"{request.id}+{place}", "requester": who, "supporters": ()})
            for request in self.requests
            for place, who in enumerate(request.supporters, start=1)
        ]
        everybody = (*self.tickets, *self.requests, *supported)
        tickets = tuple(sorted(everybody, key=lambda ticket: (ticket.created_at, ticket.id)))
        return replace(self, tickets=tickets, requests=())


KIND = RowKind(
    source=SOURCE,
    noun="ticket",
    aliases=ALIASES,
    required=(("created_at",), ("subject", "text")),
    example='created_at = "Opened on"',
)


def open_tickets(settings: Settings, clock: Clock = system_clock) -> TicketTable:
    """Read the tickets that the settings name.

    Args:
        clock: tickets dated more than a day after it are set aside.

    Raises:
        UsageError: the settings name none.
        SourceError: the file cannot be read, or no row of it is a ticket.
    """
    source = settings.sources.tickets
    if source is None:
        raise UsageError("no source of tickets is configured", "add [sources.tickets] to postlaunch.toml")
    table = read_table(settings.path(source.path), SOURCE)
    read = read_rows(settings, source, KIND, table, _ticket, clock, dates=("created_at",), identity=_id)
    return TicketTable(
        fingerprint=read.fingerprint,
        tickets=tuple(sorted(read.rows, key=lambda ticket: (ticket.created_at, ticket.id))),
        rejected=read.rejected,
        notes=read.notes + _notes(table, read.columns),
        zone=read.zone,
        path=str(table.path),
    )


def _id(ticket: Ticket) -> str:
    return ticket.id


def _ticket(cells: Cells) -> Ticket:
    subject, text = cells.line("subject"), cells.text("text")
    if not subject and not text:
        raise CellError("neither subject nor text")
    return Ticket(
        id=cells.line("id", 100) or cells.name,
        created_at=cells.moment("created_at"),
        requester=cells.line("requester", 200),
        subject=subject,
        text=text,
        kind=cells.line("kind", 60),
    )


def _notes(table: Table, columns: Columns) -> tuple[str, ...]:
    notes = []
    if "id" not in columns.of:
        notes.append(f"{table.path.name} has no id column: tickets are named by their {table.row_word}")
    if "requester" not in columns.of:
        notes.append(f"{table.path.name} names no requesters: each ticket counts as one of its own")
    return tuple(notes)
