"""What the weekly dependency scans found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from postlaunch.sample.rhythm import Calendar


@dataclass(frozen=True)
class Known:
    """A vulnerable dependency, and the scans that list it.

    Attributes:
        score: of the vector.
        first, last: weeks of the sample, counted from 0; `last` may lie after the sample.
    """

    id: str
    package: str
    installed: str
    fixed_in: str
    severity: str
    vector: str
    score: float
    title: str
    first: int
    last: int
    reachable: bool | None


KNOWN = (
    Known(
        id="CVE-2024-47081",
        package="requests",
        installed="2.32.3",
        fixed_in="2.32.4",
        severity="medium",
        vector="CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:H/I:N/A:N",
        score=5.3,
        title="Requests may send .netrc credentials to another host on a crafted URL",
        first=0,
        last=3,
        reachable=True,
    ),
    Known(
        id="CVE-2024-5569",
        package="zipp",
        installed="3.18.2",
        fixed_in="3.19.1",
        severity="medium",
        vector="CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
        score=6.2,
        title="zipp.Path loops for ever on a crafted zip file",
        first=0,
        last=99,
        reachable=False,
    ),
    Known(
        id="CVE-2025-62727",
        package="starlette",
        installed="0.48.0",
        fixed_in="0.49.1",
        severity="high",
        vector="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
        score=7.5,
        title="Starlette: denial of service by a crafted Range header where files (our images) are served",
        first=7,
        last=99,
        reachable=True,
    ),
)
"""Published weaknesses with their published vectors; the first is fixed by release v1.0.1 in week 3."""


def scans_of(calendar: Calendar) -> list[dict[str, object]]:
    """The findings of each Monday's scan, oldest first; a clean package has a row without an id."""
    rows: list[dict[str, object]] = []
    for number in range(len(calendar.weeks)):
        day = calendar.days[7 * number]
        at = datetime(day.year, day.month, day.day, 6, tzinfo=calendar.zone)
        for known in KNOWN:
            scanned: dict[str, object] = {"scanned_at": at.isoformat(), "package": known.package}
            if known.first <= number <= known.last:
                rows.append(
                    {
                        **scanned,
                        "id": known.id,
                        "installed": known.installed,
                        "fixed_in": known.fixed_in,
                        "severity": known.severity,
                        "vector": known.vector,
                        "title": known.title,
                        "reachable": known.reachable,
                        "exploited": False,
                    }
                )
            else:
                fixed = known.fixed_in if number > known.last else known.installed
                rows.append({**scanned, "installed": fixed})
    return rows
