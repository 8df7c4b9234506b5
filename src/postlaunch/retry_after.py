"""The Retry-After header: until when a server wants no further request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=7)
"""A longer wait is taken as this one: a server's mistake must not lose a message."""


def moment_after(header: str, now: datetime) -> datetime | None:
    """The moment that a header means: so many seconds from now, or a date; None where it is neither."""
    if header.isascii() and header.isdigit():
        return now + min(timedelta(seconds=int(header[:9])), LONGEST)
    try:
        stated = parsedate_to_datetime(header)
    except ValueError:
        return None
    moment = stated if stated.tzinfo else stated.replace(tzinfo=UTC)
    return min(max(moment, now), now + LONGEST)
