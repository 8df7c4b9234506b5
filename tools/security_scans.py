"""The measurement over dependency scans: what the newest scans list, how grave it is, and what is gone.

A scan of a package speaks of that package alone: a file may hold the scans of several scanners. So a
vulnerability is patched only when a later scan of *its* package no longer lists it; that the package was not
scanned again says nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from postlaunch.facts import Definition
from postlaunch.sources.vulnerabilities import CleanPackage, Finding, ScanTable
from postlaunch.tools.definitions_security import (
    LISTED_SINCE,
    NEWEST_SCAN,
    OPEN_VULNERABILITIES,
    PATCHED_AT,
    PATCHED_VULNERABILITIES,
    VULNERABILITIES_OF_SEVERITY,
    VULNERABILITY_SCORE,
)
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.security import GRAVEST_FIRST, Rating, gravest, rating_of, route_of_severity
from postlaunch.windows import Window

TITLE_LENGTH = 300


@dataclass(frozen=True)
class Known:
    """One vulnerability of one package, over the scans of that package.

    Attributes:
        found: as the newest scan that lists it has it.
        since: the first scan since which every scan of the package listed it.
        gone: the first scan after the last that lists it; None while it is listed.
    """

    found: Finding
    rating: Rating
    since: datetime
    gone: datetime | None

    @property
    def entity(self) -> str:
        """As facts name it."""
        return f"{self.found.id} in {self.found.package}"


@REGISTRY.measurement("vulnerabilities", source="vulnerabilities", parameters=WindowParameters)
def vulnerabilities(source: ScanTable, parameters: WindowParameters, limits: Limits) -> Readings:
    """What the newest dependency scans before the window's end still list, by severity, each with its CVSS
    score, and what a re-scan in the window no longer lists.
    """
    window, before = parameters.window, parameters.baseline
    end = window.observed_end
    scans = _scans(source, end)
    if not scans:
        return Readings(reason=_no_scan(source, window), notes=_notes(source))
    known = known_at(source, end)
    listed = [one for one in known if one.gone is None]
    gone = [one for one in known if one.gone is not None and window.start <= one.gone < end]
    earlier = _listed_at(source, before.observed_end) if before is not None else None
    shown = [*listed, *gone][: max(1, (limits.rows - 9) // 3)]
    notes = list(_notes(source))
    if left := len(listed) + len(gone) - len(shown):
        notes.append(f"{left} more vulnerabilities are not listed one by one")
    readings = [
        Reading(NEWEST_SCAN, scans[-1].timestamp(), n=len(scans), window=window),
        *_counts(listed, earlier, window, before),
        Reading(PATCHED_VULNERABILITIES, len(gone), n=len(known), window=window),
    ]
    for one in shown:
        readings += _of_one(one, window)
    return Readings(readings=tuple(readings), texts=tuple(_text(one) for one in shown), notes=tuple(notes))


def known_at(source: ScanTable, end: datetime) -> tuple[Known, ...]:
    """Every vulnerability that a scan before a moment lists or listed, the gravest first."""
    rows: dict[tuple[str, str], list[Finding]] = {}
    for finding in source.findings:
        if finding.scanned_at < end:
            rows.setdefault((finding.package, finding.id), []).append(finding)
    looked: dict[str, set[datetime]] = {}
    every: list[Finding | CleanPackage] = [*source.findings, *source.clean]
    for row in every:
        if row.scanned_at < end:
            looked.setdefault(row.package, set()).add(row.scanned_at)
    known = [_known(found, sorted(looked[package])) for (package, _), found in rows.items()]
    return tuple(sorted(known, key=_gravest_first))


def _known(rows: Sequence[Finding], scans: Sequence[datetime]) -> Known:
    """One vulnerability from the scans of its package, oldest first, and the rows in which they list it."""
    times = {row.scanned_at for row in rows}
    last = max(times)
    newest = [row for row in rows if row.scanned_at == last]
    since = last
    for scan in reversed([scan for scan in scans if scan <= last]):
        if scan not in times:
            break
        since = scan
    return Known(
        found=newest[0].model_copy(update={"exploited": any(row.exploited for row in newest)}),
        rating=gravest(tuple(rating_of(row.vector, row.severity) for row in newest)),
        since=since,
        gone=next((scan for scan in scans if scan > last), None),
    )


def _gravest_first(one: Known) -> tuple[int, float, str, str]:
    rating = one.rating
    return (GRAVEST_FIRST.index(rating.severity), -(rating.score or 0), one.found.package, one.found.id)


def _scans(source: ScanTable, end: datetime) -> list[datetime]:
    return [scan for scan in source.scans if scan < end]


def _listed_at(source: ScanTable, end: datetime) -> list[Known] | None:
    """What was listed at a moment; None where nobody had looked by then."""
    return [one for one in known_at(source, end) if one.gone is None] if _scans(source, end) else None


def _counts(
    listed: Sequence[Known], earlier: Sequence[Known] | None, window: Window, before: Window | None
) -> Iterator[Reading]:
    now = Counter(one.rating.severity for one in listed)
    then = Counter(one.rating.severity for one in earlier or ())

    def counted(definition: Definition, number: int, old: int, entity: str = "application") -> Reading:
        compared = earlier is not None
        return Reading(
            definition,
            number,
            n=len(listed),
            window=window,
            entity=entity,
            baseline=old if compared else None,
            baseline_window=before if compared else None,
            baseline_n=len(earlier) if earlier is not None else None,
        )

    yield counted(OPEN_VULNERABILITIES, len(listed), len(earlier or ()))
    for severity in GRAVEST_FIRST:
        if severity in GRAVEST_FIRST[:4] or now[severity] or then[severity]:
            yield counted(VULNERABILITIES_OF_SEVERITY, now[severity], then[severity], severity)


def _of_one(one: Known, window: Window) -> Iterator[Reading]:
    rating = one.rating
    if rating.score is not None:
        note = f"{rating.by}: {rating.note}"
        yield Reading(VULNERABILITY_SCORE, rating.score, n=1, window=window, entity=one.entity, note=note)
    yield Reading(LISTED_SINCE, one.since.timestamp(), n=1, window=window, entity=one.entity)
    if one.gone is not None:
        yield Reading(PATCHED_AT, one.gone.timestamp(), n=1, window=window, entity=one.entity)


def _text(one: Known) -> dict[str, JsonValue]:
    found, rating = one.found, one.rating
    return {
        "entity": one.entity,
        "id": found.id,
        "package": found.package,
        "installed": found.installed,
        "fixed_in": found.fixed_in,
        "title": found.title[:TITLE_LENGTH],
        "severity": rating.severity,
        "rated_by": rating.by,
        "rating_note": rating.note,
        "route": route_of_severity(rating.severity) if one.gone is None else "patched",
        "reachable": found.reachable,
        "exploited": found.exploited,
    }


def _no_scan(source: ScanTable, window: Window) -> str:
    if not source.scans:
        return "the file holds no scan"
    first = window.local(source.scans[0])
    return f"no dependency was scanned before the window's end: the first scan was {first:%Y-%m-%d %H:%M}"


def _notes(source: ScanTable) -> tuple[str, ...]:
    rejected = (f"{len(source.rejected)} rows held no finding of a scan",) if source.rejected else ()
    return (*source.notes, *rejected)
