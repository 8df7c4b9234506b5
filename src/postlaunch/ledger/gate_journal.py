"""The gate's journal: refused attempts, tokens made and revoked, runs called off, changes that lapsed.

It is append-only and chained. It holds who was named and why it was refused; it holds no secret, and
nothing of what was typed besides.
"""

from __future__ import annotations

import os
import pwd
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import Connection, insert, select

from postlaunch.errors import DecisionRefused
from postlaunch.ledger.chain import BEGINNING, JOURNAL, hash_of
from postlaunch.ledger.gate_records import JournalEntry, JournalKind
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.rows import all_of, values_of
from postlaunch.ledger.tables import gate_journal
from postlaunch.redaction import Redactor

NAME_LENGTH = 200
TEXT_LENGTH = 500


def journal_head(connection: Connection) -> str:
    """The hash of the newest entry; empty while there is none."""
    newest = select(gate_journal.c.hash).order_by(gate_journal.c.seq.desc()).limit(1)
    return connection.execute(newest).scalar_one_or_none() or ""


def write_journal(
    connection: Connection,
    now: datetime,
    kind: JournalKind,
    *,
    request: str = "",
    by: str = "",
    text: str,
    data: dict[str, JsonValue] | None = None,
) -> JournalEntry:
    """Add an entry inside the caller's transaction. What looks like a secret is taken out of it."""
    last = connection.execute(
        select(gate_journal.c.seq, gate_journal.c.hash).order_by(gate_journal.c.seq.desc()).limit(1)
    ).one_or_none()
    hide = Redactor.of_environment(os.environ).text
    entry = JournalEntry(
        seq=1 if last is None else last.seq + 1,
        at=now,
        kind=kind,
        request=hide(request)[:NAME_LENGTH],
        by=hide(by)[:NAME_LENGTH],
        text=hide(text)[:TEXT_LENGTH],
        data={"user": _user(), "process": os.getpid(), **(data or {})},
        previous=BEGINNING if last is None else last.hash,
        hash="",
    )
    values = values_of(entry)
    values["hash"] = hash_of(values, JOURNAL)
    connection.execute(insert(gate_journal).values(values))
    return JournalEntry.model_validate(values)


def _user() -> str:
    """Who this process runs as, by the system and not by the environment: whom to ask."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


class GateJournal(LedgerPart):
    """Record what was refused, and read what was recorded."""

    def refused(
        self, request: str, by: str, kind: str, error: DecisionRefused, *, offered: str = "none"
    ) -> JournalEntry:
        """Record an attempt that was refused.

        Args:
            kind: what was to be decided.
            offered: the kind of proof that came with it.
        """
        data: dict[str, JsonValue] = {"kind": kind, "error": type(error).__name__, "proof": offered}
        with self._database.write() as connection:
            return write_journal(
                connection, self._now(), "refused", request=request, by=by, text=str(error), data=data
            )

    def journal(self) -> tuple[JournalEntry, ...]:
        """Every entry, the oldest first."""
        with self._database.read() as connection:
            return all_of(connection, select(gate_journal).order_by(gate_journal.c.seq), JournalEntry)
