"""Tickets as exports write them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from postlaunch.errors import SourceError, UsageError
from postlaunch.settings import Application, Settings
from postlaunch.settings_sources import Sources, TableSource
from postlaunch.sources.tickets import TicketTable, open_tickets


def tickets(
    folder: Path, text: str, *, fields: dict[str, str] | None = None, zone: str = "UTC"
) -> TicketTable:
    (folder / "tickets.csv").write_text(text, encoding="utf-8")
    return open_tickets(
        Settings(
            folder=folder,
            application=Application(timezone=zone),
            sources=Sources(tickets=TableSource(path="tickets.csv", fields=fields or {})),
        )
    )


def test_columns_are_found_by_their_usual_names(tmp_path: Path) -> None:
    table = tickets(
        tmp_path,
        "Ticket ID,Created,Requester Email,Title,Body,Type\n7,2025-11-18,ann@x.org,Dark,Please,Feature\n",
    )
    ticket = table.tickets[0]
    assert (ticket.id, ticket.requester, ticket.subject, ticket.text, ticket.kind) == (
        "7",
        "ann@x.org",
        "Dark",
        "Please",
        "Feature",
    )


def test_the_settings_map_columns_that_have_other_names(tmp_path: Path) -> None:
    text = "nr,Opened on,What\n1,2025-11-18,Hello\n"
    table = tickets(tmp_path, text, fields={"created_at": "Opened on", "text": "What", "id": "nr"})
    assert table.tickets[0].text == "Hello"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"created_at": "Opened"}, 'no column "Opened"'), ({"colour": "id"}, '"colour" is no field')],
)
def test_a_wrong_mapping_is_named(tmp_path: Path, fields: dict[str, str], reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        tickets(tmp_path, "id,created,text\n1,2025-11-18,a\n", fields=fields)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2025-11-18 14:15", datetime(2025, 11, 18, 22, 15, tzinfo=UTC)),
        ("2025-11-18T14:15:00Z", datetime(2025, 11, 18, 14, 15, tzinfo=UTC)),
        ("2025-11-18 14:15:00 UTC", datetime(2025, 11, 18, 14, 15, tzinfo=UTC)),
        ("2025-11-18T14:15:00+0100", datetime(2025, 11, 18, 13, 15, tzinfo=UTC)),
        ("2025/11/18 14:15", datetime(2025, 11, 18, 22, 15, tzinfo=UTC)),
        ("18.11.2025 14:15", datetime(2025, 11, 18, 22, 15, tzinfo=UTC)),
        ('"Tue, 18 Nov 2025 14:15:00 +0000"', datetime(2025, 11, 18, 14, 15, tzinfo=UTC)),
        ("1763475300", datetime(2025, 11, 18, 14, 15, tzinfo=UTC)),
        ("1763475300000", datetime(2025, 11, 18, 14, 15, tzinfo=UTC)),
        ("11/18/2025 2:15 PM", datetime(2025, 11, 18, 22, 15, tzinfo=UTC)),
        ("18/11/2025", datetime(2025, 11, 18, 8, 0, tzinfo=UTC)),
    ],
)
def test_a_date_is_read_in_the_forms_exports_use(tmp_path: Path, written: str, moment: datetime) -> None:
    table = tickets(tmp_path, f"id,created,text\n1,{written},a\n", zone="America/Los_Angeles")
    assert table.tickets[0].created_at == moment


def test_one_row_settles_the_order_of_day_and_month_for_the_column(tmp_path: Path) -> None:
    table = tickets(tmp_path, "id,created,text\n1,05/11/2025,a\n2,18/11/2025,b\n")
    assert [ticket.created_at.day for ticket in table.tickets] == [5, 18]


def test_a_date_whose_order_nothing_settles_is_refused_not_guessed(tmp_path: Path) -> None:
    table = tickets(tmp_path, "id,created,text\n1,05/11/2025,a\n2,2025-11-18,b\n")
    assert [ticket.id for ticket in table.tickets] == ["2"]
    assert "day or month first?" in table.rejected[0].reason


def test_rows_that_hold_no_ticket_are_kept_apart_with_line_and_reason(tmp_path: Path) -> None:
    table = tickets(
        tmp_path, "id,created,subject\n1,2025-11-18,a\n2,soon,b\n3,2025-11-18,\n1,2025-11-19,again\n4,,x\n"
    )
    assert [ticket.id for ticket in table.tickets] == ["1"]
    assert [(row.row, row.reason) for row in table.rejected] == [
        (3, 'created_at: "soon" is not a date; write 2025-11-18 14:15'),
        (4, "neither subject nor text"),
        (5, '"1" stands in line 2 already'),
        (6, "created_at: no date"),
    ]


def test_a_file_of_something_else_names_the_columns_found_and_looked_for(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"columns found: sku, price; looked for: created_at") as caught:
        tickets(tmp_path, "sku,price\n1,2\n")
    assert "[sources.tickets.fields]" in caught.value.remedy


def test_a_file_in_which_no_row_fits_is_an_error_with_the_first_reason(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="none of 2 rows is a ticket; line 2: created_at: no date"):
        tickets(tmp_path, "id,created,text\n1,,a\n2,,b\n")


def test_tickets_without_an_id_are_named_by_their_line(tmp_path: Path) -> None:
    table = tickets(tmp_path, "created,text\n2025-11-18,a\n")
    assert table.tickets[0].id == "line 2"
    assert any("no id column" in note for note in table.notes)


def test_control_characters_do_not_reach_a_ticket(tmp_path: Path) -> None:
    table = tickets(tmp_path, "id,created,subject,text\n1,2025-11-18,a\x1b[31mb,c\x07d\n")
    assert (table.tickets[0].subject, table.tickets[0].text) == ("a[31mb", "cd")


def test_the_fingerprint_changes_with_content_mapping_and_zone(tmp_path: Path) -> None:
    text = "id,created,text,note\n1,2025-11-18,a,b\n"
    prints = {
        tickets(tmp_path, text).fingerprint,
        tickets(tmp_path, text, zone="Europe/Berlin").fingerprint,
        tickets(tmp_path, text, fields={"text": "note"}).fingerprint,
        tickets(tmp_path, text + "2,2025-11-18,c,d\n").fingerprint,
    }
    assert len(prints) == 4
    assert tickets(tmp_path, text).fingerprint in prints


def test_no_configured_source_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no source of tickets"):
        open_tickets(Settings())
