"""The measurement over notes on competitors: what is claimed, by whom, when, and what of it is old.

A claim is somebody's word, never a measurement: only how many there are, and how old, is counted here.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from pydantic import Field, JsonValue

from postlaunch.facts import Definition
from postlaunch.sources.competitors import Claim, CompetitorTable
from postlaunch.tools.definitions_competitors import COMPETITOR_CLAIMS, COMPETITORS_NOTED, STALE_CLAIMS
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.windows import Window

ClaimKind = Literal["summary", "advantage", "disadvantage", "edge", "positioning"]
KINDS: tuple[ClaimKind, ...] = ("summary", "advantage", "disadvantage", "edge")


class CompetitorParameters(WindowParameters):
    """The window, and when a claim is old."""

    months: int = Field(default=6, ge=1, le=120, description="Age in months from which a claim is stale")


@dataclass(frozen=True)
class Said:
    """One claim, and on whom; `competitor` is empty for our own positioning."""

    competitor: str
    kind: ClaimKind
    claim: Claim
    stale: bool


@REGISTRY.measurement("competitor_notes", source="competitors", parameters=CompetitorParameters)
def competitor_notes(source: CompetitorTable, parameters: CompetitorParameters, limits: Limits) -> Readings:
    """What the notes claim of each competitor and of our positioning, with source and date; how many claims
    there are, and how many are stale.
    """
    window = parameters.window
    said = tuple(_said(source, window, parameters.months))
    if not said:
        return Readings(
            reason=f"no claim is dated on or before {last_day(window)}"
            if source.notes
            else "no competitor is noted",
            notes=_notes(source),
        )
    names = tuple(dict.fromkeys(one.competitor for one in said if one.competitor))

    def counted(definition: Definition, some: list[Said], entity: str = "application") -> Reading:
        return Reading(definition, len(some), n=len(said), window=window, entity=entity)

    readings = [
        Reading(COMPETITORS_NOTED, len(names), n=len(said), window=window),
        counted(COMPETITOR_CLAIMS, list(said)),
        counted(STALE_CLAIMS, [one for one in said if one.stale]),
    ]
    for name in names[: limits.rows - len(readings)]:
        readings.append(counted(COMPETITOR_CLAIMS, [one for one in said if one.competitor == name], name))
    return Readings(
        readings=tuple(readings), texts=tuple(map(_text, said[: limits.rows])), notes=_notes(source)
    )


def last_day(window: Window) -> date:
    """The last day of a window's observed part, on its own clock."""
    return window.local(window.observed_end - timedelta(microseconds=1)).date()


def months_before(day: date, months: int) -> date:
    """The same day so many months before; the month's last where it has no such day."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _said(source: CompetitorTable, window: Window, months: int) -> Iterator[Said]:
    """The claims that were there by the window's end, in the file's order."""
    last = last_day(window)
    oldest = months_before(last, months)
    every: list[tuple[str, ClaimKind, Claim | None]] = []
    for note in source.notes:
        claims = (note.summary, note.advantage, note.disadvantage, note.edge)
        every += [(note.name, kind, claim) for kind, claim in zip(KINDS, claims, strict=True)]
    every.append(("", "positioning", source.positioning))
    for name, kind, claim in every:
        if claim is not None and claim.date <= last:
            yield Said(name, kind, claim, stale=claim.date < oldest)


def _text(said: Said) -> dict[str, JsonValue]:
    return {
        "competitor": said.competitor,
        "kind": said.kind,
        "text": said.claim.text,
        "source": said.claim.source,
        "date": said.claim.date.isoformat(),
        "stale": said.stale,
    }


def _notes(source: CompetitorTable) -> tuple[str, ...]:
    rejected = (f"{len(source.rejected)} rows held no claim on a competitor",) if source.rejected else ()
    return (*source.remarks, *rejected)
