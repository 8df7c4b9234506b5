"""The source "competitors": what is known of competitors, each claim with where it stands and from when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Day
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError

from postlaunch.errors import SourceError, UsageError
from postlaunch.facts import Frozen
from postlaunch.settings import Settings
from postlaunch.sources.columns import Aliases, CellError, line_of
from postlaunch.sources.dates import moment_of
from postlaunch.sources.record_rows import Cells, RowKind, read_rows
from postlaunch.sources.tables import ENDINGS, RejectedRow, read_document, read_table
from postlaunch.windows import Clock, system_clock, zone_named

SOURCE = "competitors"
CLAIMS = ("summary", "advantage", "disadvantage", "edge")

ALIASES: Aliases = {
    "name": ("name", "competitor", "company", "product", "vendor"),
    "summary": ("summary", "summary.text", "description", "about", "what"),
    "advantage": ("advantage", "advantage.text", "advantages", "strength", "strengths", "pros"),
    "disadvantage": (
        "disadvantage", "disadvantage.text", "disadvantages", "weakness", "weaknesses", "cons",
    ),
    "edge": ("edge", "edge.text", "our_edge", "our_advantage", "differentiator", "why_us"),
    "source": ("source", "url", "link", "reference", "where"),
    "date": ("date", "as_of", "seen_at", "checked_at", "retrieved", "when"),
    **{
        f"{claim}_{part}": (f"{claim}_{part}", f"{claim}.{part}")
        for claim in CLAIMS
        for part in ("source", "date")
    },
}  # fmt: skip


class Claim(Frozen):
    """What somebody says, where it stands, and on which day it was read there."""

    text: str = Field(min_length=1)
    source: str = Field(min_length=1)
    date: Day


class CompetitorNote(Frozen):
    """One competitor.

    Attributes:
        summary: what it is.
        advantage, disadvantage: of the competitor, seen from its users.
        edge: what we do better.
    """

    name: str
    summary: Claim | None = None
    advantage: Claim | None = None
    disadvantage: Claim | None = None
    edge: Claim | None = None


@dataclass(frozen=True)
class CompetitorTable:
    """The competitors of one file, in its order.

    Attributes:
        notes: what is known of each competitor.
        positioning: how we stand among them; None where the file does not say.
        rejected: rows that hold no competitor, or a claim without its source and date.
        remarks: what a reader must know of how the file was read.
        zone: IANA name of the application's zone.
    """

    fingerprint: str
    notes: tuple[CompetitorNote, ...]
    positioning: Claim | None = None
    rejected: tuple[RejectedRow, ...] = ()
    remarks: tuple[str, ...] = ()
    zone: str = "UTC"
    path: str = ""
    name: str = SOURCE


KIND = RowKind(
    source=SOURCE,
    noun="competitor",
    aliases=ALIASES,
    required=(("name",), CLAIMS),
    example='name = "Vendor"',
)


def open_competitors(settings: Settings, clock: Clock = system_clock) -> CompetitorTable:
    """Read the notes on competitors that the settings name.

    Raises:
        UsageError: the settings name none.
        SourceError: the file cannot be read, or no row of it is a competitor.
    """
    source = settings.sources.competitors
    if source is None:
        raise UsageError(
            "no source of competitors is configured", "add [sources.competitors] to postlaunch.toml"
        )
    path = settings.path(source.path)
    table = read_table(path, SOURCE)
    read = read_rows(settings, source, KIND, table, _note, clock, dates=("date",), identity=_name)
    return CompetitorTable(
        fingerprint=read.fingerprint,
        notes=read.rows,
        positioning=_positioning(path, settings),
        rejected=read.rejected,
        remarks=read.notes,
        zone=read.zone,
        path=str(path),
    )


def _name(note: CompetitorNote) -> str:
    return note.name


def _note(cells: Cells) -> CompetitorNote:
    name = cells.line("name", 200)
    if not name:
        raise CellError("name: there is none")
    claims = {claim: _claim(cells, claim) for claim in CLAIMS}
    if not any(claims.values()):
        raise CellError("nothing is said of it")
    return CompetitorNote(name=name, **claims)


def _claim(cells: Cells, field: str) -> Claim | None:
    """What a row says, with the claim's own source and date, else those of the whole row."""
    text = cells.line(field, 1000)
    if not text:
        return None
    source = cells.line(f"{field}_source") or cells.line("source")
    if not source:
        raise CellError(f"{field}: it names no source")
    dated = "date" if cells.empty(f"{field}_date") else f"{field}_date"
    if cells.empty(dated):
        raise CellError(f"{field}: it has no date")
    return Claim(text=text, source=source, date=_day(cells.moment(dated), cells.zone))


def _positioning(path: Path, settings: Settings) -> Claim | None:
    """How we stand, as a JSON or YAML object says beside its list of competitors."""
    if ENDINGS[path.suffix.lower()] not in ("json", "yaml"):
        return None
    document = read_document(path, SOURCE).value
    said = document.get("positioning") if isinstance(document, dict) else None
    if said is None:
        return None
    remedy = "write positioning = {text, source, date}"
    if not isinstance(said, dict):
        raise SourceError(f"{path.name}: positioning is no claim", remedy, source=SOURCE)
    zone = zone_named(settings.application.timezone)
    try:
        return Claim(
            text=line_of(said.get("text"), 1000),
            source=line_of(said.get("source")),
            date=_day(moment_of(said.get("date"), zone), zone),
        )
    except (CellError, ValidationError) as error:
        reason = error if isinstance(error, CellError) else f"{error.errors()[0]['loc'][0]} is missing"
        raise SourceError(f"{path.name}: positioning: {reason}", remedy, source=SOURCE) from error


def _day(moment: datetime, zone: ZoneInfo) -> Day:
    return moment.astimezone(zone).date()
