"""How grave a vulnerability is, and where it goes (`docs/definitions.md`, "Security"): pure rules.

The severity is read off the CVSS score by the qualitative scale that CVSS 3.1 and 4.0 share (FIRST):
critical from 9.0, high from 7.0, medium from 4.0, low from 0.1. The two versions score the same weakness
differently, so the version is part of the rating. A finding without a vector that can be scored keeps the
scanner's severity, and the rating says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from postlaunch.facts import Frozen
from postlaunch.reports.security import VulnerabilityRoute, VulnerabilitySeverity

SCALE: tuple[tuple[float, VulnerabilitySeverity], ...] = (
    (9.0, "critical"),
    (7.0, "high"),
    (4.0, "medium"),
    (0.1, "low"),
    (0.0, "none"),
)
"""From which score a vulnerability has which severity."""

SCANNERS: Mapping[str, VulnerabilitySeverity] = {
    "critical": "critical",
    "high": "high",
    "important": "high",
    "medium": "medium",
    "moderate": "medium",
    "low": "low",
    "minor": "low",
    "negligible": "low",
    "none": "none",
    "info": "none",
    "informational": "none",
}
"""Words of scanners → severity."""

ROUTES: Mapping[VulnerabilitySeverity, VulnerabilityRoute] = {
    "critical": "hotfix",
    "high": "next sprint",
    "medium": "backlog",
    "low": "backlog",
    "none": "nothing to do",
    "not rated": "to be rated",
}
"""Where a vulnerability of a severity goes."""

GRAVEST_FIRST: tuple[VulnerabilitySeverity, ...] = tuple(ROUTES)


class Rating(Frozen):
    """How grave a vulnerability is, by whom.

    Attributes:
        by: the version of CVSS, "the scanner", or why nobody rated it.
        score: of the vector; None where there is none that can be scored.
        note: what a reader must know of how it was rated.
    """

    severity: VulnerabilitySeverity
    by: str
    score: float | None = None
    note: str = ""


def cvss_of(vector: str) -> tuple[str, float] | None:
    """The version and the score of a CVSS 3.0, 3.1 or 4.0 vector; None for any other text."""
    from cvss import CVSS3, CVSS4
    from cvss.exceptions import CVSSError

    written = vector.strip().upper()
    try:
        if written.startswith("CVSS:4"):
            return "CVSS 4.0", float(CVSS4(written).base_score)
        if written.startswith("CVSS:3"):
            three = CVSS3(written)
            return f"CVSS 3.{three.minor_version}", float(three.scores()[0])
    except CVSSError:
        return None
    return None


def severity_of_score(score: float) -> VulnerabilitySeverity:
    """The qualitative severity of a score from 0 to 10."""
    return next(severity for least, severity in SCALE if score >= least)


def rating_of(vector: str, scanner: str) -> Rating:
    """The severity by the vector; by the scanner's own word where there is no vector that can be scored.

    Args:
        scanner: the severity as the scanner gives it; empty where it gives none.
    """
    scored = cvss_of(vector)
    if scored is not None:
        version, score = scored
        return Rating(severity=severity_of_score(score), by=version, score=score, note=vector.strip())
    why = "the vector is of no version that is scored here" if vector.strip() else "it has no CVSS vector"
    word = " ".join(scanner.split()).casefold()
    severity = SCANNERS.get(word)
    if severity is None:
        said = f'the scanner says "{word[:40]}"' if word else "the scanner does not rate it"
        return Rating(severity="not rated", by=f"{why}, and {said}")
    return Rating(severity=severity, by="the scanner", note=why)


def gravest(ratings: tuple[Rating, ...]) -> Rating:
    """Of several ratings of one vulnerability the gravest; it names the others."""
    first, *others = sorted(dict.fromkeys(ratings), key=_gravity)
    also = "; ".join(
        f"{other.by} says {other.severity}" + (f" ({other.score:g})" if other.score is not None else "")
        for other in others
    )
    return first.model_copy(update={"note": "; ".join(filter(None, (first.note, also)))}) if also else first


def _gravity(rating: Rating) -> tuple[int, float]:
    return (GRAVEST_FIRST.index(rating.severity), -(rating.score or 0))


def route_of_severity(severity: VulnerabilitySeverity) -> VulnerabilityRoute:
    """Critical: a hotfix; high: the next sprint; medium and low: the backlog."""
    return ROUTES[severity]
