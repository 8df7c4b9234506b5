"""Moments as exports write them, and which of 04/05/2025 is the month.

A moment without a zone is read in the application's zone. A date with slashes is read only when some row of
the column settles its order (13/05/2025 cannot be a month first); otherwise it is refused, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime
from typing import Literal
from zoneinfo import ZoneInfo

from postlaunch.sources.columns import CellError
from postlaunch.sources.tables import clean

DateOrder = Literal["day first", "month first", "unknown"]

SLASHED = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})(?:[ ,T]+(.*))?$")
DOTTED = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ ,T]+(.*))?$")
CLOCK = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?$")
EPOCH = re.compile(r"^\d{9,10}(\.\d+)?$|^\d{12,13}$")


def date_order(cells: Iterable[object]) -> DateOrder:
    """What the dates with slashes in a column say about their order; contradictions leave it unknown."""
    found = [match for cell in cells if (match := SLASHED.match(str(cell).strip()))]
    day_first = any(int(match[1]) > 12 for match in found)
    month_first = any(int(match[2]) > 12 for match in found)
    if day_first == month_first:
        return "unknown"
    return "day first" if day_first else "month first"


def moment_of(cell: object, zone: ZoneInfo, order: DateOrder = "unknown") -> datetime:
    """The moment a cell states, in UTC.

    Raises:
        CellError: it is empty, no date, or a date whose order is unknown.
    """
    moment = _moment(cell, zone, order)
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        raise CellError(f'"{clean(str(cell), 60)}" is out of range') from None


def _moment(cell: object, zone: ZoneInfo, order: DateOrder) -> datetime:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time(), zone)
    if cell is None or isinstance(cell, (bool, dict, list)) or not str(cell).strip():
        raise CellError("no date")
    text = str(cell).strip()
    try:
        if EPOCH.match(text):
            seconds = float(text)
            return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
        if match := DOTTED.match(text):
            return _parts(int(match[3]), int(match[2]), int(match[1]), match[4], zone)
        if match := SLASHED.match(text):
            return _slashed(match, zone, order)
        return _written(text)
    except (ValueError, OverflowError, TypeError) as error:
        if isinstance(error, CellError):
            raise
        raise CellError(f'"{clean(text, 60)}" is not a date; write 2025-11-18 14:15') from None


def _written(text: str) -> datetime:
    """ISO 8601 and its near kin, else the form of e-mail headers."""
    plain = re.sub(r"^(\d{4})/(\d{2})/(\d{2})", r"\1-\2-\3", text)
    plain = re.sub(r"\s*(?:UTC|GMT)$", "+00:00", plain)
    plain = re.sub(r"\s+([+-]\d{2}:?\d{2})$", r"\1", plain)
    try:
        return datetime.fromisoformat(plain)
    except ValueError:
        return parsedate_to_datetime(text)


def _slashed(match: re.Match[str], zone: ZoneInfo, order: DateOrder) -> datetime:
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    if order == "unknown":
        raise CellError(f'"{clean(match[0], 60)}": day or month first? write 2025-11-18')
    month, day = (second, first) if order == "day first" else (first, second)
    return _parts(year, month, day, match[4], zone)


def _parts(year: int, month: int, day: int, clock: str | None, zone: ZoneInfo) -> datetime:
    if not clock or not clock.strip():
        return datetime(year, month, day, tzinfo=zone)
    match = CLOCK.match(clock.strip())
    if match is None:
        raise ValueError(clock)
    hour = int(match[1])
    if match[4]:
        hour = hour % 12 + (12 if match[4].lower() == "pm" else 0)
    return datetime(year, month, day, hour, int(match[2]), int(match[3] or 0), tzinfo=zone)
