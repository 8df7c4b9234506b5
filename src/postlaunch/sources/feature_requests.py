"""Feature requests beside support tickets: from a file of records, or from a GitHub repository's issues.

They are rows like tickets, with where they are from and where they can be read. What people ask for is
counted over both; how many tickets Support has is not changed by them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

from postlaunch.errors import UsageError
from postlaunch.settings import Settings
from postlaunch.settings_sources import FeatureRequestSource, TableSource
from postlaunch.sources import tickets
from postlaunch.sources.columns import CellError
from postlaunch.sources.github_issues import open_github_issues
from postlaunch.sources.record_rows import Cells, RowKind, read_rows
from postlaunch.sources.tables import read_table
from postlaunch.sources.tickets import Ticket, TicketTable
from postlaunch.windows import Clock, system_clock

SOURCE = "feature_requests"
KIND = RowKind(
    source=SOURCE,
    noun="feature request",
    aliases={
        **tickets.ALIASES,
        "supporters": ("supporters", "voters", "also_asked_by"),
        "url": ("url", "link", "html_url"),
    },
    required=(("created_at",), ("subject", "text")),
    example='created_at = "Opened on"',
)


def open_feature_requests(
    settings: Settings, clock: Clock = system_clock, environment: Mapping[str, str] | None = None
) -> TicketTable:
    """Read the feature requests that the settings name, as a table of tickets.

    Args:
        environment: where the token is looked up; None: `os.environ`.

    Raises:
        UsageError: the settings name none.
        SourceError: they cannot be read, and there is no copy of them.
    """
    source = settings.sources.feature_requests
    if source is None:
        raise UsageError(
            "no source of feature requests is configured", "add [sources.feature_requests] to postlaunch.toml"
        )
    if source.github:
        return open_github_issues(settings, source, clock, os.environ if environment is None else environment)
    return _of_file(settings, source, clock)


def _of_file(settings: Settings, source: FeatureRequestSource, clock: Clock) -> TicketTable:
    table = read_table(settings.path(source.path), SOURCE)
    named = TableSource(path=source.path, fields=source.fields)
    read = read_rows(settings, named, KIND, table, _request, clock, dates=("created_at",), identity=_id)
    return TicketTable(
        fingerprint=read.fingerprint,
        tickets=tuple(sorted(read.rows, key=lambda ticket: (ticket.created_at, ticket.id))),
        rejected=read.rejected,
        notes=read.notes,
        zone=read.zone,
        path=str(table.path),
        name=SOURCE,
    )


def _id(ticket: Ticket) -> str:
    return ticket.id


def _request(cells: Cells) -> Ticket:
    subject, text = cells.line("subject"), cells.text("text")
    if not subject and not text:
        raise CellError("neither subject nor text")
    return Ticket(
        id=cells.line("id", 100) or cells.name,
        created_at=cells.moment("created_at"),
        requester=cells.line("requester", 200),
        subject=subject,
        text=text,
        kind=cells.line("kind", 60) or "feature",
        supporters=tuple(dict.fromkeys(cells.texts("supporters"))),
        source=SOURCE,
        url=cells.line("url", 500),
    )


def with_requests(settings: Settings, known: TicketTable | None, requests: TicketTable) -> TicketTable:
    """Tickets and feature requests as one table of what people ask for.

    Args:
        known: the support tickets; None where no source of them is configured.
    """
    table = known or TicketTable(fingerprint="", tickets=(), zone=settings.application.timezone)
    taken = {ticket.id for ticket in table.tickets}
    named = tuple(
        one.model_copy(update={"id": f"{one.source}:{one.id}"}) if one.id in taken else one
        for one in requests.tickets
    )
    return replace(
        table,
        fingerprint=f"{table.fingerprint}{requests.fingerprint}"[:128],
        requests=named,
        notes=(*table.notes, *requests.notes),
    )
