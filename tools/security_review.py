"""The security review of a report: what the scans list, rated and routed, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from postlaunch.facts import Measured, Quantity, Unavailable
from postlaunch.reports.judged import Sentence
from postlaunch.reports.report import Listing
from postlaunch.reports.security import (
    ROUTE_WORDS,
    SecurityReview,
    SeverityCount,
    Vulnerability,
    VulnerabilitySeverity,
)
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.tools.security import GRAVEST_FIRST, route_of_severity

NONE_PATCHED = "None: no re-scan in the window was the first without one"


def security_review(result: MeasurementResult | None) -> SecurityReview:
    """The review of one window; the facts of `result` belong into the evidence of the report that prints it.

    Args:
        result: of the measurement "vulnerabilities"; None: no source of vulnerabilities is configured.
    """
    if result is None:
        return SecurityReview()
    if result.status != "ok":
        missing = Unavailable(reason=result.reason, remedy=result.remedy)
        empty = Listing[Vulnerability](reason=f"not available: {result.reason}")
        return SecurityReview(
            scanned=missing, total=missing, listed=empty, patched=empty, notes=_notes(result)
        )
    found = [_vulnerability(text, result) for text in result.texts]
    listed = tuple(one for one in found if one.gone is None)
    patched = tuple(one for one in found if one.gone is not None)
    return SecurityReview(
        scanned=_figure(result, "newest_scan"),
        total=_figure(result, "open_vulnerabilities"),
        counts=tuple(
            SeverityCount(severity=severity, count=Measured.of(fact))
            for severity in GRAVEST_FIRST
            if (fact := result.fact("vulnerabilities_of_severity", severity)) is not None
        ),
        listed=Listing(items=listed, reason="" if listed else "None: the newest scans list no vulnerability"),
        patched=Listing(
            items=patched,
            reason="" if patched else NONE_PATCHED,
        ),
        notes=_notes(result),
    )


def _notes(result: MeasurementResult) -> tuple[Sentence, ...]:
    return tuple(Sentence(text=note) for note in result.notes)


def _figure(result: MeasurementResult, name: str, entity: str = "application") -> Quantity:
    fact = result.fact(name, entity)
    return Unavailable(reason=f"{name} was not measured") if fact is None else Measured.of(fact)


def _vulnerability(text: Mapping[str, JsonValue], result: MeasurementResult) -> Vulnerability:
    entity, severity, by = str(text["entity"]), _severity(text["severity"]), str(text["rated_by"])
    score = result.fact("vulnerability_score", entity)
    gone = result.fact("vulnerability_patched_at", entity)
    route = route_of_severity(severity)
    reachable = text["reachable"]
    return Vulnerability(
        id=str(text["id"]),
        package=str(text["package"]),
        installed=str(text["installed"]),
        fixed_in=str(text["fixed_in"]),
        title=str(text["title"]),
        severity=severity,
        rated_by=by,
        score=Measured.of(score) if score else Unavailable(reason=str(text["rating_note"]) or by),
        route=route,
        since=_figure(result, "vulnerability_listed_since", entity),
        gone=Measured.of(gone) if gone else None,
        reachable=reachable if isinstance(reachable, bool) else None,
        exploited=bool(text["exploited"]),
        becomes=ROUTE_WORDS[route] if gone is None else "patched: a re-scan no longer lists it",
    )


def _severity(word: JsonValue) -> VulnerabilitySeverity:
    return next((severity for severity in GRAVEST_FIRST if severity == word), "not rated")
