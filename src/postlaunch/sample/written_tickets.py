"""What people write to support, before it is written to files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WrittenTicket:
    """One support ticket, and the theme it was written from.

    Attributes:
        at: when it arrived, in milliseconds since 1970-01-01 UTC.
        person: who wrote it; one person may spell the address in two ways.
        kind: as the sender filed it: often empty, sometimes wrong.
        theme: kept for the truth, never written to the file.
    """

    id: str
    at: int
    person: str
    requester: str
    subject: str
    body: str
    kind: str
    theme: str
