"""The competitive analysis of a report: what was noted, claim by claim, and nothing that was not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import JsonValue

from postlaunch.facts import Measured, Quantity, Unavailable
from postlaunch.reports.competition import Competition, Competitor, SourcedClaim
from postlaunch.reports.judged import Sentence
from postlaunch.reports.report import Listing
from postlaunch.tools.measurement import MeasurementResult

NO_POSITIONING = "not declared: the notes on competitors hold no positioning"


def competition_of(result: MeasurementResult | None) -> Competition:
    """The analysis of one window; the facts of `result` belong into the evidence of the printing report.

    Args:
        result: of the measurement "competitor_notes"; None: no source of competitors is configured.
    """
    if result is None:
        return Competition()
    notes = tuple(Sentence(text=note) for note in result.notes)
    if result.status != "ok":
        missing = Unavailable(reason=result.reason, remedy=result.remedy)
        reason = f"not available: {result.reason}"
        return Competition(
            competitors=Listing[Competitor](reason=reason),
            positioning_note=reason,
            claims=missing,
            stale=missing,
            notes=notes,
        )
    names = dict.fromkeys(str(text["competitor"]) for text in result.texts if text["competitor"])
    found = tuple(_competitor(name, result) for name in names)
    positioning = _claim(result, "", "positioning")
    return Competition(
        competitors=Listing(items=found, reason="" if found else "None: the notes name no competitor"),
        positioning=positioning,
        positioning_note="" if positioning else NO_POSITIONING,
        claims=_count(result, "competitor_claims"),
        stale=_count(result, "stale_claims"),
        months=_months(result),
        notes=notes,
    )


def _months(result: MeasurementResult) -> int:
    months = result.measurement.parameters.get("months")
    return months if isinstance(months, int) else 0


def _count(result: MeasurementResult, name: str) -> Quantity:
    fact = result.fact(name)
    return Measured.of(fact) if fact else Unavailable(reason=f"{name} was not measured")


def _competitor(name: str, result: MeasurementResult) -> Competitor:
    return Competitor(
        name=name,
        summary=_claim(result, name, "summary"),
        advantage=_claim(result, name, "advantage"),
        disadvantage=_claim(result, name, "disadvantage"),
        edge=_claim(result, name, "edge"),
    )


def _claim(result: MeasurementResult, competitor: str, kind: str) -> SourcedClaim | None:
    for text in result.texts:
        if (text["competitor"], text["kind"]) == (competitor, kind):
            return _sourced(text)
    return None


def _sourced(text: Mapping[str, JsonValue]) -> SourcedClaim:
    return SourcedClaim(
        text=str(text["text"]),
        source=str(text["source"]),
        date=date.fromisoformat(str(text["date"])),
        stale=bool(text["stale"]),
    )
